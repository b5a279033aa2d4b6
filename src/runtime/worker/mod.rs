//! The side of a process: it receives its launch, runs its body, and asks the supervisor for everything that
//! lies outside of it. Main's body runs by the same code on a thread of the interpreter.

mod circumstances;
mod client;
mod deadline;
mod ends;
mod exec;
mod hand;
mod host;
mod local;
mod native;
mod pool;
mod portable;
mod processes;
mod program;
mod several;
mod shared;
mod stdin;
mod surroundings;
mod thread_body;
mod threads;
pub mod zygote;

use super::connection::{Connection, Item, new_buffer};
use super::hooks::{self, Point};
use super::os::process;
use super::os::signals;
use super::os::socket::Read;
use super::os::terminal;
use super::parcel;
use super::transport::page::Page;
use crate::script::host::Given;
use crate::script::unit::{Format, Piece, Template, TemplateKind};
use crate::script::{self, Circumstances, Ending, Failure, Place, Unit};
use crate::value::{Object, Value};
use crate::wire::message::{Ask, Bound, Launch, ProcessFacts, QueueFacts, Report, Role, clipped};
use client::Client;
use host::Host;
use pool::labour::Worker;
use processes::Handle;
use script::objects::ProcessObject;
use std::io;
use std::os::unix::net::UnixStream;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use surroundings::Here;
use zygote::{Ready, Script};

/// The exit code of a worker whose supervisor is gone, or that could not make sense of its launch.
const LOST: u8 = 1;

/// The number of main's process, in whichever process its body runs.
const MAIN: u32 = 0;

/// How a body ended.
#[derive(Debug, Default)]
struct BodyEnd {
    code: Option<u8>,
    failed: bool,
    /// The program that was its body was ended by this.
    signal: Option<i32>,
}

/// The life of a worker process; gives its exit code.
pub fn run_child(parent: u32) -> u8 {
    match process::die_with_parent(parent) {
        Ok(true) => {}
        Ok(false) | Err(_) => return LOST,
    }
    terminal::leave();
    let Ok(stream) = process::take_control_socket() else { return LOST };
    script::on_big_stack(|| run_process(stream, None))
}

/// Runs the body of a process; gives the exit code.
fn run_process(stream: UnixStream, ready: Option<Ready>) -> u8 {
    match work(stream, None, ready) {
        Ok((client, ended)) if client.me.id == MAIN => {
            let code = ended.code.map(u32::from);
            // A supervisor that is gone needs no word.
            let _ = client.tell(Ask::MainEnded { code, failed: ended.failed });
            ended.code.unwrap_or(u8::from(ended.failed))
        }
        Ok((_, ended)) if ended.failed => 1,
        Ok((_, BodyEnd { signal: Some(signal), .. })) => signals::die_by(signal),
        Ok((_, ended)) => ended.code.unwrap_or(0),
        Err(_) => LOST,
    }
}

/// The life of main's body, on a thread of the interpreter. `stop` ends it at the next loop edge.
pub fn run_main(stream: UnixStream, stop: Arc<AtomicBool>) {
    script::on_big_stack(|| {
        if let Ok((client, ended)) = work(stream, Some(stop), None) {
            let code = ended.code.map(u32::from);
            // A supervisor that is gone needs no word.
            let _ = client.tell(Ask::MainEnded { code, failed: ended.failed });
        }
    });
}

