//! Locks, tables and the like, as bodies hold them: all of them live in the supervisor.

use super::client::{Client, patience};
use crate::runtime::parcel::{self, PackError};
use crate::script::objects::shared::{Barrier, Counter, Event, Handle, Permits, SharedObject, Table};
use crate::script::{Fault, Wait};
use crate::value::{Object, Value, sendable};
use crate::wire::message::{Answer, Ask, Parcel};
use crate::wire::shared::{CounterAsk, EventAsk, PermitAsk, SharedAsk, SharedFacts, SharedKind, TableAsk};
use rustix::fd::OwnedFd;
use std::rc::Rc;

/// A shared object whose state lives in the supervisor.
struct Remote {
    client: Rc<Client>,
    facts: SharedFacts,
}

/// The object as bodies hold it.
pub fn object(client: Rc<Client>, facts: SharedFacts) -> Value {
    let (name, id, kind) = (facts.name.clone(), facts.id, facts.kind);
    let remote = Rc::new(Remote { client, facts });
    let handle = match kind {
        SharedKind::Lock => Handle::Lock(remote),
        SharedKind::Semaphore => Handle::Semaphore(remote),
        SharedKind::Event => Handle::Event(remote),
        SharedKind::Barrier => Handle::Barrier(remote),
        SharedKind::Counter => Handle::Counter(remote),
        SharedKind::Table => Handle::Table(remote),
    };
    Value::Object(Object::new(SharedObject { name, id, handle }))
}

/// What is to be known of a value that is a shared object, to pass it on.
pub fn shared_of(value: &Value) -> Option<SharedFacts> {
    if let Value::Object(object) = value { facts(object) } else { None }
}

/// The same of an object.
pub fn facts(object: &Object) -> Option<SharedFacts> {
    let object = object.downcast::<SharedObject>()?;
    let kind = match object.handle {
        Handle::Lock(_) => SharedKind::Lock,
        Handle::Semaphore(_) => SharedKind::Semaphore,
        Handle::Event(_) => SharedKind::Event,
        Handle::Barrier(_) => SharedKind::Barrier,
        Handle::Counter(_) => SharedKind::Counter,
        Handle::Table(_) => SharedKind::Table,
    };
    Some(SharedFacts { id: object.id, name: object.name.clone(), kind })
}

impl Remote {
    /// The key under which errors name it.
    fn word(&self) -> &'static str {
        match self.facts.kind {
            SharedKind::Lock => "lock",
            SharedKind::Semaphore => "semaphore",
            SharedKind::Event => "event",
            SharedKind::Barrier => "barrier",
            SharedKind::Counter => "counter",
            SharedKind::Table => "table",
        }
    }

    fn named(&self, fault: Fault) -> Fault {
        fault.with(self.word(), Value::string(&*self.facts.name))
    }

    fn ask(&self, ask: SharedAsk, descriptors: Vec<OwnedFd>) -> Result<Answer, Fault> {
        let ask = Ask::Shared { shared: self.facts.id, ask };
        self.client.ask(ask, descriptors).map_err(|fault| self.named(fault))
    }

    fn value(&self, ask: SharedAsk, descriptors: Vec<OwnedFd>) -> Result<Value, Fault> {
        let Answer::Value { parcel } = self.ask(ask, descriptors)? else { return Err(Fault::Stopped) };
        self.client.unpack(parcel).map_err(|error| {
            let message = format!("what {} `{}` holds cannot be read: {error}", self.word(), self.facts.name);
            self.named(Fault::error("Memory", message))
        })
    }

    fn int(&self, ask: SharedAsk) -> Result<i64, Fault> {
        self.value(ask, Vec::new())?.as_int().ok_or(Fault::Stopped)
    }

    fn bool(&self, ask: SharedAsk) -> Result<bool, Fault> {
        Ok(matches!(self.value(ask, Vec::new())?, Value::Bool(true)))
    }

    /// Whether something was to be had in time.
    fn in_time(&self, ask: SharedAsk) -> Result<bool, Fault> {
        Ok(!matches!(self.ask(ask, Vec::new())?, Answer::NotInTime { .. }))
    }

    fn pack(&self, key: &str, value: &Value, descriptors: &mut Vec<OwnedFd>) -> Result<Parcel, Fault> {
        // A snapshot holds the value one level deeper.
        let entry = Value::map([(key, value.clone())]);
        let packed = sendable::check(&entry)
            .map_err(PackError::Unsendable)
            .and_then(|()| parcel::pack(value))
            .and_then(|item| item.into_parcel(descriptors).map_err(PackError::Memory));
        let table = &self.facts.name;
        packed.map_err(|error| {
            self.named(match error {
                PackError::Unsendable(what) => {
                    Fault::error("Unsendable", format!("cannot set in table `{table}`: {what}"))
                }
                error @ PackError::Memory(_) => {
                    Fault::error("Memory", format!("cannot set in table `{table}`: {error}"))
                }
            })
        })
    }
}

