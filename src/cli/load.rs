//! The way that all commands share: file → script → program → graph.

use super::args::{Arguments, Script};
use super::exit::Exit;
use super::output::Output;
use crate::diagnostic::suggest::nearest;
use crate::diagnostic::{Diagnostic, codes, sort};
use crate::embed::{self, Error, ErrorKind, Graph, Host, Program};
use crate::script::Unit;
use crate::source::Sources;
use clap::CommandFactory;
use std::path::Path;

/// What is known of a script without its arguments.
#[derive(Debug)]
pub struct Compiled {
    pub sources: Sources,
    /// Only there when no problem is an error.
    pub unit: Option<Unit>,
    pub problems: Vec<Diagnostic>,
}

/// Reads, parses and checks a script and what it imports.
fn program(file: &Path) -> Result<Program, Error> {
    embed::Script::from_file(file)?.check(&Host::new())
}

/// What is to be said of a script, also what only shows when its expressions are evaluated.
#[must_use]
pub fn compile(file: &Path) -> Compiled {
    let of = |(problems, sources): (&[Diagnostic], &Sources), unit, more: Vec<Diagnostic>| {
        let mut problems = [problems, &more].concat();
        sort(&mut problems);
        Compiled { sources: sources.clone(), unit, problems }
    };
    match program(file) {
        Ok(program) => of(program.found(), Some(program.unit()), program.rehearse()),
        Err(error) => of(error.found(), None, Vec::new()),
    }
}

/// The graph that a script makes of its arguments. Problems are drawn on standard error; warnings alone do
/// not stop it.
///
/// # Errors
/// The exit status, when everything has been said: what is wrong, or the script's own help.
pub fn graph(script: &Script, output: Output) -> Result<Graph, Exit> {
    let program = program(&script.file).map_err(|error| {
        let (problems, sources) = error.found();
        output.report(&with_command(problems.to_vec(), &script.file), sources);
        Exit::Rejected
    })?;
    let made = program.graph(&script.arguments);
    if let Err(help) = &made
        && help.kind() == ErrorKind::Help
    {
        return Err(output.print(&help.to_string()));
    }
    let (warnings, sources) = program.found();
    output.report(warnings, sources);
    made.map_err(|error| {
        let (problems, sources) = error.found();
        output.report(problems, sources);
        Exit::Rejected
    })
}

/// A word that is no command was taken for a file: a problem with that file may be a misspelt command.
fn with_command(mut problems: Vec<Diagnostic>, file: &Path) -> Vec<Diagnostic> {
    let root = Arguments::command();
    let commands = root.get_subcommands().map(clap::Command::get_name);
    let near = file.to_str().and_then(|word| nearest(word, commands));
    let Some(near) = near else { return problems };
    let beside =
        |problem: &Diagnostic| problem.help.as_ref().is_some_and(|help| help.starts_with("there is a file"));
    for problem in problems.iter_mut().filter(|it| it.code == codes::P0400 && !beside(it)) {
        problem.help = Some(format!("there is a command `{near}`"));
    }
    problems
}
