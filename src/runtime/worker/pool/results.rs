//! What came of the items of a job, until somebody takes it: in the order of the items, or as it came.

use crate::script::Fault;
use crate::value::Value;
use std::collections::{BTreeMap, VecDeque};

/// The result of one item, or why there is none.
pub type Outcome = Result<Value, Fault>;

/// Results of items that stand beside each other.
#[derive(Debug)]
struct Piece {
    values: std::vec::IntoIter<Value>,
    /// By place; those of places that were passed are gone.
    failures: VecDeque<(usize, Fault)>,
    place: usize,
}

impl Piece {
    fn next(&mut self) -> Option<Outcome> {
        let value = self.values.next()?;
        let place = self.place;
        self.place += 1;
        match self.failures.front() {
            Some((at, _)) if *at == place => self.failures.pop_front().map(|(_, fault)| Err(fault)),
            _ => Some(Ok(value)),
        }
    }
}

/// Results that nobody has taken.
#[derive(Debug)]
pub struct Results {
    ordered: bool,
    /// Those that may be taken.
    ready: VecDeque<Piece>,
    /// Those that come behind some that are not there yet, by their first item.
    early: BTreeMap<usize, Piece>,
    /// The item whose result comes behind those that are ready.
    next: usize,
}

impl Results {
    pub fn new(ordered: bool) -> Self {
        Results { ordered, ready: VecDeque::new(), early: BTreeMap::new(), next: 0 }
    }

    /// Takes in the results of the items from `first` on.
    pub fn add(&mut self, first: usize, values: Vec<Value>, failures: Vec<(usize, Fault)>) {
        if values.is_empty() {
            return;
        }
        let piece = Piece { values: values.into_iter(), failures: failures.into(), place: 0 };
        if !self.ordered {
            return self.ready.push_back(piece);
        }
        self.early.insert(first, piece);
        while let Some(piece) = self.early.remove(&self.next) {
            self.next += piece.values.len();
            self.ready.push_back(piece);
        }
    }

    /// The next result, if it is there.
    pub fn take(&mut self) -> Option<Outcome> {
        let piece = self.ready.front_mut()?;
        let outcome = piece.next();
        // A piece of which all was taken is kept no longer: it would count as one that holds the input up.
        if piece.values.len() == 0 {
            self.ready.pop_front();
        }
        outcome
    }

    /// Those that are there up to the first that failed.
    pub fn take_values(&mut self, into: &mut Vec<Value>) {
        while self.ready.front().is_some_and(|piece| piece.failures.is_empty())
            && let Some(piece) = self.ready.pop_front()
        {
            into.extend(piece.values);
        }
    }

    pub fn has_some(&self) -> bool {
        !self.ready.is_empty()
    }

    /// How many pieces are kept.
    pub fn pieces(&self) -> usize {
        self.ready.len() + self.early.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ints(ints: &[i64]) -> Vec<Value> {
        ints.iter().copied().map(Value::Int).collect()
    }

    fn all(results: &mut Results) -> Vec<String> {
        let shown = |outcome: Outcome| outcome.map_or_else(|_| "failed".to_owned(), |v| v.to_string());
        std::iter::from_fn(|| results.take()).map(shown).collect()
    }

    #[test]
    fn results_wait_for_those_before_them() {
        let mut results = Results::new(true);
        results.add(2, ints(&[2, 3]), vec![(1, Fault::Stopped)]);
        assert!(!results.has_some() && results.take().is_none());
        results.add(0, ints(&[0]), vec![]);
        assert_eq!(all(&mut results), ["0"]);
        results.add(1, ints(&[1]), vec![]);
        assert!(results.has_some());
        assert_eq!(all(&mut results), ["1", "2", "failed"]);
        assert_eq!((results.has_some(), results.pieces()), (false, 0));
    }

    #[test]
    fn values_are_taken_up_to_a_failure() {
        let mut results = Results::new(true);
        results.add(0, ints(&[0, 1]), vec![]);
        results.add(2, ints(&[2]), vec![]);
        results.add(3, ints(&[3, 4, 5]), vec![(1, Fault::Stopped)]);
        results.add(7, ints(&[7]), vec![]);
        results.take();
        let mut values = Vec::new();
        results.take_values(&mut values);
        assert_eq!(values, ints(&[1, 2]));
        assert_eq!(all(&mut results), ["3", "failed", "5"]);
        results.take_values(&mut values);
        assert_eq!(values.len(), 2);
    }

    #[test]
    fn results_come_as_they_came() {
        let mut results = Results::new(false);
        results.add(2, ints(&[2, 3]), vec![]);
        results.add(5, vec![], vec![]);
        results.add(0, ints(&[0]), vec![(0, Fault::Stopped)]);
        assert_eq!(results.pieces(), 2);
        assert_eq!(all(&mut results), ["2", "3", "failed"]);
    }
}
