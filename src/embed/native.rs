//! Native processes: what their bodies get, and their ends of queues.

use super::error::{Error, ErrorKind};
use crate::script::host::Given;
use crate::script::objects::{Batch, Encoded, EncodedEnd, QueueObject, Turn};
use crate::script::{Ending, Failure, Fault, QueueEnd, Surroundings, Wait};
use crate::value::Value;
use crate::value::bare::{Bare, Form};
use crate::value::serde::{Mismatch, from_value, to_value};
use crate::wire::codec::direct;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::cell::RefCell;
use std::error::Error as AnyError;
use std::marker::PhantomData;
use std::rc::Rc;
use std::time::Duration;

/// What the body of a native process gets: its ports and parameters, by the names that the script gives them.
pub struct Context {
    arguments: Vec<(String, Value)>,
    surroundings: Rc<dyn Surroundings>,
}

/// A longer buffer is not kept from item to item.
const BUFFER_MAX: usize = 256 << 10;

/// What a body comes to.
type BodyResult = Result<(), Box<dyn AnyError>>;

/// Runs a body.
pub(super) fn run(body: &dyn Fn(&mut Context) -> BodyResult, given: Given) -> Result<(), Ending> {
    let Given { arguments, surroundings } = given;
    body(&mut Context { arguments, surroundings }).map_err(ending)
}

/// What an error of a body is to the process.
fn ending(error: Box<dyn AnyError>) -> Ending {
    let kind = error.downcast_ref::<Error>().map(Error::kind);
    let mut failure = Failure::new("Host", error.to_string());
    match kind {
        Some(ErrorKind::Stopped) => return Ending::Stopped,
        Some(ErrorKind::NoConsumer) => {
            "Closed".clone_into(&mut failure.kind);
            failure.value = Value::map([("cause", Value::string("no consumer"))]);
        }
        _ => {}
    }
    Ending::Failed(Box::new(failure))
}

impl Context {
    /// The queue at an `in` port, whose items are `T`.
    ///
    /// # Errors
    /// [`ErrorKind::Name`] when there is no such port.
    pub fn input<T: DeserializeOwned>(&self, port: &str) -> Result<Input<T>, Error> {
        let end = self.end(port, "an `in` port", |(_, takes)| takes)?;
        Ok(Input { end, buffer: RefCell::default(), item: PhantomData })
    }

    /// The queue at an `out` port, into which `T` are put.
    ///
    /// # Errors
    /// As [`Context::input`].
    pub fn output<T: Serialize>(&self, port: &str) -> Result<Output<T>, Error> {
        let end = self.end(port, "an `out` port", |(puts, _)| puts)?;
        Ok(Output { end, buffer: RefCell::default(), item: PhantomData })
    }

    /// The value of a plain parameter.
    ///
    /// # Errors
    /// [`ErrorKind::Name`] when there is none, [`ErrorKind::Type`] when it is something else.
    pub fn param<T: DeserializeOwned>(&self, name: &str) -> Result<T, Error> {
        from_value(self.argument(name)?)
            .map_err(|mismatch| Error::new(ErrorKind::Type, format!("parameter `{name}`: {mismatch}")))
    }

    /// Prints a line, as `print` of a script does.
    ///
    /// # Errors
    /// [`ErrorKind::Stopped`].
    pub fn print(&self, line: &str) -> Result<(), Error> {
        self.surroundings.print(line).map_err(error)
    }

    /// Writes a line to standard error, or the log of the run.
    ///
    /// # Errors
    /// [`ErrorKind::Stopped`].
    pub fn log(&self, line: &str) -> Result<(), Error> {
        self.surroundings.debug(line).map_err(error)
    }

    fn argument(&self, name: &str) -> Result<&Value, Error> {
        let found = self.arguments.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value).ok_or_else(|| {
            let known: Vec<&str> = self.arguments.iter().map(|(known, _)| &**known).collect();
            let known = crate::diagnostic::words::names(&known);
            Error::new(ErrorKind::Name, format!("the script declares no `{name}` here, but {known}"))
        })
    }

    fn end(&self, name: &str, what: &str, fits: fn((bool, bool)) -> bool) -> Result<Rc<dyn QueueEnd>, Error> {
        let value = self.argument(name)?;
        let object = if let Value::Object(object) = value { object.downcast::<QueueObject>() } else { None };
        let end = object.map(|object| object.0.clone()).filter(|end| fits(end.directions()));
        end.ok_or_else(|| Error::new(ErrorKind::Name, format!("`{name}` is not {what} with one queue")))
    }
}

