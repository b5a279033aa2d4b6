//! The process around a body: output, time, other processes.

use super::client::{Client, Moment};
use super::local::{self, HeldCell, LocalCell, LocalEnd, LocalQueue};
use super::pool::Pool;
use super::processes::{Handle, What, end_of, ends_of};
use super::program;
use super::several::Several;
use super::shared::shared_of;
use super::stdin::Lines;
use super::thread_body::ThreadBody;
use crate::runtime::os::process;
use crate::runtime::os::program::Place;
use crate::runtime::os::shared::clock;
use crate::runtime::parcel;
use crate::script::objects::cell::CellObject;
use crate::script::objects::pool::{PoolHandle, PoolSettings};
use crate::script::objects::program::{Finished, NotFinished, Order};
use crate::script::objects::{ProcessObject, QueueObject};
use crate::script::unit::{ParameterKind, Template, TemplateKind, TemplateParameter};
use crate::script::{Fault, Surroundings, Unit, Wait};
use crate::value::sendable::{self, Unsendable};
use crate::value::{Object, Value};
use crate::wire::local::LocalAsk;
use crate::wire::message::{Answer, Ask, ProcessFacts};
use std::cell::OnceCell;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// Who sleeps for less does not tell the supervisor: it would hold up whom this process has just woken.
const SLEEP_TOLD_FROM: f64 = 0.01;

/// What a body can reach from where it runs.
pub struct Here {
    client: Rc<Client>,
    unit: Rc<Unit>,
    is_main: bool,
    /// Made when main first reads.
    stdin: OnceCell<Lines>,
}

impl Here {
    pub fn new(client: Rc<Client>, unit: Rc<Unit>, is_main: bool) -> Self {
        Here { client, unit, is_main, stdin: OnceCell::new() }
    }

    fn process(&self, facts: ProcessFacts) -> Value {
        Value::Object(Object::new(ProcessObject(Rc::new(Handle::started(self.client.clone(), facts)))))
    }

    /// The lines of standard input; their feeder is started when they are first asked for.
    fn stdin(&self) -> io::Result<Option<&Lines>> {
        if self.stdin.get().is_none() {
            let _ = self.stdin.set(Lines::feed()?);
        }
        Ok(self.stdin.get())
    }

    fn line(&self, line: &str, ask: impl Fn(crate::wire::message::Parcel) -> Ask) -> Result<(), Fault> {
        let mut descriptors = Vec::new();
        let item =
            parcel::pack(&Value::string(line)).map_err(|error| Fault::error("Memory", error.to_string()))?;
        let parcel = item.into_parcel(&mut descriptors).map_err(|_| Fault::Stopped)?;
        self.client.tell_with(ask(parcel), descriptors).map_err(|_| Fault::Stopped)
    }
}

impl Surroundings for Here {
    fn at(&self, source: u32, line: u32) {
        self.client.at(source, line);
    }

    fn print(&self, line: &str) -> Result<(), Fault> {
        self.line(line, |line| Ask::Print { line, moment: clock() })
    }

    fn debug(&self, line: &str) -> Result<(), Fault> {
        self.line(line, |line| Ask::Debug { line })
    }

    fn pid(&self) -> i64 {
        std::process::id().into()
    }

    fn ppid(&self) -> i64 {
        process::parent_pid().into()
    }

    fn sleep(&self, seconds: f64) -> Result<(), Fault> {
        if seconds.is_nan() {
            return Err(Fault::error("Argument", "`sleep` needs a number of seconds, not NaN"));
        }
        if seconds >= SLEEP_TOLD_FROM {
            return self.client.ask(Ask::Sleep { seconds }, Vec::new()).map(drop);
        }
        self.client.pause(Moment::Waits);
        std::thread::sleep(Duration::from_secs_f64(seconds.max(0.0)));
        if self.client.is_stopped() { Err(Fault::Stopped) } else { Ok(()) }
    }

