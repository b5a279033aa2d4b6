//! A second look before a verdict that cannot be taken back: a deadlock is told when the same waits are still there
//! after a moment, and nobody counts as waiting who is being killed.
//!
//! The first look can come too early in two ways. Others may be on their way into the same deadlock: the report is to
//! have them all. And a process that was killed from outside waits, for all that we have heard, until the kernel is
//! done with it: its death, not its wait, is what counts.

use super::Supervisor;
use super::job::MAIN;
use crate::queue::wait::{Report, Snapshot};
use crate::runtime::os::process;
use std::time::{Duration, Instant};

/// The second look at a deadlock comes so much later.
const CONFIRM_AFTER: Duration = Duration::from_millis(100);
/// A death that is on its way is looked for so often,
const DEATH_WITHIN: Duration = Duration::from_millis(2);
/// and for so long: one that was stopped before it was killed gently does not end.
const DEATH_AT_MOST: Duration = Duration::from_millis(500);

/// What the first look has seen.
#[derive(Debug, Default)]
pub struct Suspicion {
    /// Those who are stuck, by job and the number of its wait.
    stuck: Vec<(u32, u64)>,
    since: Option<Instant>,
    /// Since when a death is awaited.
    dying: Option<Instant>,
}

impl Supervisor<'_> {
    /// Whether those who are stuck have been so for a while, in the same waits.
    pub(super) fn is_confirmed(&mut self, report: &Report) -> bool {
        let wait = |id: u32| match &self.job(id).wait {
            Some(wait) => wait.id,
            None => self.ring_wait(self.job(id)).map_or(0, |wait| wait.word),
        };
        let stuck: Vec<(u32, u64)> = report.stuck.iter().map(|(id, _)| (*id, wait(*id))).collect();
        let now = Instant::now();
        // Others may have come to it meanwhile; nobody leaves a deadlock.
        let same = self.suspicion.stuck.iter().all(|one| stuck.contains(one));
        let since = self.suspicion.since.filter(|_| same).unwrap_or(now);
        let ids: Vec<u32> = stuck.iter().map(|(id, _)| *id).collect();
        (self.suspicion.stuck, self.suspicion.since) = (stuck, Some(since));
        if now.duration_since(since) < CONFIRM_AFTER {
            self.judge_in(CONFIRM_AFTER);
            return false;
        }
        !self.awaits_a_death(&ids)
    }

    /// Whether one of those who could still put into these queues is being killed: its end says what becomes of them.
    pub(super) fn is_held_by_the_dying(&mut self, snapshot: &Snapshot, queues: &[u32]) -> bool {
        let holds = |holds: &[u32]| holds.iter().any(|queue| queues.contains(queue));
        let holders = snapshot.processes.iter().filter(|process| holds(&process.holds));
        let holders: Vec<u32> = holders.map(|process| process.id).collect();
        self.awaits_a_death(&holders)
    }

    fn awaits_a_death(&mut self, ids: &[u32]) -> bool {
        let dying = |id: &u32| {
            let job = self.job(*id);
            let pid = self.job(job.host.unwrap_or(*id)).child.as_ref().map(|child| child.pid);
            let waits = job.wait.is_some() || self.ring_wait(job).is_some();
            waits && *id != MAIN && pid.is_some_and(process::is_dying)
        };
        if !ids.iter().any(dying) {
            self.suspicion.dying = None;
            return false;
        }
        let since = *self.suspicion.dying.get_or_insert_with(Instant::now);
        let awaited = since.elapsed() < DEATH_AT_MOST;
        if awaited {
            self.judge_in(DEATH_WITHIN);
        }
        awaited
    }
}
