//! The chunk that a worker is at: what came of its items and was not said yet.
//!
//! Nobody is to wait for results that are there, or for items that another worker could do. So before a call
//! waits for something, and when the chunk has taken long, what came of the items before it is said, and those
//! behind it are given back.

use super::labour::thrown;
use super::message::{Answer, Task};
use super::pack;
use crate::runtime::worker::client::{Client, Moment};
use crate::script::{Ending, Failure};
use crate::value::Value;
use crate::wire::message::{Ask, Patience};
use std::cell::RefCell;
use std::time::{Duration, Instant};

/// A hasty chunk is long when it has taken so much time.
const LONG: Duration = Duration::from_millis(10);

/// Of calls that are shorter than this not each is timed, but so many together.
const SHORT: Duration = Duration::from_micros(5);
const LOOK_AFTER: u32 = 8;

/// Where the chunk of a worker lies.
pub struct Desk {
    results: u32,
    chunk: RefCell<Option<Chunk>>,
}

struct Chunk {
    /// What is to be said next.
    answer: Answer,
    /// Items that are the worker's, those behind the answer.
    keeps: usize,
    hasty: bool,
    /// When the first call of the answer began, and the last one ended of which it is known.
    begun: Instant,
    ended: Instant,
    /// So many calls have ended since, and after so many the clock is looked at.
    since: u32,
    look_after: u32,
}

impl Desk {
    pub fn new(results: u32) -> Self {
        Desk { results, chunk: RefCell::new(None) }
    }

    /// A chunk is begun; one that is not hasty is done to its end before anything is said.
    pub fn begin(&self, task: &Task, hasty: bool) {
        let answer = Answer {
            job: task.job,
            chunk: task.chunk,
            first: 0,
            keeps: 0,
            nanoseconds: 0,
            results: Vec::new(),
            failures: Vec::new(),
        };
        let now = Instant::now();
        let chunk =
            Chunk { answer, keeps: task.items.len(), hasty, begun: now, ended: now, since: 0, look_after: 1 };
        *self.chunk.borrow_mut() = Some(chunk);
    }

    /// Takes in what came of the next item; false when the rest was or is to be given back.
    pub fn add(&self, outcome: Result<Value, Failure>) -> bool {
        let mut chunk = self.chunk.borrow_mut();
        let Some(chunk) = &mut *chunk else { return false };
        match outcome {
            Ok(value) => chunk.answer.results.push(value),
            Err(failure) => {
                chunk.answer.failures.push((chunk.answer.results.len(), failure));
                chunk.answer.results.push(Value::Unit);
            }
        }
        chunk.keeps -= 1;
        chunk.count_call();
        chunk.keeps > 0 && !(chunk.hasty && chunk.ended - chunk.begun > LONG)
    }

    /// Before the call of an item waits, or while it runs: lets nobody wait for the others.
    pub fn before(&self, client: &Client, moment: Moment) {
        let mut chunk = self.chunk.borrow_mut();
        let Some(chunk) = chunk.as_mut().filter(|chunk| chunk.hasty) else { return };
        let is_alone = chunk.keeps == 1 && chunk.answer.results.is_empty();
        if is_alone || (moment == Moment::Runs && chunk.begun.elapsed() <= LONG) {
            return;
        }
        chunk.keeps = 1;
        // Whoever cannot be told has gone; the next wait ends the worker.
        let _ = chunk.say(client, self.results);
    }

    /// Says what came of the items so far; the worker goes on with the others.
    pub fn say_rest(&self, client: &Client) -> Result<(), Ending> {
        let mut chunk = self.chunk.borrow_mut();
        match chunk.as_mut().filter(|chunk| chunk.keeps > 0) {
            Some(chunk) => chunk.say(client, self.results),
            None => Ok(()),
        }
    }

    /// The worker is done with the chunk, whatever is left of it.
    pub fn end(&self, client: &Client) -> Result<(), Ending> {
        match self.chunk.borrow_mut().take() {
            Some(mut chunk) => {
                chunk.keeps = 0;
                chunk.look_at_clock();
                // The worker asks for the next one with the same breath.
                chunk.prepare(client, self.results)
            }
            None => Ok(()),
        }
    }
}

impl Chunk {
    /// To look at the clock takes as long as a short call.
    fn count_call(&mut self) {
        self.since += 1;
        if self.since >= self.look_after {
            self.look_at_clock();
        }
    }

    fn look_at_clock(&mut self) {
        if self.since > 0 {
            let now = Instant::now();
            let are_short = now - self.ended < SHORT * self.since;
            (self.ended, self.since, self.look_after) = (now, 0, if are_short { LOOK_AFTER } else { 1 });
        }
    }

    /// Says what came of some items; the next answer begins behind them.
    fn say(&mut self, client: &Client, queue: u32) -> Result<(), Ending> {
        self.prepare(client, queue)?;
        client.flush().map_err(|_| Ending::Stopped)
    }

    /// The same, said with what is said next. There is always room for it.
    fn prepare(&mut self, client: &Client, queue: u32) -> Result<(), Ending> {
        let answer = &mut self.answer;
        let count = answer.results.len();
        let next =
            Answer { first: answer.first + count, results: Vec::new(), failures: Vec::new(), ..*answer };
        answer.keeps = self.keeps;
        let took = self.ended - self.begun;
        answer.nanoseconds = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        let answer = std::mem::replace(answer, next.clone());
        self.begun = self.ended;
        let mut descriptors = Vec::new();
        let packed = pack(&answer.into_value(), &mut descriptors);
        let parcel = packed.or_else(|error| {
            // There is no memory for the results: that is what came of them.
            let failure = thrown("Memory", format!("the results cannot be sent: {error}"));
            let failures = (0..count).map(|place| (place, failure.clone())).collect();
            let first = next.first - count;
            let results = vec![Value::Unit; count];
            let answer = Answer { first, keeps: self.keeps, results, failures, ..next };
            pack(&answer.into_value(), &mut descriptors)
        });
        let parcel = parcel.map_err(|_| Ending::Stopped)?;
        let ask = Ask::Put { queue, items: vec![parcel], patience: Patience::No {} };
        client.tell_soon(ask, descriptors);
        Ok(())
    }
}
