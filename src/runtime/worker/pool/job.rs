//! One call of a pool: which items are out, which are not sent yet, what came of the others. It knows nothing of
//! queues and processes.

use super::input::Input;
use super::message::{Answer, Task};
use super::prefix::Prefix;
use super::results::Results;
use super::sizes::Sizes;
use crate::script::Fault;
use crate::value::{Function, Value};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

/// Chunks out for each worker, at least: one in its hand, one that waits for it.
const OUT_A_WORKER: usize = 2;
/// Short ones are more that wait, for about so many nanoseconds of work: who gives them out need not hurry.
const WAITING: u64 = 1_000_000;
const WAITING_MAX: u64 = 63;
/// Chunks for each worker that are out, or done and not taken.
const KEPT_A_WORKER: usize = 8;

/// How far a job may run ahead of whoever takes its results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ahead {
    /// Some chunks.
    Window,
    /// As far as it comes, in small steps.
    Free,
    /// All is sent at once.
    AtOnce,
}

/// Items that a worker has, or will get.
#[derive(Debug)]
struct Chunk {
    first: usize,
    items: Rc<Vec<Value>>,
    /// How many of them are done.
    done: usize,
    /// How many are the worker's; those behind were given back.
    len: usize,
}

/// How a job begins.
pub struct Plan {
    pub id: i64,
    pub function: Rc<Function>,
    pub spread: bool,
    pub sizes: Sizes,
    pub workers: usize,
    pub ahead: Ahead,
    pub ordered: bool,
}

/// A call under way.
pub struct Job {
    plan: Plan,
    /// Absent while it is being read.
    pub input: Option<Input>,
    pub input_is_over: bool,
    back: VecDeque<(usize, Vec<Value>)>,
    chunks: BTreeMap<i64, Chunk>,
    next_item: usize,
    next_chunk: i64,
    pub results: Results,
    finished: Prefix,
    /// How many nanoseconds a chunk of the size that was asked for took lately.
    chunk_takes: Option<u64>,
    /// Items whose place in a joinable queue can be given up.
    pub to_acknowledge: usize,
}

impl Job {
    pub fn new(plan: Plan, input: Input) -> Self {
        Job {
            results: Results::new(plan.ordered),
            plan,
            input: Some(input),
            input_is_over: false,
            back: VecDeque::new(),
            chunks: BTreeMap::new(),
            next_item: 0,
            next_chunk: 0,
            finished: Prefix::default(),
            chunk_takes: None,
            to_acknowledge: 0,
        }
    }

    pub fn id(&self) -> i64 {
        self.plan.id
    }

    /// Nothing more will come of it than what its results have.
    pub fn is_done(&self) -> bool {
        self.input_is_over && self.back.is_empty() && self.chunks.is_empty()
    }

    pub fn has_chunks_out(&self) -> bool {
        !self.chunks.is_empty()
    }

    /// Somebody waits for all of it.
    pub fn hurry(&mut self) {
        if self.plan.ahead == Ahead::Window {
            self.plan.ahead = Ahead::Free;
        }
    }

    /// Whether another chunk may be sent. What was given back goes first: others may wait for its results.
    pub fn has_room(&self) -> bool {
        let (out, workers) = (self.chunks.len(), self.plan.workers);
        let kept = out + self.results.pieces();
        match self.plan.ahead {
            Ahead::AtOnce => true,
            Ahead::Window if self.back.is_empty() && kept >= workers * KEPT_A_WORKER => false,
            Ahead::Window | Ahead::Free => out < workers * self.out_a_worker(),
        }
    }

    fn out_a_worker(&self) -> usize {
        let waiting = self.chunk_takes.map_or(0, |takes| (WAITING / takes.max(1)).min(WAITING_MAX));
        OUT_A_WORKER.max(1 + waiting as usize)
    }

    /// Whether there is something that is not sent yet, as far as is known.
    pub fn has_more(&self) -> bool {
        !self.back.is_empty() || !self.input_is_over
    }