    fn create(&self, template: usize, arguments: Vec<Option<Value>>) -> Result<Value, Fault> {
        let declared = &self.unit.templates[template];
        let what = if declared.kind == TemplateKind::Thread {
            What::Thread(self.unit.clone(), ThreadBody::new(declared, arguments)?)
        } else {
            for (parameter, argument) in declared.parameters.iter().zip(&arguments) {
                check_argument(&declared.name, parameter, argument.as_ref())?;
                check_for_program(declared, parameter, argument.as_ref())?;
            }
            What::Process(arguments)
        };
        let handle = Handle::created(self.client.clone(), template as u32, what, declared.daemon);
        Ok(Value::Object(Object::new(ProcessObject(Rc::new(handle)))))
    }

    fn current_process(&self) -> Value {
        self.process(self.client.me.clone())
    }

    fn active_children(&self) -> Result<Vec<Value>, Fault> {
        match self.client.ask(Ask::Children {}, Vec::new())? {
            Answer::Processes { processes } => Ok(processes.into_iter().map(|p| self.process(p)).collect()),
            _ => Err(Fault::Stopped),
        }
    }

    fn wait(&self, things: &[Value], wait: Wait) -> Result<Vec<Value>, Fault> {
        let mut several = Several::default();
        for thing in things {
            let Value::Object(object) = thing else { return Err(not_waitable(thing)) };
            if let Some(process) = object.downcast::<ProcessObject>() {
                let id = process.0.id().ok_or_else(|| {
                    let name = process.0.name();
                    Fault::error("Process", format!("cannot wait for process `{name}` before it is started"))
                })?;
                several.add_process(id);
            } else if let Some(queue) = object.downcast::<QueueObject>() {
                several.add_end(&*queue.0);
            } else {
                return Err(not_waitable(thing));
            }
        }
        let ready = several.wait(&self.client, wait)?;
        Ok(ready.into_iter().map(|place| things[place].clone()).collect())
    }

    fn pool(&self, settings: PoolSettings) -> Result<Rc<dyn PoolHandle>, Fault> {
        Pool::make(self.client.clone(), settings).map(|pool| pool as Rc<dyn PoolHandle>)
    }

    fn poll(&self) -> Result<(), Fault> {
        self.client.count_look();
        self.client.pause(Moment::Runs);
        if self.client.is_stopped() { Err(Fault::Stopped) } else { Ok(()) }
    }

    fn run_program(&self, order: &Order) -> Result<Finished, NotFinished> {
        let path = order.words.first().map_or("", String::as_str);
        let name = path.rsplit('/').next().unwrap_or_default().to_owned();
        let answer = self.client.ask(Ask::Program { name }, Vec::new()).map_err(NotFinished::Fault)?;
        let Answer::Mark { mark } = answer else { return Err(NotFinished::Fault(Fault::Stopped)) };
        let place = Place { mark, own_group: self.client.host.is_of_main(), memory_bytes: None };
        let finished = program::run(order, &place, &|| self.poll());
        self.client.tell(Ask::ProgramEnded {}).map_err(|_| NotFinished::Fault(Fault::Stopped))?;
        finished
    }

    fn stdin_line(&self) -> Result<Option<String>, Fault> {
        // Standard input belongs to main: everybody else sees an empty one.
        if !self.is_main {
            return Ok(None);
        }
        let io = |error| Fault::error("Io", format!("standard input: {error}"));
        let lines = self.stdin().map_err(io)?;
        let line = match lines {
            Some(lines) => lines.next(|| self.client.is_stopped()).map_err(io)?,
            None => None,
        };
        if self.client.is_stopped() { Err(Fault::Stopped) } else { Ok(line) }
    }

    fn stdin_is_ready(&self) -> bool {
        !self.is_main || !matches!(self.stdin(), Ok(Some(lines)) if !lines.is_ready())
    }

