//! Locks, tables and the like: their counts are positive, and no port is given one.

use super::super::flow::declared;
use super::super::model::Model;
use super::super::names::Declared;
use super::super::pieces::{Owner, Piece};
use super::bound::not_a_queue;
use super::clauses::positive;
use crate::ast::SharedKind;
use crate::diagnostic::Diagnostic;
use crate::script::analysis::CallUse;

pub(super) fn check(model: &Model<'_>, problems: &mut Vec<Diagnostic>) {
    for shared in model.shared() {
        let what = match shared.kind {
            SharedKind::Semaphore => "the number of permits",
            SharedKind::Barrier => "the number of parties",
            _ => continue,
        };
        if let Some(count) = &shared.value {
            positive(count, what, problems);
        }
    }
    for piece in model.pieces.iter().filter(|piece| matches!(piece.owner, Owner::Main)) {
        for call in piece.used().into_iter().flat_map(|uses| &uses.calls) {
            given_to_port(model, piece, call, problems);
        }
    }
}

/// Main sees all of them by name, and may give them to processes: as plain arguments.
fn given_to_port(model: &Model<'_>, piece: &Piece<'_>, call: &CallUse, problems: &mut Vec<Diagnostic>) {
    let Some(template) = model.template(call) else { return };
    for (parameter, given) in template.parameters.iter().zip(&call.plain_arguments) {
        let given = given.as_deref().and_then(|name| declared(model, piece, name));
        let (Some(given @ Declared::Shared(shared)), Some(_)) = (given, parameter.direction) else {
            continue;
        };
        let problem = not_a_queue(parameter, &shared.name.text)
            .at(piece.place(call.at), format!("`{}` is {}", shared.name.text, given.what()))
            .label(shared.name.span, "declared here");
        problems.push(problem);
    }
}
