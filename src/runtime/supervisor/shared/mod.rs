//! Locks, semaphores, events, barriers, counters and tables of a run: what is asked of them, who waits at them, and
//! what becomes of those that a process held when it ended.

mod data;

use super::Supervisor;
use super::asks::refused;
use super::job::{Job, State, WaitOn};
use super::queues::Asked;
use crate::ast::SharedKind;
use crate::diagnostic::words;
use crate::graph::{self, SharedState};
use crate::observe::Event as RunEvent;
use crate::queue::sync::{Arrival, Barrier, Event, Permits};
use crate::queue::wait::{On, SharedView};
use crate::runtime::connection::Item;
use crate::value::Value;
use crate::wire::message::{Answer, Patience};
use crate::wire::shared::{EventAsk, PermitAsk, SharedAsk};
use std::collections::BTreeMap;

/// A shared object, as all processes of the run see it.
pub struct SharedObject {
    pub name: String,
    pub kind: SharedKind,
    machine: Machine,
}

enum Machine {
    Permits(Permits),
    Event(Event),
    Barrier(Barrier),
    Counter(i64),
    Table(BTreeMap<String, Item>),
}

/// The shared objects of a graph, as they are when the run begins.
pub fn objects(shared: &[graph::Shared]) -> Vec<SharedObject> {
    let machine = |state| match state {
        SharedState::Lock => Machine::Permits(Permits::lock()),
        SharedState::Semaphore { permits } => Machine::Permits(Permits::semaphore(permits as u64)),
        SharedState::Event => Machine::Event(Event::default()),
        SharedState::Barrier { parties } => Machine::Barrier(Barrier::new(parties)),
        SharedState::Counter { start } => Machine::Counter(start),
        SharedState::Table => Machine::Table(BTreeMap::new()),
    };
    let object = |it: &graph::Shared| SharedObject {
        name: it.name.clone(),
        kind: it.state.kind(),
        machine: machine(it.state),
    };
    shared.iter().map(object).collect()
}

impl SharedObject {
    /// As in `lock a`.
    pub fn label(&self) -> String {
        format!("{} {}", self.kind.word(), self.name)
    }

    /// What the entries of a table count for.
    pub fn held(&self) -> u64 {
        match &self.machine {
            Machine::Table(table) => table.iter().map(|(key, item)| data::entry(key, item)).sum(),
            _ => 0,
        }
    }

    /// What who waits here waits for.
    pub fn on(&self, id: u32) -> On {
        match self.machine {
            Machine::Event(_) => On::Event(id),
            Machine::Barrier(_) => On::Barrier(id),
            Machine::Permits(_) | Machine::Counter(_) | Machine::Table(_) => On::Permit(id),
        }
    }

    pub fn view(&self) -> SharedView {
        let deserted = matches!(&self.machine, Machine::Barrier(barrier) if barrier.deserted().is_some());
        SharedView { deserted }
    }

    /// Those who hold a permit of it.
    pub fn holders(&self) -> Vec<u32> {
        match &self.machine {
            Machine::Permits(permits) => permits.holders().collect(),
            _ => Vec::new(),
        }
    }

    fn withdraw(&mut self, who: u32) {
        match &mut self.machine {
            Machine::Permits(permits) => permits.withdraw(who),
            Machine::Event(event) => event.withdraw(who),
            Machine::Barrier(barrier) => barrier.withdraw(who),
            Machine::Counter(_) | Machine::Table(_) => {}
        }
    }

    fn broken(&self, why: &str) -> Answer {
        refused("Broken", &format!("barrier `{}` is broken: {why}", self.name))
    }
}

