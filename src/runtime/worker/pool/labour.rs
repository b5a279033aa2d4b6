//! A worker's side of a pool: it takes a task, calls its function with each of its items, and says what came of it.

use super::desk::Desk;
use super::message::Task;
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
        let at_desk = desk.clone();
        self.client.set_interlude(Rc::new(move |client, moment| at_desk.before(client, moment)));
        let (mut done, mut count) = (None, 0_u64);
        while let Some(Delivery { lease, attempt, parcel }) = self.take(done)? {
            let value = self.client.unpack(parcel).map_err(|_| Ending::Stopped)?;
            if let Some(task) = Task::from_value(&value) {
                drop(value);
                count += task.items.len() as u64;
                self.perform(&task, &desk, attempt > 1)?;
            }
            done = Some(lease);
            if self.max_tasks.is_some_and(|most| count >= most) {
                self.tell(Ask::Acknowledge { queue: self.tasks, lease })?;
                break;
            }
        }
        Ok(())
    }

    /// The next task; the one before is done. `None` at the end of the stream.
    fn take(&self, done: Option<u64>) -> Result<Option<Delivery>, Ending> {
        // What it waits for now is nothing of the script's.
        self.client.at(0, 0);
        let patience = Patience::Forever {};
        let ask = Ask::Get { queue: self.tasks, count: 1, patience, done, ahead: false };
        match self.client.ask(ask, Vec::new()) {
            Ok(message::Answer::Items { deliveries, .. }) => Ok(deliveries.into_iter().next()),
            Ok(_) => Ok(None),
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