/// The receiving end of a queue.
pub struct Input<T> {
    end: Rc<dyn QueueEnd>,
    /// What an item is read from.
    buffer: RefCell<Encoded>,
    item: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> Input<T> {
    /// Waits for an item; `None` at the end of the stream.
    ///
    /// # Errors
    /// [`ErrorKind::Type`] when the item is no `T`, [`ErrorKind::Stopped`].
    pub fn get(&self) -> Result<Option<T>, Error> {
        self.take(Wait::Forever)
    }

    /// Waits so long; `None` when nothing came, or the stream has ended.
    ///
    /// # Errors
    /// As [`Input::get`].
    pub fn get_timeout(&self, time: Duration) -> Result<Option<T>, Error> {
        self.take(Wait::seconds(time.as_secs_f64()))
    }

    /// Waits for one item and takes up to `count` that are there; empty at the end of the stream. The fastest way to take
    /// small items.
    ///
    /// # Errors
    /// As [`Input::get`]; nothing of what was taken is given then.
    pub fn get_many(&self, count: usize) -> Result<Vec<T>, Error> {
        let Some(end) = self.end.encoded() else {
            let values = self.end.get_many(count).map_err(error)?;
            return values.iter().map(|value| self.read(value)).collect();
        };
        let (mut items, mut misfit) = (Vec::new(), None);
        let read = |form: Option<Form>, bytes: &[u8]| match form {
            Some(form) => direct::read_bare(Bare { form, bytes }),
            None => direct::read(bytes),
        };
        let mut each = |form: Option<Form>, bytes: &[u8]| match read(form, bytes) {
            Ok(item) => items.push(item),
            Err(mismatch) => misfit = Some(mismatch),
        };
        end.get_many_encoded(count, &mut each).map_err(error)?;
        misfit.map_or(Ok(items), |mismatch| Err(self.mismatch(&mismatch)))
    }

    /// Whether the stream has ended.
    ///
    /// # Errors
    /// [`ErrorKind::Stopped`].
    pub fn is_ended(&self) -> Result<bool, Error> {
        self.end.ended().map(|cause| cause != Value::Unit).map_err(error)
    }

    /// Every item until the end of the stream, as a `for` loop of a script has them: on a joinable queue each is
    /// acknowledged when the next is asked for. Leaving early acknowledges nothing.
    pub fn items(&self) -> Items<'_, T> {
        Items { input: self, turn: Turn::default() }
    }

    /// Acknowledges the oldest item of a joinable queue that is in hand, or that of this turn.
    ///
    /// # Errors
    /// When there is none.
    pub fn task_done(&self) -> Result<(), Error> {
        self.end.task_done().map_err(error)
    }

    /// Gives that item back at once.
    ///
    /// # Errors
    /// When there is none.
    pub fn task_failed(&self, reason: &str) -> Result<(), Error> {
        self.end.task_failed(reason.to_owned()).map_err(error)
    }

    /// How often that item was handed out.
    ///
    /// # Errors
    /// When there is none.
    pub fn attempt(&self) -> Result<i64, Error> {
        self.end.attempt().map_err(error)
    }

    fn take(&self, wait: Wait) -> Result<Option<T>, Error> {
        match self.end.encoded() {
            Some(end) => self.taken(|item| end.get_encoded(item, wait)),
            None => self.end.get(wait).map_err(error)?.map(|value| self.read(&value)).transpose(),
        }
    }

    /// The item of bytes, when there is one.
    #[inline]
    fn taken(&self, take: impl FnOnce(&mut Encoded) -> Result<bool, Fault>) -> Result<Option<T>, Error> {
        match self.buffer.try_borrow_mut() {
            Ok(mut buffer) => self.taken_by(&mut buffer, take),
            // Whoever reads an item takes another meanwhile.
            Err(_) => self.taken_by(&mut Encoded::default(), take),
        }
    }

    #[inline]
    fn taken_by(
        &self,
        encoded: &mut Encoded,
        take: impl FnOnce(&mut Encoded) -> Result<bool, Fault>,
    ) -> Result<Option<T>, Error> {
        if !take(encoded).map_err(error)? {
            return Ok(None);
        }
        let item = match encoded.form {
            Some(form) => direct::take_bare(form, &mut encoded.bytes),
            None => direct::read(&encoded.bytes),
        };
        shorten(&mut encoded.bytes);
        item.map(Some).map_err(|mismatch| self.mismatch(&mismatch))
    }

    fn read(&self, value: &Value) -> Result<T, Error> {
        from_value(value).map_err(|mismatch| self.mismatch(&mismatch))
    }

    #[cold]
    fn mismatch(&self, mismatch: &Mismatch) -> Error {
        Error::new(ErrorKind::Type, format!("an item of queue `{}`: {mismatch}", self.end.name()))
    }
}

/// The items of an [`Input`], one a turn.
pub struct Items<'a, T> {
    input: &'a Input<T>,
    turn: Turn,
}

impl<T: DeserializeOwned> Iterator for Items<'_, T> {
    type Item = Result<T, Error>;

    fn next(&mut self) -> Option<Result<T, Error>> {
        let (input, turn) = (self.input, &mut self.turn);
        if let Some(end) = input.end.encoded() {
            return input.taken(|item| end.next_turn_encoded(item, turn)).transpose();
        }
        match input.end.next_turn(turn) {
            Ok(item) => item.map(|value| input.read(&value)),
            Err(fault) => Some(Err(error(fault))),
        }
    }
}

impl<T> Drop for Items<'_, T> {
    fn drop(&mut self) {
        self.input.end.leave(&mut self.turn);
    }
}

