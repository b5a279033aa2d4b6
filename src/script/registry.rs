//! The one registry of natives: what bodies can call, over [`Value`], whichever engine runs them.

use super::capability::Capability;
use super::fault::Fault;
use super::host;
use super::lib::pattern::RegexObject;
use super::objects::cell::CellObject;
use super::objects::pool::{JobObject, PoolObject};
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
    Pool,
    PoolJob,
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
            Receiver::Pool => Some("pool"),
            Receiver::PoolJob => Some("job"),
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
        match self {
            Receiver::None => false,
            Receiver::Queue => object.is::<QueueObject>(),
            Receiver::Process => object.is::<ProcessObject>(),
            Receiver::Cell => object.is::<CellObject>(),
            Receiver::Pool => object.is::<PoolObject>(),
            Receiver::PoolJob => object.is::<JobObject>(),
            Receiver::Regex => object.is::<RegexObject>(),
            Receiver::Lock | Receiver::Event | Receiver::Barrier | Receiver::Counter | Receiver::Table => {
                object.is::<SharedObject>() && self.is_shared(object)
            }
        }
    }

    #[inline(never)]
    fn is_shared(self, object: &Object) -> bool {
        object.downcast::<SharedObject>().is_some_and(|shared| match shared.handle {
            Handle::Lock(_) | Handle::Semaphore(_) => self == Receiver::Lock,
            Handle::Event(_) => self == Receiver::Event,
            Handle::Barrier(_) => self == Receiver::Barrier,
            Handle::Counter(_) => self == Receiver::Counter,
            Handle::Table(_) => self == Receiver::Table,
        })
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
    /// The code of a function of the host, which stands in the place of `run`.
    pub host: Option<HostCode>,
}

/// What runs a function of the host.
pub type HostCode = &'static (dyn Fn(&[Value]) -> Result<Value, Fault> + Send + Sync);

impl Native {
    /// Calls it. Arguments may be taken out of `values`.
    ///
    /// # Errors
    /// What the native throws.
    pub fn invoke(&self, context: &mut Context<'_>, values: &mut [Value]) -> Result<Value, Fault> {
        match self.host {
            Some(code) => code(values),
            None => (self.run)(context, values),
        }
    }

    /// How it is called: `q.put(item)`, `sorted(items)`.
    #[must_use]
    pub fn call(&self) -> String {
        let object = match self.receiver {
            Receiver::None => "",
            Receiver::Queue => "q.",
            Receiver::Process => "p.",
            Receiver::Cell => "c.",
            Receiver::Pool => "pool.",
            Receiver::PoolJob => "job.",
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

/// All natives of the library.
#[must_use]
pub fn natives() -> impl Iterator<Item = &'static Native> {
    topics().iter().flat_map(|topic| topic.natives)
}

/// What scripts of one host can call and start: the library but for what is withheld, and what the host gives.
#[derive(Clone, Default)]
pub struct Registry {
    pub functions: Vec<&'static Native>,
    /// The names of the native processes.
    pub processes: Vec<String>,
    pub withheld: Vec<Capability>,
}

impl Registry {
    /// All that can be called.
    pub fn natives(&self) -> impl Iterator<Item = &'static Native> + use<'_> {
        let given = topics().iter().flat_map(|topic| {
            let is_given = |native: &&'static Native| !self.withholds(Capability::of(topic, native));
            topic.natives.iter().filter(is_given)
        });
        given.chain(self.functions.iter().copied())
    }

    fn withholds(&self, capability: Option<Capability>) -> bool {
        capability.is_some_and(|capability| self.withheld.contains(&capability))
    }

    /// What a name of the library needs and this host withholds.
    #[must_use]
    pub fn withheld(&self, name: &str) -> Option<Capability> {
        let mut all =
            topics().iter().flat_map(|topic| topic.natives.iter().map(move |native| (topic, native)));
        let (topic, native) = all.find(|(_, native)| native.name == name)?;
        Capability::of(topic, native).filter(|capability| self.withheld.contains(capability))
    }

    /// As a value, to be sent.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let names = |names: Vec<&str>| Value::array(names.into_iter().map(Value::string).collect());
        Value::array(vec![
            names(self.functions.iter().map(|native| native.name).collect()),
            names(self.processes.iter().map(String::as_str).collect()),
            names(self.withheld.iter().map(|capability| capability.name()).collect()),
        ])
    }

    /// That of a value made by [`Registry::to_value`], with the functions of this process's host; `None` when it is
    /// none.
    #[must_use]
    pub fn from_value(value: &Value) -> Option<Registry> {
        let [functions, processes, withheld] = value.as_array()? else { return None };
        let names = |value: &Value| -> Option<Vec<String>> {
            value.as_array()?.iter().map(|name| name.as_str().map(str::to_owned)).collect()
        };
        let function = |name: &String| host::installed().and_then(|gifts| gifts.function(name));
        Some(Registry {
            functions: names(functions)?.iter().filter_map(function).collect(),
            processes: names(processes)?,
            withheld: names(withheld)?.iter().map(|name| Capability::of_name(name)).collect::<Option<_>>()?,
        })
    }
}

impl PartialEq for Registry {
    /// Functions by name: a host has one of a name.
    fn eq(&self, other: &Registry) -> bool {
        self.functions.iter().map(|native| native.name).eq(other.functions.iter().map(|native| native.name))
            && self.processes == other.processes
            && self.withheld == other.withheld
    }
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let functions: Vec<&str> = self.functions.iter().map(|native| native.name).collect();
        let mut shown = f.debug_struct("Registry");
        shown.field("functions", &functions).field("processes", &self.processes);
        shown.field("withheld", &self.withheld).finish()
    }
}