fn permit(ask: PermitAsk) -> SharedAsk {
    SharedAsk::Permit { ask }
}

fn event(ask: EventAsk) -> SharedAsk {
    SharedAsk::Event { ask }
}

fn counter(ask: CounterAsk) -> SharedAsk {
    SharedAsk::Counter { ask }
}

fn table(ask: TableAsk) -> SharedAsk {
    SharedAsk::Table { ask }
}

impl Permits for Remote {
    fn acquire(&self, wait: Wait) -> Result<bool, Fault> {
        self.in_time(permit(PermitAsk::Acquire { patience: patience(wait) }))
    }

    fn release(&self) -> Result<(), Fault> {
        self.ask(permit(PermitAsk::Release {}), Vec::new()).map(drop)
    }
}

impl Event for Remote {
    fn set(&self) -> Result<(), Fault> {
        self.ask(event(EventAsk::Set {}), Vec::new()).map(drop)
    }

    fn clear(&self) -> Result<(), Fault> {
        self.ask(event(EventAsk::Clear {}), Vec::new()).map(drop)
    }

    fn is_set(&self) -> Result<bool, Fault> {
        self.bool(event(EventAsk::IsSet {}))
    }

    fn wait(&self, wait: Wait) -> Result<bool, Fault> {
        self.in_time(event(EventAsk::Wait { patience: patience(wait) }))
    }
}

impl Barrier for Remote {
    fn wait(&self, wait: Wait) -> Result<i64, Fault> {
        self.int(SharedAsk::Barrier { patience: patience(wait) })
    }
}

impl Counter for Remote {
    fn get(&self) -> Result<i64, Fault> {
        self.int(counter(CounterAsk::Get {}))
    }

    fn set(&self, value: i64) -> Result<(), Fault> {
        self.int(counter(CounterAsk::Set { value })).map(drop)
    }

    fn add(&self, amount: i64) -> Result<i64, Fault> {
        self.int(counter(CounterAsk::Add { amount }))
    }
}

impl Table for Remote {
    fn get(&self, key: &str) -> Result<Value, Fault> {
        self.value(table(TableAsk::Get { key: key.to_owned() }), Vec::new())
    }

    fn set(&self, key: &str, value: &Value) -> Result<(), Fault> {
        let mut descriptors = Vec::new();
        let value = self.pack(key, value, &mut descriptors)?;
        self.ask(table(TableAsk::Set { key: key.to_owned(), value }), descriptors).map(drop)
    }

    fn add(&self, key: &str, amount: &Value) -> Result<Value, Fault> {
        let mut descriptors = Vec::new();
        let amount = self.pack(key, amount, &mut descriptors)?;
        self.value(table(TableAsk::Add { key: key.to_owned(), amount }), descriptors)
    }

    fn remove(&self, key: &str) -> Result<Value, Fault> {
        self.value(table(TableAsk::Remove { key: key.to_owned() }), Vec::new())
    }

    fn contains(&self, key: &str) -> Result<bool, Fault> {
        self.bool(table(TableAsk::Contains { key: key.to_owned() }))
    }

    fn len(&self) -> Result<i64, Fault> {
        self.int(table(TableAsk::Len {}))
    }

    fn keys(&self) -> Result<Value, Fault> {
        self.value(table(TableAsk::Keys {}), Vec::new())
    }

    fn snapshot(&self) -> Result<Value, Fault> {
        self.value(table(TableAsk::Snapshot {}), Vec::new())
    }
}
