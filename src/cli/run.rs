//! `procession run`: checks a script, makes its graph for the given arguments and runs it.

use super::args::{self, Engine, StartBy, Transport};
use super::exit::Exit;
use super::load;
use super::output::Output;
use crate::diagnostic::Style;
use crate::embed::Run;
use crate::graph::plan::Transports;
use crate::graph::unheld;
use crate::observe::Observer;
use crate::observe::human::Human;
use crate::runtime::{Colour, Start};
use crate::script::EngineKind;
use std::io::IsTerminal;

#[must_use]
pub fn run(arguments: &args::Run, output: Output) -> Exit {
    let mut graph = match load::graph(&arguments.script, output) {
        Ok(graph) => graph,
        Err(exit) => return exit,
    };
    graph.graph.unit.engine = match arguments.engine {
        Engine::Vm => EngineKind::Vm,
        Engine::Rhai => EngineKind::Rhai,
    };
    let unheld = unheld(&graph.graph, |_| false);
    if !unheld.is_empty() {
        output.report(&unheld, &graph.graph.sources);
        return Exit::Rejected;
    }
    let coloured = output.style(std::io::stdout().is_terminal()) == Style::Colour;
    let colour = if coloured { Colour::On } else { Colour::Off };
    let transports = match arguments.transport {
        Transport::Auto => Transports::Fastest,
        Transport::Broker => Transports::BrokerOnly,
    };
    let mut human = Human::new(graph.graph.sources.clone());
    let builder = Run::builder(&graph).stdout().prefix(arguments.prefix.then_some(colour));
    let builder = builder
        .start_by(arguments.start.into())
        .transports(transports)
        .handle_signals()
        .guarded()
        .listen()
        .raise_descriptor_limit();
    let run = builder.main_here().observer(move |event| human.event(event)).start();
    match run.and_then(|run| run.wait()) {
        Ok(outcome) => Exit::Code(outcome.status),
        Err(error) => {
            output.print_error(&format!("error: the run was given up: {error}\n"));
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
