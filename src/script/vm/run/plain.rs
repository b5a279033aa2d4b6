//! The instructions that numbers, jumps and items need, over values as they mostly are.
//!
//! What is here is done without a call where it can be, so that the loop keeps what it works on in the processor's
//! registers. An instruction whose values are others than expected is left alone: [`run`] gives its number, and the loop
//! around does it.

#![allow(clippy::inline_always)] // Each is used by some arms of one table, whose loop is what counts.

use super::compare::{float_equal, float_less, float_less_equal, float_not_equal};
use super::frame::is_plain;
use crate::script::vm::code::{FIRST, Op, Operator, Proto, SECOND, Window};
use crate::value::Value;
use std::cell::Cell;
use std::rc::Rc;

/// Writes a value; what is there is mostly nothing that must be dropped.
#[inline(always)]
fn put(register: &mut Value, value: Value) {
    if is_plain(register) {
        std::mem::forget(std::mem::replace(register, value));
    } else {
        put_over(register, value);
    }
}

#[inline(never)]
fn put_over(register: &mut Value, value: Value) {
    *register = value;
}

/// A copy; mostly of a number.
#[inline(always)]
fn copy(value: &Value) -> Value {
    match value {
        Value::Int(int) => Value::Int(*int),
        Value::Float(float) => Value::Float(*float),
        other => copy_of_other(other),
    }
}

#[inline(never)]
fn copy_of_other(value: &Value) -> Value {
    value.clone()
}

/// The item at an index that does not count from the end.
#[inline(always)]
fn item<'v>(from: &'v Value, index: &Value) -> Option<&'v Value> {
    match (from, index) {
        (Value::Array(items), Value::Int(index)) => items.get(usize::try_from(*index).ok()?),
        _ => None,
    }
}

/// The value of a key.
#[inline(never)]
fn entry(from: &Value, key: &Value) -> Option<Value> {
    match (from, key) {
        (Value::Map(map), Value::String(key)) => Some(map.get_shared(key).cloned().unwrap_or_default()),
        _ => None,
    }
}

/// The place of an item, in an array that nobody else has.
#[inline(always)]
fn place(array: &mut Value, index: i64) -> Option<&mut Value> {
    match array {
        Value::Array(items) => Rc::get_mut(items)?.get_mut(usize::try_from(index).ok()?),
        _ => None,
    }
}

/// `place operator= value` of two numbers of one type. Says whether it was done.
#[inline(always)]
fn assign(operator: Operator, place: &mut Value, value: &Value) -> bool {
    match (place, value) {
        (Value::Int(a), Value::Int(b)) => {
            let result = match operator {
                Operator::Add => a.checked_add(*b),
                Operator::Subtract => a.checked_sub(*b),
                Operator::Multiply => a.checked_mul(*b),
                _ => None,
            };
            let Some(int) = result else { return false };
            *a = int;
        }
        (Value::Float(a), Value::Float(b)) => match operator {
            Operator::Add => *a += b,
            Operator::Subtract => *a -= b,
            Operator::Multiply => *a *= b,
            Operator::Divide => *a /= b,
            _ => return false,
        },
        _ => return false,
    }
    true
}

