//! Values and messages as bytes, by bincode (version 2, standard configuration). Nothing else uses it for values.
//!
//! A value is one tag byte and its payload. Arrays of only ints, or only floats, have tags of their own: one tag
//! for all their items. What is read is taken as hostile: every length is held against the bytes that are there,
//! and nesting against [`DEPTH_MAX`].

mod item_type;
mod reading;

use super::frame::PAYLOAD_BYTES_MAX;
use crate::value::sendable::{DEPTH_MAX, Step, Unsendable};
use crate::value::{Map, Value};
use bincode::config::{Configuration, standard};
use bincode::enc::{Encoder, EncoderImpl, write::Writer};
use bincode::error::EncodeError as BincodeEncodeError;
pub use bincode::{Decode, Encode};
pub use reading::{Source, decode_from};

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

impl From<std::io::Error> for EncodeError {
    fn from(error: std::io::Error) -> Self {
        EncodeError::Io(error)
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
        unsendable(error)
    })
}

/// Why a value could not be written to where every byte has room.
fn unsendable(error: EncodeError) -> Unsendable {
    match error {
        EncodeError::Unsendable(unsendable) => unsendable,
        EncodeError::Io(error) => Unsendable { path: String::new(), what: error.to_string() },
    }
}

/// Writes a value's bytes as they are made, without holding them all.
///
/// # Errors
/// The first thing within it that cannot be sent, or what the writer says; a part may have been written then.
pub fn encode_to(value: &Value, out: &mut impl std::io::Write) -> Result<(), EncodeError> {
    write_value(value, 0, &mut EncoderImpl::new(Stream(out), standard()))
}

/// How many bytes a value takes.
///
/// # Errors
/// The first thing within it that cannot be sent.
pub fn length(value: &Value) -> Result<usize, Unsendable> {
    let mut count = Count(0);
    encode_to(value, &mut count).map(|()| count.0).map_err(unsendable)
}

/// A writer that only counts.
struct Count(usize);

impl std::io::Write for Count {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The value of bytes; all of them must belong to it.
pub fn decode(bytes: &[u8]) -> Result<Value, DecodeError> {
    decode_from(bytes)
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
        key.encode(encoder)?;
        write_value(value, depth + 1, encoder).map_err(|error| error.within(Step::Key(key)))?;
    }
    Ok(())
}
