//! Which kinds of objects an error is about: to Rhai all are of one type, and its errors say no more.
//!
//! Rhai asks for what it does not find before it gives up. Then the kinds are noted, for the error that comes next.

use super::errors::{self, OBJECT};
use super::state::State;
use crate::value::Object;
use rhai::{Dynamic, Engine, EvalAltResult, ImmutableString, Position};
use std::cell::RefCell;
use std::rc::Rc;

/// What was missing last, and the kinds of the objects that it was to be called with.
#[derive(Default)]
pub(super) struct Kinds(RefCell<(String, Vec<&'static str>)>);

impl Kinds {
    pub(super) fn note(&self, name: &str, arguments: &[&mut Dynamic]) {
        let kind = |argument: &&mut Dynamic| Some(argument.read_lock::<Object>()?.kind());
        let kinds: Vec<_> = arguments.iter().filter_map(kind).collect();
        if !kinds.is_empty() {
            *self.0.borrow_mut() = (name.to_owned(), kinds);
        }
    }
}

/// Rhai looks for an index where there is no property.
pub(super) fn install(engine: &mut Engine, state: &Rc<State>) {
    let state = state.clone();
    engine.register_indexer_get(
        move |object: &mut Object, name: ImmutableString| -> Result<Dynamic, Box<EvalAltResult>> {
            *state.kinds.0.borrow_mut() = (name.to_string(), vec![object.kind()]);
            Err(EvalAltResult::ErrorIndexingType(format!("{OBJECT} [string]"), Position::NONE).into())
        },
    );
}

/// The kind of an error and its message, in which objects are called what they are.
pub(in crate::script) fn words(state: &State, error: &EvalAltResult) -> (&'static str, String) {
    let (kind, message) = errors::words(error);
    let (missing, objects) = &*state.kinds.0.borrow();
    let told = match error {
        EvalAltResult::ErrorFunctionNotFound(signature, _)
            if signature.split(" (").next() == Some(missing) =>
        {
            of_arguments(&message, objects)
        }
        EvalAltResult::ErrorDotExpr(what, _) if what.contains(&format!("'{missing}'")) => {
            message.strip_prefix(OBJECT).zip(objects.first()).map(|(rest, object)| format!("{object}{rest}"))
        }
        _ => None,
    };
    (kind, told.unwrap_or(message))
}

/// "there is no function `putt(object, int)`".
fn of_arguments(message: &str, objects: &[&str]) -> Option<String> {
    let (before, rest) = message.split_once('(')?;
    let (arguments, behind) = rest.split_once(')')?;
    let mut objects = objects.iter().map(|object| without_article(object));
    let named: Vec<&str> = arguments
        .split(", ")
        .map(|word| if word == OBJECT { objects.next().unwrap_or(word) } else { word })
        .collect();
    Some(format!("{before}({}){behind}", named.join(", ")))
}

pub(in crate::script) fn without_article(kind: &str) -> &str {
    kind.strip_prefix("a ").or_else(|| kind.strip_prefix("an ")).unwrap_or(kind)
}
