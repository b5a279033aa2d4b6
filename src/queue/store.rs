//! The items of one queue that wait to be taken, in the order in which they will be.

use std::collections::{BTreeMap, VecDeque};

/// Which item is taken first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreKind {
    Fifo,
    Lifo,
    /// The smallest key first, ties in order of arrival.
    Priority,
}

/// What happens to an item for which there is no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenFull {
    Wait,
    DropOldest,
    DropNewest,
}

/// What became of an item that was offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Offer<T> {
    Accepted,
    /// There is no room: the item comes back.
    Full(T),
    /// An item was dropped for it, or it was itself.
    Dropped(T),
}

/// A float as a key: ordered as numbers are, both zeros equal, NaN last.
#[derive(Clone, Copy, Debug)]
struct Key(f64);

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Key {}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let order = self.0.partial_cmp(&other.0);
        order.unwrap_or_else(|| self.0.is_nan().cmp(&other.0.is_nan()))
    }
}

#[derive(Debug)]
enum Shelf<T> {
    Line { items: VecDeque<T>, newest_first: bool },
    Sorted { items: BTreeMap<(Key, u64), T>, arrivals: u64 },
}

impl<T> Shelf<T> {
    fn len(&self) -> usize {
        match self {
            Shelf::Line { items, .. } => items.len(),
            Shelf::Sorted { items, .. } => items.len(),
        }
    }

    fn insert(&mut self, item: T, key: f64) {
        match self {
            Shelf::Line { items, .. } => items.push_back(item),
            Shelf::Sorted { items, arrivals } => {
                items.insert((Key(key), *arrivals), item);
                *arrivals += 1;
            }
        }
    }

    fn take(&mut self) -> Option<T> {
        match self {
            Shelf::Line { items, newest_first: true } => items.pop_back(),
            Shelf::Line { items, newest_first: false } => items.pop_front(),
            Shelf::Sorted { items, .. } => items.pop_first().map(|(_, item)| item),
        }
    }

    /// Removes the item that arrived first.
    fn drop_oldest(&mut self) -> Option<T> {
        match self {
            Shelf::Line { items, .. } => items.pop_front(),
            Shelf::Sorted { items, .. } => {
                let oldest = items.keys().min_by_key(|(_, arrival)| *arrival).copied()?;
                items.remove(&oldest)
            }
        }
    }
}

/// The waiting items of one queue.
#[derive(Debug)]
pub struct Store<T> {
    shelf: Shelf<T>,
    /// Items that were given back: they come before all others, oldest first.
    returned: VecDeque<T>,
    capacity: Option<usize>,
    when_full: WhenFull,
    dropped: u64,
}

impl<T> Store<T> {
    /// An empty store; `capacity` `None` is unbounded.
    #[must_use]
    pub fn new(kind: StoreKind, capacity: Option<usize>, when_full: WhenFull) -> Self {
        let shelf = match kind {
            StoreKind::Fifo => Shelf::Line { items: VecDeque::new(), newest_first: false },
            StoreKind::Lifo => Shelf::Line { items: VecDeque::new(), newest_first: true },
            StoreKind::Priority => Shelf::Sorted { items: BTreeMap::new(), arrivals: 0 },
        };
        Store { shelf, returned: VecDeque::new(), capacity, when_full, dropped: 0 }
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.shelf.len() + self.returned.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    #[must_use]
    pub fn is_full(&self) -> bool {
        self.capacity.is_some_and(|capacity| self.len() >= capacity)
    }

    /// How many items were dropped so far.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Takes an item in, if there is room; `key` is its priority.
    pub fn offer(&mut self, item: T, key: f64) -> Offer<T> {
        if !self.is_full() {
            self.shelf.insert(item, key);
            return Offer::Accepted;
        }
        match self.when_full {
            WhenFull::Wait => Offer::Full(item),
            WhenFull::DropNewest => {
                self.dropped += 1;
                Offer::Dropped(item)
            }
            WhenFull::DropOldest => {
                self.dropped += 1;
                match self.shelf.drop_oldest().or_else(|| self.returned.pop_front()) {
                    Some(oldest) => {
                        self.shelf.insert(item, key);
                        Offer::Dropped(oldest)
                    }
                    None => Offer::Dropped(item),
                }
            }
        }
    }

    /// Takes an item in whether there is room or not.
    pub fn insert_beyond(&mut self, item: T) {
        self.shelf.insert(item, 0.0);
    }

    /// The next item.
    pub fn take(&mut self) -> Option<T> {
        self.returned.pop_front().or_else(|| self.shelf.take())
    }

    /// Puts items that were taken before back to the front, in their order; there is always room for them.
    pub fn give_back(&mut self, items: Vec<T>) {
        for item in items.into_iter().rev() {
            self.returned.push_front(item);
        }
    }

    /// Drops all items; gives how many.
    pub fn clear(&mut self) -> usize {
        let dropped = self.len();
        self.returned.clear();
        while self.shelf.take().is_some() {}
        dropped
    }

    /// Takes the next of the items that were given back.
    pub fn take_returned(&mut self) -> Option<T> {
        self.returned.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(kind: StoreKind, when_full: WhenFull) -> Store<i32> {
        let mut store = Store::new(kind, Some(3), when_full);
        for (item, key) in [(1, 2.0), (2, 1.0), (3, 2.0)] {
            assert_eq!(store.offer(item, key), Offer::Accepted);
        }
        store
    }

    fn all(mut store: Store<i32>) -> Vec<i32> {
        std::iter::from_fn(|| store.take()).collect()
    }

    #[test]
    fn each_kind_has_its_order() {
        assert_eq!(all(filled(StoreKind::Fifo, WhenFull::Wait)), [1, 2, 3]);
        assert_eq!(all(filled(StoreKind::Lifo, WhenFull::Wait)), [3, 2, 1]);
        assert_eq!(all(filled(StoreKind::Priority, WhenFull::Wait)), [2, 1, 3]);
    }

    #[test]
    fn priorities_are_numbers() {
        let mut store = Store::new(StoreKind::Priority, None, WhenFull::Wait);
        let keys = [0.0, f64::NAN, -0.0, -f64::NAN, f64::INFINITY, -1.5];
        for (item, key) in (0..).zip(keys) {
            store.offer(item, key);
        }
        assert_eq!(all(store), [5, 0, 2, 4, 1, 3]);
    }

    #[test]
    fn a_full_store_does_as_it_is_told() {
        let mut waits = filled(StoreKind::Fifo, WhenFull::Wait);
        assert_eq!(waits.offer(4, 0.0), Offer::Full(4));
        let mut newest = filled(StoreKind::Fifo, WhenFull::DropNewest);
        assert_eq!(newest.offer(4, 0.0), Offer::Dropped(4));
        assert_eq!((newest.dropped(), all(newest)), (1, vec![1, 2, 3]));
        let mut oldest = filled(StoreKind::Priority, WhenFull::DropOldest);
        assert_eq!(oldest.offer(4, 9.0), Offer::Dropped(1));
        assert_eq!(all(oldest), [2, 3, 4]);
    }

    #[test]
    fn what_comes_back_goes_first_and_may_exceed_the_capacity() {
        let mut store = filled(StoreKind::Fifo, WhenFull::Wait);
        let taken = vec![store.take().unwrap(), store.take().unwrap()];
        assert_eq!(store.offer(4, 0.0), Offer::Accepted);
        assert_eq!(store.offer(5, 0.0), Offer::Accepted);
        store.give_back(taken);
        assert_eq!(store.len(), 5);
        assert!(store.is_full());
        assert_eq!(all(store), [1, 2, 3, 4, 5]);
    }
}
