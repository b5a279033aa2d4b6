//! The way that all commands share: file → script → program → graph.

use super::args::{Arguments, Script};
use super::exit::Exit;
use super::output::Output;
use crate::diagnostic::suggest::nearest;
use crate::diagnostic::{Diagnostic, codes};
use crate::embed::{self, Error, ErrorKind, Graph, Host, Program};
use crate::source::Sources;
use clap::CommandFactory;
use std::path::Path;

/// What is known of a script without its arguments.
#[derive(Debug)]
pub struct Compiled {
    pub sources: Sources,
    pub problems: Vec<Diagnostic>,
}

/// Reads, parses and checks a script and what it imports. A tree with holes is not checked: what is missing in
/// it would be reported a second time.
fn program(file: &Path) -> Result<Program, Error> {
    embed::Script::from_file(file)?.check(&Host::new())
}

/// What is to be said of a script.
#[must_use]
pub fn compile(file: &Path) -> Compiled {
    let of = |(problems, sources): (&[Diagnostic], &Sources)| Compiled {
        sources: sources.clone(),
        problems: problems.to_vec(),
    };
    match program(file) {
        Ok(program) => of(program.found()),
        Err(error) => of(error.found()),
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
    for problem in problems.iter_mut().filter(|it| it.code == codes::P0400 && it.help.is_none()) {
        problem.help = near.map(|near| format!("there is a command `{near}`"));
    }
    problems
}
