//! Functions over items, beside Rhai's own over arrays.

use super::arguments::Arguments;
use super::definition::{Outcome, function};
use super::items::{Items, stream};
use crate::script::fault::Fault;
use crate::script::objects::Stream;
use crate::script::registry::{Context, Native};
use crate::value::counts::Counts;
use crate::value::{Map, Value};
use std::collections::{BTreeMap, HashSet};
use std::rc::Rc;

pub(super) const NATIVES: &[Native] = &[
    function(
        "take",
        &["items", "count"],
        "The first items; of a string its first characters.",
        "[1, 2, 3].take(2)  // [1, 2]",
        take,
    ),
    function(
        "skip",
        &["items", "count"],
        "What comes behind the first items; of a stream the rest of the stream.",
        "[1, 2, 3].skip(2)  // [3]",
        skip,
    ),
    function("sum", &["items"], "The sum of ints or floats; 0 of none.", "[1, 2].sum()  // 3", sum),
    function(
        "join",
        &["items", "separator"],
        "The items as one string, with the separator between them.",
        "[1, 2, 3].join(\", \")  // \"1, 2, 3\"",
        join,
    ),
    function(
        "group_by",
        &["items", "key"],
        "A map from each key, as text, to the items that have it.",
        "[\"a\", \"bb\", \"c\"].group_by(|w| w.len)  // #{\"1\": [\"a\", \"c\"], \"2\": [\"bb\"]}",
        group_by,
    ),
    function(
        "counts",
        &["items"],
        "A map from each item, as text, to how often it is there.",
        "[\"a\", \"b\", \"a\"].counts()  // #{\"a\": 2, \"b\": 1}",
        counts,
    ),
    function(
        "unique",
        &["items"],
        "Each item once, in the order of the first of its kind.",
        "[2, 1, 2].unique()  // [2, 1]",
        unique,
    ),
    function(
        "zip",
        &["left", "right"],
        "Pairs, as many as the shorter has.",
        "[1, 2].zip([\"a\", \"b\"])  // [[1, \"a\"], [2, \"b\"]]",
        zip,
    ),
    function(
        "enumerate",
        &["items"],
        "Pairs of number, from 0, and item; of a stream a stream.",
        "[\"a\", \"b\"].enumerate()  // [[0, \"a\"], [1, \"b\"]]",
        enumerate,
    ),
    function(
        "chunks",
        &["items", "size"],
        "Arrays of `size` items, the last maybe shorter; of a stream a stream.",
        "[1, 2, 3].chunks(2)  // [[1, 2], [3]]",
        chunks,
    ),
    function(
        "flatten",
        &["items"],
        "The items of the arrays among the items, one level deep.",
        "[[1, 2], [], 3].flatten()  // [1, 2, 3]",
        flatten,
    ),
    function(
        "to_array",
        &["items"],
        "All items as an array: of a stream, a range, a map as `[key, value]`.",
        "#{a: 1, b: 2}.to_array()  // [[\"a\", 1], [\"b\", 2]]",
        to_array,
    ),
];

fn take(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let mut arguments = Arguments::new("take", values);
    let count = arguments.count(1, "count")?;
    if let Ok(text) = arguments.string(0, "items") {
        return Ok(Value::string(text.chars().take(count).collect::<String>()));
    }
    let mut items = arguments.items(0)?;
    let mut taken = Vec::new();
    while taken.len() < count {
        let Some(item) = items.next()? else { break };
        taken.push(item);
    }
    Ok(Value::array(taken))
}

fn skip(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let mut arguments = Arguments::new("skip", values);
    let count = arguments.count(1, "count")?;
    if let Ok(text) = arguments.string(0, "items") {
        return Ok(Value::string(text.chars().skip(count).collect::<String>()));
    }
    let mut items = arguments.items(0)?;
    for _ in 0..count {
        if items.next()?.is_none() {
            break;
        }
    }
    match items {
        Items::Stream(object) => Ok(Value::Object(object)),
        items => items.all().map(Value::array),
    }
}

fn sum(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let mut items = Arguments::new("sum", values).items(0)?;
    let mut total = Value::Int(0);
    while let Some(item) = items.next()? {
        total = add(&total, &item)?;
    }
    Ok(total)
}

