//! The run at this moment, for those who ask from outside: as data, from the same snapshot as deadlocks are found by.

use super::Supervisor;
use super::job::{Job, MAIN, State};
use super::queue_state::QueueState;
use crate::queue::store::Capacity;
use crate::queue::wait::{Held, On, held_up};
use crate::runtime::os::process::Exit;
use crate::wire::watch::{CapacityNow, EndNow, HeldNow, OnNow, ProcessNow, QueueNow, RunNow, StateNow};
use std::time::Instant;

/// Of those that have ended, so many are listed.
const ENDED_LISTED: usize = 100;
/// Bodies give names, which may be long.
const NAME_CHARACTERS: usize = 100;

/// By job: its index in the list, for those that are in it.
type Indexes = Vec<Option<u32>>;

impl Supervisor<'_> {
    pub(super) fn picture(&self) -> RunNow {
        let listed = self.listed();
        let mut indexes: Indexes = vec![None; self.jobs.len()];
        for (index, job) in (0..).zip(&listed) {
            indexes[job.id as usize] = Some(index);
        }
        let held = held_up(&self.snapshot());
        let now = Instant::now();
        let processes = listed.iter().map(|job| {
            let held = held[job.id as usize].as_ref().and_then(|held| held_now(held, &indexes));
            self.process_now(job, held, &indexes, now)
        });
        RunNow {
            pid: std::process::id(),
            script: self.source_name(0),
            age_ms: ms_between(self.began, now),
            processes: processes.collect(),
            ended: self.jobs.iter().filter(|job| self.has_ended(job)).count() as u64,
            queues: self.queues.iter().map(|queue| queue_now(queue, self.unfinished(queue.id))).collect(),
            shared: self.shared.iter().map(|it| (it.kind.word().to_owned(), clipped(&it.name))).collect(),
        }
    }

    /// All that have not ended, and the last of those that have, in the order of their ids.
    fn listed(&self) -> Vec<&Job> {
        let ended = self.jobs.iter().rev().filter(|job| self.has_ended(job));
        let first_listed = ended.take(ENDED_LISTED).last().map_or(0, |job| job.id);
        let is_listed = |job: &&Job| !job.is_over() || (self.has_ended(job) && job.id >= first_listed);
        self.jobs.iter().filter(is_listed).collect()
    }

    /// Main without a body was never there.
    fn has_ended(&self, job: &Job) -> bool {
        job.is_over() && (job.id != MAIN || self.graph.main.is_some())
    }

    fn process_now(&self, job: &Job, held: Option<HeldNow>, indexes: &Indexes, now: Instant) -> ProcessNow {
        let (source, line) = self.line_of(job);
        let since = self.since(job);
        ProcessNow {
            name: clipped(&job.name),
            pid: job.pid(),
            thread: job.host.is_some(),
            daemon: job.daemon,
            state: self.state_now(job, indexes),
            state_ms: ms_between(since, now),
            at: (line > 0).then(|| (self.source_name(source), line)),
            silent_ms: ms_between(job.heard.max(since), now),
            held,
            items_in: job.items_in(),
            items_out: job.items_out(),
            restarts: job.attempts.saturating_sub(1),
        }
    }

    fn state_now(&self, job: &Job, indexes: &Indexes) -> StateNow {
        let end = EndNow { code: job.last_exit.map_or(0, Exit::code), timed_out: job.timed_out };
        match job.state_now() {
            State::Pending => {
                let open = job.after.iter().filter(|&&before| !self.job(before).is_over());
                StateNow::Created { after: open.filter_map(|&before| indexes[before as usize]).collect() }
            }
            State::RestartDue => StateNow::RestartDue { time: job.attempts, end },
            State::Ready => StateNow::Ready {},
            State::Running => match self.waiting_on(job) {
                Some(what) => StateNow::Waiting {
                    what: clipped(&what),
                    on: self.waiting(job).map(|wait| things(&self.on(&wait.on), indexes)).unwrap_or_default(),
                    timed: self.waiting(job).is_some_and(|wait| wait.timed),
                },
                None => StateNow::Running {},
            },
            State::Ended(exit) => {
                StateNow::Ended { end: EndNow { code: exit.code(), timed_out: job.timed_out } }
            }
            State::Skipped => StateNow::Skipped {},
        }
    }

    fn source_name(&self, source: u32) -> String {
        let source = self.graph.sources.iter().nth(source as usize);
        source.map_or_else(String::new, |(_, source)| clipped(source.name()))
    }
}

fn held_now(held: &Held, indexes: &Indexes) -> Option<HeldNow> {
    let by = indexes.get(held.by as usize).copied().flatten()?;
    Some(HeldNow { on: thing(&held.on, indexes)?, by, of: held.of })
}

fn things(on: &On, indexes: &Indexes) -> Vec<OnNow> {
    match on {
        On::Any(list) => list.iter().filter_map(|on| thing(on, indexes)).collect(),
        one => thing(one, indexes).into_iter().collect(),
    }
}

fn thing(on: &On, indexes: &Indexes) -> Option<OnNow> {
    Some(match *on {
        On::Get(queue) => OnNow::Item { queue },
        On::Put(queue) => OnNow::Room { queue },
        On::Acknowledged(queue) => OnNow::Acknowledgement { queue },
        On::Join(process) => OnNow::End { process: indexes.get(process as usize).copied().flatten()? },
        On::Permit(shared) => OnNow::Permit { shared },
        On::Event(shared) => OnNow::Event { shared },
        On::Barrier(shared) => OnNow::Barrier { shared },
        On::Any(_) => return None,
    })
}

fn queue_now(queue: &QueueState, unfinished: usize) -> QueueNow {
    QueueNow {
        name: clipped(&queue.name),
        len: queue.len() as u64,
        capacity: match queue.capacity {
            Capacity::Unbounded => CapacityNow::Unbounded {},
            Capacity::Items(items) => CapacityNow::Items { items: items as u64 },
            Capacity::Bytes(bytes) => CapacityNow::Bytes { bytes },
        },
        full: queue.is_full(),
        unfinished: queue.joinable.then_some(unfinished as u64),
        ended: queue.end.is_some(),
    }
}

fn ms_between(from: Instant, to: Instant) -> u64 {
    u64::try_from(to.saturating_duration_since(from).as_millis()).unwrap_or(u64::MAX)
}

fn clipped(name: &str) -> String {
    match name.char_indices().nth(NAME_CHARACTERS) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.to_owned(),
    }
}
