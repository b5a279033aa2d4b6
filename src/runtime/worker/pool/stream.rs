//! Results one after the other, as a loop asks for them.

use super::super::several::Several;
use super::Pool;
use super::input::Input;
use super::job::Job;

use crate::script::objects::Stream;
use crate::script::{Fault, Wait};
use crate::value::Value;
use std::cell::RefCell;
use std::rc::Rc;

/// How often a stream that is not ready is looked at while there is work to wait for, in seconds.
const LOOK_EVERY: f64 = 0.02;

/// The results of a job. When it is dropped the rest of the job is abandoned.
pub struct Streamed {
    pool: Rc<Pool>,
    job: Rc<RefCell<Job>>,
}

impl Streamed {
    pub fn new(pool: Rc<Pool>, job: Rc<RefCell<Job>>) -> Self {
        Streamed { pool, job }
    }

    /// Gives the workers something to begin with, unless that might take a while.
    ///
    /// # Errors
    /// Only when the run is stopping.
    pub fn begin(&self) -> Result<(), Fault> {
        let reads_quickly = self.job.borrow().input.as_ref().is_some_and(Input::is_at_hand);
        if reads_quickly { self.pool.feed(&self.job) } else { Ok(()) }
    }

    /// Whether something may be sent.
    fn is_hungry(&self) -> bool {
        let job = self.job.borrow();
        job.has_more() && job.has_room()
    }

    /// Waits for a result, or for an item that can be sent.
    fn wait(&self) -> Result<(), Fault> {
        let hungry = self.is_hungry();
        let (queue, is_ready) = match self.job.borrow().input.as_ref().filter(|_| hungry) {
            Some(input) => (input.queue().cloned(), input.is_ready()),
            None => (None, true),
        };
        let Some(queue) = queue else {
            // Nobody tells when a stream is ready.
            let wait = if is_ready { Wait::Forever } else { Wait::seconds(LOOK_EVERY) };
            return self.pool.hear(wait).map(drop);
        };
        let mut either = Several::default();
        either.add_queue(self.pool.results);
        either.add_end(&*queue);
        let ready = either.wait(&self.pool.client, Wait::Forever)?;
        if ready.contains(&0) { self.pool.hear(Wait::No).map(drop) } else { Ok(()) }
    }
}

impl Stream for Streamed {
    fn next(&mut self) -> Result<Option<Value>, Fault> {
        loop {
            if self.is_hungry() && self.pool.check().is_ok() {
                self.pool.feed(&self.job)?;
            }
            if let Some(outcome) = self.job.borrow_mut().results.take() {
                return outcome.map(Some);
            }
            if self.job.borrow().is_done() {
                self.pool.close_when_done();
                return Ok(None);
            }
            self.pool.check()?;
            if self.job.borrow().has_chunks_out() {
                self.wait()?;
            }
        }
    }

    fn take_ready(&mut self, into: &mut Vec<Value>) {
        self.job.borrow_mut().results.take_values(into);
    }

    fn is_ready(&self) -> bool {
        let job = self.job.borrow();
        job.results.has_some() || !job.has_chunks_out()
    }
}

impl Drop for Streamed {
    fn drop(&mut self) {
        self.pool.abandon(&self.job);
    }
}
