//! Values into items and back: small ones as bytes, large ones as shared memory, written and read in place.

use super::connection::Item;
use super::os::memory::{Mapping, anonymous_file};
use crate::value::Value;
use crate::value::nesting::deeper;
use crate::value::sendable::Unsendable;
use crate::wire::codec::{self, DecodeError};
use crate::wire::message::INLINE_BYTES_MAX;
use rustix::fd::OwnedFd;
use std::io::{BufWriter, Read, Write};
use std::rc::Rc;

/// Why a value could not be packed.
#[derive(Debug)]
pub enum PackError {
    Unsendable(Unsendable),
    /// The system gave no memory for it.
    Memory(std::io::Error),
}

impl std::fmt::Display for PackError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            PackError::Unsendable(unsendable) => unsendable.fmt(f),
            PackError::Memory(error) => write!(f, "there is no memory for it: {error}"),
        }
    }
}

/// Encodes a value. A large one goes straight into shared memory, so that it is never held twice here.
pub fn pack(value: &Value) -> Result<Item, PackError> {
    if is_large(value) {
        return pack_shared(value);
    }
    let mut bytes = Vec::new();
    codec::encode(value, &mut bytes).map_err(PackError::Unsendable)?;
    if bytes.len() > INLINE_BYTES_MAX {
        return share(&bytes).map_err(PackError::Memory);
    }
    Ok(Item::Inline(Rc::new(bytes)))
}

/// An encoding of this length as an item.
pub fn pack_from(mut encoding: impl Read, len: usize) -> std::io::Result<Item> {
    if len <= INLINE_BYTES_MAX {
        let mut bytes = Vec::with_capacity(len);
        encoding.read_to_end(&mut bytes)?;
        return Ok(Item::Inline(Rc::new(bytes)));
    }
    let mut writer = BufWriter::with_capacity(1 << 18, anonymous_file("item")?);
    std::io::copy(&mut encoding, &mut writer)?;
    let file = writer.into_inner()?;
    Ok(Item::Shared { file: Rc::new(file.into()), len: len as u64 })
}

/// An encoding as shared memory.
pub fn share(bytes: &[u8]) -> std::io::Result<Item> {
    let mut file = anonymous_file("item")?;
    file.write_all(bytes)?;
    Ok(Item::Shared { file: Rc::new(file.into()), len: bytes.len() as u64 })
}

/// Whether a look at its top already shows that a value is too long for a message.
pub fn is_large(value: &Value) -> bool {
    let enough = INLINE_BYTES_MAX / 8;
    match value {
        Value::String(text) => text.len() > enough,
        Value::Blob(bytes) => bytes.len() > enough,
        Value::Array(items) => items.len() > enough || deeper(|| items.iter().take(8).any(is_large)),
        Value::Map(map) => map.len() > enough || deeper(|| map.values().take(8).any(is_large)),
        _ => false,
    }
}

fn pack_shared(value: &Value) -> Result<Item, PackError> {
    let file = anonymous_file("item").map_err(PackError::Memory)?;
    let mut writer = BufWriter::with_capacity(1 << 16, file);
    codec::encode_to(value, &mut writer).map_err(|error| match error {
        codec::EncodeError::Unsendable(unsendable) => PackError::Unsendable(unsendable),
        codec::EncodeError::Io(error) => PackError::Memory(error),
    })?;
    let file = writer.into_inner().map_err(|error| PackError::Memory(error.into_error()))?;
    let len = file.metadata().map_err(PackError::Memory)?.len();
    Ok(Item::Shared { file: Rc::new(file.into()), len })
}

/// Decodes an item. The shared memory is given back before this returns.
pub fn unpack(item: Item) -> Result<Value, DecodeError> {
    match item {
        Item::Inline(bytes) => codec::decode(&bytes),
        Item::Shared { file, len } => codec::decode(map(&file, len)?.bytes()),
    }
}

/// The encoding of an item.
pub fn bytes(item: Item) -> Result<Vec<u8>, DecodeError> {
    match item {
        Item::Inline(bytes) => Ok(Rc::unwrap_or_clone(bytes)),
        Item::Shared { file, len } => Ok(map(&file, len)?.bytes().to_vec()),
    }
}

/// The number that an item, an array, begins with; the rest of it is not read.
pub fn first_number(item: &Item) -> Option<Value> {
    match item {
        Item::Inline(bytes) => codec::first_number(bytes),
        Item::Shared { file, len } => codec::first_number(map(file, *len).ok()?.bytes()),
    }
}

fn map(file: &OwnedFd, len: u64) -> Result<Mapping, DecodeError> {
    let len = usize::try_from(len).map_err(|_| DecodeError::new("an item is too long"))?;
    Mapping::new(file, len).map_err(|error| DecodeError::new(&error.to_string()))
}
