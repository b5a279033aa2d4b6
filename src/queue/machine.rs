//! One queue with its leases: who has which item in hand, how often each was handed out, what is unfinished.

use super::store::{Offer, Store, StoreKind, WhenFull};
use std::collections::BTreeMap;

/// What a queue is declared as.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    pub kind: StoreKind,
    pub capacity: Option<usize>,
    pub when_full: WhenFull,
    pub joinable: bool,
    /// How often an item is given back before it is dead.
    pub redeliver: u32,
}

/// An item handed out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken<T> {
    /// 0 when the queue is not joinable: nothing is remembered of it then.
    pub lease: u64,
    /// From 1.
    pub attempt: u32,
    pub item: T,
}

/// An item that is given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dead<T> {
    pub item: T,
    pub attempts: u32,
}

/// What became of an item that was given back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Returned<T> {
    Redeliver,
    Dead(Dead<T>),
}

/// The lease is not in the hand of this holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotInHand;

#[derive(Debug)]
struct Stored<T> {
    item: T,
    /// How often it was handed out.
    attempts: u32,
}

/// One queue: its waiting items and those in hand.
#[derive(Debug)]
pub struct Machine<T> {
    store: Store<Stored<T>>,
    joinable: bool,
    redeliver: u32,
    /// By holder and lease: for each holder in the order in which they were handed out.
    leases: BTreeMap<(u32, u64), Stored<T>>,
    last_lease: u64,
    unfinished: usize,
}