    fn local_queue(&self, capacity: usize, joinable: bool) -> Result<Value, Fault> {
        let queue = self.make_queue(capacity, joinable)?;
        Ok(Value::Object(Object::new(QueueObject(Rc::new(LocalEnd::new(self.client.clone(), queue))))))
    }

    fn cell(&self, value: Value) -> Result<Value, Fault> {
        let value = local::pack(&self.client, value)?;
        let id = self.client.host.next_local();
        let cell = Arc::new(LocalCell::new(Arc::downgrade(&self.client.host), id, value));
        Ok(Value::Object(Object::new(CellObject(Rc::new(HeldCell::new(self.client.clone(), cell))))))
    }
}

/// Where a queue or a cell between threads is made.
impl Here {
    fn make_queue(&self, capacity: usize, joinable: bool) -> Result<Arc<LocalQueue>, Fault> {
        let host = &self.client.host;
        host.tell_gone(&self.client);
        let (id, name) = (host.next_local(), host.next_queue_name());
        let ask = LocalAsk::Made { local: id, name: name.clone(), joinable };
        self.client.tell(Ask::Local { ask }).map_err(|_| Fault::Stopped)?;
        let queue = Arc::new(LocalQueue::new(Arc::downgrade(host), (id, name), capacity, joinable));
        host.add_queue(&queue);
        Ok(queue)
    }
}

fn not_waitable(thing: &Value) -> Fault {
    let message = format!("`wait` takes processes and queues, not {}", thing.type_name());
    Fault::error("Type", message)
}

/// A program has one standard input and one standard output.
fn check_for_program(
    of: &Template,
    parameter: &TemplateParameter,
    given: Option<&Value>,
) -> Result<(), Fault> {
    let is_array = given.is_some_and(|argument| ends_of(argument).is_some());
    if matches!(of.kind, TemplateKind::Exec(_)) && is_array {
        let message = format!("`{}` of `{}` takes one queue: it runs a program", parameter.name, of.name);
        return Err(Fault::error("Argument", message));
    }
    Ok(())
}

/// The name of a queue end that does not go in this direction.
fn lacks(value: &Value, takes: bool) -> Option<String> {
    let Value::Object(object) = value else { return None };
    let end = object.downcast::<QueueObject>()?;
    let (may_put, may_take) = end.0.directions();
    let fits = if takes { may_take } else { may_put };
    (!fits).then(|| end.0.name())
}

/// Ports take ends of queues, or arrays of them; other parameters take data.
fn check_argument(template: &str, parameter: &TemplateParameter, given: Option<&Value>) -> Result<(), Fault> {
    let name = &parameter.name;
    let wrong = |message: String| Err(Fault::error("Argument", message));
    let Some(value) = given else {
        return match parameter.default {
            Some(_) => Ok(()),
            None => wrong(format!("`{template}` needs an argument for `{name}`")),
        };
    };
    match parameter.kind {
        ParameterKind::Plain if shared_of(value).is_some() => Ok(()),
        ParameterKind::Plain => match sendable::check(value) {
            Ok(()) => Ok(()),
            Err(what) => {
                wrong(format!("`{name}` of `{template}` cannot be copied to another process: {what}"))
            }
        },
        ParameterKind::In | ParameterKind::Out => {
            if end_of(value).is_some() || ends_of(value).is_some() {
                let takes = matches!(parameter.kind, ParameterKind::In);
                let one =
                    lacks(value, takes).or_else(|| value.as_array()?.iter().find_map(|it| lacks(it, takes)));
                let has = if takes { "sending" } else { "receiving" };
                return one.map_or(Ok(()), |queue| {
                    wrong(format!(
                        "`{name}` of `{template}` needs the other end of `{queue}`: this is the {has} one"
                    ))
                });
            }
            let what = match value {
                Value::Object(object) => Unsendable::object(object).what,
                value => value.type_name().to_owned(),
            };
            wrong(format!("`{name}` of `{template}` is a port: it needs a queue, not {what}"))
        }
    }
}
