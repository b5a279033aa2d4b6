//! Values and messages as bytes, by bincode (version 2, standard configuration). Nothing else uses it for values.
//!
//! A value is one tag byte and its payload. Arrays of only ints, or only floats, have tags of their own: one tag
//! for all their items. What is read is taken as hostile: every length is held against the bytes that are there,
//! and nesting against [`DEPTH_MAX`].

mod item_type;

use super::frame::PAYLOAD_BYTES_MAX;
use crate::value::sendable::{DEPTH_MAX, Step, Unsendable};
use crate::value::{Function, Map, Range, Text, Value};
use bincode::config::{Configuration, standard};
use bincode::de::{Decoder, read::Reader};
use bincode::enc::{Encoder, EncoderImpl, write::Writer};
use bincode::error::{DecodeError as BincodeDecodeError, EncodeError as BincodeEncodeError};
pub use bincode::{Decode, Encode};
use std::rc::Rc;

/// A message may take this many times its length in memory: an empty item is much longer there.
const GROWTH: usize = 64;
const SHORT: usize = 4 << 10;
const MIDDLE: usize = 256 << 10;

/// Why bytes could not be decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError(String);

impl DecodeError {
    #[must_use]
    pub fn new(what: &str) -> Self {
        DecodeError(what.to_owned())
    }
}

impl std::fmt::Display for DecodeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for DecodeError {}

/// Why a value could not be written.
#[derive(Debug)]
pub enum EncodeError {
    Unsendable(Unsendable),
    Io(std::io::Error),
}

impl EncodeError {
    fn within(self, step: Step<'_>) -> Self {
        match self {
            EncodeError::Unsendable(unsendable) => EncodeError::Unsendable(unsendable.within(step)),
            EncodeError::Io(error) => EncodeError::Io(error),
        }
    }
}

impl From<BincodeEncodeError> for EncodeError {
    fn from(error: BincodeEncodeError) -> Self {
        match error {
            BincodeEncodeError::Io { inner, .. } => EncodeError::Io(inner),
            other => EncodeError::Io(std::io::Error::other(other.to_string())),
        }
    }
}

/// A message as bytes.
#[must_use]
pub fn to_bytes(message: &impl Encode) -> Vec<u8> {
    // Encoding into memory fails only for types that messages do not hold (locks, borrowed cells).
    bincode::encode_to_vec(message, standard()).unwrap_or_default()
}

/// The message of bytes; all of them must belong to it. What it may take in memory follows from its length.
pub fn from_bytes<M: Decode<()>>(bytes: &[u8]) -> Result<M, DecodeError> {
    // bincode takes its limit as a constant.
    match bytes.len() {
        len if len <= SHORT => read_message::<M, { SHORT * GROWTH }>(bytes),
        len if len <= MIDDLE => read_message::<M, { MIDDLE * GROWTH }>(bytes),
        len if len <= PAYLOAD_BYTES_MAX => read_message::<M, { PAYLOAD_BYTES_MAX * GROWTH }>(bytes),
        _ => Err(DecodeError::new("a message is too long")),
    }
}

fn read_message<M: Decode<()>, const LIMIT: usize>(bytes: &[u8]) -> Result<M, DecodeError> {
    let (message, read) = bincode::decode_from_slice(bytes, standard().with_limit::<LIMIT>())
        .map_err(|error| DecodeError(error.to_string()))?;
    if read == bytes.len() { Ok(message) } else { Err(DecodeError::new("a message has bytes too many")) }
}

/// Appends a value's bytes.
///
/// # Errors
/// The first thing within it that cannot be sent; nothing is appended then.
pub fn encode(value: &Value, out: &mut Vec<u8>) -> Result<(), Unsendable> {
    let start = out.len();
    encode_to(value, out).map_err(|error| {
        out.truncate(start);
        match error {
            EncodeError::Unsendable(unsendable) => unsendable,
            // Memory takes every byte.
            EncodeError::Io(error) => Unsendable { path: String::new(), what: error.to_string() },
        }
    })
}

