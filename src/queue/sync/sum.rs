//! Numbers that several processes add to: sums that cannot silently be wrong.

use crate::value::Value;

/// Why two values have no sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoSum {
    Overflow,
    /// The first is no number.
    NotANumber,
}

/// The sum of two numbers: an int when both are.
///
/// # Errors
/// When it lies beyond what an int can hold, or the first is no number.
pub fn sum(old: &Value, more: &Value) -> Result<Value, NoSum> {
    if let (Value::Int(old), Value::Int(more)) = (old, more) {
        return old.checked_add(*more).map(Value::Int).ok_or(NoSum::Overflow);
    }
    let sum = old.as_number().zip(more.as_number()).map(|(old, more)| Value::Float(old + more));
    sum.ok_or(NoSum::NotANumber)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_exact_or_refused() {
        assert_eq!(sum(&Value::Int(2), &Value::Int(-3)), Ok(Value::Int(-1)));
        assert_eq!(sum(&Value::Int(2), &Value::Float(0.5)), Ok(Value::Float(2.5)));
        assert_eq!(sum(&Value::Int(i64::MAX), &Value::Int(1)), Err(NoSum::Overflow));
        assert_eq!(sum(&Value::string("2"), &Value::Int(1)), Err(NoSum::NotANumber));
    }
}
