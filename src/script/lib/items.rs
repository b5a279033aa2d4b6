//! What natives can walk: arrays, maps, strings, ranges, streams and queues, one item at a time.

use super::arguments::type_error;
use crate::script::fault::Fault;
use crate::script::objects::{QueueEnd, QueueObject, Stream, StreamObject, Turn};
use crate::value::{Object, Range, Text, Value};
use std::cell::RefCell;
use std::rc::Rc;

/// A longer range is no data; nobody could stop a native that walks it.
const RANGE_ITEMS_MAX: i128 = 1 << 27;
const WANTED: &str = "an array, a map, a string, a range, a stream or a queue";

/// Items, one after the other.
pub(super) enum Items {
    Array(std::vec::IntoIter<Value>),
    /// An array that others have too, from an item on.
    Shared(Rc<Vec<Value>>, usize),
    /// Its entries, as `[key, value]`.
    Map(std::vec::IntoIter<(Text, Value)>),
    /// Its characters.
    Text(std::vec::IntoIter<char>),
    Range(std::ops::Range<i64>),
    Stream(Object),
    Queue(Walk),
}

/// A walk over a queue, as a `for` loop does it.
pub(super) struct Walk {
    queue: Rc<dyn QueueEnd>,
    turn: Turn,
}

impl Drop for Walk {
    fn drop(&mut self) {
        self.queue.leave(&mut self.turn);
    }
}

impl Items {
    pub(super) fn of(function: &'static str, parameter: &str, value: Value) -> Result<Items, Fault> {
        Ok(match value {
            Value::Array(items) => match Rc::try_unwrap(items) {
                Ok(items) => Items::Array(items.into_iter()),
                Err(items) => Items::Shared(items, 0),
            },
            Value::Map(map) => Items::Map(Rc::unwrap_or_clone(map).into_iter()),
            Value::String(text) => Items::Text(text.chars().collect::<Vec<_>>().into_iter()),
            Value::Range(range) => Items::Range(bounded(function, *range)?),
            Value::Object(object) => return Items::of_object(function, parameter, object),
            other => return Err(type_error(function, parameter, WANTED, &other)),
        })
    }

    fn of_object(function: &'static str, parameter: &str, object: Object) -> Result<Items, Fault> {
        if object.is::<StreamObject>() {
            return Ok(Items::Stream(object));
        }
        if let Some(queue) = object.downcast::<QueueObject>() {
            return Ok(Items::Queue(Walk { queue: queue.0.clone(), turn: Turn::default() }));
        }
        Err(type_error(function, parameter, WANTED, &Value::Object(object)))
    }

    pub(super) fn next(&mut self) -> Result<Option<Value>, Fault> {
        Ok(match self {
            Items::Array(items) => items.next(),
            Items::Shared(items, at) => {
                *at += 1;
                items.get(*at - 1).cloned()
            }
            Items::Map(entries) => {
                entries.next().map(|(key, value)| Value::array(vec![Value::string(key), value]))
            }
            Items::Text(chars) => chars.next().map(Value::Char),
            Items::Range(range) => range.next().map(Value::Int),
            Items::Stream(object) => match object.downcast::<StreamObject>() {
                Some(stream) => stream.0.borrow_mut().next()?,
                None => None,
            },
            Items::Queue(walk) => walk.queue.next_turn(&mut walk.turn)?,
        })
    }

    /// Whether they come from outside, one by one.
    pub(super) fn is_lazy(&self) -> bool {
        matches!(self, Items::Stream(_) | Items::Queue(_))
    }

    /// All that are left.
    pub(super) fn all(mut self) -> Result<Vec<Value>, Fault> {
        let mut all = match self {
            Items::Array(items) => return Ok(items.collect()),
            Items::Shared(items, at) => return Ok(items.get(at..).unwrap_or_default().to_vec()),
            Items::Range(range) => return Ok(range.map(Value::Int).collect()),
            _ => Vec::new(),
        };
        while let Some(item) = self.next()? {
            all.push(item);
        }
        Ok(all)
    }
}

fn bounded(function: &str, range: Range) -> Result<std::ops::Range<i64>, Fault> {
    let end = if range.inclusive { range.end.saturating_add(1) } else { range.end };
    let length = i128::from(end) - i128::from(range.start);
    if length > RANGE_ITEMS_MAX {
        return Err(Fault::error("Argument", format!("`{function}`: a range of {length} ints is too long")));
    }
    Ok(range.start..end)
}

/// A stream as a value.
pub(super) fn stream(stream: impl Stream + 'static) -> Value {
    Value::Object(Object::new(StreamObject(RefCell::new(Box::new(stream)))))
}
