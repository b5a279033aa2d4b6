//! Waiting for the first of several things: processes and threads that end, queues that have an item or have ended.

use super::client::{Client, patience};
use super::deadline::Deadline;
use super::local::{LocalEnd, LocalQueue};
use crate::script::{Fault, QueueEnd, Wait};
use crate::wire::local::{LocalOn, LocalSeen};
use crate::wire::message::{Answer, Ask};
use std::any::Any;
use std::sync::Arc;

/// The things that are waited for, each with its place among them.
#[derive(Default)]
pub struct Several {
    count: usize,
    processes: Vec<(u32, usize)>,
    queues: Vec<(u32, usize)>,
    locals: Vec<(Arc<LocalQueue>, usize)>,
}

impl Several {
    fn next_place(&mut self) -> usize {
        self.count += 1;
        self.count - 1
    }

    /// A process or thread, by its job.
    pub fn add_process(&mut self, id: u32) {
        let place = self.next_place();
        self.processes.push((id, place));
    }

    /// A queue between processes.
    pub fn add_queue(&mut self, id: u32) {
        let place = self.next_place();
        self.queues.push((id, place));
    }

    /// Any queue.
    pub fn add_end(&mut self, end: &dyn QueueEnd) {
        let any: &dyn Any = end;
        match any.downcast_ref::<LocalEnd>() {
            Some(local) => {
                let place = self.next_place();
                self.locals.push((local.queue(), place));
            }
            None => self.add_queue(end.id()),
        }
    }

    /// Waits for one of them; gives the places of all that are ready, in order, and none when the time is over.
    pub fn wait(&self, client: &Client, wait: Wait) -> Result<Vec<usize>, Fault> {
        let deadline = Deadline::of(wait);
        loop {
            // Flags are raised before the last look, so that what comes behind it is told of.
            let open = self.locals.iter().map(|(queue, _)| queue).filter(|queue| queue.end().is_none());
            let seen = |queue: &Arc<LocalQueue>| {
                Some(LocalSeen { local: queue.id, view: queue.about_to_wait(LocalOn::Get {})? })
            };
            let locals = open.filter_map(seen).collect();
            let left = if self.ready_locals().next().is_some() { Wait::No } else { deadline.left() };
            let (processes, queues) = (numbers(&self.processes), numbers(&self.queues));
            let ask = Ask::WaitAny { processes, queues, locals, patience: patience(left) };
            let told = match client.ask(ask, Vec::new())? {
                Answer::ReadyOnes { indexes } => indexes,
                // One of the queues between threads has changed, or has ended.
                Answer::Done {} => Vec::new(),
                _ => return Err(Fault::Stopped),
            };
            let places: Vec<usize> =
                self.processes.iter().chain(&self.queues).map(|(_, place)| *place).collect();
            let told = told.into_iter().filter_map(|index| places.get(index as usize).copied());
            let mut ready: Vec<usize> = told.chain(self.ready_locals()).collect();
            if !ready.is_empty() || left == Wait::No {
                ready.sort_unstable();
                return Ok(ready);
            }
        }
    }

    fn ready_locals(&self) -> impl Iterator<Item = usize> {
        let is_ready = |queue: &LocalQueue| queue.len() > 0 || queue.end().is_some();
        self.locals.iter().filter(move |(queue, _)| is_ready(queue)).map(|(_, place)| *place)
    }
}

fn numbers(things: &[(u32, usize)]) -> Vec<u32> {
    things.iter().map(|(id, _)| *id).collect()
}
