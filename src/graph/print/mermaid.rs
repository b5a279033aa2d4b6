//! A graph as text for Mermaid, which many sites draw within Markdown.

use super::picture::{End, Grouping, Meaning, Picture};
use crate::graph::Graph;

/// Processes are boxes, queues are pills.
#[must_use]
pub fn mermaid(graph: &Graph) -> String {
    let picture = Picture::of(graph, Grouping::Start);
    let mut text = "flowchart LR\n".to_owned();
    for end in picture.boxes() {
        let lines: Vec<String> = picture.lines(end).iter().map(|line| escaped(line)).collect();
        let label = lines.join("<br/>");
        text.push_str(&match end {
            End::Process(index) => format!("    p{index}[\"{label}\"]\n"),
            End::Queue(index) => format!("    q{index}([\"{label}\"])\n"),
        });
    }
    for &(from, to, meaning) in &picture.arrows {
        let arrow = match meaning {
            Meaning::Items => "-->",
            Meaning::After => "-. after .->",
            Meaning::Dead => "-. dead .->",
        };
        text.push_str(&format!("    {} {arrow} {}\n", id(from), id(to)));
    }
    let daemons = (0..picture.processes.len()).filter(|&index| picture.processes[index].daemon);
    for index in daemons {
        text.push_str(&format!("    style p{index} stroke-dasharray: 5 5\n"));
    }
    text
}

fn id(end: End) -> String {
    match end {
        End::Process(index) => format!("p{index}"),
        End::Queue(index) => format!("q{index}"),
    }
}

/// Mermaid writes characters by their numbers, with `#` for `&`.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' | '#' | '<' | '>' | '&' | '`' | '\\' => escaped.push_str(&format!("#{};", c as u32)),
            other => escaped.push(other),
        }
    }
    escaped
}
