//! A plan as lines: which transport each queue has and why, and when each process starts.

use super::picture::{End, Grouping, Meaning, Picture};
use crate::graph::Graph;
use crate::graph::plan::{Transports, choices};

#[must_use]
pub fn plan(graph: &Graph) -> String {
    let mut text = String::new();
    if !graph.queues.is_empty() {
        text.push_str("queues\n");
    }
    let width = graph.queues.iter().map(|queue| queue.name.chars().count()).max().unwrap_or(0);
    for (queue, choice) in graph.queues.iter().zip(choices(graph, Transports::Fastest)) {
        let transport = choice.transport.name();
        text.push_str(&format!("  {:width$}  {transport}: {}\n", queue.name, choice.reason));
    }
    let picture = Picture::of(graph, Grouping::Start);
    if !picture.processes.is_empty() {
        text.push_str(if graph.queues.is_empty() { "processes\n" } else { "\nprocesses\n" });
    }
    let titles: Vec<String> = picture.processes.iter().map(super::picture::Processes::title).collect();
    let width = titles.iter().map(|title| title.chars().count()).max().unwrap_or(0);
    for (index, title) in titles.iter().enumerate() {
        text.push_str(&format!("  {title:width$}  {}\n", start(&picture, index)));
    }
    text
}

fn start(picture: &Picture, index: usize) -> String {
    let end = End::Process(index);
    let awaited: Vec<String> = picture.before(end, Meaning::After).map(|end| picture.title(end)).collect();
    let when = if awaited.is_empty() {
        "starts at once".to_owned()
    } else {
        format!("starts when {} ended with success", has_or_have(&awaited))
    };
    let daemon = if picture.processes[index].daemon { "; terminated when all others have ended" } else { "" };
    format!("{when}{daemon}")
}

fn has_or_have(names: &[String]) -> String {
    let list = crate::diagnostic::words::list(names, "and");
    if names.len() == 1 { format!("{list} has") } else { format!("{list} have") }
}
