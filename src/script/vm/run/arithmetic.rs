//! Operators where the loop does not know better: mixed numbers, texts, and what Rhai is asked about.

use super::Machine;
use super::execute::{takes_first, takes_second};
use crate::script::vm::code::{Operator, Proto, Reg, Window};
use crate::script::vm::trouble::Run;
use crate::value::{Map, Range, Value};
use std::rc::Rc;

/// The registers, the function, and the number of the next instruction.
pub(super) type Here<'a, 'p> = (&'a mut Window, &'p Proto, usize);

impl Machine {
    #[inline(never)]
    pub(super) fn binary(
        &self,
        operator: Operator,
        here: Here<'_, '_>,
        target: Reg,
        (a, b): (Reg, Reg),
    ) -> Run<()> {
        let (registers, proto, next) = here;
        let temporary = proto.spots[next - 1].temporary;
        // A text that grows is not held twice meanwhile.
        let grows = operator == Operator::Add
            && (takes_first(temporary) || a == target)
            && matches!(registers[a as usize], Value::String(_));
        if grows && a != b && self.append(registers, (a, b)) {
            registers[target as usize] = registers[a as usize].take();
            return Ok(());
        }
        let second = Self::operand(registers, b, takes_second(temporary) && a != b);
        let first = Self::operand(registers, a, takes_first(temporary));
        registers[target as usize] = self.operate(operator, first, second)?;
        Ok(())
    }

    /// Appends to the text in a register what is in another one, if that is simple.
    fn append(&self, registers: &mut Window, (a, b): (Reg, Reg)) -> bool {
        let mut text = registers[a as usize].take();
        let done = match &mut text {
            Value::String(text) => super::text::push(text, &registers[b as usize]),
            _ => false,
        };
        registers[a as usize] = text;
        done
    }

    #[inline(never)]
    pub(super) fn binary_int(
        &self,
        operator: Operator,
        (registers, proto, next): Here<'_, '_>,
        target: Reg,
        (a, int): (Reg, i16),
    ) -> Run<()> {
        let first = Self::operand(registers, a, takes_first(proto.spots[next - 1].temporary));
        registers[target as usize] = self.operate(operator, first, Value::Int(int.into()))?;
        Ok(())
    }

    pub(super) fn operate(&self, operator: Operator, a: Value, b: Value) -> Run {
        let known = match (&a, &b) {
            (Value::Int(a), Value::Int(b)) => ints(operator, *a, *b),
            (Value::Float(a), Value::Float(b)) => floats(operator, *a, *b),
            (Value::Int(a), Value::Float(b)) => floats(operator, *a as f64, *b),
            (Value::Float(a), Value::Int(b)) => floats(operator, *a, *b as f64),
            (Value::Bool(a), Value::Bool(b)) => match operator {
                Operator::And => Some(Value::Bool(a & b)),
                Operator::Or => Some(Value::Bool(a | b)),
                Operator::ExclusiveOr => Some(Value::Bool(a ^ b)),
                _ => None,
            },
            (Value::String(text), other) if operator == Operator::Add => {
                let mut text = text.clone();
                super::text::push(&mut text, other).then_some(Value::String(text))
            }
            _ => None,
        };
        if let Some(value) = known {
            return Ok(value);
        }
        if let Some(holds) = self.compare_known(operator, &a, &b)? {
            return Ok(Value::Bool(holds));
        }
        match (operator, a, b) {
            (Operator::Add, Value::Array(a), Value::Array(b)) => Ok(Value::Array(array_of_both(a, b))),
            (Operator::Add, Value::Map(a), Value::Map(b)) => Ok(Value::Map(map_of_both(a, b))),
            (_, a, b) => self.rhai_value(format!("x0 {} x1", operator.sign()), vec![a, b]),
        }
    }

    #[inline(never)]
    pub(super) fn assign(
        &self,
        operator: Operator,
        (registers, proto, next): Here<'_, '_>,
        (target, source): (Reg, Reg),
    ) -> Run<()> {
        let taken = takes_second(proto.spots[next - 1].temporary);
        let value = Self::operand(registers, source, taken);
        self.assign_value(operator, &mut registers[target as usize], value)
    }