/// Writes a value's bytes as they are made, without holding them all.
///
/// # Errors
/// The first thing within it that cannot be sent, or what the writer says; a part may have been written then.
pub fn encode_to(value: &Value, out: &mut impl std::io::Write) -> Result<(), EncodeError> {
    write_value(value, 0, &mut EncoderImpl::new(Stream(out), standard()))
}

/// The value of bytes; all of them must belong to it.
pub fn decode(bytes: &[u8]) -> Result<Value, DecodeError> {
    let budget = Budget { depth: DEPTH_MAX + 1, bytes: bytes.len() };
    let (Incoming(value), read) = bincode::decode_from_slice_with_context(bytes, standard(), budget)
        .map_err(|error| DecodeError(error.to_string()))?;
    if read == bytes.len() { Ok(value) } else { Err(DecodeError::new("a value has bytes too many")) }
}

/// The first element of an array, when that is a number; the others are not read.
#[must_use]
pub fn first_number(bytes: &[u8]) -> Option<Value> {
    let (tag, rest) = bytes.split_first()?;
    let (len, read) = bincode::decode_from_slice::<u64, _>(rest, standard()).ok()?;
    let rest = rest.get(read..).filter(|_| len > 0)?;
    let (tag, rest) = if *tag == ARRAY { rest.split_first()? } else { (tag, rest) };
    match *tag {
        INT | INTS => bincode::decode_from_slice(rest, standard()).ok().map(|(int, _)| Value::Int(int)),
        FLOAT | FLOATS => {
            bincode::decode_from_slice(rest, standard()).ok().map(|(float, _)| Value::Float(float))
        }
        _ => None,
    }
}

const UNIT: u8 = 0;
const FALSE: u8 = 1;
const TRUE: u8 = 2;
const INT: u8 = 3;
const FLOAT: u8 = 4;
const CHAR: u8 = 5;
const STRING: u8 = 6;
const BLOB: u8 = 7;
const ARRAY: u8 = 8;
const INTS: u8 = 9;
const FLOATS: u8 = 10;
const MAP: u8 = 11;
const RANGE: u8 = 12;
const FUNCTION: u8 = 13;

/// Any writer as one of bincode's.
struct Stream<'a, W>(&'a mut W);

impl<W: std::io::Write> Writer for Stream<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> Result<(), BincodeEncodeError> {
        self.0.write_all(bytes).map_err(|inner| BincodeEncodeError::Io { inner, index: 0 })
    }
}

type Outgoing<'a, W> = EncoderImpl<Stream<'a, W>, Configuration>;

fn write_value<W: std::io::Write>(
    value: &Value,
    depth: usize,
    encoder: &mut Outgoing<'_, W>,
) -> Result<(), EncodeError> {
    if depth > DEPTH_MAX {
        return Err(EncodeError::Unsendable(Unsendable::too_deep()));
    }
    match value {
        Value::Unit => UNIT.encode(encoder)?,
        Value::Bool(false) => FALSE.encode(encoder)?,
        Value::Bool(true) => TRUE.encode(encoder)?,
        Value::Int(int) => (INT, *int).encode(encoder)?,
        Value::Float(float) => (FLOAT, *float).encode(encoder)?,
        Value::Char(char) => (CHAR, *char).encode(encoder)?,
        Value::String(text) => write_bytes(STRING, text.as_bytes(), encoder)?,
        Value::Blob(bytes) => write_bytes(BLOB, bytes, encoder)?,
        Value::Array(items) => write_array(items, depth, Step::Index, encoder)?,
        Value::Map(map) => write_map(map, depth, encoder)?,
        Value::Range(range) => (RANGE, range.start, range.end, range.inclusive).encode(encoder)?,
        Value::Function(function) => {
            (FUNCTION, function.name.as_str(), function.home).encode(encoder)?;
            write_array(&function.captured, depth, Step::Captured, encoder)?;
        }
        Value::Variable(variable) => write_value(&variable.get(), depth, encoder)?,
        Value::Object(object) => return Err(EncodeError::Unsendable(Unsendable::object(object))),
    }
    Ok(())
}