fn add(total: &Value, item: &Value) -> Outcome {
    if let (Value::Int(a), Value::Int(b)) = (total, item) {
        let overflow = || Fault::error("ErrorArithmetic", "the sum is too large for an int");
        return a.checked_add(*b).map(Value::Int).ok_or_else(overflow);
    }
    let added = total.as_number().zip(item.as_number()).map(|(a, b)| Value::Float(a + b));
    added.ok_or_else(|| {
        let message = format!("`sum`: each item must be an int or a float, not {}", item.type_name());
        Fault::error("Type", message)
    })
}

fn join(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let mut arguments = Arguments::new("join", values);
    let separator = arguments.string(1, "separator")?.to_owned();
    let items = arguments.items(0)?.all()?;
    let texts: Vec<String> = items.iter().map(ToString::to_string).collect();
    Ok(Value::string(texts.join(&separator)))
}

fn group_by(context: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let mut arguments = Arguments::new("group_by", values);
    let key = arguments.function(1, "key")?;
    let mut items = arguments.items(0)?;
    let mut groups: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    while let Some(item) = items.next()? {
        let name = (context.call)(&key, vec![item.clone()])?.to_string();
        groups.entry(name).or_default().push(item);
    }
    let map: Map = groups.into_iter().map(|(name, items)| (name, Value::array(items))).collect();
    Ok(Value::Map(Rc::new(map)))
}

fn counts(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let mut items = Arguments::new("counts", values).items(0)?;
    let mut counts = Counts::default();
    while let Some(item) = items.next()? {
        match item {
            Value::String(text) => counts.add(&text),
            other => counts.add(&other.to_string()),
        }
    }
    Ok(Value::Map(Rc::new(counts.into_map())))
}

fn unique(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let mut items = Arguments::new("unique", values).items(0)?;
    let mut seen = HashSet::new();
    let mut unique = Vec::new();
    while let Some(item) = items.next()? {
        // The quoted form tells values of different types from each other.
        if seen.insert(item.quoted()) {
            unique.push(item);
        }
    }
    Ok(Value::array(unique))
}

fn zip(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let mut arguments = Arguments::new("zip", values);
    let (mut left, mut right) = (arguments.items(0)?, arguments.items_named(1, "right")?);
    let mut pairs = Vec::new();
    while let Some(one) = left.next()? {
        let Some(other) = right.next()? else { break };
        pairs.push(Value::array(vec![one, other]));
    }
    Ok(Value::array(pairs))
}

/// What is made of items one by one: of a stream lazily, else at once.
fn made(lazy: bool, mut made: impl Stream + 'static) -> Outcome {
    if lazy {
        return Ok(stream(made));
    }
    let mut all = Vec::new();
    while let Some(item) = made.next()? {
        all.push(item);
    }
    Ok(Value::array(all))
}

struct Numbered {
    items: Items,
    next: i64,
}

impl Stream for Numbered {
    fn next(&mut self) -> Result<Option<Value>, Fault> {
        let item = self.items.next()?;
        self.next += 1;
        Ok(item.map(|item| Value::array(vec![Value::Int(self.next - 1), item])))
    }
}

fn enumerate(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let items = Arguments::new("enumerate", values).items(0)?;
    made(items.is_lazy(), Numbered { items, next: 0 })
}

struct Chunks {
    items: Items,
    size: usize,
}

impl Stream for Chunks {
    fn next(&mut self) -> Result<Option<Value>, Fault> {
        let mut chunk = Vec::new();
        while chunk.len() < self.size {
            let Some(item) = self.items.next()? else { break };
            chunk.push(item);
        }
        Ok((!chunk.is_empty()).then(|| Value::array(chunk)))
    }
}

fn chunks(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let mut arguments = Arguments::new("chunks", values);
    let size = arguments.count(1, "size")?;
    if size == 0 {
        return Err(Fault::error("Argument", "`chunks`: `size` must be at least 1"));
    }
    let items = arguments.items(0)?;
    made(items.is_lazy(), Chunks { items, size })
}

fn flatten(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let mut items = Arguments::new("flatten", values).items(0)?;
    let mut flat = Vec::new();
    while let Some(item) = items.next()? {
        match item {
            Value::Array(items) => flat.extend(Rc::unwrap_or_clone(items)),
            other => flat.push(other),
        }
    }
    Ok(Value::array(flat))
}

fn to_array(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    Arguments::new("to_array", values).items(0)?.all().map(Value::array)
}
