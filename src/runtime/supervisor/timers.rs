//! What is due when: deadlines of waits, timeouts of processes, restarts, the grace of a stop.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::{Duration, Instant};

/// What a timer is for. A timer whose cause is gone is ignored when it fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Due {
    /// The wait of this number of a job.
    Wait {
        job: u32,
        wait: u64,
    },
    /// The time limit of a job's attempt.
    Limit {
        job: u32,
        attempt: u32,
    },
    /// One whose time is over has had its grace.
    LimitKill {
        job: u32,
        attempt: u32,
    },
    Restart {
        job: u32,
        attempt: u32,
    },
    /// A daemon has had its time to end by itself.
    DaemonGrace,
    /// Those who were asked to end have had their time.
    KillGrace,
    /// Who waits for room in this queue has waited long enough for more of it.
    Room {
        queue: u32,
    },
    /// A ring's lock was held when something was wanted of it.
    Ring {
        queue: u32,
    },
    /// Who is stuck is to be found out.
    Judge,
    /// A caller from outside has had its time.
    Caller {
        number: u32,
    },
    /// There may be a descriptor again for one.
    Listen,
    /// The run has taken as long as it may.
    RunLimit,
    /// The observer wants to know how things are.
    Look,
    /// This zygote has had its time to get ready.
    Zygote {
        called: u32,
    },
}

/// Deadlines, the next first.
#[derive(Debug, Default)]
pub struct Timers {
    heap: BinaryHeap<Reverse<(Instant, Due)>>,
}

impl Timers {
    pub fn set(&mut self, at: Instant, due: Due) {
        self.heap.push(Reverse((at, due)));
    }

    /// How long until the next one; `None` when there is none.
    #[must_use]
    pub fn next_in(&self, now: Instant) -> Option<Duration> {
        self.heap.peek().map(|Reverse((at, _))| at.saturating_duration_since(now))
    }

    /// Takes the next one that is due.
    pub fn pop(&mut self, now: Instant) -> Option<Due> {
        let Reverse((at, _)) = self.heap.peek()?;
        if *at > now {
            return None;
        }
        self.heap.pop().map(|Reverse((_, due))| due)
    }
}
