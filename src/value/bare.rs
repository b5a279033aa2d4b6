//! Texts and blobs by themselves. Their bytes are what they are: they need no encoding to travel, and no copy for it.

use super::{Text, Value};

/// Of shorter ones the encoding costs nothing.
pub const BARE_MIN: usize = 64;

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Text,
    Blob,
}

/// One of them, by its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bare<'a> {
    pub form: Form,
    pub bytes: &'a [u8],
}

impl Value {
    /// This as its bytes, if it is a text or a blob.
    #[inline]
    #[must_use]
    pub fn bare(&self) -> Option<Bare<'_>> {
        match self {
            Value::String(text) => Some(Bare { form: Form::Text, bytes: text.as_bytes() }),
            Value::Blob(bytes) => Some(Bare { form: Form::Blob, bytes }),
            _ => None,
        }
    }

    /// The text or the blob of these bytes; nothing when they are no text.
    #[must_use]
    pub fn of_bare(form: Form, bytes: Vec<u8>) -> Option<Value> {
        Some(match form {
            Form::Text => Value::String(Text::from(String::from_utf8(bytes).ok()?)),
            Form::Blob => Value::blob(bytes),
        })
    }
}
