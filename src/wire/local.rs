//! What a worker says of queues and cells that live within it, between its threads. Their items never leave the
//! process; the supervisor only learns who holds them and who waits, so that it can judge.

use super::codec::{Decode, Encode};
use super::message::Patience;

/// This bit tells the number of a queue or cell within a process from that of a queue of the run.
pub const LOCAL: u32 = 1 << 31;

/// Whether a number is that of a queue or cell within a process.
#[must_use]
pub fn is_local(id: u32) -> bool {
    id & LOCAL != 0
}

#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub enum LocalAsk {
    /// A notice: the asking thread has made a queue, and holds it.
    Made { local: u32, name: String, joinable: bool },
    /// Ends on their way from one thread to another: from now on every thread of the process holds them.
    PassedOn { takes: Vec<u32>, puts: Vec<u32> },
    /// Waits until it is worth looking again, or the stream has ended.
    Wait { local: u32, on: LocalOn, view: LocalView, patience: Patience },
    /// A notice: who waits since an earlier time of its clock is to look again.
    Changed { local: u32, clock: u64 },
    /// A notice: the asking thread puts no more.
    Closed { local: u32 },
    /// A notice: nobody holds it any more.
    Gone { local: u32 },
    /// A notice: an item that was given back too often, or that nobody is left to take.
    ItemFailed { queue: String, item: String, attempts: u32, reason: String },
}

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum LocalOn {
    Get {},
    Put {},
    /// That every item was acknowledged.
    Acknowledged {},
    /// The turn at a cell that another thread has.
    Turn {
        owner: u32,
    },
}

/// A queue that a thread found empty, of several things that it waits for.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct LocalSeen {
    pub local: u32,
    pub view: LocalView,
}

/// What a waiting thread saw.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct LocalView {
    /// The time of the queue's own clock.
    pub clock: u64,
    pub len: u64,
    pub full: bool,
    pub unfinished: u64,
    /// The threads that have items in hand.
    pub in_hand: Vec<u32>,
}
