//! From the bytes of an item to Rust.

use super::unreadable;
use crate::value::sendable::DEPTH_MAX;
use crate::value::serde::{Key, Mismatch};
use crate::wire::codec::reading::{Reading, unzigzag};
use crate::wire::codec::{self as tag, DecodeError};
use serde::de::value::{MapDeserializer, SeqDeserializer, StrDeserializer};
use serde::de::{self, DeserializeSeed, Expected, IntoDeserializer, Unexpected, Visitor};
use serde::forward_to_deserialize_any;
use std::fmt;
use std::marker::PhantomData;

/// Bytes that are read one after another. They may be anything.
pub(super) struct Input<'de> {
    bytes: Reading<&'de [u8]>,
}

impl<'de> Input<'de> {
    #[inline]
    pub fn new(bytes: &'de [u8]) -> Self {
        Input { bytes: Reading::new(bytes) }
    }

    #[inline]
    pub fn is_empty(&self) -> bool {
        self.bytes.source.is_empty()
    }

    #[inline]
    fn tag(&mut self) -> Result<u8, Mismatch> {
        self.bytes.byte().map_err(broken)
    }

    #[inline]
    fn next_tag(&self) -> Option<u8> {
        self.bytes.source.first().copied()
    }

    /// A number of one byte.
    #[inline]
    fn short(&mut self) -> Option<u8> {
        let (&number, rest) =
            self.bytes.source.split_first().filter(|(number, _)| **number < tag::OF_16_BITS)?;
        self.bytes.source = rest;
        Some(number)
    }

    #[inline]
    fn int(&mut self) -> Result<i64, Mismatch> {
        match self.short() {
            Some(number) => Ok(unzigzag(number.into())),
            None => self.bytes.int().map_err(broken),
        }
    }

    #[inline]
    fn float(&mut self) -> Result<f64, Mismatch> {
        self.bytes.float().map_err(broken)
    }

    /// A length of things that take at least one byte each.
    #[inline]
    fn len(&mut self) -> Result<usize, Mismatch> {
        let len = match self.short() {
            Some(len) => len.into(),
            None => usize::try_from(self.bytes.number().map_err(broken)?).unwrap_or(usize::MAX),
        };
        if len <= self.bytes.source.len() { Ok(len) } else { Err(broken("a value is longer than its bytes")) }
    }

    #[inline]
    fn bytes(&mut self) -> Result<&'de [u8], Mismatch> {
        let len = self.len()?;
        let (bytes, rest) = self.bytes.source.split_at(len);
        self.bytes.source = rest;
        Ok(bytes)
    }

    #[inline]
    fn text(&mut self) -> Result<&'de str, Mismatch> {
        text(self.bytes()?)
    }
}

#[inline]
fn text(bytes: &[u8]) -> Result<&str, Mismatch> {
    std::str::from_utf8(bytes).map_err(|_| broken("a string is not UTF-8"))
}

#[cold]
fn broken(what: &str) -> Mismatch {
    unreadable(&DecodeError::new(what))
}

/// Reads one value.
pub(super) struct Reader<'a, 'de> {
    input: &'a mut Input<'de>,
    depth: usize,
}

impl<'a, 'de> Reader<'a, 'de> {
    #[inline]
    pub fn new(input: &'a mut Input<'de>) -> Self {
        Reader { input, depth: 0 }
    }

    /// The parts of a list or a map.
    #[inline]
    fn parts(self, tag: u8) -> Result<Parts<'a, 'de>, Mismatch> {
        if self.depth > DEPTH_MAX {
            return Err(broken("a value is nested too deep"));
        }
        let left = self.input.len()?;
        Ok(Parts { input: self.input, depth: self.depth + 1, tag, left, read: 0, fields: &[] })
    }

    #[inline]
    fn list<V: Visitor<'de>>(self, tag: u8, visitor: V) -> Result<V::Value, Mismatch> {
        let mut parts = self.parts(tag)?;
        let value = visitor.visit_seq(&mut parts)?;
        parts.end()?;
        Ok(value)
    }

    #[inline]
    fn map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        self.record(&[], visitor)
    }

    /// A map that has these keys, most likely in this order.
    #[inline]
    fn record<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        let mut parts = self.parts(tag::MAP)?;
        parts.fields = fields;
        let value = visitor.visit_map(&mut parts)?;
        parts.end()?;
        Ok(value)
    }

    fn range<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        let (start, end) = (self.input.int()?, self.input.int()?);
        self.input.bytes.bool().map_err(broken)?;
        // As Rust's own ranges are read.
        visitor.visit_map(MapDeserializer::new([("start", start), ("end", end)].into_iter()))
    }
}

impl<'de> de::Deserializer<'de> for Reader<'_, 'de> {
    type Error = Mismatch;

