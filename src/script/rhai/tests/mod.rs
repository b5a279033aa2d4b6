//! Bodies run in memory: no process, no pipe.

mod analysis;
mod bodies;
mod closures;
mod errors;
mod library;
mod members;
mod pools;
mod shared;

use super::Tested;
use crate::script::memory::MemorySurroundings;
use crate::script::unit::{Body, FunctionText, Piece, Unit};
use crate::script::{Ending, Engine, Failure, on_big_stack};
use crate::value::Value;
use std::rc::Rc;

pub(super) fn piece(text: &str, line: u32, column: u32) -> Piece {
    Piece { text: text.to_owned(), line, column, ..Piece::default() }
}

pub(super) fn body(params: &[&str], text: &str) -> Body {
    let params = params.iter().map(|&name| name.to_owned()).collect();
    Body { name: "main".into(), params, piece: piece(text, 10, 1) }
}

pub(super) fn function(name: &str, params: &[&str], text: &str, line: u32) -> FunctionText {
    let params = params.iter().map(|&name| name.to_owned()).collect();
    FunctionText { name: name.into(), params, piece: piece(text, line, 1) }
}

pub(super) fn unit_of(text: &str) -> Unit {
    Unit { sources: vec!["a.proc".into()], bodies: vec![body(&[], text)], ..Unit::default() }
}

/// Runs body 0 of a unit on a stack as large as the runner's.
pub(super) fn run_unit(unit: Unit, arguments: Vec<(&str, Value)>) -> Result<Value, Ending> {
    run_in(unit, Rc::new(MemorySurroundings::default()), arguments)
}

pub(super) fn run_in(
    unit: Unit,
    surroundings: Rc<MemorySurroundings>,
    arguments: Vec<(&str, Value)>,
) -> Result<Value, Ending> {
    let arguments = arguments.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Tested::new(Rc::new(unit), surroundings).run(0, arguments)
}

/// The value of a body, as text.
pub(super) fn shown(text: &str) -> String {
    let text = text.to_owned();
    on_big_stack(move || match run_unit(unit_of(&text), vec![]) {
        Ok(value) => value.to_string(),
        Err(ending) => format!("{ending:?}"),
    })
}

pub(super) fn failure_of(unit: Unit) -> Failure {
    match run_unit(unit, vec![]) {
        Err(Ending::Failed(failure)) => *failure,
        other => panic!("a failure is expected: {other:?}"),
    }
}

pub(super) fn failure(text: &str) -> Failure {
    failure_of(unit_of(text))
}
