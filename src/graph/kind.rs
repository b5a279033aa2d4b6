//! The types that a param can have, which are those that a command line can give.

use crate::value::Value;

/// The type of a param.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    One(Scalar),
    /// An option that is repeated.
    Many(Scalar),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scalar {
    Int,
    Float,
    Bool,
    Text,
}

impl Kind {
    pub const FLAG: Kind = Kind::One(Scalar::Bool);

    /// The type of a default. `()` stands for a text that need not be given; an empty array is one of
    /// texts. `None` when a command line cannot give such values.
    pub fn of(default: &Value) -> Option<Kind> {
        match default {
            Value::Unit => Some(Kind::One(Scalar::Text)),
            Value::Array(items) => Some(Kind::Many(common(items)?)),
            other => Some(Kind::One(Scalar::of(other)?)),
        }
    }

    pub fn scalar(self) -> Scalar {
        match self {
            Kind::One(scalar) | Kind::Many(scalar) => scalar,
        }
    }
}

/// The type of all items; ints among floats are floats.
fn common(items: &[Value]) -> Option<Scalar> {
    let mut kinds = items.iter().map(Scalar::of);
    let first = kinds.next().unwrap_or(Some(Scalar::Text))?;
    kinds.try_fold(first, |common, kind| match (common, kind?) {
        (a, b) if a == b => Some(a),
        (Scalar::Int | Scalar::Float, Scalar::Int | Scalar::Float) => Some(Scalar::Float),
        _ => None,
    })
}

impl Scalar {
    fn of(value: &Value) -> Option<Scalar> {
        match value {
            Value::Int(_) => Some(Scalar::Int),
            Value::Float(_) => Some(Scalar::Float),
            Value::Bool(_) => Some(Scalar::Bool),
            Value::String(_) => Some(Scalar::Text),
            _ => None,
        }
    }

    /// The value that a text on the command line stands for.
    pub fn read(self, text: &str) -> Option<Value> {
        match self {
            Scalar::Int => text.parse().ok().map(Value::Int),
            Scalar::Float => text.parse().ok().map(Value::Float),
            Scalar::Bool => text.parse().ok().map(Value::Bool),
            Scalar::Text => Some(Value::string(text)),
        }
    }

    /// With its article, for messages.
    pub fn name(self) -> &'static str {
        match self {
            Scalar::Int => "an int",
            Scalar::Float => "a float",
            Scalar::Bool => "`true` or `false`",
            Scalar::Text => "a string",
        }
    }

    /// What stands for the value in a usage line.
    pub fn placeholder(self) -> &'static str {
        match self {
            Scalar::Int => "INT",
            Scalar::Float => "FLOAT",
            Scalar::Bool => "BOOL",
            Scalar::Text => "TEXT",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_decides() {
        let array = |items: &[Value]| Kind::of(&Value::array(items.to_vec()));
        assert_eq!(Kind::of(&Value::Bool(true)), Some(Kind::FLAG));
        assert_eq!(Kind::of(&Value::Unit), Some(Kind::One(Scalar::Text)));
        assert_eq!(Kind::of(&Value::map([("a", Value::Int(1))])), None);
        assert_eq!(array(&[]), Some(Kind::Many(Scalar::Text)));
        assert_eq!(array(&[Value::Int(1), Value::Float(0.5)]), Some(Kind::Many(Scalar::Float)));
        assert_eq!(array(&[Value::Int(1), Value::string("a")]), None);
        assert_eq!(array(&[Value::Unit]), None);
    }

    #[test]
    fn texts_become_values() {
        assert_eq!(Scalar::Int.read("-5"), Some(Value::Int(-5)));
        assert_eq!(Scalar::Int.read("5.0"), None);
        assert_eq!(Scalar::Int.read("99999999999999999999"), None);
        assert_eq!(Scalar::Float.read("3"), Some(Value::Float(3.0)));
        assert_eq!(Scalar::Bool.read("yes"), None);
        assert_eq!(Scalar::Text.read(""), Some(Value::string("")));
    }
}
