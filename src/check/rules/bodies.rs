//! What bodies may hold: a closure given to a method may not use the method's own receiver, which the method holds
//! while it runs.

use super::super::model::Model;
use crate::diagnostic::{Diagnostic, codes};
use std::collections::HashSet;

pub(super) fn check(model: &Model<'_>, problems: &mut Vec<Diagnostic>) {
    for piece in &model.pieces {
        let mut told = HashSet::new();
        for (name, at) in piece.used().into_iter().flat_map(|uses| &uses.own_closures) {
            if told.insert(name) {
                let title = format!("a closure given to a method of `{name}` uses `{name}`");
                let problem = Diagnostic::new(codes::P0902, title)
                    .at(piece.place(*at), "held by the method that calls the closure")
                    .help(format!("take what the closure needs of `{name}` into a variable before"));
                problems.push(problem);
            }
        }
    }
}
