//! Rhai: the parser of bodies, what the machine asks about rare things, and the other engine.

mod analysis;
pub mod builtins;
mod cells;
mod chains;
pub(super) mod compile;
pub(super) mod convert;
pub(super) mod declaration;
mod edits;
mod elsewhere;
pub(super) mod errors;
pub(super) mod guards;
mod iterate;
pub(super) mod kinds;
pub(super) mod lines;
mod missing;
pub(super) mod natives;
mod parse_errors;
pub(super) mod paths;
mod prepared;
mod readers;
pub(super) mod rewrite;
mod settings;
mod sizes;
pub(super) mod state;
pub(in crate::script) mod steps;
#[cfg(test)]
mod tests;

use super::Prepared;
use super::fault::Ending;
use super::objects::Surroundings;
use super::unit::Unit;
use crate::value::nesting::is_plain;
use crate::value::{Function, Value};
#[cfg(test)]
use RhaiEngine as Tested;
pub(super) use analysis::analyse;
pub use declaration::Evaluation;
use rhai::{AST, CallFnOptions, Dynamic, Engine as Rhai, EvalAltResult, FnPtr, Module, Scope};
use state::State;
use std::rc::Rc;

/// Bodies run by Rhai's tree walker.
pub struct RhaiEngine {
    state: Rc<State>,
    engine: Rc<Rhai>,
    globals_of_body: Vec<(String, Value)>,
}

impl RhaiEngine {
    #[must_use]
    pub fn new(unit: Rc<Unit>, surroundings: Rc<dyn Surroundings>) -> Self {
        RhaiEngine::over(Rc::new(State::new(unit, surroundings)))
    }

    pub(super) fn over(state: Rc<State>) -> Self {
        let engine = Rc::new(build(&state));
        RhaiEngine { state, engine, globals_of_body: Vec::new() }
    }

    /// Rhai itself, for the engine that asks it about rare things.
    pub(super) fn rhai(&self) -> Rc<Rhai> {
        self.engine.clone()
    }

    /// An engine without a process around it, see [`super::outside`].
    #[must_use]
    pub fn outside(unit: Rc<Unit>) -> Self {
        RhaiEngine::new(unit, Rc::new(declaration::NoProcess::default()))
    }

    /// Runs statements with `arguments` as the topmost variables, in this order.
    fn execute(&self, ast: &AST, arguments: Vec<(String, Value)>) -> Result<Value, Ending> {
        let mut scope = Scope::new();
        for (name, value) in &self.globals_of_body {
            scope.push_constant_dynamic(name.as_str(), self.state.dynamic(value.clone()));
        }
        for (name, value) in arguments {
            scope.push_dynamic(name, self.state.dynamic(value));
        }
        settled(&self.state, || self.engine.eval_ast_with_scope::<Dynamic>(&mut scope, ast))
    }
}

impl RhaiEngine {
    /// Calls a function of the script with a value as `this`, which it may change unless that is constant.
    ///
    /// # Errors
    /// As [`super::Engine::run`].
    pub(in crate::script) fn call_on(
        &mut self,
        function: &Function,
        (this, constant): (&mut Value, bool),
        arguments: Vec<Value>,
    ) -> Result<Value, Ending> {
        let home = function.home.map_or(usize::MAX, |home| home as usize);
        let library = self.state.library(home).map_err(failed)?;
        let state = &self.state;
        cells::sharing(state, || {
            let (pointer, arguments) = self.given(function, arguments)?;
            let arguments: Vec<Dynamic> = pointer.iter_curry().cloned().chain(arguments).collect();
            // It is kept if Rhai may not take it.
            let kept = (!is_plain(this)).then(|| this.clone());
            let bound = state.whole(this.take());
            let bound = bound.map_err(|fault| {
                *this = kept.unwrap_or_default();
                cells::forget();
                errors::ending(state, &state.raise(fault))
            })?;
            let mut bound = if constant { bound.into_read_only() } else { bound };
            let result = settled(state, || {
                let options = CallFnOptions::new().eval_ast(false).bind_this_ptr(&mut bound);
                let name = pointer.fn_name();
                self.engine.call_fn_with_options(options, &mut Scope::new(), &library.ast, name, arguments)
            });
            *this = state.value(bound);
            result
        })
    }

