//! Items that are put must be of the type that their queue was declared for, where the text shows what they are.

use super::super::flow::{Flow, PUTS, all_seen, declared};
use super::super::item_types::{Misfit, Takes};
use super::super::model::Model;
use super::super::names::Declared;
use super::super::pieces::{Owner, Piece};
use crate::ast::{Direction, ExecFormat, Process, ProcessBody, Queue};
use crate::diagnostic::{Diagnostic, codes};
use crate::script::analysis::{At, MethodUse, Seen, Shape};

pub(super) fn check(model: &Model<'_>, problems: &mut Vec<Diagnostic>) {
    if model.queues().all(|queue| Takes::of(queue).is_none()) {
        return;
    }
    let flow = Flow::of(model);
    for piece in &model.pieces {
        // Within `try` the error is meant to come, and to be caught.
        let methods = piece.used().into_iter().flat_map(|uses| &uses.methods);
        for method in methods.filter(|method| !method.in_try) {
            if let Some(item) = method.given.first().filter(|_| PUTS.contains(&&*method.method)) {
                let queues = queues(model, &flow, piece, &method.receiver);
                problems.extend(put(piece, method, item, &queues));
            }
        }
    }
    for template in model.templates() {
        problems.extend(output(model, &flow, template));
    }
}

/// The queues that a name stands for in a piece; none when not all of them are seen.
pub fn queues<'a>(model: &Model<'a>, flow: &Flow<'a>, piece: &Piece<'a>, name: &str) -> Vec<&'a Queue> {
    match piece.owner {
        Owner::Process(template) => all_seen(model, &flow.reach(template, name)).unwrap_or_default(),
        Owner::Main => match declared(model, piece, name) {
            Some(Declared::Queue(queue)) if queue.array.is_none() => vec![queue],
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// An error only when none of the queues that it may go into takes the item.
fn put(piece: &Piece<'_>, method: &MethodUse, item: &Seen, queues: &[&Queue]) -> Option<Diagnostic> {
    let misfits: Option<Vec<(&Queue, Takes<'_>, Misfit)>> = queues
        .iter()
        .map(|queue| {
            let takes = Takes::of(queue)?;
            Some((*queue, takes, put_misfit(takes, method, item)?))
        })
        .collect();
    let (queue, takes, misfit) = misfits?.into_iter().next()?;
    let title = format!("queue `{}`: {}", queue.name.text, misfit.sentence());
    let problem = Diagnostic::new(codes::P0150, title)
        .at(piece.place(misfit.at), "the queue does not take this")
        .label(takes.span, "declared here")
        .help(takes.help());
    Some(problem)
}

fn put_misfit(takes: Takes<'_>, method: &MethodUse, item: &Seen) -> Option<Misfit> {
    if method.method != "put_many" {
        return takes.misfit(item);
    }
    let Shape::Array(items) = &item.shape else { return None };
    let mut all = items.iter().enumerate();
    all.find_map(|(index, item)| Some(takes.misfit(item)?.within(&format!("[{index}]"))))
}

/// What a program prints is text, or raw bytes.
fn output(model: &Model<'_>, flow: &Flow<'_>, template: &Process) -> Option<Diagnostic> {
    let ProcessBody::Exec { format, span, .. } = &template.body else { return None };
    let (shape, what) = match format {
        ExecFormat::Lines | ExecFormat::Nul => (Shape::Of("string"), "strings"),
        ExecFormat::Bytes => (Shape::Of("blob"), "blobs"),
        ExecFormat::Json => return None,
    };
    let item = Seen { at: At::default(), shape };
    let port = template.parameters.iter().find(|port| port.direction == Some(Direction::Out))?;
    let queues = all_seen(model, &flow.reach(template, &port.name.text))?;
    let takes = queues.iter().map(|queue| Takes::of(queue)).collect::<Option<Vec<_>>>()?;
    let queue = queues.first()?;
    takes.iter().try_for_each(|takes| takes.misfit(&item).map(drop))?;
    let title = format!("queue `{}` does not take what `{}` prints", queue.name.text, template.name.text);
    let problem = Diagnostic::new(codes::P0150, title)
        .at(*span, format!("its items are {what}"))
        .label(takes.first()?.span, "declared here")
        .help("let it print JSON, a value a line, and add `as json`");
    Some(problem)
}
