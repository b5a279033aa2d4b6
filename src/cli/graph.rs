//! `procession graph`: shows the processes and queues that a run would have, or how they would be launched.

use super::args::{Graph, GraphFormat};
use super::exit::Exit;
use super::load;
use super::output::Output;
use crate::graph::print;

#[must_use]
pub fn run(arguments: &Graph, output: Output) -> Exit {
    let graph = match load::graph(&arguments.script, output) {
        Ok(graph) => graph.graph,
        Err(exit) => return exit,
    };
    let text = match arguments.format {
        _ if arguments.plan => print::plan(&graph),
        GraphFormat::Text => print::text(&graph),
        GraphFormat::Dot => print::dot(&graph),
        GraphFormat::Mermaid => print::mermaid(&graph),
        GraphFormat::Svg => print::svg(&graph),
        GraphFormat::Json => print::json(&graph),
    };
    output.print(&text)
}
