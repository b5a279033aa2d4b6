//! Texts and blobs by themselves: they are put from where they lie, and a long one that was taken is given as it came.

use super::unreadable;
use crate::value::bare::{BARE_MIN, Bare, Form};
use crate::value::serde::Mismatch;
use crate::wire::codec::DecodeError;
use serde::de::value::{SeqDeserializer, StringDeserializer};
use serde::de::{self, DeserializeOwned, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;
use serde::ser::{self, Impossible, Serialize};
use std::borrow::Cow;
use std::fmt;

/// A buffer with more bytes than this is given away with them, and not kept for the next.
const KEPT_MAX: usize = 512;

/// Calls `with` if something is a text or a blob by itself, and no short one.
#[inline]
pub fn bare<T: Serialize + ?Sized, R>(from: &T, with: impl FnOnce(Bare<'_>) -> R) -> Option<R> {
    from.serialize(Once(with)).ok()
}

/// What the bytes of a text or a blob are.
///
/// # Errors
/// As `value::serde::from_value`, and for bytes that are no text.
pub fn read_bare<T: DeserializeOwned>(bare: Bare<'_>) -> Result<T, Mismatch> {
    T::deserialize(Reader { form: bare.form, bytes: Cow::Borrowed(bare.bytes) })
}

/// The same; a long one is taken out of its buffer.
///
/// # Errors
/// As `read_bare`.
pub fn take_bare<T: DeserializeOwned>(form: Form, bytes: &mut Vec<u8>) -> Result<T, Mismatch> {
    if bytes.len() <= KEPT_MAX {
        return read_bare(Bare { form, bytes });
    }
    T::deserialize(Reader { form, bytes: Cow::Owned(std::mem::take(bytes)) })
}

/// Takes a text or a blob, and refuses everything else before it has looked at it.
struct Once<F>(F);

impl<R, F: FnOnce(Bare<'_>) -> R> Once<F> {
    #[inline]
    fn serialize(self, form: Form, bytes: &[u8]) -> Result<R, Other> {
        if bytes.len() < BARE_MIN { Err(Other) } else { Ok((self.0)(Bare { form, bytes })) }
    }
}

/// It is neither.
#[derive(Debug)]
struct Other;

impl fmt::Display for Other {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("neither a text nor a blob")
    }
}

impl std::error::Error for Other {}

impl ser::Error for Other {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Other
    }
}

macro_rules! refused {
    ($($method:ident $of:ty),*) => {
        $(#[inline]
        fn $method(self, _: $of) -> Result<R, Other> {
            Err(Other)
        })*
    };
}

impl<R, F: FnOnce(Bare<'_>) -> R> ser::Serializer for Once<F> {
    type Ok = R;
    type Error = Other;
    type SerializeSeq = Impossible<R, Other>;
    type SerializeTuple = Impossible<R, Other>;
    type SerializeTupleStruct = Impossible<R, Other>;
    type SerializeTupleVariant = Impossible<R, Other>;
    type SerializeMap = Impossible<R, Other>;
    type SerializeStruct = Impossible<R, Other>;
    type SerializeStructVariant = Impossible<R, Other>;

    refused! {
        serialize_bool bool, serialize_i8 i8, serialize_i16 i16, serialize_i32 i32, serialize_i64 i64,
        serialize_i128 i128, serialize_u8 u8, serialize_u16 u16, serialize_u32 u32, serialize_u64 u64,
        serialize_u128 u128, serialize_f32 f32, serialize_f64 f64, serialize_char char,
        serialize_unit_struct &'static str
    }

    #[inline]
    fn serialize_str(self, it: &str) -> Result<R, Other> {
        self.serialize(Form::Text, it.as_bytes())
    }
    #[inline]
    fn serialize_bytes(self, it: &[u8]) -> Result<R, Other> {
        self.serialize(Form::Blob, it)
    }
    fn serialize_none(self) -> Result<R, Other> {
        Err(Other)
    }
    fn serialize_some<T: Serialize + ?Sized>(self, it: &T) -> Result<R, Other> {
        it.serialize(self)
    }
    fn serialize_unit(self) -> Result<R, Other> {
        Err(Other)
    }
    fn serialize_unit_variant(self, _: &'static str, _: u32, _: &'static str) -> Result<R, Other> {
        Err(Other)
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, it: &T) -> Result<R, Other> {
        it.serialize(self)
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<R, Other> {
        Err(Other)
    }
    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, Other> {
        Err(Other)
    }
    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, Other> {
        Err(Other)
    }
    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeTupleStruct, Other> {
        Err(Other)
    }
    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Other> {
        Err(Other)
    }
    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, Other> {
        Err(Other)
    }
    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeStruct, Other> {
        Err(Other)
    }
    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Other> {
        Err(Other)
    }
}

/// Reads one of them.
struct Reader<'a> {
    form: Form,
    bytes: Cow<'a, [u8]>,
}

impl Reader<'_> {
    fn not_utf8() -> Mismatch {
        unreadable(&DecodeError::new("a string is not UTF-8"))
    }

    fn text(bytes: Vec<u8>) -> Result<String, Mismatch> {
        String::from_utf8(bytes).map_err(|_| Self::not_utf8())
    }
}

impl<'de> de::Deserializer<'de> for Reader<'_> {
    type Error = Mismatch;

    #[inline]
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match (self.form, self.bytes) {
            (Form::Text, Cow::Owned(bytes)) => visitor.visit_string(Self::text(bytes)?),
            (Form::Text, Cow::Borrowed(bytes)) => {
                visitor.visit_str(std::str::from_utf8(bytes).map_err(|_| Self::not_utf8())?)
            }
            (Form::Blob, Cow::Owned(bytes)) => visitor.visit_byte_buf(bytes),
            (Form::Blob, Cow::Borrowed(bytes)) => visitor.visit_bytes(bytes),
        }
    }

    /// Bytes are a sequence too, where one is asked for.
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        if self.form == Form::Text {
            return self.deserialize_any(visitor);
        }
        let mut items = SeqDeserializer::new(self.bytes.iter().copied());
        let value = visitor.visit_seq(&mut items)?;
        items.end()?;
        Ok(value)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value, Mismatch> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        visitor.visit_newtype_struct(self)
    }

    /// A text may be the name of a variant.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        if self.form == Form::Blob {
            return self.deserialize_any(visitor);
        }
        let name: StringDeserializer<Mismatch> = Self::text(self.bytes.into_owned())?.into_deserializer();
        visitor.visit_enum(name)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        tuple_struct map struct identifier ignored_any
    }
}
