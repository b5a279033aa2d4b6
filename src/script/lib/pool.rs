//! Pools: `pool`, `par_map`, and the members of pools and of their jobs.

use super::arguments::{Arguments, type_error};
use super::pool_options::{chunk_of_call, of_pool};
use crate::script::fault::Fault;
use crate::script::objects::pool::{JobHandle, JobObject, Order, PoolHandle, PoolObject, PoolSettings, Work};
use crate::script::objects::{Stream, StreamObject, Wait};
use crate::script::registry::{Context, Native, Receiver, Shape};
use crate::value::{Object, Value};
use std::cell::RefCell;
use std::rc::Rc;

type Outcome = Result<Value, Fault>;
type Run = fn(&mut Context<'_>, &mut [Value]) -> Outcome;
type Names = &'static [&'static str];

/// More than anybody needs, and less than what a mistyped number would start.
const WORKERS_MAX: i64 = 4096;

const fn native(
    receiver: Receiver,
    name: &'static str,
    params: Names,
    texts: [&'static str; 2],
    run: Run,
) -> Native {
    let [doc, example] = texts;
    Native { name, receiver, shape: Shape::Function, params, doc, example, run, host: None }
}

const fn property(name: &'static str, doc: &'static str, example: &'static str, run: Run) -> Native {
    Native {
        name,
        receiver: Receiver::PoolJob,
        shape: Shape::Property,
        params: &[],
        doc,
        example,
        run,
        host: None,
    }
}

pub(super) const FUNCTIONS: &[Native] = &[
    native(
        Receiver::None,
        "pool",
        &[],
        ["A pool of worker processes, one for each processor.", "let pool = pool();"],
        pool,
    ),
    native(
        Receiver::None,
        "pool",
        &["workers"],
        ["A pool of so many workers; or, given a map, one with these options.", "let pool = pool(4);"],
        pool,
    ),
    native(
        Receiver::None,
        "pool",
        &["workers", "options"],
        [
            "The same; options: `chunk`, `max_tasks_per_worker`, `initializer`.",
            "let pool = pool(4, #{chunk: 64});",
        ],
        pool,
    ),
    native(
        Receiver::None,
        "par_map",
        &["items", "function"],
        ["`map` by a pool for this one call.", "[3, 4].par_map(|x| x + 1)  // [4, 5]"],
        par_map,
    ),
    native(
        Receiver::None,
        "par_map",
        &["items", "function", "options"],
        ["The same, with the options of a pool.", "(0..3).par_map(|x| x + 1, #{chunk: 3})  // [1, 2, 3]"],
        par_map,
    ),
];

pub(super) const MEMBERS: &[Native] = &[
    native(
        Receiver::Pool,
        "map",
        &["items", "function"],
        [
            "Calls the function with each item, in the workers; results in order.",
            "pool.map([1, 2], |x| x * x)  // [1, 4]",
        ],
        map,
    ),
    native(
        Receiver::Pool,
        "map",
        &["items", "function", "options"],
        ["The same; options: `chunk`.", "pool.map(0..4, |x| x * x, #{chunk: 2})  // [0, 1, 4, 9]"],
        map,
    ),
    native(
        Receiver::Pool,
        "starmap",
        &["items", "function"],
        ["`map` where each item is an array of arguments.", "pool.starmap([[1, 2]], |a, b| a + b)  // [3]"],
        starmap,
    ),
    native(
        Receiver::Pool,
        "starmap",
        &["items", "function", "options"],
        [
            "The same; options: `chunk`.",
            "pool.starmap([[1, 2], [3, 4]], |a, b| a + b, #{chunk: 1})  // [3, 7]",
        ],
        starmap,
    ),
    native(
        Receiver::Pool,
        "imap",
        &["items", "function"],
        [
            "`map` for a loop: items are read as they are needed, results come in order.",
            "for n in pool.imap(read_lines(\"notes.txt\"), |l| l.len()) { print(n); }",
        ],
        imap,
    ),
    native(
        Receiver::Pool,
        "imap",
        &["items", "function", "options"],
        ["The same; options: `chunk`.", "for y in pool.imap(0..9, |x| x, #{chunk: 2}) { print(y); }"],
        imap,
    ),
    native(
        Receiver::Pool,
        "imap_unordered",
        &["items", "function"],
        [
            "The same, each result as soon as it is there.",
            "for y in pool.imap_unordered(0..9, |x| x) { print(y); }",
        ],
        imap_unordered,
    ),
    native(
        Receiver::Pool,
        "imap_unordered",
        &["items", "function", "options"],
        [
            "The same; options: `chunk`.",
            "for y in pool.imap_unordered(0..9, |x| x, #{chunk: 1}) { print(y); }",
        ],
        imap_unordered,
    ),
    native(
        Receiver::Pool,
        "apply",
        &["function"],
        ["Calls the function in a worker and waits for its result.", "pool.apply(|| pid())"],
        apply,
    ),
    native(
        Receiver::Pool,
        "apply",
        &["function", "arguments"],
        ["The same, with an array of arguments.", "pool.apply(|x| x + 1, [7])  // 8"],
        apply,
    ),
    native(
        Receiver::Pool,
        "apply_async",
        &["function"],
        ["Calls the function in a worker; gives a job.", "let job = pool.apply_async(|| pid());"],
        apply_async,
    ),
    native(
        Receiver::Pool,
        "apply_async",
        &["function", "arguments"],
        ["The same, with an array of arguments.", "let job = pool.apply_async(|x| x + 1, [7]);"],
        apply_async,
    ),
    native(
        Receiver::Pool,
        "map_async",
        &["items", "function"],
        ["`map` in the background; gives a job.", "let job = pool.map_async([1, 2], |x| x * x);"],
        map_async,
    ),
    native(
        Receiver::Pool,
        "map_async",
        &["items", "function", "options"],
        ["The same; options: `chunk`.", "let job = pool.map_async(0..99, |x| x, #{chunk: 8});"],
        map_async,
    ),
    native(
        Receiver::Pool,
        "close",
        &[],
        ["The pool takes nothing more; its workers end when all is done.", "pool.close();"],
        close,
    ),
    native(
        Receiver::Pool,
        "join",
        &[],
        [
            "Waits until the workers have ended; after `close()` or `terminate()`.",
            "pool.close(); pool.join();",
        ],
        join,
    ),
    native(
        Receiver::Pool,
        "terminate",
        &[],
        ["Ends the workers now; what they have not done is dropped.", "pool.terminate();"],
        terminate,
    ),
];

pub(super) const OF_JOBS: &[Native] = &[
    native(
        Receiver::PoolJob,
        "get",
        &[],
        ["Waits for the result. Throws what the function threw.", "job.get()  // 8"],
        get,
    ),
    native(
        Receiver::PoolJob,
        "get",
        &["seconds"],
        ["The same; throws `Timeout` when it is not there in time.", "job.get(5)  // 8"],
        get_within,
    ),
    native(Receiver::PoolJob, "wait", &[], ["Waits until it is done.", "job.wait();"], wait),
    native(
        Receiver::PoolJob,
        "wait",
        &["seconds"],
        ["The same, that long at most; says whether it is done.", "if !job.wait(1.5) { print(\"slow\"); }"],
        wait_within,
    ),
    property("ready", "Whether it is done.", "job.ready  // true", ready),
    property(
        "successful",
        "Whether it is done without an error. Throws `Process` while it is not done.",
        "job.successful  // true",
        successful,
    ),
];

fn pool(context: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let mut arguments = Arguments::new("pool", values);
    let settings = match arguments.values {
        [] => of_pool("pool", Value::Unit)?,
        [Value::Map(_)] => of_pool("pool", arguments.take(0))?,
        [workers, ..] => {
            let workers = number_of_workers(workers)?;
            PoolSettings { workers, ..of_pool("pool", arguments.take(1))? }
        }
    };
    let pool = context.surroundings.pool(settings)?;
    Ok(Value::Object(Object::new(PoolObject(pool))))
}

fn number_of_workers(value: &Value) -> Result<u32, Fault> {
    let Some(int) = value.as_int() else { return Err(type_error("pool", "workers", "an int", value)) };
    match u32::try_from(int) {
        Ok(number) if (1..=WORKERS_MAX).contains(&int) => Ok(number),
        _ => {
            let message = format!("`pool`: `workers` must be from 1 to {WORKERS_MAX}, but is {int}");
            Err(Fault::error("Argument", message))
        }
    }
}

fn par_map(context: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let mut arguments = Arguments::new("par_map", values);
    let function = arguments.function(1, "function")?;
    let mut settings = of_pool("par_map", arguments.take(2))?;
    let items = arguments.take(0);
    if let Some(items) = items.as_array() {
        settings.workers = settings.workers.min(items.len().max(1) as u32);
    }
    let pool = context.surroundings.pool(settings)?;
    let work = Work { call: "par_map", function, items, spread: false, chunk: None };
    let results = pool.clone().stream(work, Order::All).and_then(|mut stream| collect(&mut *stream));
    if results.is_err() {
        // Nobody can want what the others are at.
        pool.terminate()?;
    }
    results
}

/// All results of a stream.
fn collect(stream: &mut dyn Stream) -> Outcome {
    let mut results = Vec::new();
    while let Some(result) = stream.next()? {
        results.push(result);
        stream.take_ready(&mut results);
    }
    Ok(Value::array(results))
}

fn receiver<'a>(arguments: &'a Arguments<'_>) -> Result<&'a Rc<dyn PoolHandle>, Fault> {
    arguments.receiver("a pool").map(|PoolObject(pool)| pool)
}

/// The pool, and the work of `pool.map(items, function, options)` and the like.
fn work(call: &'static str, values: &mut [Value], spread: bool) -> Result<(Rc<dyn PoolHandle>, Work), Fault> {
    let mut arguments = Arguments::new(call, values);
    let pool = receiver(&arguments)?.clone();
    let function = arguments.function(2, "function")?;
    let chunk = chunk_of_call(call, arguments.take(3))?;
    let items = arguments.take(1);
    Ok((pool, Work { call, function, items, spread, chunk }))
}

fn map(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let (pool, work) = work("map", values, false)?;
    collect(&mut *pool.stream(work, Order::All)?)
}

fn starmap(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let (pool, work) = work("starmap", values, true)?;
    collect(&mut *pool.stream(work, Order::All)?)
}

fn imap(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let (pool, work) = work("imap", values, false)?;
    pool.stream(work, Order::Input).map(stream)
}

fn imap_unordered(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let (pool, work) = work("imap_unordered", values, false)?;
    pool.stream(work, Order::Arrival).map(stream)
}

fn stream(stream: Box<dyn Stream>) -> Value {
    Value::Object(Object::new(StreamObject(RefCell::new(stream))))
}

fn map_async(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let (pool, work) = work("map_async", values, false)?;
    pool.submit(work, false).map(job)
}

fn job(job: Rc<dyn JobHandle>) -> Value {
    Value::Object(Object::new(JobObject(job)))
}

/// The one call of `pool.apply(function, arguments)`.
fn call(call: &'static str, values: &mut [Value]) -> Result<Rc<dyn JobHandle>, Fault> {
    let mut arguments = Arguments::new(call, values);
    let pool = receiver(&arguments)?.clone();
    let function = arguments.function(1, "function")?;
    let given = match arguments.values.len() {
        2 => Vec::new(),
        _ => arguments.array(2, "arguments")?,
    };
    let items = Value::array(vec![Value::array(given)]);
    pool.submit(Work { call, function, items, spread: true, chunk: Some(1) }, true)
}

fn apply(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let job = call("apply", values)?;
    job.wait(Wait::Forever)?;
    job.result()
}

fn apply_async(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    call("apply_async", values).map(job)
}

fn close(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    receiver(&Arguments::new("close", values))?.close().map(|()| Value::Unit)
}

fn join(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    receiver(&Arguments::new("join", values))?.join().map(|()| Value::Unit)
}

fn terminate(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    receiver(&Arguments::new("terminate", values))?.terminate().map(|()| Value::Unit)
}

fn job_of<'a>(arguments: &'a Arguments<'_>) -> Result<&'a dyn JobHandle, Fault> {
    arguments.receiver("a job of a pool").map(|JobObject(job)| &**job)
}

fn get(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let arguments = Arguments::new("get", values);
    let job = job_of(&arguments)?;
    job.wait(Wait::Forever)?;
    job.result()
}

fn get_within(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let arguments = Arguments::new("get", values);
    let job = job_of(&arguments)?;
    if job.wait(arguments.wait(1)?)? {
        return job.result();
    }
    Err(Fault::error("Timeout", "the result was not there in time"))
}

fn wait(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    job_of(&Arguments::new("wait", values))?.wait(Wait::Forever).map(Value::Bool)
}

fn wait_within(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let arguments = Arguments::new("wait", values);
    job_of(&arguments)?.wait(arguments.wait(1)?).map(Value::Bool)
}

fn ready(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    job_of(&Arguments::new("ready", values))?.wait(Wait::No).map(Value::Bool)
}

fn successful(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let arguments = Arguments::new("successful", values);
    let job = job_of(&arguments)?;
    if job.wait(Wait::No)? {
        return Ok(Value::Bool(job.result().is_ok()));
    }
    Err(Fault::error("Process", "`successful` is known only when the job is done"))
}
