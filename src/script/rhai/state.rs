//! What one engine knows while bodies run; shared by everything that Rhai calls back.

use super::compile::Library;
use super::elsewhere::Elsewhere;
use super::guards;
use super::kinds::Kinds;
use super::lines::Lines;
use super::paths;
use super::rewrite::Recorder;
use super::settings;
use crate::script::fault::{Fault, Place};
use crate::script::objects::{Surroundings, TemplateObject};
use crate::script::unit::Unit;
use crate::value::{Map, Object, Value};
use rhai::{Dynamic, Engine, EvalAltResult, FnPtr, Position};
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

/// Operations between two questions whether the process is to end.
const POLL_MASK: u64 = 4096 - 1;

pub(in crate::script) struct State {
    pub(in crate::script) unit: Rc<Unit>,
    /// What is around the engine at first, and what it was put into then.
    outside: Rc<dyn Surroundings>,
    entered: OnceCell<Rc<dyn Surroundings>>,
    pub(in crate::script) lines: RefCell<Lines>,
    pub(super) recorder: Recorder,
    /// Reads texts. What runs is another engine, which not everybody needs.
    pub(in crate::script) reader: Engine,
    /// The compiled pieces by index, each when it is first needed.
    pub(in crate::script) libraries: RefCell<HashMap<usize, Rc<Library>>>,
    /// In which piece a closure stands, by its name.
    pub(in crate::script) homes: RefCell<HashMap<String, u32>>,
    globals: RefCell<Map>,
    /// Those globals that were asked for, as Rhai's.
    converted: RefCell<HashMap<String, Dynamic>>,
    ending: Cell<Option<Termination>>,
    /// How many there were.
    operations: Cell<u64>,
    pub(super) elsewhere: Elsewhere,
    pub(super) kinds: Kinds,
    /// How deep the value that is being converted is in another, and whether there was one that is too deep.
    pub(super) depth: Cell<usize>,
    pub(super) left_out: Cell<bool>,
}

/// Why everything is being unwound; no `catch` and no callback of Rhai's may stop it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::script) enum Termination {
    Exit(u8),
    Stopped,
}

impl State {
    pub(in crate::script) fn new(unit: Rc<Unit>, outside: Rc<dyn Surroundings>) -> Self {
        let lines = RefCell::new(Lines::of(&unit));
        let globals = RefCell::new(unit.globals.clone());
        let (recorder, mut reader) = (Recorder::default(), settings::reader());
        recorder.install(&mut reader);
        guards::install_words(&mut reader);
        State {
            unit,
            outside,
            entered: OnceCell::new(),
            lines,
            recorder,
            reader,
            libraries: RefCell::default(),
            homes: RefCell::default(),
            globals,
            converted: RefCell::default(),
            ending: Cell::new(None),
            operations: Cell::new(0),
            elsewhere: Elsewhere::default(),
            kinds: Kinds::default(),
            depth: Cell::new(0),
            left_out: Cell::new(false),
        }
    }

    /// What natives reach the outside by.
    pub(in crate::script) fn surroundings(&self) -> &Rc<dyn Surroundings> {
        self.entered.get().unwrap_or(&self.outside)
    }

    /// Bodies run in here from now on. Once is for ever.
    pub(in crate::script) fn enter(&self, surroundings: Rc<dyn Surroundings>) {
        let _ = self.entered.set(surroundings);
    }

    /// One more of them, or another value for one.
    pub(in crate::script) fn define(&self, name: &str, value: Value) {
        self.globals.borrow_mut().insert(name.to_owned(), value);
        self.converted.borrow_mut().remove(&*paths::inner(name));
    }

