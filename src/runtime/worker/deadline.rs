//! Until when an operation may wait.

use crate::script::Wait;
use std::time::Instant;

/// Until when an operation may wait.
#[derive(Clone, Copy, Debug)]
pub struct Deadline {
    wait: Wait,
    /// Of a wait that ends by itself.
    begin: Option<Instant>,
}

impl Deadline {
    pub fn of(wait: Wait) -> Self {
        let begin = matches!(wait, Wait::Seconds(_)).then(Instant::now);
        Deadline { wait, begin }
    }

    /// What is left of the time.
    pub fn left(self) -> Wait {
        match (self.wait, self.begin) {
            (Wait::Seconds(seconds), Some(begin)) => Wait::seconds(seconds - begin.elapsed().as_secs_f64()),
            (wait, _) => wait,
        }
    }
}
