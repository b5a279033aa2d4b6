//! The engine that runs bodies: they are compiled to code over registers.
//!
//! Rhai parses, and its tree is what is compiled; it also does what is rare ([`bridge`]), and runs whole a body
//! that uses what the compiler leaves out. See `docs/design/engine.md`.

mod bridge;
mod builtin;
mod code;
mod compile;
mod explain;
mod operator;
mod run;
/// The same tests as for Rhai.
#[cfg(test)]
#[path = "../rhai/tests/mod.rs"]
#[allow(clippy::duplicate_mod)]
mod tests;
mod trouble;

use super::fault::{Ending, Failure};
use super::objects::Surroundings;
use super::unit::Unit;
use super::{Engine, Prepared};
use crate::value::{Access, Function, Value};
#[cfg(test)]
use VmEngine as Tested;
pub use explain::{Explained, explain};
use run::Machine;
use std::rc::Rc;

/// Bodies run by the machine; by Rhai, whole, where it has to be.
pub struct VmEngine {
    machine: Rc<Machine>,
}

impl VmEngine {
    #[must_use]
    pub fn new(unit: Rc<Unit>, surroundings: Rc<dyn Surroundings>) -> Self {
        VmEngine { machine: Rc::new(Machine::new(unit, surroundings)) }
    }

    /// An engine without a process around it, see [`super::outside`].
    #[must_use]
    pub fn outside(unit: Rc<Unit>) -> Self {
        VmEngine::new(unit, Rc::new(super::rhai::declaration::NoProcess::default()))
    }
}

fn failed(failure: Failure) -> Ending {
    Ending::Failed(Box::new(failure))
}

impl Engine for VmEngine {
    fn enter(&self, surroundings: Rc<dyn Surroundings>) {
        self.machine.state.enter(surroundings);
    }

    fn compile(&self, body: usize) -> bool {
        self.machine.compile(body)
    }

    fn bind_globals(&mut self, names: Vec<(String, Value)>) {
        self.machine.bind_globals(names);
    }

    fn run(&mut self, body: usize, arguments: Vec<(String, Value)>) -> Result<Value, Ending> {
        let machine = &self.machine;
        let Ok(program) = machine.body(body).map_err(failed)? else {
            return machine.whole().borrow_mut().run(body, arguments);
        };
        let params = machine.unit.bodies.get(body).map(|body| body.params.clone()).unwrap_or_default();
        let mut named = arguments;
        let bound = params.iter().map(|param| {
            let given = named.iter_mut().find(|(name, _)| name == param);
            given.map_or(Value::Unit, |(_, value)| value.take())
        });
        let bound = bound.collect();
        machine.run_body(&program, bound).map_err(|trouble| machine.ending(trouble))
    }

    fn call(&mut self, function: &Function, arguments: Vec<Value>) -> Result<Value, Ending> {
        self.machine.call_function(function, arguments).map_err(|trouble| self.machine.ending(trouble))
    }

    fn prepare(&mut self, function: &Function) -> Result<Prepared, Ending> {
        let machine = self.machine.clone();
        machine.functions().map_err(failed)?;
        let target = machine.target_with(None, function, Access::Constant);
        Ok(Box::new(move |arguments| {
            machine.call_from_outside(&target, arguments).map_err(|trouble| machine.ending(trouble))
        }))
    }
}
