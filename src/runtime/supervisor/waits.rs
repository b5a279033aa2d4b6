//! Waiting: who waits for what, how waits end, and what is to be done about those that never would.

use super::Supervisor;
use super::asks::no_process;
use super::job::{MAIN, State, Wait, WaitOn};
use super::queues::Cause;
use super::shared::SharedObject;
use super::timers::Due;
use crate::observe::{Event, Stuck};
use crate::queue::wait::{On, ProcessState, ProcessView, QueueView, Report, Snapshot, Verdict, Waits};
use crate::queue::wait::{judge, without_takers};
use crate::wire::message::{Answer, Patience};
use std::time::{Duration, Instant};

/// A wait that may be for ever is looked at this much later: the time in which most are over.
const JUDGE_AFTER: Duration = Duration::from_millis(5);

impl Supervisor<'_> {
    /// Remembers that a job waits; its answer comes later.
    pub(super) fn wait_for(
        &mut self,
        id: u32,
        (number, at): (u32, (u32, u32)),
        on: WaitOn,
        patience: &Patience,
    ) {
        self.waits += 1;
        let wait = self.waits;
        let timed = match patience {
            Patience::Forever {} => false,
            Patience::Seconds { seconds } => {
                // A time beyond what a clock can hold is as good as for ever.
                let time = Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX);
                let due = Instant::now().checked_add(time);
                if let Some(due) = due {
                    self.timers.set(due, Due::Wait { job: id, wait });
                }
                true
            }
            Patience::No {} => true,
        };
        self.job_mut(id).wait = Some(Wait { id: wait, number, at, on, timed });
        if !timed && !self.judge_due {
            self.judge_due = true;
            self.timers.set(Instant::now() + JUDGE_AFTER, Due::Judge);
        }
    }

    /// Ends a job's wait and takes it off the lists of its queue.
    pub(super) fn take_wait(&mut self, id: u32) -> Option<Wait> {
        let wait = self.job_mut(id).wait.take()?;
        match &wait.on {
            WaitOn::Put { queue, .. } => self.queues[*queue as usize].putters.retain(|&job| job != id),
            WaitOn::Get(wanted) => self.queues[wanted.queue as usize].getters.retain(|&job| job != id),
            WaitOn::Drain { queue } => self.queues[*queue as usize].drainers.retain(|&job| job != id),
            WaitOn::Shared { shared } => self.withdraw_from_shared(id, *shared),
            WaitOn::Join { .. } | WaitOn::Any { .. } | WaitOn::Sleep => {}
        }
        Some(wait)
    }

    /// A wait's time is over.
    pub(super) fn wait_over(&mut self, id: u32, wait: u64) {
        if self.job(id).wait.as_ref().is_none_or(|current| current.id != wait) {
            return;
        }
        let Some(wait) = self.take_wait(id) else { return };
        let answer = match wait.on {
            WaitOn::Sleep => Answer::Done {},
            WaitOn::Put { accepted, .. } => Answer::NotInTime { accepted },
            WaitOn::Get(_) | WaitOn::Drain { .. } | WaitOn::Join { .. } => Answer::NotInTime { accepted: 0 },
            WaitOn::Any { .. } => Answer::ReadyOnes { indexes: Vec::new() },
            WaitOn::Shared { shared } => return self.shared_wait_over(id, wait.number, shared),
        };
        self.answer(id, wait.number, answer, Vec::new());
    }

    pub(super) fn join(&mut self, id: u32, wait: (u32, (u32, u32)), process: u32, patience: Patience) {
        let number = wait.0;
        let Some(other) = self.jobs.get(process as usize) else {
            return self.answer(id, number, no_process(), Vec::new());
        };
        if process == id {
            let message = "a process cannot join itself".to_owned();
            let answer = Answer::Refused { kind: "Process".to_owned(), message };
            return self.answer(id, number, answer, Vec::new());
        }
        if other.is_over() {
            self.joined(id, process);
            return self.answer(id, number, Answer::Done {}, Vec::new());
        }
        if matches!(patience, Patience::No {}) {
            return self.answer(id, number, Answer::NotInTime { accepted: 0 }, Vec::new());
        }
        self.wait_for(id, wait, WaitOn::Join { process }, &patience);
    }

    fn joined(&mut self, by: u32, process: u32) {
        if by == MAIN {
            self.job_mut(process).joined_by_main = true;
        }
    }

    /// Wakes those who joined a process that is over now.
    pub(super) fn wake_joiners(&mut self, process: u32) {
        for id in 0..self.jobs.len() as u32 {
            let joins = matches!(
                self.job(id).wait,
                Some(Wait { on: WaitOn::Join { process: other }, .. }) if other == process
            );
            if joins && let Some(wait) = self.take_wait(id) {
                self.joined(id, process);
                self.answer(id, wait.number, Answer::Done {}, Vec::new());
            }
        }
    }

    /// Which of the things of a `wait([…])` are ready: by index, processes first.
    pub(super) fn ready_ones(&self, on: &WaitOn) -> Vec<u32> {
        let WaitOn::Any { processes, queues } = on else { return Vec::new() };
        let over = processes.iter().map(|&id| self.jobs.get(id as usize).is_none_or(super::Job::is_over));
        let full = queues.iter().map(|&id| match self.queues.get(id as usize) {
            Some(queue) => queue.len() > 0 || queue.end.is_some(),
            None => true,
        });
        over.chain(full).zip(0..).filter_map(|(ready, index)| ready.then_some(index)).collect()
    }

    /// Answers those `wait([…])` for which something is ready.
    pub(super) fn answer_any_waits(&mut self) {
        for id in 0..self.jobs.len() as u32 {
            let Some(Wait { on: on @ WaitOn::Any { .. }, .. }) = &self.job(id).wait else { continue };
            let indexes = self.ready_ones(on);
            if indexes.is_empty() {
                continue;
            }
            if let Some(wait) = self.take_wait(id) {
                self.answer(id, wait.number, Answer::ReadyOnes { indexes }, Vec::new());
            }
        }
    }

    /// "get lines", "put results", "join worker.2", …
    pub(super) fn describe(&self, on: &WaitOn) -> String {
        let queue = |id: &u32| self.queues.get(*id as usize).map_or("?", |queue| queue.name.as_str());
        let process = |id: &u32| self.jobs.get(*id as usize).map_or("?", |job| job.name.as_str());
        match on {
            WaitOn::Put { queue: id, .. } => format!("put {}", queue(id)),
            WaitOn::Get(wanted) => format!("get {}", queue(&wanted.queue)),
            WaitOn::Drain { queue: id } => format!("join {}", queue(id)),
            WaitOn::Join { process: id } => format!("join {}", process(id)),
            WaitOn::Shared { shared } => {
                self.shared.get(*shared as usize).map_or_else(String::new, SharedObject::label)
            }
            WaitOn::Sleep => "sleep".to_owned(),
            WaitOn::Any { processes, queues } => {
                let names: Vec<&str> =
                    processes.iter().map(process).chain(queues.iter().map(queue)).collect();
                format!("wait {}", names.join(", "))
            }
        }
    }

    /// Finds the streams that have ended and the processes that can never go on.
    pub(super) fn judge(&mut self) {
        while !self.stop.is_stopping() {
            let snapshot = self.snapshot();
            if self.close_to_putters(&snapshot) {
                continue;
            }
            match judge(&snapshot) {
                Verdict::Fine => break,
                Verdict::End(queues) => {
                    for queue in queues {
                        self.end_queue(queue, None);
                    }
                }
                Verdict::Break(barriers) => {
                    barriers.into_iter().for_each(|barrier| self.break_deserted(barrier));
                }
                Verdict::Deadlock(report) => {
                    self.deadlock(&report);
                    break;
                }
            }
        }
    }

    /// Queues that somebody took from, but that nobody can any more: putters are told. A queue that never had
    /// a consumer just fills.
    fn close_to_putters(&mut self, snapshot: &Snapshot) -> bool {
        let lost =
            without_takers(snapshot).into_iter().filter(|&queue| self.queues[queue as usize].was_taken_from);
        let lost: Vec<u32> = lost.collect();
        for &queue in &lost {
            self.end_queue(queue, Some(Cause::NoConsumer));
        }
        !lost.is_empty()
    }

    fn snapshot(&self) -> Snapshot {
        let mut leases: Vec<Vec<u32>> = vec![Vec::new(); self.jobs.len()];
        for queue in &self.queues {
            queue.lessees().for_each(|job| leases[job as usize].push(queue.id));
        }
        let mut permits: Vec<Vec<u32>> = vec![Vec::new(); self.jobs.len()];
        for (id, object) in (0..).zip(&self.shared) {
            object.holders().into_iter().for_each(|job| permits[job as usize].push(id));
        }
        let processes =
            self.jobs.iter().zip(leases).zip(permits).map(|((job, leases), permits)| ProcessView {
                id: job.id,
                state: match job.state {
                    State::Pending => ProcessState::NotStarted(job.after.clone()),
                    State::RestartDue => ProcessState::RestartDue,
                    State::Ended(_) | State::Skipped => ProcessState::Ended,
                    State::Ready | State::Running => match &job.wait {
                        Some(wait) if job.connection.is_some() => {
                            ProcessState::Waiting(vec![Waits { on: self.on(&wait.on), timed: wait.timed }])
                        }
                        _ => ProcessState::Running,
                    },
                },
                holds: job.ends.open().collect(),
                takes: job.ends.takes.iter().copied().collect(),
                leases,
                shares: job.shares.clone(),
                permits,
                implicit: job.id == MAIN,
            });
        let queues = self.queues.iter().map(|queue| QueueView {
            id: queue.id,
            len: queue.len(),
            full: queue.is_full(),
            joinable: queue.joinable,
            unfinished: queue.unfinished(),
            ended: queue.end.is_some(),
            dead_letter_of: queue.serves.clone(),
            expressly_held: queue.of_pool,
        });
        let shared = self.shared.iter().map(SharedObject::view).collect();
        Snapshot { processes: processes.collect(), queues: queues.collect(), shared }
    }

    fn deadlock(&mut self, report: &Report) {
        let stuck = report.stuck.iter().map(|(id, _)| {
            let job = self.job(*id);
            let wait = job.wait.as_ref();
            Stuck {
                name: job.name.clone(),
                waits_for: wait.map(|wait| self.describe_in_report(&wait.on)).unwrap_or_default(),
                at: wait.map(|wait| wait.at).filter(|&(_, line)| line > 0),
            }
        });
        let stuck = stuck.collect();
        let place = |id: &u32| report.stuck.iter().position(|(other, _)| other == id);
        let cycle = report.cycle.iter().filter_map(place).collect();
        self.observer.event(&Event::Deadlock { stuck, cycle });
        self.stop_deadlocked();
    }
}

impl Supervisor<'_> {
    fn on(&self, wait: &WaitOn) -> On {
        match wait {
            WaitOn::Shared { shared } => self.shared[*shared as usize].on(*shared),
            WaitOn::Put { queue, .. } => On::Put(*queue),
            WaitOn::Get(wanted) => On::Get(wanted.queue),
            WaitOn::Drain { queue } => On::Acknowledged(*queue),
            WaitOn::Join { process } => On::Join(*process),
            WaitOn::Any { processes, queues } => {
                let joins = processes.iter().map(|&id| On::Join(id));
                On::Any(joins.chain(queues.iter().map(|&id| On::Get(id))).collect())
            }
            // A sleep is timed: what it waits for does not matter.
            WaitOn::Sleep => On::Any(Vec::new()),
        }
    }

    fn describe_in_report(&self, on: &WaitOn) -> String {
        match on {
            WaitOn::Shared { shared } => self.describe_stuck(*shared),
            other => self.describe(other),
        }
    }
}
