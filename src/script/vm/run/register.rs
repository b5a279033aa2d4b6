//! What plain instructions do with single registers.

#![allow(clippy::inline_always)] // Each is used by some arms of one table, whose loop is what counts.

use super::frame::is_plain;
use crate::script::vm::code::{Numeric, Operator, SECOND, THIRD, Window};
use crate::value::{Access, Range, Value};
use std::rc::Rc;

/// Writes an int. One mostly is there, and then only the number is written: a value that is put together elsewhere and
/// copied as a whole costs more than all else of an instruction.
#[inline(always)]
pub(super) fn set_int(register: &mut Value, int: i64) {
    match register {
        Value::Int(old) => *old = int,
        other if is_plain(other) => std::mem::forget(std::mem::replace(other, Value::Int(int))),
        other => put(other, Value::Int(int)),
    }
}

#[inline(always)]
pub(super) fn set_float(register: &mut Value, float: f64) {
    match register {
        Value::Float(old) => *old = float,
        other if is_plain(other) => std::mem::forget(std::mem::replace(other, Value::Float(float))),
        other => put(other, Value::Float(float)),
    }
}

#[inline(always)]
pub(super) fn set_bool(register: &mut Value, bool: bool) {
    match register {
        Value::Bool(old) => *old = bool,
        other if is_plain(other) => std::mem::forget(std::mem::replace(other, Value::Bool(bool))),
        other => put(other, Value::Bool(bool)),
    }
}

#[inline(always)]
pub(super) fn set_unit(register: &mut Value) {
    if !matches!(register, Value::Unit) {
        put(register, Value::Unit);
    }
}

#[inline(never)]
pub(super) fn put(register: &mut Value, value: Value) {
    store(register, value);
}

/// Writes a value. One that holds nothing mostly is there, and then nothing is to be dropped.
#[inline(always)]
pub(super) fn store(register: &mut Value, value: Value) {
    if is_plain(register) {
        // The old value is not even read: it was written a moment ago, as a byte and a word, and to read both in one piece
        // is to wait for them.
        std::mem::forget(std::mem::replace(register, value));
    } else {
        *register = value;
    }
}

/// Takes what a function gave. For the same reason a number goes by its parts.
#[inline(always)]
pub(super) fn receive(register: &mut Value, value: &mut Value) {
    match value {
        Value::Int(int) => set_int(register, *int),
        Value::Float(float) => set_float(register, *float),
        Value::Bool(bool) => set_bool(register, *bool),
        Value::Unit => set_unit(register),
        other => store(register, other.take()),
    }
}

/// Copies a value; mostly a number.
#[inline(always)]
pub(super) fn copy(register: &mut Value, value: &Value) {
    match value {
        Value::Int(int) => set_int(register, *int),
        Value::Float(float) => set_float(register, *float),
        other => put(register, copy_of_other(other)),
    }
}

#[inline(never)]
pub(super) fn copy_of_other(value: &Value) -> Value {
    value.clone()
}

/// A number, without what else a value could be.
#[derive(Clone, Copy)]
pub(super) enum Number {
    Int(i64),
    Float(f64),
}

#[inline(always)]
pub(super) fn number(value: &Value) -> Option<Number> {
    match value {
        Value::Int(int) => Some(Number::Int(*int)),
        Value::Float(float) => Some(Number::Float(*float)),
        _ => None,
    }
}

/// Moves a value; nothing is dropped of a number.
#[inline(always)]
pub(super) fn take(registers: &mut Window, target: u8, source: u8) {
    match number(&registers[source as usize]) {
        Some(Number::Int(int)) => {
            set_unit(&mut registers[source as usize]);
            set_int(&mut registers[target as usize], int);
        }
        Some(Number::Float(float)) => {
            set_unit(&mut registers[source as usize]);
            set_float(&mut registers[target as usize], float);
        }
        None => {
            let value = std::mem::take(&mut registers[source as usize]);
            put(&mut registers[target as usize], value);
        }
    }
}

/// `target += a * b` of numbers of one type. Says whether it was done.
#[inline(always)]
pub(super) fn add_product(registers: &mut Window, target: u8, (a, b): (u8, u8)) -> bool {
    match (&registers[target as usize], &registers[a as usize], &registers[b as usize]) {
        (Value::Int(sum), Value::Int(a), Value::Int(b)) => {
            let Some(int) = a.checked_mul(*b).and_then(|product| sum.checked_add(product)) else {
                return false;
            };
            set_int(&mut registers[target as usize], int);
        }
        (Value::Float(sum), Value::Float(a), Value::Float(b)) => {
            let float = sum + a * b;
            set_float(&mut registers[target as usize], float);
        }
        _ => return false,
    }
    true
}

