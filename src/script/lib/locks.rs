//! Members of what processes wait at: locks and semaphores, events, barriers.

use super::arguments::Arguments;
use crate::script::fault::Fault;
use crate::script::objects::Wait;
use crate::script::objects::shared::{Barrier, Event, Handle, Permits, SharedObject};
use crate::script::registry::{Context, Native, Receiver, Shape};
use crate::value::Value;
use std::rc::Rc;

type Outcome = Result<Value, Fault>;
type Run = fn(&mut Context<'_>, &mut [Value]) -> Outcome;

pub(super) const fn method(
    receiver: Receiver,
    name: &'static str,
    params: &'static [&'static str],
    (doc, example): (&'static str, &'static str),
    run: Run,
) -> Native {
    Native { name, receiver, shape: Shape::Function, params, doc, example, run, host: None }
}

pub(super) const fn property(
    receiver: Receiver,
    name: &'static str,
    (doc, example): (&'static str, &'static str),
    run: Run,
) -> Native {
    Native { name, receiver, shape: Shape::Property, params: &[], doc, example, run, host: None }
}

pub(super) const NATIVES: &[Native] = &[
    method(
        Receiver::Lock,
        "acquire",
        &[],
        ("Waits until it is to be had, and takes it: a lock, or one permit of a semaphore.", "l.acquire();"),
        acquire,
    ),
    method(
        Receiver::Lock,
        "acquire",
        &["seconds"],
        ("The same, waiting that long at most, and says whether it was in time.", "l.acquire(0.5)"),
        acquire_within,
    ),
    method(
        Receiver::Lock,
        "release",
        &[],
        ("Gives back what `acquire` took. Throws `NotHeld` when this process holds none.", "l.release();"),
        release,
    ),
    method(
        Receiver::Lock,
        "hold",
        &["body"],
        (
            "Acquires it, calls the function, releases it, also when that throws; gives the function's value.",
            "l.hold(|| 1 + 1)",
        ),
        hold,
    ),
    property(Receiver::Lock, "name", ("Its name.", "l.name"), name),
    method(Receiver::Event, "set", &[], ("Sets it: all who wait for it go on.", "e.set();"), set),
    method(Receiver::Event, "clear", &[], ("It is not set any more.", "e.clear();"), clear),
    property(Receiver::Event, "is_set", ("Whether it is set now.", "e.is_set"), is_set),
    method(Receiver::Event, "wait", &[], ("Waits until it is set.", "e.wait();"), wait),
    method(
        Receiver::Event,
        "wait",
        &["seconds"],
        ("The same, waiting that long at most, and says whether it was in time.", "e.wait(0.5)"),
        wait_within,
    ),
    property(Receiver::Event, "name", ("Its name.", "e.name"), name),
    method(
        Receiver::Barrier,
        "wait",
        &[],
        (
            "Waits until all have come, and gives how many had come before. Throws `Broken` when one of them dies.",
            "b.wait();",
        ),
        meet,
    ),
    method(
        Receiver::Barrier,
        "wait",
        &["seconds"],
        ("The same; when the time is over first, all who wait at it get `Broken`.", "b.wait(0.5)"),
        meet_within,
    ),
    property(Receiver::Barrier, "name", ("Its name.", "b.name"), name),
];

impl Arguments<'_> {
    pub(super) fn shared(&self) -> Result<&SharedObject, Fault> {
        self.receiver("a lock, an event, a table or the like")
    }

    /// The receiver's handle, when it is of the right kind.
    pub(super) fn handle<T: ?Sized>(
        &self,
        wanted: &str,
        pick: fn(&Handle) -> Option<&Rc<T>>,
    ) -> Result<&T, Fault> {
        match pick(&self.shared()?.handle) {
            Some(handle) => Ok(handle),
            None => self.wrong(0, "the receiver", wanted),
        }
    }

    fn permits(&self) -> Result<&dyn Permits, Fault> {
        self.handle("a lock or a semaphore", |handle| match handle {
            Handle::Lock(permits) | Handle::Semaphore(permits) => Some(permits),
            _ => None,
        })
    }

    fn event(&self) -> Result<&dyn Event, Fault> {
        self.handle("an event", |handle| if let Handle::Event(event) = handle { Some(event) } else { None })
    }

    fn barrier(&self) -> Result<&dyn Barrier, Fault> {
        self.handle("a barrier", |handle| if let Handle::Barrier(it) = handle { Some(it) } else { None })
    }
}

pub(super) fn name(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    Ok(Value::string(&*Arguments::new("name", values).shared()?.name))
}

fn acquire(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    Arguments::new("acquire", values).permits()?.acquire(Wait::Forever).map(Value::Bool)
}

fn acquire_within(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let arguments = Arguments::new("acquire", values);
    let wait = arguments.wait(1)?;
    arguments.permits()?.acquire(wait).map(Value::Bool)
}

fn release(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    Arguments::new("release", values).permits()?.release().map(|()| Value::Unit)
}

fn hold(context: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let arguments = Arguments::new("hold", values);
    let body = arguments.function(1, "body")?;
    let permits = arguments.permits()?;
    permits.acquire(Wait::Forever)?;
    let result = (context.call)(&body, Vec::new());
    let released = permits.release();
    // What the body threw says more than that it had released too much.
    let value = result?;
    released.map(|()| value)
}

fn set(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    Arguments::new("set", values).event()?.set().map(|()| Value::Unit)
}

fn clear(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    Arguments::new("clear", values).event()?.clear().map(|()| Value::Unit)
}

fn is_set(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    Arguments::new("is_set", values).event()?.is_set().map(Value::Bool)
}

fn wait(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    Arguments::new("wait", values).event()?.wait(Wait::Forever).map(Value::Bool)
}

fn wait_within(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let arguments = Arguments::new("wait", values);
    let wait = arguments.wait(1)?;
    arguments.event()?.wait(wait).map(Value::Bool)
}

fn meet(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    Arguments::new("wait", values).barrier()?.wait(Wait::Forever).map(Value::Int)
}

fn meet_within(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let arguments = Arguments::new("wait", values);
    let wait = arguments.wait(1)?;
    arguments.barrier()?.wait(wait).map(Value::Int)
}
