//! Rhai's errors in the words of our users: what `catch` receives, and what is left when nobody catches.

use super::compile::is_closure;
use super::kinds;
use super::paths;
use super::state::{State, Termination};
use crate::diagnostic::suggest::nearest;
use crate::diagnostic::words::list;
use crate::script::fault::{Ending, Failure, Frame, Place};
use crate::script::registry::{Native, Receiver, natives};
use crate::value::Value;
use rhai::{Dynamic, EvalAltResult as Error, Position};

/// Rhai's name for the type of a variable that closures share.
const CELL: &str = "alloc::rc::Rc<core::cell::RefCell<rhai::types::dynamic::Dynamic>>";

/// What Rhai calls queue ends, processes and the like.
pub(super) const OBJECT: &str = "object";

/// The map that `catch` receives for an error of the language: `kind`, `message` and `line`.
pub(in crate::script) fn caught(state: &State, error: &Error) -> Dynamic {
    let (kind, message) = kinds::words(state, error.unwrap_inner());
    let mut map = rhai::Map::new();
    map.insert("kind".into(), kind.into());
    map.insert("message".into(), message.into());
    if let Some(place) = innermost(state, error) {
        map.insert("line".into(), i64::from(place.line).into());
    }
    map.into()
}

/// Why a body ended. A termination holds whatever the error says: callbacks of Rhai's may have swallowed it.
pub(in crate::script) fn ending(state: &State, error: &Error) -> Ending {
    match state.terminated() {
        Some(Termination::Exit(code)) => Ending::Exit(code),
        Some(Termination::Stopped) => Ending::Stopped,
        None => Ending::Failed(Box::new(failure(state, error))),
    }
}

pub(in crate::script) fn failure(state: &State, error: &Error) -> Failure {
    let inner = error.unwrap_inner();
    let thrown = if let Error::ErrorRuntime(value, _) = inner { Some(value.clone()) } else { None };
    if let Some(failure) = thrown.as_ref().and_then(|value| state.elsewhere.of(value)) {
        return from_elsewhere(failure, innermost(state, error), trace(state, error));
    }
    if inner.is_system_exception() {
        let (kind, message) = kinds::words(state, inner);
        let value = state.value(caught(state, inner));
        let place = outermost(state, error);
        return Failure { kind: kind.to_owned(), message, value, place, trace: Vec::new() };
    }
    let (kind, message, value) = if let Some(value) = thrown {
        thrown_words(state.value(value))
    } else {
        let (kind, message) = kinds::words(state, inner);
        (kind.to_owned(), message, state.value(caught(state, error)))
    };
    Failure { kind, message, value, place: innermost(state, error), trace: trace(state, error) }
}

/// An error of another process: it came up there, and here through the call at `place`.
pub(in crate::script) fn from_elsewhere(
    mut failure: Failure,
    place: Option<Place>,
    trace: Vec<Frame>,
) -> Failure {
    if failure.place.is_none() {
        failure.place = place;
    } else if let Some(last) = failure.trace.last_mut() {
        last.called_at = last.called_at.or(place);
    }
    failure.trace.extend(trace);
    failure
}

/// The runtime's own errors are maps with a kind and a message; anything else a script has thrown itself.
pub(in crate::script) fn thrown_words(value: Value) -> (String, String, Value) {
    let text = |key: &str| value.as_map().and_then(|map| map.get(key)?.as_str().map(str::to_owned));
    match (text("kind"), text("message")) {
        (Some(kind), Some(message)) => (kind, message, value),
        _ => ("Thrown".to_owned(), value.to_string(), value),
    }
}

/// An error without the calls that it came through: Rhai would catch these, whatever is within.
pub(super) fn bare(mut error: Error) -> Error {
    let position = error.position();
    loop {
        match error {
            Error::ErrorInFunctionCall(.., inner, _) | Error::ErrorInModule(.., inner, _) => error = *inner,
            mut inner => {
                inner.set_position(position);
                return inner;
            }
        }
    }
}

/// The place of an error that belongs to no function: who called has it.
fn outermost(state: &State, error: &Error) -> Option<Place> {
    state.place(error.position()).or_else(|| match error {
        Error::ErrorInFunctionCall(.., inner, _) | Error::ErrorInModule(.., inner, _) => {
            outermost(state, inner)
        }
        _ => None,
    })
}

