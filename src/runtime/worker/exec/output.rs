//! The way out of a program: what it prints becomes items of a queue, or lines of the script's output.

use super::format;
use crate::runtime::os::shared::clock;
use crate::runtime::parcel;
use crate::runtime::worker::client::Client;
use crate::runtime::worker::ends::End;
use crate::script::unit::Format;
use crate::script::{Fault, QueueEnd, Wait};
use crate::value::Value;
use crate::wire::message::Ask;
use rustix::buffer::spare_capacity;
use rustix::fd::AsFd;
use rustix::io::Errno;
use std::rc::Rc;

/// One read brings at most so much, as much as a pipe holds.
const READ_BYTES: usize = 64 * 1024;
/// A longer item goes alone, so that it is not held twice.
const LONG_BYTES: usize = 1 << 20;

/// Where the items go.
pub enum Sink {
    Queue(End, Format),
    /// Whole lines, whatever the format.
    Print(Rc<Client>),
}

/// What a program prints, as far as it has come.
pub struct Output {
    sink: Sink,
    program: String,
    /// The beginning of an item whose end has not come.
    begun: Vec<u8>,
    /// How many items have come.
    items: u64,
}

impl Output {
    #[must_use]
    pub fn new(sink: Sink, program: String) -> Self {
        Output { sink, program, begun: Vec::new(), items: 0 }
    }

    /// Reads once, and passes on every item whose end has come. Gives how many bytes came; `None` at the end.
    pub fn read(&mut self, pipe: impl AsFd) -> Result<Option<usize>, Fault> {
        let before = self.begun.len();
        self.begun.reserve(READ_BYTES);
        match rustix::io::read(pipe, spare_capacity(&mut self.begun)) {
            Ok(0) => Ok(None),
            Ok(count) => self.pass_on(before).map(|()| Some(count)),
            Err(Errno::INTR | Errno::AGAIN) => Ok(Some(0)),
            Err(error) => {
                let message = format!("the output of `{}` cannot be read: {error}", self.program);
                Err(Fault::error("Exec", message))
            }
        }
    }

    fn delimiter(&self) -> Option<u8> {
        match &self.sink {
            Sink::Queue(_, format) => format::delimiter(*format),
            Sink::Print(_) => Some(b'\n'),
        }
    }

    /// Passes on what is whole; no end of an item stands before `from`.
    fn pass_on(&mut self, from: usize) -> Result<(), Fault> {
        let Some(delimiter) = self.delimiter() else {
            let chunk = std::mem::take(&mut self.begun);
            return self.put(chunk);
        };
        let Some(last) = self.begun[from..].iter().rposition(|&byte| byte == delimiter) else {
            return Ok(());
        };
        let rest = self.begun.split_off(from + last + 1);
        let mut whole = std::mem::replace(&mut self.begun, rest);
        whole.pop();
        self.put(whole)
    }

    /// Nothing more comes. The last item need not have an end.
    pub fn finish(&mut self) -> Result<(), Fault> {
        let rest = std::mem::take(&mut self.begun);
        if rest.is_empty() { Ok(()) } else { self.put(rest) }
    }

    /// Passes on items with delimiters between them.
    fn put(&mut self, bytes: Vec<u8>) -> Result<(), Fault> {
        match &self.sink {
            Sink::Print(client) => print(client, bytes),
            Sink::Queue(_, Format::Bytes) => self.put_one(Value::blob(bytes)),
            Sink::Queue(_, format) => self.put_divided(*format, bytes),
        }
    }

    fn put_divided(&mut self, format: Format, bytes: Vec<u8>) -> Result<(), Fault> {
        let delimiter = format::delimiter(format);
        let is_text = matches!(format, Format::Lines | Format::Nul);
        if is_text && bytes.len() > LONG_BYTES && !bytes.iter().any(|&byte| Some(byte) == delimiter) {
            self.items += 1;
            let text = String::from_utf8(bytes).map_err(|error| self.undecoded(format, error.as_bytes()))?;
            return self.put_one(Value::string(text));
        }
        let mut values = Vec::new();
        for item in bytes.split(|&byte| Some(byte) == delimiter) {
            self.items += 1;
            let decoded = format::decode(format, item).and_then(|value| self.fitted(value));
            if decoded.is_err() || item.len() > LONG_BYTES {
                self.put_all(std::mem::take(&mut values))?;
            }
            values.extend(decoded.map_err(|why| self.wrong(format, &why))?);
        }
        self.put_all(values)
    }

    /// An item as the queue carries it.
    fn fitted(&self, value: Option<Value>) -> Result<Option<Value>, String> {
        match (&self.sink, value) {
            (Sink::Queue(end, _), Some(mut value)) => {
                end.fit(&mut value).map_err(|why| format!("does not fit queue `{}`: {why}", end.name()))?;
                Ok(Some(value))
            }
            (_, value) => Ok(value),
        }
    }

    fn put_one(&self, mut value: Value) -> Result<(), Fault> {
        match &self.sink {
            Sink::Queue(end, _) => end.put(&mut value, Wait::Forever).map(drop),
            Sink::Print(_) => Ok(()),
        }
    }

    fn put_all(&self, values: Vec<Value>) -> Result<(), Fault> {
        match &self.sink {
            Sink::Queue(end, _) if !values.is_empty() => end.put_many(values),
            _ => Ok(()),
        }
    }

    fn undecoded(&self, format: Format, bytes: &[u8]) -> Fault {
        self.wrong(format, &format::decode(format, bytes).err().unwrap_or_default())
    }

    fn wrong(&self, format: Format, why: &str) -> Fault {
        let unit = format::unit(format);
        Fault::error("Format", format!("{unit} {} of the output of `{}` {why}", self.items, self.program))
    }
}

/// Bytes that are no text are printed as they are.
fn print(client: &Client, bytes: Vec<u8>) -> Result<(), Fault> {
    let lines = match String::from_utf8(bytes) {
        Ok(text) => Value::string(text),
        Err(error) => Value::blob(error.into_bytes()),
    };
    let item = parcel::pack(&lines).map_err(|error| Fault::error("Memory", error.to_string()))?;
    let mut descriptors = Vec::new();
    let line = item.into_parcel(&mut descriptors).map_err(|_| Fault::Stopped)?;
    client.tell_with(Ask::Print { line, moment: clock() }, descriptors).map_err(|_| Fault::Stopped)
}
