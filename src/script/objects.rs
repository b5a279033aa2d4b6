//! What bodies can hold besides data, as traits: queue ends, processes, and the process around the body.
//!
//! The worker implements these over its control socket; tests implement them in memory.

pub mod cell;
pub mod pool;
pub mod program;
pub mod shared;

use super::fault::Fault;
use crate::value::bare::{Bare, Form};
use crate::value::{ObjectKind, Value};
use program::{Finished, NotFinished, Order};
use std::any::Any;
use std::rc::Rc;

/// How long an operation may wait. Scripts give seconds; a negative time counts as zero.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Wait {
    Forever,
    Seconds(f64),
    No,
}

impl Wait {
    /// The wait of a timeout given by a script.
    #[must_use]
    pub fn seconds(seconds: f64) -> Wait {
        if seconds > 0.0 { Wait::Seconds(seconds) } else { Wait::No }
    }
}

/// One end, or both, of a queue, as a body holds it. Values are checked and encoded before `put` returns.
#[allow(clippy::len_without_is_empty)] // Scripts have `is_empty`; it is made of `len`.
pub trait QueueEnd: Any {
    fn name(&self) -> String;
    /// Whether this end may put, and whether it may take.
    fn directions(&self) -> (bool, bool);
    fn joinable(&self) -> bool;
    /// The queue's number in its graph: how an end is recognised when it is passed on to another process.
    fn id(&self) -> u32;
    /// Whether it is a queue between the threads of one process, which no other process can use.
    fn is_local(&self) -> bool {
        false
    }
    /// Puts one item. `Ok(false)`: there was no room in time. Takes the value out of `item`, so that a large
    /// one is not held twice.
    ///
    /// # Errors
    /// `Closed`, `Type`, `Unsendable` as thrown maps.
    fn put(&self, item: &mut Value, wait: Wait) -> Result<bool, Fault>;
    /// Puts all, in order, waiting for room as needed.
    ///
    /// # Errors
    /// As `put`; what was put before the error stays put.
    fn put_many(&self, items: Vec<Value>) -> Result<(), Fault>;
    /// Takes one item; `Ok(None)`: none came in time, or the stream has ended (`ended` tells).
    ///
    /// # Errors
    /// Only when the run is stopping.
    fn get(&self, wait: Wait) -> Result<Option<Value>, Fault>;
    /// Waits for one item and takes up to `count` that are there; empty at the end of the stream.
    ///
    /// # Errors
    /// Only when the run is stopping.
    fn get_many(&self, count: usize) -> Result<Vec<Value>, Fault>;
    /// Takes up to `count` that are there now.
    ///
    /// # Errors
    /// Only when the run is stopping.
    fn try_get_many(&self, count: usize) -> Result<Vec<Value>, Fault> {
        std::iter::from_fn(|| self.get(Wait::No).transpose()).take(count).collect()
    }
    /// The next turn of a `for` loop: acknowledges the item of the last turn (joinable), then takes one.
    /// `turn` is the state of this loop, new for each loop.
    ///
    /// # Errors
    /// As `get`.
    fn next_turn(&self, turn: &mut Turn) -> Result<Option<Value>, Fault>;
    /// A `for` loop is left: nothing is acknowledged, its turn is over. Called when the loop's iterator is dropped.
    fn leave(&self, turn: &mut Turn);
    /// # Errors
    /// Only when the run is stopping.
    fn len(&self) -> Result<usize, Fault>;
    /// Items, or bytes where the queue counts these; `None` when unbounded.
    fn capacity(&self) -> Option<usize>;
    /// Whether it holds as much as it can.
    ///
    /// # Errors
    /// Only when the run is stopping.
    fn is_full(&self) -> Result<bool, Fault> {
        let len = self.len()?;
        Ok(self.capacity().is_some_and(|capacity| len >= capacity))
    }
    /// `()` while open, then a map with `cause`.
    ///
    /// # Errors
    /// Only when the run is stopping.
    fn ended(&self) -> Result<Value, Fault>;
    /// # Errors
    /// Only when the run is stopping.
    fn close(&self) -> Result<(), Fault>;
    /// # Errors
    /// `TaskDone` when nothing is in hand.
    fn task_done(&self) -> Result<(), Fault>;
    /// # Errors
    /// As `task_done`.
    fn task_failed(&self, reason: String) -> Result<(), Fault>;
    /// How often the item in hand was handed out.
    ///
    /// # Errors
    /// As `task_done`.
    fn attempt(&self) -> Result<i64, Fault>;
    /// Waits until every item put was acknowledged; `Ok(false)`: not in time.
    ///
    /// # Errors
    /// Only when the run is stopping.
    fn join(&self, wait: Wait) -> Result<bool, Fault>;
    /// The same end for items as bytes, where it has one.
    fn encoded(&self) -> Option<&dyn EncodedEnd> {
        None
    }
}

