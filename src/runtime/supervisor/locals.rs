//! Queues and cells between the threads of one process, as far as they concern us: who holds them and who waits.
//! Their items are not here. `runtime::worker::local::queue` says why what is known here is enough to judge.

use super::Supervisor;
use super::job::{Job, WaitOn};
use super::queue_state::Cause;
use super::queues::Asked;
use crate::observe::Event;
use crate::queue::wait::{On, ProcessState, QueueView, Snapshot, Waits};
use crate::wire::local::{LocalAsk, LocalOn, LocalView, is_local};
use crate::wire::message::{Answer, Patience};
use std::collections::BTreeSet;

/// The job of a process, and the number of a queue or cell within it.
pub type LocalId = (u32, u32);

/// A queue or cell that a process has told of.
#[derive(Debug, Default)]
pub struct Local {
    name: String,
    joinable: bool,
    /// Those who wait since an earlier time of its clock are to look again.
    clock: u64,
    /// What the one saw who began to wait last.
    view: LocalView,
    waiters: Vec<u32>,
    end: Option<Cause>,
    failed_by: Vec<String>,
}

/// The queues between threads that a thread holds: always both ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LocalEnds {
    pub held: BTreeSet<u32>,
    /// It puts no more.
    pub closed: BTreeSet<u32>,
}

impl LocalEnds {
    fn open(&self) -> impl Iterator<Item = u32> {
        self.held.difference(&self.closed).copied()
    }
}

/// Ends that every thread of a process holds, since they went from one to another by a queue or a cell.
#[derive(Clone, Debug, Default)]
pub struct PassedEnds {
    pub takes: BTreeSet<u32>,
    pub puts: BTreeSet<u32>,
}

/// Divides numbers into those of queues of the run and those of queues within a process.
pub fn divide(ids: Vec<u32>) -> (Vec<u32>, Vec<u32>) {
    ids.into_iter().partition(|&id| !is_local(id))
}

fn end_words(cause: &Cause) -> (String, Vec<String>) {
    match cause {
        Cause::Done => ("done".to_owned(), Vec::new()),
        Cause::Failed(by) => ("failed".to_owned(), by.clone()),
        Cause::NoConsumer => ("no consumer".to_owned(), Vec::new()),
    }
}

