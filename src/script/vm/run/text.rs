//! Values as text, as Rhai writes them.

use super::Machine;
use crate::script::vm::trouble::Run;
use crate::value::Value;
use std::fmt::Write;
use std::rc::Rc;

/// Rhai writes larger and smaller floats with an exponent; it takes these bounds from shorter floats.
const NATURAL_MAX: f32 = 10_000_000_000_000.0;
const NATURAL_MIN: f32 = 0.000_000_1;

pub(super) fn is_simple(value: &Value) -> bool {
    matches!(
        value,
        Value::Unit | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Char(_) | Value::String(_)
    )
}

/// Appends a value that is simple; says whether it is.
pub(super) fn push(text: &mut String, value: &Value) -> bool {
    // Writing to a string does not fail.
    let _ = match value {
        Value::Unit => Ok(()),
        Value::Bool(bool) => write!(text, "{bool}"),
        Value::Int(int) => write!(text, "{int}"),
        Value::Float(float) => push_float(text, *float),
        Value::Char(char) => text.write_char(*char),
        Value::String(other) => text.write_str(other),
        _ => return false,
    };
    true
}

fn push_float(text: &mut String, float: f64) -> std::fmt::Result {
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

/// Whether our way to write a container is Rhai's too.
fn is_alike(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().all(is_alike),
        Value::Map(map) => map.values().all(is_alike),
        value => is_simple(value),
    }
}

impl Machine {
    /// As `print` and templates write it.
    pub(super) fn push_text(&self, text: &mut String, value: &Value) -> Run<()> {
        if push(text, value) {
            return Ok(());
        }
        if is_alike(value) {
            let _ = write!(text, "{value}");
            return Ok(());
        }
        match value {
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

    pub(in crate::script::vm) fn text_of(&self, value: &Value) -> Run<String> {
        let mut text = String::new();
        self.push_text(&mut text, value)?;
        Ok(text)
    }

    /// The texts of values in one.
    pub(super) fn join(&self, values: &mut [Value]) -> Run {
        let mut text = match values.first_mut() {
            // The first part of a long text is the text so far.
            Some(Value::String(first)) => std::mem::take(first),
            _ => Rc::default(),
        };
        let whole = Rc::make_mut(&mut text);
        for (index, value) in values.iter_mut().enumerate() {
            if index > 0 || !matches!(value, Value::String(_)) {
                self.push_text(whole, &value.take())?;
            }
        }
        values.iter_mut().for_each(|value| *value = Value::Unit);
        Ok(Value::String(text))
    }
}
