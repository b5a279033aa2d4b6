//! The map of options that some natives take last: each option by name and type, and nothing else.

use super::arguments::type_error;
use crate::diagnostic::suggest::nearest;
use crate::script::fault::Fault;
use crate::value::{Map, Value};
use std::rc::Rc;

/// Options as they were given, each taken at most once.
pub(super) struct Options {
    function: &'static str,
    map: Map,
}

impl Options {
    /// The options of a call; `value` is `()` where none were given.
    pub(super) fn new(function: &'static str, value: Value, known: &[&str]) -> Result<Options, Fault> {
        let map = match value {
            Value::Unit => Map::new(),
            Value::Map(map) => Rc::unwrap_or_clone(map),
            other => return Err(type_error(function, "options", "a map", &other)),
        };
        if let Some(name) = map.keys().find(|name| !known.contains(&name.as_str())) {
            return Err(unknown(function, name, known));
        }
        Ok(Options { function, map })
    }

    /// The value of an option; `None` when it is not given or `()`.
    pub(super) fn take(&mut self, name: &str) -> Option<Value> {
        self.map.remove(name).filter(|value| !matches!(value, Value::Unit))
    }

    pub(super) fn bool(&mut self, name: &str, default: bool) -> Result<bool, Fault> {
        match self.take(name) {
            None => Ok(default),
            Some(Value::Bool(bool)) => Ok(bool),
            Some(other) => Err(type_error(self.function, name, "a bool", &other)),
        }
    }

    pub(super) fn string(&mut self, name: &str) -> Result<Option<String>, Fault> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.into())),
            Some(other) => Err(type_error(self.function, name, "a string", &other)),
        }
    }

    pub(super) fn number(&mut self, name: &str) -> Result<Option<f64>, Fault> {
        let Some(value) = self.take(name) else { return Ok(None) };
        let number = value.as_number().filter(|number| !number.is_nan());
        number.map(Some).ok_or_else(|| type_error(self.function, name, "a number", &value))
    }

    pub(super) fn map(&mut self, name: &str) -> Result<Map, Fault> {
        match self.take(name) {
            None => Ok(Map::new()),
            Some(Value::Map(map)) => Ok(Rc::unwrap_or_clone(map)),
            Some(other) => Err(type_error(self.function, name, "a map", &other)),
        }
    }
}

fn unknown(function: &str, name: &str, known: &[&str]) -> Fault {
    let names: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
    let hint = match nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are {}", names.join(", ")),
    };
    Fault::error("Argument", format!("`{function}` has no option `{name}`; {hint}"))
}
