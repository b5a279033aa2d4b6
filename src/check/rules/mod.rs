//! The rules whose breach stops a run: each a small file with one function over the model.

mod after;
mod bodies;
mod bound;
mod clauses;
mod daemons;
mod duplicates;
mod functions;
mod launches;
mod ports;
mod reserved;
mod signatures;
mod syntax;
mod variables;

use super::model::Model;
use crate::diagnostic::Diagnostic;
use crate::source::Span;

type Rule = fn(&Model<'_>, &mut Vec<Diagnostic>);

/// The span of the name that a call begins with.
fn name_span(call: Span, name: &str) -> Span {
    let end = call.start.saturating_add(u32::try_from(name.len()).unwrap_or(u32::MAX));
    Span { end: end.min(call.end), ..call }
}

/// Applies every rule.
pub(super) fn check(model: &Model<'_>, problems: &mut Vec<Diagnostic>) {
    for rule in RULES {
        rule(model, problems);
    }
}

const RULES: &[Rule] = &[
    duplicates::check,
    reserved::check,
    signatures::check,
    clauses::check,
    launches::check,
    bound::check,
    after::check,
    daemons::check,
    syntax::check,
    variables::check,
    functions::check,
    ports::check,
    bodies::check,
];
