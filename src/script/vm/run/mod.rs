//! The machine: runs code. It can be entered again while it runs, from natives that call functions.

mod arithmetic;
mod call;
mod callback;
mod chain;
mod compare;
mod execute;
mod float;
mod frame;
mod global;
mod literal;
mod member;
mod method;
mod operation;
mod plain;
mod register;
mod repeated;
mod switch;
mod text;
mod walk;

use super::bridge::Requests;
use super::builtin::Natives;
use super::code::{Program, Refusal};
use super::compile;
use super::trouble::{Run, Trouble};
use crate::script::Engine;
use crate::script::fault::{Failure, Fault};
use crate::script::objects::Surroundings;
use crate::script::rhai::RhaiEngine;
use crate::script::rhai::state::State;
use crate::script::unit::Unit;
use crate::value::{Function, Value};
pub(super) use callback::{Target, as_constants};
use frame::Stack;
pub(super) use member::place_of;
pub(super) use repeated::Repeated;
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

/// As many as Rhai allows.
const CALLS_MAX: u32 = 2000;
/// Jumps back and calls between two questions whether the process is to end.
const POLL_EVERY: u32 = 1024;

pub(in crate::script) struct Machine {
    pub(super) state: Rc<State>,
    /// Rhai, when it is first needed.
    rhai: OnceCell<Rhai>,
    pub(super) unit: Rc<Unit>,
    pub(super) requests: Requests,
    pub(super) natives: Natives,
    pub(super) elsewhere: RefCell<Option<(Value, Failure)>>,
    functions: OnceCell<Rc<Program>>,
    bodies: RefCell<HashMap<usize, Compiled>>,
    globals_of_body: RefCell<Vec<(String, Value)>>,
    depth: Cell<u32>,
    fuel: Cell<u32>,
    /// What the function that is entered next gets as `this` belongs to a constant.
    lends_constant: Cell<bool>,
    /// Where the script called what now calls one of its functions.
    called_at: Cell<rhai::Position>,
    /// The line of the place that the surroundings were told of last.
    told: Cell<(rhai::Position, Option<(u32, u32)>)>,
    stacks: RefCell<Vec<Stack>>,
}

/// What answers requests, and what runs whole bodies.
struct Rhai {
    engine: Rc<rhai::Engine>,
    bodies: RefCell<RhaiEngine>,
}

/// A body's program, or why it has none.
type Compiled = Result<Rc<Program>, Refusal>;

impl Machine {
    pub(in crate::script) fn new(unit: Rc<Unit>, surroundings: Rc<dyn Surroundings>) -> Machine {
        let state = Rc::new(State::new(unit.clone(), surroundings));
        let natives = Natives::of(&unit.registry);
        Machine {
            state,
            rhai: OnceCell::new(),
            unit,
            requests: Requests::default(),
            natives,
            elsewhere: RefCell::default(),
            functions: OnceCell::new(),
            bodies: RefCell::default(),
            globals_of_body: RefCell::default(),
            depth: Cell::new(0),
            fuel: Cell::new(POLL_EVERY),
            lends_constant: Cell::new(false),
            called_at: Cell::new(rhai::Position::NONE),
            told: Cell::new((rhai::Position::NONE, None)),
            stacks: RefCell::default(),
        }
    }

    pub(in crate::script) fn bind_globals(&self, names: Vec<(String, Value)>) {
        if let Some(rhai) = self.rhai.get() {
            rhai.bodies.borrow_mut().bind_globals(names.clone());
        }
        *self.globals_of_body.borrow_mut() = names;
    }

    /// Builds Rhai, if that has not been done.
    fn rhai(&self) -> &Rhai {
        self.rhai.get_or_init(|| {
            let mut bodies = RhaiEngine::over(self.state.clone());
            bodies.bind_globals(self.globals_of_body.borrow().clone());
            Rhai { engine: bodies.rhai(), bodies: RefCell::new(bodies) }
        })
    }

    /// Rhai for what is rare.
    pub(super) fn engine(&self) -> &rhai::Engine {
        &self.rhai().engine
    }

    /// Rhai for bodies and functions that the machine does not run.
    pub(super) fn whole(&self) -> &RefCell<RhaiEngine> {
        &self.rhai().bodies
    }

