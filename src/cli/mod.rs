//! The command line: one file a command, one table of arguments, one table of exit codes.

pub mod args;
mod check;
mod divide;
mod doc;
pub mod exit;
mod explain;
mod graph;
pub mod load;
pub mod output;
mod ps;
mod run;
mod runs;
#[cfg(test)]
mod test_run;
mod why;

use args::{Arguments, Command};
use clap::{CommandFactory, FromArgMatches};
use output::Output;
use std::ffi::OsString;
use std::process::ExitCode;

/// Runs the command that these words ask for; the first of them is the name of the binary.
#[must_use]
pub fn run(words: Vec<OsString>) -> ExitCode {
    let mut command = Arguments::command();
    let words = divide::divide(words, &command);
    let parsed =
        command.try_get_matches_from_mut(words).and_then(|found| Arguments::from_arg_matches(&found));
    match parsed {
        Ok(arguments) => dispatch(&arguments).into(),
        Err(message) => {
            // Help and version arrive here too. A reader that has gone away is no error of ours.
            let _ = message.print();
            ExitCode::from(u8::try_from(message.exit_code()).unwrap_or(exit::Exit::Rejected.status()))
        }
    }
}

fn dispatch(arguments: &Arguments) -> exit::Exit {
    let output = Output { color: arguments.color };
    match &arguments.command {
        Command::Check(arguments) => check::run(arguments, output),
        Command::Doc(arguments) => doc::run(arguments, output),
        Command::Explain(arguments) => explain::run(arguments, output),
        Command::Ps(arguments) => ps::run(arguments, output),
        Command::Why(arguments) => why::run(arguments, output),
        Command::Run(arguments) => run::run(arguments, output),
        Command::Graph(arguments) => graph::run(arguments, output),
    }
}
