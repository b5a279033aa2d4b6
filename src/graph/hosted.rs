//! Host queues: their other end is held by the program that embeds the runtime.

use super::Graph;
use crate::ast::QueueFlavour;
use crate::diagnostic::{Diagnostic, codes};

/// A problem for each host queue whose other end nobody holds; `is_held` knows a queue by its name. An array of
/// them is told of once.
#[must_use]
pub fn unheld(graph: &Graph, is_held: impl Fn(&str) -> bool) -> Vec<Diagnostic> {
    let hosted = graph.queues.iter().filter(|queue| queue.flavour == QueueFlavour::Host);
    let mut unheld: Vec<_> = hosted.filter(|queue| !is_held(&queue.name)).collect();
    unheld.dedup_by_key(|queue| queue.span);
    let problem = |queue: &&super::Queue| {
        let name = queue.name.split('[').next().unwrap_or_default();
        Diagnostic::new(codes::P0360, format!("nobody holds the other end of the host queue `{name}`"))
            .at(queue.span, "held by the program that embeds the runtime")
            .help("run the script from that program, or declare a plain `queue`")
    };
    unheld.iter().map(problem).collect()
}