impl Supervisor<'_> {
    pub(super) fn ask_local(&mut self, id: u32, asked: Asked, ask: LocalAsk) {
        let host = self.host_of(id);
        match ask {
            LocalAsk::Made { local, name, joinable } => {
                self.locals.insert((host, local), Local { name, joinable, ..Local::default() });
                self.job_mut(id).locals.held.insert(local);
            }
            LocalAsk::PassedOn { takes, puts } => self.pass_on(id, asked.0, takes, puts),
            LocalAsk::Wait { local, on, view, patience } => {
                self.wait_local(id, asked, (host, local), (on, view), patience);
            }
            LocalAsk::Changed { local, clock } => self.local_changed((host, local), clock),
            LocalAsk::Closed { local } => {
                self.job_mut(id).locals.closed.insert(local);
                self.streams_changed();
            }
            LocalAsk::Gone { local } => {
                self.locals.remove(&(host, local));
                for job in self.jobs.iter_mut().filter(|job| job.host.unwrap_or(job.id) == host) {
                    job.locals.held.remove(&local);
                    job.locals.closed.remove(&local);
                    job.passed.takes.remove(&local);
                }
            }
            LocalAsk::ItemFailed { queue, item, attempts, reason } => {
                let item = super::queues::shortened(item);
                self.observer.event(&Event::ItemFailed { queue, item, attempts, reason });
                self.stop_for_item();
            }
        }
    }

    /// The job of the process that a job is, or is a thread of.
    pub(super) fn host_of(&self, id: u32) -> u32 {
        self.job(id).host.unwrap_or(id)
    }

    /// From now on all threads of a process hold these ends, also those that it starts later.
    fn pass_on(&mut self, id: u32, number: u32, takes: Vec<u32>, puts: Vec<u32>) {
        let known = |&id: &u32| is_local(id) || (id as usize) < self.queues.len();
        if !takes.iter().chain(&puts).all(known) {
            return self.misbehaved(id, "it names a queue that does not exist");
        }
        let host = self.host_of(id);
        let passed = &mut self.job_mut(host).passed;
        passed.takes.extend(takes);
        passed.puts.extend(puts);
        let passed = passed.clone();
        let threads = self.jobs.iter_mut().filter(|job| job.host.unwrap_or(job.id) == host);
        for job in threads.filter(|job| !job.is_over() && !job.body_over) {
            job.add_ends(&passed);
        }
        self.answer(id, number, Answer::Done {}, Vec::new());
    }

    fn wait_local(
        &mut self,
        id: u32,
        asked: Asked,
        local: LocalId,
        (on, view): (LocalOn, LocalView),
        patience: Patience,
    ) {
        let state = self.locals.entry(local).or_default();
        let seen = view.clock;
        let ends = matches!(on, LocalOn::Get {} | LocalOn::Put {});
        if let Some(cause) = state.end.as_ref().filter(|_| ends) {
            let (cause, by) = end_words(cause);
            return self.answer(id, asked.0, Answer::Ended { cause, by }, Vec::new());
        }
        if seen < state.clock {
            return self.answer(id, asked.0, Answer::Done {}, Vec::new());
        }
        self.begin_local_wait(id, local, view);
        self.wait_for(id, asked, WaitOn::Local { local, on, seen }, &patience);
        if patience == (Patience::No {}) {
            // The question is whether the stream has ended.
            self.judge();
            if let Some(wait) = self.take_wait(id) {
                self.answer(id, wait.number, Answer::NotInTime { accepted: 0 }, Vec::new());
            }
        }
    }

    /// A job will wait there, and has seen this.
    pub(super) fn begin_local_wait(&mut self, id: u32, local: LocalId, view: LocalView) {
        let state = self.locals.entry(local).or_default();
        if view.clock > state.view.clock {
            state.view = view;
        }
        state.waiters.push(id);
        // When its producers went nobody waited for it, and so nobody looked.
        let holds = |job: &Job| job.host.unwrap_or(job.id) == local.0 && !job.is_over();
        let is_open = self.jobs.iter().any(|job| holds(job) && job.locals.open().any(|open| open == local.1));
        if !is_open {
            self.streams_changed();
        }
    }

    /// Whether something has happened there since that time of its clock, which its threads are to look at.
    pub(super) fn local_has_changed(&self, local: LocalId, since: u64) -> bool {
        self.locals.get(&local).is_some_and(|state| state.end.is_some() || since < state.clock)
    }

    pub(super) fn no_longer_waits(&mut self, id: u32, local: LocalId) {
        if let Some(state) = self.locals.get_mut(&local) {
            state.waiters.retain(|&waiter| waiter != id);
        }
    }

    /// Lets those look again who have waited since an earlier time. Of a cell this may be the first word: the one
    /// who waits for it is heard later.
    fn local_changed(&mut self, local: LocalId, clock: u64) {
        let state = self.locals.entry(local).or_default();
        state.clock = state.clock.max(clock);
        for id in state.waiters.clone() {
            let since = self.job(id).wait.as_ref().and_then(|wait| wait.on.since(local));
            if since.is_some_and(|since| since < clock)
                && let Some(wait) = self.take_wait(id)
            {
                self.answer(id, wait.number, Answer::Done {}, Vec::new());
            }
        }
    }

    /// Ends a stream. All threads of the process hear of it before they hear anything else: none of them puts
    /// into it after it has ended.
    pub(super) fn end_local(&mut self, local: LocalId) {
        let Some(state) = self.locals.get_mut(&local) else { return };
        let cause = match state.failed_by.as_slice() {
            [] => Cause::Done,
            by => Cause::Failed(by.to_vec()),
        };
        let (cause_word, by) = end_words(&cause);
        state.end = Some(cause);
        let waiters = state.waiters.clone();
        let threads = self.jobs.iter().filter(|job| job.host.unwrap_or(job.id) == local.0);
        let threads: Vec<u32> = threads.map(|job| job.id).collect();
        for id in threads {
            let answer = Answer::LocalEnded { local: local.1, cause: cause_word.clone(), by: by.clone() };
            self.answer(id, 0, answer, Vec::new());
        }
        for id in waiters {
            // Who waits for one of several things is told later, of all that have ended.
            let on = self.job(id).wait.as_ref().map(|wait| &wait.on);
            let drains = matches!(on, Some(WaitOn::Local { on: LocalOn::Acknowledged {}, .. }));
            if !drains
                && !matches!(on, Some(WaitOn::Any { .. }))
                && let Some(wait) = self.take_wait(id)
            {
                let answer = Answer::Ended { cause: cause_word.clone(), by: by.clone() };
                self.answer(id, wait.number, answer, Vec::new());
            }
        }
        self.streams_changed();
    }

    /// A thread has failed: the streams that it could still put into have.
    pub(super) fn fail_locals(&mut self, id: u32) {
        let (host, name) = (self.host_of(id), self.job(id).name.clone());
        let open: Vec<u32> = self.job(id).locals.open().collect();
        for local in open {
            if let Some(state) = self.locals.get_mut(&(host, local)) {
                state.failed_by.push(name.clone());
            }
        }
    }

    /// A process is gone, and what its threads shared with it.
    pub(super) fn forget_locals(&mut self, host: u32) {
        self.locals.retain(|&(process, _), _| process != host);
        self.job_mut(host).passed = PassedEnds::default();
    }

    /// "get `local_queue.1`", "update cell".
    pub(super) fn describe_local(&self, local: LocalId, on: LocalOn) -> String {
        let name = self.local_name(local);
        match on {
            LocalOn::Get {} => format!("get {name}"),
            LocalOn::Put {} => format!("put {name}"),
            LocalOn::Acknowledged {} => format!("join {name}"),
            LocalOn::Turn { .. } => "update cell".to_owned(),
        }
    }

    pub(super) fn local_name(&self, local: LocalId) -> &str {
        self.locals.get(&local).map_or("?", |state| state.name.as_str())
    }

    /// Adds those that somebody waits for to a snapshot, behind the queues of the run; gives them in their order.
    pub(super) fn add_locals(&self, snapshot: &mut Snapshot) -> Vec<LocalId> {
        let waited_for = self.locals.iter().filter(|(_, state)| !state.waiters.is_empty());
        let (ids, states): (Vec<LocalId>, Vec<&Local>) = waited_for.map(|(id, state)| (*id, state)).unzip();
        let first = snapshot.queues.len() as u32;
        for (index, (&id, state)) in (first..).zip(ids.iter().zip(states)) {
            snapshot.queues.push(state.view_as(index));
            self.add_holders(id, index, &state.view, snapshot);
            for &waiter in &state.waiters {
                self.add_wait(waiter, index, snapshot);
            }
        }
        ids
    }

    fn add_holders(&self, (host, local): LocalId, index: u32, view: &LocalView, snapshot: &mut Snapshot) {
        for job in self.jobs.iter().filter(|job| job.host.unwrap_or(job.id) == host && !job.is_over()) {
            let process = &mut snapshot.processes[job.id as usize];
            if job.locals.held.contains(&local) {
                process.takes.push(index);
                if !job.locals.closed.contains(&local) {
                    process.holds.push(index);
                }
            }
            if view.in_hand.contains(&job.id) {
                process.leases.push(index);
            }
        }
    }

    /// Who waits for the turn at a cell waits for room, so to speak, that only the one who has the turn can make.
    fn add_wait(&self, id: u32, index: u32, snapshot: &mut Snapshot) {
        let job = self.job(id);
        let is_there = job.connection.is_some() && Self::is_started(job.state);
        let Some(wait) = job.wait.as_ref().filter(|_| is_there) else { return };
        let WaitOn::Local { on, .. } = wait.on else {
            // It waits for this too: the other things are in the snapshot already.
            if let ProcessState::Waiting(waits) = &mut snapshot.processes[id as usize].state
                && let [Waits { on: On::Any(things), .. }] = &mut waits[..]
            {
                things.push(On::Get(index));
            }
            return;
        };
        let on = match on {
            LocalOn::Get {} => On::Get(index),
            LocalOn::Put {} => On::Put(index),
            LocalOn::Acknowledged {} => On::Acknowledged(index),
            LocalOn::Turn { owner } => {
                if let Some(owner) = snapshot.processes.get_mut(owner as usize) {
                    owner.takes.push(index);
                    owner.holds.push(index);
                }
                On::Put(index)
            }
        };
        snapshot.processes[id as usize].state = ProcessState::Waiting(vec![Waits { on, timed: wait.timed }]);
    }
}

impl Local {
    fn view_as(&self, id: u32) -> QueueView {
        QueueView {
            id,
            len: self.view.len as usize,
            full: self.view.full,
            joinable: self.joinable,
            unfinished: self.view.unfinished as usize,
            ended: self.end.is_some(),
            dead_letter_of: Vec::new(),
            audience: None,
            expressly_held: false,
        }
    }
}
