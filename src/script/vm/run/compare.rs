//! Comparisons. Rhai compares floats with some tolerance, and so do we, to the last bit.

use super::Machine;
use super::arithmetic::Here;
use super::execute::{takes_first, takes_second};
use crate::script::rhai::natives;
use crate::script::vm::code::{Operator, Reg};
use crate::script::vm::trouble::Run;
use crate::value::Value;

/// What a difference is measured by. It is finite, so that a finite number differs from an infinite one.
#[inline]
fn scale(a: f64, b: f64) -> f64 {
    if a * b == 0.0 { 1.0 } else { a.abs().max(b.abs()).min(f64::MAX) }
}

/// Rhai divides a difference by the scale and compares with epsilon. Epsilon is a power of two: a product is the same,
/// to the last bit, and cheaper.
const MAGNIFIED: f64 = 1.0 / f64::EPSILON;

#[inline]
pub(super) fn float_less(a: f64, b: f64) -> bool {
    // Also false where it is not a number.
    (b - a) * MAGNIFIED > scale(a, b)
}

#[inline]
pub(super) fn float_less_equal(a: f64, b: f64) -> bool {
    // There is no difference between infinities.
    (b - a) * MAGNIFIED > -scale(a, b) || a == b
}

#[inline]
pub(super) fn float_equal(a: f64, b: f64) -> bool {
    (a - b).abs() * MAGNIFIED <= scale(a, b) || a == b
}

#[inline]
pub(super) fn float_not_equal(a: f64, b: f64) -> bool {
    !float_equal(a, b)
}

fn floats(operator: Operator, a: f64, b: f64) -> Option<bool> {
    Some(match operator {
        Operator::Equal => float_equal(a, b),
        Operator::NotEqual => float_not_equal(a, b),
        Operator::Less => float_less(a, b),
        Operator::LessEqual => float_less_equal(a, b),
        Operator::Greater => float_less(b, a),
        Operator::GreaterEqual => float_less_equal(b, a),
        _ => return None,
    })
}

fn ordered<T: PartialOrd>(operator: Operator, a: &T, b: &T) -> Option<bool> {
    Some(match operator {
        Operator::Equal => a == b,
        Operator::NotEqual => a != b,
        Operator::Less => a < b,
        Operator::LessEqual => a <= b,
        Operator::Greater => a > b,
        Operator::GreaterEqual => a >= b,
        _ => return None,
    })
}

/// Values of two types are equal to nothing and before nothing.
fn of_two_types(operator: Operator) -> Option<bool> {
    ordered(operator, &f64::NAN, &f64::NAN)
}

impl Machine {
    #[inline(never)]
    pub(super) fn compare(&self, operator: Operator, here: Here<'_, '_>, (a, b): (Reg, Reg)) -> Run<bool> {
        let (registers, proto, next) = here;
        let temporary = proto.spots[next - 1].temporary;
        let known = self.compare_known(operator, &registers[a as usize], &registers[b as usize])?;
        let second = Self::operand(registers, b, takes_second(temporary) && a != b);
        let first = Self::operand(registers, a, takes_first(temporary));
        match known {
            Some(holds) => Ok(holds),
            None => self.compare_by_rhai(operator, first, second),
        }
    }

    #[inline(never)]
    pub(super) fn compare_int(
        &self,
        operator: Operator,
        here: Here<'_, '_>,
        (a, int): (Reg, i16),
    ) -> Run<bool> {
        let (registers, proto, next) = here;
        let first = Self::operand(registers, a, takes_first(proto.spots[next - 1].temporary));
        self.compare_values(operator, first, Value::Int(int.into()))
    }

    pub(in crate::script::vm) fn compare_values(&self, operator: Operator, a: Value, b: Value) -> Run<bool> {
        match self.compare_known(operator, &a, &b)? {
            Some(holds) => Ok(holds),
            None => self.compare_by_rhai(operator, a, b),
        }
    }

    fn compare_by_rhai(&self, operator: Operator, a: Value, b: Value) -> Run<bool> {
        let value = self.rhai_value(format!("x0 {} x1", operator.sign()), vec![a, b])?;
        Ok(matches!(value, Value::Bool(true)))
    }