impl<T: Clone> Machine<T> {
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Machine {
            store: Store::new(settings.kind, settings.capacity, settings.when_full),
            joinable: settings.joinable,
            redeliver: settings.redeliver,
            leases: BTreeMap::new(),
            last_lease: 0,
            unfinished: 0,
        }
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.store.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.store.is_empty()
    }

    #[must_use]
    pub fn is_full(&self) -> bool {
        self.store.is_full()
    }

    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.store.dropped()
    }

    /// Items put and not acknowledged; always 0 for a queue that is not joinable.
    #[must_use]
    pub fn unfinished(&self) -> usize {
        self.unfinished
    }

    /// How many items a holder has in hand.
    #[must_use]
    pub fn in_hand_of(&self, holder: u32) -> usize {
        self.leases.range((holder, 0)..=(holder, u64::MAX)).count()
    }

    /// Those who have items in hand.
    pub fn holders(&self) -> impl Iterator<Item = u32> + '_ {
        let next = |from: u32| self.leases.range((from, 0)..).next().map(|((holder, _), _)| *holder);
        std::iter::successors(next(0), move |last| next(last.checked_add(1)?))
    }

    /// What a holder has in hand, oldest first, and how often each was handed out.
    pub fn in_hand(&self, holder: u32) -> impl Iterator<Item = (&T, u32)> {
        let leases = self.leases.range((holder, 0)..=(holder, u64::MAX));
        leases.map(|(_, stored)| (&stored.item, stored.attempts))
    }

    /// Takes an item in, if there is room; `key` is its priority.
    pub fn put(&mut self, item: T, key: f64) -> Offer<T> {
        let offer = match self.store.offer(Stored { item, attempts: 0 }, key) {
            Offer::Accepted => Offer::Accepted,
            Offer::Full(stored) => Offer::Full(stored.item),
            Offer::Dropped(stored) => Offer::Dropped(stored.item),
        };
        if self.joinable && matches!(offer, Offer::Accepted) {
            self.unfinished += 1;
        }
        offer
    }

    /// Takes an item in whether there is room or not: a dead letter must not be lost.
    pub fn put_beyond(&mut self, item: T) {
        self.store.insert_beyond(Stored { item, attempts: 0 });
        self.unfinished += usize::from(self.joinable);
    }

    /// Hands out the next item.
    pub fn take(&mut self, holder: u32) -> Option<Taken<T>> {
        let mut stored = self.store.take()?;
        stored.attempts += 1;
        if !self.joinable {
            return Some(Taken { lease: 0, attempt: stored.attempts, item: stored.item });
        }
        self.last_lease += 1;
        let taken = Taken { lease: self.last_lease, attempt: stored.attempts, item: stored.item.clone() };
        self.leases.insert((holder, self.last_lease), stored);
        Some(taken)
    }

    /// The item of a lease is done.
    pub fn acknowledge(&mut self, holder: u32, lease: u64) -> Result<(), NotInHand> {
        self.release(holder, lease)?;
        self.unfinished -= 1;
        Ok(())
    }

    /// The item of a lease goes back to the front, or, after too many attempts, is dead.
    pub fn give_back(&mut self, holder: u32, lease: u64) -> Result<Returned<T>, NotInHand> {
        let stored = self.release(holder, lease)?;
        Ok(match self.judge(stored) {
            Ok(stored) => {
                self.store.give_back(vec![stored]);
                Returned::Redeliver
            }
            Err(dead) => Returned::Dead(dead),
        })
    }

    /// What a holder had in hand goes back to the front, in order; gives those that are dead.
    pub fn holder_ended(&mut self, holder: u32) -> Vec<Dead<T>> {
        let of_holder = self.leases.range((holder, 0)..=(holder, u64::MAX));
        let leases: Vec<u64> = of_holder.map(|((_, lease), _)| *lease).collect();
        let (mut back, mut dead) = (Vec::new(), Vec::new());
        for lease in leases {
            if let Ok(stored) = self.release(holder, lease) {
                match self.judge(stored) {
                    Ok(stored) => back.push(stored),
                    Err(gone) => dead.push(gone),
                }
            }
        }
        self.store.give_back(back);
        dead
    }

    /// Items that were handed out ahead and not taken go back to the front, as if they had never left.
    pub fn put_back(&mut self, items: Vec<T>) {
        self.store.give_back(items.into_iter().map(|item| Stored { item, attempts: 0 }).collect());
    }

    /// Drops what waits to be taken; it then counts as finished.
    pub fn clear(&mut self) {
        let dropped = self.store.clear();
        if self.joinable {
            self.unfinished -= dropped;
        }
    }

    /// Leased items go back to the front, in order, as if they had never left.
    pub fn untake(&mut self, holder: u32, leases: &[u64]) {
        let released = leases.iter().filter_map(|&lease| self.release(holder, lease).ok());
        let items: Vec<Stored<T>> = released.collect();
        let before = |stored: Stored<T>| Stored { attempts: stored.attempts.saturating_sub(1), ..stored };
        self.store.give_back(items.into_iter().map(before).collect());
    }

    /// Takes out an item that was given back and that nobody is left to take; it then counts as finished.
    pub fn take_returned(&mut self) -> Option<Dead<T>> {
        let stored = self.store.take_returned()?;
        self.unfinished -= 1;
        Some(Dead { item: stored.item, attempts: stored.attempts })
    }

    fn release(&mut self, holder: u32, lease: u64) -> Result<Stored<T>, NotInHand> {
        self.leases.remove(&(holder, lease)).ok_or(NotInHand)
    }

    /// Whether an item that comes back is handed out again; a dead one counts as finished.
    fn judge(&mut self, stored: Stored<T>) -> Result<Stored<T>, Dead<T>> {
        if stored.attempts <= self.redeliver {
            return Ok(stored);
        }
        self.unfinished -= 1;
        Err(Dead { item: stored.item, attempts: stored.attempts })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joinable(redeliver: u32) -> Machine<&'static str> {
        let settings = Settings {
            kind: StoreKind::Fifo,
            capacity: Some(10),
            when_full: WhenFull::Wait,
            joinable: true,
            redeliver,
        };
        Machine::new(settings)
    }

    #[test]
    fn an_item_is_unfinished_until_it_is_acknowledged() {
        let mut queue = joinable(3);
        queue.put("a", 0.0);
        let taken = queue.take(1).unwrap();
        assert_eq!((queue.unfinished(), queue.len(), queue.in_hand_of(1)), (1, 0, 1));
        assert_eq!(queue.holders().collect::<Vec<_>>(), [1]);
        assert_eq!(queue.acknowledge(2, taken.lease), Err(NotInHand));
        assert_eq!(queue.acknowledge(1, taken.lease), Ok(()));
        assert_eq!(queue.acknowledge(1, taken.lease), Err(NotInHand));
        assert_eq!((queue.unfinished(), queue.in_hand_of(1)), (0, 0));
    }

    #[test]
    fn what_a_dead_holder_had_comes_back_in_order() {
        let mut queue = joinable(3);
        for item in ["a", "b", "c"] {
            queue.put(item, 0.0);
        }
        queue.take(1);
        queue.take(2);
        queue.take(1);
        assert!(queue.holder_ended(1).is_empty());
        let again: Vec<_> = std::iter::from_fn(|| queue.take(2)).map(|t| (t.item, t.attempt)).collect();
        assert_eq!(again, [("a", 2), ("c", 2)]);
    }

    #[test]
    fn what_was_never_seen_was_no_attempt() {
        let mut queue = joinable(0);
        ["a", "b", "c"].map(|item| queue.put(item, 0.0));
        let leases = [queue.take(1), queue.take(1)].map(|taken| taken.map_or(0, |taken| taken.lease));
        queue.untake(2, &leases);
        assert_eq!(queue.in_hand_of(1), 2);
        queue.untake(1, &leases);
        let again: Vec<_> = std::iter::from_fn(|| queue.take(2)).map(|t| (t.item, t.attempt)).collect();
        assert_eq!((again, queue.unfinished()), (vec![("a", 1), ("b", 1), ("c", 1)], 3));
    }

    #[test]
    fn an_item_is_dead_after_redeliver_times() {
        let mut queue = joinable(1);
        queue.put("a", 0.0);
        let first = queue.take(1).unwrap();
        assert_eq!(queue.give_back(1, first.lease), Ok(Returned::Redeliver));
        queue.take(1);
        assert_eq!(queue.holder_ended(1), [Dead { item: "a", attempts: 2 }]);
        assert_eq!(queue.unfinished(), 0);
    }

    #[test]
    fn what_is_in_hand_outlives_a_clearing() {
        let mut queue = joinable(1);
        for item in ["a", "b", "c"] {
            queue.put(item, 0.0);
        }
        let taken = queue.take(1).unwrap();
        queue.clear();
        assert_eq!((queue.len(), queue.unfinished()), (0, 1));
        assert_eq!(queue.acknowledge(1, taken.lease), Ok(()));
        assert_eq!(queue.unfinished(), 0);
    }
}
