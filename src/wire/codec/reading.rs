//! Bytes into values. They are copied out of where they lie as they are wanted: nothing that is kept points there.

use super::{
    ARRAY, BLOB, CHAR, DEPTH_MAX, DecodeError, FALSE, FLOAT, FLOATS, FUNCTION, INT, INTS, MAP, OF_16_BITS,
    OF_32_BITS, OF_64_BITS, RANGE, STRING, TRUE, UNIT,
};
use crate::value::bare::Form;
use crate::value::{Function, Map, Range, Text, Value};
use std::rc::Rc;

/// Where the bytes of a value lie: a slice, or memory to which others may write meanwhile.
pub trait Source {
    /// How many bytes are left.
    fn left(&self) -> usize;
    /// The next byte, which stays.
    fn peek(&self) -> Option<u8>;
    /// Copies the next bytes out, as many as there is room for; no more than are left are asked for.
    fn copy(&mut self, into: &mut [u8]);
    /// Copies the next `len` bytes out; no more than are left are asked for.
    fn copy_many(&mut self, len: usize) -> Vec<u8>;
}

impl Source for &[u8] {
    #[inline]
    fn left(&self) -> usize {
        self.len()
    }

    fn peek(&self) -> Option<u8> {
        self.first().copied()
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
}

/// What is wrong.
type Fault = &'static str;

const TOO_MANY: Fault = "a value has bytes too many";
const NOT_UTF8: Fault = "a string is not UTF-8";
/// A text of at most so many bytes is a short one.
const SHORT: usize = 24;

fn utf8(bytes: Vec<u8>) -> Result<String, Fault> {
    String::from_utf8(bytes).map_err(|_| NOT_UTF8)
}

/// A source, and what reading from it may still use: levels of nesting, and the bytes that no length has announced yet.
/// As everything that a length counts takes a byte at least, all lengths of a value together cannot exceed its bytes.
pub(super) struct Reading<S> {
    pub source: S,
    depth: usize,
    bytes: usize,
}

/// The value of bytes; all of them must belong to it.
///
/// # Errors
/// When they are not those of one value.
pub fn decode_from(source: impl Source) -> Result<Value, DecodeError> {
    let mut reading = Reading::new(source);
    let value = reading.value().map_err(DecodeError::new)?;
    if reading.source.left() == 0 { Ok(value) } else { Err(DecodeError::new(TOO_MANY)) }
}

/// The bytes of an encoding: of a text or a blob those that it is, so that nobody has to copy them once more; else all.
///
/// # Errors
/// When they are not those of a text or a blob though they begin like one.
pub fn decode_bare_from(mut source: impl Source) -> Result<(Option<Form>, Vec<u8>), DecodeError> {
    let form = match source.peek() {
        Some(STRING) => Form::Text,
        Some(BLOB) => Form::Blob,
        _ => return Ok((None, source.copy_many(source.left()))),
    };
    let mut reading = Reading::new(source);
    let bytes = reading.byte().and_then(|_| reading.many()).map_err(DecodeError::new)?;
    if reading.source.left() == 0 { Ok((Some(form), bytes)) } else { Err(DecodeError::new(TOO_MANY)) }
}

/// The first element of an array, when that is a number; the others are not read.
#[must_use]
pub fn first_number(bytes: &[u8]) -> Option<Value> {
    let mut reading = Reading::new(bytes);
    let mut tag = reading.byte().ok()?;
    if reading.number().ok()? == 0 {
        return None;
    }
    if tag == ARRAY {
        tag = reading.byte().ok()?;
    }
    match tag {
        INT | INTS => reading.int().ok().map(Value::Int),
        FLOAT | FLOATS => reading.float().ok().map(Value::Float),
        _ => None,
    }
}

/// A number with a sign, which is its last bit.
#[inline]
pub(super) fn unzigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

impl<S: Source> Reading<S> {
    #[inline]
    pub fn new(source: S) -> Self {
        Reading { depth: DEPTH_MAX + 1, bytes: source.left(), source }
    }

    #[inline]
    fn fixed<const LEN: usize>(&mut self) -> Result<[u8; LEN], Fault> {
        if self.source.left() < LEN {
            return Err("a value ends too early");
        }
        let mut bytes = [0; LEN];
        self.source.copy(&mut bytes);
        Ok(bytes)
    }

    #[inline]
    pub fn byte(&mut self) -> Result<u8, Fault> {
        self.fixed().map(|[byte]| byte)
    }

    /// A number of as many bytes as it needs.
    #[inline]
    pub fn number(&mut self) -> Result<u64, Fault> {
        Ok(match self.byte()? {
            OF_16_BITS => u16::from_le_bytes(self.fixed()?).into(),
            OF_32_BITS => u32::from_le_bytes(self.fixed()?).into(),
            OF_64_BITS => u64::from_le_bytes(self.fixed()?),
            byte if byte < OF_16_BITS => byte.into(),
            _ => return Err("a number has an unknown length"),
        })
    }

