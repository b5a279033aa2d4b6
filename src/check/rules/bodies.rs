//! What bodies may hold: a closure given to a method may not use the method's own receiver, which the method holds
//! while it runs; and functions are not declared within functions.

use super::super::model::Model;
use super::super::pieces::{Owner, Piece};
use crate::diagnostic::{Diagnostic, codes};
use std::collections::HashSet;

pub(super) fn check(model: &Model<'_>, problems: &mut Vec<Diagnostic>) {
    for piece in &model.pieces {
        problems.extend(inner_function(piece));
        let mut told = HashSet::new();
        for (name, at) in piece.used().into_iter().flat_map(|uses| &uses.own_closures) {
            if told.insert(name) {
                let title = format!("a closure given to a method of `{name}` uses `{name}`");
                let problem = Diagnostic::new(codes::P0902, title)
                    .at(piece.place(*at), "held by the method that calls the closure")
                    .help(format!("call the method as a function, with `{name}` as its first argument"));
                problems.push(problem);
            }
        }
    }
}

/// A body of a process or of main may declare functions, as they are seen in it alone.
fn inner_function(piece: &Piece<'_>) -> Option<Diagnostic> {
    let Owner::Function(outer) = piece.owner else { return None };
    let at = piece.used()?.functions.first()?;
    let title = "a `fn` cannot stand inside another function or a block";
    let problem = Diagnostic::new(codes::P0900, title)
        .at(piece.place(*at), "declared inside of a function")
        .label(outer.name.span, "this function")
        .help("declare it outside, or make it a closure: `let inner = |x| x + 1;`");
    Some(problem)
}
