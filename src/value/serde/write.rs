//! From Rust to values.

use super::Mismatch;
use crate::value::{Map, Text, Value};
use serde::ser::{self, Serialize};

/// Makes one value.
pub(super) struct Writer;

impl ser::Serializer for Writer {
    type Ok = Value;
    type Error = Mismatch;
    type SerializeSeq = Items;
    type SerializeTuple = Items;
    type SerializeTupleStruct = Items;
    type SerializeTupleVariant = Items;
    type SerializeMap = Entries;
    type SerializeStruct = Entries;
    type SerializeStructVariant = Entries;

    fn serialize_bool(self, it: bool) -> Result<Value, Mismatch> {
        Ok(Value::Bool(it))
    }
    fn serialize_i8(self, it: i8) -> Result<Value, Mismatch> {
        Ok(Value::Int(it.into()))
    }
    fn serialize_i16(self, it: i16) -> Result<Value, Mismatch> {
        Ok(Value::Int(it.into()))
    }
    fn serialize_i32(self, it: i32) -> Result<Value, Mismatch> {
        Ok(Value::Int(it.into()))
    }
    fn serialize_i64(self, it: i64) -> Result<Value, Mismatch> {
        Ok(Value::Int(it))
    }
    fn serialize_i128(self, it: i128) -> Result<Value, Mismatch> {
        i64::try_from(it).map(Value::Int).map_err(|_| too_large(it))
    }
    fn serialize_u8(self, it: u8) -> Result<Value, Mismatch> {
        Ok(Value::Int(it.into()))
    }
    fn serialize_u16(self, it: u16) -> Result<Value, Mismatch> {
        Ok(Value::Int(it.into()))
    }
    fn serialize_u32(self, it: u32) -> Result<Value, Mismatch> {
        Ok(Value::Int(it.into()))
    }
    fn serialize_u64(self, it: u64) -> Result<Value, Mismatch> {
        i64::try_from(it).map(Value::Int).map_err(|_| too_large(it))
    }
    fn serialize_u128(self, it: u128) -> Result<Value, Mismatch> {
        i64::try_from(it).map(Value::Int).map_err(|_| too_large(it))
    }
    fn serialize_f32(self, it: f32) -> Result<Value, Mismatch> {
        Ok(Value::Float(it.into()))
    }
    fn serialize_f64(self, it: f64) -> Result<Value, Mismatch> {
        Ok(Value::Float(it))
    }
    fn serialize_char(self, it: char) -> Result<Value, Mismatch> {
        Ok(Value::Char(it))
    }
    fn serialize_str(self, it: &str) -> Result<Value, Mismatch> {
        Ok(Value::string(it))
    }
    fn serialize_bytes(self, it: &[u8]) -> Result<Value, Mismatch> {
        Ok(Value::blob(it.to_vec()))
    }
    fn serialize_none(self) -> Result<Value, Mismatch> {
        Ok(Value::Unit)
    }
    fn serialize_some<T: Serialize + ?Sized>(self, it: &T) -> Result<Value, Mismatch> {
        it.serialize(self)
    }
    fn serialize_unit(self) -> Result<Value, Mismatch> {
        Ok(Value::Unit)
    }
    fn serialize_unit_struct(self, _name: &'static str) -> Result<Value, Mismatch> {
        Ok(Value::Unit)
    }
    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<Value, Mismatch> {
        Ok(Value::string(variant))
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        it: &T,
    ) -> Result<Value, Mismatch> {
        it.serialize(self)
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        it: &T,
    ) -> Result<Value, Mismatch> {
        Ok(Value::map([(variant, it.serialize(self)?)]))
    }
    fn serialize_seq(self, _len: Option<usize>) -> Result<Items, Mismatch> {
        Ok(Items::default())
    }
    fn serialize_tuple(self, _len: usize) -> Result<Items, Mismatch> {
        Ok(Items::default())
    }
    fn serialize_tuple_struct(self, _name: &'static str, _len: usize) -> Result<Items, Mismatch> {
        Ok(Items::default())
    }
    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<Items, Mismatch> {
        Ok(Items { variant: Some(variant), ..Items::default() })
    }
    fn serialize_map(self, _len: Option<usize>) -> Result<Entries, Mismatch> {
        Ok(Entries::default())
    }
    fn serialize_struct(self, _name: &'static str, _len: usize) -> Result<Entries, Mismatch> {
        Ok(Entries::default())
    }
    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<Entries, Mismatch> {
        Ok(Entries { variant: Some(variant), ..Entries::default() })
    }
}

