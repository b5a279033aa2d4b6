//! What an observer is told again and again: who waits, and how many items have passed.
//!
//! Items go through rings, and processes wait at them, without the supervisor; so it looks now and then, and tells what
//! has changed since it looked last.

use super::Supervisor;
use super::job::{Job, MAIN};
use super::timers::Due;
use crate::observe::{Event, ProcessCount, QueueCount};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// What was seen last.
pub struct Looks {
    every: Duration,
    /// What each of those who waited waited for.
    waits: BTreeMap<u32, String>,
    counts: (Vec<ProcessCount>, Vec<QueueCount>),
}

/// Looking costs something: no more often than this.
const EVERY_MIN: Duration = Duration::from_millis(1);

impl Looks {
    pub fn new(every: Duration) -> Looks {
        Looks { every: every.max(EVERY_MIN), waits: BTreeMap::new(), counts: Default::default() }
    }
}

impl Supervisor<'_> {
    /// Has the next look done in time.
    pub(super) fn look_later(&mut self) {
        if let Some(at) = self.looks.as_ref().and_then(|looks| Instant::now().checked_add(looks.every)) {
            self.timers.set(at, Due::Look);
        }
    }

    /// Tells what has changed.
    pub(super) fn look_around(&mut self) {
        let Some(mut looks) = self.looks.take() else { return };
        let before = std::mem::take(&mut looks.waits);
        for id in 0..self.jobs.len() as u32 {
            let job = self.job(id);
            let what = if job.is_over() { None } else { self.waiting_on(job) };
            self.tell_of_wait(id, before.get(&id), what.as_ref());
            if let Some(what) = what {
                looks.waits.insert(id, what);
            }
        }
        let counts = self.counts();
        if counts != looks.counts {
            let (processes, queues) = counts.clone();
            self.observer.event(&Event::Counted { processes, queues });
            looks.counts = counts;
        }
        self.looks = Some(looks);
        self.look_later();
    }

    fn tell_of_wait(&mut self, id: u32, before: Option<&String>, now: Option<&String>) {
        if before == now {
            return;
        }
        let job = self.job(id);
        let name = job.name.clone();
        let event = match now {
            Some(what) => {
                let (source, line) = self.line_of(job);
                Event::Waiting { name, what: what.clone(), at: (line > 0).then_some((source, line)) }
            }
            // The end of a process is told by itself.
            None if job.is_over() => return,
            None => Event::GoesOn { name },
        };
        self.observer.event(&event);
    }

    /// Of all that have begun.
    fn counts(&self) -> (Vec<ProcessCount>, Vec<QueueCount>) {
        let counted = |job: &&Job| job.attempts > 0 || (job.id == MAIN && self.graph.main.is_some());
        let processes = self.jobs.iter().filter(counted).map(|job| ProcessCount {
            name: job.name.clone(),
            items_in: job.items_in(),
            items_out: job.items_out(),
        });
        let queues = self
            .queues
            .iter()
            .map(|queue| QueueCount { name: queue.name.clone(), items: queue.len() as u64 });
        (processes.collect(), queues.collect())
    }
}
