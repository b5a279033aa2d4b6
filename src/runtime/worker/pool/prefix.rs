//! How far a row of items is finished from its beginning on, when they are finished in any order.

use std::collections::BTreeMap;

#[derive(Debug, Default)]
pub struct Prefix {
    /// All items before this one are finished.
    next: usize,
    /// Items that are finished behind others that are not: the first, and how many.
    early: BTreeMap<usize, usize>,
}

impl Prefix {
    /// So many items from `first` on are finished; gives how many more are, from the beginning on.
    pub fn finish(&mut self, first: usize, count: usize) -> usize {
        let before = self.next;
        if count > 0 {
            self.early.insert(first, count);
        }
        while let Some(count) = self.early.remove(&self.next) {
            self.next += count;
        }
        self.next - before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_holds_back_what_is_behind_it() {
        let mut prefix = Prefix::default();
        assert_eq!([(2, 2), (5, 1), (0, 2), (4, 1)].map(|(at, n)| prefix.finish(at, n)), [0, 0, 4, 2]);
    }
}
