//! A daemon may not start processes: it ends after all others, so nobody would be left to wait for them.

use super::super::model::Model;
use super::super::order::called_functions;
use super::super::pieces::{Owner, Piece};
use crate::ast::{Process, ProcessClause};
use crate::diagnostic::{Diagnostic, codes};
use crate::source::Span;

pub(super) fn check(model: &Model<'_>, problems: &mut Vec<Diagnostic>) {
    for (home, piece) in model.running() {
        if let Owner::Process(template) = piece.owner
            && let Some(daemon) = made_daemon(model, template)
        {
            problems.extend(starts(home, piece, template, daemon));
        }
    }
}

/// The clause, on the template or on a start of it, that makes processes of it daemons.
fn made_daemon(model: &Model<'_>, template: &Process) -> Option<Span> {
    let of_it = |node: &&super::super::nodes::Node<'_>| {
        node.template.is_some_and(|other| std::ptr::eq(other, template))
    };
    let starts = model.nodes.iter().filter(of_it).flat_map(|node| &node.start.clauses);
    template.clauses.iter().chain(starts).find(|clause| clause.kind == ProcessClause::Daemon).map(|c| c.span)
}

fn starts(model: &Model<'_>, body: &Piece<'_>, template: &Process, daemon: Span) -> Option<Diagnostic> {
    let uses = body.used()?;
    let mut pieces = called_functions(model, uses);
    pieces.insert(0, body);
    let call = pieces.into_iter().find_map(|piece| {
        let mut calls = piece.used()?.calls.iter();
        calls.find_map(|call| Some((model.process(call)?, piece.place(call.at))))
    });
    let (started, at) = call?;
    let title = format!("the daemon `{}` starts a process", template.name.text);
    let problem = Diagnostic::new(codes::P0121, title)
        .at(at, format!("makes a process of `{}`", started.name.text))
        .label(daemon, "made a daemon here")
        .help("start it from main or from a process that is not a daemon");
    Some(problem)
}
