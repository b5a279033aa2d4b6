//! Values on their way from one thread to another of the same process: a deep copy that no engine shares.
//!
//! What is no data travels as what is known of it; the thread that it comes to makes its own of it, over its own
//! control socket.

use super::client::Client;
use super::ends;
use super::local::{HeldCell, LocalCell, LocalEnd, LocalQueue};
use super::processes::Handle;
use super::shared;
use crate::script::objects::cell::CellObject;
use crate::script::objects::{ProcessHandle, ProcessObject, QueueObject};
use crate::value::sendable::{DEPTH_MAX, Step, Unsendable};
use crate::value::{Function, Map, Object, Range, Text, Value};
use crate::wire::message::{ProcessFacts, QueueFacts};
use crate::wire::shared::SharedFacts;
use std::any::Any;
use std::rc::Rc;
use std::sync::Arc;

/// A value between two threads.
#[derive(Clone, Debug)]
pub enum Portable {
    Unit,
    Bool(bool),
    Int(i64),
    Float(f64),
    Char(char),
    String(String),
    Blob(Vec<u8>),
    Array(Vec<Portable>),
    /// In the order of the keys.
    Map(Vec<(String, Portable)>),
    Range(Range),
    Function(Box<PortableFunction>),
    Object(Box<Carried>),
}

/// What is no data.
#[derive(Clone, Debug)]
pub enum Carried {
    End(QueueFacts),
    Process(ProcessFacts),
    Queue(Arc<LocalQueue>),
    Cell(Arc<LocalCell>),
    /// A lock, a table and the like.
    Shared(SharedFacts),
}

/// A function with copies of what it captured.
#[derive(Clone, Debug)]
pub struct PortableFunction {
    name: String,
    home: Option<u32>,
    captured: Vec<Portable>,
    /// See [`Function::variables`].
    variables: Vec<bool>,
}

/// The ends that lie within a value: who receives it will hold them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Passed {
    pub takes: Vec<u32>,
    pub puts: Vec<u32>,
}

impl Portable {
    /// Copies a value; what is in its hands alone is moved. The ends within it are added to `passed`.
    ///
    /// # Errors
    /// The first thing within it that belongs to one thread alone.
    pub fn pack(value: Value, passed: &mut Passed) -> Result<Portable, Unsendable> {
        Packing { passed, depth: 0 }.value(value)
    }

    /// The value, for the thread of this client.
    pub fn unpack(self, client: &Rc<Client>) -> Value {
        self.value(&|carried| carried.bind(client))
    }

    /// The value as a message shows it.
    pub fn shown(self) -> String {
        self.value(&|carried| Value::string(carried.label())).quoted()
    }

    fn value(self, bind: &dyn Fn(Carried) -> Value) -> Value {
        let all = |items: Vec<Portable>| items.into_iter().map(|item| item.value(bind)).collect();
        match self {
            Portable::Unit => Value::Unit,
            Portable::Bool(bool) => Value::Bool(bool),
            Portable::Int(int) => Value::Int(int),
            Portable::Float(float) => Value::Float(float),
            Portable::Char(char) => Value::Char(char),
            Portable::String(text) => Value::string(text),
            Portable::Blob(bytes) => Value::blob(bytes),
            Portable::Array(items) => Value::array(all(items)),
            Portable::Map(entries) => {
                Value::map(entries.into_iter().map(|(key, value)| (key, value.value(bind))))
            }
            Portable::Range(range) => Value::Range(Rc::new(range)),
            Portable::Function(function) => {
                let PortableFunction { name, home, captured, variables } = *function;
                Value::Function(Rc::new(Function::received(name, home, all(captured), &variables)))
            }
            Portable::Object(carried) => bind(*carried),
        }
    }
}

impl Carried {
    /// The object that the thread of this client has of it.
    fn bind(self, client: &Rc<Client>) -> Value {
        let client = client.clone();
        match self {
            Carried::End(facts) => ends::object(client, facts),
            Carried::Process(facts) => object(ProcessObject(Rc::new(Handle::started(client, facts)))),
            Carried::Queue(queue) => object(QueueObject(Rc::new(LocalEnd::new(client, queue)))),
            Carried::Shared(facts) => shared::object(client, facts),
            Carried::Cell(cell) => object(CellObject(Rc::new(HeldCell::new(client, cell)))),
        }
    }

