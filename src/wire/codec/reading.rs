//! Bytes into values. They are copied out of where they lie as they are wanted: nothing that is kept points there.

use super::{
    ARRAY, BLOB, CHAR, DEPTH_MAX, DecodeError, FALSE, FLOAT, FLOATS, FUNCTION, INT, INTS, MAP, RANGE, STRING,
    TRUE, UNIT,
};
use crate::value::{Function, Map, Range, Value};
use bincode::config::{Configuration, standard};
use bincode::de::{Decode, Decoder, DecoderImpl, read::Reader};
use bincode::error::DecodeError as Error;
use std::rc::Rc;

/// Where the bytes of a value lie: a slice, or memory to which others may write meanwhile.
pub trait Source {
    /// How many bytes are left.
    fn left(&self) -> usize;
    /// Copies the next bytes out, as many as there is room for; no more than are left are asked for.
    fn copy(&mut self, into: &mut [u8]);
    /// Copies the next `len` bytes out; no more than are left are asked for.
    fn copy_many(&mut self, len: usize) -> Vec<u8>;
    /// The next bytes, where nobody can change them.
    fn peek(&self, _len: usize) -> Option<&[u8]> {
        None
    }
    /// Goes on behind bytes that were looked at.
    fn skip(&mut self, _len: usize) {}
}

impl Source for &[u8] {
    #[inline]
    fn left(&self) -> usize {
        self.len()
    }

    #[inline]
    fn copy(&mut self, into: &mut [u8]) {
        let (now, later) = self.split_at(into.len());
        into.copy_from_slice(now);
        *self = later;
    }

    #[inline]
    fn copy_many(&mut self, len: usize) -> Vec<u8> {
        let (now, later) = self.split_at(len);
        *self = later;
        now.to_vec()
    }

    #[inline]
    fn peek(&self, len: usize) -> Option<&[u8]> {
        self.get(..len)
    }

    #[inline]
    fn skip(&mut self, len: usize) {
        *self = self.get(len..).unwrap_or_default();
    }
}

/// Any source as one of bincode's.
struct Stream<S>(S);

impl<S: Source> Stream<S> {
    fn many(&mut self, len: usize) -> Result<Vec<u8>, Error> {
        self.holds(len)?;
        Ok(self.0.copy_many(len))
    }

    #[inline]
    fn holds(&self, len: usize) -> Result<(), Error> {
        match len.checked_sub(self.0.left()) {
            None | Some(0) => Ok(()),
            Some(additional) => Err(Error::UnexpectedEnd { additional }),
        }
    }
}

impl<S: Source> Reader for Stream<S> {
    #[inline]
    fn read(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        self.holds(bytes.len())?;
        self.0.copy(bytes);
        Ok(())
    }

    #[inline]
    fn peek_read(&mut self, len: usize) -> Option<&[u8]> {
        self.0.peek(len)
    }

    #[inline]
    fn consume(&mut self, len: usize) {
        self.0.skip(len);
    }
}

/// What decoding may still use: levels of nesting, and the bytes that no length has announced yet. As everything
/// that a length counts takes a byte at least, all lengths of a value together cannot exceed its bytes.
struct Budget {
    depth: usize,
    bytes: usize,
}

type Incoming<S> = DecoderImpl<Stream<S>, Configuration, Budget>;

/// The value of bytes; all of them must belong to it.
///
/// # Errors
/// When they are not those of one value.
pub fn decode_from(source: impl Source) -> Result<Value, DecodeError> {
    let budget = Budget { depth: DEPTH_MAX + 1, bytes: source.left() };
    let mut decoder = DecoderImpl::new(Stream(source), standard(), budget);
    let value = read_value(&mut decoder).map_err(|error| DecodeError(error.to_string()))?;
    if decoder.reader().0.left() == 0 {
        Ok(value)
    } else {
        Err(DecodeError::new("a value has bytes too many"))
    }
}

fn read_value<S: Source>(decoder: &mut Incoming<S>) -> Result<Value, Error> {
    let tag = u8::decode(decoder)?;
    Ok(match tag {
        UNIT => Value::Unit,
        FALSE => Value::Bool(false),
        TRUE => Value::Bool(true),
        INT => Value::Int(i64::decode(decoder)?),
        FLOAT => Value::Float(f64::decode(decoder)?),
        CHAR => Value::Char(char::decode(decoder)?),
        STRING => Value::string(read_string(decoder)?),
        BLOB => Value::blob(read_bytes(decoder)?),
        INTS | FLOATS | ARRAY => Value::array(read_array(tag, decoder)?),
        MAP => Value::Map(Rc::new(read_map(decoder)?)),
        RANGE => {
            let (start, end, inclusive) = <(i64, i64, bool)>::decode(decoder)?;
            Value::Range(Rc::new(Range { start, end, inclusive }))
        }
        FUNCTION => {
            let name = read_string(decoder)?;
            let home = Option::<u32>::decode(decoder)?;
            let tag = u8::decode(decoder)?;
            let captured = read_array(tag, decoder)?;
            Value::Function(Rc::new(Function { name, home, captured }))
        }
        _ => return Err(Error::Other("a value has an unknown tag")),
    })
}

/// A length of things that take at least one byte each.
fn read_len<S: Source>(decoder: &mut Incoming<S>) -> Result<usize, Error> {
    let len = usize::try_from(u64::decode(decoder)?).unwrap_or(usize::MAX);
    let budget = decoder.context();
    let left = budget.bytes.checked_sub(len);
    budget.bytes = left.ok_or(Error::Other("a value is longer than its bytes"))?;
    Ok(len)
}

fn read_bytes<S: Source>(decoder: &mut Incoming<S>) -> Result<Vec<u8>, Error> {
    let len = read_len(decoder)?;
    decoder.reader().many(len)
}

fn read_string<S: Source>(decoder: &mut Incoming<S>) -> Result<String, Error> {
    String::from_utf8(read_bytes(decoder)?).map_err(|_| Error::Other("a string is not UTF-8"))
}

fn read_array<S: Source>(tag: u8, decoder: &mut Incoming<S>) -> Result<Vec<Value>, Error> {
    let len = read_len(decoder)?;
    let mut items = Vec::with_capacity(len);
    match tag {
        INTS => (0..len).try_for_each(|_| {
            items.push(Value::Int(i64::decode(decoder)?));
            Ok::<(), Error>(())
        })?,
        FLOATS => (0..len).try_for_each(|_| {
            items.push(Value::Float(f64::decode(decoder)?));
            Ok::<(), Error>(())
        })?,
        ARRAY => nested(decoder, |decoder| {
            (0..len).try_for_each(|_| {
                items.push(read_value(decoder)?);
                Ok(())
            })
        })?,
        _ => return Err(Error::Other("an array has an unknown tag")),
    }
    Ok(items)
}

fn read_map<S: Source>(decoder: &mut Incoming<S>) -> Result<Map, Error> {
    let len = read_len(decoder)?;
    nested(decoder, |decoder| {
        let mut map = Map::new();
        for _ in 0..len {
            map.insert(read_string(decoder)?, read_value(decoder)?);
        }
        Ok(map)
    })
}

/// Goes one level deeper, if that is allowed.
fn nested<S: Source, T>(
    decoder: &mut Incoming<S>,
    read: impl FnOnce(&mut Incoming<S>) -> Result<T, Error>,
) -> Result<T, Error> {
    if decoder.context().depth == 0 {
        return Err(Error::Other("a value is nested too deep"));
    }
    decoder.context().depth -= 1;
    let result = read(decoder);
    decoder.context().depth += 1;
    result
}
