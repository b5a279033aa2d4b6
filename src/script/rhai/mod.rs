//! The first engine: Rhai. Nothing of Rhai is visible outside this folder.

pub mod builtins;

use super::analysis::{PieceError, PieceKind, Uses};
use super::fault::{Ending, Failure};
use super::objects::Surroundings;
use super::unit::{Piece, Unit};
use crate::value::{Function, Map, Value};
use std::rc::Rc;

/// Bodies run by Rhai's tree walker.
pub struct RhaiEngine;

impl RhaiEngine {
    #[must_use]
    pub fn new(_unit: Rc<Unit>, _surroundings: Rc<dyn Surroundings>) -> Self {
        RhaiEngine
    }

    /// Names that are visible, read-only, in body `run` only: in main, its queues and named instances.
    pub fn bind_globals(&mut self, _names: Vec<(String, Value)>) {}
}

impl super::Engine for RhaiEngine {
    fn run(&mut self, _body: usize, _arguments: Vec<(String, Value)>) -> Result<Value, Ending> {
        Ok(Value::Unit)
    }
    fn call(&mut self, _function: &Function, _arguments: Vec<Value>) -> Result<Value, Ending> {
        Ok(Value::Unit)
    }
}

/// Evaluates an expression of a declaration: it sees the unit's functions and globals, and `locals`.
///
/// # Errors
/// Syntax errors and errors of the evaluation alike.
pub fn evaluate(_piece: &Piece, _unit: &Rc<Unit>, _locals: &Map) -> Result<Value, Failure> {
    Ok(Value::Unit)
}

pub(super) fn analyse(_piece: &Piece, _params: &[String], _kind: PieceKind) -> Result<Uses, PieceError> {
    Ok(Uses::default())
}
