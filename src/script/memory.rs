//! Queues, processes and surroundings in memory, for tests: bodies run without any process.

mod pool;

use super::fault::Fault;
use super::objects::pool::{PoolHandle, PoolSettings};
use super::objects::program::{Finished, NotFinished, Order};
use super::objects::{ProcessHandle, ProcessObject, QueueEnd, QueueObject, Surroundings, Turn, Wait};
use crate::value::{Object, Value};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

/// A queue that never waits: what would wait for ever is the end of its stream, or full.
pub(super) struct MemoryQueue {
    pub(super) name: &'static str,
    pub(super) items: RefCell<VecDeque<Value>>,
    pub(super) capacity: usize,
    pub(super) directions: (bool, bool),
    pub(super) joinable: bool,
    pub(super) done: Cell<usize>,
    /// How many loops were left with an item in hand.
    pub(super) left: Cell<usize>,
    pub(super) closed: Cell<bool>,
    /// Thrown by `next_turn` when the items are used up.
    pub(super) fails_at_end: bool,
}

impl MemoryQueue {
    pub(super) fn new(name: &'static str, items: impl IntoIterator<Item = Value>) -> Self {
        MemoryQueue {
            name,
            items: RefCell::new(items.into_iter().collect()),
            capacity: 3,
            directions: (true, true),
            joinable: false,
            done: Cell::new(0),
            left: Cell::new(0),
            closed: Cell::new(false),
            fails_at_end: false,
        }
    }

    pub(super) fn value(self) -> (Rc<MemoryQueue>, Value) {
        let queue = Rc::new(self);
        (queue.clone(), Value::Object(Object::new(QueueObject(queue))))
    }
}

impl QueueEnd for MemoryQueue {
    fn name(&self) -> String {
        self.name.to_owned()
    }
    fn directions(&self) -> (bool, bool) {
        self.directions
    }
    fn joinable(&self) -> bool {
        self.joinable
    }
    fn id(&self) -> u32 {
        self.name.len() as u32
    }
    fn put(&self, item: &mut Value, _wait: Wait) -> Result<bool, Fault> {
        if self.items.borrow().len() >= self.capacity {
            return Ok(false);
        }
        self.items.borrow_mut().push_back(item.take());
        Ok(true)
    }
    fn put_many(&self, items: Vec<Value>) -> Result<(), Fault> {
        self.items.borrow_mut().extend(items);
        Ok(())
    }
    fn get(&self, _wait: Wait) -> Result<Option<Value>, Fault> {
        Ok(self.items.borrow_mut().pop_front())
    }
    fn get_many(&self, count: usize) -> Result<Vec<Value>, Fault> {
        let count = count.min(self.items.borrow().len());
        Ok(self.items.borrow_mut().drain(..count).collect())
    }
    fn next_turn(&self, turn: &mut Turn) -> Result<Option<Value>, Fault> {
        if turn.lease.take().is_some() {
            self.done.set(self.done.get() + 1);
        }
        let item = self.items.borrow_mut().pop_front();
        turn.lease = item.as_ref().map(|_| 1);
        if item.is_none() && self.fails_at_end {
            return Err(Fault::error("Io", "the line is dead"));
        }
        Ok(item)
    }
    fn leave(&self, turn: &mut Turn) {
        if turn.lease.take().is_some() {
            self.left.set(self.left.get() + 1);
        }
    }
    fn len(&self) -> Result<usize, Fault> {
        Ok(self.items.borrow().len())
    }
    fn capacity(&self) -> Option<usize> {
        Some(self.capacity)
    }
    fn ended(&self) -> Result<Value, Fault> {
        Ok(if self.closed.get() { Value::map([("cause", Value::string("done"))]) } else { Value::Unit })
    }
    fn close(&self) -> Result<(), Fault> {
        self.closed.set(true);
        Ok(())
    }
    fn task_done(&self) -> Result<(), Fault> {
        self.done.set(self.done.get() + 1);
        Ok(())
    }
    fn task_failed(&self, reason: String) -> Result<(), Fault> {
        Err(Fault::error("TaskDone", reason))
    }
    fn attempt(&self) -> Result<i64, Fault> {
        Ok(2)
    }
    fn join(&self, wait: Wait) -> Result<bool, Fault> {
        Ok(wait == Wait::Forever)
    }
}

/// A process that writes down what it is told.
#[derive(Default)]
pub(super) struct MemoryProcess {
    pub(super) name: RefCell<String>,
    pub(super) daemon: Cell<bool>,
    pub(super) log: Rc<RefCell<Vec<String>>>,
}

impl MemoryProcess {
    pub(super) fn value(self) -> Value {
        Value::Object(Object::new(ProcessObject(Rc::new(self))))
    }

