//! Variables of bodies that are never read.

use super::super::model::Model;
use super::exempt;
use crate::diagnostic::{Diagnostic, codes};

pub(super) fn check(model: &Model<'_>, problems: &mut Vec<Diagnostic>) {
    for piece in &model.pieces {
        for (name, at) in piece.used().into_iter().flat_map(|uses| &uses.unused) {
            if exempt(name) {
                continue;
            }
            let problem = Diagnostic::new(codes::P0208, format!("the variable `{name}` is never used"))
                .at(piece.place(*at), "not read after this")
                .help(format!("remove it, or call it `_{name}`"));
            problems.push(problem);
        }
    }
}
