//! The checked program: a tree whose names, calls, ports and bodies have been found to fit together.

mod arguments;
mod builtin;
mod flow;
mod item_types;
mod links;
mod model;
mod modules;
mod names;
mod needed;
mod nodes;
mod order;
mod pieces;
mod program;
mod reference;
mod rules;
mod suggest;
#[cfg(test)]
mod tests;
mod walk;
mod warnings;

pub use arguments::{Matched, Misfit, match_arguments};
pub use reference::{Reference, queue_reference, shared_reference};

use crate::ast;
use crate::diagnostic::{self, Diagnostic};
use crate::script::registry::Registry;
use crate::script::unit::Link;
use crate::source::{Sources, Span};
use std::collections::HashMap;

/// A declaration with its documentation.
#[derive(Clone, Debug)]
pub struct Documented<T> {
    pub docs: Vec<String>,
    pub node: T,
}

/// A `start` or a `pipe`, which run in the order written.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "a script has few of them, and each is read in place")]
pub enum Launch {
    Start(ast::Start),
    Pipe(ast::Pipe),
}

/// A param or a const, by its index in [`Program::params`] or [`Program::consts`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Global {
    Param(usize),
    Const(usize),
}

/// A script without errors, and of what it imports the processes, functions and consts. These are called
/// `words::longest`; imported params are consts with the values of their defaults.
#[derive(Clone, Debug, Default)]
pub struct Program {
    pub sources: Sources,
    pub docs: Vec<String>,
    pub params: Vec<Documented<ast::Param>>,
    pub consts: Vec<Documented<ast::Const>>,
    pub functions: Vec<Documented<ast::Function>>,
    pub queues: Vec<Documented<ast::Queue>>,
    pub shared: Vec<Documented<ast::Shared>>,
    pub templates: Vec<Documented<ast::Process>>,
    pub launches: Vec<Documented<Launch>>,
    pub main: Option<ast::Block>,
    /// Params and consts in the order in which they are evaluated: each after those it uses.
    pub evaluation: Vec<Global>,
    /// What names of imported files stand for, by the piece of text that they stand in.
    pub links: HashMap<Span, Vec<Link>>,
    /// What bodies can call, and what the host gives to it.
    pub registry: Registry,
}

/// Checks a script that imports nothing. All problems at once, sorted; a program only when none of them is an
/// error.
#[must_use]
pub fn check(sources: &Sources, tree: &ast::File) -> (Option<Program>, Vec<Diagnostic>) {
    check_files(sources, &ast::Files::single(tree.clone()), &Registry::default())
}

/// What does not compile in the bodies and expressions of files whose declarations have problems of their own. All
/// other rules would report what is missing there a second time.
#[must_use]
pub fn check_bodies(sources: &Sources, files: &ast::Files) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    modules::models(sources, files, &Registry::default())
        .iter()
        .for_each(|model| rules::compile(model, &mut problems));
    problems
}

/// Checks a script and what it imports, each file by itself and the script with all of them, against what there is to be
/// called.
#[must_use]
pub fn check_files(
    sources: &Sources,
    files: &ast::Files,
    registry: &Registry,
) -> (Option<Program>, Vec<Diagnostic>) {
    let models = modules::models(sources, files, registry);
    let mut problems = Vec::new();
    let mut orders = Vec::new();
    for model in &models {
        rules::check(model, &mut problems);
        let (evaluation, cycles) = order::order(model);
        orders.push(evaluation);
        problems.extend(cycles);
    }
    needed::params_without_default(&models, &mut problems);
    let sound = !problems.iter().any(Diagnostic::is_error);
    if sound {
        models.iter().for_each(|model| warnings::check(model, &mut problems));
    }
    diagnostic::sort(&mut problems);
    problems.dedup();
    let made = || Program { registry: registry.clone(), ..program::program(sources, &models, &orders) };
    (sound.then(made), problems)
}
