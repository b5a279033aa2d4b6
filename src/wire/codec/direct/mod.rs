//! Types of Rust as items, without a value in between: what native processes put and take.
//!
//! What is written is what [`encode`](super::encode) writes of the value that `value::serde` makes of the same; only
//! lists of numbers are written number by number, since nobody knows before that all of them are numbers.

mod bare;
mod read;
mod write;

use super::DecodeError;
use crate::value::bare::Form;
use crate::value::item_type::ItemType;
use crate::value::serde::Mismatch;
pub use bare::{bare, read_bare, take_bare};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Appends the bytes of something.
///
/// # Errors
/// As `value::serde::to_value`, and for what is nested too deep to be sent. Bytes may have been appended then.
pub fn write<T: Serialize + ?Sized>(from: &T, out: &mut Vec<u8>) -> Result<(), Mismatch> {
    from.serialize(write::Writer::new(out))
}

/// What the bytes of an item are; all of them must belong to it.
///
/// # Errors
/// As `value::serde::from_value`, and for bytes that are no item.
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Mismatch> {
    let mut input = read::Input::new(bytes);
    let it = T::deserialize(read::Reader::new(&mut input))?;
    if input.is_empty() { Ok(it) } else { Err(unreadable(&DecodeError::new("a value has bytes too many"))) }
}

/// Whether a look at the first byte shows that an item is of a type. False: it has to be looked at as a value.
#[must_use]
pub fn fits_at_a_glance(bytes: &[u8], item_type: &ItemType) -> bool {
    use super as tag;
    matches!(
        (item_type, bytes.first()),
        (ItemType::Any, _)
            | (ItemType::Int, Some(&tag::INT))
            | (ItemType::Float, Some(&tag::FLOAT))
            | (ItemType::Bool, Some(&(tag::FALSE | tag::TRUE)))
            | (ItemType::String, Some(&tag::STRING))
            | (ItemType::Blob, Some(&tag::BLOB))
            | (ItemType::Map, Some(&tag::MAP))
    )
}

/// The same of a text or a blob.
#[must_use]
pub fn form_fits(form: Form, item_type: &ItemType) -> bool {
    match form {
        Form::Text => matches!(item_type, ItemType::Any | ItemType::String),
        Form::Blob => matches!(item_type, ItemType::Any | ItemType::Blob),
    }
}

fn unreadable(error: &DecodeError) -> Mismatch {
    serde::de::Error::custom(format!("it cannot be read: {error}"))
}
