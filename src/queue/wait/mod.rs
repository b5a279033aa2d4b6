//! Who waits for what: which streams have ended, and who can never go on.
//!
//! One look at all processes and queues, a pure function of a [`Snapshot`], in time linear in who is at which
//! queue. It asks three questions, each a file: has a stream ended because its producers are gone, or because
//! everybody around it waits for it (`ending`)? Who can still go on (`live`)? And when nothing of this lets
//! the others go on: who holds whom up (`deadlock`)? To whoever asks while all goes on, `why` says the same.

mod deadlock;
mod ending;
mod live;
mod view;
mod why;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod why_tests;

use super::broadcast::Audience;
use view::View;
pub use why::{Held, held_up};

/// What a process waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum On {
    Get(u32),
    Put(u32),
    Join(u32),
    /// That every item put into a joinable queue was acknowledged.
    Acknowledged(u32),
    /// A lock, or a permit of a semaphore.
    Permit(u32),
    /// That an event is set.
    Event(u32),
    /// That enough have come to a barrier.
    Barrier(u32),
    /// Any one of these.
    Any(Vec<On>),
}

/// One wait; a timed one ends by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waits {
    pub on: On,
    pub timed: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProcessState {
    Running,
    /// All threads of the process wait, each for one of these.
    Waiting(Vec<Waits>),
    /// It starts when these have ended.
    NotStarted(Vec<u32>),
    RestartDue,
    Ended,
}

/// One process.
#[derive(Clone, Debug)]
pub struct ProcessView {
    pub id: u32,
    pub state: ProcessState,
    /// Queues whose sending end it holds and has not closed.
    pub holds: Vec<u32>,
    /// Queues that it can take from.
    pub takes: Vec<u32>,
    /// Joinable queues of which it has items in hand.
    pub leases: Vec<u32>,
    /// The shared objects that it can reach.
    pub shares: Vec<u32>,
    /// Locks and semaphores of which it holds a permit.
    pub permits: Vec<u32>,
    /// It holds its ends only because it knows every queue by name, as main does.
    pub implicit: bool,
}

/// One queue.
#[derive(Clone, Debug)]
pub struct QueueView {
    pub id: u32,
    /// Items that wait for whoever takes them; 0 of a broadcast queue.
    pub len: usize,
    /// There is no room for what is to be put.
    pub full: bool,
    pub joinable: bool,
    pub unfinished: usize,
    pub ended: bool,
    /// The queues whose dead letters come here.
    pub dead_letter_of: Vec<u32>,
    /// Of a broadcast queue: which processes have items to get, and which hold the producers.
    pub audience: Option<Audience>,
    /// Nobody holds it implicitly: it was made by who holds it.
    pub expressly_held: bool,
}

/// One lock, semaphore, event or barrier; or what nobody can wait for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SharedView {
    /// A barrier one of whose parties has died: it breaks before its waits are called a deadlock.
    pub deserted: bool,
}

/// All processes, queues and shared objects at one moment. Ids are the indexes.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    pub processes: Vec<ProcessView>,
    pub queues: Vec<QueueView>,
    pub shared: Vec<SharedView>,
}

/// Those who can never go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    pub stuck: Vec<(u32, On)>,
    /// Processes each of which waits for the next, the last for the first.
    pub cycle: Vec<u32>,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Fine,
    /// These queues end now.
    End(Vec<u32>),
    /// These barriers break now.
    Break(Vec<u32>),
    Deadlock(Report),
}

/// Judges a moment.
#[must_use]
pub fn judge(snapshot: &Snapshot) -> Verdict {
    let view = View::new(snapshot);
    let abandoned = ending::abandoned(&view);
    if !abandoned.is_empty() {
        return Verdict::End(abandoned);
    }
    let live = live::live(&view);
    let is_stuck = |process: &usize| !live[*process] && !view.is_over(*process);
    let stuck: Vec<usize> = (0..snapshot.processes.len()).filter(is_stuck).collect();
    if stuck.is_empty() {
        return Verdict::Fine;
    }
    if let Some(queues) = ending::smallest(&view, &live, &stuck) {
        return Verdict::End(queues);
    }
    let breaking = deadlock::deserted(&view, &stuck);
    if breaking.is_empty() {
        Verdict::Deadlock(deadlock::report(&view, &stuck))
    } else {
        Verdict::Break(breaking)
    }
}

/// Those whose waits are the reason of a verdict, each by its number: if they still wait, it is right.
#[must_use]
pub fn relied_on(snapshot: &Snapshot, verdict: &Verdict) -> Vec<u32> {
    let view = View::new(snapshot);
    let live = live::live(&view);
    let mut relied_on: Vec<u32> = (0..snapshot.processes.len())
        .filter(|&process| !live[process] && !view.is_over(process))
        .map(|process| process as u32)
        .collect();
    if let Verdict::End(queues) = verdict {
        let lessees = queues.iter().flat_map(|&queue| &view.lessees[queue as usize]);
        relied_on.extend(lessees.map(|&process| process as u32));
    }
    relied_on
}

/// The queues that no process can take from any more, now or later.
#[must_use]
pub fn without_takers(snapshot: &Snapshot) -> Vec<u32> {
    let view = View::new(snapshot);
    let untaken = snapshot.queues.iter().filter(|q| !q.ended && view.takers[q.id as usize].is_empty());
    untaken.map(|queue| queue.id).collect()
}