    /// The value of a name that no scope knows: a param, a const, or a template.
    pub(in crate::script) fn global(&self, name: &str) -> Option<Dynamic> {
        let known = self.converted.borrow().get(name).cloned();
        // A method may be at work on something in it: who asks then gets another, as do all who come later. It stays
        // shared, so that Rhai copies it: what only one holds Rhai takes out, read-only as it is.
        let is_at_work = known.as_ref().is_some_and(|value| value.is_shared() && is_locked(value));
        if known.is_some() && !is_at_work {
            return known;
        }
        let outer = paths::outer(name);
        let global = self.globals.borrow().get(&outer).cloned();
        if let Some(value) = global {
            let value = self.constant(value);
            self.converted.borrow_mut().insert(name.to_owned(), value.clone());
            return Some(value);
        }
        if let Some(index) = self.unit.templates.iter().position(|template| template.name == outer) {
            return Some(Dynamic::from(Object::new(TemplateObject { unit: self.unit.clone(), index })));
        }
        // Rhai finds functions itself, but not for closures that capture one.
        let is_known = self.unit.functions.iter().any(|function| function.name == outer);
        is_known.then(|| FnPtr::new(name).ok().map(Dynamic::from)).flatten()
    }

    /// A value is shared, so that reading it does not copy it and a copy of it is not constant, and read-only within,
    /// so that a closure that captured it cannot change it.
    fn constant(&self, value: Value) -> Dynamic {
        match value {
            Value::Unit | Value::Object(_) => self.dynamic(value),
            value => self.dynamic(value).into_read_only().into_shared(),
        }
    }

    pub(in crate::script) fn place(&self, position: Position) -> Option<Place> {
        self.lines.borrow().place(position)
    }

    /// Tells the surroundings which line of the script comes next.
    pub(in crate::script) fn at(&self, position: Position) {
        let line = self.lines.borrow().line(position);
        if let Some((source, line)) = line {
            self.surroundings().at(source, line);
        }
    }

    /// A fault of ours as an error of Rhai's.
    pub(in crate::script) fn raise(&self, fault: Fault) -> EvalAltResult {
        match fault {
            Fault::Thrown(value) => EvalAltResult::ErrorRuntime(self.dynamic(value), Position::NONE),
            Fault::Elsewhere(failure) => {
                let value = self.dynamic(failure.value.clone());
                EvalAltResult::ErrorRuntime(self.elsewhere.keep(value, *failure), Position::NONE)
            }
            Fault::Exit(code) => self.terminate(Termination::Exit(code)),
            Fault::Stopped => self.terminate(Termination::Stopped),
        }
    }

    /// Begins to unwind. The first reason holds.
    pub(in crate::script) fn terminate(&self, reason: Termination) -> EvalAltResult {
        self.ending.set(Some(self.ending.get().unwrap_or(reason)));
        EvalAltResult::ErrorTerminated(Dynamic::UNIT, Position::NONE)
    }

    pub(in crate::script) fn terminated(&self) -> Option<Termination> {
        self.ending.get()
    }

    /// Called when a run begins: what ended the last one is over.
    pub(in crate::script) fn clear_termination(&self) {
        self.ending.set(None);
    }

    /// Called at every operation; a value ends the body. Rhai's own number goes back when a function that a native
    /// called has returned.
    pub(in crate::script) fn progress(&self) -> Option<Dynamic> {
        let operations = self.operations.get().wrapping_add(1);
        self.operations.set(operations);
        if operations & POLL_MASK == 0 && self.ending.get().is_none() {
            self.note(self.surroundings().poll());
        }
        self.ending.get().map(|_| Dynamic::UNIT)
    }

    /// Keeps the reason to end from a callback that cannot fail; the next operation ends the body.
    pub(in crate::script) fn note(&self, result: Result<(), Fault>) {
        if let Err(fault) = result {
            let reason = match fault {
                Fault::Exit(code) => Termination::Exit(code),
                Fault::Stopped | Fault::Thrown(_) | Fault::Elsewhere(_) => Termination::Stopped,
            };
            let _ = self.terminate(reason);
        }
    }
}

/// Whether a shared value cannot be read now.
fn is_locked(value: &Dynamic) -> bool {
    value.read_lock::<Dynamic>().is_none()
}
