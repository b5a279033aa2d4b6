//! The inner syntax that [`super::rewrite`] puts into texts.

use super::errors;
use super::iterate::Turns;
use super::rewrite::{COPY, GUARDED, PASS, TURNS};
use super::state::State;
use crate::value::Object;
use rhai::{Dynamic, Engine, EvalAltResult, EvalContext, Expression};
use std::rc::Rc;

type RhaiResult = Result<Dynamic, Box<EvalAltResult>>;

/// For an engine that only reads.
pub(super) fn install_words(engine: &mut Engine) {
    let _ = engine.register_custom_syntax([GUARDED, "$block$"], false, |_, _| Ok(Dynamic::UNIT));
    let _ = engine.register_custom_syntax([TURNS, "$expr$"], false, |_, _| Ok(Dynamic::UNIT));
    let _ = engine.register_custom_syntax([COPY, "$expr$"], false, |_, _| Ok(Dynamic::UNIT));
    let _ = engine.register_custom_syntax([PASS], false, |_, _| Ok(Dynamic::UNIT));
}

pub(super) fn install(engine: &mut Engine, state: &Rc<State>) {
    let for_guard = state.clone();
    let guarded = move |context: &mut EvalContext<'_, '_, '_, '_, '_, '_>, inputs: &[Expression<'_>]| {
        guard(&for_guard, context, inputs)
    };
    let turns = |context: &mut EvalContext<'_, '_, '_, '_, '_, '_>, inputs: &[Expression<'_>]| {
        begin_turns(context, inputs)
    };
    let copy = |context: &mut EvalContext<'_, '_, '_, '_, '_, '_>, inputs: &[Expression<'_>]| {
        Ok(context.eval_expression_tree(&inputs[0])?.flatten())
    };
    // The symbols are valid, so none of these can fail.
    let _ = engine.register_custom_syntax([GUARDED, "$block$"], false, guarded);
    let _ = engine.register_custom_syntax([TURNS, "$expr$"], false, turns);
    let _ = engine.register_custom_syntax([COPY, "$expr$"], false, copy);
    let _ = engine.register_custom_syntax([PASS], false, |_, _| Ok(Dynamic::UNIT));
}

/// Runs the block of a `try`; an error of the language becomes the map that `catch` receives.
fn guard(
    state: &State,
    context: &mut EvalContext<'_, '_, '_, '_, '_, '_>,
    inputs: &[Expression<'_>],
) -> RhaiResult {
    let error = match context.eval_expression_tree(&inputs[0]) {
        Ok(value) => return Ok(value),
        Err(error) => error,
    };
    let inner = error.unwrap_inner();
    let thrown = matches!(inner, EvalAltResult::ErrorRuntime(..));
    if thrown || error.is_pseudo_error() {
        return Err(error);
    }
    if !inner.is_catchable() {
        return Err(errors::bare(*error).into());
    }
    let position = error.position();
    Err(EvalAltResult::ErrorRuntime(errors::caught(state, &error), position).into())
}

/// Remembers the line of a `for` over an object.
fn begin_turns(context: &mut EvalContext<'_, '_, '_, '_, '_, '_>, inputs: &[Expression<'_>]) -> RhaiResult {
    let value = context.eval_expression_tree(&inputs[0])?.flatten();
    let position = inputs[0].position();
    Ok(match value.try_cast_result::<Object>() {
        Ok(object) => Dynamic::from(Turns { object, position }),
        Err(value) => value,
    })
}
