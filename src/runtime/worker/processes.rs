//! Process objects: made by a template's call, started, asked, joined.

use super::client::{Client, patience};
use super::shared::shared_of;
use super::thread_body::ThreadBody;
use crate::runtime::freight::Freight;
use crate::runtime::parcel;
use crate::script::objects::QueueObject;
use crate::script::{Fault, ProcessHandle, Unit, Wait};
use crate::value::Value;
use crate::wire::message::{Answer, Ask, Given, ProcessFacts};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// What a process object is before `start`.
struct Created {
    template: u32,
    what: What,
    name: Option<String>,
    daemon: bool,
}

/// What it will be, and the arguments that it is given.
pub enum What {
    Process(Vec<Option<Value>>),
    Thread(Rc<Unit>, ThreadBody),
}

enum State {
    Created(Created),
    Started(ProcessFacts),
}

/// A process as a body holds it.
pub struct Handle {
    client: Rc<Client>,
    /// "process" or "thread", for messages.
    kind: &'static str,
    state: RefCell<State>,
    /// It was joined, and had this exit code.
    exitcode: Cell<Option<i64>>,
}

impl Handle {
    /// A process that runs already.
    pub fn started(client: Rc<Client>, facts: ProcessFacts) -> Self {
        Handle {
            client,
            kind: "process",
            state: RefCell::new(State::Started(facts)),
            exitcode: Cell::default(),
        }
    }

    /// A process that is not started yet. Arguments have been checked against the template.
    pub fn created(client: Rc<Client>, template: u32, what: What, daemon: bool) -> Self {
        let kind = if matches!(what, What::Thread(..)) { "thread" } else { "process" };
        let created = Created { template, what, name: None, daemon };
        Handle { client, kind, state: RefCell::new(State::Created(created)), exitcode: Cell::default() }
    }

    fn started_id(&self, what: &str) -> Result<u32, Fault> {
        self.id().ok_or_else(|| {
            let (kind, name) = (self.kind, self.name());
            Fault::error("Process", format!("cannot {what} {kind} `{name}` before it is started"))
        })
    }

    /// The supervisor numbers the processes of a template; a run that stops needs no names.
    fn next_name(&self, template: u32) -> String {
        match self.client.ask(Ask::NameFor { template }, Vec::new()) {
            Ok(Answer::Name { name }) => name,
            _ => String::new(),
        }
    }

    fn start_process(
        &self,
        template: u32,
        name: Option<String>,
        daemon: bool,
        arguments: &[Option<Value>],
    ) -> Result<ProcessFacts, Fault> {
        let mut descriptors = Vec::new();
        let mut freight = Freight::new(&mut descriptors);
        let given = arguments.iter().map(|argument| self.given(argument.as_ref(), &mut freight));
        let arguments = given.collect::<Result<_, _>>()?;
        match self.client.ask(Ask::Start { template, name, daemon, arguments }, descriptors)? {
            Answer::Started { process } => Ok(process),
            _ => Err(Fault::Stopped),
        }
    }

    fn inspect(&self, id: u32) -> Result<(String, Option<String>, Option<i64>), Fault> {
        match self.client.ask(Ask::Inspect { process: id }, Vec::new())? {
            Answer::Process { state, waiting_on, exitcode, pid } => {
                if let State::Started(facts) = &mut *self.state.borrow_mut()
                    && pid != 0
                {
                    facts.pid = pid;
                }
                Ok((state, waiting_on, exitcode))
            }
            _ => Err(Fault::Stopped),
        }
    }

    fn set_too_late(&self, what: &str, name: &str) -> Fault {
        let kind = self.kind;
        Fault::error("Process", format!("`{what}` of {kind} `{name}` can only be set before it is started"))
    }

    fn send_signal(&self, kill: bool) -> Result<(), Fault> {
        let process = self.started_id(if kill { "kill" } else { "terminate" })?;
        self.client.ask(Ask::Signal { process, kill }, Vec::new()).map(drop)
    }

    fn given(&self, argument: Option<&Value>, freight: &mut Freight<'_>) -> Result<Given, Fault> {
        let Some(value) = argument else { return Ok(Given::Default {}) };
        let void = |queue: &u32| self.client.void(*queue);
        if let Some(queue) = end_of(value) {
            void(&queue);
            return Ok(Given::End { queue });
        }
        if let Some(queues) = ends_of(value) {
            queues.iter().for_each(void);
            return Ok(Given::Ends { queues });
        }
        if let Some(shared) = shared_of(value) {
            return Ok(Given::Shared { shared: shared.id });
        }
        let packed = parcel::pack(value).map_err(|error| {
            Fault::error("Unsendable", format!("cannot give an argument to a process: {error}"))
        })?;
        let parcel = freight.load(packed).map_err(|error| {
            Fault::error("Memory", format!("cannot give an argument to a process: {error}"))
        })?;
        Ok(Given::Data { parcel })
    }
}