/// A function of a number into a register. Says whether it was one.
#[inline(always)]
pub(super) fn function_of_number(
    registers: &mut Window,
    function: Numeric,
    (target, source): (u8, u8),
) -> bool {
    if let (Numeric::SquareRoot, Value::Float(float)) = (function, &registers[source as usize]) {
        let float = float.sqrt();
        set_float(&mut registers[target as usize], float);
        return true;
    }
    let value = numeric(function, &registers[source as usize]);
    value.map(|value| put(&mut registers[target as usize], value)).is_some()
}

/// A function of a number, as `builtin::number` has it.
#[inline(never)]
fn numeric(numeric: Numeric, value: &Value) -> Option<Value> {
    Some(match (numeric, value) {
        (Numeric::Abs, Value::Int(int)) => Value::Int(int.checked_abs()?),
        (Numeric::Abs, Value::Float(float)) => Value::Float(float.abs()),
        (Numeric::Floor, Value::Float(float)) => Value::Float(float.floor()),
        (Numeric::SquareRoot, Value::Float(float)) => Value::Float(float.sqrt()),
        (Numeric::ToFloat, Value::Int(int)) => Value::Float(*int as f64),
        (Numeric::ToInt, Value::Float(float)) if float.abs() < 1e18 => Value::Int(float.trunc() as i64),
        _ => return None,
    })
}

/// The item at an index that does not count from the end.
#[inline(always)]
pub(super) fn item<'v>(from: &'v Value, index: &Value) -> Option<&'v Value> {
    match (from, index) {
        (Value::Array(items), Value::Int(index)) => items.get(usize::try_from(*index).ok()?),
        _ => None,
    }
}

/// The value of a key.
#[inline(never)]
pub(super) fn entry(from: &Value, key: &Value) -> Option<Value> {
    match (from, key) {
        (Value::Map(map), Value::String(key)) => Some(map.get_shared(key).cloned().unwrap_or_default()),
        _ => None,
    }
}

/// Reads a variable that closures share. Says whether it was done.
#[inline(never)]
pub(super) fn read(registers: &mut Window, target: u8, source: u8) -> bool {
    let value = match &registers[source as usize] {
        Value::Variable(variable) if variable.access() != Access::Busy => variable.get(),
        _ => return false,
    };
    store(&mut registers[target as usize], value);
    true
}

/// The place of an item, in an array that nobody else has.
#[inline(always)]
pub(super) fn place(array: &mut Value, index: i64) -> Option<&mut Value> {
    match array {
        Value::Array(items) => Rc::get_mut(items)?.get_mut(usize::try_from(index).ok()?),
        _ => None,
    }
}

/// `array[index] = value` of a number or a bool, in an array that nobody else has. Says whether it was done.
#[inline(always)]
pub(super) fn set_item(registers: &mut Window, array: u8, (index, source): (u8, u8)) -> bool {
    let Value::Int(index) = registers[index as usize] else { return false };
    match registers[source as usize] {
        Value::Int(int) => {
            place(&mut registers[array as usize], index).map(|item| set_int(item, int)).is_some()
        }
        Value::Float(float) => {
            place(&mut registers[array as usize], index).map(|item| set_float(item, float)).is_some()
        }
        Value::Bool(bool) => {
            place(&mut registers[array as usize], index).map(|item| set_bool(item, bool)).is_some()
        }
        _ => false,
    }
}

/// `map[key] = value`, in a map that nobody else has. Says whether it was done.
#[inline(never)]
pub(super) fn set_entry(registers: &mut Window, map: u8, (key, source): (u8, u8), temporary: u8) -> bool {
    if key == source {
        return false;
    }
    // For a moment, since the map is in a register too.
    let text = std::mem::take(&mut registers[key as usize]);
    let value = std::mem::take(&mut registers[source as usize]);
    let place = entry_place(&mut registers[map as usize], &text);
    let done = place.is_some();
    let kept = match place {
        Some(place) if temporary & THIRD != 0 => std::mem::replace(place, value),
        Some(place) => {
            copy(place, &value);
            value
        }
        None => value,
    };
    if !done || temporary & THIRD == 0 {
        store(&mut registers[source as usize], kept);
    }
    if !done || temporary & SECOND == 0 {
        store(&mut registers[key as usize], text);
    }
    done
}

