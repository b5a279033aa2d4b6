//! What is allowed and most likely not meant: each a small file with one function over the model.

mod acknowledged;
mod daemons;
mod imports;
mod keys;
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

/// Rules about bodies and the names that they use.
const OF_TEXT: &[Rule] = &[imports::check, variables::check, unused::parameters, loops::check, keys::check];

/// Rules about the graph, and about what nothing uses. Only of the script itself: what an imported file has is
/// there for others, and its graph is not run.
const OF_GRAPH: &[Rule] = &[
    queues::check,
    shared::check,
    acknowledged::check,
    started::check,
    unused::check,
    restarted::check,
    daemons::check,
    programs::check,
];

/// Applies every rule, to a script without errors: what is missing may be what an error is about.
pub(super) fn check(model: &Model<'_>, problems: &mut Vec<Diagnostic>) {
    let flow = Flow::of(model);
    let of_graph = if model.word.is_none() { OF_GRAPH } else { &[] };
    for rule in OF_TEXT.iter().chain(of_graph) {
        rule(model, &flow, problems);
    }
}

/// Names that begin with `_` are meant to be unused.
fn exempt(name: &str) -> bool {
    name.starts_with('_')
}
