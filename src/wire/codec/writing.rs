//! Values into bytes, as they are made, without holding them all.

use super::{
    ARRAY, BLOB, CHAR, EncodeError, FALSE, FLOAT, FLOATS, FUNCTION, INT, INTS, MAP, OF_16_BITS, OF_32_BITS,
    OF_64_BITS, RANGE, STRING, TRUE, UNIT,
};
use crate::value::bare::{Bare, Form};
use crate::value::sendable::{DEPTH_MAX, Step, Unsendable};
use crate::value::{Function, Map, Range, Value};
use std::io::{self, Write};

/// Writes a value's bytes as they are made, without holding them all.
///
/// # Errors
/// The first thing within it that cannot be sent, or what the writer says; a part may have been written then.
pub fn encode_to(value: &Value, out: &mut impl Write) -> Result<(), EncodeError> {
    write_value(value, 0, out)
}

/// The same of a text or a blob.
///
/// # Errors
/// What the writer says.
pub fn encode_bare_to(bare: Bare<'_>, out: &mut impl Write) -> io::Result<()> {
    let tag = match bare.form {
        Form::Text => STRING,
        Form::Blob => BLOB,
    };
    write_bytes(tag, bare.bytes, out)
}

/// A number in as many bytes as it needs.
#[inline]
pub(super) fn write_number(number: u64, out: &mut impl Write) -> io::Result<()> {
    match number {
        0..=250 => out.write_all(&[number as u8]),
        251..=0xFFFF => {
            let [a, b] = (number as u16).to_le_bytes();
            out.write_all(&[OF_16_BITS, a, b])
        }
        0x1_0000..=0xFFFF_FFFF => {
            let [a, b, c, d] = (number as u32).to_le_bytes();
            out.write_all(&[OF_32_BITS, a, b, c, d])
        }
        _ => {
            let mut bytes = [OF_64_BITS; 9];
            bytes[1..].copy_from_slice(&number.to_le_bytes());
            out.write_all(&bytes)
        }
    }
}

/// The sign goes to the last bit, so that numbers near zero are short.
#[inline]
pub(super) fn zigzag(int: i64) -> u64 {
    ((int << 1) ^ (int >> 63)) as u64
}

#[inline]
fn write_int(int: i64, out: &mut impl Write) -> io::Result<()> {
    write_number(zigzag(int), out)
}

#[inline]
fn write_float(float: f64, out: &mut impl Write) -> io::Result<()> {
    out.write_all(&float.to_le_bytes())
}

#[inline]
fn write_bytes(tag: u8, bytes: &[u8], out: &mut impl Write) -> io::Result<()> {
    out.write_all(&[tag])?;
    write_text(bytes, out)
}

#[inline]
fn write_text(bytes: &[u8], out: &mut impl Write) -> io::Result<()> {
    write_number(bytes.len() as u64, out)?;
    out.write_all(bytes)
}

#[inline]
fn write_value(value: &Value, depth: usize, out: &mut impl Write) -> Result<(), EncodeError> {
    if depth > DEPTH_MAX {
        return Err(EncodeError::Unsendable(Unsendable::too_deep()));
    }
    match value {
        Value::Int(int) => {
            out.write_all(&[INT])?;
            Ok(write_int(*int, out)?)
        }
        Value::String(text) => Ok(write_bytes(STRING, text.as_bytes(), out)?),
        _ => write_other(value, depth, out),
    }
}

fn write_other(value: &Value, depth: usize, out: &mut impl Write) -> Result<(), EncodeError> {
    match value {
        Value::Unit => out.write_all(&[UNIT])?,
        Value::Bool(false) => out.write_all(&[FALSE])?,
        Value::Bool(true) => out.write_all(&[TRUE])?,
        Value::Int(int) => {
            out.write_all(&[INT])?;
            write_int(*int, out)?;
        }
        Value::Float(float) => {
            out.write_all(&[FLOAT])?;
            write_float(*float, out)?;
        }
        Value::Char(char) => {
            out.write_all(&[CHAR])?;
            out.write_all(char.encode_utf8(&mut [0; 4]).as_bytes())?;
        }
        Value::String(text) => write_bytes(STRING, text.as_bytes(), out)?,
        Value::Blob(bytes) => write_bytes(BLOB, bytes, out)?,
        Value::Array(items) => write_array(items, depth, Step::Index, out)?,
        Value::Map(map) => write_map(map, depth, out)?,
        Value::Range(range) => write_range(range, out)?,
        Value::Function(function) => write_function(function, depth, out)?,
        Value::Variable(variable) => {
            write_value(&variable.sent().map_err(EncodeError::Unsendable)?, depth, out)?;
        }
        Value::Object(object) => return Err(EncodeError::Unsendable(Unsendable::object(object))),
    }
    Ok(())
}

fn write_range(range: &Range, out: &mut impl Write) -> io::Result<()> {
    out.write_all(&[RANGE])?;
    write_int(range.start, out)?;
    write_int(range.end, out)?;
    out.write_all(&[range.inclusive.into()])
}

fn write_function(function: &Function, depth: usize, out: &mut impl Write) -> Result<(), EncodeError> {
    write_bytes(FUNCTION, function.name.as_bytes(), out)?;
    out.write_all(&[function.home.is_some().into()])?;
    if let Some(home) = function.home {
        write_number(home.into(), out)?;
    }
    let variables = function.variables();
    write_number(variables.len() as u64, out)?;
    for constant in variables {
        out.write_all(&[constant.into()])?;
    }
    write_array(&function.captured, depth, Step::Captured, out)
}

fn write_array(
    items: &[Value],
    depth: usize,
    step: fn(usize) -> Step<'static>,
    out: &mut impl Write,
) -> Result<(), EncodeError> {
    // Scalars within an array nest one level deeper than it does.
    let all = |is: fn(&Value) -> bool| depth < DEPTH_MAX && items.iter().all(is);
    let tag = match items.first() {
        Some(Value::Int(_)) if all(|item| matches!(item, Value::Int(_))) => INTS,
        Some(Value::Float(_)) if all(|item| matches!(item, Value::Float(_))) => FLOATS,
        _ => ARRAY,
    };
    out.write_all(&[tag])?;
    write_number(items.len() as u64, out)?;
    match tag {
        INTS => items.iter().filter_map(Value::as_int).try_for_each(|int| write_int(int, out))?,
        FLOATS => items.iter().filter_map(Value::as_number).try_for_each(|float| write_float(float, out))?,
        _ => {
            for (index, item) in items.iter().enumerate() {
                write_value(item, depth + 1, out).map_err(|error| error.within(step(index)))?;
            }
        }
    }
    Ok(())
}

fn write_map(map: &Map, depth: usize, out: &mut impl Write) -> Result<(), EncodeError> {
    out.write_all(&[MAP])?;
    write_number(map.len() as u64, out)?;
    for (key, value) in map {
        write_text(key.as_str().as_bytes(), out)?;
        write_value(value, depth + 1, out).map_err(|error| error.within(Step::Key(key)))?;
    }
    Ok(())
}
