//! What a body gives to the template that it makes a process of: queues to ports, values to plain parameters.

use super::super::flow::declared;
use super::super::model::Model;
use super::super::names::Declared;
use super::super::pieces::{Owner, Piece};
use super::bound::not_a_queue;
use crate::ast::{Direction, Parameter, Process};
use crate::diagnostic::{Diagnostic, codes};
use crate::script::analysis::{CallUse, Seen};

/// What is known of an argument before it is there.
enum Given {
    /// A queue of main, of which it has both ends.
    Queue,
    /// A port of the process that gives it on.
    Port(Direction),
    Value,
    Unknown,
}

/// The first argument that does not fit its parameter, as far as the text shows it.
pub(super) fn misfit(
    model: &Model<'_>,
    piece: &Piece<'_>,
    call: &CallUse,
    template: &Process,
) -> Option<Diagnostic> {
    // A thread has no ports, and takes queues as they are.
    if template.is_thread() {
        return None;
    }
    let arguments = call.plain_arguments.iter().zip(&call.given);
    template.parameters.iter().zip(arguments).find_map(|(parameter, (variable, seen))| {
        let given = given(model, piece, variable.as_deref(), seen);
        let span = piece.place(seen.at);
        let text = text(model, piece, seen);
        match (parameter.direction, given) {
            (None, Given::Queue | Given::Port(_)) => {
                Some(queue_for_value(parameter).at(span, "this is a queue"))
            }
            (Some(_), Given::Value) => Some(not_a_queue(parameter, text).at(span, "a value")),
            (Some(wanted), Given::Port(has)) if wanted != has => {
                Some(other_direction(parameter, wanted, text).at(span, format!("an {} port here", word(has))))
            }
            _ => None,
        }
    })
}

/// The argument, or only its type where it is more than a word.
fn text<'m>(model: &'m Model<'_>, piece: &Piece<'_>, seen: &'m Seen) -> &'m str {
    let text = model.text(piece).get(seen.at.start as usize..seen.at.end as usize).unwrap_or_default();
    let is_word = text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_' || c == '"');
    if is_word { text } else { seen.shape.type_name().unwrap_or(text) }
}

fn given(model: &Model<'_>, piece: &Piece<'_>, variable: Option<&str>, seen: &Seen) -> Given {
    let Some(name) = variable else {
        return if seen.shape.type_name().is_some_and(|name| name != "array") {
            Given::Value
        } else {
            Given::Unknown
        };
    };
    match declared(model, piece, name) {
        Some(Declared::Queue(_)) => Given::Queue,
        Some(Declared::Param(_) | Declared::Const(_)) => Given::Value,
        Some(_) => Given::Unknown,
        None => own_port(piece, name).map_or(Given::Unknown, Given::Port),
    }
}

fn own_port(piece: &Piece<'_>, name: &str) -> Option<Direction> {
    let Owner::Process(template) = piece.owner else { return None };
    template.parameters.iter().find(|parameter| parameter.name.text == name)?.direction
}

fn queue_for_value(parameter: &Parameter) -> Diagnostic {
    let name = &parameter.name.text;
    Diagnostic::new(codes::P0113, format!("the parameter `{name}` takes a value, not a queue"))
        .label(parameter.span, "declared without `in` or `out`")
        .help(format!("declare it as a port: `in {name}` or `out {name}`"))
}

fn other_direction(parameter: &Parameter, wanted: Direction, given: &str) -> Diagnostic {
    let name = &parameter.name.text;
    Diagnostic::new(codes::P0112, format!("the port `{name}` needs the other end of `{given}`"))
        .label(parameter.span, "declared here")
        .help(format!("declare `{given}` as an {} port, too, or give another queue", word(wanted)))
}

fn word(direction: Direction) -> &'static str {
    match direction {
        Direction::In => "in",
        Direction::Out => "out",
    }
}
