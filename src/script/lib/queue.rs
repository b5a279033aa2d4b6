//! Members of queue ends.

use super::arguments::Arguments;
use crate::script::fault::Fault;
use crate::script::objects::{QueueEnd, Wait};
use crate::script::registry::{Context, Native, Receiver, Shape};
use crate::value::Value;

type Outcome = Result<Value, Fault>;
type Run = fn(&mut Context<'_>, &mut [Value]) -> Outcome;

const fn method(
    name: &'static str,
    params: &'static [&'static str],
    doc: &'static str,
    example: &'static str,
    run: Run,
) -> Native {
    Native { name, receiver: Receiver::Queue, shape: Shape::Function, params, doc, example, run, host: None }
}

const fn property(name: &'static str, doc: &'static str, example: &'static str, run: Run) -> Native {
    Native {
        name,
        receiver: Receiver::Queue,
        shape: Shape::Property,
        params: &[],
        doc,
        example,
        run,
        host: None,
    }
}

pub(super) const NATIVES: &[Native] = &[
    method(
        "put",
        &["item"],
        "Puts an item; waits while the queue is full. Throws `Closed`.",
        "q.put(1);",
        put,
    ),
    method(
        "put",
        &["item", "seconds"],
        "Puts an item; throws `Full` when there was no room in time.",
        "q.put(1, 0.5);",
        put_within,
    ),
    method("try_put", &["item"], "Puts an item if there is room, and says whether.", "q.try_put(1)", try_put),
    method("put_many", &["items"], "Puts all items of an array, in order.", "q.put_many([1, 2]);", put_many),
    method("get", &[], "Takes an item; waits for one. Throws `Closed` at the end.", "let x = q.get();", get),
    method(
        "get",
        &["seconds"],
        "Takes an item; throws `Empty` when none came in time.",
        "q.get(0.5)",
        get_within,
    ),
    method("try_get", &[], "Takes an item, or gives `()` when there is none.", "q.try_get()", try_get),
    method("try_get", &["seconds"], "The same, waiting that long.", "q.try_get(0.5)", try_get_within),
    method(
        "get_many",
        &["count"],
        "Waits for an item, then takes up to `count`.",
        "q.get_many(100)",
        get_many,
    ),
    method("close", &[], "This process will put no more.", "q.close();", close),
    method(
        "task_done",
        &[],
        "Acknowledges the item in hand. Throws `TaskDone`.",
        "q.task_done();",
        task_done,
    ),
    method("task_failed", &[], "Gives the item in hand back at once.", "q.task_failed();", task_failed),
    method(
        "task_failed",
        &["reason"],
        "Gives the item in hand back at once, and says why.",
        "q.task_failed(\"no network\");",
        task_failed,
    ),
    method("join", &[], "Waits until every item put was acknowledged.", "q.join();", join),
    method("join", &["seconds"], "The same, and says whether it was in time.", "q.join(5)", join_within),
    property(
        "len",
        "The number of items in it now; of a broadcast queue, those that this process has not taken.",
        "q.len",
        len,
    ),
    property("is_empty", "Whether it is empty now.", "q.is_empty", is_empty),
    property("is_full", "Whether it is full now.", "q.is_full", is_full),
    property(
        "capacity",
        "How many items it can hold, or bytes where it was given in bytes; `()` when unbounded.",
        "q.capacity",
        capacity,
    ),
    property("name", "Its name.", "q.name", name),
    property("ended", "`()` while open, then a map that says why it ended.", "q.ended", ended),
    property("attempt", "How often the item in hand was handed out.", "q.attempt", attempt),
];

fn queue_error(queue: &dyn QueueEnd, kind: &str, message: String) -> Fault {
    Fault::error(kind, message).with("queue", Value::string(queue.name()))
}

fn full(queue: &dyn QueueEnd) -> Fault {
    queue_error(queue, "Full", format!("queue `{}` is full", queue.name()))
}

fn may_put(queue: &dyn QueueEnd, function: &str) -> Result<(), Fault> {
    if queue.directions().0 {
        return Ok(());
    }
    let message = format!("`{function}`: `{}` is an in port here, nothing can be put into it", queue.name());
    Err(queue_error(queue, "Direction", message))
}

fn may_take(queue: &dyn QueueEnd, function: &str) -> Result<(), Fault> {
    if queue.directions().1 {
        return Ok(());
    }
    let message =
        format!("`{function}`: `{}` is an out port here, nothing can be taken from it", queue.name());
    Err(queue_error(queue, "Direction", message))
}

fn put(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    put_waiting(values, Wait::Forever)
}

fn put_within(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let wait = Arguments::new("put", values).wait(2)?;
    put_waiting(values, wait)
}

