//! Items of joinable queues that are taken by `get` and never acknowledged: each comes back when its process
//! ends, and is handed out again.

use super::super::flow::{ACKNOWLEDGES, Flow, TAKES, all_seen, declared, is_joinable};
use super::super::model::Model;
use super::super::names::Declared;
use super::super::pieces::{Owner, Piece};
use crate::ast::{Direction, Name};
use crate::diagnostic::{Diagnostic, codes};
use crate::script::analysis::Uses;

pub(super) fn check(model: &Model<'_>, flow: &Flow<'_>, problems: &mut Vec<Diagnostic>) {
    for (_, piece) in model.running() {
        let Some(uses) = piece.used() else { continue };
        for (name, declared) in joinable_ends(model, flow, piece) {
            problems.extend(never_acknowledged(piece, uses, name, declared));
        }
    }
}

/// The names under which the piece takes from joinable queues, with the queue's declaration.
fn joinable_ends<'m>(model: &Model<'m>, flow: &Flow<'m>, piece: &Piece<'m>) -> Vec<(&'m str, &'m Name)> {
    match piece.owner {
        Owner::Main => {
            let queues = model.queues().filter(|queue| is_joinable(queue) && queue.array.is_none());
            let seen = |name: &str| matches!(declared(model, piece, name), Some(Declared::Queue(_)));
            let names = queues.map(|queue| (&*queue.name.text, &queue.name));
            names.filter(|(name, _)| seen(name)).collect()
        }
        Owner::Process(template) => {
            let ports = template.parameters.iter().filter(|port| port.direction == Some(Direction::In));
            let bound = ports.filter_map(|port| {
                let queues = all_seen(model, &flow.reach(template, &port.name.text))?;
                let joinable = queues.iter().all(|queue| is_joinable(queue));
                joinable.then(|| Some((&*port.name.text, &queues.first()?.name)))?
            });
            bound.collect()
        }
        _ => Vec::new(),
    }
}

/// Silent when the end is used in any way that could acknowledge elsewhere.
fn never_acknowledged(piece: &Piece<'_>, uses: &Uses, name: &str, queue: &Name) -> Option<Diagnostic> {
    let methods: Vec<_> = uses.methods.iter().filter(|method| method.receiver == name).collect();
    let occurrences = uses.variables.iter().filter(|variable| variable.name == name).count();
    let iterated = uses.iterated.iter().filter(|(iterated, _)| iterated == name).count();
    let acknowledged = methods.iter().any(|method| ACKNOWLEDGES.contains(&&*method.method));
    if acknowledged || occurrences > methods.len() + iterated {
        return None;
    }
    let taken = methods.into_iter().find(|method| TAKES.contains(&&*method.method))?;
    let problem = Diagnostic::new(codes::P0204, format!("what is taken from `{name}` is never acknowledged"))
        .at(piece.place(taken.at), "the item comes back when this process ends")
        .label(queue.span, "this queue is joinable")
        .help(format!(
            "call `{name}.task_done()` when an item is done, or walk it: `for item in {name} {{ … }}`"
        ));
    Some(problem)
}
