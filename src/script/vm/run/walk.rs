//! `for`: walks over ranges, arrays, texts, blobs, streams and queues.
//!
//! A walk is two registers: what is walked and where it is; the next one receives the items.

use super::Machine;
use crate::script::fault::Fault;
use crate::script::objects::{QueueObject, StreamObject, Turn};
use crate::script::rhai::convert;
use crate::script::vm::code::{Proto, Reg, Window};
use crate::script::vm::trouble::Run;
use crate::value::{Object, ObjectKind, Value};
use std::cell::RefCell;

/// A walk over a queue. When it is dropped, the queue hears that the loop was left.
struct QueueWalk {
    object: Object,
    turn: RefCell<Turn>,
}

impl ObjectKind for QueueWalk {
    fn kind(&self) -> &'static str {
        "a walk"
    }
}

impl Drop for QueueWalk {
    fn drop(&mut self) {
        if let Some(queue) = self.object.downcast::<QueueObject>() {
            queue.0.leave(self.turn.get_mut());
        }
    }
}

/// A walk over a range with a step.
struct StepsWalk(RefCell<Box<dyn Iterator<Item = Value>>>);

impl ObjectKind for StepsWalk {
    fn kind(&self) -> &'static str {
        "a walk"
    }
}

impl Machine {
    /// Makes a walk of the value in a register, which is no range and no array.
    pub(super) fn walk(&self, registers: &mut Window, walk: Reg) -> Run<()> {
        let walk = walk as usize;
        let (over, at) = match registers[walk].take() {
            value @ (Value::String(_) | Value::Blob(_)) => (value, Value::Int(0)),
            Value::Object(object) => match self.walk_over(object)? {
                items @ Value::Array(_) => (items, Value::Int(0)),
                over => (over, Value::Unit),
            },
            other => return Err(self.rhai_error("for x in x0 { 1 }".to_owned(), vec![other])),
        };
        (registers[walk], registers[walk + 1]) = (over, at);
        Ok(())
    }

    fn walk_over(&self, object: Object) -> Run {
        if object.is::<QueueObject>() {
            return Ok(Value::Object(Object::new(QueueWalk { object, turn: RefCell::default() })));
        }
        if object.is::<StreamObject>() {
            return Ok(Value::Object(object));
        }
        if let Some(steps) = convert::steps(&object) {
            return Ok(Value::Object(Object::new(StepsWalk(RefCell::new(steps)))));
        }
        if convert::is_foreign(&object) {
            // An iterator of Rhai's: `text.chars()`, `bits(5)`, …
            return self.rhai_value(
                "let all = []; for x in x0 { all.push(x) } all".to_owned(),
                vec![Value::Object(object)],
            );
        }
        Err(self.fault(Fault::error("Type", format!("`for` cannot walk {}", object.kind()))))
    }

    /// The next item of a text, a blob, a stream or a queue; false at the end.
    pub(super) fn next_item(
        &self,
        registers: &mut Window,
        proto: &Proto,
        (walk, next): (Reg, usize),
    ) -> Run<bool> {
        if let Some(is_there) = super::register::step(registers, walk) {
            return Ok(is_there);
        }
        let walk = walk as usize;
        let item = match (&registers[walk], &registers[walk + 1]) {
            (Value::String(text), Value::Int(at)) => {
                let at = *at as usize;
                let item = text.get(at..).and_then(|rest| rest.chars().next());
                item.map(|char| (Value::Char(char), at + char.len_utf8()))
            }
            (Value::Blob(bytes), Value::Int(at)) => {
                let at = *at as usize;
                bytes.get(at).map(|byte| (Value::Int((*byte).into()), at + 1))
            }
            (Value::Object(object), _) => {
                self.at(proto.spots[next - 1].position);
                self.turn(object)?.map(|item| (item, 0))
            }
            _ => None,
        };
        let Some((item, at)) = item else { return Ok(false) };
        registers[walk + 1] = Value::Int(at as i64);
        registers[walk + 2] = item;
        Ok(true)
    }

    fn turn(&self, object: &Object) -> Run<Option<Value>> {
        let item = if let Some(walk) = object.downcast::<QueueWalk>() {
            match walk.object.downcast::<QueueObject>() {
                Some(queue) => queue.0.next_turn(&mut walk.turn.borrow_mut()),
                None => Ok(None),
            }
        } else if let Some(stream) = object.downcast::<StreamObject>() {
            stream.0.borrow_mut().next()
        } else if let Some(walk) = object.downcast::<StepsWalk>() {
            Ok(walk.0.borrow_mut().next())
        } else {
            Ok(None)
        };
        item.map_err(|fault| self.fault(fault))
    }
}
