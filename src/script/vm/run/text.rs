//! Values as text, as Rhai writes them.

use super::Machine;
use crate::script::vm::trouble::Run;
use crate::value::nesting::deeper;
use crate::value::{Map, Text, Value};
use std::fmt::Write;

/// Rhai writes larger and smaller floats with an exponent; it takes these bounds from shorter floats.
const NATURAL_MAX: f32 = 10_000_000_000_000.0;
const NATURAL_MIN: f32 = 0.000_000_000_000_1;

pub(super) fn is_simple(value: &Value) -> bool {
    matches!(
        value,
        Value::Unit | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Char(_) | Value::String(_)
    )
}

/// Appends a value that is simple; says whether it is.
pub(super) fn push(text: &mut Text, value: &Value) -> bool {
    // Writing to a string does not fail.
    let _ = match value {
        Value::Unit => Ok(()),
        Value::Bool(bool) => write!(text, "{bool}"),
        Value::Int(int) => {
            text.push_int(*int);
            Ok(())
        }
        Value::Float(float) => push_float(text, *float),
        Value::Char(char) => {
            text.push(*char);
            Ok(())
        }
        Value::String(other) => text.write_str(other),
        _ => return false,
    };
    true
}

fn push_float(text: &mut Text, float: f64) -> std::fmt::Result {
    let size = float.abs();
    if size == 0.0 {
        text.write_str("0.0")
    } else if size > f64::from(NATURAL_MAX) || size < f64::from(NATURAL_MIN) {
        write!(text, "{float:e}")
    } else {
        write!(text, "{float}")?;
        if size.fract() == 0.0 { text.write_str(".0") } else { Ok(()) }
    }
}

/// Appends a value as it stands within a container; says whether Rhai is not needed for it.
fn push_inner(text: &mut Text, value: &Value) -> bool {
    let _ = match value {
        Value::Unit => text.write_str("()"),
        // As Rhai's `to_debug` has it, bare.
        Value::Char(char) => text.write_char(*char),
        Value::String(inner) => write!(text, "{inner:?}"),
        Value::Float(float) => write!(text, "{float:?}"),
        Value::Array(items) => return deeper(|| push_items(text, items)),
        Value::Map(map) => return deeper(|| push_entries(text, map)),
        value => return push(text, value),
    };
    true
}

fn push_items(text: &mut Text, items: &[Value]) -> bool {
    text.push_str("[");
    for (index, item) in items.iter().enumerate() {
        text.push_str(if index == 0 { "" } else { ", " });
        if !push_inner(text, item) {
            return false;
        }
    }
    text.push(']');
    true
}

fn push_entries(text: &mut Text, map: &Map) -> bool {
    text.push_str("#{");
    for (index, (key, value)) in map.iter().enumerate() {
        let _ = write!(text, "{}{key:?}: ", if index == 0 { "" } else { ", " });
        if !push_inner(text, value) {
            return false;
        }
    }
    text.push('}');
    true
}

impl Machine {
    /// As `print` and templates write it.
    pub(super) fn push_text(&self, text: &mut Text, value: &Value) -> Run<()> {
        if push(text, value) {
            return Ok(());
        }
        let before = text.len();
        if matches!(value, Value::Array(_) | Value::Map(_)) && push_inner(text, value) {
            return Ok(());
        }
        text.truncate(before);
        match value {
            Value::Function(function) => {
                let _ = write!(text, "Fn({})", function.name);
            }
            Value::Object(object) if !crate::script::rhai::convert::is_foreign(object) => {
                let _ = write!(text, "{value}");
            }
            value => {
                let written = self.rhai_value("`${x0}`".to_owned(), vec![value.clone()])?;
                push(text, &written);
            }
        }
        Ok(())
    }

    pub(in crate::script::vm) fn text_of(&self, value: &Value) -> Run<Text> {
        let mut text = Text::default();
        self.push_text(&mut text, value)?;
        Ok(text)
    }

    /// The texts of values in one.
    pub(super) fn join(&self, values: &mut [Value]) -> Run {
        let mut text = match values.first_mut() {
            // The first part of a long text is the text so far.
            Some(Value::String(first)) => std::mem::take(first),
            _ => Text::default(),
        };
        for (index, value) in values.iter_mut().enumerate() {
            if index > 0 || !matches!(value, Value::String(_)) {
                self.push_text(&mut text, &value.take())?;
            }
        }
        values.iter_mut().for_each(|value| *value = Value::Unit);
        Ok(Value::String(text))
    }
}
