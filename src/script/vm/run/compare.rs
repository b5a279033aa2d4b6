//! Comparisons.

use super::Machine;
use super::arithmetic::Here;
use super::execute::{takes_first, takes_second};
use super::float;
use crate::script::rhai::natives;
use crate::script::vm::code::{Operator, Reg};
use crate::script::vm::trouble::Run;
use crate::value::{Map, Value};

fn floats(operator: Operator, a: f64, b: f64) -> Option<bool> {
    Some(match operator {
        Operator::Equal => float::equal(a, b),
        Operator::NotEqual => float::not_equal(a, b),
        Operator::Less => float::less(a, b),
        Operator::LessEqual => float::less_equal(a, b),
        Operator::Greater => float::less(b, a),
        Operator::GreaterEqual => float::less_equal(b, a),
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
            (Value::Map(a), Value::Map(b)) => self.maps(operator, a, b)?,
            (Value::Blob(_), Value::Blob(_) | Value::Char(_))
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

    /// Maps likewise. One that does not have a key of the other is not equal, whatever comes behind it.
    fn maps(&self, operator: Operator, a: &Map, b: &Map) -> Run<Option<bool>> {
        let wanted = match operator {
            Operator::Equal => true,
            Operator::NotEqual => false,
            _ => return Ok(None),
        };
        if a.len() != b.len() {
            return Ok(Some(!wanted));
        }
        for (key, a) in a {
            let Some(b) = b.get_shared(key) else { return Ok(Some(!wanted)) };
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
