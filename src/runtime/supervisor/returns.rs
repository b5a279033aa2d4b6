//! Items that go back before anybody has seen them, and questions that are withdrawn: what feeders of programs
//! leave when their program ends.

use super::Supervisor;
use super::ahead::entry;
use crate::wire::message::Parcel;
use std::io;

impl Supervisor<'_> {
    /// Items of a plain queue go back to the front.
    pub(super) fn put_back(&mut self, id: u32, queue: u32, parcels: Vec<Parcel>) -> io::Result<()> {
        let mut items = Vec::with_capacity(parcels.len());
        for parcel in parcels {
            match self.open(id, parcel) {
                Some(item) => items.push(item),
                None => return Ok(()),
            }
        }
        self.jobs[id as usize].not_taken(items.len());
        let state = &mut self.queues[queue as usize];
        if !state.joinable {
            state.machine.put_back(id, items.into_iter().map(entry).collect());
        }
        self.serve_queue(queue)
    }

    /// Items in hand go back to the front, as if they had never been handed out.
    pub(super) fn untake(&mut self, id: u32, queue: u32, leases: &[u64]) -> io::Result<()> {
        self.queues[queue as usize].machine.untake(id, leases);
        self.job_mut(id).not_taken(leases.len());
        self.serve_queue(queue)
    }

    /// The open question is answered as if its time were over.
    pub(super) fn withdraw(&mut self, id: u32) {
        if let Some(wait) = self.job(id).wait.as_ref().map(|wait| wait.id) {
            self.wait_over(id, wait);
        }
    }
}
