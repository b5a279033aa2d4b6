//! Priorities: ints and floats side by side, in the exact order of the numbers.

use std::cmp::Ordering;

/// What an item of a priority queue is ordered by: the smallest comes first, NaN last.
#[derive(Clone, Copy, Debug)]
pub enum Priority {
    Int(i64),
    Float(f64),
}

/// The first whole number beyond all ints; a float holds it exactly.
const BEYOND_INTS: f64 = 9_223_372_036_854_775_808.0;

impl PartialEq for Priority {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Priority {}

impl PartialOrd for Priority {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Priority {
    fn cmp(&self, other: &Self) -> Ordering {
        match (*self, *other) {
            (Priority::Int(a), Priority::Int(b)) => a.cmp(&b),
            (Priority::Int(int), Priority::Float(float)) => compare(int, float),
            (Priority::Float(float), Priority::Int(int)) => compare(int, float).reverse(),
            (Priority::Float(a), Priority::Float(b)) => {
                a.partial_cmp(&b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
            }
        }
    }
}

/// Without making a float of the int: a float does not tell large neighbours apart.
fn compare(int: i64, float: f64) -> Ordering {
    if float.is_nan() || float >= BEYOND_INTS {
        return Ordering::Less;
    }
    if float < -BEYOND_INTS {
        return Ordering::Greater;
    }
    let fraction = float.fract();
    let by_fraction = 0.0_f64.partial_cmp(&fraction).unwrap_or(Ordering::Equal);
    int.cmp(&(float.trunc() as i64)).then(by_fraction)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Priority::{Float, Int};

    #[test]
    fn large_neighbours_keep_their_order() {
        let large = 1_i64 << 53;
        let sorted = [
            Float(f64::NEG_INFINITY),
            Int(i64::MIN),
            Int(-large - 1),
            Float(-(large as f64)),
            Float(-1.5),
            Int(-1),
            Float(-0.5),
            Int(0),
            Float(0.5),
            Int(large),
            Int(large + 1),
            Float((large + 2) as f64),
            Int(i64::MAX),
            Float(BEYOND_INTS),
            Float(f64::INFINITY),
            Float(f64::NAN),
        ];
        assert!(sorted.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn equal_numbers_are_equal_keys() {
        assert_eq!(Int(0), Float(-0.0));
        assert_eq!(Int(i64::MIN), Float(-BEYOND_INTS));
        assert_eq!(Float(f64::NAN), Float(-f64::NAN));
    }
}