    /// The program of all functions.
    ///
    /// # Errors
    /// Syntax errors.
    pub(super) fn functions(&self) -> Result<Rc<Program>, Failure> {
        if let Some(program) = self.functions.get() {
            return Ok(program.clone());
        }
        let library = self.state.functions()?;
        let program = Rc::new(compile::functions(&self.state, &self.natives, &library));
        Ok(self.functions.get_or_init(|| program).clone())
    }

    /// The program of a body, or why it has none.
    ///
    /// # Errors
    /// Syntax errors.
    pub(super) fn body(&self, body: usize) -> Result<Compiled, Failure> {
        if let Some(compiled) = self.bodies.borrow().get(&body) {
            return Ok(compiled.clone());
        }
        let functions = self.functions()?;
        let (unit, library) = (self.state.functions()?, self.state.library(body)?);
        let params = self.unit.bodies.get(body).map(|body| body.params.clone()).unwrap_or_default();
        let compiled =
            compile::body((&self.state, &self.natives), &library, (body, &params), (&unit, &functions))
                .map(Rc::new);
        self.bodies.borrow_mut().insert(body, compiled.clone());
        Ok(compiled)
    }

    /// Makes ready what a copy of this process runs on: compiles all functions, and a body if there is one of this
    /// index, and makes a stack. Whether there was anything to compile.
    pub(super) fn compile(&self, body: usize) -> bool {
        let before = self.bodies.borrow().len() + usize::from(self.functions.get().is_some());
        let _ = self.functions();
        if body < self.unit.bodies.len() {
            let _ = self.body(body);
        }
        let mut stacks = self.stacks.borrow_mut();
        if stacks.is_empty() {
            stacks.push(Stack::ready());
        }
        self.bodies.borrow().len() + usize::from(self.functions.get().is_some()) > before
    }

    /// The program that a closure stands in, or that of the functions; none when it runs on Rhai.
    pub(super) fn home(&self, home: Option<u32>) -> Option<Rc<Program>> {
        match home {
            Some(home) if (home as usize) < self.unit.bodies.len() => self.body(home as usize).ok()?.ok(),
            _ => self.functions().ok().filter(|program| program.too_many.is_none()),
        }
    }

    fn stack(&self) -> Stack {
        let stack = self.stacks.borrow_mut().pop();
        stack.unwrap_or_else(Stack::ready)
    }

    fn give_back(&self, stack: Stack) {
        self.stacks.borrow_mut().push(stack);
    }

    /// Asks now and then whether the process is to end.
    #[inline]
    fn poll(&self) -> Run<()> {
        match self.fuel.get() {
            0 => {
                self.fuel.set(POLL_EVERY);
                self.state.surroundings().poll().map_err(|fault| match fault {
                    Fault::Exit(code) => self.fault(Fault::Exit(code)),
                    _ => self.fault(Fault::Stopped),
                })
            }
            fuel => {
                self.fuel.set(fuel - 1);
                Ok(())
            }
        }
    }

    /// One call more; [`Machine::rise`] takes it back.
    #[inline]
    fn sink(&self) -> Run<()> {
        let depth = self.depth.get();
        if depth >= CALLS_MAX {
            return Err(Trouble::too_deep());
        }
        self.depth.set(depth + 1);
        Ok(())
    }

    #[inline]
    fn rise(&self) {
        self.depth.set(self.depth.get() - 1);
    }

    pub(super) fn called_at(&self) -> rhai::Position {
        self.called_at.get()
    }

    /// Runs the body of a program.
    pub(super) fn run_body(&self, program: &Rc<Program>, mut arguments: Vec<Value>) -> Run {
        let Some(body) = program.body else { return Ok(Value::Unit) };
        self.enter((program, body), &[], &mut arguments, None)
    }

    /// Calls a function value from outside.
    pub(super) fn call_function(&self, function: &Function, arguments: Vec<Value>) -> Run {
        self.call_from_outside(&self.target(None, function), arguments)
    }

    pub(super) fn call_from_outside(&self, target: &Target, arguments: Vec<Value>) -> Run {
        self.called_at.set(rhai::Position::NONE);
        self.call_target(target, arguments, None)
    }
}
