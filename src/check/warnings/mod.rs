//! What is allowed and most likely not meant: each a small file with one function over the model.

mod acknowledged;
mod daemons;
mod loops;
mod programs;
mod queues;
mod restarted;
mod shared;
mod started;
mod unused;
mod variables;

use super::flow::Flow;
use super::model::Model;
use crate::diagnostic::Diagnostic;

type Rule = fn(&Model<'_>, &Flow<'_>, &mut Vec<Diagnostic>);

const RULES: &[Rule] = &[
    queues::check,
    shared::check,
    acknowledged::check,
    started::check,
    unused::check,
    variables::check,
    restarted::check,
    daemons::check,
    loops::check,
    programs::check,
];

/// Applies every rule, to a script without errors: what is missing may be what an error is about.
pub(super) fn check(model: &Model<'_>, problems: &mut Vec<Diagnostic>) {
    let flow = Flow::of(model);
    for rule in RULES {
        rule(model, &flow, problems);
    }
}

/// Names that begin with `_` are meant to be unused.
fn exempt(name: &str) -> bool {
    name.starts_with('_')
}
