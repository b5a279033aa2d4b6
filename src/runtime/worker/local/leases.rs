//! Items of a joinable queue between threads that are not acknowledged: who has which in hand, and which were
//! given back.

use super::super::portable::Portable;
use std::collections::{BTreeMap, VecDeque};

/// So often an item is handed out again.
const REDELIVER: u32 = 3;

/// An item that is given up.
#[derive(Clone, Debug)]
pub struct Dead {
    pub item: Portable,
    pub attempts: u32,
}

/// An item handed out.
#[derive(Debug)]
pub struct Taken {
    /// 0 when the queue is not joinable.
    pub lease: u64,
    /// From 1.
    pub attempt: u32,
    pub item: Portable,
}

#[derive(Debug)]
struct Stored {
    item: Portable,
    attempts: u32,
}

#[derive(Debug, Default)]
pub struct Leases {
    /// By holder and lease: for each holder in the order in which they were handed out.
    in_hand: BTreeMap<(u32, u64), Stored>,
    /// They come before all others, oldest first.
    returned: VecDeque<Stored>,
    last_lease: u64,
    /// Items put and not acknowledged.
    unfinished: usize,
}

impl Leases {
    pub fn unfinished(&self) -> usize {
        self.unfinished
    }

    /// How many items were given back and wait to be taken again.
    pub fn returned(&self) -> usize {
        self.returned.len()
    }

    /// Those who have items in hand, each once.
    pub fn holders(&self) -> Vec<u32> {
        let mut holders: Vec<u32> = self.in_hand.keys().map(|(holder, _)| *holder).collect();
        holders.dedup();
        holders
    }

    /// An item was put.
    pub fn put(&mut self) {
        self.unfinished += 1;
    }

    /// Hands out an item that was given back, or else the next one.
    pub fn take(&mut self, holder: u32, next: impl FnOnce() -> Option<Portable>) -> Option<Taken> {
        let returned = self.returned.pop_front();
        let stored = returned.or_else(|| next().map(|item| Stored { item, attempts: 0 }))?;
        let attempts = stored.attempts + 1;
        self.last_lease += 1;
        let lease = self.last_lease;
        self.in_hand.insert((holder, lease), Stored { item: stored.item.clone(), attempts });
        Some(Taken { lease, attempt: attempts, item: stored.item })
    }

    /// The item of a lease is done.
    pub fn acknowledge(&mut self, holder: u32, lease: u64) {
        if self.in_hand.remove(&(holder, lease)).is_some() {
            self.unfinished -= 1;
        }
    }

    /// The item of a lease goes back to the front, unless that was once too often.
    pub fn give_back(&mut self, holder: u32, lease: u64) -> Option<Dead> {
        let stored = self.in_hand.remove(&(holder, lease))?;
        if stored.attempts <= REDELIVER {
            self.returned.push_front(stored);
            return None;
        }
        self.unfinished -= 1;
        Some(Dead { item: stored.item, attempts: stored.attempts })
    }

    /// What a holder has in hand goes back, in order.
    pub fn holder_ended(&mut self, holder: u32) -> Vec<Dead> {
        let of_holder = self.in_hand.range((holder, 0)..=(holder, u64::MAX));
        let leases: Vec<u64> = of_holder.map(|((_, lease), _)| *lease).collect();
        // Each goes to the very front: the oldest last.
        let dead = leases.into_iter().rev().filter_map(|lease| self.give_back(holder, lease));
        let mut dead: Vec<Dead> = dead.collect();
        dead.reverse();
        dead
    }

    /// Whether a holder has anything in hand.
    pub fn has(&self, holder: u32) -> bool {
        self.in_hand.range((holder, 0)..=(holder, u64::MAX)).next().is_some()
    }

    /// What nobody is left to take: was handed out, and never acknowledged.
    pub fn lost(self) -> Vec<Dead> {
        let left = self.returned.into_iter().chain(self.in_hand.into_values());
        left.map(|stored| Dead { item: stored.item, attempts: stored.attempts }).collect()
    }
}
