//! What processes share, as bodies hold it: locks, semaphores, events, barriers, counters, tables. Each method is
//! one step that no other process comes between.

use super::Wait;
use crate::script::fault::Fault;
use crate::value::{ObjectKind, Value};
use std::rc::Rc;

/// A lock, or a semaphore.
pub trait Permits {
    /// `Ok(false)`: not in time.
    ///
    /// # Errors
    /// Only when the run is stopping.
    fn acquire(&self, wait: Wait) -> Result<bool, Fault>;
    /// # Errors
    /// `NotHeld` when this process holds none.
    fn release(&self) -> Result<(), Fault>;
}

pub trait Event {
    /// # Errors
    /// Only when the run is stopping.
    fn set(&self) -> Result<(), Fault>;
    /// # Errors
    /// Only when the run is stopping.
    fn clear(&self) -> Result<(), Fault>;
    /// # Errors
    /// Only when the run is stopping.
    fn is_set(&self) -> Result<bool, Fault>;
    /// `Ok(false)`: not in time.
    ///
    /// # Errors
    /// Only when the run is stopping.
    fn wait(&self, wait: Wait) -> Result<bool, Fault>;
}

pub trait Barrier {
    /// Waits for the others; gives how many had come before.
    ///
    /// # Errors
    /// `Broken` when one of them has died, or somebody's time was over.
    fn wait(&self, wait: Wait) -> Result<i64, Fault>;
}

pub trait Counter {
    /// # Errors
    /// Only when the run is stopping.
    fn get(&self) -> Result<i64, Fault>;
    /// # Errors
    /// Only when the run is stopping.
    fn set(&self, value: i64) -> Result<(), Fault>;
    /// The new value.
    ///
    /// # Errors
    /// `Overflow`, and nothing is changed.
    fn add(&self, amount: i64) -> Result<i64, Fault>;
}

#[allow(clippy::len_without_is_empty)] // Scripts have `len` only.
pub trait Table {
    /// `()` when there is none.
    ///
    /// # Errors
    /// Only when the run is stopping.
    fn get(&self, key: &str) -> Result<Value, Fault>;
    /// # Errors
    /// `Unsendable`.
    fn set(&self, key: &str, value: &Value) -> Result<(), Fault>;
    /// The new value; what is not there counts as 0.
    ///
    /// # Errors
    /// `Overflow`; `Type` when what is there is no number.
    fn add(&self, key: &str, amount: &Value) -> Result<Value, Fault>;
    /// What was there, or `()`.
    ///
    /// # Errors
    /// Only when the run is stopping.
    fn remove(&self, key: &str) -> Result<Value, Fault>;
    /// # Errors
    /// Only when the run is stopping.
    fn contains(&self, key: &str) -> Result<bool, Fault>;
    /// # Errors
    /// Only when the run is stopping.
    fn len(&self) -> Result<i64, Fault>;
    /// # Errors
    /// Only when the run is stopping.
    fn keys(&self) -> Result<Value, Fault>;
    /// All of it at one moment, as a map.
    ///
    /// # Errors
    /// Only when the run is stopping.
    fn snapshot(&self) -> Result<Value, Fault>;
}

/// By which members a shared object is used.
pub enum Handle {
    Lock(Rc<dyn Permits>),
    Semaphore(Rc<dyn Permits>),
    Event(Rc<dyn Event>),
    Barrier(Rc<dyn Barrier>),
    Counter(Rc<dyn Counter>),
    Table(Rc<dyn Table>),
}

/// A shared object as a value.
pub struct SharedObject {
    pub name: String,
    /// Its number in the graph: how it is recognised when it is passed on to another process.
    pub id: u32,
    pub handle: Handle,
}

impl ObjectKind for SharedObject {
    fn kind(&self) -> &'static str {
        match self.handle {
            Handle::Lock(_) => "a lock",
            Handle::Semaphore(_) => "a semaphore",
            Handle::Event(_) => "an event",
            Handle::Barrier(_) => "a barrier",
            Handle::Counter(_) => "a counter",
            Handle::Table(_) => "a table",
        }
    }

    fn label(&self) -> String {
        format!("`{}`", self.name)
    }
}
