//! From values to Rust.

use super::Mismatch;
use crate::value::{Map, Value};
use serde::de::value::{MapDeserializer, SeqDeserializer, StrDeserializer, StringDeserializer};
use serde::de::{self, DeserializeSeed, IntoDeserializer, Unexpected, Visitor};
use serde::forward_to_deserialize_any;

/// Reads one value.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a>(pub &'a Value);

impl<'a> IntoDeserializer<'a, Mismatch> for Reader<'a> {
    type Deserializer = Self;
    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> de::Deserializer<'de> for Reader<'de> {
    type Error = Mismatch;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self.0 {
            Value::Unit => visitor.visit_unit(),
            Value::Bool(it) => visitor.visit_bool(*it),
            Value::Int(it) => visitor.visit_i64(*it),
            Value::Float(it) => visitor.visit_f64(*it),
            Value::Char(it) => visitor.visit_char(*it),
            Value::String(it) => visitor.visit_borrowed_str(it),
            Value::Blob(it) => visitor.visit_borrowed_bytes(it),
            Value::Array(items) => items_of(items.iter().map(Reader), visitor),
            Value::Map(map) => entries_of(map, visitor),
            // As Rust's own ranges are read.
            Value::Range(range) => {
                let ends = [("start", range.start), ("end", range.end)];
                visitor.visit_map(MapDeserializer::new(ends.into_iter()))
            }
            Value::Function(_) | Value::Object(_) | Value::Variable(_) => Err(no_data(self.0, &visitor)),
        }
    }

    /// Bytes are a sequence too, where one is asked for.
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self.0 {
            Value::Blob(bytes) => items_of(bytes.iter().copied(), visitor),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value, Mismatch> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self.0 {
            Value::Unit => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        match self.0 {
            Value::String(name) => visitor.visit_enum(Variant { name, content: None }),
            Value::Map(map) if map.len() == 1 => {
                let (name, content) =
                    map.iter().next().map_or(("", &Value::Unit), |(name, content)| (name.as_str(), content));
                visitor.visit_enum(Variant { name, content: Some(content) })
            }
            _ => Err(de::Error::invalid_type(
                unexpected(self.0),
                &"a variant: its name, or a map of its name and its content",
            )),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        tuple_struct map struct identifier ignored_any
    }
}

fn items_of<'de, V, I>(items: I, visitor: V) -> Result<V::Value, Mismatch>
where
    V: Visitor<'de>,
    I: Iterator<Item: IntoDeserializer<'de, Mismatch>>,
{
    let mut sequence = SeqDeserializer::new(items);
    let value = visitor.visit_seq(&mut sequence)?;
    sequence.end()?;
    Ok(value)
}

fn entries_of<'de, V: Visitor<'de>>(map: &'de Map, visitor: V) -> Result<V::Value, Mismatch> {
    let mut entries = MapDeserializer::new(map.iter().map(|(key, value)| (Key(key), Reader(value))));
    let value = visitor.visit_map(&mut entries)?;
    entries.end()?;
    Ok(value)
}

/// A key is a text, and may be read as the scalar that it is the text of.
pub(crate) struct Key<'a>(pub &'a str);

impl<'de> IntoDeserializer<'de, Mismatch> for Key<'de> {
    type Deserializer = Self;
    fn into_deserializer(self) -> Self {
        self
    }
}

macro_rules! parsed {
    ($($read:ident $visit:ident $of:ty),*) => {
        $(fn $read<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
            match self.0.parse::<$of>() {
                Ok(it) => visitor.$visit(it),
                Err(_) => visitor.visit_borrowed_str(self.0),
            }
        })*
    };
}

impl<'de> de::Deserializer<'de> for Key<'de> {
    type Error = Mismatch;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_borrowed_str(self.0)
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

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        let text: StrDeserializer<'_, Mismatch> = self.0.into_deserializer();
        text.deserialize_enum(name, variants, visitor)
    }

    parsed! {
        deserialize_bool visit_bool bool, deserialize_i8 visit_i8 i8, deserialize_i16 visit_i16 i16,
        deserialize_i32 visit_i32 i32, deserialize_i64 visit_i64 i64, deserialize_i128 visit_i128 i128,
        deserialize_u8 visit_u8 u8, deserialize_u16 visit_u16 u16, deserialize_u32 visit_u32 u32,
        deserialize_u64 visit_u64 u64, deserialize_u128 visit_u128 u128
    }

    forward_to_deserialize_any! {
        f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

/// A variant of an enum.
struct Variant<'a> {
    name: &'a str,
    content: Option<&'a Value>,
}

impl<'de> de::EnumAccess<'de> for Variant<'de> {
    type Error = Mismatch;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), Mismatch> {
        let name: StringDeserializer<Mismatch> = self.name.to_owned().into_deserializer();
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'de> Variant<'de> {
    fn content(self) -> Result<Reader<'de>, Mismatch> {
        let missing = || Mismatch(format!("the variant `{}` needs its content", self.name));
        self.content.map(Reader).ok_or_else(missing)
    }
}

impl<'de> de::VariantAccess<'de> for Variant<'de> {
    type Error = Mismatch;

    fn unit_variant(self) -> Result<(), Mismatch> {
        match self.content {
            None | Some(Value::Unit) => Ok(()),
            Some(_) => Err(Mismatch(format!("the variant `{}` has no content", self.name))),
        }
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

fn no_data<'de>(value: &Value, visitor: &impl Visitor<'de>) -> Mismatch {
    de::Error::invalid_type(unexpected(value), visitor)
}

fn unexpected(value: &Value) -> Unexpected<'_> {
    match value {
        Value::Unit => Unexpected::Unit,
        Value::Bool(it) => Unexpected::Bool(*it),
        Value::Int(it) => Unexpected::Signed(*it),
        Value::Float(it) => Unexpected::Float(*it),
        Value::Char(it) => Unexpected::Char(*it),
        Value::String(it) => Unexpected::Str(it),
        Value::Blob(it) => Unexpected::Bytes(it),
        Value::Array(_) => Unexpected::Seq,
        Value::Map(_) => Unexpected::Map,
        other => Unexpected::Other(other.type_name()),
    }
}