impl Supervisor<'_> {
    /// Does what is asked of a shared object, or remembers who waits at it.
    pub(super) fn ask_shared(&mut self, id: u32, asked: Asked, shared: u32, ask: SharedAsk) {
        let Some(object) = self.shared.get_mut(shared as usize) else {
            return self.misbehaved(id, "it names a shared object that does not exist");
        };
        match (ask, &mut object.machine) {
            (SharedAsk::Permit { ask: PermitAsk::Acquire { patience } }, Machine::Permits(permits)) => {
                let taken = permits.acquire(id);
                self.done_or_wait(id, asked, shared, taken, &patience);
            }
            (SharedAsk::Permit { ask: PermitAsk::Release {} }, Machine::Permits(_)) => {
                self.release(id, asked.0, shared);
            }
            (SharedAsk::Event { ask: EventAsk::Wait { patience } }, Machine::Event(event)) => {
                let is_set = event.is_set();
                self.done_or_wait(id, asked, shared, is_set, &patience);
            }
            (SharedAsk::Event { ask }, Machine::Event(_)) => self.ask_event(id, asked.0, shared, ask),
            (SharedAsk::Barrier { patience }, Machine::Barrier(_)) => {
                self.arrive(id, asked, shared, &patience);
            }
            (SharedAsk::Counter { ask }, Machine::Counter(_)) => self.ask_counter(id, asked.0, shared, ask),
            (SharedAsk::Table { ask }, Machine::Table(_)) => self.ask_table(id, asked.0, shared, ask),
            _ => self.misbehaved(id, "it asks a shared object for what it has not"),
        }
    }

    /// Answers, or notes down who waits for a permit or an event.
    fn done_or_wait(&mut self, id: u32, asked: Asked, shared: u32, done: bool, patience: &Patience) {
        let answer = match patience {
            _ if done => Answer::Done {},
            Patience::No {} => Answer::NotInTime { accepted: 0 },
            Patience::Forever {} | Patience::Seconds { .. } => {
                match &mut self.shared[shared as usize].machine {
                    Machine::Permits(permits) => permits.wait(id),
                    Machine::Event(event) => event.wait(id),
                    Machine::Barrier(_) | Machine::Counter(_) | Machine::Table(_) => {}
                }
                return self.wait_for(id, asked, WaitOn::Shared { shared }, patience);
            }
        };
        self.answer(id, asked.0, answer, Vec::new());
    }

    fn release(&mut self, id: u32, number: u32, shared: u32) {
        let SharedObject { name, kind, machine: Machine::Permits(permits) } =
            &mut self.shared[shared as usize]
        else {
            return;
        };
        let Ok(next) = permits.release(id) else {
            let message = format!("{} `{name}` is not held by this process", kind.word());
            return self.answer(id, number, refused("NotHeld", &message), Vec::new());
        };
        self.answer(id, number, Answer::Done {}, Vec::new());
        next.into_iter().for_each(|next| self.wake(next, Answer::Done {}));
    }

    fn ask_event(&mut self, id: u32, number: u32, shared: u32, ask: EventAsk) {
        let Machine::Event(event) = &mut self.shared[shared as usize].machine else { return };
        match ask {
            EventAsk::Set {} => {
                let woken = event.set();
                self.answer(id, number, Answer::Done {}, Vec::new());
                woken.into_iter().for_each(|who| self.wake(who, Answer::Done {}));
            }
            EventAsk::Clear {} => {
                event.clear();
                self.answer(id, number, Answer::Done {}, Vec::new());
            }
            EventAsk::IsSet {} | EventAsk::Wait { .. } => {
                let is_set = event.is_set();
                self.answer_value(id, number, &Value::Bool(is_set));
            }
        }
    }

    fn arrive(&mut self, id: u32, asked: Asked, shared: u32, patience: &Patience) {
        let Machine::Barrier(barrier) = &mut self.shared[shared as usize].machine else { return };
        match barrier.arrive(id) {
            Arrival::Complete(all) => {
                for (index, who) in (0..).zip(all) {
                    // Who has just come does not wait.
                    let waiting = self.take_wait(who).map(|wait| wait.number);
                    self.answer_value(who, waiting.unwrap_or(asked.0), &Value::Int(index));
                }
            }
            Arrival::Waits if matches!(patience, Patience::No {}) => {
                self.barrier_wait_over(id, asked.0, shared);
            }
            Arrival::Waits => self.wait_for(id, asked, WaitOn::Shared { shared }, patience),
        }
    }

    /// Somebody's time at a shared object is over.
    pub(super) fn shared_wait_over(&mut self, id: u32, number: u32, shared: u32) {
        match self.shared[shared as usize].machine {
            Machine::Barrier(_) => self.barrier_wait_over(id, number, shared),
            _ => self.answer(id, number, Answer::NotInTime { accepted: 0 }, Vec::new()),
        }
    }

    /// One does not wait for the others any longer: they would wait for it in vain.
    fn barrier_wait_over(&mut self, id: u32, number: u32, shared: u32) {
        let object = &mut self.shared[shared as usize];
        object.withdraw(id);
        let why = format!("`{}` did not wait any longer", self.jobs[id as usize].name);
        let broken = object.broken(&why);
        self.answer(id, number, broken, Vec::new());
        self.break_barrier(shared, &why);
    }

    /// Those who wait at a barrier go on with an error.
    fn break_barrier(&mut self, shared: u32, why: &str) {
        let object = &mut self.shared[shared as usize];
        let answer = object.broken(why);
        let Machine::Barrier(barrier) = &mut object.machine else { return };
        barrier.shatter().into_iter().for_each(|who| self.wake(who, answer.clone()));
    }

    /// Nobody can complete it any more, since one of those who could has died.
    pub(super) fn break_deserted(&mut self, shared: u32) {
        let Machine::Barrier(barrier) = &self.shared[shared as usize].machine else { return };
        let why = barrier.deserted().unwrap_or_default().to_owned();
        self.break_barrier(shared, &why);
    }

    fn wake(&mut self, id: u32, answer: Answer) {
        if let Some(wait) = self.take_wait(id) {
            self.answer(id, wait.number, answer, Vec::new());
        }
    }

    /// Waits at it no longer, whatever for.
    pub(super) fn withdraw_from_shared(&mut self, id: u32, shared: u32) {
        self.shared[shared as usize].withdraw(id);
    }

    /// What a process held when it ended goes to those who wait for it, and the log says so.
    pub(super) fn release_all(&mut self, id: u32) {
        for shared in 0..self.shared.len() {
            let object = &mut self.shared[shared];
            let Machine::Permits(permits) = &mut object.machine else { continue };
            let left = permits.leave(id);
            if left.permits > 0 && !self.stop.is_stopping() {
                let held = match object.kind {
                    SharedKind::Semaphore => {
                        let permits = words::count(left.permits as usize, "permit");
                        format!("{permits} of semaphore `{}`", object.name)
                    }
                    kind => format!("{} `{}`", kind.word(), object.name),
                };
                let name = self.jobs[id as usize].name.clone();
                self.observer.event(&RunEvent::Released { name, held });
            }
            left.woken.into_iter().for_each(|next| self.wake(next, Answer::Done {}));
        }
    }

    /// Breaks the barriers to which a process can come no more: it did not end by itself, or was never started.
    pub(super) fn desert_barriers(&mut self, id: u32, state: State) {
        if state == State::Ended(crate::runtime::os::process::Exit::Code(0)) || self.stop.is_stopping() {
            return;
        }
        let Job { name, shares, host, .. } = &self.jobs[id as usize];
        let (is_thread, shares) = (host.is_some(), shares.clone());
        let how = if state == State::Skipped { "was not started" } else { "has died" };
        let why = format!("`{name}` {how}");
        for shared in shares {
            let Machine::Barrier(barrier) = &mut self.shared[shared as usize].machine else { continue };
            barrier.desert(why.clone());
            // A thread can reach what its process can; whether it would have come is not known.
            if !is_thread {
                self.break_barrier(shared, &why);
            }
        }
    }

    /// What one who is stuck at a shared object waits for, and who holds it up.
    pub(super) fn describe_stuck(&self, shared: u32) -> String {
        let object = &self.shared[shared as usize];
        let label = format!("{} `{}`", object.kind.word(), object.name);
        match &object.machine {
            Machine::Permits(permits) => {
                let names: Vec<&str> = permits.holders().map(|id| &*self.jobs[id as usize].name).collect();
                format!("{label} held by {}", words::names(&names))
            }
            Machine::Event(_) => format!("{label}, which nobody is left to set"),
            Machine::Barrier(barrier) => {
                format!("{label}, to which {} of {} have come", barrier.waiting(), barrier.parties())
            }
            Machine::Counter(_) | Machine::Table(_) => label,
        }
    }
}
