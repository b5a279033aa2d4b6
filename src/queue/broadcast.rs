//! A queue whose every item reaches every consumer: each consumer has a line of its own, and an item goes into all
//! of them. Producers are held by the consumer whose line is full, which is the slowest.

use super::store::{Entry, Measure, Offer, Store, StoreSettings, WhenFull};
use std::collections::BTreeMap;

/// The lines of all consumers, by who they are.
#[derive(Debug)]
pub struct Broadcast<T> {
    settings: StoreSettings,
    lines: BTreeMap<u32, Store<T>>,
    /// What was dropped of the lines of those who have left.
    dropped: BTreeMap<u32, u64>,
}

/// How the consumers of a broadcast queue stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audience {
    /// Those for whom items wait.
    pub unread: Vec<u32>,
    /// Those who have no room for one more: each of them holds the producers.
    pub behind: Vec<u32>,
}

impl<T: Clone> Broadcast<T> {
    /// Nobody listens yet: what is put reaches nobody.
    #[must_use]
    pub fn new(settings: StoreSettings) -> Self {
        Broadcast { settings, lines: BTreeMap::new(), dropped: BTreeMap::new() }
    }

    /// A consumer gets every item from now on; one that does already goes on where it is.
    pub fn join(&mut self, consumer: u32) {
        self.lines.entry(consumer).or_insert_with(|| Store::new(self.settings));
    }

    /// A consumer takes nothing any more: it holds nobody up.
    pub fn leave(&mut self, consumer: u32) {
        if let Some(line) = self.lines.remove(&consumer)
            && line.dropped() > 0
        {
            *self.dropped.entry(consumer).or_default() += line.dropped();
        }
    }

    /// Another consumer, unless it has a line of its own, goes on where this one is.
    pub fn hand_over(&mut self, from: u32, to: u32) {
        if !self.lines.contains_key(&to)
            && let Some(line) = self.lines.remove(&from)
        {
            self.lines.insert(to, line);
        }
    }

    /// Whether an item that is put now reaches anybody.
    #[must_use]
    pub fn is_heard(&self) -> bool {
        !self.lines.is_empty()
    }

    /// How many items wait for a consumer; as seen by all others, for the slowest.
    #[must_use]
    pub fn len_for(&self, consumer: u32) -> usize {
        self.lines.get(&consumer).map_or_else(|| self.len(), Store::len)
    }

    /// How many items wait for the slowest.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lines.values().map(Store::len).max().unwrap_or(0)
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The items and bytes of all lines.
    #[must_use]
    pub fn held(&self) -> (usize, u64) {
        self.lines.values().fold((0, 0), |(items, bytes), line| (items + line.len(), bytes + line.bytes()))
    }

    /// Whether a line is full.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.lines.values().any(Store::is_full)
    }

    /// How the consumers stand when an item of this length is to be put.
    #[must_use]
    pub fn audience(&self, bytes: u64) -> Audience {
        let unread = self.lines.iter().filter(|(_, line)| !line.is_empty()).map(|(consumer, _)| *consumer);
        Audience { unread: unread.collect(), behind: self.behind(bytes).collect() }
    }

    /// Those whose lines have no room for an item of this length.
    pub fn behind(&self, bytes: u64) -> impl Iterator<Item = u32> + '_ {
        self.lines.iter().filter(move |(_, line)| !line.has_room(bytes)).map(|(consumer, _)| *consumer)
    }

    /// How many items each consumer has lost.
    #[must_use]
    pub fn dropped(&self) -> BTreeMap<u32, u64> {
        let mut dropped = self.dropped.clone();
        for (consumer, line) in self.lines.iter().filter(|(_, line)| line.dropped() > 0) {
            *dropped.entry(*consumer).or_default() += line.dropped();
        }
        dropped
    }

    /// Takes an item in, if every line has room. Where items are dropped, each line does so for itself.
    pub fn offer(&mut self, item: T, measure: Measure) -> Offer<T> {
        if self.settings.when_full == WhenFull::Wait && self.behind(measure.bytes).next().is_some() {
            return Offer::Full(item);
        }
        let mut all = Offer::Accepted;
        for line in self.lines.values_mut() {
            if !matches!(line.offer(item.clone(), measure), Offer::Accepted) {
                all = Offer::Dropped;
            }
        }
        all
    }

    /// Takes an item in whether there is room or not.
    pub fn insert(&mut self, item: &T, measure: Measure) {
        self.lines.values_mut().for_each(|line| line.insert(item.clone(), measure));
    }

    /// Items that a consumer took go back to the front of its line.
    pub fn give_back(&mut self, consumer: u32, entries: Vec<Entry<T>>) {
        if let Some(line) = self.lines.get_mut(&consumer) {
            line.give_back(entries);
        }
    }

    /// The next item of a consumer.
    pub fn take(&mut self, consumer: u32) -> Option<Entry<T>> {
        self.lines.get_mut(&consumer)?.take()
    }
}

