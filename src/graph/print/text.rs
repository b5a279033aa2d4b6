//! A graph as lines for a terminal.

use super::picture::{End, Grouping, Meaning, Picture};
use crate::diagnostic::words;
use crate::graph::Graph;

/// A readable listing: the processes with what they take from and put into, the queues, what else is shared.
#[must_use]
pub fn text(graph: &Graph) -> String {
    let picture = Picture::of(graph, Grouping::Start);
    let mut text = format!(
        "{}: {}, {}\n",
        graph.name,
        words::count(graph.nodes.len(), "process"),
        words::count(graph.queues.len(), "queue")
    );
    for line in &graph.docs {
        text.push_str(format!("  {line}").trim_end());
        text.push('\n');
    }
    if graph.main.is_some() || !picture.processes.is_empty() {
        text.push_str("\nprocesses\n");
    }
    if graph.main.is_some() {
        text.push_str("  main, in the interpreter's own process\n");
    }
    for index in 0..picture.processes.len() {
        process(&picture, index, &mut text);
    }
    queues(&picture, &mut text);
    shared(&picture, &mut text);
    text
}

fn process(picture: &Picture, index: usize, text: &mut String) {
    let end = End::Process(index);
    let [title, remarks @ ..] = &picture.lines(end)[..] else { return };
    text.push_str(&format!("  {title}"));
    for remark in remarks {
        text.push_str(&format!("  {remark}"));
    }
    text.push('\n');
    let links: Vec<String> = [
        ("takes from", picture.before(end, Meaning::Items).collect::<Vec<_>>()),
        ("puts into", picture.behind(end, Meaning::Items).collect()),
        ("after", picture.before(end, Meaning::After).collect()),
    ]
    .into_iter()
    .filter(|(_, ends)| !ends.is_empty())
    .map(|(how, ends)| format!("{how} {}", titles(picture, &ends)))
    .collect();
    let beside = if links.is_empty() { "  " } else { "│ " };
    for line in &picture.processes[index].docs {
        text.push_str(format!("  {beside}{line}").trim_end());
        text.push('\n');
    }
    for (index, link) in links.iter().enumerate() {
        let branch = if index + 1 == links.len() { "└─" } else { "├─" };
        text.push_str(&format!("  {branch} {link}\n"));
    }
}

fn titles(picture: &Picture, ends: &[End]) -> String {
    ends.iter().map(|&end| picture.title(end)).collect::<Vec<_>>().join(", ")
}

fn queues(picture: &Picture, text: &mut String) {
    if picture.queues.is_empty() {
        return;
    }
    text.push_str("\nqueues\n");
    let rows: Vec<[String; 3]> = (0..picture.queues.len()).map(|index| queue(picture, index)).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let (first, second) = (width(0), width(1));
    for (row, queue) in rows.iter().zip(&picture.queues) {
        let [title, traits, flow] = row;
        text.push_str(&format!("  {title:first$}  {traits:second$}  {flow}\n"));
        for line in &queue.docs {
            text.push_str(format!("  {:first$}  {line}", "").trim_end());
            text.push('\n');
        }
    }
}

/// What processes share besides queues, and which of them get it.
fn shared(picture: &Picture, text: &mut String) {
    if picture.shared.is_empty() {
        return;
    }
    text.push_str("\nshared\n");
    let width = picture.shared.iter().map(|object| object.label.chars().count()).max().unwrap_or(0);
    for object in &picture.shared {
        let users: Vec<End> = object.users.iter().copied().collect();
        let users = if users.is_empty() { "·".to_owned() } else { titles(picture, &users) };
        text.push_str(&format!("  {:width$}  {users}\n", object.label));
        for line in &object.docs {
            text.push_str(format!("  {:width$}  {line}", "").trim_end());
            text.push('\n');
        }
    }
}

/// Name, traits, and who puts and takes.
fn queue(picture: &Picture, index: usize) -> [String; 3] {
    let end = End::Queue(index);
    let side = |ends: Vec<End>| if ends.is_empty() { "·".to_owned() } else { titles(picture, &ends) };
    let from = side(picture.before(end, Meaning::Items).collect());
    let to = side(picture.behind(end, Meaning::Items).collect());
    let mut flow = format!("{from} → {to}");
    for dead in picture.behind(end, Meaning::Dead) {
        flow.push_str(&format!(", dead letters to {}", picture.title(dead)));
    }
    [picture.title(end), picture.queues[index].traits.join(", "), flow]
}
