//! The one registry of natives: what bodies can call, over [`Value`], whichever engine runs them.

use super::fault::Fault;
use super::lib::pattern::RegexObject;
use super::objects::cell::CellObject;
use super::objects::shared::{Handle, SharedObject};
use super::objects::{ProcessObject, QueueObject, Surroundings};
use crate::value::{Function, Object, Value};
use std::rc::Rc;

/// What a native is a member of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receiver {
    /// A plain function; Rhai lets it be called as a method of its first argument too.
    None,
    Queue,
    Process,
    Cell,
    /// A lock or a semaphore.
    Lock,
    Event,
    Barrier,
    Counter,
    Table,
    Regex,
}

impl Receiver {
    /// What stands for the receiver where a method is written as a function.
    #[must_use]
    pub fn word(self) -> Option<&'static str> {
        match self {
            Receiver::None => None,
            Receiver::Queue => Some("queue"),
            Receiver::Process => Some("process"),
            Receiver::Cell => Some("cell"),
            Receiver::Lock => Some("lock"),
            Receiver::Event => Some("event"),
            Receiver::Barrier => Some("barrier"),
            Receiver::Counter => Some("counter"),
            Receiver::Table => Some("table"),
            Receiver::Regex => Some("regex"),
        }
    }

    /// Whether its members are those of this object.
    #[must_use]
    pub fn is(self, object: &Object) -> bool {
        let shared = |of: fn(&Handle) -> bool| {
            object.downcast::<SharedObject>().is_some_and(|shared| of(&shared.handle))
        };
        match self {
            Receiver::None => false,
            Receiver::Queue => object.downcast::<QueueObject>().is_some(),
            Receiver::Process => object.downcast::<ProcessObject>().is_some(),
            Receiver::Cell => object.downcast::<CellObject>().is_some(),
            Receiver::Lock => shared(|handle| matches!(handle, Handle::Lock(_) | Handle::Semaphore(_))),
            Receiver::Event => shared(|handle| matches!(handle, Handle::Event(_))),
            Receiver::Barrier => shared(|handle| matches!(handle, Handle::Barrier(_))),
            Receiver::Counter => shared(|handle| matches!(handle, Handle::Counter(_))),
            Receiver::Table => shared(|handle| matches!(handle, Handle::Table(_))),
            Receiver::Regex => object.downcast::<RegexObject>().is_some(),
        }
    }
}

/// Called as `name(…)`, or read as a property `x.name`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Function,
    Property,
}

/// Calls a function value.
pub type Call<'a> = dyn FnMut(&Function, Vec<Value>) -> Result<Value, Fault> + 'a;

/// What a native gets besides its arguments.
pub struct Context<'a> {
    pub surroundings: &'a Rc<dyn Surroundings>,
    /// Calls a function value that came as an argument.
    pub call: &'a mut Call<'a>,
}

/// A native: name, parameters, documentation and code. A method's receiver is its first argument.
pub struct Native {
    pub name: &'static str,
    pub receiver: Receiver,
    pub shape: Shape,
    /// Names of the parameters, the receiver not included.
    pub params: &'static [&'static str],
    /// One line: what it does, units, what it throws.
    pub doc: &'static str,
    /// Code that runs, maybe with its value behind `//`.
    pub example: &'static str,
    /// Arguments may be taken out (`Value::take`), so that a large one is not held twice.
    pub run: fn(&mut Context<'_>, &mut [Value]) -> Result<Value, Fault>,
}

impl Native {
    /// How it is called: `q.put(item)`, `sorted(items)`.
    #[must_use]
    pub fn call(&self) -> String {
        let object = match self.receiver {
            Receiver::None => "",
            Receiver::Queue => "q.",
            Receiver::Process => "p.",
            Receiver::Cell => "c.",
            Receiver::Lock => "l.",
            Receiver::Event => "e.",
            Receiver::Barrier => "b.",
            Receiver::Counter => "n.",
            Receiver::Table => "t.",
            Receiver::Regex => "r.",
        };
        let parameters = match self.shape {
            Shape::Property => String::new(),
            Shape::Function => format!("({})", self.params.join(", ")),
        };
        format!("{object}{}{parameters}", self.name)
    }

    /// The example, and the value of it that stands behind `//`.
    #[must_use]
    pub fn example_and_result(&self) -> (&'static str, Option<&'static str>) {
        match self.example.split_once("  // ") {
            Some((example, result)) => (example, Some(result)),
            None => (self.example, None),
        }
    }
}

/// Natives that belong together.
pub struct Topic {
    pub title: &'static str,
    /// What to know of all of them; empty where the title says it.
    pub about: &'static str,
    pub natives: &'static [Native],
}

/// All topics.
#[must_use]
pub fn topics() -> &'static [Topic] {
    super::lib::TOPICS
}

/// All natives.
#[must_use]
pub fn natives() -> impl Iterator<Item = &'static Native> {
    topics().iter().flat_map(|topic| topic.natives)
}