/// The innermost place on the way to an error that has one.
fn innermost(state: &State, error: &Error) -> Option<Place> {
    let inner = match error {
        Error::ErrorInFunctionCall(.., inner, _) | Error::ErrorInModule(.., inner, _) => {
            innermost(state, inner)
        }
        _ => None,
    };
    inner.or_else(|| state.place(error.position()))
}

fn trace(state: &State, error: &Error) -> Vec<Frame> {
    let Error::ErrorInFunctionCall(name, _, inner, position) = error else {
        return Vec::new();
    };
    let mut frames = trace(state, inner);
    let function = if is_closure(name) { "closure".into() } else { paths::outer(name) };
    let function = function.into_owned();
    frames.push(Frame { function, called_at: state.place(*position) });
    frames
}

/// The kind of an error, as scripts compare it, and its message.
pub(in crate::script) fn words(error: &Error) -> (&'static str, String) {
    let (kind, message) = names(error);
    (kind, paths::plain(message))
}

/// Errors about names and calls.
fn names(error: &Error) -> (&'static str, String) {
    match error {
        Error::ErrorVariableNotFound(name, _) => {
            ("ErrorVariableNotFound", format!("there is no variable `{name}`"))
        }
        Error::ErrorFunctionNotFound(signature, _) => {
            ("ErrorFunctionNotFound", function_not_found(signature))
        }
        Error::ErrorModuleNotFound(name, _) => {
            ("ErrorModuleNotFound", format!("there is no module `{name}`"))
        }
        Error::ErrorPropertyNotFound(name, _) => {
            ("ErrorPropertyNotFound", format!("there is no property `{name}`"))
        }
        Error::ErrorAssignmentToConstant(name, _) => {
            let name = if name.is_empty() { "this" } else { name };
            ("ErrorAssignmentToConstant", format!("`{name}` is constant and cannot be changed"))
        }
        Error::ErrorNonPureMethodCallOnConstant(name, _) => {
            let name = member(name);
            let message = format!("`{name}` would change a constant; copy it with `let` first");
            ("ErrorNonPureMethodCallOnConstant", message)
        }
        Error::ErrorDataRace(what, _) => ("ErrorDataRace", data_race(what)),
        Error::ErrorStackOverflow(_) => (
            "ErrorStackOverflow",
            "calls are nested too deeply; does a function call itself for ever?".into(),
        ),
        Error::ErrorTerminated(..) => ("ErrorTerminated", "the body was stopped".into()),
        _ => values(error),
    }
}

/// Errors about values.
fn values(error: &Error) -> (&'static str, String) {
    match error {
        Error::ErrorArithmetic(what, _) => ("ErrorArithmetic", sentence(what)),
        Error::ErrorMismatchDataType(wanted, found, _) => ("ErrorMismatchDataType", mismatch(wanted, found)),
        Error::ErrorMismatchOutputType(wanted, found, _) => {
            ("ErrorMismatchOutputType", mismatch(wanted, found))
        }
        Error::ErrorArrayBounds(length, index, _) => {
            ("ErrorArrayBounds", format!("index {index} is outside an array of {length}"))
        }
        Error::ErrorStringBounds(length, index, _) => {
            ("ErrorStringBounds", format!("index {index} is outside a string of {length} characters"))
        }
        Error::ErrorBitFieldBounds(length, index, _) => {
            ("ErrorBitFieldBounds", format!("bit {index} is outside a number of {length} bits"))
        }
        Error::ErrorIndexNotFound(index, _) => {
            ("ErrorIndexNotFound", format!("there is nothing at index `{index}`"))
        }
        Error::ErrorIndexingType(what, _) => ("ErrorIndexingType", not_indexed(&plain_types(what))),
        Error::ErrorFor(_) => ("ErrorFor", "`for` cannot walk this value".into()),
        Error::ErrorUnboundThis(_) => ("ErrorUnboundThis", "`this` is not bound here".into()),
        Error::ErrorDotExpr(what, _) => ("ErrorDotExpr", dot(what)),
        other => ("Error", sentence(&without_position(other))),
    }
}

fn mismatch(wanted: &str, found: &str) -> String {
    match (plain_types(wanted), plain_types(found)) {
        (wanted, found) if found.is_empty() => format!("expected {wanted}"),
        (wanted, found) if wanted.is_empty() => format!("{found} does not fit here"),
        (wanted, found) => format!("expected {wanted}, found {found}"),
    }
}

