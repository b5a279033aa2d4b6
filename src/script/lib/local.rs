//! Queues and cells between the threads of one process.

use super::arguments::{Arguments, type_error};
use super::definition::{Names, Outcome, Run, function};
use crate::script::fault::Fault;
use crate::script::registry::{Context, Native, Receiver, Shape};
use crate::value::Value;

/// As many items as a queue of the graph takes.
const CAPACITY: usize = 1024;
/// More than this are a slip of the pen: room for all of them is kept from the beginning.
const CAPACITY_MAX: usize = 1 << 24;

const fn member(
    name: &'static str,
    params: Names,
    doc: &'static str,
    example: &'static str,
    run: Run,
) -> Native {
    Native { name, receiver: Receiver::Cell, shape: Shape::Function, params, doc, example, run, host: None }
}

pub(super) const FUNCTIONS: &[Native] = &[
    function(
        "local_queue",
        &[],
        "Makes a queue between threads of this process; it holds 1024 items.",
        "local_queue().capacity // 1024",
        queue,
    ),
    function(
        "local_queue",
        &["capacity"],
        "The same, for so many items.",
        "local_queue(16).capacity // 16",
        queue_for,
    ),
    function(
        "local_queue",
        &["capacity", "options"],
        "The same; `joinable: true`: its items are to be acknowledged.",
        "let q = local_queue(16, #{ joinable: true }); q.put(1); q.get(); q.task_done(); q.join() // true",
        queue_with,
    ),
    function(
        "cell",
        &["value"],
        "Makes a cell that threads of this process share.",
        "cell([1]).get() // [1]",
        cell,
    ),
];

pub(super) const MEMBERS: &[Native] = &[
    member("get", &[], "A copy of its value.", "c.get() // 1", get),
    member("set", &["value"], "Puts a copy of a value into it.", "c.set(5); c.get() // 5", set),
    member(
        "update",
        &["function"],
        "Replaces its value by what the function makes of it, and gives the new one.",
        "c.update(|old| old + 1) // 2",
        update,
    ),
];

fn queue(context: &mut Context<'_>, _: &mut [Value]) -> Outcome {
    context.surroundings.local_queue(CAPACITY, false)
}

fn queue_for(context: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    context.surroundings.local_queue(capacity(values)?, false)
}

fn queue_with(context: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let (capacity, joinable) = (capacity(values)?, joinable(values)?);
    context.surroundings.local_queue(capacity, joinable)
}

fn capacity(values: &mut [Value]) -> Result<usize, Fault> {
    let capacity = Arguments::new("local_queue", values).count(0, "capacity")?;
    if (1..=CAPACITY_MAX).contains(&capacity) {
        return Ok(capacity);
    }
    let message = format!("`local_queue`: `capacity` must be from 1 to {CAPACITY_MAX}, but is {capacity}");
    Err(Fault::error("Argument", message))
}

/// The options are a map; what it does not know is a mistake.
fn joinable(values: &mut [Value]) -> Result<bool, Fault> {
    let options = values.get(1).unwrap_or(&Value::Unit);
    let Value::Map(options) = options else {
        return Err(type_error("local_queue", "options", "a map", options));
    };
    if let Some(unknown) = options.keys().find(|key| *key != "joinable") {
        let message = format!("`local_queue` has no option `{unknown}`; it has `joinable`");
        return Err(Fault::error("Argument", message));
    }
    match options.get("joinable") {
        None => Ok(false),
        Some(Value::Bool(joinable)) => Ok(*joinable),
        Some(other) => Err(type_error("local_queue", "joinable", "a bool", other)),
    }
}

fn cell(context: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let value = Arguments::new("cell", values).take(0);
    context.surroundings.cell(value)
}

fn get(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    Arguments::new("get", values).cell()?.get()
}

fn set(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let mut arguments = Arguments::new("set", values);
    let value = arguments.take(1);
    arguments.cell()?.set(value).map(|()| Value::Unit)
}

fn update(context: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let arguments = Arguments::new("update", values);
    let (cell, function) = (arguments.cell()?, arguments.function(1, "function")?);
    cell.update(&mut |old| (context.call)(&function, vec![old]))
}
