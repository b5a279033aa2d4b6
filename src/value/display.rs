//! How `print` writes a value: a string bare, everything inside a container as it would be typed.

use super::nesting::deeper;
use super::{Map, Range, Value};
use std::fmt;

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Unit => Ok(()),
            Value::String(text) => f.write_str(text),
            Value::Char(char) => write!(f, "{char}"),
            other => Quoted(other).fmt(f),
        }
    }
}

/// A value as it would be typed in a script.
pub struct Quoted<'a>(pub &'a Value);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::Unit => f.write_str("()"),
            Value::Bool(bool) => write!(f, "{bool}"),
            Value::Int(int) => write!(f, "{int}"),
            Value::Float(float) => write!(f, "{float:?}"),
            Value::Char(char) => write!(f, "{char:?}"),
            Value::String(text) => write!(f, "{:?}", text.as_str()),
            Value::Blob(bytes) => {
                f.write_str("[")?;
                bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
                f.write_str("]")
            }
            Value::Array(items) => deeper(|| array(f, items)),
            Value::Map(entries) => deeper(|| map(f, entries)),
            Value::Range(range) => write!(f, "{range}"),
            Value::Function(function) => write!(f, "Fn({})", function.name),
            Value::Variable(variable) => Quoted(&variable.get()).fmt(f),
            Value::Object(object) => match object.label() {
                label if label.is_empty() => f.write_str(object.kind()),
                label => write!(f, "{} {label}", object.kind()),
            },
        }
    }
}

fn array(f: &mut fmt::Formatter<'_>, items: &[Value]) -> fmt::Result {
    f.write_str("[")?;
    for (index, item) in items.iter().enumerate() {
        write!(f, "{}{}", if index == 0 { "" } else { ", " }, Quoted(item))?;
    }
    f.write_str("]")
}

fn map(f: &mut fmt::Formatter<'_>, map: &Map) -> fmt::Result {
    f.write_str("#{")?;
    for (index, (key, value)) in map.iter().enumerate() {
        write!(f, "{}{key:?}: {}", if index == 0 { "" } else { ", " }, Quoted(value))?;
    }
    f.write_str("}")
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}{}", self.start, if self.inclusive { "=" } else { "" }, self.end)
    }
}