/// An end that takes and gives items as the bytes in which they travel. Native bodies, whose items are no values, save the
/// way over values by it.
pub trait EncodedEnd {
    /// As [`QueueEnd::put`]; the bytes may be taken out.
    ///
    /// # Errors
    /// As there.
    fn put_encoded(&self, bytes: &mut Vec<u8>, wait: Wait) -> Result<bool, Fault>;
    /// The same of a text or a blob, from where it lies.
    ///
    /// # Errors
    /// As there.
    fn put_bare(&self, item: Bare<'_>, wait: Wait) -> Result<bool, Fault>;
    /// As [`QueueEnd::get`], into `item`; `Ok(false)`: there is none.
    ///
    /// # Errors
    /// As there.
    fn get_encoded(&self, item: &mut Encoded, wait: Wait) -> Result<bool, Fault>;
    /// As [`QueueEnd::next_turn`], into `item`; `Ok(false)`: there is none.
    ///
    /// # Errors
    /// As there.
    fn next_turn_encoded(&self, item: &mut Encoded, turn: &mut Turn) -> Result<bool, Fault>;
    /// Puts many, in order, waiting for room as needed, and empties the batch.
    ///
    /// # Errors
    /// As `put_encoded`; what was put before the error stays put.
    fn put_batch_encoded(&self, batch: &mut Batch) -> Result<(), Fault>;
    /// As [`QueueEnd::get_many`], item by item.
    ///
    /// # Errors
    /// As there.
    fn get_many_encoded(&self, count: usize, each: &mut dyn FnMut(Option<Form>, &[u8])) -> Result<(), Fault>;
}

/// An item that was taken as bytes.
#[derive(Debug, Default)]
pub struct Encoded {
    /// What the bytes are by themselves. Nothing: they are encoded.
    pub form: Option<Form>,
    pub bytes: Vec<u8>,
}

/// Encoded items, one behind the other.
#[derive(Debug, Default)]
pub struct Batch {
    pub bytes: Vec<u8>,
    /// Where each of them ends.
    pub ends: Vec<usize>,
}

impl Batch {
    /// So many items, or bytes, are put at once.
    const ITEMS: usize = 256;
    const BYTES: usize = 32 << 10;

    pub fn bytes_of(&self, index: usize) -> &[u8] {
        let begin = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.bytes[begin..self.ends[index]]
    }