/// `map[key] operator= number`, as [`set_entry`].
#[inline(never)]
pub(super) fn assign_entry(
    registers: &mut Window,
    operator: Operator,
    map: u8,
    (key, source): (u8, u8),
) -> bool {
    let Some(value) = number(&registers[source as usize]) else { return false };
    let text = std::mem::take(&mut registers[key as usize]);
    let place = entry_place(&mut registers[map as usize], &text);
    let done = place.is_some_and(|place| assign(operator, place, value));
    store(&mut registers[key as usize], text);
    done
}

/// The place of a key, in a map that nobody else has.
#[inline(always)]
fn entry_place<'v>(map: &'v mut Value, key: &Value) -> Option<&'v mut Value> {
    match (map, key) {
        (Value::Map(map), Value::String(key)) => Some(Rc::get_mut(map)?.place(key)),
        _ => None,
    }
}

/// Pushes a value to an array that nobody else has; else the value comes back.
#[inline(never)]
pub(super) fn push(array: &mut Value, value: Value) -> Option<Value> {
    match array {
        Value::Array(items) => match Rc::get_mut(items) {
            Some(items) => items.push(value),
            None => return Some(value),
        },
        _ => return Some(value),
    }
    None
}

/// `place operator= value` of two numbers of one type. Says whether it was done.
#[inline(always)]
pub(super) fn assign(operator: Operator, place: &mut Value, value: Number) -> bool {
    match (place, value) {
        (Value::Int(a), Number::Int(b)) => {
            let result = match operator {
                Operator::Add => a.checked_add(b),
                Operator::Subtract => a.checked_sub(b),
                Operator::Multiply => a.checked_mul(b),
                _ => None,
            };
            let Some(int) = result else { return false };
            *a = int;
        }
        (Value::Float(a), Number::Float(b)) => match operator {
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

/// Makes a walk of a range or an array. Says whether it was one.
#[inline(never)]
pub(super) fn begin(registers: &mut Window, walk: u8) -> bool {
    let walk = walk as usize;
    match &registers[walk] {
        Value::Range(range) => {
            let (first, last) = bounds(**range);
            store(&mut registers[walk], Value::Int(first));
            store(&mut registers[walk + 1], Value::Int(last));
        }
        Value::Array(_) => store(&mut registers[walk + 1], Value::Int(0)),
        _ => return false,
    }
    true
}

/// Makes a walk over ints from one to another. Says whether they were ints.
#[inline(always)]
pub(super) fn span(registers: &mut Window, walk: u8, (first, end, inclusive): (u8, u8, bool)) -> bool {
    let (&Value::Int(first), &Value::Int(end)) = (&registers[first as usize], &registers[end as usize])
    else {
        return false;
    };
    let (first, last) = bounds(Range { start: first, end, inclusive });
    set_int(&mut registers[walk as usize], first);
    set_int(&mut registers[walk.wrapping_add(1) as usize], last);
    true
}

/// The first and the last int of a range; of an empty one the last is less.
#[inline(always)]
fn bounds(range: Range) -> (i64, i64) {
    match range {
        Range { start, end, inclusive: true } => (start, end),
        Range { start, end, .. } if start >= end => (1, 0),
        Range { start, end, .. } => (start, end - 1),
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
            set_int(&mut registers[target], int);
            match int.checked_add(1) {
                Some(next) => set_int(&mut registers[over], next),
                None => set_int(&mut registers[at], i64::MIN),
            }
            Some(true)
        }
        (Value::Array(items), Value::Int(index)) => {
            let next = *index + 1;
            let Some(item) = items.get(*index as usize) else { return Some(false) };
            match item {
                Value::Int(int) => {
                    let int = *int;
                    set_int(&mut registers[target], int);
                }
                Value::Float(float) => {
                    let float = *float;
                    set_float(&mut registers[target], float);
                }
                other => {
                    let item = copy_of_other(other);
                    put(&mut registers[target], item);
                }
            }
            set_int(&mut registers[at], next);
            Some(true)
        }
        _ => None,
    }
}
