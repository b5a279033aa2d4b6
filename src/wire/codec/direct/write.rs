//! From Rust to the bytes of an item.

use crate::value::sendable::{DEPTH_MAX, Unsendable};
use crate::value::serde::{Mismatch, key, too_large};
use crate::wire::codec as tag;
use bincode::config::standard;
use bincode::enc::{Encode, EncoderImpl};
use bincode::error::EncodeError;
use serde::ser::{self, Error, Serialize};

/// Bytes that grow, as one of bincode's writers.
struct Growing<'a>(&'a mut Vec<u8>);

impl bincode::enc::write::Writer for Growing<'_> {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> Result<(), EncodeError> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }
}

#[inline]
fn append(it: impl Encode, out: &mut Vec<u8>) {
    // Memory takes every byte, and none of what is appended here refuses to be encoded.
    let _ = it.encode(&mut EncoderImpl::new(Growing(out), standard()));
}

#[inline]
fn append_bytes(tag: u8, bytes: &[u8], out: &mut Vec<u8>) {
    append((tag, bytes.len() as u64), out);
    out.extend_from_slice(bytes);
}

/// Appends one item.
pub(super) struct Writer<'a> {
    out: &'a mut Vec<u8>,
    depth: usize,
}

impl<'a> Writer<'a> {
    #[inline]
    pub fn new(out: &'a mut Vec<u8>) -> Self {
        Writer { out, depth: 0 }
    }

    /// What stands within this. What is nested too deep cannot be sent.
    fn within(self) -> Result<Writer<'a>, Mismatch> {
        if self.depth >= DEPTH_MAX {
            return Err(Mismatch::custom(Unsendable::too_deep()));
        }
        Ok(Writer { out: self.out, depth: self.depth + 1 })
    }

    /// The content of a variant is the one entry of a map.
    fn variant(self, name: &str) -> Result<Writer<'a>, Mismatch> {
        append((tag::MAP, 1_u64, name), self.out);
        self.within()
    }

    #[inline]
    fn int(self, it: impl TryInto<i64> + std::fmt::Display + Copy) -> Result<(), Mismatch> {
        let int: i64 = it.try_into().map_err(|_| too_large(it))?;
        append((tag::INT, int), self.out);
        Ok(())
    }

    /// A list or a map of so many parts, if their number is known; fields that are skipped can make them fewer.
    fn parts(self, tag: u8, announced: Option<usize>) -> Parts<'a> {
        let Writer { out, depth } = self;
        append(tag, out);
        let counted_at = out.len();
        if let Some(count) = announced {
            append(count as u64, out);
        }
        Parts { counted_at, start: out.len(), out, depth, count: 0, announced }
    }
}

macro_rules! ints {
    ($($method:ident $of:ty),*) => {
        $(#[inline]
        fn $method(self, it: $of) -> Result<(), Mismatch> {
            self.int(it)
        })*
    };
}

impl<'a> ser::Serializer for Writer<'a> {
    type Ok = ();
    type Error = Mismatch;
    type SerializeSeq = Parts<'a>;
    type SerializeTuple = Parts<'a>;
    type SerializeTupleStruct = Parts<'a>;
    type SerializeTupleVariant = Parts<'a>;
    type SerializeMap = Parts<'a>;
    type SerializeStruct = Parts<'a>;
    type SerializeStructVariant = Parts<'a>;

    ints! {
        serialize_i8 i8, serialize_i16 i16, serialize_i32 i32, serialize_i64 i64, serialize_i128 i128,
        serialize_u8 u8, serialize_u16 u16, serialize_u32 u32, serialize_u64 u64, serialize_u128 u128
    }

