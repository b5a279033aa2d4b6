//! The way that all commands share: file → text → tree → program → graph.

use super::args::{Arguments, Script};
use super::exit::Exit;
use super::output::Output;
use crate::check::{Program, check_bodies, check_files};
use crate::diagnostic::suggest::nearest;
use crate::diagnostic::{Code, Diagnostic, codes, sort};
use crate::graph::arguments::{Parsed, parse as parse_arguments};
use crate::graph::{Graph, elaborate};
use crate::load::{Loaded, load};
use crate::source::Sources;
use clap::CommandFactory;
use std::path::Path;

/// What is known of a script without its arguments.
#[derive(Debug)]
pub struct Compiled {
    pub sources: Sources,
    /// Only there when no problem is an error.
    pub program: Option<Program>,
    pub problems: Vec<Diagnostic>,
}

/// Where these are, it is not sure what is a body.
const UNBALANCED: [Code; 4] = [codes::P0003, codes::P0004, codes::P0005, codes::P0006];

/// Reads, parses and checks a script and what it imports. Of a tree with holes only the bodies are compiled: what is
/// missing in it would be reported a second time.
#[must_use]
pub fn compile(file: &Path) -> Compiled {
    let Loaded { sources, files, mut problems } = load(file);
    let mut program = None;
    if !problems.iter().any(Diagnostic::is_error) {
        let (checked, found) = check_files(&sources, &files);
        program = checked;
        problems.extend(found);
    } else if !problems.iter().any(|problem| UNBALANCED.contains(&problem.code)) {
        problems.extend(check_bodies(&sources, &files));
    }
    sort(&mut problems);
    Compiled { sources, program, problems }
}

/// The graph that a script makes of its arguments. Problems are drawn on standard error; warnings alone do
/// not stop it.
///
/// # Errors
/// The exit status, when everything has been said: what is wrong, or the script's own help.
pub fn graph(script: &Script, output: Output) -> Result<Graph, Exit> {
    let Compiled { sources, program, problems } = compile(&script.file);
    let Some(program) = program else {
        output.report(&with_command(problems, &script.file), &sources);
        return Err(Exit::Rejected);
    };
    let made = match parse_arguments(&program, &script.arguments) {
        Ok(Parsed::Help(text)) => {
            return Err(output.print(&text));
        }
        Ok(Parsed::Run(arguments)) => elaborate(&program, arguments),
        Err(problems) => Err(problems),
    };
    output.report(&problems, &sources);
    made.map_err(|problems| {
        output.report(&problems, &program.sources);
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
