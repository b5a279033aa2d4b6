//! Members of processes, and the functions about processes.

use super::arguments::{Arguments, type_error};
use crate::script::fault::Fault;
use crate::script::objects::{TemplateObject, Wait};
use crate::script::registry::{Context, Native, Receiver, Shape};
use crate::script::unit::Template;
use crate::value::Value;

type Outcome = Result<Value, Fault>;
type Run = fn(&mut Context<'_>, &mut [Value]) -> Outcome;
type Names = &'static [&'static str];

const fn method(
    name: &'static str,
    params: Names,
    doc: &'static str,
    example: &'static str,
    run: Run,
) -> Native {
    let receiver = Receiver::Process;
    Native { name, receiver, shape: Shape::Function, params, doc, example, run, host: None }
}

const fn property(
    name: &'static str,
    params: Names,
    doc: &'static str,
    example: &'static str,
    run: Run,
) -> Native {
    let receiver = Receiver::Process;
    Native { name, receiver, shape: Shape::Property, params, doc, example, run, host: None }
}

const fn function(
    name: &'static str,
    params: Names,
    doc: &'static str,
    example: &'static str,
    run: Run,
) -> Native {
    Native { name, receiver: Receiver::None, shape: Shape::Function, params, doc, example, run, host: None }
}

pub(super) const MEMBERS: &[Native] = &[
    method(
        "start",
        &[],
        "Starts it and gives it back. Twice is an error.",
        "let p = worker(1).start();",
        start,
    ),
    method("join", &[], "Waits until it has ended.", "p.join();", join),
    method(
        "join",
        &["seconds"],
        "Waits that long; false if it still runs then.",
        "if !p.join(3) { p.terminate(); }",
        join_within,
    ),
    method("terminate", &[], "Ends it: SIGTERM.", "p.terminate();", terminate),
    method("kill", &[], "Ends it at once: SIGKILL.", "p.kill();", kill),
    property("is_alive", &[], "Whether it was started and has not ended.", "p.is_alive", is_alive),
    property(
        "exitcode",
        &[],
        "`()` while it runs, then 0, a code, or minus a signal's number.",
        "p.exitcode",
        exitcode,
    ),
    property("name", &[], "Its name.", "p.name", name),
    property("name", &["name"], "Names it, before it is started.", "p.name = \"z1\";", set_name),
    property("daemon", &[], "Whether it is a daemon.", "p.daemon", daemon),
    property(
        "daemon",
        &["daemon"],
        "Makes it a daemon or not, before it is started.",
        "p.daemon = true;",
        set_daemon,
    ),
    property("pid", &[], "Its process id; `()` before it is started.", "p.pid", process_pid),
    property(
        "state",
        &[],
        "\"created\", \"ready\", \"running\", \"waiting\" or \"ended\".",
        "p.state",
        state,
    ),
    property(
        "waiting_on",
        &[],
        "What it waits for, as \"get lines\"; `()` when it does not.",
        "p.waiting_on",
        waiting_on,
    ),
];

pub(super) const FUNCTIONS: &[Native] = &[
    function("pid", &[], "The id of this process.", "pid()", pid),
    function("ppid", &[], "The id of its parent.", "ppid()", ppid),
    function("cpu_count", &[], "How many processors this process may use.", "cpu_count()", cpu_count),
    function("sleep", &["seconds"], "Waits that long.", "sleep(0.1);", sleep),
    function("exit", &[], "Ends this process with code 0.", "exit();", exit),
    function("exit", &["code"], "Ends this process with a code from 0 to 255.", "exit(3);", exit_with),
    function("current_process", &[], "This process.", "current_process().name", current_process),
    function(
        "active_children",
        &[],
        "The processes started here that run.",
        "active_children()",
        active_children,
    ),
    function(
        "wait",
        &["things"],
        "Waits for one of them: ended, or with an item; gives all that are ready. Of none, at once.",
        "wait([p, q])",
        wait,
    ),
    function(
        "wait",
        &["things", "seconds"],
        "The same, that long at most.",
        "wait([p, q], 1.5)",
        wait_within,
    ),
    function(
        "named",
        &["template", "arguments"],
        "Makes a process of a template, its arguments given by name.",
        "worker.named(#{id: 3})",
        named,
    ),
];

fn start(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let mut arguments = Arguments::new("start", values);
    arguments.process()?.start()?;
    Ok(arguments.take(0))
}

fn join(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    Arguments::new("join", values).process()?.join(Wait::Forever).map(Value::Bool)
}

fn join_within(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let arguments = Arguments::new("join", values);
    arguments.process()?.join(arguments.wait(1)?).map(Value::Bool)
}

fn terminate(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    Arguments::new("terminate", values).process()?.terminate().map(|()| Value::Unit)
}

fn kill(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    Arguments::new("kill", values).process()?.kill().map(|()| Value::Unit)
}

