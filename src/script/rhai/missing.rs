//! What Rhai asks when it does not find something: params and consts, templates, closures from elsewhere.

use super::compile::is_closure;
use super::natives;
use super::state::State;
use rhai::{Dynamic, Engine, EvalAltResult, EvalContext};
use std::rc::Rc;

type Found = Result<Option<Dynamic>, Box<EvalAltResult>>;

#[allow(deprecated)] // Rhai's way to say "volatile".
pub(super) fn install(engine: &mut Engine, state: &Rc<State>) {
    let for_names = state.clone();
    // Variables with a slot are of the body or the function itself; so may be those without, once a closure was made.
    engine.on_var(move |name, slot, context| {
        Ok(if slot == 0 && !context.scope().contains(name) { for_names.global(name) } else { None })
    });
    let for_calls = state.clone();
    engine.on_missing_function(move |name, arguments, is_method, context| {
        for_calls.kinds.note(name, arguments);
        if let Some(process) = natives::long_call(&for_calls, name, arguments) {
            return process.map(Some);
        }
        closure(&for_calls, name, arguments, is_method, context)
    });
}

/// A closure is called where its own piece is not in sight: it came from another process, or from a call of
/// one that did.
fn closure(
    state: &State,
    name: &str,
    arguments: &mut [&mut Dynamic],
    is_method: bool,
    mut context: EvalContext<'_, '_, '_, '_, '_, '_>,
) -> Found {
    if !is_closure(name) || context.iter_namespaces().any(|module| contains(module, name)) {
        return Ok(None);
    }
    let home = state.homes.borrow().get(name).copied();
    let library = home.and_then(|home| state.library(home as usize).ok());
    let Some(library) = library else { return Ok(None) };
    let takes = library.function(name).map(|function| function.params.len());
    if takes != arguments.len().checked_sub(usize::from(is_method)) {
        return Ok(None);
    }
    let module = library.ast.shared_lib().clone();
    let frame = context.new_frame().with_new_caching_layer();
    let mut frame = frame.with_namespace(module).up_call_level();
    frame.call_fn_raw(name, is_method, is_method, arguments).map(Some)
}

fn contains(module: &rhai::Module, name: &str) -> bool {
    module.iter_script_fn_info().any(|function| function.2 == name)
}
