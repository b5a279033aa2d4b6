//! Variables of bodies that are never read.

use super::super::flow::Flow;
use super::super::model::Model;
use super::super::pieces::Piece;
use crate::diagnostic::{Diagnostic, codes};
use crate::script::analysis::At;

pub(super) fn check(model: &Model<'_>, _flow: &Flow<'_>, problems: &mut Vec<Diagnostic>) {
    for piece in &model.pieces {
        for (name, at) in piece.used().into_iter().flat_map(|uses| &uses.unused) {
            if !is_let(model, piece, *at) {
                continue;
            }
            let problem = Diagnostic::new(codes::P0208, format!("the variable `{name}` is never used"))
                .at(piece.place(*at), "not read after this")
                .help(format!("remove it, or call it `_{name}`"));
            problems.push(problem);
        }
    }
}

/// The variable of a `for` need not be used: the loop may just count.
fn is_let(model: &Model<'_>, piece: &Piece<'_>, at: At) -> bool {
    let before = model.text(piece).get(..at.start as usize).unwrap_or("").trim_end();
    before.ends_with("let") || before.ends_with("const")
}
