//! Work in the background: asked for now and then, and done meanwhile.

use super::Pool;
use super::job::Job;
use crate::script::objects::pool::JobHandle;
use crate::script::{Fault, Wait};
use crate::value::Value;
use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// A job whose results are taken all at once.
pub struct Background {
    pool: Rc<Pool>,
    job: Rc<RefCell<Job>>,
    /// The result is that of the only item.
    single: bool,
    /// What came of it, once somebody has asked.
    result: RefCell<Option<Result<Value, Fault>>>,
}

impl Background {
    pub fn new(pool: Rc<Pool>, job: Rc<RefCell<Job>>, single: bool) -> Self {
        Background { pool, job, single, result: RefCell::new(None) }
    }

    /// The results, or the first error in the order of the items.
    fn settle(&self) -> Result<Value, Fault> {
        let mut job = self.job.borrow_mut();
        let mut results = Vec::new();
        while let Some(outcome) = job.results.take() {
            results.push(outcome?);
        }
        Ok(if self.single { results.pop().unwrap_or(Value::Unit) } else { Value::array(results) })
    }
}

impl JobHandle for Background {
    fn wait(&self, wait: Wait) -> Result<bool, Fault> {
        let deadline = match wait {
            // A time beyond what a clock can hold is as good as for ever.
            Wait::Seconds(seconds) => {
                Duration::try_from_secs_f64(seconds).ok().and_then(|time| Instant::now().checked_add(time))
            }
            Wait::Forever | Wait::No => None,
        };
        loop {
            if self.job.borrow().is_done() {
                self.pool.close_when_done();
                return Ok(true);
            }
            self.pool.check()?;
            self.pool.feed(&self.job)?;
            let left = match (wait, deadline) {
                (Wait::Seconds(_), Some(deadline)) => {
                    Wait::seconds(deadline.saturating_duration_since(Instant::now()).as_secs_f64())
                }
                (Wait::Seconds(_), None) => Wait::Forever,
                (wait, _) => wait,
            };
            if self.job.borrow().has_chunks_out() && !self.pool.hear(left)? {
                return Ok(false);
            }
        }
    }

    fn result(&self) -> Result<Value, Fault> {
        self.result.borrow_mut().get_or_insert_with(|| self.settle()).clone()
    }
}
