//! What a thread has in hand of one queue, and knows of its end.

use crate::wire::message::Parcel;
use std::collections::VecDeque;

/// Leases are oldest first.
#[derive(Debug, Default)]
pub struct Hand {
    /// Lease and attempt.
    pub leases: VecDeque<(u64, u32)>,
    /// How many items were taken without the supervisor.
    pub taken: u64,
    /// The leases of the turns of `for` loops that are under way, innermost last.
    turns: Vec<u64>,
    /// So many items may be put without waiting for an answer.
    pub granted: u32,
    /// Items given ahead that are not taken yet.
    pub ahead: VecDeque<Parcel>,
    /// Of a queue between threads: this one puts no more.
    pub closed: bool,
}

impl Hand {
    /// The lease that `task_done` and the like mean: of this turn of a loop, else the oldest.
    pub fn current(&self) -> Option<(u64, u32)> {
        let of_turn = self.turns.last().and_then(|turn| self.leases.iter().find(|(lease, _)| lease == turn));
        of_turn.or_else(|| self.leases.front()).copied()
    }

    /// Forgets a lease; true when it was in hand.
    pub fn forget(&mut self, lease: u64) -> bool {
        let before = self.leases.len();
        self.leases.retain(|(other, _)| *other != lease);
        self.leases.len() < before
    }

    /// A turn of a loop begins with the item taken last; gives its lease.
    pub fn begin_turn(&mut self) -> Option<u64> {
        let newest = self.leases.back().map(|(lease, _)| *lease);
        self.turns.extend(newest);
        newest
    }

    /// A turn is over.
    pub fn end_turn(&mut self, lease: u64) {
        self.turns.retain(|other| *other != lease);
    }
}