    #[inline]
    pub fn int(&mut self) -> Result<i64, Fault> {
        self.number().map(unzigzag)
    }

    #[inline]
    pub fn float(&mut self) -> Result<f64, Fault> {
        self.fixed().map(f64::from_le_bytes)
    }

    pub fn bool(&mut self) -> Result<bool, Fault> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err("a value is neither true nor false"),
        }
    }

    pub fn char(&mut self) -> Result<char, Fault> {
        let mut bytes = [self.byte()?, 0, 0, 0];
        let len = match bytes[0] {
            0..0x80 => 1,
            0xC0..0xE0 => 2,
            0xE0..0xF0 => 3,
            _ => 4,
        };
        for byte in &mut bytes[1..len] {
            *byte = self.byte()?;
        }
        let text = std::str::from_utf8(&bytes[..len]).map_err(|_| "a char is not UTF-8")?;
        text.chars().next().ok_or("a char is not UTF-8")
    }

    #[inline]
    fn value(&mut self) -> Result<Value, Fault> {
        match self.byte()? {
            INT => self.int().map(Value::Int),
            FLOAT => self.float().map(Value::Float),
            STRING => self.text(|text| text.into()).map(Value::String),
            tag => self.other(tag),
        }
    }

    fn other(&mut self, tag: u8) -> Result<Value, Fault> {
        Ok(match tag {
            UNIT => Value::Unit,
            FALSE => Value::Bool(false),
            TRUE => Value::Bool(true),
            CHAR => Value::Char(self.char()?),
            BLOB => Value::blob(self.many()?),
            INTS | FLOATS | ARRAY => Value::array(self.array(tag)?),
            MAP => Value::Map(Rc::new(self.map()?)),
            RANGE => {
                let (start, end, inclusive) = (self.int()?, self.int()?, self.bool()?);
                Value::Range(Rc::new(Range { start, end, inclusive }))
            }
            FUNCTION => self.function()?,
            _ => return Err("a value has an unknown tag"),
        })
    }

    fn function(&mut self) -> Result<Value, Fault> {
        let name = self.string()?;
        let home = if self.bool()? { Some(self.number()?) } else { None };
        let home = home.map(u32::try_from).transpose().map_err(|_| "a number is too large")?;
        let variables = (0..self.len()?).map(|_| self.bool()).collect::<Result<Vec<_>, _>>()?;
        let tag = self.byte()?;
        let captured = self.array(tag)?;
        if variables.len() > captured.len() {
            return Err("a function has more variables than it captured");
        }
        Ok(Value::Function(Rc::new(Function::received(name, home, captured, &variables))))
    }

    /// A length of things that take at least one byte each.
    fn len(&mut self) -> Result<usize, Fault> {
        let len = usize::try_from(self.number()?).unwrap_or(usize::MAX);
        self.bytes = self.bytes.checked_sub(len).ok_or("a value is longer than its bytes")?;
        Ok(len)
    }

    fn many(&mut self) -> Result<Vec<u8>, Fault> {
        let len = self.len()?;
        self.exactly(len)
    }

    fn exactly(&mut self, len: usize) -> Result<Vec<u8>, Fault> {
        if len > self.source.left() { Err("a value ends too early") } else { Ok(self.source.copy_many(len)) }
    }

    fn string(&mut self) -> Result<String, Fault> {
        utf8(self.many()?)
    }

    /// A short text is not on the heap before it is made by `short`.
    fn text(&mut self, short: impl FnOnce(&str) -> Text) -> Result<Text, Fault> {
        let len = self.len()?;
        let mut few = [0; SHORT];
        match few.get_mut(..len) {
            Some(_) if len > self.source.left() => Err("a value ends too early"),
            Some(bytes) => {
                self.source.copy(bytes);
                std::str::from_utf8(bytes).map(short).map_err(|_| NOT_UTF8)
            }
            None => utf8(self.exactly(len)?).map(Text::from),
        }
    }

    fn array(&mut self, tag: u8) -> Result<Vec<Value>, Fault> {
        let len = self.len()?;
        let mut items = Vec::with_capacity(len);
        for _ in 0..len {
            items.push(match tag {
                INTS => Value::Int(self.int()?),
                FLOATS => Value::Float(self.float()?),
                ARRAY => self.nested(Self::value)?,
                _ => return Err("an array has an unknown tag"),
            });
        }
        Ok(items)
    }

    fn map(&mut self) -> Result<Map, Fault> {
        let len = self.len()?;
        let mut map = Map::new();
        for _ in 0..len {
            let key = self.text(Text::of_key)?;
            map.insert(key, self.nested(Self::value)?);
        }
        Ok(map)
    }

    /// Goes one level deeper, if that is allowed.
    #[inline]
    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        self.depth = self.depth.checked_sub(1).ok_or("a value is nested too deep")?;
        let result = read(self);
        self.depth += 1;
        result
    }
}