    /// `place += value`. When it fails the place is as it was.
    #[inline(never)]
    pub(in crate::script::vm) fn assign_value(
        &self,
        operator: Operator,
        place: &mut Value,
        value: Value,
    ) -> Run<()> {
        match (&mut *place, operator, value) {
            (Value::String(text), Operator::Add, value) if super::text::is_simple(&value) => {
                super::text::push(text, &value);
            }
            (Value::Array(items), Operator::Add, Value::Array(more)) => {
                Rc::make_mut(items).extend(Rc::unwrap_or_clone(more));
            }
            (Value::Array(items), Operator::Add, value) => Rc::make_mut(items).push(value),
            (Value::Map(map), Operator::Add, Value::Map(more)) => {
                *map = map_of_both(std::mem::take(map), more);
            }
            (Value::Int(a), operator, Value::Int(b)) if let_int(operator, *a, b).is_some() => {
                *place = let_int(operator, *a, b).unwrap_or_default();
            }
            (Value::Float(a), operator, Value::Float(b)) if floats(operator, *a, b).is_some() => {
                *place = floats(operator, *a, b).unwrap_or_default();
            }
            (_, operator, value) => {
                self.rhai_change(format!("x0 {}= x1", operator.sign()), place, &mut [value], false)?;
            }
        }
        Ok(())
    }

    pub(super) fn negate(&self, value: Value) -> Run {
        match value {
            Value::Int(int) if int != i64::MIN => Ok(Value::Int(-int)),
            Value::Float(float) => Ok(Value::Float(-float)),
            other => self.rhai_value("-x0".to_owned(), vec![other]),
        }
    }

    pub(super) fn not(&self, value: Value) -> Run {
        match value {
            Value::Bool(bool) => Ok(Value::Bool(!bool)),
            other => self.rhai_value("!x0".to_owned(), vec![other]),
        }
    }
}

#[inline(never)]
fn array_of_both(mut a: Rc<Vec<Value>>, b: Rc<Vec<Value>>) -> Rc<Vec<Value>> {
    if a.is_empty() {
        return b;
    }
    if !b.is_empty() {
        Rc::make_mut(&mut a).extend(Rc::unwrap_or_clone(b));
    }
    a
}

#[inline(never)]
fn map_of_both(mut a: Rc<Map>, b: Rc<Map>) -> Rc<Map> {
    if a.is_empty() {
        return b;
    }
    if !b.is_empty() {
        Rc::make_mut(&mut a).extend(Rc::unwrap_or_clone(b));
    }
    a
}

fn let_int(operator: Operator, a: i64, b: i64) -> Option<Value> {
    ints(operator, a, b).filter(|value| matches!(value, Value::Int(_)))
}

/// What two ints give, unless it is an error.
pub(super) fn ints(operator: Operator, a: i64, b: i64) -> Option<Value> {
    let range = |inclusive| Value::Range(Rc::new(Range { start: a, end: b, inclusive }));
    let small = u32::try_from(b).ok();
    Some(match operator {
        Operator::Add => Value::Int(a.checked_add(b)?),
        Operator::Subtract => Value::Int(a.checked_sub(b)?),
        Operator::Multiply => Value::Int(a.checked_mul(b)?),
        Operator::Divide => Value::Int(a.checked_div(b)?),
        Operator::Remainder => Value::Int(a.checked_rem(b)?),
        Operator::Power => Value::Int(a.checked_pow(small?)?),
        Operator::ShiftLeft => Value::Int(a.checked_shl(small?)?),
        Operator::ShiftRight => Value::Int(a.checked_shr(small?)?),
        Operator::And => Value::Int(a & b),
        Operator::Or => Value::Int(a | b),
        Operator::ExclusiveOr => Value::Int(a ^ b),
        Operator::Range => range(false),
        Operator::RangeInclusive => range(true),
        _ => return None,
    })
}

pub(super) fn floats(operator: Operator, a: f64, b: f64) -> Option<Value> {
    Some(Value::Float(match operator {
        Operator::Add => a + b,
        Operator::Subtract => a - b,
        Operator::Multiply => a * b,
        Operator::Divide => a / b,
        Operator::Remainder => a % b,
        Operator::Power => a.powf(b),
        _ => return None,
    }))
}