/// The sending end of a queue.
pub struct Output<T> {
    end: Rc<dyn QueueEnd>,
    /// What an item is written into.
    buffer: RefCell<Vec<u8>>,
    item: PhantomData<fn(T)>,
}

impl<T: Serialize> Output<T> {
    /// Puts an item, waiting for room.
    ///
    /// # Errors
    /// [`ErrorKind::NoConsumer`] when nobody is left to take it, [`ErrorKind::Closed`], [`ErrorKind::Type`] when it is
    /// not what the queue carries, [`ErrorKind::Stopped`].
    pub fn put(&self, item: &T) -> Result<(), Error> {
        self.put_within(item, Wait::Forever).map(drop)
    }

    /// Puts an item if there is room in time; whether there was.
    ///
    /// # Errors
    /// As [`Output::put`].
    pub fn put_timeout(&self, item: &T, time: Duration) -> Result<bool, Error> {
        self.put_within(item, Wait::seconds(time.as_secs_f64()))
    }

    /// Puts items, in order, waiting for room as needed. The fastest way to put small items.
    ///
    /// # Errors
    /// As [`Output::put`]; what was put before stays put.
    pub fn put_many<'a>(&self, items: impl IntoIterator<Item = &'a T>) -> Result<(), Error>
    where
        T: 'a,
    {
        let Some(end) = self.end.encoded() else {
            return items.into_iter().try_for_each(|item| self.put(item));
        };
        let mut batch = Batch::default();
        for item in items {
            direct::write(item, &mut batch.bytes).map_err(|mismatch| self.mismatch(&mismatch))?;
            batch.ends.push(batch.bytes.len());
            if batch.is_full() {
                end.put_batch_encoded(&mut batch).map_err(error)?;
            }
        }
        end.put_batch_encoded(&mut batch).map_err(error)
    }

    /// This process will put no more.
    ///
    /// # Errors
    /// [`ErrorKind::Stopped`].
    pub fn close(&self) -> Result<(), Error> {
        self.end.close().map_err(error)
    }

    /// Waits until every item put into a joinable queue was acknowledged.
    ///
    /// # Errors
    /// When it is not joinable, and [`ErrorKind::Stopped`].
    pub fn join(&self) -> Result<(), Error> {
        self.end.join(Wait::Forever).map(drop).map_err(error)
    }

    fn put_within(&self, item: &T, wait: Wait) -> Result<bool, Error> {
        let Some(end) = self.end.encoded() else {
            let mut value = to_value(item).map_err(|mismatch| self.mismatch(&mismatch))?;
            return self.end.put(&mut value, wait).map_err(error);
        };
        // In a box, so that what comes through the closure is moved in registers.
        if let Some(put) = direct::bare(item, |bare| end.put_bare(bare, wait).map_err(Box::new)) {
            return put.map_err(|fault| error(*fault));
        }
        match self.buffer.try_borrow_mut() {
            Ok(mut buffer) => self.put_by(&mut buffer, item, end, wait),
            // Whoever writes an item puts another meanwhile.
            Err(_) => self.put_by(&mut Vec::new(), item, end, wait),
        }
    }

    #[inline]
    fn put_by(
        &self,
        buffer: &mut Vec<u8>,
        item: &T,
        end: &dyn EncodedEnd,
        wait: Wait,
    ) -> Result<bool, Error> {
        buffer.clear();
        direct::write(item, buffer).map_err(|mismatch| self.mismatch(&mismatch))?;
        let put = end.put_encoded(buffer, wait).map_err(error);
        shorten(buffer);
        put
    }

    #[cold]
    fn mismatch(&self, mismatch: &Mismatch) -> Error {
        Error::new(ErrorKind::Type, format!("an item for queue `{}`: {mismatch}", self.end.name()))
    }
}

/// A buffer that was very long is given back. It is used where it is: what was just written by parts and is then moved as
/// a whole makes the processor wait.
#[inline]
fn shorten(buffer: &mut Vec<u8>) {
    if buffer.capacity() > BUFFER_MAX {
        *buffer = Vec::new();
    }
}

/// What an end says, as the error of the library.
#[cold]
pub(super) fn error(fault: Fault) -> Error {
    let value = match fault {
        Fault::Thrown(value) => value,
        Fault::Elsewhere(failure) => return Error::new(ErrorKind::Other, failure.message),
        Fault::Exit(_) | Fault::Stopped => return Error::new(ErrorKind::Stopped, "the run is stopping"),
    };
    let text = |key: &str| value.as_map().and_then(|map| map.get(key)).and_then(Value::as_str);
    let kind = match (text("kind"), text("cause")) {
        (Some("Closed"), Some("no consumer")) => ErrorKind::NoConsumer,
        (Some("Closed"), _) => ErrorKind::Closed,
        (Some("Type" | "Unsendable"), _) => ErrorKind::Type,
        (Some("Full"), _) => ErrorKind::Full,
        (Some("Limit"), _) => ErrorKind::Limit,
        _ => ErrorKind::Other,
    };
    let message = text("message").map_or_else(|| value.to_string(), str::to_owned);
    Error::new(kind, message)
}
