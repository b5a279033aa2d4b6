//! The tree of a script without errors as a [`Program`]: declarations by kind.

use super::{Documented, Global, Launch, Program};
use crate::ast::{File, ItemKind};
use crate::source::Sources;

pub(super) fn program(sources: &Sources, file: &File, evaluation: Vec<Global>) -> Program {
    let mut program =
        Program { sources: sources.clone(), docs: file.docs.clone(), evaluation, ..Program::default() };
    for item in &file.items {
        add(&mut program, item.docs.clone(), item.kind.clone());
    }
    program
}

fn add(program: &mut Program, docs: Vec<String>, kind: ItemKind) {
    match kind {
        ItemKind::Param(node) => program.params.push(Documented { docs, node }),
        ItemKind::Const(node) => program.consts.push(Documented { docs, node }),
        ItemKind::Function(node) => program.functions.push(Documented { docs, node }),
        ItemKind::Queue(node) => program.queues.push(Documented { docs, node }),
        ItemKind::Shared(node) => program.shared.push(Documented { docs, node }),
        ItemKind::Process(node) => program.templates.push(Documented { docs, node }),
        ItemKind::Start(start) => program.launches.push(Documented { docs, node: Launch::Start(start) }),
        ItemKind::Pipe(pipe) => program.launches.push(Documented { docs, node: Launch::Pipe(pipe) }),
        ItemKind::Main(body) => program.main = Some(body),
        // A script with one of these has an error: they do not run in this version.
        ItemKind::Import(_) | ItemKind::Thread(_) => {}
    }
}
