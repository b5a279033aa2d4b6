//! The items of one queue that wait to be taken, in the order in which they will be.

use super::priority::Priority;
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

/// How much may wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capacity {
    Unbounded,
    Items(usize),
    /// The items' bytes together. An item that is longer than this has room when nothing else waits.
    Bytes(u64),
}

/// What a store is made of.
#[derive(Clone, Copy, Debug)]
pub struct StoreSettings {
    pub kind: StoreKind,
    pub capacity: Capacity,
    pub when_full: WhenFull,
}

/// What a store goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measure {
    /// Only looked at by [`StoreKind::Priority`].
    pub priority: Priority,
    /// Only looked at by [`Capacity::Bytes`].
    pub bytes: u64,
}

impl Measure {
    /// Of an item without a priority.
    #[must_use]
    pub fn bytes(bytes: u64) -> Self {
        Measure { priority: Priority::Int(0), bytes }
    }
}

/// An item and how long it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry<T> {
    pub item: T,
    pub bytes: u64,
}

/// What became of an item that was offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Offer<T> {
    Accepted,
    /// There is no room: the item comes back.
    Full(T),
    /// Items were dropped for it, or it was itself.
    Dropped,
}

#[derive(Debug)]
enum Shelf<T> {
    Line { items: VecDeque<Entry<T>>, newest_first: bool },
    Sorted { items: BTreeMap<(Priority, u64), Entry<T>>, arrivals: u64 },
}

impl<T> Shelf<T> {
    fn len(&self) -> usize {
        match self {
            Shelf::Line { items, .. } => items.len(),
            Shelf::Sorted { items, .. } => items.len(),
        }
    }

    fn insert(&mut self, entry: Entry<T>, priority: Priority) {
        match self {
            Shelf::Line { items, .. } => items.push_back(entry),
            Shelf::Sorted { items, arrivals } => {
                items.insert((priority, *arrivals), entry);
                *arrivals += 1;
            }
        }
    }

    fn take(&mut self) -> Option<Entry<T>> {
        match self {
            Shelf::Line { items, newest_first: true } => items.pop_back(),
            Shelf::Line { items, newest_first: false } => items.pop_front(),
            Shelf::Sorted { items, .. } => items.pop_first().map(|(_, entry)| entry),
        }
    }

