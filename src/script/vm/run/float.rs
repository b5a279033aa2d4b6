//! Comparisons of floats. Rhai compares them with some tolerance, and so do we, to the last bit, if they are finite.
//!
//! Where Rhai divides a difference by the scale and compares with epsilon, we multiply: epsilon is a power of two, so that
//! the product is the same, and cheaper. What is not a number is equal to nothing, and neither less nor greater.

#![allow(clippy::float_cmp)] // It is what this is for.

#[cfg(as_in_rhai)]
pub(super) use as_in_rhai::{equal, less, less_equal, not_equal};
#[cfg(not(as_in_rhai))]
pub(super) use ours::{equal, less, less_equal, not_equal};

#[cfg(any(test, not(as_in_rhai)))]
mod ours {
    const MAGNIFIED: f64 = 1.0 / f64::EPSILON;

    /// What a difference is measured by. It is finite, so that a finite number differs from an infinite one.
    #[inline]
    fn scale(a: f64, b: f64) -> f64 {
        if a * b == 0.0 { 1.0 } else { a.abs().max(b.abs()).min(f64::MAX) }
    }

    #[inline]
    pub fn less(a: f64, b: f64) -> bool {
        (b - a) * MAGNIFIED > scale(a, b)
    }

    #[inline]
    pub fn less_equal(a: f64, b: f64) -> bool {
        // There is no difference between infinities.
        (b - a) * MAGNIFIED > -scale(a, b) || a == b
    }

    #[inline]
    pub fn equal(a: f64, b: f64) -> bool {
        (a - b).abs() * MAGNIFIED <= scale(a, b) || a == b
    }

    #[inline]
    pub fn not_equal(a: f64, b: f64) -> bool {
        !equal(a, b)
    }
}

/// The words of Rhai, which are strange about infinities and what is not a number. With them generated programs mean the
/// same in both engines: `.ci/fuzz-engines`.
#[cfg(any(test, as_in_rhai))]
mod as_in_rhai {
    /// Nothing for zero and what is not a number, which are the same.
    fn scale(a: f64, b: f64) -> f64 {
        if a * b == 0.0 { 1.0 } else { a.abs().max(b.abs()) }
    }

    pub fn less(a: f64, b: f64) -> bool {
        (b - a) / scale(a, b) > f64::EPSILON
    }

    pub fn less_equal(a: f64, b: f64) -> bool {
        let scale = scale(a, b);
        scale == 0.0 || (b - a) / scale > -f64::EPSILON
    }

    pub fn equal(a: f64, b: f64) -> bool {
        let scale = scale(a, b);
        scale == 0.0 || (a - b).abs() / scale <= f64::EPSILON
    }

    pub fn not_equal(a: f64, b: f64) -> bool {
        (a - b).abs() / scale(a, b) > f64::EPSILON
    }
}

#[cfg(test)]
mod tests {
    use super::{as_in_rhai, ours};
    use proptest::prelude::*;

    /// Floats of all kinds, and some that are next to each other.
    fn two() -> impl Strategy<Value = (f64, f64)> {
        let one = || any::<u64>().prop_map(f64::from_bits);
        let near = (any::<u64>(), -4_i64..=4)
            .prop_map(|(bits, by)| (f64::from_bits(bits), f64::from_bits(bits.wrapping_add_signed(by))));
        let few =
            prop::sample::select(vec![0.0, -0.0, 1.0, -1.0, f64::MAX, f64::MIN, f64::INFINITY, f64::NAN]);
        let both = prop_oneof![(one(), one()), near, (few, one()), (one(), Just(f64::NEG_INFINITY))];
        (both, any::<bool>()).prop_map(|((a, b), turned)| if turned { (b, a) } else { (a, b) })
    }

    fn finite(float: f64) -> f64 {
        if float.is_finite() { float } else { f64::MAX.copysign(float) }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn finite_ones_are_compared_as_rhai_does((a, b) in two()) {
            let (a, b) = (finite(a), finite(b));
            prop_assert_eq!(ours::less(a, b), as_in_rhai::less(a, b));
            prop_assert_eq!(ours::less_equal(a, b), as_in_rhai::less_equal(a, b));
            prop_assert_eq!(ours::equal(a, b), as_in_rhai::equal(a, b));
            prop_assert_eq!(ours::not_equal(a, b), as_in_rhai::not_equal(a, b));
        }

        #[test]
        fn others_are_compared_as_they_are((a, b) in two()) {
            let b = if b.is_finite() { f64::INFINITY.copysign(b) } else { b };
            for (a, b) in [(a, b), (b, a)] {
                prop_assert_eq!(ours::less(a, b), a < b);
                prop_assert_eq!(ours::less_equal(a, b), a <= b);
                prop_assert_eq!(ours::equal(a, b), a == b);
                prop_assert_eq!(ours::not_equal(a, b), a != b);
            }
        }
    }
}
