//! What bodies do with ends of queues: put into an out port, take from an in port, acknowledge on a joinable
//! queue.

use super::super::flow::{ACKNOWLEDGES, Flow, PUTS, TAKES, all_seen, declared, is_joinable};
use super::super::model::Model;
use super::super::names::Declared;
use super::super::pieces::{Owner, Piece};
use crate::ast::{Direction, Parameter, Process};
use crate::diagnostic::{Diagnostic, codes};
use crate::script::analysis::MethodUse;
use crate::source::Span;
use std::collections::HashSet;

pub(super) fn check(model: &Model<'_>, problems: &mut Vec<Diagnostic>) {
    let flow = Flow::of(model);
    // What this file binds the ports of imported templates to only shows here.
    for (_, piece) in model.running() {
        match piece.owner {
            Owner::Process(template) => process(model, &flow, piece, template, problems),
            Owner::Main => main(model, piece, problems),
            _ => {}
        }
    }
}

fn process(
    model: &Model<'_>,
    flow: &Flow<'_>,
    piece: &Piece<'_>,
    template: &Process,
    problems: &mut Vec<Diagnostic>,
) {
    let Some(uses) = piece.used() else { return };
    let mut told = HashSet::new();
    for method in &uses.methods {
        let Some(port) = port(template, &method.receiver) else { continue };
        let at = piece.member(method);
        let wrong = wrong_way(port, &method.method, at);
        let problem = wrong.or_else(|| plain_port(model, flow, template, method, at));
        if problem.is_some() && told.insert(&method.receiver) {
            problems.extend(problem);
        }
    }
    for (name, at) in &uses.iterated {
        let Some(port) = port(template, name) else { continue };
        // A port bound to an array of queues may be walked: its turns are the ends.
        if port.direction == Some(Direction::Out) && !flow.reach(template, name).array && told.insert(name) {
            problems.push(takes_from_out(port, "walk", piece.place(*at)));
        }
    }
}

fn port<'a>(template: &'a Process, name: &str) -> Option<&'a Parameter> {
    template.parameters.iter().find(|parameter| parameter.direction.is_some() && parameter.name.text == name)
}

fn wrong_way(port: &Parameter, method: &str, at: Span) -> Option<Diagnostic> {
    let takes = TAKES.contains(&method) || ACKNOWLEDGES.contains(&method) || method == "attempt";
    match port.direction? {
        Direction::In if PUTS.contains(&method) => Some(puts_into_in(port, method, at)),
        Direction::Out if takes => Some(takes_from_out(port, method, at)),
        _ => None,
    }
}

fn puts_into_in(port: &Parameter, method: &str, at: Span) -> Diagnostic {
    let name = &port.name.text;
    Diagnostic::new(codes::P0107, format!("cannot `{method}` on the in port `{name}`"))
        .at(at, "this end only takes")
        .label(port.span, "declared as an in port here")
        .help(format!("declare it as `out {name}`"))
}

fn takes_from_out(port: &Parameter, method: &str, at: Span) -> Diagnostic {
    let name = &port.name.text;
    let title = if method == "walk" {
        format!("cannot walk the out port `{name}`")
    } else {
        format!("cannot `{method}` on the out port `{name}`")
    };
    Diagnostic::new(codes::P0108, title)
        .at(at, "this end only puts")
        .label(port.span, "declared as an out port here")
        .help(format!("declare it as `in {name}`"))
}

/// What only joinable queues can do.
fn acknowledges(method: &MethodUse) -> bool {
    ACKNOWLEDGES.contains(&&*method.method)
        || (method.method == "attempt" && method.arguments.is_none())
        || (method.method == "join" && method.arguments.is_some())
}

/// An error only when every queue that the port can be bound to is seen, and none is joinable.
fn plain_port(
    model: &Model<'_>,
    flow: &Flow<'_>,
    template: &Process,
    method: &MethodUse,
    at: Span,
) -> Option<Diagnostic> {
    if !acknowledges(method) {
        return None;
    }
    let reach = flow.reach(template, &method.receiver);
    let queues = all_seen(model, &reach)?;
    if queues.iter().any(|queue| is_joinable(queue)) {
        return None;
    }
    let queue = queues.first()?;
    Some(
        not_joinable(&method.method, &queue.name.text, at)
            .label(queue.name.span, "declared without `joinable`"),
    )
}

fn not_joinable(method: &str, queue: &str, at: Span) -> Diagnostic {
    Diagnostic::new(codes::P0117, format!("cannot `{method}`: the queue `{queue}` is not joinable"))
        .at(at, "its items are not acknowledged")
        .help(format!("declare it as `joinable queue {queue}`"))
}

/// Main sees the queues themselves.
fn main(model: &Model<'_>, piece: &Piece<'_>, problems: &mut Vec<Diagnostic>) {
    let mut told = HashSet::new();
    for method in piece.used().into_iter().flat_map(|uses| &uses.methods) {
        let Some(Declared::Queue(queue)) = declared(model, piece, &method.receiver) else { continue };
        let plain = !is_joinable(queue) && queue.array.is_none();
        if plain && acknowledges(method) && told.insert(&method.receiver) {
            let problem = not_joinable(&method.method, &queue.name.text, piece.member(method));
            problems.push(problem.label(queue.name.span, "declared without `joinable`"));
        }
    }
}
