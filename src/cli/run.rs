//! `procession run`: checks a script, makes its graph for the given arguments and runs it.

use super::args::Run;
use super::exit::Exit;
use super::load;
use super::output::Output;

#[must_use]
pub fn run(arguments: &Run, output: Output) -> Exit {
    match load::graph(&arguments.script, output) {
        Ok(_) => Exit::Success,
        Err(exit) => exit,
    }
}
