//! Processes that are restarted while the item in hand is lost.

use super::super::flow::{Flow, is_joinable};
use super::super::model::Model;
use super::super::nodes::Node;
use crate::ast::{Direction, OnFailure, ProcessClause, QueueFlavour};
use crate::diagnostic::{Diagnostic, codes};
use crate::source::Span;
use std::collections::HashSet;

pub(super) fn check(model: &Model<'_>, _flow: &Flow<'_>, problems: &mut Vec<Diagnostic>) {
    let mut told = HashSet::new();
    for node in &model.nodes {
        let Some(clause) = restart(node) else { continue };
        let plain =
            node.ports().filter(|(_, direction, _)| *direction == Direction::In).find_map(|(.., given)| {
                let queue = model.names.queue(&given?.name)?;
                (!is_joinable(queue)).then_some(queue)
            });
        if let Some(queue) = plain.filter(|_| told.insert(clause)) {
            let name = &queue.name.text;
            let (forgets, help) = if queue.flavour == QueueFlavour::Broadcast {
                let help = "take its items over into a joinable queue, and restart who works on those";
                ("a broadcast queue forgets what was taken", help.to_owned())
            } else {
                ("a plain queue forgets what was taken", format!("declare it as `joinable queue {name}`"))
            };
            let title =
                format!("when `{}` fails, its item of `{name}` is lost", node.start.call.template.text);
            let problem = Diagnostic::new(codes::P0209, title)
                .at(clause, "a restart does not bring the item back")
                .label(queue.name.span, forgets)
                .help(help);
            problems.push(problem);
        }
    }
}

/// The clause that holds for this node, when it restarts: its own, else its template's.
fn restart(node: &Node<'_>) -> Option<Span> {
    let template = node.template.map_or(&[][..], |template| &template.clauses);
    let mut failure = node.start.clauses.iter().chain(template).filter_map(|clause| match &clause.kind {
        ProcessClause::OnFailure(what) => Some((what, clause.span)),
        _ => None,
    });
    let (what, span) = failure.next()?;
    matches!(what, OnFailure::Restart { .. }).then_some(span)
}
