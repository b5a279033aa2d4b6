//! Pools of worker processes, as bodies hold them, and the handles of what they were given to do.

use super::{Stream, Wait};
use crate::script::fault::Fault;
use crate::value::{Function, ObjectKind, Value};
use std::rc::Rc;

/// What a pool is made with.
#[derive(Clone, Debug)]
pub struct PoolSettings {
    pub workers: u32,
    /// Items that a worker takes at once; `None`: as many as are worth it.
    pub chunk: Option<usize>,
    /// A worker that has done so many tasks is replaced.
    pub max_tasks: Option<u64>,
    /// Each worker calls it once, before its first task.
    pub initializer: Option<Rc<Function>>,
}

/// A function and what it is to be called with.
pub struct Work {
    /// The member that was called, for messages.
    pub call: &'static str,
    pub function: Rc<Function>,
    /// An array, a range, a queue end or a stream: read as it is needed.
    pub items: Value,
    /// Each item is an array of arguments, and not the one argument.
    pub spread: bool,
    pub chunk: Option<usize>,
}

/// In which order results are wanted, and how soon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// That of the items, all of them: whoever asks does nothing else meanwhile.
    All,
    /// That of the items, one after the other; only some are worked out ahead.
    Input,
    /// As they come; only some are worked out ahead.
    Arrival,
}

/// A pool.
pub trait PoolHandle {
    fn name(&self) -> String;
    /// Results as the stream is asked for them. A stream that is dropped abandons what was not begun.
    ///
    /// # Errors
    /// `Closed` after `close`, `Type` for items that cannot be walked, `Unsendable` for a function.
    fn stream(self: Rc<Self>, work: Work, order: Order) -> Result<Box<dyn Stream>, Fault>;
    /// Gives the workers all of it at once; the job gives an array, or with `single` the one result.
    ///
    /// # Errors
    /// As `stream`, and what reading the items throws.
    fn submit(self: Rc<Self>, work: Work, single: bool) -> Result<Rc<dyn JobHandle>, Fault>;
    /// Takes nothing more.
    ///
    /// # Errors
    /// Only when the run is stopping.
    fn close(&self) -> Result<(), Fault>;
    /// Ends the workers now.
    ///
    /// # Errors
    /// Only when the run is stopping.
    fn terminate(&self) -> Result<(), Fault>;
    /// Waits until all is done and the workers have ended.
    ///
    /// # Errors
    /// `Process` before `close` or `terminate`.
    fn join(&self) -> Result<(), Fault>;
}

/// Work that a pool does in the background.
pub trait JobHandle {
    /// `Ok(false)`: it is not done in time.
    ///
    /// # Errors
    /// `Closed` when the pool has ended without doing it.
    fn wait(&self, wait: Wait) -> Result<bool, Fault>;
    /// The result of a job that is done.
    ///
    /// # Errors
    /// What the first item that failed has thrown.
    fn result(&self) -> Result<Value, Fault>;
}

/// A pool as a value.
pub struct PoolObject(pub Rc<dyn PoolHandle>);

impl ObjectKind for PoolObject {
    fn kind(&self) -> &'static str {
        "a pool"
    }
    fn label(&self) -> String {
        format!("`{}`", self.0.name())
    }
}

/// A job of a pool as a value.
pub struct JobObject(pub Rc<dyn JobHandle>);

impl ObjectKind for JobObject {
    fn kind(&self) -> &'static str {
        "a job of a pool"
    }
}