fn write_bytes<E: Encoder>(tag: u8, bytes: &[u8], encoder: &mut E) -> Result<(), BincodeEncodeError> {
    (tag, bytes.len() as u64).encode(encoder)?;
    encoder.writer().write(bytes)
}

fn write_array<W: std::io::Write>(
    items: &[Value],
    depth: usize,
    step: fn(usize) -> Step<'static>,
    encoder: &mut Outgoing<'_, W>,
) -> Result<(), EncodeError> {
    let len = items.len() as u64;
    // Scalars within an array nest one level deeper than it does.
    let all = |is: fn(&Value) -> bool| depth < DEPTH_MAX && items.iter().all(is);
    match items.first() {
        Some(Value::Int(_)) if all(|item| matches!(item, Value::Int(_))) => {
            (INTS, len).encode(encoder)?;
            items.iter().filter_map(Value::as_int).try_for_each(|int| int.encode(encoder))?;
        }
        Some(Value::Float(_)) if all(|item| matches!(item, Value::Float(_))) => {
            (FLOATS, len).encode(encoder)?;
            items.iter().filter_map(Value::as_number).try_for_each(|float| float.encode(encoder))?;
        }
        _ => {
            (ARRAY, len).encode(encoder)?;
            for (index, item) in items.iter().enumerate() {
                write_value(item, depth + 1, encoder).map_err(|error| error.within(step(index)))?;
            }
        }
    }
    Ok(())
}

fn write_map<W: std::io::Write>(
    map: &Map,
    depth: usize,
    encoder: &mut Outgoing<'_, W>,
) -> Result<(), EncodeError> {
    (MAP, map.len() as u64).encode(encoder)?;
    for (key, value) in map {
        key.as_str().encode(encoder)?;
        write_value(value, depth + 1, encoder).map_err(|error| error.within(Step::Key(key)))?;
    }
    Ok(())
}

/// What decoding may still use: levels of nesting, and the bytes that no length has announced yet. As everything
/// that a length counts takes a byte at least, all lengths of a value together cannot exceed its bytes.
struct Budget {
    depth: usize,
    bytes: usize,
}

struct Incoming(Value);

impl Decode<Budget> for Incoming {
    fn decode<D: Decoder<Context = Budget>>(decoder: &mut D) -> Result<Self, BincodeDecodeError> {
        let tag = u8::decode(decoder)?;
        Ok(Incoming(match tag {
            UNIT => Value::Unit,
            FALSE => Value::Bool(false),
            TRUE => Value::Bool(true),
            INT => Value::Int(i64::decode(decoder)?),
            FLOAT => Value::Float(f64::decode(decoder)?),
            CHAR => Value::Char(char::decode(decoder)?),
            STRING => Value::String(read_text(decoder, |text| text.into())?),
            BLOB => Value::blob(read_bytes(decoder)?),
            INTS | FLOATS | ARRAY => Value::array(read_array(tag, decoder)?),
            MAP => Value::Map(Rc::new(read_map(decoder)?)),
            RANGE => {
                let (start, end, inclusive) = <(i64, i64, bool)>::decode(decoder)?;
                Value::Range(Rc::new(Range { start, end, inclusive }))
            }
            FUNCTION => {
                let name = read_string(decoder)?;
                let home = Option::<u32>::decode(decoder)?;
                let tag = u8::decode(decoder)?;
                let captured = read_array(tag, decoder)?;
                Value::Function(Rc::new(Function { name, home, captured }))
            }
            _ => return Err(BincodeDecodeError::Other("a value has an unknown tag")),
        }))
    }
}

