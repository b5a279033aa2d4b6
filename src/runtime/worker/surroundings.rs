//! The process around a body: output, time, other processes.

use super::client::{Client, Moment, patience};
use super::pool::Pool;
use super::processes::{Handle, end_of, ends_of};
use super::program;
use super::shared::shared_of;
use super::stdin::Lines;
use crate::runtime::os::process;
use crate::runtime::os::program::Place;
use crate::runtime::parcel;
use crate::script::objects::pool::{PoolHandle, PoolSettings};
use crate::script::objects::program::{Finished, NotFinished, Order};
use crate::script::objects::{ProcessObject, QueueObject};
use crate::script::unit::{ParameterKind, TemplateKind, TemplateParameter};
use crate::script::{Fault, Surroundings, Unit, Wait};
use crate::value::{Object, Value, sendable};
use crate::wire::message::{Answer, Ask, ProcessFacts};
use std::cell::OnceCell;
use std::io;
use std::rc::Rc;

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
        self.line(line, |line| Ask::Print { line })
    }

    fn debug(&self, line: &str) -> Result<(), Fault> {
        self.line(line, |line| Ask::Debug { line })
    }

    fn pid(&self) -> i64 {
        process::own_pids().0.into()
    }

    fn ppid(&self) -> i64 {
        process::own_pids().1.into()
    }

    fn sleep(&self, seconds: f64) -> Result<(), Fault> {
        if seconds.is_nan() {
            return Err(Fault::error("Argument", "`sleep` needs a number of seconds, not NaN"));
        }
        self.client.ask(Ask::Sleep { seconds }, Vec::new()).map(drop)
    }

    fn create(&self, template: usize, arguments: Vec<Option<Value>>) -> Result<Value, Fault> {
        let declared = &self.unit.templates[template];
        for (parameter, argument) in declared.parameters.iter().zip(&arguments) {
            check_argument(&declared.name, parameter, argument.as_ref())?;
            let is_exec = matches!(declared.kind, TemplateKind::Exec(_));
            if is_exec && argument.as_ref().is_some_and(|argument| ends_of(argument).is_some()) {
                let message =
                    format!("`{}` of `{}` takes one queue: it runs a program", parameter.name, declared.name);
                return Err(Fault::error("Argument", message));
            }
        }
        let handle = Handle::created(self.client.clone(), template as u32, arguments, declared.daemon);
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
        let (mut processes, mut queues) = ((Vec::new(), Vec::new()), (Vec::new(), Vec::new()));
        for thing in things {
            let Value::Object(object) = thing else { return Err(not_waitable(thing)) };
            if let Some(process) = object.downcast::<ProcessObject>() {
                let id = process.0.id().ok_or_else(|| {
                    let name = process.0.name();
                    Fault::error("Process", format!("cannot wait for process `{name}` before it is started"))
                })?;
                processes.0.push(id);
                processes.1.push(thing.clone());
            } else if let Some(queue) = object.downcast::<QueueObject>() {
                queues.0.push(queue.0.id());
                queues.1.push(thing.clone());
            } else {
                return Err(not_waitable(thing));
            }
        }
        let ask = Ask::WaitAny { processes: processes.0, queues: queues.0, patience: patience(wait) };
        let all: Vec<Value> = processes.1.into_iter().chain(queues.1).collect();
        match self.client.ask(ask, Vec::new())? {
            Answer::ReadyOnes { indexes } => {
                Ok(indexes.into_iter().filter_map(|index| all.get(index as usize).cloned()).collect())
            }
            _ => Err(Fault::Stopped),
        }
    }

    fn pool(&self, settings: PoolSettings) -> Result<Rc<dyn PoolHandle>, Fault> {
        Pool::make(self.client.clone(), settings).map(|pool| pool as Rc<dyn PoolHandle>)
    }

    fn poll(&self) -> Result<(), Fault> {
        self.client.pause(Moment::Runs);
        if self.client.is_stopped() { Err(Fault::Stopped) } else { Ok(()) }
    }

    fn run_program(&self, order: &Order) -> Result<Finished, NotFinished> {
        let path = order.words.first().map_or("", String::as_str);
        let name = path.rsplit('/').next().unwrap_or_default().to_owned();
        let answer = self.client.ask(Ask::Program { name }, Vec::new()).map_err(NotFinished::Fault)?;
        let Answer::Mark { mark } = answer else { return Err(NotFinished::Fault(Fault::Stopped)) };
        let place = Place { mark, own_group: self.is_main };
        let finished = program::run(order, &place, &|| self.poll());
        self.client.tell(Ask::ProgramEnded {}).map_err(|_| NotFinished::Fault(Fault::Stopped))?;
        finished
    }

    fn stdin_line(&self) -> Result<Option<String>, Fault> {
        if !self.is_main {
            return Ok(None);
        }
        let io = |error| Fault::error("Io", format!("cannot read standard input: {error}"));
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
}

fn not_waitable(thing: &Value) -> Fault {
    let message = format!("`wait` takes processes and queues, not {}", thing.type_name());
    Fault::error("Type", message)
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
                return Ok(());
            }
            let kind = value.type_name();
            wrong(format!("`{name}` of `{template}` is a port: it needs a queue, not {kind}"))
        }
    }
}