#[cfg(test)]
mod tests {
    use super::super::store::{Capacity, StoreKind};
    use super::*;

    fn broadcast(when_full: WhenFull) -> Broadcast<char> {
        let mut queue =
            Broadcast::new(StoreSettings { kind: StoreKind::Fifo, capacity: Capacity::Items(2), when_full });
        queue.join(1);
        queue.join(2);
        queue
    }

    fn put(queue: &mut Broadcast<char>, item: char) -> Offer<char> {
        queue.offer(item, Measure::bytes(1))
    }

    fn rest(queue: &mut Broadcast<char>, consumer: u32) -> String {
        std::iter::from_fn(|| queue.take(consumer)).map(|entry| entry.item).collect()
    }

    #[test]
    fn everybody_gets_everything_and_the_slowest_holds_the_producers() {
        let mut queue = broadcast(WhenFull::Wait);
        put(&mut queue, 'a');
        put(&mut queue, 'b');
        assert_eq!(rest(&mut queue, 1), "ab");
        assert_eq!((queue.len_for(1), queue.len_for(2), queue.len_for(9)), (0, 2, 2));
        assert_eq!(put(&mut queue, 'c'), Offer::Full('c'));
        assert_eq!(queue.behind(1).collect::<Vec<_>>(), [2]);
        queue.leave(2);
        assert_eq!(put(&mut queue, 'c'), Offer::Accepted);
        assert_eq!(rest(&mut queue, 1), "c");
    }

    #[test]
    fn who_comes_later_gets_what_comes_later() {
        let mut queue = broadcast(WhenFull::Wait);
        put(&mut queue, 'a');
        queue.join(3);
        put(&mut queue, 'b');
        queue.join(3);
        assert_eq!((rest(&mut queue, 3), rest(&mut queue, 1)), ("b".to_owned(), "ab".to_owned()));
        queue.leave(2);
        put(&mut queue, 'c');
        queue.hand_over(3, 4);
        assert_eq!((rest(&mut queue, 3), rest(&mut queue, 4)), (String::new(), "c".to_owned()));
    }

    #[test]
    fn each_line_drops_for_itself() {
        for (when_full, kept) in [(WhenFull::DropOldest, "cd"), (WhenFull::DropNewest, "ab")] {
            let mut queue = broadcast(when_full);
            put(&mut queue, 'a');
            put(&mut queue, 'b');
            assert_eq!(rest(&mut queue, 1), "ab");
            assert_eq!(put(&mut queue, 'c'), Offer::Dropped);
            put(&mut queue, 'd');
            assert_eq!((&*rest(&mut queue, 1), &*rest(&mut queue, 2)), ("cd", kept));
            queue.leave(2);
            assert_eq!(queue.dropped(), BTreeMap::from([(2, 2)]));
        }
    }

    #[test]
    fn what_nobody_hears_is_gone() {
        let mut queue = broadcast(WhenFull::Wait);
        queue.leave(1);
        queue.leave(2);
        assert_eq!((put(&mut queue, 'a'), queue.is_heard()), (Offer::Accepted, false));
        queue.join(1);
        assert!(queue.is_empty());
    }
}