/// A length of things that take at least one byte each.
fn read_len<D: Decoder<Context = Budget>>(decoder: &mut D) -> Result<usize, BincodeDecodeError> {
    let len = usize::try_from(u64::decode(decoder)?).unwrap_or(usize::MAX);
    let budget = decoder.context();
    let left = budget.bytes.checked_sub(len);
    budget.bytes = left.ok_or(BincodeDecodeError::Other("a value is longer than its bytes"))?;
    Ok(len)
}

fn read_bytes<D: Decoder<Context = Budget>>(decoder: &mut D) -> Result<Vec<u8>, BincodeDecodeError> {
    let len = read_len(decoder)?;
    read_exactly(len, decoder)
}

fn read_exactly<D: Decoder<Context = Budget>>(
    len: usize,
    decoder: &mut D,
) -> Result<Vec<u8>, BincodeDecodeError> {
    let mut bytes = vec![0; len];
    decoder.reader().read(&mut bytes)?;
    Ok(bytes)
}

const NOT_UTF8: BincodeDecodeError = BincodeDecodeError::Other("a string is not UTF-8");

fn utf8(bytes: Vec<u8>) -> Result<String, BincodeDecodeError> {
    String::from_utf8(bytes).map_err(|_| NOT_UTF8)
}

fn read_string<D: Decoder<Context = Budget>>(decoder: &mut D) -> Result<String, BincodeDecodeError> {
    utf8(read_bytes(decoder)?)
}

/// A short text is not on the heap before it is made by `short`.
fn read_text<D: Decoder<Context = Budget>>(
    decoder: &mut D,
    short: impl FnOnce(&str) -> Text,
) -> Result<Text, BincodeDecodeError> {
    const SHORT: usize = 24;
    let len = read_len(decoder)?;
    let mut few = [0; SHORT];
    match few.get_mut(..len) {
        Some(bytes) => {
            decoder.reader().read(bytes)?;
            std::str::from_utf8(bytes).map(short).map_err(|_| NOT_UTF8)
        }
        None => utf8(read_exactly(len, decoder)?).map(Text::from),
    }
}

fn read_array<D: Decoder<Context = Budget>>(
    tag: u8,
    decoder: &mut D,
) -> Result<Vec<Value>, BincodeDecodeError> {
    let len = read_len(decoder)?;
    let mut items = Vec::with_capacity(len);
    match tag {
        INTS => (0..len).try_for_each(|_| {
            items.push(Value::Int(i64::decode(decoder)?));
            Ok::<(), BincodeDecodeError>(())
        })?,
        FLOATS => (0..len).try_for_each(|_| {
            items.push(Value::Float(f64::decode(decoder)?));
            Ok::<(), BincodeDecodeError>(())
        })?,
        ARRAY => nested(decoder, |decoder| {
            (0..len).try_for_each(|_| {
                items.push(Incoming::decode(decoder)?.0);
                Ok(())
            })
        })?,
        _ => return Err(BincodeDecodeError::Other("an array has an unknown tag")),
    }
    Ok(items)
}

fn read_map<D: Decoder<Context = Budget>>(decoder: &mut D) -> Result<Map, BincodeDecodeError> {
    let len = read_len(decoder)?;
    nested(decoder, |decoder| {
        let mut map = Map::new();
        for _ in 0..len {
            map.insert(read_text(decoder, Text::of_key)?, Incoming::decode(decoder)?.0);
        }
        Ok(map)
    })
}

/// Goes one level deeper, if that is allowed.
fn nested<D: Decoder<Context = Budget>, T>(
    decoder: &mut D,
    read: impl FnOnce(&mut D) -> Result<T, BincodeDecodeError>,
) -> Result<T, BincodeDecodeError> {
    if decoder.context().depth == 0 {
        return Err(BincodeDecodeError::Other("a value is nested too deep"));
    }
    decoder.context().depth -= 1;
    let result = read(decoder);
    decoder.context().depth += 1;
    result
}
