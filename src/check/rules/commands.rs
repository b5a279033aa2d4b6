//! Exec processes: the command is an array of strings, as far as can be seen, and a port is one queue.

use super::super::model::Model;
use super::super::pieces::{Owner, Piece};
use crate::ast::{Process, ProcessBody};
use crate::diagnostic::{Diagnostic, codes};
use crate::script::analysis::{Seen, Shape};

pub(super) fn check(model: &Model<'_>, problems: &mut Vec<Diagnostic>) {
    for piece in &model.pieces {
        if let (Owner::Command(template), Some(uses)) = (piece.owner, piece.used()) {
            problems.extend(command(piece, template, &uses.value));
        }
    }
    ports(model, problems);
}

fn command(piece: &Piece<'_>, template: &Process, value: &Shape) -> Option<Diagnostic> {
    let help = "give the program and its arguments one by one: `exec [\"sort\", \"-u\"]`";
    let name = &template.name.text;
    match value {
        Shape::Unknown => None,
        Shape::Of(_) | Shape::Map(_) => Some(
            Diagnostic::new(codes::P0142, format!("the command of `{name}` must be an array of strings"))
                .at(piece.span, format!("this is of type `{}`", value.type_name().unwrap_or_default()))
                .help(help),
        ),
        Shape::Array(words) if words.is_empty() => Some(
            Diagnostic::new(codes::P0142, format!("the command of `{name}` is empty"))
                .at(piece.span, "no program is named")
                .help(help),
        ),
        Shape::Array(words) => {
            let is_word = |kind: &str| matches!(kind, "string" | "char" | "int" | "float" | "bool");
            let wrong = |word: &Seen| Some((word.shape.type_name().filter(|kind| !is_word(kind))?, word.at));
            let (kind, at) = words.iter().find_map(wrong)?;
            let title = format!("each word of the command of `{name}` must be a string");
            let problem = Diagnostic::new(codes::P0142, title)
                .at(piece.place(at), format!("this is of type `{kind}`"))
                .help("write it as a string");
            Some(problem)
        }
    }
}

/// A program has one standard input: nobody could tell it which queue of an array an item came from.
fn ports(model: &Model<'_>, problems: &mut Vec<Diagnostic>) {
    for node in &model.nodes {
        let Some(template) = node.template.filter(|template| is_exec(template)) else { continue };
        for (index, _, given) in node.ports() {
            let queue =
                given.filter(|given| given.index.is_none()).and_then(|given| model.names.queue(&given.name));
            let Some(queue) = queue.filter(|queue| queue.array.is_some()) else { continue };
            let (name, port) = (&queue.name.text, &template.parameters[index]);
            let title = format!("the port `{}` of an exec process takes one queue", port.name.text);
            let problem = Diagnostic::new(codes::P0143, title)
                .at(node.start.call.span, format!("`{name}` is an array of queues"))
                .label(port.span, "declared here")
                .help(format!("start one process for each: `for i in 0..N`, with `{name}[i]`"));
            problems.push(problem);
        }
    }
}

fn is_exec(template: &Process) -> bool {
    matches!(template.body, ProcessBody::Exec { .. })
}
