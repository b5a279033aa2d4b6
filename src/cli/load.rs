//! The way that all commands share: file → text → tree → program → graph.

use super::args::{Arguments, Script};
use super::exit::Exit;
use super::output::Output;
use super::read::read;
use crate::check::{Program, check};
use crate::diagnostic::suggest::nearest;
use crate::diagnostic::{Diagnostic, codes, sort};
use crate::source::Sources;
use crate::syntax::parse;
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

/// Reads, parses and checks a script. A tree with holes is not checked: what is missing in it would be
/// reported a second time.
#[must_use]
pub fn compile(file: &Path) -> Compiled {
    let mut sources = Sources::default();
    let id = match read(file, &mut sources) {
        Ok(id) => id,
        Err(problem) => return Compiled { sources, program: None, problems: vec![problem] },
    };
    let (tree, mut problems) = parse(&sources, id);
    let mut program = None;
    if !problems.iter().any(Diagnostic::is_error) {
        let (checked, found) = check(&sources, &tree);
        program = checked;
        problems.extend(found);
    }
    sort(&mut problems);
    Compiled { sources, program, problems }
}

/// The checked program of a script that is to run. Problems are drawn on standard error; warnings alone do
/// not stop it.
///
/// # Errors
/// [`Exit::Rejected`], when everything has been said.
pub fn program(script: &Script, output: Output) -> Result<Program, Exit> {
    let Compiled { sources, program, mut problems } = compile(&script.file);
    for problem in &mut problems {
        if problem.code == codes::P0400 && problem.help.is_none() {
            problem.help = misspelt_command(&script.file);
        }
    }
    output.report(&problems, &sources);
    program.ok_or(Exit::Rejected)
}

/// A word that is no command was taken for a file.
fn misspelt_command(file: &Path) -> Option<String> {
    let root = Arguments::command();
    let near = nearest(file.to_str()?, root.get_subcommands().map(clap::Command::get_name))?;
    Some(format!("there is a command `{near}`"))
}