    pub fn is_full(&self) -> bool {
        self.ends.len() >= Self::ITEMS || self.bytes.len() > Self::BYTES
    }
}

/// The state of one `for` loop over a queue.
#[derive(Debug, Default)]
pub struct Turn {
    /// The lease of the item of this turn, until it is acknowledged.
    pub lease: Option<u64>,
}

/// A process object: made by a template's call, or of the graph.
pub trait ProcessHandle {
    /// # Errors
    /// `Process` when it was started before.
    fn start(&self) -> Result<(), Fault>;
    /// `Ok(false)`: it still runs.
    ///
    /// # Errors
    /// `Process` before `start`, or of the process itself.
    fn join(&self, wait: Wait) -> Result<bool, Fault>;
    /// # Errors
    /// Only when the run is stopping.
    fn is_alive(&self) -> Result<bool, Fault>;
    /// `()` while it runs, 0, a positive code, or minus the signal's number.
    ///
    /// # Errors
    /// Only when the run is stopping.
    fn exitcode(&self) -> Result<Value, Fault>;
    fn name(&self) -> String;
    /// # Errors
    /// `Process` after `start`.
    fn set_name(&self, name: String) -> Result<(), Fault>;
    fn daemon(&self) -> bool;
    /// # Errors
    /// `Process` after `start`.
    fn set_daemon(&self, daemon: bool) -> Result<(), Fault>;
    /// `()` before `start`.
    fn pid(&self) -> Value;
    /// "created", "ready", "running", "waiting", "ended".
    ///
    /// # Errors
    /// Only when the run is stopping.
    fn state(&self) -> Result<String, Fault>;
    /// `()`, or "get lines", "join worker.2", "sleep", …
    ///
    /// # Errors
    /// Only when the run is stopping.
    fn waiting_on(&self) -> Result<Value, Fault>;
    /// # Errors
    /// `Process` before `start`.
    fn terminate(&self) -> Result<(), Fault>;
    /// # Errors
    /// `Process` before `start`.
    fn kill(&self) -> Result<(), Fault>;
    /// Two handles of one process are equal.
    fn same(&self, other: &dyn ProcessHandle) -> bool;
    /// The number of the started process in its run; `None` before `start`.
    fn id(&self) -> Option<u32>;
}

/// The process that a body runs in.
pub trait Surroundings {
    /// Remembers the source line of what comes next, for whoever asks what this process waits for.
    fn at(&self, source: u32, line: u32);
    /// Writes one line to the run's standard output; its place is settled when this returns.
    ///
    /// # Errors
    /// Only when the run is stopping.
    fn print(&self, line: &str) -> Result<(), Fault>;
    /// Writes one line to standard error.
    ///
    /// # Errors
    /// Only when the run is stopping.
    fn debug(&self, line: &str) -> Result<(), Fault>;
    fn pid(&self) -> i64;
    fn ppid(&self) -> i64;
    /// # Errors
    /// Only when the run is stopping.
    fn sleep(&self, seconds: f64) -> Result<(), Fault>;
    /// Makes a process object of template `template` of the unit; one argument for each parameter, in order;
    /// `None` where the default is to be taken.
    ///
    /// # Errors
    /// `Argument` when an argument does not fit its parameter.
    fn create(&self, template: usize, arguments: Vec<Option<Value>>) -> Result<Value, Fault>;
    fn current_process(&self) -> Value;
    /// # Errors
    /// Only when the run is stopping.
    fn active_children(&self) -> Result<Vec<Value>, Fault>;
    /// Those of the process and queue objects that are ready; empty when none was in time.
    ///
    /// # Errors
    /// `Type` for other values.
    fn wait(&self, things: &[Value], wait: Wait) -> Result<Vec<Value>, Fault>;
    /// A pool of worker processes.
    ///
    /// # Errors
    /// `Process` where no processes can be started.
    fn pool(&self, settings: pool::PoolSettings) -> Result<Rc<dyn pool::PoolHandle>, Fault>;
    /// Called at loop edges and calls now and then: an error ends the body.
    ///
    /// # Errors
    /// When the process is to end.
    fn poll(&self) -> Result<(), Fault>;
    /// Runs a program to its end, and collects what it prints.
    ///
    /// # Errors
    /// When it cannot be started, or does not end by itself.
    fn run_program(&self, order: &Order) -> Result<Finished, NotFinished>;
    /// Lines of standard input; only main has one. `None` at its end.
    ///
    /// # Errors
    /// `Io`.
    fn stdin_line(&self) -> Result<Option<String>, Fault>;
    /// Makes a queue between the threads of this process.
    ///
    /// # Errors
    /// Only when the run is stopping, or where no process is.
    fn local_queue(&self, _capacity: usize, _joinable: bool) -> Result<Value, Fault> {
        Err(Fault::error("Process", "a queue between threads is possible in bodies only"))
    }
    /// Makes a cell for the threads of this process.
    ///
    /// # Errors
    /// `Unsendable` for a value that no other thread can have.
    fn cell(&self, _value: Value) -> Result<Value, Fault> {
        Err(Fault::error("Process", "a cell between threads is possible in bodies only"))
    }
    /// Whether the next line, or the end, is there.
    fn stdin_is_ready(&self) -> bool {
        true
    }
}

/// What to do where something that lives between the threads of one process is given to another.
pub const INSTEAD_OF_LOCAL: &str = "only threads of one process share it; declare a `queue`";

/// A queue end as a value.
pub struct QueueObject(pub Rc<dyn QueueEnd>);

impl ObjectKind for QueueObject {
    fn kind(&self) -> &'static str {
        if self.0.is_local() { "a local queue" } else { "a queue end" }
    }
    fn instead(&self) -> Option<&'static str> {
        self.0.is_local().then_some(INSTEAD_OF_LOCAL)
    }
    fn label(&self) -> String {
        format!("`{}`", self.0.name())
    }
}

/// A process as a value.
pub struct ProcessObject(pub Rc<dyn ProcessHandle>);

impl ObjectKind for ProcessObject {
    fn kind(&self) -> &'static str {
        "a process"
    }
    fn label(&self) -> String {
        format!("`{}`", self.0.name())
    }
}

/// A template's name as a value: `worker.named(#{…})`.
pub struct TemplateObject {
    pub unit: Rc<super::unit::Unit>,
    pub index: usize,
}

impl ObjectKind for TemplateObject {
    fn kind(&self) -> &'static str {
        "a template"
    }
    fn label(&self) -> String {
        self.unit
            .templates
            .get(self.index)
            .map_or_else(String::new, |template| format!("`{}`", template.name))
    }
}

/// A lazy stream that `for` can walk: lines of a file, …
pub trait Stream {
    /// # Errors
    /// What the source of the items throws.
    fn next(&mut self) -> Result<Option<Value>, Fault>;
    /// Takes what can be had of the next items without doing anything for it.
    fn take_ready(&mut self, _into: &mut Vec<Value>) {}
    /// Whether the next item can be had at once, as far as is known.
    fn is_ready(&self) -> bool {
        true
    }
}

/// A stream as a value.
pub struct StreamObject(pub std::cell::RefCell<Box<dyn Stream>>);

impl ObjectKind for StreamObject {
    fn kind(&self) -> &'static str {
        "a stream"
    }
}
