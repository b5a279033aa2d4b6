//! Exec processes that feed themselves: a program is never known to be idle, so the queues of such a cycle never
//! end.

use super::super::flow::Flow;
use super::super::model::Model;
use super::super::nodes::Node;
use crate::ast::{Direction, ProcessBody};
use crate::diagnostic::{Diagnostic, codes};
use std::collections::BTreeSet;

pub(super) fn check(model: &Model<'_>, _flow: &Flow<'_>, problems: &mut Vec<Diagnostic>) {
    let mut told = BTreeSet::new();
    for node in model.nodes.iter().filter(|node| is_exec(node)) {
        let Some(queue) = queues(node, Direction::In).into_iter().find(|queue| feeds(model, node, queue))
        else {
            continue;
        };
        let call = &node.start.call;
        if !told.insert((call.template.text.clone(), queue.clone())) {
            continue;
        }
        let title = format!(
            "`{queue}` never ends: what the program of `{}` prints comes back to it",
            call.template.text
        );
        let problem = Diagnostic::new(codes::P0216, title)
            .at(call.span, "goes on until its input ends")
            .help("let another process of the cycle close its end: `QUEUE.close()`");
        problems.push(problem);
    }
}

fn is_exec(node: &Node<'_>) -> bool {
    node.template.is_some_and(|template| matches!(template.body, ProcessBody::Exec { .. }))
}

/// The single queues that the ports of a direction are bound to by name.
fn queues(node: &Node<'_>, direction: Direction) -> BTreeSet<String> {
    let ports = node.ports().filter(|(_, port, _)| *port == direction);
    ports
        .filter_map(|(.., given)| given.filter(|given| given.index.is_none()))
        .map(|given| given.name)
        .collect()
}

/// Whether something leads from what a node puts to a queue, by way of processes that close nothing.
fn feeds(model: &Model<'_>, node: &Node<'_>, queue: &str) -> bool {
    let mut reached = queues(node, Direction::Out);
    loop {
        if reached.contains(queue) {
            return true;
        }
        let before = reached.len();
        for other in model.nodes.iter().filter(|other| !closes(model, other)) {
            if !queues(other, Direction::In).is_disjoint(&reached) {
                reached.extend(queues(other, Direction::Out));
            }
        }
        if reached.len() == before {
            return false;
        }
    }
}

fn closes(model: &Model<'_>, node: &Node<'_>) -> bool {
    let uses = node.template.and_then(|template| model.body(template));
    uses.is_some_and(|uses| uses.methods.iter().any(|method| method.method == "close"))
}
