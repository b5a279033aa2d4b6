//! Which engine runs what, and why: `check --explain-engine`.

use super::code::Refusal;
use super::run::Machine;
use crate::script::fault::{Failure, Place};
use crate::script::rhai::declaration::NoProcess;
use crate::script::unit::Unit;
use std::rc::Rc;

/// A body, and why it runs on Rhai if it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// As traces call it.
    pub name: String,
    /// Where its text begins.
    pub place: Place,
    /// What the machine does not run, and where that is.
    pub refused: Option<(String, Option<Place>)>,
}

/// Looks at each body and each function of a unit.
///
/// # Errors
/// Syntax errors.
pub fn explain(unit: &Unit) -> Result<Vec<Explained>, Failure> {
    let machine = Machine::new(Rc::new(unit.clone()), Rc::new(NoProcess::default()));
    let mut all = Vec::new();
    let place =
        |piece: &crate::script::Piece| Place { source: piece.source, line: piece.line, column: piece.column };
    for (index, body) in unit.bodies.iter().enumerate() {
        let refused = machine.body(index)?.err().map(|refusal| machine.refused(&refusal));
        all.push(Explained { name: body.name.clone(), place: place(&body.piece), refused });
    }
    let functions = machine.functions()?;
    for function in &unit.functions {
        let number = functions.function(&function.name, function.params.len());
        let refusal = number.and_then(|number| functions.refused.get(&number));
        let refusal = refusal.or(functions.too_many.as_ref());
        let refused = refusal.map(|refusal| machine.refused(refusal));
        all.push(Explained { name: function.name.clone(), place: place(&function.piece), refused });
    }
    Ok(all)
}

impl Machine {
    fn refused(&self, refusal: &Refusal) -> (String, Option<Place>) {
        (refusal.what.clone(), self.state.place(refusal.position))
    }
}
