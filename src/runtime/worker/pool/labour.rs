//! A worker's side of a pool: it takes a task, calls its function with each of its items, and says what came of it.

use super::desk::Desk;
use super::message::Task;
use super::tray::{Tray, Waiting};
use crate::runtime::parcel;
use crate::runtime::worker::client::Client;
use crate::script::{Ending, Engine, Failure, Frame, Prepared};
use crate::value::{Function, Value, sendable};
use crate::wire::message::{self, Ask, Delivery, Parcel, Patience};
use std::rc::Rc;

/// What a worker works with.
pub struct Worker<'a> {
    pub client: &'a Client,
    pub engine: &'a mut dyn Engine,
    pub tasks: u32,
    pub results: u32,
    pub max_tasks: Option<u64>,
}

impl Worker<'_> {
    /// The worker's life; it ends with the stream of its tasks.
    pub fn run(mut self, initializer: Option<Parcel>) -> Result<(), Ending> {
        if let Some(parcel) = initializer {
            let function = self.client.unpack(parcel).map_err(|_| Ending::Stopped)?;
            if let Value::Function(function) = function {
                self.engine.call(&function, Vec::new())?;
            }
        }
        self.tell(Ask::Ready {})?;
        let desk = Rc::new(Desk::new(self.results));
        let tray = Rc::new(Tray::new(self.tasks));
        let (at_desk, at_tray) = (desk.clone(), tray.clone());
        self.client.set_interlude(Rc::new(move |client, moment| {
            at_tray.before(client, moment);
            at_desk.before(client, moment);
        }));
        let (mut done, mut count) = (None, 0_u64);
        loop {
            // A worker that is replaced after so many calls takes no more than it may make.
            let wanted = if self.max_tasks.is_some() { 1 } else { tray.wanted() };
            if !self.take(done.take(), wanted, &tray)? {
                return Ok(());
            }
            while let Some(Waiting { lease, attempt, item }) = tray.next() {
                let value = parcel::unpack(item).map_err(|_| Ending::Stopped)?;
                if let Some(task) = Task::from_value(&value) {
                    drop(value);
                    count += task.items.len() as u64;
                    self.perform(&task, &desk, attempt > 1)?;
                }
                if self.max_tasks.is_some_and(|most| count >= most) {
                    return self.tell(Ask::Acknowledge { queue: self.tasks, lease });
                }
                if tray.is_empty() {
                    done = Some(lease);
                } else {
                    // With what came of it, so that nobody does it again when the next one is deadly.
                    self.tell(Ask::Acknowledge { queue: self.tasks, lease })?;
                }
            }
        }
    }

    /// The next tasks; those before are done. False at the end of the stream.
    fn take(&self, done: Option<u64>, count: u32, tray: &Tray) -> Result<bool, Ending> {
        // What it waits for now is nothing of the script's.
        self.client.at(0, 0);
        let patience = Patience::Forever {};
        let ask = Ask::Get { queue: self.tasks, count, patience, done, ahead: false };
        match self.client.ask(ask, Vec::new()) {
            Ok(message::Answer::Items { deliveries, .. }) => {
                let waiting = deliveries.into_iter().map(|Delivery { lease, attempt, parcel }| {
                    let item = self.client.open(parcel).map_err(|_| Ending::Stopped)?;
                    Ok(Waiting { lease, attempt, item })
                });
                tray.fill(waiting.collect::<Result<_, Ending>>()?);
                Ok(true)
            }
            Ok(_) => Ok(false),
            Err(_) => Err(Ending::Stopped),
        }
    }

    /// Calls the function with each item. `carefully`: a worker died of this task before, so what came of each
    /// item is said at once.
    fn perform(&mut self, task: &Task, desk: &Desk, carefully: bool) -> Result<(), Ending> {
        let function = self.prepare(&task.function)?;
        desk.begin(task, task.hasty && !carefully);
        for item in task.items.iter() {
            let outcome = function.as_ref().map_err(Clone::clone).and_then(|call| {
                let arguments = arguments(task, item)?;
                call(arguments)
            });
            let goes_on = desk.add(self.settled(outcome)?);
            if carefully {
                desk.say_rest(self.client)?;
            }
            if !goes_on {
                break;
            }
        }
        desk.end(self.client)
    }

    /// A function that cannot be made ready fails for each item.
    fn prepare(&mut self, function: &Rc<Function>) -> Result<Result<Prepared, Ending>, Ending> {
        match self.engine.prepare(function) {
            Err(ending @ Ending::Failed(_)) => Ok(Err(ending)),
            Err(ending) => Err(ending),
            Ok(prepared) => Ok(Ok(prepared)),
        }
    }

    /// A result, or an error that goes to the owner; `exit` ends the worker.
    fn settled(&self, outcome: Result<Value, Ending>) -> Result<Result<Value, Failure>, Ending> {
        match outcome {
            Ok(value) => Ok(match sendable::check(&value) {
                Ok(()) => Ok(value),
                Err(what) => {
                    let message = format!("a result cannot be sent: {what}");
                    Err(self.named(thrown("Unsendable", message)))
                }
            }),
            Err(Ending::Failed(failure)) => Ok(Err(self.named(*failure))),
            Err(ending) => Err(ending),
        }
    }

    /// The error, with the name of this worker as the outermost of its calls.
    fn named(&self, mut failure: Failure) -> Failure {
        let name = &self.client.me.name;
        failure.trace.push(Frame { function: name.clone(), called_at: None });
        if let Value::Map(map) = &mut failure.value
            && map.get("kind").is_some_and(|kind| kind.as_str().is_some())
            && map.get("message").is_some_and(|message| message.as_str().is_some())
            && !map.contains_key("worker")
        {
            Rc::make_mut(map).insert("worker", Value::string(&**name));
        }
        failure
    }

    fn tell(&self, ask: Ask) -> Result<(), Ending> {
        self.client.tell(ask).map_err(|_| Ending::Stopped)
    }
}

/// An error of the runtime's.
pub(super) fn thrown(kind: &str, message: String) -> Failure {
    let value = Value::map([("kind", Value::string(kind)), ("message", Value::string(&*message))]);
    Failure { value, ..Failure::new(kind, message) }
}

/// The arguments of the call with an item.
fn arguments(task: &Task, item: &Value) -> Result<Vec<Value>, Ending> {
    if !task.spread {
        return Ok(vec![item.clone()]);
    }
    item.as_array().map(<[Value]>::to_vec).ok_or_else(|| {
        let message = format!("each item must be an array of arguments, not {}", item.type_name());
        Ending::Failed(Box::new(thrown("Type", message)))
    })
}