    #[inline]
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self.input.tag()? {
            tag::UNIT => visitor.visit_unit(),
            tag::FALSE => visitor.visit_bool(false),
            tag::TRUE => visitor.visit_bool(true),
            tag::INT => visitor.visit_i64(self.input.int()?),
            tag::FLOAT => visitor.visit_f64(self.input.float()?),
            tag::CHAR => visitor.visit_char(self.input.bytes.char().map_err(broken)?),
            tag::STRING => visitor.visit_borrowed_str(self.input.text()?),
            tag::BLOB => visitor.visit_borrowed_bytes(self.input.bytes()?),
            list @ (tag::ARRAY | tag::INTS | tag::FLOATS) => self.list(list, visitor),
            tag::MAP => self.map(visitor),
            tag::RANGE => self.range(visitor),
            tag::FUNCTION => Err(de::Error::invalid_type(Unexpected::Other("function"), &visitor)),
            _ => Err(broken("a value has an unknown tag")),
        }
    }

    /// Bytes are a sequence too, where one is asked for.
    #[inline]
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        if self.input.next_tag() != Some(tag::BLOB) {
            return self.deserialize_any(visitor);
        }
        self.input.tag()?;
        let mut items = SeqDeserializer::new(self.input.bytes()?.iter().copied());
        let value = visitor.visit_seq(&mut items)?;
        items.end()?;
        Ok(value)
    }

    #[inline]
    fn deserialize_tuple<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value, Mismatch> {
        self.deserialize_seq(visitor)
    }

    #[inline]
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        if self.input.next_tag() != Some(tag::UNIT) {
            return visitor.visit_some(self);
        }
        self.input.tag()?;
        visitor.visit_none()
    }

    #[inline]
    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        visitor.visit_newtype_struct(self)
    }

    #[inline]
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        if self.input.next_tag() != Some(tag::MAP) {
            return self.deserialize_any(visitor);
        }
        self.input.tag()?;
        self.record(fields, visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        const EXPECTED: &str = "a variant: its name, or a map of its name and its content";
        match self.input.next_tag() {
            Some(tag::STRING) => {
                self.input.tag()?;
                visitor.visit_enum(Variant { name: self.input.text()?, content: None })
            }
            Some(tag::MAP) => {
                self.input.tag()?;
                let parts = self.parts(tag::MAP)?;
                if parts.left != 1 {
                    return Err(de::Error::invalid_type(Unexpected::Map, &EXPECTED));
                }
                let name = parts.input.text()?;
                let content = Reader { input: parts.input, depth: parts.depth };
                visitor.visit_enum(Variant { name, content: Some(content) })
            }
            _ => self.deserialize_any(Unfit(EXPECTED, PhantomData)),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        tuple_struct map identifier ignored_any
    }
}

/// Takes nothing: what is there is told beside what should be.
struct Unfit<T>(&'static str, PhantomData<T>);

impl<T> Visitor<'_> for Unfit<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// What is left of a list or a map.
struct Parts<'a, 'de> {
    input: &'a mut Input<'de>,
    depth: usize,
    tag: u8,
    left: usize,
    read: usize,
    /// Keys that a map has most likely.
    fields: &'static [&'static str],
}

impl<'de> Parts<'_, 'de> {
    #[inline]
    fn next(&mut self) -> bool {
        let some = self.left > 0;
        self.left -= usize::from(some);
        self.read += usize::from(some);
        some
    }

    #[inline]
    fn reader(&mut self) -> Reader<'_, 'de> {
        Reader { input: self.input, depth: self.depth }
    }

    /// Nobody reads less than there is.
    #[inline]
    fn end(self) -> Result<(), Mismatch> {
        if self.left == 0 {
            return Ok(());
        }
        Err(de::Error::invalid_length(self.read + self.left, &AsMany(self.read)))
    }
}

struct AsMany(usize);

impl Expected for AsMany {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            1 => write!(f, "1 element"),
            count => write!(f, "{count} elements"),
        }
    }
}

impl<'de> de::SeqAccess<'de> for Parts<'_, 'de> {
    type Error = Mismatch;

    #[inline]
    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Mismatch> {
        if !self.next() {
            return Ok(None);
        }
        let item = match self.tag {
            tag::INTS => seed.deserialize(Number::Int(self.input.int()?)),
            tag::FLOATS => seed.deserialize(Number::Float(self.input.float()?)),
            _ => seed.deserialize(self.reader()),
        };
        item.map(Some)
    }

    #[inline]
    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

impl<'de> de::MapAccess<'de> for Parts<'_, 'de> {
    type Error = Mismatch;

    #[inline]
    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Mismatch> {
        if !self.next() {
            return Ok(None);
        }
        let key = self.input.bytes()?;
        // One that is as expected need not be looked at as a text.
        match self.fields.get(self.read - 1) {
            Some(field) if field.as_bytes() == key => seed.deserialize(Key(field)),
            _ => seed.deserialize(Key(text(key)?)),
        }
        .map(Some)
    }

    #[inline]
    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Mismatch> {
        seed.deserialize(self.reader())
    }
}

/// A number of a list that has one tag for all.
enum Number {
    Int(i64),
    Float(f64),
}

impl<'de> de::Deserializer<'de> for Number {
    type Error = Mismatch;

    #[inline]
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self {
            Number::Int(it) => visitor.visit_i64(it),
            Number::Float(it) => visitor.visit_f64(it),
        }
    }

    #[inline]
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_some(self)
    }

    #[inline]
    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// A variant of an enum.
struct Variant<'a, 'de> {
    name: &'de str,
    content: Option<Reader<'a, 'de>>,
}

impl<'de> de::EnumAccess<'de> for Variant<'_, 'de> {
    type Error = Mismatch;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), Mismatch> {
        let name: StrDeserializer<'de, Mismatch> = self.name.into_deserializer();
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'a, 'de> Variant<'a, 'de> {
    fn content(self) -> Result<Reader<'a, 'de>, Mismatch> {
        let missing = || de::Error::custom(format!("the variant `{}` needs its content", self.name));
        self.content.ok_or_else(missing)
    }
}

impl<'de> de::VariantAccess<'de> for Variant<'_, 'de> {
    type Error = Mismatch;

    fn unit_variant(self) -> Result<(), Mismatch> {
        let Some(content) = self.content else { return Ok(()) };
        if content.input.tag()? == tag::UNIT {
            return Ok(());
        }
        Err(de::Error::custom(format!("the variant `{}` has no content", self.name)))
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Mismatch> {
        seed.deserialize(self.content()?)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value, Mismatch> {
        de::Deserializer::deserialize_seq(self.content()?, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        de::Deserializer::deserialize_any(self.content()?, visitor)
    }
}