/// Runs instructions from one on; gives the number of the first that is not done here. `fuel` is taken at each jump
/// back.
#[allow(clippy::too_many_lines)] // A table: one line for an instruction, or a few.
pub(super) fn run(proto: &Proto, registers: &mut Window, start: usize, fuel: &Cell<u32>) -> usize {
    let code = &proto.code[..];
    let mut next = start;

    macro_rules! reg {
        ($register:expr) => {
            registers[$register as usize]
        };
    }
    macro_rules! jump {
        ($distance:expr) => {
            next = next.wrapping_add_signed($distance as isize)
        };
    }
    macro_rules! arithmetic {
        ($target:expr, $a:expr, $b:expr, $checked:ident, $sign:tt) => {
            match (&reg!($a), &reg!($b)) {
                (Value::Int(a), Value::Int(b)) => {
                    if let Some(int) = a.$checked(*b) {
                        put(&mut reg!($target), Value::Int(int));
                        continue;
                    }
                }
                (Value::Float(a), Value::Float(b)) => {
                    let float = a $sign b;
                    put(&mut reg!($target), Value::Float(float));
                    continue;
                }
                _ => {}
            }
        };
    }
    macro_rules! with_int {
        ($target:expr, $a:expr, $int:expr, $checked:ident, $sign:tt) => {
            match &reg!($a) {
                Value::Int(a) => {
                    if let Some(int) = a.$checked(i64::from($int)) {
                        put(&mut reg!($target), Value::Int(int));
                        continue;
                    }
                }
                Value::Float(a) => {
                    let float = a $sign f64::from($int);
                    put(&mut reg!($target), Value::Float(float));
                    continue;
                }
                _ => {}
            }
        };
    }
    macro_rules! compared {
        ($a:expr, $b:expr, $sign:tt, $float:expr, |$holds:ident| $then:expr) => {
            match (&reg!($a), &reg!($b)) {
                (Value::Int(a), Value::Int(b)) => {
                    let $holds = a $sign b;
                    $then;
                    continue;
                }
                (Value::Float(a), Value::Float(b)) => {
                    let $holds = $float(*a, *b);
                    $then;
                    continue;
                }
                _ => {}
            }
        };
    }
    macro_rules! comparison {
        ($target:expr, $a:expr, $b:expr, $sign:tt, $float:expr) => {
            compared!($a, $b, $sign, $float, |holds| put(&mut reg!($target), Value::Bool(holds)))
        };
    }
    macro_rules! unless {
        ($a:expr, $b:expr, $distance:expr, $sign:tt, $float:expr) => {
            compared!($a, $b, $sign, $float, |holds| if !holds {
                jump!($distance)
            })
        };
    }
    macro_rules! unless_int {
        ($a:expr, $int:expr, $distance:expr, $sign:tt) => {
            if let Value::Int(a) = &reg!($a) {
                if !(*a $sign i64::from($int)) {
                    jump!($distance);
                }
                continue;
            }
        };
    }
    macro_rules! burn {
        () => {{
            let left = fuel.get();
            if left == 0 {
                return next - 1;
            }
            fuel.set(left - 1);
        }};
    }

    loop {
        let Some(&op) = code.get(next) else { return next };
        next += 1;
        match op {
            Op::Unit(target) => {
                put(&mut reg!(target), Value::Unit);
                continue;
            }
            Op::Bool(target, bool) => {
                put(&mut reg!(target), Value::Bool(bool));
                continue;
            }
            Op::Int(target, int) => {
                put(&mut reg!(target), Value::Int(int.into()));
                continue;
            }
            Op::Constant(target, index) => {
                put(&mut reg!(target), copy(&proto.constants[index as usize]));
                continue;
            }
            Op::Copy(target, source) => {
                let value = copy(&reg!(source));
                put(&mut reg!(target), value);
                continue;
            }
            Op::Take(target, source) => {
                let value = std::mem::take(&mut reg!(source));
                put(&mut reg!(target), value);
                continue;
            }
            Op::Add(target, a, b) => arithmetic!(target, a, b, checked_add, +),
            Op::Subtract(target, a, b) => arithmetic!(target, a, b, checked_sub, -),
            Op::Multiply(target, a, b) => arithmetic!(target, a, b, checked_mul, *),
            Op::Divide(target, a, b) => arithmetic!(target, a, b, checked_div, /),
            Op::Remainder(target, a, b) => arithmetic!(target, a, b, checked_rem, %),
            Op::AddInt(target, a, int) => with_int!(target, a, int, checked_add, +),
            Op::SubtractInt(target, a, int) => with_int!(target, a, int, checked_sub, -),
            Op::MultiplyInt(target, a, int) => with_int!(target, a, int, checked_mul, *),
            Op::DivideInt(target, a, int) => with_int!(target, a, int, checked_div, /),
            Op::RemainderInt(target, a, int) => with_int!(target, a, int, checked_rem, %),
            Op::AssignAdd(target, source) => arithmetic!(target, target, source, checked_add, +),
            Op::AssignAddInt(target, int) => with_int!(target, target, int, checked_add, +),
            Op::Assign(operator, target, source) => {
                let value = match &reg!(source) {
                    Value::Int(int) => Value::Int(*int),
                    Value::Float(float) => Value::Float(*float),
                    _ => return next - 1,
                };
                if assign(operator, &mut reg!(target), &value) {
                    continue;
                }
            }
            Op::Less(target, a, b) => comparison!(target, a, b, <, float_less),
            Op::LessEqual(target, a, b) => comparison!(target, a, b, <=, float_less_equal),
            Op::Greater(target, a, b) => comparison!(target, a, b, >, |a, b| float_less(b, a)),
            Op::GreaterEqual(target, a, b) => comparison!(target, a, b, >=, |a, b| float_less_equal(b, a)),
            Op::Equal(target, a, b) => comparison!(target, a, b, ==, float_equal),
            Op::NotEqual(target, a, b) => comparison!(target, a, b, !=, float_not_equal),
            Op::UnlessLess(a, b, to) => unless!(a, b, to, <, float_less),
            Op::UnlessLessEqual(a, b, to) => unless!(a, b, to, <=, float_less_equal),
            Op::UnlessGreater(a, b, to) => unless!(a, b, to, >, |a, b| float_less(b, a)),
            Op::UnlessGreaterEqual(a, b, to) => unless!(a, b, to, >=, |a, b| float_less_equal(b, a)),
            Op::UnlessEqual(a, b, to) => unless!(a, b, to, ==, float_equal),
            Op::UnlessNotEqual(a, b, to) => unless!(a, b, to, !=, float_not_equal),
            Op::UnlessLessInt(a, int, to) => unless_int!(a, int, to, <),
            Op::UnlessLessEqualInt(a, int, to) => unless_int!(a, int, to, <=),
            Op::UnlessGreaterInt(a, int, to) => unless_int!(a, int, to, >),
            Op::UnlessGreaterEqualInt(a, int, to) => unless_int!(a, int, to, >=),
            Op::UnlessEqualInt(a, int, to) => unless_int!(a, int, to, ==),
            Op::UnlessNotEqualInt(a, int, to) => unless_int!(a, int, to, !=),
            Op::Jump(distance) => {
                jump!(distance);
                continue;
            }
            Op::Loop(distance) => {
                burn!();
                jump!(distance);
                continue;
            }
            Op::IfTrue(a, distance) => {
                if let Value::Bool(bool) = reg!(a) {
                    if bool {
                        jump!(distance);
                    }
                    continue;
                }
            }
            Op::IfFalse(a, distance) => {
                if let Value::Bool(bool) = reg!(a) {
                    if !bool {
                        jump!(distance);
                    }
                    continue;
                }
            }
            Op::IfNotUnit(a, distance) => {
                if !matches!(reg!(a), Value::Unit) {
                    if proto.spots[next - 1].temporary & FIRST != 0 {
                        put(&mut reg!(a), Value::Unit);
                    }
                    jump!(distance);
                }
                continue;
            }
            Op::IfUnit(a, distance) => {
                if matches!(reg!(a), Value::Unit) {
                    jump!(distance);
                } else if proto.spots[next - 1].temporary & FIRST != 0 {
                    put(&mut reg!(a), Value::Unit);
                }
                continue;
            }
            Op::Next(walk, distance) => match step(registers, walk) {
                Some(true) => continue,
                Some(false) => {
                    jump!(distance);
                    continue;
                }
                None => {}
            },
            Op::Again(walk, distance) => {
                burn!();
                match step(registers, walk) {
                    Some(true) => {
                        jump!(distance);
                        continue;
                    }
                    Some(false) => continue,
                    None => fuel.set(fuel.get() + 1),
                }
            }
            Op::IndexTwice(target, from, first, second) => {
                if let Some(inner) = item(&reg!(from), &reg!(first))
                    && let Some(item) = item(inner, &reg!(second))
                {
                    let item = copy(item);
                    put(&mut reg!(target), item);
                    next += 2;
                }
                continue;
            }
            Op::Index(target, from, index) => {
                if let Some(item) = item(&reg!(from), &reg!(index)) {
                    if target == from || proto.spots[next - 1].temporary & FIRST == 0 {
                        let item = copy(item);
                        put(&mut reg!(target), item);
                        continue;
                    }
                } else if proto.spots[next - 1].temporary & (FIRST | SECOND) == 0
                    && let Some(value) = entry(&reg!(from), &reg!(index))
                {
                    put(&mut reg!(target), value);
                    continue;
                }
            }
            Op::SetIndex(array, index, source) => {
                let value = match (&reg!(index), &reg!(source)) {
                    (Value::Int(index), value) if is_plain(value) => Some((*index, copy(value))),
                    _ => None,
                };
                if let Some((index, value)) = value
                    && let Some(item) = place(&mut reg!(array), index)
                {
                    put(item, value);
                    continue;
                }
            }
            Op::AssignIndex(operator, array, index, source) => {
                let value = match (&reg!(index), &reg!(source)) {
                    (Value::Int(index), Value::Int(value)) => Some((*index, Value::Int(*value))),
                    (Value::Int(index), Value::Float(value)) => Some((*index, Value::Float(*value))),
                    _ => None,
                };
                if let Some((index, value)) = value
                    && let Some(item) = place(&mut reg!(array), index)
                    && assign(operator, item, &value)
                {
                    continue;
                }
            }
            Op::Property(target, from, name) => {
                if let Value::Map(map) = &reg!(from)
                    && (target == from || proto.spots[next - 1].temporary & FIRST == 0)
                {
                    let value = map.get_shared(&proto.names[name as usize]).map_or(Value::Unit, copy);
                    put(&mut reg!(target), value);
                    continue;
                }
            }
            _ => {}
        }
        return next - 1;
    }
}

/// The next item of a walk over ints or an array: whether there is one. None for other walks.
#[inline(always)]
pub(super) fn step(registers: &mut Window, walk: u8) -> Option<bool> {
    let (over, at, target) = (walk as usize, walk.wrapping_add(1) as usize, walk.wrapping_add(2) as usize);
    match (&registers[over], &registers[at]) {
        // Of a range: the next int, and the last one.
        (Value::Int(int), Value::Int(last)) => {
            let (int, last) = (*int, *last);
            if int > last {
                return Some(false);
            }
            put(&mut registers[target], Value::Int(int));
            if let Some(next) = int.checked_add(1) {
                registers[over] = Value::Int(next);
            } else {
                (registers[over], registers[at]) = (Value::Int(1), Value::Int(0));
            }
            Some(true)
        }
        (Value::Array(items), Value::Int(index)) => {
            let next = *index + 1;
            let Some(item) = items.get(*index as usize) else { return Some(false) };
            let item = copy(item);
            put(&mut registers[target], item);
            put(&mut registers[at], Value::Int(next));
            Some(true)
        }
        _ => None,
    }
}
