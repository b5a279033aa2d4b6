//! What the items of a job are read from, no faster than they are needed.

use crate::script::objects::{QueueObject, StreamObject};
use crate::script::{Fault, QueueEnd};
use crate::value::{Object, Value};
use std::rc::Rc;

/// A source of items.
pub enum Input {
    Items { items: Rc<Vec<Value>>, at: usize },
    Range { next: i128, end: i128 },
    Queue(Rc<dyn QueueEnd>),
    Stream(Object),
}

/// What reading an input brought, and what comes behind that.
pub struct Pulled {
    pub items: Vec<Value>,
    pub then: Then,
}

pub enum Then {
    More,
    /// More comes later.
    NotNow,
    End,
    Failed(Fault),
}

impl Input {
    /// The input of a value.
    ///
    /// # Errors
    /// `Type` for what cannot be walked.
    pub fn of(value: Value, call: &str) -> Result<Input, Fault> {
        let wrong = |kind: &str| {
            let message =
                format!("`{call}`: `items` must be an array, a range, a queue end or a stream, not {kind}");
            Err(Fault::error("Type", message))
        };
        match value {
            Value::Array(items) => Ok(Input::Items { items, at: 0 }),
            Value::Range(range) => Ok(Input::Range {
                next: range.start.into(),
                end: i128::from(range.end) + i128::from(range.inclusive),
            }),
            Value::Object(object) => match object.downcast::<QueueObject>() {
                Some(queue) => Ok(Input::Queue(queue.0.clone())),
                None if object.is::<StreamObject>() => Ok(Input::Stream(object)),
                None => wrong(object.kind()),
            },
            other => wrong(other.type_name()),
        }
    }

    /// How many items are left, when that is known.
    pub fn left(&self) -> Option<usize> {
        match self {
            Input::Items { items, at } => Some(items.len() - at),
            Input::Range { next, end } => Some(usize::try_from(end - next).unwrap_or(0)),
            Input::Queue(_) | Input::Stream(_) => None,
        }
    }

    /// Whether reading takes no time, as far as is known. A queue can be asked.
    pub fn is_ready(&self) -> bool {
        let Input::Stream(object) = self else { return true };
        let stream = object.downcast::<StreamObject>().and_then(|stream| stream.0.try_borrow().ok());
        stream.is_none_or(|stream| stream.is_ready())
    }

    /// Whether reading needs nobody else and computes nothing.
    pub fn is_at_hand(&self) -> bool {
        matches!(self, Input::Items { .. } | Input::Range { .. })
    }

    pub fn queue(&self) -> Option<&Rc<dyn QueueEnd>> {
        if let Input::Queue(queue) = self { Some(queue) } else { None }
    }

    /// Reads up to `count` items; `wait`: for one at least.
    pub fn pull(&mut self, count: usize, wait: bool) -> Pulled {
        let items = match self {
            Input::Items { items, at } => {
                let from = *at;
                *at = items.len().min(from.saturating_add(count));
                items[from..*at].to_vec()
            }
            Input::Range { next, end } => {
                let from = *next;
                *next = from.saturating_add(count as i128).min(*end).max(from);
                // Both ends are ints of the language.
                (from..*next).map(|int| Value::Int(int as i64)).collect()
            }
            Input::Queue(queue) => {
                let pulled = pull_from_queue(&**queue, count, wait);
                return pulled
                    .unwrap_or_else(|fault| Pulled { items: Vec::new(), then: Then::Failed(fault) });
            }
            Input::Stream(object) => return pull_from_stream(object, count, wait),
        };
        let then = if items.len() < count { Then::End } else { Then::More };
        Pulled { items, then }
    }
}

fn pull_from_queue(queue: &dyn QueueEnd, count: usize, wait: bool) -> Result<Pulled, Fault> {
    let items = if wait { queue.get_many(count)? } else { queue.try_get_many(count)? };
    let then = match items.is_empty() {
        false => Then::More,
        true if wait || !matches!(queue.ended()?, Value::Unit) => Then::End,
        true => Then::NotNow,
    };
    Ok(Pulled { items, then })
}

fn pull_from_stream(object: &Object, count: usize, wait: bool) -> Pulled {
    let stream = object.downcast::<StreamObject>().and_then(|stream| stream.0.try_borrow_mut().ok());
    let mut items = Vec::new();
    let Some(mut stream) = stream else {
        let fault = Fault::error("Type", "a stream cannot be its own input");
        return Pulled { items, then: Then::Failed(fault) };
    };
    while items.len() < count {
        let may_wait = wait && items.is_empty();
        if !may_wait && !stream.is_ready() {
            return Pulled { items, then: Then::NotNow };
        }
        match stream.next() {
            Ok(Some(item)) => items.push(item),
            Ok(None) => return Pulled { items, then: Then::End },
            Err(fault) => return Pulled { items, then: Then::Failed(fault) },
        }
    }
    Pulled { items, then: Then::More }
}