/// The queue of a value that is an end.
pub fn end_of(value: &Value) -> Option<u32> {
    let Value::Object(object) = value else { return None };
    object.downcast::<QueueObject>().filter(|end| !end.0.is_local()).map(|end| end.0.id())
}

/// The queues of a value that is a non-empty array of ends.
pub fn ends_of(value: &Value) -> Option<Vec<u32>> {
    let ends: Vec<u32> = value.as_array()?.iter().map(end_of).collect::<Option<_>>()?;
    (!ends.is_empty()).then_some(ends)
}

impl ProcessHandle for Handle {
    fn start(&self) -> Result<(), Fault> {
        let facts = match &*self.state.borrow() {
            State::Started(facts) => {
                let (kind, name) = (self.kind, &facts.name);
                return Err(Fault::error("Process", format!("{kind} `{name}` was started before")));
            }
            State::Created(Created { template, what, name, daemon }) => match what {
                What::Process(arguments) => {
                    self.start_process(*template, name.clone(), *daemon, arguments)?
                }
                What::Thread(unit, body) => {
                    let name = name.clone().unwrap_or_else(|| self.next_name(*template));
                    body.start(&self.client, unit, name, *daemon)?
                }
            },
        };
        *self.state.borrow_mut() = State::Started(facts);
        Ok(())
    }

    fn join(&self, wait: Wait) -> Result<bool, Fault> {
        let process = self.started_id("join")?;
        let ask = Ask::Join { process, patience: patience(wait) };
        match self.client.ask(ask, Vec::new())? {
            Answer::NotInTime { .. } => Ok(false),
            Answer::Joined { exitcode } => {
                self.exitcode.set(exitcode);
                Ok(true)
            }
            _ => Ok(true),
        }
    }

    fn is_alive(&self) -> Result<bool, Fault> {
        let Some(id) = self.id() else { return Ok(false) };
        let (state, _, _) = self.inspect(id)?;
        Ok(!matches!(state.as_str(), "ended" | "created"))
    }

    fn exitcode(&self) -> Result<Value, Fault> {
        if let Some(exitcode) = self.exitcode.get() {
            return Ok(Value::Int(exitcode));
        }
        let Some(id) = self.id() else { return Ok(Value::Unit) };
        let (_, _, exitcode) = self.inspect(id)?;
        Ok(exitcode.map_or(Value::Unit, Value::Int))
    }

    fn name(&self) -> String {
        let (template, known) = match &*self.state.borrow() {
            State::Started(facts) => return facts.name.clone(),
            State::Created(created) => (created.template, created.name.clone()),
        };
        if let Some(name) = known {
            return name;
        }
        let name = self.next_name(template);
        if let State::Created(created) = &mut *self.state.borrow_mut() {
            created.name = Some(name.clone());
        }
        name
    }

    fn set_name(&self, name: String) -> Result<(), Fault> {
        match &mut *self.state.borrow_mut() {
            State::Created(created) => {
                created.name = Some(name);
                Ok(())
            }
            State::Started(facts) => Err(self.set_too_late("name", &facts.name)),
        }
    }

    fn daemon(&self) -> bool {
        match &*self.state.borrow() {
            State::Created(created) => created.daemon,
            State::Started(facts) => facts.daemon,
        }
    }

    fn set_daemon(&self, daemon: bool) -> Result<(), Fault> {
        match &mut *self.state.borrow_mut() {
            State::Created(created) => {
                created.daemon = daemon;
                Ok(())
            }
            State::Started(facts) => Err(self.set_too_late("daemon", &facts.name)),
        }
    }

    fn pid(&self) -> Value {
        let id = match &*self.state.borrow() {
            State::Created(_) => return Value::Unit,
            State::Started(facts) if facts.pid != 0 => return Value::Int(facts.pid.into()),
            State::Started(facts) => facts.id,
        };
        // A process of the graph that main saw before it was started.
        let _ = self.inspect(id);
        match &*self.state.borrow() {
            State::Started(facts) if facts.pid != 0 => Value::Int(facts.pid.into()),
            _ => Value::Unit,
        }
    }

    fn state(&self) -> Result<String, Fault> {
        match self.id() {
            None => Ok("created".to_owned()),
            Some(id) => self.inspect(id).map(|(state, _, _)| state),
        }
    }

    fn waiting_on(&self) -> Result<Value, Fault> {
        let Some(id) = self.id() else { return Ok(Value::Unit) };
        let (_, waiting_on, _) = self.inspect(id)?;
        Ok(waiting_on.map_or(Value::Unit, Value::string))
    }

    fn terminate(&self) -> Result<(), Fault> {
        self.send_signal(false)
    }

    fn kill(&self) -> Result<(), Fault> {
        self.send_signal(true)
    }

    fn same(&self, other: &dyn ProcessHandle) -> bool {
        self.id().is_some() && self.id() == other.id()
    }

    fn id(&self) -> Option<u32> {
        match &*self.state.borrow() {
            State::Created(_) => None,
            State::Started(facts) => Some(facts.id),
        }
    }
}
