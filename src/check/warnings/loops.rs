//! Endless loops around a queue: one that `for` would end by itself, and one that never lets it end.

use super::super::flow::{Flow, declared};
use super::super::model::Model;
use super::super::names::Declared;
use super::super::pieces::{Owner, Piece};
use crate::ast::{Direction, Parameter, Process};
use crate::diagnostic::{Diagnostic, codes};
use crate::script::analysis::MethodUse;

pub(super) fn check(model: &Model<'_>, flow: &Flow<'_>, problems: &mut Vec<Diagnostic>) {
    for piece in &model.pieces {
        problems.extend(endless_get(model, piece));
        if let Owner::Process(template) = piece.owner {
            problems.extend(poller(flow, piece, template));
        }
    }
}

/// Only when the loop takes from this one queue in one place: one that takes from two in turn is no `for`. Where the
/// error is caught, somebody thought of the end.
fn endless_get(model: &Model<'_>, piece: &Piece<'_>) -> Option<Diagnostic> {
    let looping = |method: &&MethodUse| method.in_endless_loop && is_end(model, piece, &method.receiver);
    let mut takes =
        piece.used()?.methods.iter().filter(looping).filter(|method| method.method.contains("get"));
    let (only, None) = (takes.next()?, takes.next()) else { return None };
    if only.method != "get" || only.arguments != Some(0) || only.in_try {
        return None;
    }
    let name = &only.receiver;
    let problem = Diagnostic::new(codes::P0211, format!("this loop ends with an error when `{name}` ends"))
        .at(piece.place(only.at), "throws `Closed` at the end of the stream")
        .help(format!("walk the queue: `for item in {name} {{ … }}` ends by itself"));
    Some(problem)
}

fn is_end(model: &Model<'_>, piece: &Piece<'_>, name: &str) -> bool {
    match piece.owner {
        Owner::Process(template) => in_port(template, name).is_some(),
        Owner::Main => matches!(declared(model, piece, name), Some(Declared::Queue(_))),
        _ => false,
    }
}

fn in_port<'a>(template: &'a Process, name: &str) -> Option<&'a Parameter> {
    let port = template.parameters.iter().find(|parameter| parameter.name.text == name)?;
    (port.direction == Some(Direction::In)).then_some(port)
}

/// A process that asks again and again is never idle, so a queue that it holds both ends of never ends.
fn poller(flow: &Flow<'_>, piece: &Piece<'_>, template: &Process) -> Option<Diagnostic> {
    let polls = |method: &&MethodUse| {
        let timed = method.method == "get" && method.arguments == Some(1);
        method.in_endless_loop && (timed || method.method == "try_get")
    };
    let outs = template.parameters.iter().filter(|port| port.direction == Some(Direction::Out));
    let uses = piece.used()?;
    let closes = |name: &str| uses.methods.iter().any(|m| m.receiver == name && m.method == "close");
    let puts: Vec<_> = outs
        .filter(|port| !closes(&port.name.text))
        .map(|port| flow.reach(template, &port.name.text))
        .collect();
    let (method, queue) = uses.methods.iter().filter(polls).find_map(|method| {
        let port = in_port(template, &method.receiver)?;
        let taken = flow.reach(template, &port.name.text).queues;
        let both = |queue: &&str| puts.iter().any(|reach| reach.queues.contains(queue));
        Some((method, taken.into_iter().find(both)?))
    })?;
    let problem = Diagnostic::new(
        codes::P0212,
        format!("`{queue}` never ends while `{}` polls it", template.name.text),
    )
    .at(piece.place(method.at), "never waits, so it counts as busy")
    .help(format!("walk the queue: `for item in {} {{ … }}` ends when all are idle", method.receiver));
    Some(problem)
}
