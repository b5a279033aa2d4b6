//! What may cross a process border, and, when something may not, the path to it within the value.

use super::{Object, Value};

/// Values nest at most this deep on their way between processes: a bound for the decoder's stack.
pub const DEPTH_MAX: usize = 128;

/// Why a value cannot be sent: `[3].owner` is `a process`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsendable {
    /// The way from the value to the culprit, as `[3].owner`; empty when it is the value itself.
    pub path: String,
    pub what: String,
}

impl std::fmt::Display for Unsendable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let place = if self.path.is_empty() { "it" } else { &self.path };
        write!(f, "{place} is {}", self.what)
    }
}

/// One level of the way into a value.
#[derive(Clone, Copy)]
pub enum Step<'a> {
    Index(usize),
    Key(&'a str),
    Captured(usize),
}

impl Unsendable {
    #[must_use]
    pub fn object(object: &Object) -> Self {
        let instead = object.instead().map(|instead| format!(" ({instead})")).unwrap_or_default();
        Unsendable { path: String::new(), what: format!("{}{instead}", object.kind()) }
    }

    #[must_use]
    pub fn too_deep() -> Self {
        Unsendable { path: String::new(), what: format!("nested deeper than {DEPTH_MAX} levels") }
    }

    /// The same, as seen from the container: found by this step.
    #[must_use]
    pub fn within(mut self, step: Step<'_>) -> Self {
        let step = match step {
            Step::Index(index) => format!("[{index}]"),
            Step::Key(key) => format!(".{key}"),
            Step::Captured(index) => format!(".captured[{index}]"),
        };
        self.path.insert_str(0, &step);
        self
    }
}

/// Whether the value can be sent.
///
/// # Errors
/// The first thing within it that cannot.
pub fn check(value: &Value) -> Result<(), Unsendable> {
    visit(value, 0)
}

fn visit(value: &Value, depth: usize) -> Result<(), Unsendable> {
    if depth > DEPTH_MAX {
        return Err(Unsendable::too_deep());
    }
    match value {
        Value::Object(object) => Err(Unsendable::object(object)),
        Value::Variable(variable) => visit(&variable.sent()?, depth),
        Value::Array(items) => visit_all(items, depth, Step::Index),
        Value::Function(function) => visit_all(&function.captured, depth, Step::Captured),
        Value::Map(map) => map
            .iter()
            .try_for_each(|(key, value)| visit(value, depth + 1).map_err(|e| e.within(Step::Key(key)))),
        _ => Ok(()),
    }
}

fn visit_all(items: &[Value], depth: usize, step: fn(usize) -> Step<'static>) -> Result<(), Unsendable> {
    let visit_one = |(index, item)| visit(item, depth + 1).map_err(|error| error.within(step(index)));
    items.iter().enumerate().try_for_each(visit_one)
}

#[cfg(test)]
mod tests {
    use super::super::{Object, ObjectKind, Value};
    use super::*;

    struct Worker;
    impl ObjectKind for Worker {
        fn kind(&self) -> &'static str {
            "a process"
        }
    }

    #[test]
    fn the_path_leads_to_the_culprit() {
        let owner = Value::map([("owner", Value::Object(Object::new(Worker)))]);
        let value = Value::array(vec![Value::Int(1), owner]);
        assert_eq!(check(&value).unwrap_err().to_string(), "[1].owner is a process");
    }

    #[test]
    fn nesting_is_bounded() {
        let deep = (0..200).fold(Value::Unit, |inner, _| Value::array(vec![inner]));
        assert!(check(&deep).unwrap_err().what.contains("nested deeper"));
    }
}
