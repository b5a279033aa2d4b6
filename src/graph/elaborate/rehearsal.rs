//! What a rehearsal knows and what it leaves open: `check` evaluates what a run would, without arguments, and touches
//! nothing outside of the script.

use crate::check::Program;
use crate::diagnostic::{Diagnostic, codes};
use crate::script::registry::{Receiver, Topic, topics};

/// Topics whose functions only compute.
const INSIDE: [&str; 10] = [
    "Processes",
    "JSON",
    "Text",
    "Regular expressions",
    "Items",
    "Order",
    "Digests",
    "Base 64",
    "Time",
    "Random numbers",
];

/// Functions that read or change something outside, or say something.
pub(super) fn outside() -> impl Iterator<Item = &'static str> {
    let functions = topics().iter().filter(|topic| !INSIDE.contains(&topic.title)).flat_map(names);
    let of_files = topics().iter().flat_map(names).filter(|name| name.ends_with("_file"));
    functions.chain(of_files).chain(["print", "debug"])
}

fn names(topic: &'static Topic) -> impl Iterator<Item = &'static str> {
    topic.natives.iter().filter(|native| native.receiver == Receiver::None).map(|native| native.name)
}

/// Params that only a command line gives, and names that stand for no value.
pub(super) fn not_given(program: &Program) -> impl Iterator<Item = &str> {
    let params = program.params.iter().filter(|param| param.node.default.is_none());
    let shared = program.shared.iter().map(|shared| &*shared.node.name.text);
    params.map(|param| &*param.node.name.text).chain(shared)
}

/// A problem of an expression itself. The others come of what was left open.
pub(super) fn is_certain(problem: &Diagnostic) -> bool {
    [codes::P0306, codes::P0350, codes::P0351, codes::P0352, codes::P0353, codes::P0355]
        .contains(&problem.code)
}
