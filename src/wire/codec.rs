//! Values and messages as bytes: messages by bincode (version 2, standard configuration), values by hand in the same
//! manner. A value is one tag byte and its payload. Arrays of only ints, or only floats, have tags of their own: one tag
//! for all their items. What is read is taken as hostile: every length is held against the bytes that are there,
//! and nesting against [`DEPTH_MAX`].

pub mod direct;
mod item_type;
mod reading;
mod writing;

use super::frame::PAYLOAD_BYTES_MAX;
use crate::value::Value;
use crate::value::bare::Bare;
use crate::value::sendable::{DEPTH_MAX, Step, Unsendable};
use bincode::config::standard;
pub use bincode::{Decode, Encode};
pub use reading::{Source, decode_bare_from, decode_from, first_number};
pub use writing::{encode_bare_to, encode_to};

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

/// The message that bytes begin with, a short one, and the rest of them.
pub fn first_of<M: Decode<()>>(bytes: &[u8]) -> Result<(M, &[u8]), DecodeError> {
    let (message, read) = bincode::decode_from_slice(bytes, standard().with_limit::<SHORT>())
        .map_err(|error| DecodeError(error.to_string()))?;
    Ok((message, &bytes[read..]))
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

/// The encoding of a text or a blob.
#[must_use]
pub fn encoded_bare(bare: Bare<'_>) -> Vec<u8> {
    let mut out = Vec::with_capacity(bare.bytes.len() + BEFORE_BARE_MAX);
    encode_bare(bare, &mut out);
    out
}

/// Appends it.
pub fn encode_bare(bare: Bare<'_>, out: &mut Vec<u8>) {
    // Memory takes every byte.
    let _ = encode_bare_to(bare, out);
}

/// How long that is.
#[must_use]
pub fn length_of_bare(bare: Bare<'_>) -> usize {
    let mut count = Count(0);
    // It takes every byte.
    let _ = encode_bare_to(bare, &mut count);
    count.0
}

/// Why a value could not be written to where every byte has room.
fn unsendable(error: EncodeError) -> Unsendable {
    match error {
        EncodeError::Unsendable(unsendable) => unsendable,
        EncodeError::Io(error) => Unsendable { path: String::new(), what: error.to_string() },
    }
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

/// What stands before the bytes of a text or a blob: a tag and a number.
const BEFORE_BARE_MAX: usize = 10;

/// A number of at most 250 is one byte; else that byte tells how many bits follow.
const OF_16_BITS: u8 = 251;
const OF_32_BITS: u8 = 252;
const OF_64_BITS: u8 = 253;
