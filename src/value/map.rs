//! The entries of a map. Whoever looks at them sees them sorted by key, as in the language.
//!
//! Few entries are a sorted list, beside which a byte for each key says which can be the one that is looked for. Many are a
//! table by hash, whose order is made when somebody asks for it. Keys are texts: a map shares them with the program that
//! wrote it, or with the variable that held the key.

use super::{Text, Value};
use ahash::RandomState;
use indexmap::IndexMap;
use std::cell::{Cell, OnceCell};
use std::fmt;

/// So many entries are a list.
const FEW: usize = 16;

#[derive(Clone)]
pub struct Map(Entries);

#[derive(Clone)]
enum Entries {
    Few(Few),
    Many(Box<Many>),
}

#[derive(Clone)]
struct Few {
    list: Vec<(Text, Value)>,
    /// Of each key, in the order of the list. What stands behind them means nothing.
    tags: [u8; FEW],
}

/// Keys that differ mostly have different ones.
#[inline]
fn tag(key: &str) -> u8 {
    let bytes = key.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else { return 0 };
    let middle = bytes[bytes.len() / 2];
    (bytes.len() as u8) ^ first ^ middle.rotate_left(2) ^ last.rotate_left(5)
}

/// The bytes of eight that are a tag, as their highest bits, and maybe some behind them that are not.
#[inline]
fn matching(tags: &[u8], tag: u8) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let Ok(tags) = tags.try_into() else { return 0 };
    let differing = u64::from_le_bytes(tags) ^ (ONES * u64::from(tag));
    differing.wrapping_sub(ONES) & !differing & (ONES << 7)
}

impl Few {
    const fn new() -> Few {
        Few { list: Vec::new(), tags: [0; FEW] }
    }

    #[inline]
    fn found(&self, key: &str) -> Option<usize> {
        if self.list.is_empty() {
            return None;
        }
        let tag = tag(key);
        for (half, tags) in self.tags.chunks_exact(8).enumerate() {
            let mut open = matching(tags, tag);
            while open != 0 {
                let place = 8 * half + open.trailing_zeros() as usize / 8;
                if self.list.get(place).is_some_and(|(known, _)| known.as_str() == key) {
                    return Some(place);
                }
                open &= open - 1;
            }
            if self.list.len() <= 8 {
                break;
            }
        }
        None
    }

    /// The place of a key that may be the very text that the map has.
    #[inline]
    fn found_text(&self, key: &Text) -> Option<usize> {
        let same = match &self.list[..] {
            list if list.len() <= 8 => list.iter().position(|(known, _)| known.is_same(key)),
            _ => None,
        };
        same.or_else(|| self.found(key))
    }

    /// Puts in a key that is not there.
    fn insert(&mut self, key: &Text) -> usize {
        let place = self.list.partition_point(|(known, _)| known < key);
        self.list.insert(place, (key.clone(), Value::Unit));
        self.tags.copy_within(place..FEW - 1, place + 1);
        self.tags[place] = tag(key);
        place
    }

    fn remove(&mut self, place: usize) -> Value {
        self.tags.copy_within(place + 1.., place);
        self.list.remove(place).1
    }
}

#[derive(Clone, Default)]
struct Many {
    table: IndexMap<Text, Value, RandomState>,
    /// The places of all entries in the table, by key.
    order: OnceCell<Vec<u32>>,
    /// The order as it was before the entries behind these came.
    former: Vec<u32>,
    /// What was read last, as it often is written next.
    last: Cell<usize>,
}

impl Many {
    fn order(&self) -> &[u32] {
        self.order.get_or_init(|| {
            // What is sorted already is not sorted again.
            let mut order = self.former.clone();
            order.extend(order.len() as u32..self.table.len() as u32);
            order.sort_by(|a, b| self.key(*a).cmp(&self.key(*b)));
            order
        })
    }

    fn key(&self, place: u32) -> Option<&Text> {
        self.table.get_index(place as usize).map(|(key, _)| key)
    }

    fn get(&self, key: &Text) -> Option<&Value> {
        let place = self.table.get_index_of(key)?;
        self.last.set(place);
        Some(&self.table[place])
    }

    /// The value of a key, which is made if it is not there.
    fn place(&mut self, key: &Text) -> &mut Value {
        let last = self.last.get();
        if self.table.get_index(last).is_some_and(|(known, _)| known == key) {
            return &mut self.table[last];
        }
        let before = self.table.len();
        let entry = self.table.entry(key.clone());
        if entry.index() == before
            && let Some(order) = self.order.take()
        {
            self.former = order;
        }
        entry.or_default()
    }

