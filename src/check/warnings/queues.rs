//! Queues of which one end is held by nobody.

use super::super::flow::Flow;
use super::super::model::Model;
use super::exempt;
use crate::ast::{Queue, QueueFlavour};
use crate::diagnostic::{Code, Diagnostic, codes};

pub(super) fn check(model: &Model<'_>, flow: &Flow<'_>, problems: &mut Vec<Diagnostic>) {
    for queue in model.queues() {
        let name = &*queue.name.text;
        if flow.unseen.contains(name) || exempt(name) {
            continue;
        }
        problems.extend(match (flow.puts.contains(name), flow.takes.contains(name)) {
            (true, true) => None,
            // The embedding program is at the other end.
            (true, false) | (false, true) if queue.flavour == QueueFlavour::Host => None,
            (true, false) if queue.flavour == QueueFlavour::Broadcast => Some(one_sided(
                codes::P0202,
                queue,
                "takes from",
                "its items reach nobody",
                format!("give it to a process with an in port, or take from it in main: `{name}.get()`"),
            )),
            (true, false) => Some(one_sided(
                codes::P0202,
                queue,
                "takes from",
                "once it is full, its producers wait for ever",
                format!("give it to a process with an in port, or take from it in main: `{name}.get()`"),
            )),
            (false, true) => Some(one_sided(
                codes::P0201,
                queue,
                "puts into",
                "its consumers will see an empty stream",
                format!("give it to a process with an out port, or put into it in main: `{name}.put(…)`"),
            )),
            (false, false) => Some(
                Diagnostic::new(codes::P0203, format!("the queue `{name}` is never used"))
                    .at(queue.name.span, "nobody puts into it or takes from it")
                    .help("remove it, or give it to a process"),
            ),
        });
    }
}

fn one_sided(code: Code, queue: &Queue, verb: &str, consequence: &str, help: String) -> Diagnostic {
    Diagnostic::new(code, format!("nobody {verb} the queue `{}`", queue.name.text))
        .at(queue.name.span, consequence)
        .help(help)
}
