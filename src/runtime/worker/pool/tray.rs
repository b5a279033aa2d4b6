//! Short tasks that a worker has taken together, so that it need not ask for each.
//!
//! It does them one after the other, and what came of each is said, and the task acknowledged, before the next begins.
//! Nobody is to wait for tasks that another worker could do: before a call waits, or when one takes long, those behind
//! it are given back as if they had never been taken.

use crate::runtime::connection::Item;
use crate::runtime::worker::client::{Client, Moment};
use crate::wire::message::Ask;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Tasks that are taken together are to take no longer than this.
const TOGETHER: Duration = Duration::from_millis(1);
const TOGETHER_MAX: u32 = 32;
/// A task is long when it has taken so much time.
const LONG: Duration = Duration::from_millis(10);

/// A task that is taken and not begun.
pub struct Waiting {
    pub lease: u64,
    pub attempt: u32,
    pub item: Item,
}

/// What lies before a worker.
pub struct Tray {
    /// The queue of its tasks.
    queue: u32,
    waiting: RefCell<VecDeque<Waiting>>,
    /// When the first of them was begun, and the one that it is at.
    filled: Cell<Instant>,
    begun: Cell<Instant>,
    /// How many were begun since it was filled.
    count: Cell<u32>,
}

impl Tray {
    pub fn new(queue: u32) -> Self {
        let now = Cell::new(Instant::now());
        Tray { queue, waiting: RefCell::default(), filled: now.clone(), begun: now, count: Cell::new(0) }
    }

    /// How many are to be taken next, going by how long the last ones took.
    pub fn wanted(&self) -> u32 {
        let each = self.filled.get().elapsed().checked_div(self.count.get());
        let many = |each: Duration| TOGETHER.as_nanos() / each.as_nanos().max(1);
        each.map_or(1, |each| u32::try_from(many(each)).unwrap_or(u32::MAX).clamp(1, TOGETHER_MAX))
    }

    pub fn fill(&self, tasks: VecDeque<Waiting>) {
        *self.waiting.borrow_mut() = tasks;
        self.filled.set(Instant::now());
        self.count.set(0);
    }

    /// The next one begins.
    pub fn next(&self) -> Option<Waiting> {
        let next = self.waiting.borrow_mut().pop_front()?;
        self.begun.set(if self.count.get() == 0 { self.filled.get() } else { Instant::now() });
        self.count.set(self.count.get() + 1);
        Some(next)
    }

    pub fn is_empty(&self) -> bool {
        self.waiting.borrow().is_empty()
    }

    /// Before a call waits for something, or while it runs.
    pub fn before(&self, client: &Client, moment: Moment) {
        if self.is_empty() || (moment == Moment::Runs && self.begun.get().elapsed() <= LONG) {
            return;
        }
        let leases = self.waiting.take().into_iter().map(|waiting| waiting.lease).collect();
        // Whoever cannot be told has gone; the next wait ends the worker.
        let _ = client.tell(Ask::Untake { queue: self.queue, leases });
    }
}
