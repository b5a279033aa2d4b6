//! Locks, tables and the like that nothing uses.

use super::super::flow::Flow;
use super::super::model::Model;
use super::super::pieces::Owner;
use super::super::reference::shared_reference;
use super::exempt;
use crate::ast::Many;
use crate::diagnostic::{Diagnostic, codes};
use std::collections::HashSet;

pub(super) fn check(model: &Model<'_>, _flow: &Flow<'_>, problems: &mut Vec<Diagnostic>) {
    let mut used = given(model);
    for piece in model.pieces.iter().filter(|piece| matches!(piece.owner, Owner::Main)) {
        used.extend(piece.used().map(super::unused::used_names).unwrap_or_default());
    }
    for shared in model.shared() {
        let name = &*shared.name.text;
        if used.contains(name) || exempt(name) {
            continue;
        }
        let problem =
            Diagnostic::new(codes::P0213, format!("the {} `{name}` is never used", shared.kind.word()))
                .at(shared.name.span, "no process gets it, and main does not name it")
                .help("remove it, or give it to a process as an argument");
        problems.push(problem);
    }
}

/// The names that processes of the graph are given.
fn given<'m>(model: &'m Model<'_>) -> HashSet<&'m str> {
    let mut names = HashSet::new();
    for node in &model.nodes {
        let each = match &node.start.many {
            Some(Many::Each { variable, .. }) => Some(&*variable.text),
            _ => None,
        };
        let arguments = node.start.call.arguments.iter();
        names.extend(arguments.filter_map(|argument| shared_reference(&argument.value, each)));
    }
    names
}