    fn label(&self) -> String {
        match self {
            Carried::End(facts) => format!("queue {}", facts.name),
            Carried::Process(facts) => format!("process {}", facts.name),
            Carried::Queue(queue) => format!("queue {}", queue.name),
            Carried::Cell(_) => "a cell".to_owned(),
            Carried::Shared(facts) => facts.name.clone(),
        }
    }
}

fn object(kind: impl crate::value::ObjectKind) -> Value {
    Value::Object(Object::new(kind))
}

struct Packing<'a> {
    passed: &'a mut Passed,
    depth: usize,
}

impl Packing<'_> {
    fn value(&mut self, value: Value) -> Result<Portable, Unsendable> {
        if self.depth > DEPTH_MAX {
            return Err(Unsendable::too_deep());
        }
        self.depth += 1;
        let packed = match value {
            Value::Unit => Portable::Unit,
            Value::Bool(bool) => Portable::Bool(bool),
            Value::Int(int) => Portable::Int(int),
            Value::Float(float) => Portable::Float(float),
            Value::Char(char) => Portable::Char(char),
            Value::String(text) => Portable::String(text.into()),
            Value::Blob(bytes) => Portable::Blob(Rc::unwrap_or_clone(bytes)),
            Value::Array(items) => Portable::Array(self.all(Rc::unwrap_or_clone(items), Step::Index)?),
            Value::Map(map) => Portable::Map(self.map(Rc::unwrap_or_clone(map))?),
            Value::Range(range) => Portable::Range(*range),
            Value::Function(function) => {
                let variables = function.variables();
                let Function { name, home, captured } = Rc::unwrap_or_clone(function);
                let captured = self.all(captured, Step::Captured)?;
                Portable::Function(Box::new(PortableFunction { name, home, captured, variables }))
            }
            Value::Variable(variable) => self.value(variable.sent()?)?,
            Value::Object(object) => self.object(&object)?,
        };
        self.depth -= 1;
        Ok(packed)
    }

    fn all(
        &mut self,
        items: Vec<Value>,
        step: fn(usize) -> Step<'static>,
    ) -> Result<Vec<Portable>, Unsendable> {
        let one = |(index, item)| self.value(item).map_err(|error| error.within(step(index)));
        items.into_iter().enumerate().map(one).collect()
    }

    fn map(&mut self, map: Map) -> Result<Vec<(String, Portable)>, Unsendable> {
        let one = |(key, value): (Text, Value)| match self.value(value) {
            Ok(value) => Ok((key.into(), value)),
            Err(error) => Err(error.within(Step::Key(&key))),
        };
        map.into_iter().map(one).collect()
    }

    fn object(&mut self, object: &Object) -> Result<Portable, Unsendable> {
        let carried = if let Some(queue) = object.downcast::<QueueObject>() {
            let end: &dyn Any = &*queue.0;
            let declared = ends::facts(end).map(|facts| self.end(facts));
            declared.or_else(|| end.downcast_ref::<LocalEnd>().map(|end| self.local(end)))
        } else if let Some(process) = object.downcast::<ProcessObject>() {
            Some(Carried::Process(process_facts(&*process.0)?))
        } else if let Some(cell) = object.downcast::<CellObject>() {
            let cell: &dyn Any = &*cell.0;
            cell.downcast_ref::<HeldCell>().map(|cell| Carried::Cell(cell.cell()))
        } else {
            shared::facts(object).map(Carried::Shared)
        };
        carried.map(|carried| Portable::Object(Box::new(carried))).ok_or_else(|| Unsendable::object(object))
    }

    fn end(&mut self, facts: &QueueFacts) -> Carried {
        if facts.takes {
            self.passed.takes.push(facts.id);
        }
        if facts.puts {
            self.passed.puts.push(facts.id);
        }
        Carried::End(facts.clone())
    }

    fn local(&mut self, end: &LocalEnd) -> Carried {
        let queue = end.queue();
        self.passed.takes.push(queue.id);
        Carried::Queue(queue)
    }
}

/// Only one that is started is known to others than its maker.
fn process_facts(process: &dyn ProcessHandle) -> Result<ProcessFacts, Unsendable> {
    let Some(id) = process.id() else {
        return Err(Unsendable { path: String::new(), what: "a process that is not started".to_owned() });
    };
    let pid = match process.pid() {
        Value::Int(pid) => u32::try_from(pid).unwrap_or(0),
        _ => 0,
    };
    Ok(ProcessFacts { id, pid, name: process.name(), daemon: process.daemon() })
}
