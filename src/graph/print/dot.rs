//! A graph as text for Graphviz.

use super::picture::{End, Grouping, Meaning, Picture};
use crate::graph::Graph;

/// Processes are boxes, queues are ellipses.
#[must_use]
pub fn dot(graph: &Graph) -> String {
    let picture = Picture::of(graph, Grouping::Start);
    let mut text = format!("digraph {} {{\n    rankdir=LR;\n", quoted(&graph.name));
    text.push_str("    node [fontname=\"sans-serif\", style=\"rounded\"];\n");
    for end in picture.boxes() {
        let label = quoted(&picture.lines(end).join("\n"));
        text.push_str(&format!("    {} [label={label}, {}];\n", id(end), shape(&picture, end)));
    }
    for &(from, to, meaning) in &picture.arrows {
        let style = match meaning {
            Meaning::Items => "",
            Meaning::After => " [style=dashed, label=\"after\"]",
            Meaning::Dead => " [style=dotted, label=\"dead\"]",
        };
        text.push_str(&format!("    {} -> {}{style};\n", id(from), id(to)));
    }
    text.push_str("}\n");
    text
}

fn id(end: End) -> String {
    match end {
        End::Process(index) => format!("p{index}"),
        End::Queue(index) => format!("q{index}"),
    }
}

fn shape(picture: &Picture, end: End) -> &'static str {
    match end {
        End::Process(index) if picture.processes[index].daemon => "shape=box, style=\"rounded,dashed\"",
        End::Process(_) => "shape=box",
        End::Queue(index) if picture.queues[index].joinable => "shape=ellipse, peripheries=2",
        End::Queue(_) => "shape=ellipse",
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}
