//! Sorting. What the comparing function throws is thrown on, which Rhai does not do.

#![allow(clippy::unnecessary_wraps)] // The functions of the tables have one shape.

use super::{Builtin, changes, reads, unit};
use crate::script::vm::code::Program;
use crate::script::vm::run::{Machine, Repeated, Target};
use crate::script::vm::trouble::{Run, Trouble};
use crate::value::Value;
use std::cmp::Ordering;
use std::rc::Rc;

pub(super) const TABLE: &[Builtin] = &[
    changes("sort", 1, sort),
    changes("sort", 2, sort_by),
    changes("sort_by", 2, sort_by),
    changes("sort_desc", 1, sort_desc),
    reads("order", 1, |machine, program, place, arguments| {
        ordered(machine, program, (place, arguments), sort)
    }),
    reads("order", 2, |machine, program, place, arguments| {
        ordered(machine, program, (place, arguments), sort_by)
    }),
    reads("order_by", 2, |machine, program, place, arguments| {
        ordered(machine, program, (place, arguments), sort_by)
    }),
    reads("order_desc", 1, |machine, program, place, arguments| {
        ordered(machine, program, (place, arguments), sort_desc)
    }),
];

type P = Rc<Program>;
type Sort = fn(&Machine, &P, &mut Value, &mut [Value]) -> Option<Run>;

/// A sorted copy.
fn ordered(
    machine: &Machine,
    program: &P,
    (place, arguments): (&mut Value, &mut [Value]),
    sort: Sort,
) -> Option<Run> {
    let mut copy = place.clone();
    Some(sort(machine, program, &mut copy, arguments)?.map(|_| copy))
}

fn sort(_: &Machine, _: &P, place: &mut Value, _: &mut [Value]) -> Option<Run> {
    plain(place, |ordering| ordering)
}

fn sort_desc(_: &Machine, _: &P, place: &mut Value, _: &mut [Value]) -> Option<Run> {
    plain(place, Ordering::reverse)
}

/// Items of one type that has an order; Rhai says what is wrong with others.
fn plain(place: &mut Value, turn: fn(Ordering) -> Ordering) -> Option<Run> {
    let Value::Array(items) = place else { return None };
    let first = items.first().map(std::mem::discriminant);
    let has_order = |item: &Value| {
        matches!(item, Value::Int(_) | Value::Float(_) | Value::Char(_) | Value::String(_) | Value::Bool(_))
            && Some(std::mem::discriminant(item)) == first
    };
    if items.len() > 1 && !items.iter().all(has_order) {
        return None;
    }
    // Floats that are no numbers equal all; that is no order, and must not panic.
    let nan = items.iter().any(|item| matches!(item, Value::Float(float) if float.is_nan()));
    if nan {
        return None;
    }
    Rc::make_mut(items).sort_by(|a, b| turn(compare(a, b)));
    unit()
}

fn compare(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => a.cmp(b),
        (Value::Float(a), Value::Float(b)) => a.partial_cmp(b).unwrap_or(Ordering::Equal),
        (Value::Char(a), Value::Char(b)) => a.cmp(b),
        (Value::String(a), Value::String(b)) => a.cmp(b),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        _ => Ordering::Equal,
    }
}

fn sort_by(machine: &Machine, program: &P, place: &mut Value, arguments: &mut [Value]) -> Option<Run> {
    let (Value::Array(items), Value::Function(function)) = (place, &arguments[0]) else { return None };
    let target = machine.target(Some(program), function);
    let repeated = Repeated::new(machine, &target).filter(|repeated| repeated.takes() == 2);
    let sorted = Comparison { machine, target, repeated }.merged(items.to_vec());
    Some(sorted.map(|sorted| {
        *items = Rc::new(sorted);
        Value::Unit
    }))
}

/// A function that compares.
struct Comparison<'m> {
    machine: &'m Machine,
    target: Target,
    repeated: Option<Repeated<'m>>,
}

impl Comparison<'_> {
    /// Whether `b`, which stands behind `a`, belongs before it: equal ones stay as they are.
    fn is_after(&mut self, a: &Value, b: &Value) -> Run<bool> {
        let order = match &mut self.repeated {
            Some(repeated) => repeated.call(Some(b.clone()), a, None)?,
            None => self.machine.call_target(&self.target, vec![b.clone(), a.clone()], None)?,
        };
        match order {
            Value::Int(int) => Ok(int < 0),
            Value::Bool(before) => Ok(before),
            other => {
                let message =
                    format!("`sort`: what compares must give an int or a bool, not {}", other.type_name());
                Err(Trouble::mistake("Type", message))
            }
        }
    }

    /// Short runs are sorted by insertion, then merged: whatever the function says, it comes to an end.
    fn merged(&mut self, mut items: Vec<Value>) -> Run<Vec<Value>> {
        const RUN: usize = 8;
        for run in items.chunks_mut(RUN) {
            for end in 1..run.len() {
                let mut at = end;
                while at > 0 && self.is_after(&run[at - 1], &run[at])? {
                    run.swap(at - 1, at);
                    at -= 1;
                }
            }
        }
        let mut width = RUN;
        while width < items.len() {
            let mut next = Vec::with_capacity(items.len());
            for pair in items.chunks_mut(2 * width) {
                let middle = width.min(pair.len());
                let (left, right) = pair.split_at_mut(middle);
                let (mut l, mut r) = (0, 0);
                while l < left.len() && r < right.len() {
                    let taken = if self.is_after(&left[l], &right[r])? {
                        r += 1;
                        &mut right[r - 1]
                    } else {
                        l += 1;
                        &mut left[l - 1]
                    };
                    next.push(taken.take());
                }
                next.extend(left[l..].iter_mut().map(Value::take));
                next.extend(right[r..].iter_mut().map(Value::take));
            }
            items = next;
            width *= 2;
        }
        Ok(items)
    }
}