/// "argument #2 of function 'hold'", or the name of the variable.
fn data_race(what: &str) -> String {
    match what.split('\'').nth(1) {
        Some(function) if is_closure(function) => {
            "a closure uses the variable that the method it was given to is at work on".to_owned()
        }
        Some(function) => format!("a closure uses the variable that `{function}` is at work on"),
        None if what.is_empty() => {
            "this variable is at work in a call and cannot be used in its closure".to_owned()
        }
        None => format!("`{what}` is at work in a call and cannot be used in its closure"),
    }
}

/// "Unknown property 'x' - a getter is not registered for type 'i64'".
fn dot(what: &str) -> String {
    let mut quoted = what.split('\'').skip(1).step_by(2);
    match (quoted.next(), quoted.next()) {
        (Some(property), Some(receiver)) => {
            let receiver = plain_types(receiver);
            format!("{receiver} has no property `{property}`{}", hint(property, &receiver))
        }
        _ => sentence(what),
    }
}

/// `name (type, &type)`; properties and indexers are functions to Rhai.
fn not_indexed(types: &str) -> String {
    if types.starts_with(OBJECT) {
        return "a queue, a process or another object has no items and cannot be indexed".to_owned();
    }
    format!("this cannot be indexed: {types}")
}

fn function_not_found(signature: &str) -> String {
    // What `sort` says where there is no order is no name.
    if signature.contains(' ') && !signature.contains('(') {
        return format!("{signature}; give it a function that compares two of them");
    }
    let (name, arguments) = signature.split_once(" (").unwrap_or((signature, ""));
    let arguments = plain_types(arguments.strip_suffix(')').unwrap_or(arguments));
    if is_closure(name) {
        return format!("the closure does not take ({arguments})");
    }
    if name != member(name) {
        let (receiver, property) = (first(&arguments), member(name));
        return format!("{receiver} has no property `{property}`{}", hint(property, receiver));
    }
    if name.chars().next().is_some_and(|char| char.is_alphabetic() || char == '_') {
        return format!("there is no function `{name}({arguments})`{}", hint(name, first(&arguments)));
    }
    format!("`{name}` cannot be applied to ({arguments})")
}

/// How something of this name is called, or the nearest name that what is `called` there has.
fn hint(name: &str, called: &str) -> String {
    let is_object = called == OBJECT;
    let fits = |native: &&Native| (native.receiver != Receiver::None) == is_object;
    let forms = natives().filter(fits).filter(|native| native.name == name);
    let forms: Vec<String> = forms.map(|native| format!("`{}`", native.call())).collect();
    if !forms.is_empty() {
        return format!("; it is called as {}", list(forms, "or"));
    }
    // What is called with a number in front is rarely meant as its method.
    if ["", "int", "float", "bool"].contains(&called) {
        return String::new();
    }
    let own = natives().filter(fits).map(|native| native.name);
    let of_rhai = crate::script::builtins::names().filter(|_| !is_object);
    nearest(name, own.chain(of_rhai)).map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}

fn first(arguments: &str) -> &str {
    arguments.split(',').next().unwrap_or(arguments)
}

/// A getter's or setter's property, or the name itself.
fn member(name: &str) -> &str {
    name.strip_prefix("get$").or_else(|| name.strip_prefix("set$")).unwrap_or(name)
}

/// Rhai's names of types in the words of the language.
fn plain_types(text: &str) -> String {
    text.replace(CELL, "a shared value")
        .replace(std::any::type_name::<crate::value::Object>(), OBJECT)
        .replace("&mut ", "")
        .replace("&str | ImmutableString | String", "string")
        .replace("&str", "string")
        .replace("ImmutableString", "string")
        .replace("i64", "int")
        .replace("f64", "float")
        .replace("Fn", "function")
}

/// Rhai's sentence as a fragment of ours.
fn sentence(text: &str) -> String {
    let text = text.trim_end_matches('.');
    let mut chars = text.chars();
    let lower = chars.next().map(|first| first.to_lowercase().collect::<String>());
    format!("{}{}", lower.unwrap_or_default(), chars.as_str())
}

fn without_position(error: &Error) -> String {
    let text = error.to_string();
    let position = error.position();
    if position.is_none() || position == Position::NONE {
        return text;
    }
    text.replace(&format!(" ({position})"), "")
}
