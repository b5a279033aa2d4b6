//! Errors of bodies: what a native throws, what a `catch` sees, what is left when nobody catches.

use crate::value::Value;

/// Why a native did not return.
#[derive(Clone, Debug)]
pub enum Fault {
    /// An error that `catch (e)` receives: for the runtime's own errors a map with `kind` and `message`.
    Thrown(Value),
    /// An error of another process: its value is thrown here, and what else is known of it is told when
    /// nobody catches it.
    Elsewhere(Box<Failure>),
    /// `exit(code)`: ends the body, no `catch` runs.
    Exit(u8),
    /// The run is stopping or the process was asked to end: ends the body, no `catch` runs.
    Stopped,
}

impl Fault {
    /// An error of the runtime: the map `#{kind, message}`.
    #[must_use]
    pub fn error(kind: &str, message: impl Into<String>) -> Fault {
        Fault::Thrown(Value::map([("kind", Value::string(kind)), ("message", Value::string(message.into()))]))
    }

    /// The same error with one more key: `queue`, `cause`, …
    #[must_use]
    pub fn with(self, key: &str, value: Value) -> Fault {
        match self {
            Fault::Thrown(Value::Map(mut map)) => {
                std::rc::Rc::make_mut(&mut map).insert(key, value);
                Fault::Thrown(Value::Map(map))
            }
            other => other,
        }
    }
}

/// A line and column, both from 1, in a source of the unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    pub source: u32,
    pub line: u32,
    pub column: u32,
}

/// One call on the way to an error: the function's name and where it was called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    pub function: String,
    pub called_at: Option<Place>,
}

/// An error that nobody caught, as plain data: it travels to the supervisor.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// `kind` of the error: "Closed", "Io", or "Thrown" for what a script threw itself.
    pub kind: String,
    pub message: String,
    /// The value that a `catch` would have received.
    pub value: Value,
    pub place: Option<Place>,
    /// Innermost first.
    pub trace: Vec<Frame>,
}

impl Failure {
    #[must_use]
    pub fn new(kind: impl Into<String>, message: impl Into<String>) -> Self {
        Failure {
            kind: kind.into(),
            message: message.into(),
            value: Value::Unit,
            place: None,
            trace: Vec::new(),
        }
    }
}

/// Why a body ended without a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Ending {
    Exit(u8),
    Stopped,
    Failed(Box<Failure>),
}
