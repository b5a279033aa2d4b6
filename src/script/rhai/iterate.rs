//! `for` over objects: queue ends and streams; and over blobs.

use super::state::State;
use crate::script::fault::Fault;
use crate::script::objects::{QueueObject, StreamObject, Turn};
use crate::value::{Object, Value};
use rhai::{Blob, Dynamic, EvalAltResult, Module, Position};
use std::any::TypeId;
use std::rc::Rc;

/// An object that a `for` is about to walk, and where.
#[derive(Clone)]
pub(super) struct Turns {
    pub(super) object: Object,
    pub(super) position: Position,
}

type Item = Result<Dynamic, Box<EvalAltResult>>;

pub(super) fn install(module: &mut Module, state: &Rc<State>) {
    let of_turns = state.clone();
    module.set_iter_result(TypeId::of::<Turns>(), move |turns| {
        let iteration = turns.try_cast::<Turns>().map(|turns| Iteration::new(&of_turns, turns));
        Box::new(iteration.into_iter().flatten())
    });
    // Rhai's own gives bytes of a type that no script knows.
    module.set_iter(TypeId::of::<Blob>(), |bytes| {
        let bytes = bytes.into_blob().unwrap_or_default();
        Box::new(bytes.into_iter().map(|byte| Dynamic::from(i64::from(byte))))
    });
    let of_object = state.clone();
    module.set_iter_result(TypeId::of::<Object>(), move |object| {
        let turns = object.try_cast::<Object>().map(|object| Turns { object, position: Position::NONE });
        Box::new(turns.map(|turns| Iteration::new(&of_object, turns)).into_iter().flatten())
    });
}

struct Iteration {
    state: Rc<State>,
    turns: Turns,
    turn: Turn,
    over: bool,
}

impl Iteration {
    fn new(state: &Rc<State>, turns: Turns) -> Self {
        Iteration { state: state.clone(), turns, turn: Turn::default(), over: false }
    }

    fn step(&mut self) -> Result<Option<Value>, Fault> {
        let object = &self.turns.object;
        if let Some(queue) = object.downcast::<QueueObject>() {
            queue.0.next_turn(&mut self.turn)
        } else if let Some(stream) = object.downcast::<StreamObject>() {
            stream.0.borrow_mut().next()
        } else {
            Err(Fault::error("Type", format!("`for` cannot walk {}", object.kind())))
        }
    }
}

impl Iterator for Iteration {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        if self.over {
            return None;
        }
        self.state.at(self.turns.position);
        match self.step() {
            Ok(Some(value)) => Some(Ok(self.state.dynamic(value))),
            Ok(None) => None,
            Err(fault) => {
                self.over = true;
                let mut error = self.state.raise(fault);
                error.set_position(self.turns.position);
                Some(Err(error.into()))
            }
        }
    }
}

impl Drop for Iteration {
    fn drop(&mut self) {
        if let Some(queue) = self.turns.object.downcast::<QueueObject>() {
            queue.0.leave(&mut self.turn);
        }
    }
}