fn put_waiting(values: &mut [Value], wait: Wait) -> Outcome {
    let mut arguments = Arguments::new("put", values);
    let mut item = arguments.take(1);
    let queue = arguments.queue()?;
    may_put(queue, "put")?;
    if queue.put(&mut item, wait)? { Ok(Value::Unit) } else { Err(full(queue)) }
}

fn try_put(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let mut arguments = Arguments::new("try_put", values);
    let mut item = arguments.take(1);
    let queue = arguments.queue()?;
    may_put(queue, "try_put")?;
    queue.put(&mut item, Wait::No).map(Value::Bool)
}

fn put_many(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let mut arguments = Arguments::new("put_many", values);
    may_put(arguments.queue()?, "put_many")?;
    let items = arguments.array(1, "items")?;
    arguments.queue()?.put_many(items).map(|()| Value::Unit)
}

fn get(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    get_waiting(values, Wait::Forever)
}

fn get_within(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let wait = Arguments::new("get", values).wait(1)?;
    get_waiting(values, wait)
}

fn get_waiting(values: &mut [Value], wait: Wait) -> Outcome {
    let arguments = Arguments::new("get", values);
    let queue = arguments.queue()?;
    may_take(queue, "get")?;
    match queue.get(wait)? {
        Some(item) => Ok(item),
        None => Err(nothing(queue)?),
    }
}

/// Why `get` came back without an item.
fn nothing(queue: &dyn QueueEnd) -> Result<Fault, Fault> {
    let name = queue.name();
    Ok(match queue.ended()? {
        Value::Unit => queue_error(queue, "Empty", format!("queue `{name}` is empty")),
        end => {
            let cause = end.as_map().and_then(|map| map.get("cause").cloned()).unwrap_or(Value::Unit);
            queue_error(queue, "Closed", format!("queue `{name}` has ended")).with("cause", cause)
        }
    })
}

fn try_get(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    try_get_waiting(values, Wait::No)
}

fn try_get_within(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let wait = Arguments::new("try_get", values).wait(1)?;
    try_get_waiting(values, wait)
}

fn try_get_waiting(values: &mut [Value], wait: Wait) -> Outcome {
    let arguments = Arguments::new("try_get", values);
    let queue = arguments.queue()?;
    may_take(queue, "try_get")?;
    Ok(queue.get(wait)?.unwrap_or(Value::Unit))
}

fn get_many(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let arguments = Arguments::new("get_many", values);
    let queue = arguments.queue()?;
    may_take(queue, "get_many")?;
    let count = arguments.count(1, "count")?;
    if count == 0 {
        return Ok(Value::array(Vec::new()));
    }
    queue.get_many(count).map(Value::array)
}

fn close(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let arguments = Arguments::new("close", values);
    let queue = arguments.queue()?;
    may_put(queue, "close")?;
    queue.close().map(|()| Value::Unit)
}

/// The receiver of a member that only joinable queues have.
fn joinable<'a>(arguments: &'a Arguments<'_>) -> Result<&'a dyn QueueEnd, Fault> {
    let queue = arguments.queue()?;
    if queue.joinable() {
        return Ok(queue);
    }
    let message = format!("`{}`: queue `{}` is not joinable", arguments.function, queue.name());
    Err(queue_error(queue, "NotJoinable", message))
}

fn task_done(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    joinable(&Arguments::new("task_done", values))?.task_done().map(|()| Value::Unit)
}

fn task_failed(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let arguments = Arguments::new("task_failed", values);
    let queue = joinable(&arguments)?;
    let reason = arguments.values.get(1).map_or_else(|| "no reason given".to_owned(), ToString::to_string);
    queue.task_failed(reason).map(|()| Value::Unit)
}

fn attempt(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    joinable(&Arguments::new("attempt", values))?.attempt().map(Value::Int)
}

fn join(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    joinable(&Arguments::new("join", values))?.join(Wait::Forever).map(Value::Bool)
}

fn join_within(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let arguments = Arguments::new("join", values);
    let wait = arguments.wait(1)?;
    joinable(&arguments)?.join(wait).map(Value::Bool)
}

fn len(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    Arguments::new("len", values).queue()?.len().map(|len| Value::Int(len as i64))
}

fn is_empty(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    Arguments::new("is_empty", values).queue()?.len().map(|len| Value::Bool(len == 0))
}

fn is_full(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    Arguments::new("is_full", values).queue()?.is_full().map(Value::Bool)
}

fn capacity(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let arguments = Arguments::new("capacity", values);
    let queue = arguments.queue()?;
    Ok(queue.capacity().map_or(Value::Unit, |capacity| Value::Int(capacity as i64)))
}

fn name(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    Ok(Value::string(Arguments::new("name", values).queue()?.name()))
}

fn ended(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    Arguments::new("ended", values).queue()?.ended()
}
