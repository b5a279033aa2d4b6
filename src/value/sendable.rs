//! What may cross a process border, and, when something may not, the path to it within the value.

use super::Value;

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

/// Whether the value can be sent.
///
/// # Errors
/// The first thing within it that cannot.
pub fn check(value: &Value) -> Result<(), Unsendable> {
    visit(value, &mut Vec::new())
}

enum Step<'a> {
    Index(usize),
    Key(&'a str),
    Captured(usize),
}

fn visit<'a>(value: &'a Value, path: &mut Vec<Step<'a>>) -> Result<(), Unsendable> {
    if path.len() > DEPTH_MAX {
        return Err(culprit(path, format!("nested deeper than {DEPTH_MAX} levels")));
    }
    match value {
        Value::Object(object) => Err(culprit(path, object.kind().to_owned())),
        Value::Array(items) => visit_all(items, path, Step::Index),
        Value::Function(function) => visit_all(&function.captured, path, Step::Captured),
        Value::Map(map) => map.iter().try_for_each(|(key, value)| {
            path.push(Step::Key(key));
            visit(value, path)?;
            path.pop();
            Ok(())
        }),
        _ => Ok(()),
    }
}

fn visit_all<'a>(
    items: &'a [Value],
    path: &mut Vec<Step<'a>>,
    step: impl Fn(usize) -> Step<'a>,
) -> Result<(), Unsendable> {
    for (index, item) in items.iter().enumerate() {
        path.push(step(index));
        visit(item, path)?;
        path.pop();
    }
    Ok(())
}

fn culprit(path: &[Step<'_>], what: String) -> Unsendable {
    let mut text = String::new();
    for step in path {
        match step {
            Step::Index(index) => text.push_str(&format!("[{index}]")),
            Step::Key(key) => text.push_str(&format!(".{key}")),
            Step::Captured(index) => text.push_str(&format!(".captured[{index}]")),
        }
    }
    Unsendable { path: text, what }
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