    fn note(&self, what: &str) {
        self.log.borrow_mut().push(format!("{what} {}", self.name.borrow()));
    }
}

impl ProcessHandle for MemoryProcess {
    fn start(&self) -> Result<(), Fault> {
        self.note("start");
        Ok(())
    }
    fn join(&self, wait: Wait) -> Result<bool, Fault> {
        self.note(&format!("join {wait:?}"));
        Ok(wait == Wait::Forever)
    }
    fn is_alive(&self) -> Result<bool, Fault> {
        Ok(true)
    }
    fn exitcode(&self) -> Result<Value, Fault> {
        Ok(Value::Int(-15))
    }
    fn name(&self) -> String {
        self.name.borrow().clone()
    }
    fn set_name(&self, name: String) -> Result<(), Fault> {
        *self.name.borrow_mut() = name;
        Ok(())
    }
    fn daemon(&self) -> bool {
        self.daemon.get()
    }
    fn set_daemon(&self, daemon: bool) -> Result<(), Fault> {
        self.daemon.set(daemon);
        Ok(())
    }
    fn pid(&self) -> Value {
        Value::Int(77)
    }
    fn state(&self) -> Result<String, Fault> {
        Ok("waiting".to_owned())
    }
    fn waiting_on(&self) -> Result<Value, Fault> {
        Ok(Value::string("get lines"))
    }
    fn terminate(&self) -> Result<(), Fault> {
        self.note("terminate");
        Ok(())
    }
    fn kill(&self) -> Result<(), Fault> {
        self.note("kill");
        Ok(())
    }
    fn same(&self, other: &dyn ProcessHandle) -> bool {
        other.name() == *self.name.borrow()
    }
    fn id(&self) -> Option<u32> {
        None
    }
}

/// A process around a body that remembers what it was asked for.
#[derive(Default)]
pub(super) struct MemorySurroundings {
    pub(super) log: Rc<RefCell<Vec<String>>>,
    pub(super) lines: RefCell<Vec<u32>>,
    /// `poll` says that the process is to end.
    pub(super) stopping: Cell<bool>,
    pub(super) input: RefCell<VecDeque<String>>,
    /// How the next program ends; without it, it prints what it reads.
    pub(super) finished: RefCell<Option<Result<Finished, NotFinished>>>,
}

impl MemorySurroundings {
    fn note(&self, what: String) {
        self.log.borrow_mut().push(what);
    }
}

impl Surroundings for MemorySurroundings {
    fn at(&self, _source: u32, line: u32) {
        self.lines.borrow_mut().push(line);
    }
    fn print(&self, line: &str) -> Result<(), Fault> {
        self.note(line.to_owned());
        Ok(())
    }
    fn debug(&self, line: &str) -> Result<(), Fault> {
        self.note(format!("debug {line}"));
        Ok(())
    }
    fn pid(&self) -> i64 {
        7
    }
    fn ppid(&self) -> i64 {
        1
    }
    fn sleep(&self, seconds: f64) -> Result<(), Fault> {
        self.note(format!("sleep {seconds}"));
        Ok(())
    }
    fn create(&self, template: usize, arguments: Vec<Option<Value>>) -> Result<Value, Fault> {
        self.note(format!("create {template} {arguments:?}"));
        let name = RefCell::new(format!("new.{template}"));
        Ok(MemoryProcess { name, daemon: Cell::new(false), log: self.log.clone() }.value())
    }
    fn current_process(&self) -> Value {
        MemoryProcess { name: RefCell::new("me".into()), ..MemoryProcess::default() }.value()
    }
    fn active_children(&self) -> Result<Vec<Value>, Fault> {
        Ok(vec![self.current_process()])
    }
    fn wait(&self, things: &[Value], wait: Wait) -> Result<Vec<Value>, Fault> {
        self.note(format!("wait {} {wait:?}", things.len()));
        Ok(things.to_vec())
    }
    fn pool(&self, settings: PoolSettings) -> Result<Rc<dyn PoolHandle>, Fault> {
        Ok(Rc::new(pool::MemoryPool::new(settings, self.log.clone())))
    }
    fn poll(&self) -> Result<(), Fault> {
        if self.stopping.get() { Err(Fault::Stopped) } else { Ok(()) }
    }
    fn run_program(&self, order: &Order) -> Result<Finished, NotFinished> {
        self.note(format!("{order:?}"));
        let canned = self.finished.borrow_mut().take();
        canned.unwrap_or_else(|| Ok(Finished { stdout: order.stdin.clone(), ..Finished::default() }))
    }
    fn stdin_line(&self) -> Result<Option<String>, Fault> {
        Ok(self.input.borrow_mut().pop_front())
    }
}