    /// What is known without Rhai.
    pub(in crate::script::vm) fn compare_known(
        &self,
        operator: Operator,
        a: &Value,
        b: &Value,
    ) -> Run<Option<bool>> {
        Ok(match (a, b) {
            (Value::Int(a), Value::Int(b)) => ordered(operator, a, b),
            (Value::Float(a), Value::Float(b)) => floats(operator, *a, *b),
            (Value::Int(a), Value::Float(b)) => floats(operator, *a as f64, *b),
            (Value::Float(a), Value::Int(b)) => floats(operator, *a, *b as f64),
            (Value::Bool(a), Value::Bool(b)) => ordered(operator, a, b),
            (Value::Char(a), Value::Char(b)) => ordered(operator, a, b),
            (Value::String(a), Value::String(b)) => ordered(operator, a, b),
            (Value::Unit, Value::Unit) => match operator {
                Operator::Equal => Some(true),
                other => ordered(other, &0, &0).map(|_| false),
            },
            (Value::Object(a), Value::Object(b)) if !is_foreign(a) && !is_foreign(b) => match operator {
                Operator::Equal => Some(natives::same(a, b)),
                Operator::NotEqual => Some(!natives::same(a, b)),
                _ => None,
            },
            (Value::Array(a), Value::Array(b)) => self.arrays(operator, a, b)?,
            (Value::Map(_), Value::Map(_))
            | (Value::Blob(_), Value::Blob(_))
            | (Value::Range(_), Value::Range(_))
            | (Value::Function(_), Value::Function(_))
            | (Value::Char(_), Value::String(_))
            | (Value::String(_), Value::Char(_))
            | (Value::Object(_), Value::Object(_)) => None,
            _ => of_two_types(operator),
        })
    }

    /// Arrays are equal when their items are; what Rhai says of items that cannot be compared, it says itself.
    fn arrays(&self, operator: Operator, a: &[Value], b: &[Value]) -> Run<Option<bool>> {
        let wanted = match operator {
            Operator::Equal => true,
            Operator::NotEqual => false,
            _ => return Ok(None),
        };
        if a.len() != b.len() {
            return Ok(Some(!wanted));
        }
        for (a, b) in a.iter().zip(b) {
            match self.compare_known(Operator::Equal, a, b)? {
                Some(true) => {}
                Some(false) => return Ok(Some(!wanted)),
                None => return Ok(None),
            }
        }
        Ok(Some(wanted))
    }
}

/// Whether an object holds a value of Rhai's own.
fn is_foreign(object: &crate::value::Object) -> bool {
    crate::script::rhai::convert::is_foreign(object)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Floats of all kinds, and some that are next to each other.
    fn two() -> impl Strategy<Value = (f64, f64)> {
        let one = || any::<u64>().prop_map(f64::from_bits);
        let near = (any::<u64>(), -4_i64..=4)
            .prop_map(|(bits, by)| (f64::from_bits(bits), f64::from_bits(bits.wrapping_add_signed(by))));
        let few =
            prop::sample::select(vec![0.0, -0.0, 1.0, -1.0, f64::MAX, f64::MIN, f64::INFINITY, f64::NAN]);
        prop_oneof![(one(), one()), near, (few, one()), (one(), Just(f64::NEG_INFINITY))]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        /// The words of Rhai, with its division.
        #[test]
        fn finite_floats_are_compared_as_rhai_does((a, b) in two(), turned in any::<bool>()) {
            let finite = |float: f64| if float.is_finite() { float } else { f64::MAX.copysign(float) };
            let (a, b) = if turned { (finite(b), finite(a)) } else { (finite(a), finite(b)) };
            let scale = if a * b == 0.0 { 1.0 } else { a.abs().max(b.abs()) };
            prop_assert_eq!(float_less(a, b), (b - a) / scale > f64::EPSILON);
            prop_assert_eq!(float_less_equal(a, b), (b - a) / scale > -f64::EPSILON);
            let difference = (a - b).abs();
            prop_assert_eq!(float_equal(a, b), difference / scale <= f64::EPSILON);
            prop_assert_eq!(float_not_equal(a, b), difference / scale > f64::EPSILON);
        }

        /// Infinities are before and behind everything, what is not a number is nowhere.
        #[test]
        fn other_floats_are_compared_as_they_are((a, b) in two(), turned in any::<bool>()) {
            let b = if b.is_finite() { f64::INFINITY } else { b };
            let (a, b) = if turned { (b, a) } else { (a, b) };
            prop_assert_eq!(float_less(a, b), a < b);
            prop_assert_eq!(float_less_equal(a, b), a <= b);
            prop_assert_eq!(float_equal(a, b), a == b);
            prop_assert_eq!(float_not_equal(a, b), a != b);
        }
    }
}
