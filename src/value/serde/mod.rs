//! Values as types of Rust and back, by serde: what native processes and host queues carry.
//!
//! Structs and maps are maps, sequences and tuples are arrays, `None` and `()` are `()`. A variant without content is its
//! name, one with content is a map of one entry. An int is taken where a float is asked for.

mod read;
mod write;

use super::Value;
pub(crate) use read::Key;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;
pub(crate) use write::{key, too_large};

/// Why a value is not what is asked for, or cannot be one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch(String);

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Mismatch {}

impl serde::ser::Error for Mismatch {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Mismatch(message.to_string())
    }
}

impl serde::de::Error for Mismatch {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Mismatch(message.to_string())
    }
}

/// The value of something.
///
/// # Errors
/// For numbers beyond 64 bits with sign, and maps whose keys are no scalars.
pub fn to_value<T: Serialize + ?Sized>(from: &T) -> Result<Value, Mismatch> {
    from.serialize(write::Writer)
}

/// What a value is.
///
/// # Errors
/// When it is something else, which functions and objects always are.
pub fn from_value<T: DeserializeOwned>(value: &Value) -> Result<T, Mismatch> {
    T::deserialize(read::Reader(value))
}
