//! Keys that are read of items that never have them.

use super::super::flow::Flow;
use super::super::item_types::Takes;
use super::super::model::Model;
use super::super::pieces::Piece;
use super::super::rules::queues_of;
use super::super::suggest;
use crate::diagnostic::{Diagnostic, codes};
use crate::script::analysis::KeyUse;

pub(super) fn check(model: &Model<'_>, flow: &Flow<'_>, problems: &mut Vec<Diagnostic>) {
    for piece in &model.pieces {
        for key in piece.used().into_iter().flat_map(|uses| &uses.keys) {
            problems.extend(unknown_key(model, flow, piece, key));
        }
    }
}

/// Silent unless every queue that may be walked here has a type without this key.
fn unknown_key<'a>(
    model: &Model<'a>,
    flow: &Flow<'a>,
    piece: &Piece<'a>,
    read: &KeyUse,
) -> Option<Diagnostic> {
    let queues = queues_of(model, flow, piece, &read.walked);
    let takes = queues.iter().map(|queue| Takes::of(queue)).collect::<Option<Vec<_>>>()?;
    let keys = takes.iter().map(|takes| takes.keys()).collect::<Option<Vec<_>>>()?;
    if keys.iter().flatten().any(|key| *key == read.key) {
        return None;
    }
    let (queue, takes) = (queues.first()?, takes.first()?);
    let at = piece.place(read.at);
    let title = format!("items of `{}` have no key `{}`", queue.name.text, read.key);
    let problem =
        Diagnostic::new(codes::P0220, title).at(at, "always `()`").label(takes.span, "declared here");
    Some(suggest::name(
        problem,
        at,
        &read.key,
        keys.into_iter().flatten(),
        "add the key to the type of the queue",
    ))
}
