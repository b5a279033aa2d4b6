//! Queues that processes make for themselves while they run: those of a pool.

use super::Supervisor;
use super::queues::QueueState;
use crate::ast::{Order, QueueFlavour, WhenFull};
use crate::graph::{Capacity, Queue, QueueId};
use crate::source::{SourceId, Span};
use crate::wire::message::{Answer, Redelivery};

impl Supervisor<'_> {
    /// Adds a queue; who asked for it holds both of its ends.
    pub(super) fn make_queue(
        &mut self,
        job: u32,
        name: String,
        capacity: Option<u64>,
        joinable: Option<Redelivery>,
    ) -> Answer {
        let id = self.queues.len() as u32;
        let dead_letter = joinable.as_ref().and_then(|redelivery| redelivery.dead_letter);
        if dead_letter.is_some_and(|letters| letters >= id) {
            return super::asks::refused("Process", "there is no such queue");
        }
        let queue = Queue {
            name,
            docs: Vec::new(),
            flavour: if joinable.is_some() { QueueFlavour::Joinable } else { QueueFlavour::Plain },
            item_type: None,
            capacity: capacity.map_or(Capacity::Unbounded, |capacity| {
                Capacity::Items(usize::try_from(capacity).unwrap_or(usize::MAX))
            }),
            order: Order::Fifo,
            when_full: WhenFull::Wait,
            redeliver: joinable.map_or(0, |redelivery| redelivery.times),
            dead_letter: dead_letter.map(QueueId),
            span: Span::new(SourceId(0), 0, 0),
        };
        self.queues.push(QueueState::new(id, &queue));
        if let Some(letters) = dead_letter {
            self.queues[letters as usize].serves.push(id);
        }
        let ends = &mut self.job_mut(job).ends;
        ends.puts.insert(id);
        ends.takes.insert(id);
        Answer::QueueMade { queue: id }
    }
}