    fn given(&self, function: &Function, arguments: Vec<Value>) -> Result<(FnPtr, Vec<Dynamic>), Ending> {
        let state = &self.state;
        let whole = || {
            let pointer = state.whole_pointer(function)?;
            let arguments =
                arguments.into_iter().map(|value| state.whole(value)).collect::<Result<_, _>>()?;
            Ok((pointer, arguments))
        };
        whole().map_err(|fault| {
            cells::forget();
            errors::ending(state, &state.raise(fault))
        })
    }
}

impl super::Engine for RhaiEngine {
    fn enter(&self, surroundings: Rc<dyn Surroundings>) {
        self.state.enter(surroundings);
    }

    fn compile(&self, body: usize) -> bool {
        let before = self.state.libraries.borrow().len();
        let _ = self.state.functions().and_then(|_| self.state.library(body));
        self.state.libraries.borrow().len() > before
    }

    fn bind_globals(&mut self, names: Vec<(String, Value)>) {
        self.globals_of_body = names;
    }

    fn run(&mut self, body: usize, arguments: Vec<(String, Value)>) -> Result<Value, Ending> {
        let library = self.state.library(body).map_err(failed)?;
        let params = self.state.unit.bodies.get(body).map(|body| body.params.clone()).unwrap_or_default();
        let (mut named, others): (Vec<_>, Vec<_>) =
            arguments.into_iter().partition(|(name, _)| params.contains(name));
        let mut bound = others;
        for param in params {
            let given = named.iter_mut().find(|(name, _)| *name == param);
            let value = given.map_or(Value::Unit, |(_, value)| value.take());
            bound.push((param, value));
        }
        self.execute(&library.ast, bound)
    }

    fn call(&mut self, function: &Function, arguments: Vec<Value>) -> Result<Value, Ending> {
        let home = function.home.map_or(usize::MAX, |home| home as usize);
        let library = self.state.library(home).map_err(failed)?;
        cells::sharing(&self.state, || {
            let (pointer, arguments) = self.given(function, arguments)?;
            settled(&self.state, || pointer.call::<Dynamic>(&self.engine, &library.ast, arguments))
        })
    }

    fn prepare(&mut self, function: &Function) -> Result<Prepared, Ending> {
        self.made_ready(function)
    }
}

/// Runs something; a termination holds whatever came out of it.
fn settled(
    state: &State,
    run: impl FnOnce() -> Result<Dynamic, Box<EvalAltResult>>,
) -> Result<Value, Ending> {
    state.clear_termination();
    match (run(), state.terminated()) {
        (Ok(value), None) => Ok(state.value(value)),
        (Ok(_), Some(_)) => {
            let error = EvalAltResult::ErrorTerminated(Dynamic::UNIT, rhai::Position::NONE);
            Err(errors::ending(state, &error))
        }
        (Err(error), _) => Err(errors::ending(state, &error)),
    }
}

fn failed(failure: super::fault::Failure) -> Ending {
    Ending::Failed(Box::new(failure))
}

fn build(state: &Rc<State>) -> Rhai {
    let mut engine = settings::engine();
    guards::install(&mut engine, state);
    sizes::install(&mut engine, state);
    readers::install(&mut engine);
    steps::install(&mut engine);
    kinds::install(&mut engine, state);
    let mut module = Module::new();
    natives::install(&mut module, state);
    iterate::install(&mut module, state);
    engine.register_global_module(module.into());
    engine.register_type_with_name::<crate::value::Object>(errors::OBJECT);
    missing::install(&mut engine, state);
    let progress = state.clone();
    engine.on_progress(move |_| progress.progress());
    let print = state.clone();
    engine.on_print(move |line| print.note(print.surroundings().print(line)));
    let debug = state.clone();
    engine.on_debug(move |line, _, _| debug.note(debug.surroundings().debug(line)));
    engine
}
