//! One queue with its leases: who has which item in hand, how often each was handed out, what is unfinished.

use super::broadcast::{Audience, Broadcast};
use super::store::{Entry, Measure, Offer, Store, StoreSettings};
use std::collections::BTreeMap;

/// What a queue is declared as.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    pub store: StoreSettings,
    /// Every item reaches every consumer. Such a queue is not joinable.
    pub broadcast: bool,
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

#[derive(Clone, Debug)]
struct Attempted<T> {
    item: T,
    /// How often it was handed out.
    attempts: u32,
}

type Stored<T> = Entry<Attempted<T>>;

fn fresh<T>(item: T) -> Attempted<T> {
    Attempted { item, attempts: 0 }
}

fn dead<T>(stored: Stored<T>) -> Dead<T> {
    Dead { item: stored.item.item, attempts: stored.item.attempts }
}

/// Whom an item reaches: one consumer, or each.
#[derive(Debug)]
enum Items<T> {
    ForOne(Store<T>),
    ForEach(Broadcast<T>),
}

/// One queue: its waiting items and those in hand.
#[derive(Debug)]
pub struct Machine<T> {
    items: Items<Attempted<T>>,
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
        let items = if settings.broadcast {
            Items::ForEach(Broadcast::new(settings.store))
        } else {
            Items::ForOne(Store::new(settings.store))
        };
        Machine {
            items,
            joinable: settings.joinable,
            redeliver: settings.redeliver,
            leases: BTreeMap::new(),
            last_lease: 0,
            unfinished: 0,
        }
    }

    /// How many items wait; of a broadcast queue, for the slowest consumer.
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.items {
            Items::ForOne(store) => store.len(),
            Items::ForEach(broadcast) => broadcast.len(),
        }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many items it holds, those in hand too, and of how many bytes.
    #[must_use]
    pub fn held(&self) -> (usize, u64) {
        let (items, bytes) = match &self.items {
            Items::ForOne(store) => (store.len(), store.bytes()),
            Items::ForEach(broadcast) => broadcast.held(),
        };
        let in_hand: u64 = self.leases.values().map(|stored| stored.bytes).sum();
        (items + self.leases.len(), bytes + in_hand)
    }

    /// How many items wait, as this process sees it.
    #[must_use]
    pub fn len_for(&self, process: u32) -> usize {
        match &self.items {
            Items::ForOne(store) => store.len(),
            Items::ForEach(broadcast) => broadcast.len_for(process),
        }
    }

    /// Whether there is room for nothing more.
    #[must_use]
    pub fn is_full(&self) -> bool {
        match &self.items {
            Items::ForOne(store) => store.is_full(),
            Items::ForEach(broadcast) => broadcast.is_full(),
        }
    }

    /// Whether there is room for an item of this length.
    #[must_use]
    pub fn has_room(&self, bytes: u64) -> bool {
        match &self.items {
            Items::ForOne(store) => store.has_room(bytes),
            Items::ForEach(broadcast) => broadcast.behind(bytes).next().is_none(),
        }
    }

    /// Who has something to get, and who has no room for an item of this length; of a broadcast queue only.
    #[must_use]
    pub fn audience(&self, bytes: u64) -> Option<Audience> {
        match &self.items {
            Items::ForOne(_) => None,
            Items::ForEach(broadcast) => Some(broadcast.audience(bytes)),
        }
    }

    /// Whether an item that is put now can reach somebody, then or later.
    #[must_use]
    pub fn is_heard(&self) -> bool {
        match &self.items {
            Items::ForOne(_) => true,
            Items::ForEach(broadcast) => broadcast.is_heard(),
        }
    }

    /// Of a broadcast queue: a consumer gets every item from now on.
    pub fn join(&mut self, consumer: u32) {
        if let Items::ForEach(broadcast) = &mut self.items {
            broadcast.join(consumer);
        }
    }

    /// Of a broadcast queue: a consumer takes nothing any more.
    pub fn leave(&mut self, consumer: u32) {
        if let Items::ForEach(broadcast) = &mut self.items {
            broadcast.leave(consumer);
        }
    }

    /// Of a broadcast queue: another consumer goes on where this one is.
    pub fn hand_over(&mut self, from: u32, to: u32) {
        if let Items::ForEach(broadcast) = &mut self.items {
            broadcast.hand_over(from, to);
        }
    }

    /// How many items were dropped, and of which consumer's line.
    #[must_use]
    pub fn dropped(&self) -> Vec<(Option<u32>, u64)> {
        match &self.items {
            Items::ForOne(store) => vec![(None, store.dropped())],
            Items::ForEach(broadcast) => {
                broadcast.dropped().into_iter().map(|(consumer, items)| (Some(consumer), items)).collect()
            }
        }
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
        leases.map(|(_, stored)| (&stored.item.item, stored.item.attempts))
    }

    /// Takes an item in, if there is room.
    pub fn put(&mut self, item: T, measure: Measure) -> Offer<T> {
        let offer = match &mut self.items {
            Items::ForOne(store) => store.offer(fresh(item), measure),
            Items::ForEach(broadcast) => broadcast.offer(fresh(item), measure),
        };
        match offer {
            Offer::Accepted => {
                self.unfinished += usize::from(self.joinable);
                Offer::Accepted
            }
            Offer::Full(stored) => Offer::Full(stored.item),
            Offer::Dropped => Offer::Dropped,
        }
    }

    /// Takes an item in whether there is room or not: a dead letter must not be lost.
    pub fn put_beyond(&mut self, item: T, measure: Measure) {
        match &mut self.items {
            Items::ForOne(store) => store.insert(fresh(item), measure),
            Items::ForEach(broadcast) => broadcast.insert(&fresh(item), measure),
        }
        self.unfinished += usize::from(self.joinable);
    }

    /// Hands out the next item.
    pub fn take(&mut self, holder: u32) -> Option<Taken<T>> {
        let mut stored = match &mut self.items {
            Items::ForOne(store) => store.take(),
            Items::ForEach(broadcast) => broadcast.take(holder),
        }?;
        stored.item.attempts += 1;
        let attempt = stored.item.attempts;
        if !self.joinable {
            return Some(Taken { lease: 0, attempt, item: stored.item.item });
        }
        self.last_lease += 1;
        let taken = Taken { lease: self.last_lease, attempt, item: stored.item.item.clone() };
        self.leases.insert((holder, self.last_lease), stored);
        Some(taken)
    }

    /// An item that a holder has taken without this machine becomes a lease, handed out once.
    pub fn adopt(&mut self, holder: u32, entry: Entry<T>) -> u64 {
        let Entry { item, bytes } = entry;
        self.last_lease += 1;
        self.unfinished += 1;
        self.leases.insert((holder, self.last_lease), Entry { item: Attempted { item, attempts: 1 }, bytes });
        self.last_lease
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
                self.return_to_front(vec![stored]);
                Returned::Redeliver
            }
            Err(dead) => Returned::Dead(dead),
        })
    }

    /// The leases of a holder, oldest first.
    pub fn leases_of(&self, holder: u32) -> impl Iterator<Item = u64> + '_ {
        self.leases.range((holder, 0)..=(holder, u64::MAX)).map(|((_, lease), _)| *lease)
    }

    /// What a holder had in hand goes back to the front, in order; gives those that are dead.
    pub fn holder_ended(&mut self, holder: u32) -> Vec<Dead<T>> {
        let leases: Vec<u64> = self.leases_of(holder).collect();
        let (mut back, mut dead) = (Vec::new(), Vec::new());
        for lease in leases {
            if let Ok(stored) = self.release(holder, lease) {
                match self.judge(stored) {
                    Ok(stored) => back.push(stored),
                    Err(gone) => dead.push(gone),
                }
            }
        }
        self.return_to_front(back);
        dead
    }

    /// Items that a holder was given and has not looked at go back to the front, as if they had never left; of a
    /// broadcast queue, to the front of its line.
    pub fn put_back(&mut self, holder: u32, entries: Vec<Entry<T>>) {
        let stored = entries.into_iter().map(|Entry { item, bytes }| Entry { item: fresh(item), bytes });
        match &mut self.items {
            Items::ForOne(store) => store.give_back(stored.collect()),
            Items::ForEach(broadcast) => broadcast.give_back(holder, stored.collect()),
        }
    }

    /// Drops what waits to be taken, of a queue that is no broadcast queue; it then counts as finished.
    pub fn clear(&mut self) {
        let Items::ForOne(store) = &mut self.items else { return };
        let dropped = store.clear();
        if self.joinable {
            self.unfinished -= dropped;
        }
    }

    /// Leased items go back to the front, in order, as if they had never left.
    pub fn untake(&mut self, holder: u32, leases: &[u64]) {
        let released = leases.iter().filter_map(|&lease| self.release(holder, lease).ok());
        let mut items: Vec<Stored<T>> = released.collect();
        for stored in &mut items {
            stored.item.attempts = stored.item.attempts.saturating_sub(1);
        }
        self.return_to_front(items);
    }

    /// Takes out an item of a joinable queue that was given back and that nobody is left to take; it then counts
    /// as finished. Those of other queues were never anybody's: they may be left in it.
    pub fn take_returned(&mut self) -> Option<Dead<T>> {
        let Items::ForOne(store) = &mut self.items else { return None };
        let stored = if self.joinable { store.take_returned()? } else { return None };
        self.unfinished -= 1;
        Some(dead(stored))
    }

    /// Only items of joinable queues are leased, and no broadcast queue is one.
    fn return_to_front(&mut self, stored: Vec<Stored<T>>) {
        if let Items::ForOne(store) = &mut self.items {
            store.give_back(stored);
        }
    }

    fn release(&mut self, holder: u32, lease: u64) -> Result<Stored<T>, NotInHand> {
        self.leases.remove(&(holder, lease)).ok_or(NotInHand)
    }

    /// Whether an item that comes back is handed out again; a dead one counts as finished.
    fn judge(&mut self, stored: Stored<T>) -> Result<Stored<T>, Dead<T>> {
        if stored.item.attempts <= self.redeliver {
            return Ok(stored);
        }
        self.unfinished -= 1;
        Err(dead(stored))
    }
}

#[cfg(test)]
mod tests {
    use super::super::store::{Capacity, StoreKind, WhenFull};
    use super::*;

    const ONE: Measure = Measure { priority: super::super::priority::Priority::Int(0), bytes: 1 };

    fn joinable(redeliver: u32) -> Machine<&'static str> {
        let store =
            StoreSettings { kind: StoreKind::Fifo, capacity: Capacity::Items(10), when_full: WhenFull::Wait };
        Machine::new(Settings { store, broadcast: false, joinable: true, redeliver })
    }

    #[test]
    fn an_item_is_unfinished_until_it_is_acknowledged() {
        let mut queue = joinable(3);
        queue.put("a", ONE);
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
            queue.put(item, ONE);
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
        for item in ["a", "b", "c"] {
            queue.put(item, ONE);
        }
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
        queue.put("a", ONE);
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
            queue.put(item, ONE);
        }
        let taken = queue.take(1).unwrap();
        queue.clear();
        assert_eq!((queue.len(), queue.unfinished()), (0, 1));
        assert_eq!(queue.acknowledge(1, taken.lease), Ok(()));
        assert_eq!(queue.unfinished(), 0);
    }
}
