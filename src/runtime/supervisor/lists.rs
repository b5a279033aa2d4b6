//! Jobs in a certain state, so that nobody looks for them among thousands that are not.

use super::Supervisor;
use super::job::{State, WaitOn};
use std::collections::BTreeSet;

#[derive(Default)]
pub struct Lists {
    /// Those that come after others.
    pub to_come: Vec<u32>,
    /// Those that are to be started again, and some that were.
    restarting: BTreeSet<u32>,
    /// Those that wait for processes to end, or for one of several things.
    joiners: BTreeSet<u32>,
}

impl Lists {
    /// A job waits.
    pub fn waits(&mut self, id: u32, on: &WaitOn) {
        if matches!(on, WaitOn::Join { .. } | WaitOn::Any { .. }) {
            self.joiners.insert(id);
        }
    }

    /// A job does not wait any more.
    pub fn goes_on(&mut self, id: u32) {
        self.joiners.remove(&id);
    }

    /// Those that may wait for a process.
    pub fn joiners(&self) -> Vec<u32> {
        self.joiners.iter().copied().collect()
    }

    pub fn restarts(&mut self, id: u32) {
        self.restarting.insert(id);
    }
}

impl Supervisor<'_> {
    /// Those that are to be started again.
    pub(super) fn restarting(&mut self) -> Vec<u32> {
        let jobs = &self.jobs;
        self.lists.restarting.retain(|&id| jobs[id as usize].state == State::RestartDue);
        self.lists.restarting.iter().copied().collect()
    }
}
