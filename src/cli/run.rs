//! `procession run`: checks a script, makes its graph for the given arguments and runs it.

use super::args::{Run, StartBy, Transport};
use super::exit::Exit;
use super::load;
use super::output::Output;
use crate::diagnostic::Style;
use crate::graph::plan::Transports;
use crate::graph::unheld;
use crate::observe::human::Human;
use crate::runtime::{self, Colour, Options, Start};
use std::io::IsTerminal;

#[must_use]
pub fn run(arguments: &Run, output: Output) -> Exit {
    let graph = match load::graph(&arguments.script, output) {
        Ok(graph) => graph,
        Err(exit) => return exit,
    };
    let unheld = unheld(&graph, |_| false);
    if !unheld.is_empty() {
        output.report(&unheld, &graph.sources);
        return Exit::Rejected;
    }
    let coloured = output.style(std::io::stdout().is_terminal()) == Style::Colour;
    let colour = if coloured { Colour::On } else { Colour::Off };
    let options = Options {
        prefix: arguments.prefix.then_some(colour),
        handle_signals: true,
        guarded: true,
        listen: true,
        transports: match arguments.transport {
            Transport::Auto => Transports::Fastest,
            Transport::Broker => Transports::BrokerOnly,
        },
        start: arguments.start.into(),
    };
    let mut observer = Human::new(graph.sources.clone());
    match runtime::run(&graph, options, &mut observer) {
        Ok(outcome) => Exit::Code(outcome.status),
        Err(error) => {
            output.print_error(&format!("error: the run was given up: {}\n", runtime::explain(&error)));
            Exit::Failed
        }
    }
}

impl From<StartBy> for Start {
    fn from(by: StartBy) -> Start {
        match by {
            StartBy::Zygote => Start::Zygote,
            StartBy::Exec => Start::Exec,
        }
    }
}
