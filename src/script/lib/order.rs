//! Order: sorting, the smallest and the largest.

use super::arguments::Arguments;
use super::definition::{Outcome, function};
use super::items::Items;
use crate::script::fault::Fault;
use crate::script::registry::{Context, Native};
use crate::value::nesting::deeper;
use crate::value::{Function, Value};
use std::cmp::Ordering;

pub(super) const NATIVES: &[Native] = &[
    function(
        "sorted",
        &["items"],
        "The same items in order: numbers, strings, chars, bools, or arrays of them.",
        "[3, 1, 2].sorted()  // [1, 2, 3]",
        sorted,
    ),
    function(
        "sorted_by",
        &["items", "compare"],
        "In the order of a comparison: an int (negative: before), or whether it comes before. Equals keep their order.",
        "[\"ccc\", \"a\", \"bb\"].sorted_by(|a, b| a.len - b.len)  // [\"a\", \"bb\", \"ccc\"]",
        sorted_by,
    ),
    function(
        "reversed",
        &["items"],
        "The last first; a string stays one.",
        "[1, 2, 3].reversed()  // [3, 2, 1]",
        reversed,
    ),
    function("min", &["items"], "The smallest item; `()` of none.", "[2, 1, 3].min()  // 1", min),
    function("max", &["items"], "The largest item; `()` of none.", "[2, 1, 3].max()  // 3", max),
];

/// The order of two values of one kind.
fn order(function: &str, left: &Value, right: &Value) -> Result<Ordering, Fault> {
    match (left, right) {
        (Value::Int(a), Value::Int(b)) => Ok(a.cmp(b)),
        (Value::String(a), Value::String(b)) => Ok(a.cmp(b)),
        (Value::Char(a), Value::Char(b)) => Ok(a.cmp(b)),
        (Value::Bool(a), Value::Bool(b)) => Ok(a.cmp(b)),
        (Value::Array(a), Value::Array(b)) => deeper(|| order_arrays(function, a, b)),
        _ => {
            let ordering = left.as_number().zip(right.as_number()).map(|(a, b)| a.total_cmp(&b));
            ordering.ok_or_else(|| {
                let (left, right) = (left.type_name(), right.type_name());
                Fault::error("Type", format!("`{function}` cannot compare {left} with {right}"))
            })
        }
    }
}

fn order_arrays(function: &str, left: &[Value], right: &[Value]) -> Result<Ordering, Fault> {
    for (left, right) in left.iter().zip(right) {
        let ordering = order(function, left, right)?;
        if ordering != Ordering::Equal {
            return Ok(ordering);
        }
    }
    Ok(left.len().cmp(&right.len()))
}

/// A stable merge sort: a comparison that fails ends it, and one that contradicts itself does no harm.
fn sort(
    mut items: Vec<Value>,
    compare: &mut dyn FnMut(&Value, &Value) -> Result<Ordering, Fault>,
) -> Result<Vec<Value>, Fault> {
    if items.len() < 2 {
        return Ok(items);
    }
    let right = items.split_off(items.len() / 2);
    let mut left = sort(items, compare)?.into_iter().peekable();
    let mut right = sort(right, compare)?.into_iter().peekable();
    let mut merged = Vec::with_capacity(left.len() + right.len());
    while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
        let next = if compare(a, b)? == Ordering::Greater { right.next() } else { left.next() };
        merged.extend(next);
    }
    merged.extend(left);
    merged.extend(right);
    Ok(merged)
}

fn sorted(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let items = Arguments::new("sorted", values).items(0)?.all()?;
    sort(items, &mut |a, b| order("sorted", a, b)).map(Value::array)
}

fn sorted_by(context: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let mut arguments = Arguments::new("sorted_by", values);
    let compare = arguments.function(1, "compare")?;
    let items = arguments.items(0)?.all()?;
    sort(items, &mut |a, b| compared(context, &compare, a, b)).map(Value::array)
}

fn compared(context: &mut Context<'_>, compare: &Function, a: &Value, b: &Value) -> Result<Ordering, Fault> {
    match (context.call)(compare, vec![a.clone(), b.clone()])? {
        Value::Int(int) => Ok(int.cmp(&0)),
        Value::Float(float) => Ok(float.total_cmp(&0.0)),
        Value::Bool(true) => Ok(Ordering::Less),
        // Not before; that may be equal, which only the other question tells.
        Value::Bool(false) => match (context.call)(compare, vec![b.clone(), a.clone()])? {
            Value::Bool(true) => Ok(Ordering::Greater),
            _ => Ok(Ordering::Equal),
        },
        other => {
            let message =
                format!("`sorted_by`: `compare` must give an int or a bool, not {}", other.type_name());
            Err(Fault::error("Type", message))
        }
    }
}

fn reversed(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    if let Some(Value::String(text)) = values.first() {
        return Ok(Value::string(text.chars().rev().collect::<String>()));
    }
    let mut items = Arguments::new("reversed", values).items(0)?.all()?;
    items.reverse();
    Ok(Value::array(items))
}

fn min(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    extreme("min", Arguments::new("min", values).items(0)?, Ordering::Less)
}

fn max(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    extreme("max", Arguments::new("max", values).items(0)?, Ordering::Greater)
}

fn extreme(function: &'static str, mut items: Items, wanted: Ordering) -> Outcome {
    let Some(mut best) = items.next()? else { return Ok(Value::Unit) };
    while let Some(item) = items.next()? {
        if order(function, &item, &best)? == wanted {
            best = item;
        }
    }
    Ok(best)
}