/// Receives the launch and runs the body.
fn work(
    stream: UnixStream,
    stop: Option<Arc<AtomicBool>>,
    ready: Option<Ready>,
) -> io::Result<(Rc<Client>, BodyEnd)> {
    let (ready, buffer) = ready.map(|ready| (ready.script, ready.buffer)).unzip();
    let mut connection = Connection::with_buffer(stream, buffer.unwrap_or_else(new_buffer));
    let launch = receive(&mut connection)?;
    let Launch { process: mut facts, role, page, circumstances, unit, arguments, globals } = launch;
    hooks::reach(Point::LaunchHeard, &facts.name);
    let is_main = facts.id == MAIN;
    if stop.is_none() {
        if ready.is_none() {
            process::set_command_name(&facts.name);
        }
        // It was not known before there was a process.
        facts.pid = process::own_pid();
    }
    let page = open_page(&mut connection, page)?;
    let circumstances = open_circumstances(&mut connection, circumstances)?;
    let Script { unit, mut engine } = made_ready(&mut connection, unit, ready)?;
    let client = Rc::new(Client::new(connection, facts, page, Arc::new(Host::new(stop))));
    let globals = bind(&client, globals)?;
    let here = Rc::new(Here::new(client.clone(), unit.clone(), is_main));
    engine.enter(here.clone());
    engine.bind_globals(globals);
    let ended = match role {
        Role::Body { body } => {
            client.begin_body();
            let arguments = bind(&client, arguments)?;
            let entered =
                circumstances::apply(circumstances, (&mut *engine, &unit), &arguments, &client.host);
            let result = entered.and_then(|()| engine.run(body as usize, arguments));
            conclude(&client, result.map(|_| BodyEnd::default()))
        }
        Role::Exec { template } => {
            client.begin_body();
            let (arguments, ports) = divide(arguments);
            let arguments = bind(&client, arguments)?;
            let (body, format, piece) = exec_template(&unit, template)?;
            let settled = circumstances::settle(circumstances, &mut *engine, &unit, &arguments);
            let result = settled.and_then(|it| {
                circumstances::enter(&it)?;
                let command = engine.run(body, arguments)?;
                exec::run(exec::Plan { client: &client, piece, format, ports, circumstances: &it }, &command)
            });
            conclude(&client, result.map(exec::end))
        }
        Role::Native { template } => {
            client.begin_body();
            let arguments = bind(&client, arguments)?;
            let body = native::Body::of(&unit, template)?;
            let entered =
                circumstances::apply(circumstances, (&mut *engine, &unit), &arguments, &client.host);
            let result = entered.and_then(|()| body.run(&client, Given { arguments, surroundings: here }));
            conclude(&client, result.map(|()| BodyEnd::default()))
        }
        Role::PoolWorker { tasks, results, initializer, max_tasks } => {
            let worker = Worker { client: &client, engine: &mut *engine, tasks, results, max_tasks };
            let entered = circumstances::enter(&circumstances)
                .and_then(|()| circumstances::limit(circumstances, &client.host));
            let result = entered.and_then(|()| worker.run(initializer));
            conclude(&client, result.map(|()| BodyEnd::default()))
        }
    };
    client.reach(Point::BodyOver);
    if is_main {
        drop(engine);
    } else {
        // It holds nothing that anybody waits for. To take it apart would only copy the memory of the zygote.
        std::mem::forget(engine);
    }
    if ended.code.is_none() && !ended.failed {
        client.host.leave(&client);
        // An error here says that the run is stopping.
        let _ = client.host.settle(&client);
    }
    Ok((client, ended))
}

/// The arguments of an exec process: the values that its command sees, and the ports of its program.
fn divide(arguments: Vec<(String, Bound)>) -> (Vec<(String, Bound)>, exec::Ports) {
    let mut ports = exec::Ports::default();
    let mut values = Vec::new();
    for (name, bound) in arguments {
        match bound {
            Bound::End { queue } if queue.takes => ports.takes = Some(queue),
            Bound::End { queue } => ports.puts = Some(queue),
            bound => values.push((name, bound)),
        }
    }
    (values, ports)
}

/// The command of an exec template, as an index and as text, and how its items look.
fn exec_template(unit: &Unit, template: u32) -> io::Result<(usize, Format, &Piece)> {
    let template = unit.templates.get(template as usize);
    let body = template.and_then(|template| unit.bodies.get(template.body as usize));
    match (template, body) {
        (Some(Template { kind: TemplateKind::Exec(format), body: index, .. }), Some(body)) => {
            Ok((*index as usize, *format, &body.piece))
        }
        _ => Err(io::Error::other("the launch names no exec template")),
    }
}