    fn remove(&mut self, key: &str) -> Option<Value> {
        let removed = self.table.swap_remove(key);
        if removed.is_some() {
            self.order.take();
            self.former.clear();
        }
        removed
    }
}

impl Default for Map {
    fn default() -> Self {
        Map::new()
    }
}

impl Map {
    #[must_use]
    pub const fn new() -> Map {
        Map(Entries::Few(Few::new()))
    }

    /// With room for so many entries.
    #[must_use]
    pub fn with_capacity(entries: usize) -> Map {
        Map(Entries::Few(Few { list: Vec::with_capacity(entries.min(FEW)), tags: [0; FEW] }))
    }

    /// A map with the same keys, and values for them in the order of the keys.
    #[must_use]
    pub fn with_values(&self, values: impl Iterator<Item = Value>) -> Map {
        match &self.0 {
            Entries::Few(few) => {
                let list =
                    few.list.iter().zip(values).map(|((key, _), value)| (key.clone(), value)).collect();
                Map(Entries::Few(Few { list, tags: few.tags }))
            }
            Entries::Many(_) => self.keys().cloned().zip(values).collect(),
        }
    }

    #[must_use]
    pub fn len(&self) -> usize {
        match &self.0 {
            Entries::Few(few) => few.list.len(),
            Entries::Many(many) => many.table.len(),
        }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        match &self.0 {
            Entries::Few(few) => few.found(key).map(|place| &few.list[place].1),
            Entries::Many(many) => many.table.get(key),
        }
    }

    /// The same, for a key that the map probably shares.
    #[must_use]
    pub fn get_shared(&self, key: &Text) -> Option<&Value> {
        match &self.0 {
            Entries::Few(few) => few.found_text(key).map(|place| &few.list[place].1),
            Entries::Many(many) => many.get(key),
        }
    }

    #[must_use]
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        match &mut self.0 {
            Entries::Few(few) => few.found(key).map(|place| &mut few.list[place].1),
            Entries::Many(many) => many.table.get_mut(key),
        }
    }

    #[must_use]
    pub fn contains_key(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// The value of a key, which is made if it is not there.
    pub fn place(&mut self, key: &Text) -> &mut Value {
        let found = match &self.0 {
            Entries::Few(few) => few.found_text(key),
            Entries::Many(_) => None,
        };
        if found.is_none() && self.is_full() {
            self.grow();
        }
        match &mut self.0 {
            Entries::Few(few) => {
                let place = found.unwrap_or_else(|| few.insert(key));
                &mut few.list[place].1
            }
            Entries::Many(many) => many.place(key),
        }
    }

    /// Whether a list can become no longer.
    fn is_full(&self) -> bool {
        matches!(&self.0, Entries::Few(few) if few.list.len() >= FEW)
    }

    #[cold]
    fn grow(&mut self) {
        if let Entries::Few(few) = &mut self.0 {
            let table: IndexMap<_, _, _> = few.list.drain(..).collect();
            let former = (0..table.len() as u32).collect();
            self.0 = Entries::Many(Box::new(Many { table, former, ..Many::default() }));
        }
    }

    /// Puts a value in, and gives the one that was there.
    pub fn insert(&mut self, key: impl Into<Text>, value: Value) -> Option<Value> {
        let (before, key) = (self.len(), key.into());
        let former = std::mem::replace(self.place(&key), value);
        (self.len() == before).then_some(former)
    }

    pub fn remove(&mut self, key: &str) -> Option<Value> {
        match &mut self.0 {
            Entries::Few(few) => few.found(key).map(|place| few.remove(place)),
            Entries::Many(many) => many.remove(key),
        }
    }

    /// All entries, sorted by key.
    #[must_use]
    pub fn iter(&self) -> Iter<'_> {
        Iter(match &self.0 {
            Entries::Few(few) => Walk::Few(few.list.iter()),
            Entries::Many(many) => Walk::Many(many, many.order().iter()),
        })
    }

    pub fn keys(&self) -> impl Iterator<Item = &Text> {
        self.iter().map(|(key, _)| key)
    }

    pub fn values(&self) -> impl Iterator<Item = &Value> {
        self.iter().map(|(_, value)| value)
    }
}

pub struct Iter<'a>(Walk<'a>);

enum Walk<'a> {
    Few(std::slice::Iter<'a, (Text, Value)>),
    Many(&'a Many, std::slice::Iter<'a, u32>),
}

