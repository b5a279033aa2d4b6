//! Bodies: what compiles and runs the text between braces, and what it may ask of the process around it.
//!
//! [`Engine`] is the boundary. Scripts see natives from one [registry] over [`Value`]; natives reach the
//! outside only through [`Surroundings`], [`QueueEnd`] and [`ProcessHandle`], which the worker implements and
//! which tests implement in memory. This module never learns of processes, pipes or frames.

pub mod analysis;
pub mod capability;
pub mod circumstances;
pub mod confinement;
pub mod fault;
pub mod host;
pub mod lib;
#[cfg(test)]
mod memory;
pub mod objects;
pub mod registry;
mod rhai;
mod stack;
pub mod unit;
mod vm;

use crate::value::{Function, Value};
pub use analysis::analyse;
pub use circumstances::Circumstances;
pub use confinement::Confinement;
pub use fault::{Ending, Failure, Fault, Frame, Place};
pub use objects::{ProcessHandle, QueueEnd, Surroundings, Wait};
pub use rhai::builtins;
pub use rhai::{Evaluation, RhaiEngine};
pub use stack::{STACK_BYTES, on_big_stack};
use std::rc::Rc;
pub use unit::{EngineKind, Piece, Unit};
pub use vm::{Explained, VmEngine, explain};

/// A function to be called many times.
pub type Prepared = Box<dyn Fn(Vec<Value>) -> Result<Value, Ending>>;

/// The engine that runs the bodies of a unit.
#[must_use]
pub fn engine(unit: Rc<Unit>, surroundings: Rc<dyn Surroundings>) -> Box<dyn Engine> {
    match unit.engine {
        EngineKind::Vm => Box::new(VmEngine::new(unit, surroundings)),
        EngineKind::Rhai => Box::new(RhaiEngine::new(unit, surroundings)),
    }
}

/// The engine of a unit without a process around it, in which a script can be compiled. It runs bodies when it has
/// [entered](Engine::enter) one.
#[must_use]
pub fn outside(unit: Rc<Unit>) -> Box<dyn Engine> {
    match unit.engine {
        EngineKind::Vm => Box::new(VmEngine::outside(unit)),
        EngineKind::Rhai => Box::new(RhaiEngine::outside(unit)),
    }
}

/// What runs bodies: compiles a piece of a unit once, then calls it. One engine belongs to one thread.
pub trait Engine {
    /// Puts an engine from outside into a process.
    fn enter(&self, surroundings: Rc<dyn Surroundings>);

    /// Compiles all functions, and a body if there is one of this index; whether there was anything to do. What does not
    /// compile fails when it is run.
    fn compile(&self, body: usize) -> bool;

    /// Names that are visible, read-only, in the bodies that are run, not in functions: in main, its queues and
    /// named instances.
    fn bind_globals(&mut self, names: Vec<(String, Value)>);

    /// Runs body `index` of the unit with its parameters bound by name; gives the body's value.
    ///
    /// # Errors
    /// [`Ending::Exit`] when the body called `exit`, [`Ending::Failed`] for an error that nobody caught.
    fn run(&mut self, body: usize, arguments: Vec<(String, Value)>) -> Result<Value, Ending>;

    /// Calls a function value, also one that came from another process.
    ///
    /// # Errors
    /// As [`Engine::run`].
    fn call(&mut self, function: &Function, arguments: Vec<Value>) -> Result<Value, Ending>;

    /// Makes a function ready to be called many times. What it captured cannot be changed by a call, so that no
    /// call depends on those before it.
    ///
    /// # Errors
    /// When its text does not compile.
    fn prepare(&mut self, function: &Function) -> Result<Prepared, Ending>;
}