    /// Removes the item that arrived first.
    fn drop_oldest(&mut self) -> Option<Entry<T>> {
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
    returned: VecDeque<Entry<T>>,
    /// Of all items together.
    bytes: u64,
    capacity: Capacity,
    when_full: WhenFull,
    dropped: u64,
}

impl<T> Store<T> {
    /// An empty store.
    #[must_use]
    pub fn new(settings: StoreSettings) -> Self {
        let StoreSettings { kind, capacity, when_full } = settings;
        let shelf = match kind {
            StoreKind::Fifo => Shelf::Line { items: VecDeque::new(), newest_first: false },
            StoreKind::Lifo => Shelf::Line { items: VecDeque::new(), newest_first: true },
            StoreKind::Priority => Shelf::Sorted { items: BTreeMap::new(), arrivals: 0 },
        };
        Store { shelf, returned: VecDeque::new(), bytes: 0, capacity, when_full, dropped: 0 }
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.shelf.len() + self.returned.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes of all items.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Whether there is room for nothing more, however small.
    #[must_use]
    pub fn is_full(&self) -> bool {
        match self.capacity {
            Capacity::Unbounded => false,
            Capacity::Items(items) => self.len() >= items,
            Capacity::Bytes(bytes) => self.bytes >= bytes,
        }
    }

    /// Whether there is room for an item of this length.
    #[must_use]
    pub fn has_room(&self, bytes: u64) -> bool {
        match self.capacity {
            Capacity::Bytes(capacity) => self.is_empty() || self.bytes.saturating_add(bytes) <= capacity,
            Capacity::Unbounded | Capacity::Items(_) => !self.is_full(),
        }
    }

    /// How many items were dropped so far.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Takes an item in, if there is room.
    pub fn offer(&mut self, item: T, measure: Measure) -> Offer<T> {
        if self.has_room(measure.bytes) {
            self.insert(item, measure);
            return Offer::Accepted;
        }
        match self.when_full {
            WhenFull::Wait => return Offer::Full(item),
            WhenFull::DropNewest => self.dropped += 1,
            WhenFull::DropOldest => {
                while !self.has_room(measure.bytes) && self.drop_oldest() {}
                self.insert(item, measure);
            }
        }
        Offer::Dropped
    }

    /// Takes an item in whether there is room or not.
    pub fn insert(&mut self, item: T, measure: Measure) {
        self.bytes += measure.bytes;
        self.shelf.insert(Entry { item, bytes: measure.bytes }, measure.priority);
    }

    /// The next item.
    pub fn take(&mut self) -> Option<Entry<T>> {
        let entry = self.returned.pop_front().or_else(|| self.shelf.take())?;
        self.bytes -= entry.bytes;
        Some(entry)
    }

    /// Puts items that were taken before back to the front, in their order; there is always room for them.
    pub fn give_back(&mut self, entries: Vec<Entry<T>>) {
        for entry in entries.into_iter().rev() {
            self.bytes += entry.bytes;
            self.returned.push_front(entry);
        }
    }

    /// Drops all items; gives how many.
    pub fn clear(&mut self) -> usize {
        let dropped = self.len();
        self.returned.clear();
        while self.shelf.take().is_some() {}
        self.bytes = 0;
        dropped
    }

    /// Takes the next of the items that were given back.
    pub fn take_returned(&mut self) -> Option<Entry<T>> {
        let entry = self.returned.pop_front()?;
        self.bytes -= entry.bytes;
        Some(entry)
    }

    /// Whether there was one.
    fn drop_oldest(&mut self) -> bool {
        let Some(oldest) = self.shelf.drop_oldest().or_else(|| self.returned.pop_front()) else {
            return false;
        };
        self.bytes -= oldest.bytes;
        self.dropped += 1;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store(kind: StoreKind, capacity: Capacity, when_full: WhenFull) -> Store<i32> {
        Store::new(StoreSettings { kind, capacity, when_full })
    }

    fn key(priority: f64) -> Measure {
        Measure { priority: Priority::Float(priority), bytes: 1 }
    }

    fn filled(kind: StoreKind, when_full: WhenFull) -> Store<i32> {
        let mut store = store(kind, Capacity::Items(3), when_full);
        for (item, priority) in [(1, 2.0), (2, 1.0), (3, 2.0)] {
            assert_eq!(store.offer(item, key(priority)), Offer::Accepted);
        }
        store
    }

    fn all(mut store: Store<i32>) -> Vec<i32> {
        std::iter::from_fn(|| store.take()).map(|entry| entry.item).collect()
    }

    #[test]
    fn each_kind_has_its_order() {
        assert_eq!(all(filled(StoreKind::Fifo, WhenFull::Wait)), [1, 2, 3]);
        assert_eq!(all(filled(StoreKind::Lifo, WhenFull::Wait)), [3, 2, 1]);
        assert_eq!(all(filled(StoreKind::Priority, WhenFull::Wait)), [2, 1, 3]);
    }

    #[test]
    fn priorities_are_numbers() {
        let mut store = store(StoreKind::Priority, Capacity::Unbounded, WhenFull::Wait);
        let keys = [0.0, f64::NAN, -0.0, -f64::NAN, f64::INFINITY, -1.5];
        for (item, priority) in (0..).zip(keys) {
            store.offer(item, key(priority));
        }
        assert_eq!(all(store), [5, 0, 2, 4, 1, 3]);
    }

    #[test]
    fn a_full_store_does_as_it_is_told() {
        let mut waits = filled(StoreKind::Fifo, WhenFull::Wait);
        assert_eq!(waits.offer(4, key(0.0)), Offer::Full(4));
        let mut newest = filled(StoreKind::Fifo, WhenFull::DropNewest);
        assert_eq!(newest.offer(4, key(0.0)), Offer::Dropped);
        assert_eq!((newest.dropped(), all(newest)), (1, vec![1, 2, 3]));
        let mut oldest = filled(StoreKind::Priority, WhenFull::DropOldest);
        assert_eq!(oldest.offer(4, key(9.0)), Offer::Dropped);
        assert_eq!(all(oldest), [2, 3, 4]);
    }

    #[test]
    fn what_comes_back_goes_first_and_may_exceed_the_capacity() {
        let mut store = filled(StoreKind::Fifo, WhenFull::Wait);
        let taken = vec![store.take().unwrap(), store.take().unwrap()];
        assert_eq!(store.offer(4, key(0.0)), Offer::Accepted);
        assert_eq!(store.offer(5, key(0.0)), Offer::Accepted);
        store.give_back(taken);
        assert_eq!(store.len(), 5);
        assert!(store.is_full());
        assert_eq!(all(store), [1, 2, 3, 4, 5]);
    }

    #[test]
    fn bytes_are_counted_and_a_giant_passes_alone() {
        let mut store = store(StoreKind::Fifo, Capacity::Bytes(10), WhenFull::Wait);
        assert_eq!(store.offer(1, Measure::bytes(6)), Offer::Accepted);
        assert_eq!(store.offer(2, Measure::bytes(5)), Offer::Full(2));
        assert_eq!(store.offer(3, Measure::bytes(4)), Offer::Accepted);
        assert!(store.is_full());
        assert_eq!(store.offer(4, Measure::bytes(11)), Offer::Full(4));
        store.take();
        store.take();
        assert_eq!(store.offer(4, Measure::bytes(11)), Offer::Accepted);
        assert_eq!(store.offer(5, Measure::bytes(0)), Offer::Full(5));
    }

    #[test]
    fn as_many_are_dropped_as_need_be() {
        let mut store = store(StoreKind::Fifo, Capacity::Bytes(10), WhenFull::DropOldest);
        for item in 0..5 {
            store.offer(item, Measure::bytes(2));
        }
        assert_eq!(store.offer(5, Measure::bytes(5)), Offer::Dropped);
        assert_eq!(store.dropped(), 3);
        assert_eq!(all(store), [3, 4, 5]);
    }
}
