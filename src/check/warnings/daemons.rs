//! Processes that wait for the end of what a daemon puts: it comes only when they have ended themselves.

use super::super::flow::Flow;
use super::super::model::Model;
use super::super::nodes::Node;
use super::super::pieces::Owner;
use crate::ast::{Direction, Process, ProcessBody};
use crate::diagnostic::{Diagnostic, codes};
use crate::script::analysis::{At, Uses};
use crate::source::Span;
use std::collections::BTreeSet;

pub(super) fn check(model: &Model<'_>, _flow: &Flow<'_>, problems: &mut Vec<Diagnostic>) {
    let mut told = BTreeSet::new();
    for daemon in model.nodes.iter().filter(|node| node.is_daemon()) {
        let Some(template) = daemon.template else { continue };
        for (index, direction, given) in daemon.ports() {
            let Some(given) = given.filter(|_| direction == Direction::Out) else { continue };
            if closes(model, template, index) || !told.insert(given.name.clone()) {
                continue;
            }
            let waiting =
                model.nodes.iter().find(|node| !node.is_daemon() && walks(model, node, &given.name));
            let waiting = waiting.map(|node| (&*node.start.call.template.text, node.start.call.span));
            let waiting = waiting.or_else(|| main_walks(model, &given.name));
            problems.extend(waiting.map(|waiting| problem(daemon, waiting, &given.name)));
        }
    }
}

fn problem(daemon: &Node<'_>, (waits, at): (&str, Span), queue: &str) -> Diagnostic {
    let name = &daemon.start.call.template.text;
    let title = format!("`{waits}` waits for the end of `{queue}`, which the daemon `{name}` keeps open");
    Diagnostic::new(codes::P0210, title)
        .at(at, "never ends while the daemon runs")
        .label(daemon.start.call.span, "a daemon ends after all others")
        .help(format!("do not make `{name}` a daemon, or let it close its end"))
}

/// Whether the body of the template gives up its end of this port by itself, as far as can be seen.
fn closes(model: &Model<'_>, template: &Process, index: usize) -> bool {
    let (Some(port), Some(uses)) = (template.parameters.get(index), model.body(template)) else {
        return !is_exec(template);
    };
    uses.methods.iter().any(|method| method.receiver == port.name.text && method.method == "close")
}

/// Whether a node takes all of a queue.
fn walks(model: &Model<'_>, node: &Node<'_>, queue: &str) -> bool {
    let Some(template) = node.template else { return false };
    let Some(uses) = model.body(template) else { return is_exec(template) && takes(node, queue) };
    node.ports().any(|(index, direction, given)| {
        let name = &template.parameters[index].name.text;
        direction == Direction::In
            && given.is_some_and(|given| given.name == queue)
            && to_its_end(uses, name).is_some()
    })
}

/// Whether main takes all of a queue, and where.
fn main_walks(model: &Model<'_>, queue: &str) -> Option<(&'static str, Span)> {
    let main = model.pieces.iter().find(|piece| matches!(piece.owner, Owner::Main))?;
    let at = to_its_end(main.used()?, queue)?;
    Some(("main", main.place(at)))
}

/// Where a body walks what has this name, and only leaves the loop when that ends.
fn to_its_end(uses: &Uses, name: &str) -> Option<At> {
    let walk = uses.iterated.iter().find(|(iterated, _)| iterated == name);
    walk.filter(|_| !uses.left_early.iter().any(|left| left == name)).map(|(_, at)| *at)
}

/// A program has no other way to know that its input is over.
fn is_exec(template: &Process) -> bool {
    matches!(template.body, ProcessBody::Exec { .. })
}

fn takes(node: &Node<'_>, queue: &str) -> bool {
    let mut ports = node.ports().filter(|(_, direction, _)| *direction == Direction::In);
    ports.any(|(.., given)| given.is_some_and(|given| given.name == queue))
}
