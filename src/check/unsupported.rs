//! What the language has and this version does not run yet, said plainly instead of half done.

use super::model::Model;
use crate::ast::{
    Capacity, Clause, ItemKind, Process, ProcessBody, ProcessClause, Queue, QueueClause, QueueFlavour,
};
use crate::diagnostic::{Diagnostic, codes};
use crate::source::Span;
use std::collections::HashSet;

/// Functions of bodies that later versions have; one that the registry knows is no longer meant.
const FUNCTIONS: &[&str] = &[
    "base64",
    "blake3",
    "cell",
    "format_time",
    "glob",
    "local_queue",
    "log_error",
    "log_info",
    "log_warn",
    "read_csv",
    "regex",
    "sha256",
    "stdin_lines",
    "walk",
    "write_csv",
];

/// Whether it is a function of a later version.
pub(super) fn function(name: &str) -> bool {
    FUNCTIONS.contains(&name)
}

pub(super) fn check(model: &Model<'_>, problems: &mut Vec<Diagnostic>) {
    for item in &model.file.items {
        match &item.kind {
            ItemKind::Import(import) => tell("import", import.path_span, problems),
            ItemKind::Thread(thread) => tell("thread", thread.name.span, problems),
            ItemKind::Queue(queue) => of_queue(queue, problems),
            ItemKind::Process(template) => of_template(template, problems),
            _ => {}
        }
    }
    for node in &model.nodes {
        clauses(&node.start.clauses, problems);
        if let Some(module) = &node.start.call.module {
            tell(&format!("{}::{}", module.text, node.start.call.template.text), module.span, problems);
        }
    }
    calls(model, problems);
}

fn tell(what: &str, span: Span, problems: &mut Vec<Diagnostic>) {
    let problem = Diagnostic::new(codes::P0100, format!("`{what}` is not supported yet"))
        .at(span, "a later version will run this")
        .help("write it without, or remove it for now");
    problems.push(problem);
}

fn of_queue(queue: &Queue, problems: &mut Vec<Diagnostic>) {
    match queue.flavour {
        QueueFlavour::Broadcast => tell("broadcast queue", queue.name.span, problems),
        QueueFlavour::Host => tell("host queue", queue.name.span, problems),
        QueueFlavour::Plain | QueueFlavour::Joinable => {}
    }
    for clause in &queue.clauses {
        match &clause.kind {
            QueueClause::Of(_) => tell("of", clause.span, problems),
            QueueClause::Capacity(Capacity::Bytes(_)) => tell("capacity in bytes", clause.span, problems),
            _ => {}
        }
    }
}

fn of_template(template: &Process, problems: &mut Vec<Diagnostic>) {
    match &template.body {
        ProcessBody::Native(span) => tell("native", *span, problems),
        ProcessBody::Block(_) | ProcessBody::Exec { .. } => {}
    }
    clauses(&template.clauses, problems);
}

fn clauses(clauses: &[Clause<ProcessClause>], problems: &mut Vec<Diagnostic>) {
    for clause in clauses {
        let what = match &clause.kind {
            ProcessClause::Nice(_) => "nice",
            ProcessClause::Memory(_) => "memory",
            ProcessClause::Cpu(_) => "cpu",
            ProcessClause::Cwd(_) => "cwd",
            ProcessClause::Env(_) => "env",
            ProcessClause::Allow(_) => "allow",
            ProcessClause::Daemon | ProcessClause::OnFailure(_) | ProcessClause::Timeout(_) => continue,
        };
        tell(what, clause.span, problems);
    }
}

/// Each such function once in a body.
fn calls(model: &Model<'_>, problems: &mut Vec<Diagnostic>) {
    for piece in &model.pieces {
        let mut told = HashSet::new();
        for call in piece.used().into_iter().flat_map(|uses| &uses.calls) {
            let name = match &call.module {
                Some(module) => format!("{module}::{}", call.name),
                None if is_later(model, &call.name) => call.name.clone(),
                None => continue,
            };
            if told.insert(name.clone()) {
                tell(&name, piece.place(call.at), problems);
            }
        }
    }
}

fn is_later(model: &Model<'_>, name: &str) -> bool {
    function(name) && model.names.find(name).is_none() && !super::builtin::is_known(name)
}