fn is_alive(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    Arguments::new("is_alive", values).process()?.is_alive().map(Value::Bool)
}

fn exitcode(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    Arguments::new("exitcode", values).process()?.exitcode()
}

fn name(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    Ok(Value::string(Arguments::new("name", values).process()?.name()))
}

fn set_name(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let arguments = Arguments::new("name", values);
    let name = arguments.string(1, "name")?.to_owned();
    arguments.process()?.set_name(name).map(|()| Value::Unit)
}

fn daemon(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    Ok(Value::Bool(Arguments::new("daemon", values).process()?.daemon()))
}

fn set_daemon(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let arguments = Arguments::new("daemon", values);
    let daemon = arguments.bool(1, "daemon")?;
    arguments.process()?.set_daemon(daemon).map(|()| Value::Unit)
}

fn process_pid(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    Ok(Arguments::new("pid", values).process()?.pid())
}

fn state(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    Arguments::new("state", values).process()?.state().map(Value::string)
}

fn waiting_on(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    Arguments::new("waiting_on", values).process()?.waiting_on()
}

fn pid(context: &mut Context<'_>, _: &mut [Value]) -> Outcome {
    Ok(Value::Int(context.surroundings.pid()))
}

fn ppid(context: &mut Context<'_>, _: &mut [Value]) -> Outcome {
    Ok(Value::Int(context.surroundings.ppid()))
}

fn cpu_count(_: &mut Context<'_>, _: &mut [Value]) -> Outcome {
    Ok(Value::Int(processors().into()))
}

/// How many processors this process may use.
pub(super) fn processors() -> u32 {
    std::thread::available_parallelism().map_or(1, |count| count.get() as u32)
}

fn sleep(context: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let seconds = Arguments::new("sleep", values).number(0, "seconds")?;
    // Also where it is not a number: sleeping for ever is no sensible answer to that.
    let seconds = if seconds > 0.0 { seconds } else { 0.0 };
    context.surroundings.sleep(seconds).map(|()| Value::Unit)
}

fn exit(_: &mut Context<'_>, _: &mut [Value]) -> Outcome {
    Err(Fault::Exit(0))
}

fn exit_with(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let code = Arguments::new("exit", values).int(0, "code")?;
    match u8::try_from(code) {
        Ok(code) => Err(Fault::Exit(code)),
        Err(_) => {
            Err(Fault::error("Argument", format!("`exit`: `code` must be from 0 to 255, but is {code}")))
        }
    }
}

fn current_process(context: &mut Context<'_>, _: &mut [Value]) -> Outcome {
    Ok(context.surroundings.current_process())
}

fn active_children(context: &mut Context<'_>, _: &mut [Value]) -> Outcome {
    context.surroundings.active_children().map(Value::array)
}

fn wait(context: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let things = Arguments::new("wait", values).array(0, "things")?;
    // A program that waits for the rest of its processes may have none left.
    if things.is_empty() {
        return Ok(Value::array(Vec::new()));
    }
    context.surroundings.wait(&things, Wait::Forever).map(Value::array)
}

fn wait_within(context: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let mut arguments = Arguments::new("wait", values);
    let seconds = arguments.wait(1)?;
    let things = arguments.array(0, "things")?;
    context.surroundings.wait(&things, seconds).map(Value::array)
}

fn named(context: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let (template, index) = match values.first() {
        Some(Value::Object(object)) => match object.downcast::<TemplateObject>() {
            Some(template) => (template.unit.templates.get(template.index), template.index),
            None => (None, 0),
        },
        _ => (None, 0),
    };
    let Some(template) = template else {
        return Err(type_error("named", "template", "a template", values.first().unwrap_or(&Value::Unit)));
    };
    let given = values.get(1).unwrap_or(&Value::Unit);
    let arguments = by_name(template, given)?;
    context.surroundings.create(index, arguments)
}

/// One argument for each parameter, in order.
fn by_name(template: &Template, given: &Value) -> Result<Vec<Option<Value>>, Fault> {
    let Some(map) = given.as_map() else {
        return Err(type_error("named", "arguments", "a map", given));
    };
    let known = |name: &str| template.parameters.iter().any(|parameter| parameter.name == *name);
    if let Some(name) = map.keys().find(|name| !known(name)) {
        return Err(argument(template, format!("has no parameter `{name}`")));
    }
    let missing = |name: &str| Err(argument(template, format!("needs an argument for `{name}`")));
    let arguments = template.parameters.iter().map(|parameter| match map.get(&parameter.name) {
        Some(value) => Ok(Some(value.clone())),
        None if parameter.default.is_some() => Ok(None),
        None => missing(&parameter.name),
    });
    arguments.collect()
}

fn argument(template: &Template, what: String) -> Fault {
    Fault::error("Argument", format!("`{}` {what}", template.name))
}