pub(crate) fn too_large(number: impl std::fmt::Display) -> Mismatch {
    Mismatch(format!("{number} does not fit into an int of 64 bits"))
}

/// The value of a variant's content.
fn of_variant(variant: Option<&'static str>, content: Value) -> Value {
    match variant {
        Some(variant) => Value::map([(variant, content)]),
        None => content,
    }
}

/// An array that grows.
#[derive(Default)]
pub(super) struct Items {
    variant: Option<&'static str>,
    items: Vec<Value>,
}

impl Items {
    fn push<T: Serialize + ?Sized>(&mut self, it: &T) -> Result<(), Mismatch> {
        self.items.push(it.serialize(Writer)?);
        Ok(())
    }

    fn finish(self) -> Value {
        of_variant(self.variant, Value::array(self.items))
    }
}

impl ser::SerializeSeq for Items {
    type Ok = Value;
    type Error = Mismatch;
    fn serialize_element<T: Serialize + ?Sized>(&mut self, it: &T) -> Result<(), Mismatch> {
        self.push(it)
    }
    fn end(self) -> Result<Value, Mismatch> {
        Ok(self.finish())
    }
}

impl ser::SerializeTuple for Items {
    type Ok = Value;
    type Error = Mismatch;
    fn serialize_element<T: Serialize + ?Sized>(&mut self, it: &T) -> Result<(), Mismatch> {
        self.push(it)
    }
    fn end(self) -> Result<Value, Mismatch> {
        Ok(self.finish())
    }
}

impl ser::SerializeTupleStruct for Items {
    type Ok = Value;
    type Error = Mismatch;
    fn serialize_field<T: Serialize + ?Sized>(&mut self, it: &T) -> Result<(), Mismatch> {
        self.push(it)
    }
    fn end(self) -> Result<Value, Mismatch> {
        Ok(self.finish())
    }
}

impl ser::SerializeTupleVariant for Items {
    type Ok = Value;
    type Error = Mismatch;
    fn serialize_field<T: Serialize + ?Sized>(&mut self, it: &T) -> Result<(), Mismatch> {
        self.push(it)
    }
    fn end(self) -> Result<Value, Mismatch> {
        Ok(self.finish())
    }
}

/// A map that grows.
#[derive(Default)]
pub(super) struct Entries {
    variant: Option<&'static str>,
    map: Map,
    key: Text,
}

impl Entries {
    fn insert<T: Serialize + ?Sized>(&mut self, key: impl Into<Text>, it: &T) -> Result<(), Mismatch> {
        self.map.insert(key, it.serialize(Writer)?);
        Ok(())
    }

    fn finish(self) -> Value {
        of_variant(self.variant, Value::Map(self.map.into()))
    }
}

/// A key as it stands in a map of the language.
pub(crate) fn key<T: Serialize + ?Sized>(key: &T) -> Result<Text, Mismatch> {
    match key.serialize(Writer)? {
        Value::String(text) => Ok(text),
        scalar @ (Value::Int(_) | Value::Bool(_) | Value::Char(_)) => Ok(scalar.to_string().into()),
        other => Err(Mismatch(format!("the keys of a map are strings, not {}", other.type_name()))),
    }
}

impl ser::SerializeMap for Entries {
    type Ok = Value;
    type Error = Mismatch;
    fn serialize_key<T: Serialize + ?Sized>(&mut self, it: &T) -> Result<(), Mismatch> {
        self.key = key(it)?;
        Ok(())
    }
    fn serialize_value<T: Serialize + ?Sized>(&mut self, it: &T) -> Result<(), Mismatch> {
        let key = std::mem::take(&mut self.key);
        self.insert(key, it)
    }
    fn end(self) -> Result<Value, Mismatch> {
        Ok(self.finish())
    }
}

impl ser::SerializeStruct for Entries {
    type Ok = Value;
    type Error = Mismatch;
    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, it: &T) -> Result<(), Mismatch> {
        self.insert(name.to_owned(), it)
    }
    fn end(self) -> Result<Value, Mismatch> {
        Ok(self.finish())
    }
}

impl ser::SerializeStructVariant for Entries {
    type Ok = Value;
    type Error = Mismatch;
    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, it: &T) -> Result<(), Mismatch> {
        self.insert(name.to_owned(), it)
    }
    fn end(self) -> Result<Value, Mismatch> {
        Ok(self.finish())
    }
}