impl<'a> Iterator for Iter<'a> {
    type Item = (&'a Text, &'a Value);

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.0 {
            Walk::Few(few) => few.next().map(|(key, value)| (key, value)),
            Walk::Many(many, places) => many.table.get_index(*places.next()? as usize),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = match &self.0 {
            Walk::Few(few) => few.len(),
            Walk::Many(_, places) => places.len(),
        };
        (left, Some(left))
    }
}

impl ExactSizeIterator for Iter<'_> {}

impl<'a> IntoIterator for &'a Map {
    type Item = (&'a Text, &'a Value);
    type IntoIter = Iter<'a>;
    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

impl IntoIterator for Map {
    type Item = (Text, Value);
    type IntoIter = std::vec::IntoIter<(Text, Value)>;
    fn into_iter(self) -> Self::IntoIter {
        match self.0 {
            Entries::Few(few) => few.list.into_iter(),
            Entries::Many(many) => {
                let mut all: Vec<_> = many.table.into_iter().collect();
                all.sort_by(|(a, _), (b, _)| a.cmp(b));
                all.into_iter()
            }
        }
    }
}

impl<K: Into<Text>> Extend<(K, Value)> for Map {
    fn extend<I: IntoIterator<Item = (K, Value)>>(&mut self, entries: I) {
        entries.into_iter().for_each(|(key, value)| drop(self.insert(key, value)));
    }
}

impl<K: Into<Text>> FromIterator<(K, Value)> for Map {
    fn from_iter<I: IntoIterator<Item = (K, Value)>>(entries: I) -> Map {
        let entries = entries.into_iter();
        let mut map = Map::with_capacity(entries.size_hint().0);
        map.extend(entries);
        map
    }
}

impl<K: Into<Text>, const N: usize> From<[(K, Value); N]> for Map {
    fn from(entries: [(K, Value); N]) -> Map {
        entries.into_iter().collect()
    }
}

impl PartialEq for Map {
    fn eq(&self, other: &Map) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl fmt::Debug for Map {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    #[derive(Clone, Debug)]
    enum Change {
        Insert(u8, i64),
        Remove(u8),
        Place(u8),
        Look,
    }

    fn change() -> impl Strategy<Value = Change> {
        prop_oneof![
            4 => (any::<u8>(), any::<i64>()).prop_map(|(key, int)| Change::Insert(key % 40, int)),
            1 => any::<u8>().prop_map(|key| Change::Remove(key % 40)),
            1 => any::<u8>().prop_map(|key| Change::Place(key % 40)),
            1 => Just(Change::Look),
        ]
    }

    fn entries<'a>(entries: impl Iterator<Item = (&'a str, &'a Value)>) -> Vec<(String, Value)> {
        entries.map(|(key, value)| (key.to_owned(), value.clone())).collect()
    }

    proptest! {
        /// It is what a sorted map of the standard library is.
        #[test]
        fn it_is_a_sorted_map(changes in prop::collection::vec(change(), 0..200)) {
            let (mut ours, mut model) = (Map::new(), BTreeMap::<String, Value>::new());
            for change in changes {
                match &change {
                    Change::Insert(key, int) => {
                        let (key, value) = (key.to_string(), Value::Int(*int));
                        prop_assert_eq!(ours.insert(&key, value.clone()), model.insert(key, value));
                    }
                    Change::Remove(key) => {
                        let key = key.to_string();
                        prop_assert_eq!(ours.remove(&key), model.remove(&key));
                    }
                    Change::Place(key) => {
                        let key = Text::from(key.to_string());
                        let place = model.entry(key.to_string()).or_default();
                        prop_assert_eq!(&*ours.place(&key), &*place);
                        prop_assert_eq!(ours.get_shared(&key), Some(&*place));
                    }
                    Change::Look => {}
                }
                prop_assert_eq!(ours.len(), model.len());
                let expected = entries(model.iter().map(|(key, value)| (key.as_str(), value)));
                if matches!(change, Change::Look) {
                    prop_assert_eq!(&entries(ours.iter().map(|(key, value)| (key.as_str(), value))), &expected);
                }
            }
            let expected: Vec<_> = model.into_iter().map(|(key, value)| (Text::from(key), value)).collect();
            prop_assert_eq!(&ours, &expected.iter().rev().cloned().collect::<Map>());
            prop_assert_eq!(ours.into_iter().collect::<Vec<_>>(), expected);
        }
    }
}
