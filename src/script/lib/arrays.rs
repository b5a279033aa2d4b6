//! Functions over arrays, beside Rhai's own.

use super::arguments::{Arguments, type_error};
use crate::script::fault::Fault;
use crate::script::registry::{Context, Native, Receiver, Shape};
use crate::value::{Function, Map, Value};
use std::cmp::Ordering;
use std::rc::Rc;

type Outcome = Result<Value, Fault>;
type Run = fn(&mut Context<'_>, &mut [Value]) -> Outcome;

const fn function(
    name: &'static str,
    params: &'static [&'static str],
    doc: &'static str,
    example: &'static str,
    run: Run,
) -> Native {
    Native { name, receiver: Receiver::None, shape: Shape::Function, params, doc, example, run }
}

pub(super) const NATIVES: &[Native] = &[
    function(
        "sorted",
        &["array"],
        "The same items in order; ints, floats or strings.",
        "[3, 1].sorted()",
        sorted,
    ),
    function(
        "sorted_by",
        &["array", "compare"],
        "In the order of a comparison: an int (negative: before), or whether it comes before.",
        "names.sorted_by(|a, b| a.len - b.len)",
        sorted_by,
    ),
    function("take", &["array", "count"], "The first items.", "[1, 2, 3].take(2)", take),
    function("sum", &["array"], "The sum of ints or floats; 0 of none.", "[1, 2].sum()", sum),
    function("min", &["array"], "The smallest item; `()` of none.", "[1, 2].min()", min),
    function("max", &["array"], "The largest item; `()` of none.", "[1, 2].max()", max),
    function(
        "group_by",
        &["array", "key"],
        "A map from each key to the items that have it.",
        "words.group_by(|w| w.len)",
        group_by,
    ),
    function(
        "zip",
        &["left", "right"],
        "Pairs, as many as the shorter has.",
        "[1, 2].zip([\"a\", \"b\"])",
        zip,
    ),
    function(
        "chunks",
        &["array", "size"],
        "Pieces of `size` items; the last may be shorter.",
        "a.chunks(2)",
        chunks,
    ),
];

/// The order of two values of one kind.
fn order(function: &str, left: &Value, right: &Value) -> Result<Ordering, Fault> {
    match (left, right) {
        (Value::Int(a), Value::Int(b)) => Ok(a.cmp(b)),
        (Value::String(a), Value::String(b)) => Ok(a.cmp(b)),
        (Value::Char(a), Value::Char(b)) => Ok(a.cmp(b)),
        (Value::Bool(a), Value::Bool(b)) => Ok(a.cmp(b)),
        (Value::Array(a), Value::Array(b)) => order_arrays(function, a, b),
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
    let items = Arguments::new("sorted", values).array(0, "array")?;
    sort(items, &mut |a, b| order("sorted", a, b)).map(Value::array)
}

fn sorted_by(context: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let mut arguments = Arguments::new("sorted_by", values);
    let compare = arguments.function(1, "compare")?;
    let items = arguments.array(0, "array")?;
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
        other => Err(type_error("sorted_by", "the result of `compare`", "an int or a bool", &other)),
    }
}

fn take(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let mut arguments = Arguments::new("take", values);
    let count = arguments.count(1, "count")?;
    let mut items = arguments.array(0, "array")?;
    items.truncate(count);
    Ok(Value::array(items))
}

fn sum(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let items = Arguments::new("sum", values).array(0, "array")?;
    let mut total = Value::Int(0);
    for item in &items {
        total = add(&total, item)?;
    }
    Ok(total)
}

fn add(total: &Value, item: &Value) -> Outcome {
    if let (Value::Int(a), Value::Int(b)) = (total, item) {
        let overflow = || Fault::error("ErrorArithmetic", "the sum is too large for an int");
        return a.checked_add(*b).map(Value::Int).ok_or_else(overflow);
    }
    match (total.as_number(), item.as_number()) {
        (Some(a), Some(b)) => Ok(Value::Float(a + b)),
        _ => Err(type_error("sum", "each item", "an int or a float", item)),
    }
}

fn min(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    extreme("min", values, Ordering::Less)
}

fn max(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    extreme("max", values, Ordering::Greater)
}

fn extreme(function: &'static str, values: &mut [Value], wanted: Ordering) -> Outcome {
    let mut items = Arguments::new(function, values).array(0, "array")?.into_iter();
    let Some(mut best) = items.next() else { return Ok(Value::Unit) };
    for item in items {
        if order(function, &item, &best)? == wanted {
            best = item;
        }
    }
    Ok(best)
}

fn group_by(context: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let mut arguments = Arguments::new("group_by", values);
    let key = arguments.function(1, "key")?;
    let mut groups: std::collections::BTreeMap<String, Vec<Value>> = std::collections::BTreeMap::new();
    for item in arguments.array(0, "array")? {
        let name = (context.call)(&key, vec![item.clone()])?.to_string();
        groups.entry(name).or_default().push(item);
    }
    let map: Map = groups.into_iter().map(|(name, items)| (name, Value::array(items))).collect();
    Ok(Value::Map(Rc::new(map)))
}

fn zip(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let mut arguments = Arguments::new("zip", values);
    let left = arguments.array(0, "left")?;
    let right = arguments.array(1, "right")?;
    let pairs = left.into_iter().zip(right).map(|(left, right)| Value::array(vec![left, right]));
    Ok(Value::array(pairs.collect()))
}

fn chunks(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let mut arguments = Arguments::new("chunks", values);
    let size = arguments.count(1, "size")?;
    if size == 0 {
        return Err(Fault::error("Argument", "`chunks`: `size` must be at least 1"));
    }
    let items = arguments.array(0, "array")?;
    Ok(Value::array(items.chunks(size).map(|chunk| Value::array(chunk.to_vec())).collect()))
}
