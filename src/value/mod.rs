//! The one data model: what bodies hold, what queues carry, what the wire encodes.
//!
//! A `Value` is 16 bytes. Arrays, maps, strings and blobs are shared and copied on write; a value belongs
//! to one thread. What may cross a process border is decided in [`sendable`].

pub mod bare;
pub mod counts;
mod display;
pub mod item_type;
pub mod map;
pub(crate) mod nesting;
pub mod sendable;
pub mod serde;
mod text;
mod variable;

/// How tables by name are hashed: quickly, and so that nobody outside can make them slow.
pub(crate) use ahash::RandomState as Hashing;
pub use map::Map;
use nesting::deeper;
use std::any::{Any, TypeId};
use std::rc::Rc;
pub use text::Text;
pub use variable::{Access, Variable};

#[derive(Clone, Debug, Default)]
pub enum Value {
    #[default]
    Unit,
    Bool(bool),
    Int(i64),
    Float(f64),
    Char(char),
    String(Text),
    Blob(Rc<Vec<u8>>),
    Array(Rc<Vec<Value>>),
    Map(Rc<Map>),
    Range(Rc<Range>),
    Function(Rc<Function>),
    Object(Object),
    /// Never data: see [`Variable`].
    Variable(Rc<Variable>),
}

/// `a..b` or `a..=b`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    pub start: i64,
    pub end: i64,
    pub inclusive: bool,
}

/// A function as a value: `Fn("name")`, or a closure with what it captured.
///
/// A closure is found again in another process by the body that it was written in: every process of a
/// run holds the texts of all bodies.
#[derive(Clone, Debug)]
pub struct Function {
    pub name: String,
    /// For a closure, the index in the script's unit of the piece of text that it stands in.
    pub home: Option<u32>,
    /// First the variables that it captured, as [`Value::Variable`], then what `curry` gave it.
    pub captured: Vec<Value>,
}

impl Function {
    /// The variables that it captured, which its calls share: for each, whether it is constant.
    #[must_use]
    pub fn variables(&self) -> Vec<bool> {
        let constant = |value: &Value| match value {
            Value::Variable(variable) => Some(variable.access() == Access::Constant),
            _ => None,
        };
        self.captured.iter().map_while(constant).collect()
    }

    /// A function that came from elsewhere. The first of what it captured are its [`Function::variables`], which are its
    /// own now.
    #[must_use]
    pub fn received(
        name: String,
        home: Option<u32>,
        mut captured: Vec<Value>,
        variables: &[bool],
    ) -> Function {
        for (value, constant) in captured.iter_mut().zip(variables) {
            let access = if *constant { Access::Constant } else { Access::Free };
            *value = Variable::shared(value.take(), access);
        }
        Function { name, home, captured }
    }
}

/// Something that lives in one process and is no data: a queue end, a process, a lock, a stream.
pub trait ObjectKind: Any {
    /// What it is, with its article, for messages: "a process", "a queue end".
    fn kind(&self) -> &'static str;
    /// Its name, for messages and for `print`.
    fn label(&self) -> String {
        String::new()
    }
    /// Why it cannot be sent and what to do instead, for messages.
    fn instead(&self) -> Option<&'static str> {
        None
    }
}

/// A shared reference to an [`ObjectKind`], one word wide.
#[derive(Clone)]
pub struct Object(Rc<Held>);

/// What an object is stands beside it: to ask it itself is a call, whose answer comes in two pieces that are read as one,
/// which is to wait for them.
struct Held {
    kind: TypeId,
    object: Box<dyn ObjectKind>,
}

impl Object {
    #[must_use]
    pub fn new(object: impl ObjectKind) -> Self {
        Object(Rc::new(Held { kind: object.type_id(), object: Box::new(object) }))
    }

