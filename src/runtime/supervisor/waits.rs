//! Waiting: who waits for what, how waits end, and what is to be done about those that never would.

use super::Supervisor;
use super::asks::no_process;
use super::job::{Job, MAIN, State, Wait, WaitOn};
use super::queue_state::{Cause, QueueState};
use super::shared::SharedObject;
use super::timers::Due;
use crate::observe::{Event, Stuck};
use crate::queue::wait::{On, ProcessState, ProcessView, QueueView, Report, Snapshot, Verdict, Waits};
use crate::queue::wait::{judge, relied_on, without_takers};
use crate::runtime::connection::Item;
use crate::runtime::transport::page::{At, RingWait};
use crate::wire::message::{Answer, Patience};
use std::time::{Duration, Instant};

/// A wait that may be for ever is looked at this much later: the time in which most are over.
const JUDGE_AFTER: Duration = Duration::from_millis(5);

/// The jobs that waited at rings when everything was looked at.
type RingWaits = Vec<(u32, RingWait)>;

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
        let now = self.now;
        self.lists.waits(id, &on);
        let job = self.job_mut(id);
        job.wait = Some(Wait { id: wait, number, at, on, timed });
        job.since = now;
        if !timed {
            self.judge_later();
        }
    }

    /// Looks a moment later at who is stuck.
    pub(super) fn judge_later(&mut self) {
        self.judge_in(JUDGE_AFTER);
    }

    /// Looks at who is stuck when this time is over, if not before.
    pub(super) fn judge_in(&mut self, time: Duration) {
        if !std::mem::replace(&mut self.judge_due, true) {
            self.timers.set(Instant::now() + time, Due::Judge);
        }
    }

    /// Ends a job's wait and takes it off the lists of its queue.
    pub(super) fn take_wait(&mut self, id: u32) -> Option<Wait> {
        let now = self.now;
        let job = self.job_mut(id);
        let wait = job.wait.take()?;
        job.since = now;
        match &wait.on {
            WaitOn::Put { queue, .. } => self.queues[*queue as usize].putters.retain(|&job| job != id),
            WaitOn::Get(wanted) => self.queues[wanted.queue as usize].getters.retain(|&job| job != id),
            WaitOn::Drain { queue } => self.queues[*queue as usize].drainers.retain(|&job| job != id),
            WaitOn::Local { local, .. } => self.no_longer_waits(id, *local),
            WaitOn::Shared { shared } => self.withdraw_from_shared(id, *shared),
            WaitOn::Join { .. } => self.lists.goes_on(id),
            WaitOn::Any { locals, .. } => {
                self.lists.goes_on(id);
                locals.iter().for_each(|&(local, _)| self.no_longer_waits(id, local));
            }
            WaitOn::Sleep => {}
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
            WaitOn::Get(_) | WaitOn::Drain { .. } | WaitOn::Join { .. } | WaitOn::Local { .. } => {
                Answer::NotInTime { accepted: 0 }
            }
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
            let what = if self.job(id).host.is_some() { "thread" } else { "process" };
            let message = format!("a {what} cannot join itself");
            let answer = Answer::Refused { kind: "Process".to_owned(), message };
            return self.answer(id, number, answer, Vec::new());
        }
        if other.is_over() {
            let answer = self.joined(id, process);
            return self.answer(id, number, answer, Vec::new());
        }
        if matches!(patience, Patience::No {}) {
            return self.answer(id, number, Answer::NotInTime { accepted: 0 }, Vec::new());
        }
        self.wait_for(id, wait, WaitOn::Join { process }, &patience);
    }

    /// Who asks for the exit code of one that it has joined need not ask here: it stays what it is.
    fn joined(&mut self, by: u32, process: u32) -> Answer {
        if by == MAIN {
            self.job_mut(process).joined_by_main = true;
        }
        Answer::Joined { exitcode: self.job(process).exitcode() }
    }

    /// Wakes those who joined a process that is over now.
    pub(super) fn wake_joiners(&mut self, process: u32) {
        for id in self.lists.joiners() {
            let joins = matches!(
                self.job(id).wait,
                Some(Wait { on: WaitOn::Join { process: other }, .. }) if other == process
            );
            if joins && let Some(wait) = self.take_wait(id) {
                let answer = self.joined(id, process);
                self.answer(id, wait.number, answer, Vec::new());
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
            WaitOn::Local { local, on, .. } => self.describe_local(*local, *on),
            WaitOn::Any { processes, queues, locals } => {
                let ours = processes.iter().map(process).chain(queues.iter().map(queue));
                let names: Vec<&str> =
                    ours.chain(locals.iter().map(|(local, _)| self.local_name(*local))).collect();
                format!("wait {}", names.join(", "))
            }
        }
    }

    /// What a process that is not started waits for.
    fn start_of(&self, job: &Job) -> String {
        let before: Vec<&str> = job.after.iter().map(|&before| &*self.job(before).name).collect();
        format!("start after {}", before.join(", "))
    }

    /// Finds the streams that have ended and the processes that can never go on.
    pub(super) fn judge(&mut self) {
        while !self.stop.is_stopping() {
            (0..self.queues.len() as u32).for_each(|queue| self.watch_for_done(queue));
            let (mut snapshot, waits) = self.look_at_all();
            self.wake_oversleepers(&waits);
            let locals = self.add_locals(&mut snapshot);
            if self.close_to_putters(&snapshot) {
                continue;
            }
            let verdict = judge(&snapshot);
            if !self.still_holds(&verdict, &snapshot, &waits) {
                self.judge_later();
                break;
            }
            match verdict {
                Verdict::Fine => break,
                Verdict::End(queues) if self.is_held_by_the_dying(&snapshot, &queues) => break,
                Verdict::End(queues) => {
                    for queue in queues {
                        match (queue as usize).checked_sub(self.queues.len()) {
                            Some(local) => self.end_local(locals[local]),
                            None => self.end_queue(queue, None),
                        }
                    }
                }
                Verdict::Break(barriers) => {
                    barriers.into_iter().for_each(|barrier| self.break_deserted(barrier));
                }
                // Daemons do not hold up the end of the run, which ends them.
                Verdict::Deadlock(report) if report.stuck.iter().all(|(id, _)| self.job(*id).daemon) => break,
                Verdict::Deadlock(report) => {
                    if self.is_confirmed(&report) {
                        self.deadlock(&report);
                    }
                    break;
                }
            }
        }
        // Nobody says that an item has arrived.
        if self.on_the_way().iter().any(|&items| items > 0) {
            self.judge_later();
        }
    }

    /// Queues that somebody took from, but that nobody can any more: putters are told. A queue that never had
    /// a consumer just fills.
    fn close_to_putters(&mut self, snapshot: &Snapshot) -> bool {
        let was_taken_from = |queue: &u32| {
            self.queues.get(*queue as usize).is_some_and(|queue| {
                queue.was_taken_from || queue.ring.as_ref().is_some_and(|state| state.ring.was_asked_for())
            })
        };
        let lost = without_takers(snapshot).into_iter().filter(was_taken_from);
        let lost: Vec<u32> = lost.chain(self.main_puts_for_nobody(snapshot)).collect();
        for &queue in &lost {
            self.end_queue(queue, Some(Cause::NoConsumer));
        }
        !lost.is_empty()
    }

    /// Main, which sees every queue, can take from all of them, but not while it waits for room. Then those who took
    /// from the queue have gone, and nobody is left who could start another.
    fn main_puts_for_nobody(&self, snapshot: &Snapshot) -> Option<u32> {
        let ProcessState::Waiting(waits) = &snapshot.processes.get(MAIN as usize)?.state else { return None };
        let [Waits { on: On::Put(queue), timed: false }] = waits[..] else { return None };
        let view = snapshot.queues.get(queue as usize).filter(|view| view.full && !view.ended)?;
        let takes = |process: &&ProcessView| {
            process.state != ProcessState::Ended && process.id != MAIN && process.takes.contains(&view.id)
        };
        let took = |job: &&Job| {
            job.id != MAIN
                && job.pool.is_none()
                && job.is_over()
                && self.declared_ends(job).takes.contains(&queue)
        };
        let alone = !snapshot.processes.iter().any(|it| takes(&it));
        (alone && self.jobs.iter().any(|job| took(&job))).then_some(queue)
    }

    /// Whether a verdict can be carried out: those on whom it relies have waited at their rings from before everything
    /// was looked at until now. So there was a moment at which all of it was true, and what nobody else can change
    /// stays true.
    fn still_holds(&self, verdict: &Verdict, snapshot: &Snapshot, waits: &RingWaits) -> bool {
        if *verdict == Verdict::Fine || waits.is_empty() {
            return true;
        }
        let relied_on = relied_on(snapshot, verdict);
        waits
            .iter()
            .filter(|(id, _)| relied_on.contains(id))
            .all(|(id, wait)| self.job(*id).page.as_ref().is_some_and(|page| page.still_waits(wait)))
    }

    pub(super) fn snapshot(&self) -> Snapshot {
        self.look_at_all().0
    }

    /// All processes, then all queues, then what is in hand: an item on its way from a ring into a hand is seen in one
    /// of them.
    fn look_at_all(&self) -> (Snapshot, RingWaits) {
        let mut waits = RingWaits::new();
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
                        // One that was asked to end is about to.
                        Some(wait) if job.connection.is_some() && !job.is_asked_to_end() => {
                            ProcessState::Waiting(vec![Waits { on: self.on(&wait.on), timed: wait.timed }])
                        }
                        None if job.connection.is_some() && !job.is_asked_to_end() => {
                            match self.ring_wait(job) {
                                Some(wait) => {
                                    waits.push((job.id, wait));
                                    let on = match wait.at {
                                        At::Get => On::Get(wait.queue),
                                        At::Put => On::Put(wait.queue),
                                    };
                                    ProcessState::Waiting(vec![Waits { on, timed: wait.timed }])
                                }
                                None => ProcessState::Running,
                            }
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
        let on_the_way = self.on_the_way();
        let queues = self.queues.iter().zip(on_the_way).map(|(queue, on_the_way)| {
            let bytes = self.bytes_to_put(queue);
            QueueView {
                id: queue.id,
                len: if queue.is_broadcast { 0 } else { queue.len() + on_the_way },
                full: queue.is_full_for(bytes),
                joinable: queue.joinable,
                unfinished: self.unfinished(queue.id),
                ended: queue.end.is_some(),
                dead_letter_of: queue.serves.clone(),
                audience: queue.machine.audience(bytes),
                expressly_held: queue.of_pool,
            }
        });
        let shared = self.shared.iter().map(SharedObject::view).collect();
        let (mut processes, queues): (Vec<ProcessView>, Vec<_>) = (processes.collect(), queues.collect());
        for (process, job) in processes.iter_mut().zip(&self.jobs) {
            process.leases.extend(self.rings_in_hand(job));
        }
        (Snapshot { processes, queues, shared }, waits)
    }

    /// The length of the item that waits for room in a queue.
    fn bytes_to_put(&self, queue: &QueueState) -> u64 {
        let putter = queue.putters.front().and_then(|&putter| self.job(putter).wait.as_ref());
        match putter.map(|wait| &wait.on) {
            Some(WaitOn::Put { items, .. }) => items.front().map_or(0, Item::bytes),
            _ => 0,
        }
    }

    fn deadlock(&mut self, report: &Report) {
        let stuck = report.stuck.iter().map(|(id, _)| {
            let job = self.job(*id);
            let wait = self.waiting(job);
            let wait = wait.as_deref();
            Stuck {
                name: job.name.clone(),
                waits_for: wait.map_or_else(|| self.start_of(job), |wait| self.describe_in_report(&wait.on)),
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
    /// A wait as those see it who judge.
    pub(super) fn on(&self, wait: &WaitOn) -> On {
        match wait {
            WaitOn::Shared { shared } => self.shared[*shared as usize].on(*shared),
            WaitOn::Put { queue, .. } => On::Put(*queue),
            WaitOn::Get(wanted) => On::Get(wanted.queue),
            WaitOn::Drain { queue } => On::Acknowledged(*queue),
            WaitOn::Join { process } => On::Join(*process),
            WaitOn::Any { processes, queues, .. } => {
                let joins = processes.iter().map(|&id| On::Join(id));
                On::Any(joins.chain(queues.iter().map(|&id| On::Get(id))).collect())
            }
            // A sleep is timed: what it waits for does not matter. What is within a process is added later.
            WaitOn::Sleep | WaitOn::Local { .. } => On::Any(Vec::new()),
        }
    }

    fn describe_in_report(&self, on: &WaitOn) -> String {
        match on {
            WaitOn::Shared { shared } => self.describe_stuck(*shared),
            other => self.describe(other),
        }
    }
}
