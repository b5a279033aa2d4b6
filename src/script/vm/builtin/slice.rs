//! Parts of arrays and blobs: a range of the items, or where they begin and how many they are.

#![allow(clippy::unnecessary_wraps)] // The functions of the tables have one shape.

use super::{Builtin, changes, part, refuses_constants, unit};
use crate::script::vm::code::Program;
use crate::script::vm::run::Machine;
use crate::script::vm::trouble::Run;
use crate::value::Value;
use std::rc::Rc;

pub(super) const TABLE: &[Builtin] = &[
    refuses_constants("extract", 2, extract),
    refuses_constants("extract", 3, extract),
    changes("drain", 3, |_, _, place, arguments| drain(place, arguments)),
    changes("retain", 3, |_, _, place, arguments| retain(place, arguments)),
    changes("splice", 3, splice),
    changes("splice", 4, splice),
    changes("chop", 2, chop),
    changes("pad", 3, pad),
];

type P = Rc<Program>;

/// Where a part begins, and how many items it has at most.
type Part = (i64, i64);

fn given(arguments: &[Value]) -> Option<Part> {
    match arguments {
        [Value::Range(range)] => {
            let start = range.start.max(0);
            let end = range.end.max(start);
            let count = if range.inclusive { end.min(i64::MAX - 1) - start + 1 } else { end - start };
            Some((start, count))
        }
        [Value::Int(start), Value::Int(count)] => Some((*start, *count)),
        _ => None,
    }
}

fn copied<T: Clone>(items: &[T], (start, count): Part) -> Vec<T> {
    let (start, count) = part(items.len(), start, count);
    items[start..start + count].to_vec()
}

fn taken<T>(items: &mut Vec<T>, (start, count): Part) -> Vec<T> {
    let (start, count) = part(items.len(), start, count);
    items.drain(start..start + count).collect()
}

fn extract(_: &Machine, _: &P, place: &mut Value, arguments: &mut [Value]) -> Option<Run> {
    let part = match &*arguments {
        [Value::Int(start)] => (*start, i64::MAX),
        arguments => given(arguments)?,
    };
    Some(Ok(match place {
        Value::Array(items) => Value::array(copied(items, part)),
        Value::Blob(bytes) => Value::blob(copied(bytes, part)),
        _ => return None,
    }))
}

pub(super) fn drain(place: &mut Value, arguments: &[Value]) -> Option<Run> {
    let part = given(arguments)?;
    Some(Ok(match place {
        Value::Array(items) => Value::array(taken(Rc::make_mut(items), part)),
        Value::Blob(bytes) => Value::blob(taken(Rc::make_mut(bytes), part)),
        _ => return None,
    }))
}

/// `split` at an index: what is behind it is taken.
pub(super) fn split(place: &mut Value, arguments: &[Value]) -> Option<Run> {
    let [Value::Int(at)] = arguments else { return None };
    drain(place, &[Value::Int(*at), Value::Int(i64::MAX)])
}

/// Takes all but a part. A part without items is none to an array, but takes all of a blob if it has a length.
pub(super) fn retain(place: &mut Value, arguments: &[Value]) -> Option<Run> {
    fn others<T>(items: &mut Vec<T>, (start, count): (usize, usize)) -> Vec<T> {
        let mut others: Vec<T> = items.drain(..start).collect();
        others.extend(items.drain(count..));
        others
    }
    let (start, length) = given(arguments)?;
    Some(Ok(match place {
        Value::Array(items) => match part(items.len(), start, length) {
            (_, 0) => Value::array(Vec::new()),
            part => Value::array(others(Rc::make_mut(items), part)),
        },
        Value::Blob(_) if length <= 0 => Value::blob(Vec::new()),
        Value::Blob(bytes) => {
            let part = part(bytes.len(), start, length);
            Value::blob(others(Rc::make_mut(bytes), part))
        }
        _ => return None,
    }))
}

fn splice(_: &Machine, _: &P, place: &mut Value, arguments: &mut [Value]) -> Option<Run> {
    let (with, arguments) = arguments.split_last_mut()?;
    let (start, count) = given(arguments)?;
    match (place, with) {
        (Value::Array(items), Value::Array(with)) => {
            let (start, count) = part(items.len(), start, count);
            let with = Rc::unwrap_or_clone(std::mem::take(with));
            Rc::make_mut(items).splice(start..start + count, with);
        }
        (Value::Blob(bytes), Value::Blob(with)) => {
            let (start, count) = part(bytes.len(), start, count);
            // Bytes that replace none come behind all others, wherever it is.
            let start = if count == 0 { bytes.len() } else { start };
            Rc::make_mut(bytes).splice(start..start + count, with.iter().copied());
        }
        _ => return None,
    }
    unit()
}

fn chop(_: &Machine, _: &P, place: &mut Value, arguments: &mut [Value]) -> Option<Run> {
    fn cut<T>(items: &mut Vec<T>, length: i64) {
        let length = usize::try_from(length).unwrap_or(0);
        items.drain(..items.len().saturating_sub(length));
    }
    match (place, arguments) {
        (Value::Array(items), [Value::Int(length)]) => cut(Rc::make_mut(items), *length),
        (Value::Blob(bytes), [Value::Int(length)]) => cut(Rc::make_mut(bytes), *length),
        _ => return None,
    }
    unit()
}

fn pad(_: &Machine, _: &P, place: &mut Value, arguments: &mut [Value]) -> Option<Run> {
    /// What there is no memory for is left to Rhai.
    fn grow<T: Clone>(items: &mut Vec<T>, length: i64, item: T) -> Option<Run> {
        let length = usize::try_from(length).unwrap_or(0);
        if length > items.len() {
            items.try_reserve(length - items.len()).ok()?;
            items.resize(length, item);
        }
        unit()
    }
    match (place, arguments) {
        (Value::Array(items), [Value::Int(length), item]) => grow(Rc::make_mut(items), *length, item.clone()),
        (Value::Blob(bytes), [Value::Int(length), Value::Int(byte)]) => {
            grow(Rc::make_mut(bytes), *length, *byte as u8)
        }
        _ => None,
    }
}