    /// How many items the next chunk is to have.
    pub fn size(&self) -> usize {
        let left = self.input.as_ref().and_then(Input::left);
        self.plan.sizes.next(left, self.plan.workers)
    }

    /// Items that were given back, as many as a chunk has.
    pub fn take_back(&mut self) -> Option<(usize, Vec<Value>)> {
        let size = self.size();
        let (first, mut items) = self.back.pop_front()?;
        if items.len() > size {
            let rest = items.split_off(size);
            self.back.push_front((first + size, rest));
        }
        Some((first, items))
    }

    /// The place of items that were just read.
    pub fn place(&mut self, items: usize) -> usize {
        let first = self.next_item;
        self.next_item += items;
        first
    }

    /// A chunk to be sent.
    pub fn task(&mut self, first: usize, items: Vec<Value>) -> Task {
        let (chunk, items) = (self.next_chunk, Rc::new(items));
        self.next_chunk += 1;
        self.chunks.insert(chunk, Chunk { first, items: items.clone(), done: 0, len: items.len() });
        Task {
            job: self.plan.id,
            chunk,
            spread: self.plan.spread,
            hasty: self.plan.sizes.is_measured(),
            function: self.plan.function.clone(),
            items,
        }
    }

    /// How large a chunk was that is sent.
    pub fn weigh(&mut self, items: usize, bytes: usize) {
        self.plan.sizes.weigh(items, bytes);
    }

    /// A chunk that could not be sent: its items come back.
    pub fn not_sent(&mut self, task: Task) -> Vec<Value> {
        self.chunks.remove(&task.chunk);
        Rc::unwrap_or_clone(task.items)
    }

    /// Nothing comes of one item.
    pub fn failed(&mut self, item: usize, fault: Fault) {
        self.add(item, vec![Value::Unit], vec![(0, fault)]);
    }

    /// Takes in what a worker says. A second answer to the same chunk, by a worker that got it once more, says
    /// nothing new.
    pub fn absorb(&mut self, answer: Answer) {
        let Some(chunk) = self.chunks.get_mut(&answer.chunk) else { return };
        if answer.first != chunk.done || answer.results.len() > chunk.len - chunk.done {
            return;
        }
        let (first, count) = (chunk.first + chunk.done, answer.results.len());
        chunk.done += count;
        let kept = chunk.len.min(chunk.done.saturating_add(answer.keeps));
        let given_back = chunk.items[kept..chunk.len].to_vec();
        chunk.len = kept;
        if !given_back.is_empty() {
            self.back.push_back((chunk.first + kept, given_back));
        }
        if chunk.done == chunk.len {
            self.chunks.remove(&answer.chunk);
        }
        if !self.plan.sizes.is_measured() && count > 0 {
            let before = self.chunk_takes.unwrap_or(answer.nanoseconds);
            self.chunk_takes = Some(before.midpoint(answer.nanoseconds));
        }
        self.plan.sizes.measure(count, answer.nanoseconds);
        let elsewhere = |(place, failure)| (place, Fault::Elsewhere(Box::new(failure)));
        self.add(first, answer.results, answer.failures.into_iter().map(elsewhere).collect());
    }

    /// A chunk has taken down all workers that had it. They have told of each item before the deadly one, which
    /// is given to `fault`; those behind it come back.
    pub fn died(&mut self, chunk: i64, fault: impl FnOnce(&Value) -> Fault) {
        let Some(Chunk { first, items, done, len }) = self.chunks.remove(&chunk) else { return };
        let Some([deadly, rest @ ..]) = items.get(done..len) else { return };
        if !rest.is_empty() {
            self.back.push_back((first + done + 1, rest.to_vec()));
        }
        self.failed(first + done, fault(deadly));
    }

    fn add(&mut self, first: usize, values: Vec<Value>, failures: Vec<(usize, Fault)>) {
        self.to_acknowledge += self.finished.finish(first, values.len());
        self.results.add(first, values, failures);
    }
}

#[cfg(test)]
#[path = "job_tests.rs"]
mod tests;