fn receive(connection: &mut Connection) -> io::Result<Launch> {
    loop {
        if let Some(launch) = connection.next().map_err(io::Error::other)? {
            return Ok(launch);
        }
        if connection.read()? == Read::End {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}

fn open_page(connection: &mut Connection, parcel: crate::wire::message::Parcel) -> io::Result<Page> {
    match connection.open(parcel).map_err(io::Error::other)? {
        Item::Shared { file, .. } => Page::open(&file),
        Item::Inline(_) => Err(io::Error::other("the launch holds no page")),
    }
}

fn open_circumstances(
    connection: &mut Connection,
    parcel: crate::wire::message::Parcel,
) -> io::Result<Circumstances> {
    let item = connection.open(parcel).map_err(io::Error::other)?;
    if item.bytes() == 0 {
        return Ok(Circumstances::default());
    }
    let value = parcel::unpack(item).map_err(io::Error::other)?;
    Circumstances::from_value(&value).ok_or_else(|| io::Error::other("the launch holds no circumstances"))
}

/// The script: made ready by the zygote, or from the launch.
fn made_ready(
    connection: &mut Connection,
    unit: Option<crate::wire::message::Parcel>,
    ready: Option<Script>,
) -> io::Result<Script> {
    if let Some(ready) = ready {
        return Ok(ready);
    }
    let parcel = unit.ok_or_else(|| io::Error::other("the launch holds no unit"))?;
    let unit = open_unit(connection, parcel)?;
    Ok(Script { engine: script::outside(unit.clone()), unit })
}

fn open_unit(connection: &mut Connection, parcel: crate::wire::message::Parcel) -> io::Result<Rc<Unit>> {
    let item = connection.open(parcel).map_err(io::Error::other)?;
    let value = parcel::unpack(item).map_err(io::Error::other)?;
    Unit::from_value(&value).map(Rc::new).ok_or_else(|| io::Error::other("the launch holds no unit"))
}

/// The values of names: data, ends of queues, processes, what is shared.
fn bind(client: &Rc<Client>, names: Vec<(String, Bound)>) -> io::Result<Vec<(String, Value)>> {
    let end = |queue: QueueFacts| ends::object(client.clone(), queue);
    let process = |facts: ProcessFacts| {
        Value::Object(Object::new(ProcessObject(Rc::new(Handle::started(client.clone(), facts)))))
    };
    let bound = names.into_iter().map(|(name, bound)| {
        let value = match bound {
            Bound::Data { parcel } => client.unpack(parcel)?,
            Bound::End { queue } => end(queue),
            Bound::Ends { queues } => Value::array(queues.into_iter().map(end).collect()),
            Bound::Shared { shared } => shared::object(client.clone(), shared),
            Bound::Process { process: facts } => process(facts),
            Bound::Processes { processes } => Value::array(processes.into_iter().map(process).collect()),
        };
        Ok((name, value))
    });
    bound.collect()
}

/// Tells the supervisor of an error; a stream that nobody takes from any more is a quiet end.
fn conclude(client: &Client, result: Result<BodyEnd, Ending>) -> BodyEnd {
    match result {
        Ok(end) => end,
        Err(Ending::Stopped) => BodyEnd::default(),
        Err(Ending::Exit(code)) => BodyEnd { code: Some(code), ..BodyEnd::default() },
        Err(Ending::Failed(failure)) if lost_its_consumers(&failure) => BodyEnd::default(),
        Err(Ending::Failed(failure)) => {
            // A supervisor that is gone needs no report.
            let _ = client.tell(Ask::Failed { report: report(*failure) });
            BodyEnd { failed: true, ..BodyEnd::default() }
        }
    }
}

fn lost_its_consumers(failure: &Failure) -> bool {
    let cause = failure.value.as_map().and_then(|map| map.get("cause")).and_then(Value::as_str);
    failure.kind == "Closed" && cause == Some("no consumer")
}

fn report(failure: Failure) -> Report {
    let place = |place: Place| (place.source, place.line, place.column);
    Report {
        kind: clipped(failure.kind),
        message: clipped(failure.message),
        place: failure.place.map(place),
        trace: failure.trace.into_iter().map(|frame| (frame.function, frame.called_at.map(place))).collect(),
    }
}
