//! Items that nobody leases, on their way to who has asked for them. Until its page says that the answer is there they
//! are the queue's: what has not arrived when the process ends goes back to the front.

use super::Supervisor;
use super::ahead::entry;
use crate::runtime::connection::Item;

/// The items of one answer.
pub struct OnTheWay {
    /// That of the question, which the page names when the answer is there.
    number: u32,
    queue: u32,
    items: Vec<Item>,
}

impl Supervisor<'_> {
    /// Remembers what an answer takes along, for as long as it may be needed: a job has one question open.
    pub(super) fn is_on_its_way(&mut self, id: u32, number: u32, queue: u32, items: Vec<Item>) {
        let on_the_way = (!items.is_empty()).then_some(OnTheWay { number, queue, items });
        self.job_mut(id).on_the_way = on_the_way;
    }

    /// It has said something since, or says that it has what it was given.
    pub(super) fn has_arrived(&mut self, id: u32) {
        self.job_mut(id).on_the_way = None;
    }

    /// What has not arrived of a process that is over goes back.
    pub(super) fn return_to_sender(&mut self, id: u32) {
        let still = self.still_on_the_way(id).is_some();
        let Some(OnTheWay { queue, items, .. }) = self.job_mut(id).on_the_way.take().filter(|_| still) else {
            return;
        };
        self.job_mut(id).not_taken(items.len());
        self.queues[queue as usize].machine.put_back(id, items.into_iter().map(entry).collect());
    }

    fn still_on_the_way(&self, id: u32) -> Option<&OnTheWay> {
        let job = self.job(id);
        let (on_the_way, page) = (job.on_the_way.as_ref()?, job.page.as_ref()?);
        (page.arrived() != on_the_way.number).then_some(on_the_way)
    }

    /// How many items of each queue may still come back: its stream has not ended while there are some.
    pub(super) fn on_the_way(&self) -> Vec<usize> {
        let mut items = vec![0; self.queues.len()];
        let all = self.jobs.iter().filter_map(|job| self.still_on_the_way(job.id));
        all.for_each(|on_the_way| items[on_the_way.queue as usize] += on_the_way.items.len());
        items
    }
}