    #[must_use]
    pub fn kind(&self) -> &'static str {
        self.0.object.kind()
    }

    #[must_use]
    pub fn label(&self) -> String {
        self.0.object.label()
    }

    #[must_use]
    pub fn instead(&self) -> Option<&'static str> {
        self.0.object.instead()
    }

    #[must_use]
    #[inline]
    pub fn is<T: ObjectKind>(&self) -> bool {
        self.0.kind == TypeId::of::<T>()
    }

    #[must_use]
    pub fn downcast<T: ObjectKind>(&self) -> Option<&T> {
        let object: &dyn Any = &*self.0.object;
        object.downcast_ref()
    }

    #[must_use]
    pub fn same(&self, other: &Object) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl std::fmt::Debug for Object {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.kind(), self.label())
    }
}

impl Value {
    /// The type's name as scripts and messages say it.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Value::Unit => "()",
            Value::Bool(_) => "bool",
            Value::Int(_) => "int",
            Value::Float(_) => "float",
            Value::Char(_) => "char",
            Value::String(_) => "string",
            Value::Blob(_) => "blob",
            Value::Array(_) => "array",
            Value::Map(_) => "map",
            Value::Range(_) => "range",
            Value::Function(_) => "function",
            Value::Object(object) => object.kind(),
            Value::Variable(_) => "variable",
        }
    }

    #[must_use]
    #[inline]
    pub fn string(text: impl Into<Text>) -> Value {
        Value::String(text.into())
    }

    #[must_use]
    #[inline]
    pub fn array(items: Vec<Value>) -> Value {
        Value::Array(Rc::new(items))
    }

    #[must_use]
    pub fn blob(bytes: Vec<u8>) -> Value {
        Value::Blob(Rc::new(bytes))
    }

    /// A map from pairs.
    #[must_use]
    pub fn map<K: Into<Text>>(entries: impl IntoIterator<Item = (K, Value)>) -> Value {
        Value::Map(Rc::new(entries.into_iter().collect()))
    }

    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        if let Value::String(text) = self { Some(text) } else { None }
    }

    #[must_use]
    pub fn as_int(&self) -> Option<i64> {
        if let Value::Int(int) = self { Some(*int) } else { None }
    }

    /// An int or a float as a float: what durations in seconds are given as.
    #[must_use]
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Value::Int(int) => Some(*int as f64),
            Value::Float(float) => Some(*float),
            _ => None,
        }
    }

    #[must_use]
    pub fn as_array(&self) -> Option<&[Value]> {
        if let Value::Array(items) = self { Some(items) } else { None }
    }

    #[must_use]
    pub fn as_map(&self) -> Option<&Map> {
        if let Value::Map(map) = self { Some(map) } else { None }
    }

    /// The value as it would be typed in a script.
    #[must_use]
    pub fn quoted(&self) -> String {
        display::Quoted(self).to_string()
    }

    /// Takes the value out and leaves `()`.
    #[must_use]
    #[inline]
    pub fn take(&mut self) -> Value {
        std::mem::replace(self, Value::Unit)
    }
}

impl PartialEq for Value {
    /// By content; floats by bits (so that NaN equals itself and data round-trips can be compared); objects by identity.
    fn eq(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Unit, Value::Unit) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Int(a), Value::Int(b)) => a == b,
            (Value::Float(a), Value::Float(b)) => a.to_bits() == b.to_bits(),
            (Value::Char(a), Value::Char(b)) => a == b,
            (Value::String(a), Value::String(b)) => a == b,
            (Value::Blob(a), Value::Blob(b)) => a == b,
            (Value::Array(a), Value::Array(b)) => deeper(|| a == b),
            (Value::Map(a), Value::Map(b)) => deeper(|| a == b),
            (Value::Range(a), Value::Range(b)) => a == b,
            (Value::Function(a), Value::Function(b)) => {
                a.name == b.name && a.home == b.home && deeper(|| a.captured == b.captured)
            }
            (Value::Object(a), Value::Object(b)) => a.same(b),
            (Value::Variable(a), Value::Variable(b)) => Rc::ptr_eq(a, b) || a.get() == b.get(),
            (Value::Variable(a), b) | (b, Value::Variable(a)) => a.get() == *b,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_sixteen_bytes() {
        assert_eq!(size_of::<Value>(), 16);
    }
}
