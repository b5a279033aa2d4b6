//! How often texts were met. Short ones lie in the table itself: to find one takes one look at memory that is far away,
//! where a map of values takes two more.

use super::text::Unshared;
use super::{Map, Text, Value};
use ahash::RandomState;
use std::collections::HashMap;

#[derive(Default)]
pub struct Counts(HashMap<Unshared, i64, RandomState>);

impl Counts {
    /// It was met once more.
    #[inline]
    pub fn add(&mut self, text: &str) {
        match self.0.get_mut(text) {
            Some(count) => *count += 1,
            None => {
                self.0.insert(text.into(), 1);
            }
        }
    }

    #[must_use]
    pub fn into_map(self) -> Map {
        self.0.into_iter().map(|(text, count)| (Text::from(text), Value::Int(count))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_counted_however_long() {
        let texts: Vec<String> = (0..100).map(|n| "ä".repeat(n)).collect();
        let mut counts = Counts::default();
        (0..3).for_each(|round| texts[round..].iter().for_each(|text| counts.add(text)));
        let map = counts.into_map();
        assert_eq!(map.len(), 100);
        let counted = |n: usize| map.get(&texts[n]).and_then(Value::as_int);
        assert_eq!([0, 1, 2, 99].map(counted), [Some(1), Some(2), Some(3), Some(3)]);
    }
}
