//! Bodies and expressions compile.

use super::super::model::Model;
use crate::diagnostic::{Diagnostic, codes};

pub(super) fn check(model: &Model<'_>, problems: &mut Vec<Diagnostic>) {
    for piece in &model.pieces {
        if let Err(error) = &piece.uses {
            let problem = Diagnostic::new(codes::P0900, &*error.message).at(piece.place(error.at), "here");
            problems.push(match &error.help {
                Some(help) => problem.help(&**help),
                None => problem,
            });
        }
    }
}
