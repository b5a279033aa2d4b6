//! From Rust to the bytes of an item.

use crate::value::sendable::{DEPTH_MAX, Unsendable};
use crate::value::serde::{Mismatch, key, too_large};
use crate::wire::codec as tag;
use crate::wire::codec::writing::{write_number, zigzag};
use serde::ser::{self, Error, Serialize};

/// A tag and a number in as many bytes as it needs.
#[inline]
fn append_number(tag: u8, number: u64, out: &mut Vec<u8>) {
    match u8::try_from(number) {
        Ok(short) if short < tag::OF_16_BITS => out.extend_from_slice(&[tag, short]),
        _ => {
            out.push(tag);
            append_long(number, out);
        }
    }
}

#[cold]
fn append_long(number: u64, out: &mut Vec<u8>) {
    // Memory takes every byte.
    let _ = write_number(number, out);
}

#[inline]
fn append_bytes(tag: u8, bytes: &[u8], out: &mut Vec<u8>) {
    append_number(tag, bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}

/// A key has no tag.
#[inline]
fn append_key(key: &str, out: &mut Vec<u8>) {
    let len = key.len() as u64;
    match u8::try_from(len) {
        Ok(short) if short < tag::OF_16_BITS => out.push(short),
        _ => append_long(len, out),
    }
    out.extend_from_slice(key.as_bytes());
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
    #[inline]
    fn within(self) -> Result<Writer<'a>, Mismatch> {
        if self.depth >= DEPTH_MAX {
            return Err(Mismatch::custom(Unsendable::too_deep()));
        }
        Ok(Writer { out: self.out, depth: self.depth + 1 })
    }

    /// The content of a variant is the one entry of a map.
    #[inline]
    fn variant(self, name: &str) -> Result<Writer<'a>, Mismatch> {
        append_number(tag::MAP, 1, self.out);
        append_key(name, self.out);
        self.within()
    }

    #[inline]
    fn int(self, it: impl TryInto<i64> + std::fmt::Display + Copy) -> Result<(), Mismatch> {
        let int: i64 = it.try_into().map_err(|_| too_large(it))?;
        append_number(tag::INT, zigzag(int), self.out);
        Ok(())
    }

    /// A list or a map of so many parts, if their number is known; fields that are skipped can make them fewer.
    #[inline]
    fn parts(self, tag: u8, announced: Option<usize>) -> Parts<'a> {
        let Writer { out, depth } = self;
        let counted_at = out.len() + 1;
        match announced {
            Some(count) => append_number(tag, count as u64, out),
            None => out.push(tag),
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

    #[inline]
    fn serialize_bool(self, it: bool) -> Result<(), Mismatch> {
        self.out.push(if it { tag::TRUE } else { tag::FALSE });
        Ok(())
    }
    #[inline]
    fn serialize_f32(self, it: f32) -> Result<(), Mismatch> {
        self.serialize_f64(it.into())
    }
    #[inline]
    fn serialize_f64(self, it: f64) -> Result<(), Mismatch> {
        let mut bytes = [tag::FLOAT; 9];
        bytes[1..].copy_from_slice(&it.to_le_bytes());
        self.out.extend_from_slice(&bytes);
        Ok(())
    }
    #[inline]
    fn serialize_char(self, it: char) -> Result<(), Mismatch> {
        self.out.push(tag::CHAR);
        self.out.extend_from_slice(it.encode_utf8(&mut [0; 4]).as_bytes());
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
    #[inline]
    fn serialize_none(self) -> Result<(), Mismatch> {
        self.serialize_unit()
    }
    #[inline]
    fn serialize_some<T: Serialize + ?Sized>(self, it: &T) -> Result<(), Mismatch> {
        it.serialize(self)
    }
    #[inline]
    fn serialize_unit(self) -> Result<(), Mismatch> {
        self.out.push(tag::UNIT);
        Ok(())
    }
    #[inline]
    fn serialize_unit_struct(self, _name: &'static str) -> Result<(), Mismatch> {
        self.serialize_unit()
    }
    #[inline]
    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<(), Mismatch> {
        self.serialize_str(variant)
    }
    #[inline]
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        it: &T,
    ) -> Result<(), Mismatch> {
        it.serialize(self)
    }
    #[inline]
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        it: &T,
    ) -> Result<(), Mismatch> {
        it.serialize(self.variant(variant)?)
    }
    #[inline]
    fn serialize_seq(self, len: Option<usize>) -> Result<Parts<'a>, Mismatch> {
        Ok(self.parts(tag::ARRAY, len))
    }
    #[inline]
    fn serialize_tuple(self, len: usize) -> Result<Parts<'a>, Mismatch> {
        Ok(self.parts(tag::ARRAY, Some(len)))
    }
    #[inline]
    fn serialize_tuple_struct(self, _name: &'static str, len: usize) -> Result<Parts<'a>, Mismatch> {
        Ok(self.parts(tag::ARRAY, Some(len)))
    }
    #[inline]
    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Parts<'a>, Mismatch> {
        Ok(self.variant(variant)?.parts(tag::ARRAY, Some(len)))
    }
    #[inline]
    fn serialize_map(self, len: Option<usize>) -> Result<Parts<'a>, Mismatch> {
        Ok(self.parts(tag::MAP, len))
    }
    #[inline]
    fn serialize_struct(self, _name: &'static str, len: usize) -> Result<Parts<'a>, Mismatch> {
        Ok(self.parts(tag::MAP, Some(len)))
    }
    #[inline]
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
            // Memory takes every byte.
            let _ = write_number(self.count as u64, self.out);
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
                append_key(name, self.out);
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
    #[inline]
    fn serialize_key<T: Serialize + ?Sized>(&mut self, it: &T) -> Result<(), Mismatch> {
        append_key(key(it)?.as_str(), self.out);
        Ok(())
    }
    #[inline]
    fn serialize_value<T: Serialize + ?Sized>(&mut self, it: &T) -> Result<(), Mismatch> {
        self.part(it)
    }
    #[inline]
    fn end(self) -> Result<(), Mismatch> {
        self.finish();
        Ok(())
    }
}
