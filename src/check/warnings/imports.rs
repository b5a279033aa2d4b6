//! Imports of which nothing is used.

use super::super::flow::Flow;
use super::super::model::Model;
use super::super::pieces::Piece;
use super::exempt;
use crate::diagnostic::{Diagnostic, codes};
use std::collections::HashSet;

pub(super) fn check(model: &Model<'_>, _flow: &Flow<'_>, problems: &mut Vec<Diagnostic>) {
    let used = used(model);
    for import in model.file.imports() {
        let name = &import.alias;
        if !used.contains(&*name.text) && !exempt(&name.text) {
            let problem = Diagnostic::new(codes::P0217, format!("the import `{}` is never used", name.text))
                .at(name.span, "not used")
                .help(format!("remove it, or call it `_{}`", name.text));
            problems.push(problem);
        }
    }
}

/// The names that stand before a `::` somewhere.
fn used<'m>(model: &'m Model<'_>) -> HashSet<&'m str> {
    let mut used: HashSet<&str> = HashSet::new();
    for uses in model.pieces.iter().filter_map(Piece::used) {
        used.extend(uses.paths.iter().map(|path| &*path.module));
        used.extend(uses.calls.iter().filter_map(|call| call.module.as_deref()));
        used.extend(uses.named.iter().filter_map(|(name, _)| Some(name.split_once("::")?.0)));
    }
    used.extend(model.nodes.iter().filter_map(|node| Some(&*node.start.call.module.as_ref()?.text)));
    used
}
