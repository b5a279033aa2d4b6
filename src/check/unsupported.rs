//! What the language has and this version does not run yet, said plainly instead of half done.

use super::model::Model;
use crate::ast::{Clause, ItemKind, Process, ProcessBody, ProcessClause};
use crate::diagnostic::{Diagnostic, codes};
use crate::source::Span;
use std::collections::HashSet;

/// Functions of bodies that later versions have; one that the registry knows is no longer meant.
const FUNCTIONS: &[&str] = &["par_map", "pool"];

/// Whether it is a function of a later version.
pub(super) fn function(name: &str) -> bool {
    FUNCTIONS.contains(&name)
}

pub(super) fn check(model: &Model<'_>, problems: &mut Vec<Diagnostic>) {
    for item in &model.file.items {
        match &item.kind {
            ItemKind::Process(template) => of_template(template, problems),
            _ => {}
        }
    }
    for node in &model.nodes {
        clauses(&node.start.clauses, problems);
    }
    calls(model, problems);
}

fn tell(what: &str, span: Span, problems: &mut Vec<Diagnostic>) {
    let problem = Diagnostic::new(codes::P0100, format!("`{what}` is not supported yet"))
        .at(span, "a later version will run this")
        .help("write it without, or remove it for now");
    problems.push(problem);
}

fn of_template(template: &Process, problems: &mut Vec<Diagnostic>) {
    match &template.body {
        ProcessBody::Native(span) => tell("native", *span, problems),
        ProcessBody::Block(_) | ProcessBody::Exec { .. } | ProcessBody::Thread(_) => {}
    }
    clauses(&template.clauses, problems);
}

fn clauses(clauses: &[Clause<ProcessClause>], problems: &mut Vec<Diagnostic>) {
    for clause in clauses {
        if matches!(clause.kind, ProcessClause::Allow(_)) {
            tell("allow", clause.span, problems);
        }
    }
}

/// Each such function once in a body.
fn calls(model: &Model<'_>, problems: &mut Vec<Diagnostic>) {
    for piece in &model.pieces {
        let mut told = HashSet::new();
        for call in piece.used().into_iter().flat_map(|uses| &uses.calls) {
            let later = call.module.is_none() && is_later(model, &call.name);
            if later && told.insert(&call.name) {
                tell(&call.name, piece.place(call.at), problems);
            }
        }
    }
}

fn is_later(model: &Model<'_>, name: &str) -> bool {
    function(name) && model.names.find(name).is_none() && !super::builtin::is_known(name)
}
