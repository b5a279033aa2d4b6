//! The rules whose breach stops a run: each a small file with one function over the model.

mod after;
mod bodies;
mod bound;
mod clauses;
mod commands;
mod daemons;
mod duplicates;
mod functions;
mod given;
mod hosted;
mod imports;
mod item_types;
mod launches;
mod limits;
mod ports;
mod reserved;
mod shared;
mod signatures;
mod syntax;
mod variables;

pub(super) use item_types::queues as queues_of;

use super::model::Model;
use crate::diagnostic::Diagnostic;
use crate::source::Span;

type Rule = fn(&Model<'_>, &mut Vec<Diagnostic>);

/// Problems of one rule that are told at most. A text with more of them is no script that somebody wrote.
const ENOUGH: usize = 100;

/// The span of the name that a call begins with.
fn name_span(call: Span, name: &str) -> Span {
    let end = call.start.saturating_add(u32::try_from(name.len()).unwrap_or(u32::MAX));
    Span { end: end.min(call.end), ..call }
}

/// Applies every rule.
pub(super) fn check(model: &Model<'_>, problems: &mut Vec<Diagnostic>) {
    for rule in RULES {
        let mut found = Vec::new();
        rule(model, &mut found);
        problems.extend(found.into_iter().take(ENOUGH));
    }
}

/// Only whether bodies and expressions compile.
pub(super) fn compile(model: &Model<'_>, problems: &mut Vec<Diagnostic>) {
    let mut found = Vec::new();
    syntax::check(model, &mut found);
    problems.extend(found.into_iter().take(ENOUGH));
}

const RULES: &[Rule] = &[
    duplicates::check,
    reserved::check,
    signatures::check,
    clauses::check,
    limits::check,
    launches::check,
    bound::check,
    commands::check,
    hosted::check,
    after::check,
    daemons::check,
    syntax::check,
    variables::check,
    functions::check,
    imports::check,
    ports::check,
    item_types::check,
    shared::check,
    bodies::check,
];