    fn serialize_bool(self, it: bool) -> Result<(), Mismatch> {
        append(if it { tag::TRUE } else { tag::FALSE }, self.out);
        Ok(())
    }
    fn serialize_f32(self, it: f32) -> Result<(), Mismatch> {
        self.serialize_f64(it.into())
    }
    fn serialize_f64(self, it: f64) -> Result<(), Mismatch> {
        append((tag::FLOAT, it), self.out);
        Ok(())
    }
    fn serialize_char(self, it: char) -> Result<(), Mismatch> {
        append((tag::CHAR, it), self.out);
        Ok(())
    }
    #[inline]
    fn serialize_str(self, it: &str) -> Result<(), Mismatch> {
        append_bytes(tag::STRING, it.as_bytes(), self.out);
        Ok(())
    }
    #[inline]
    fn serialize_bytes(self, it: &[u8]) -> Result<(), Mismatch> {
        append_bytes(tag::BLOB, it, self.out);
        Ok(())
    }
    fn serialize_none(self) -> Result<(), Mismatch> {
        self.serialize_unit()
    }
    fn serialize_some<T: Serialize + ?Sized>(self, it: &T) -> Result<(), Mismatch> {
        it.serialize(self)
    }
    fn serialize_unit(self) -> Result<(), Mismatch> {
        append(tag::UNIT, self.out);
        Ok(())
    }
    fn serialize_unit_struct(self, _name: &'static str) -> Result<(), Mismatch> {
        self.serialize_unit()
    }
    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<(), Mismatch> {
        self.serialize_str(variant)
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        it: &T,
    ) -> Result<(), Mismatch> {
        it.serialize(self)
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        it: &T,
    ) -> Result<(), Mismatch> {
        it.serialize(self.variant(variant)?)
    }
    fn serialize_seq(self, len: Option<usize>) -> Result<Parts<'a>, Mismatch> {
        Ok(self.parts(tag::ARRAY, len))
    }
    fn serialize_tuple(self, len: usize) -> Result<Parts<'a>, Mismatch> {
        Ok(self.parts(tag::ARRAY, Some(len)))
    }
    fn serialize_tuple_struct(self, _name: &'static str, len: usize) -> Result<Parts<'a>, Mismatch> {
        Ok(self.parts(tag::ARRAY, Some(len)))
    }
    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Parts<'a>, Mismatch> {
        Ok(self.variant(variant)?.parts(tag::ARRAY, Some(len)))
    }
    fn serialize_map(self, len: Option<usize>) -> Result<Parts<'a>, Mismatch> {
        Ok(self.parts(tag::MAP, len))
    }
    fn serialize_struct(self, _name: &'static str, len: usize) -> Result<Parts<'a>, Mismatch> {
        Ok(self.parts(tag::MAP, Some(len)))
    }
    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Parts<'a>, Mismatch> {
        Ok(self.variant(variant)?.parts(tag::MAP, Some(len)))
    }
}

/// A list or a map that grows.
pub(super) struct Parts<'a> {
    out: &'a mut Vec<u8>,
    depth: usize,
    /// Where their number stands, and where they begin.
    counted_at: usize,
    start: usize,
    count: usize,
    announced: Option<usize>,
}

impl Parts<'_> {
    #[inline]
    fn part<T: Serialize + ?Sized>(&mut self, it: &T) -> Result<(), Mismatch> {
        self.count += 1;
        it.serialize(Writer { out: self.out, depth: self.depth }.within()?)
    }

    /// Their number is put before them, when it is another one than was announced.
    #[inline]
    fn finish(self) {
        if self.announced != Some(self.count) {
            let parts = self.out.split_off(self.start);
            self.out.truncate(self.counted_at);
            append(self.count as u64, self.out);
            self.out.extend(parts);
        }
    }
}

macro_rules! lists {
    ($($of:ident $method:ident),*) => {
        $(impl ser::$of for Parts<'_> {
            type Ok = ();
            type Error = Mismatch;
            #[inline]
            fn $method<T: Serialize + ?Sized>(&mut self, it: &T) -> Result<(), Mismatch> {
                self.part(it)
            }
            #[inline]
            fn end(self) -> Result<(), Mismatch> {
                self.finish();
                Ok(())
            }
        })*
    };
}

lists! {
    SerializeSeq serialize_element, SerializeTuple serialize_element, SerializeTupleStruct serialize_field,
    SerializeTupleVariant serialize_field
}

macro_rules! records {
    ($($of:ident),*) => {
        $(impl ser::$of for Parts<'_> {
            type Ok = ();
            type Error = Mismatch;
            #[inline]
            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, it: &T) -> Result<(), Mismatch> {
                append(name, self.out);
                self.part(it)
            }
            #[inline]
            fn end(self) -> Result<(), Mismatch> {
                self.finish();
                Ok(())
            }
        })*
    };
}

records! { SerializeStruct, SerializeStructVariant }

impl ser::SerializeMap for Parts<'_> {
    type Ok = ();
    type Error = Mismatch;
    fn serialize_key<T: Serialize + ?Sized>(&mut self, it: &T) -> Result<(), Mismatch> {
        append(key(it)?.as_str(), self.out);
        Ok(())
    }
    fn serialize_value<T: Serialize + ?Sized>(&mut self, it: &T) -> Result<(), Mismatch> {
        self.part(it)
    }
    fn end(self) -> Result<(), Mismatch> {
        self.finish();
        Ok(())
    }
}
