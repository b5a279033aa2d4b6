//! What each port is bound to: a queue, and nothing else.

use super::super::model::Model;
use super::super::names::Declared;
use super::super::reference::{Reference, queue_reference};
use super::super::suggest;
use crate::ast::{Expr, Parameter};
use crate::diagnostic::{Diagnostic, codes};

pub(super) fn check(model: &Model<'_>, problems: &mut Vec<Diagnostic>) {
    for node in &model.nodes {
        if problems.len() >= super::ENOUGH {
            break;
        }
        let Some(template) = node.template else { continue };
        for (parameter, argument) in template.parameters.iter().zip(&node.matched.by_parameter) {
            if let (Some(_), Some(argument)) = (parameter.direction, argument) {
                problems.extend(bound(model, parameter, &argument.value));
            }
        }
    }
}

fn bound(model: &Model<'_>, port: &Parameter, given: &Expr) -> Option<Diagnostic> {
    let literal = matches!(&*given.text, "true" | "false");
    let Some(reference) = queue_reference(given).filter(|_| !literal) else {
        return Some(not_a_queue(port, &given.text).at(given.span, "a value"));
    };
    match model.names.find(&reference.name) {
        Some(Declared::Queue(queue)) => match (&reference.index, &queue.array) {
            (Some(index), None) => Some(
                Diagnostic::new(codes::P0134, format!("`{}` is not an array of queues", reference.name))
                    .at(index.span, "nothing to choose from")
                    .label(queue.name.span, "declared as one queue here")
                    .help(format!("give `{}`, or declare `queue {}[N]`", reference.name, reference.name)),
            ),
            _ => None,
        },
        Some(other) => {
            let problem = not_a_queue(port, &given.text).at(given.span, format!("this is {}", other.what()));
            Some(problem.label(other.name().span, "declared here"))
        }
        None => Some(unknown(model, &reference)),
    }
}

pub(super) fn not_a_queue(port: &Parameter, given: &str) -> Diagnostic {
    let title = format!("the port `{}` takes a queue, not `{}`", port.name.text, shortened(given));
    Diagnostic::new(codes::P0112, title)
        .label(port.span, "declared as a port here")
        .help("give the name of a queue, as `lines` or `parts[i]`")
}

/// One line of at most 40 characters.
fn shortened(text: &str) -> String {
    let line = text.lines().next().unwrap_or("");
    let short: String = line.chars().take(40).collect();
    if short.len() == text.len() { short } else { format!("{short}…") }
}

fn unknown(model: &Model<'_>, reference: &Reference) -> Diagnostic {
    let name = &reference.name;
    let problem = Diagnostic::new(codes::P0105, format!("there is no queue `{name}`"))
        .at(reference.name_span, "not declared");
    let known = model.queues().map(|queue| &*queue.name.text);
    suggest::name(problem, reference.name_span, name, known, &format!("declare it: `queue {name}`"))
}
