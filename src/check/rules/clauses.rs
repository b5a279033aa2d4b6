//! Clauses that fit what they stand on: queues and their clauses, and numbers that must be positive.

use super::super::item_types::Takes;
use super::super::model::Model;
use super::super::names::Declared;
use super::super::suggest;
use super::super::walk::walk;
use crate::ast::{Capacity, Clause, Expr, Many, Name, Queue, QueueClause, QueueFlavour, WhenFull};
use crate::diagnostic::{Diagnostic, codes};
use crate::source::Span;

pub(super) fn check(model: &Model<'_>, problems: &mut Vec<Diagnostic>) {
    for queue in model.queues() {
        if let Some(size) = &queue.array {
            positive(size, "the size of an array of queues", problems);
        }
        for clause in &queue.clauses {
            queue_clause(model, queue, clause, problems);
        }
    }
    for node in &model.nodes {
        if let Some(Many::Times(count)) = &node.start.many {
            positive(count, "the number of processes", problems);
        }
    }
    dead_letter_cycles(model, problems);
}

fn queue_clause(
    model: &Model<'_>,
    queue: &Queue,
    clause: &Clause<QueueClause>,
    problems: &mut Vec<Diagnostic>,
) {
    let joinable = queue.flavour == QueueFlavour::Joinable;
    match &clause.kind {
        QueueClause::Capacity(Capacity::Items(items)) => positive(items, "a capacity", problems),
        QueueClause::Capacity(Capacity::Bytes(0)) => problems.push(not_positive(clause.span, "a capacity")),
        QueueClause::WhenFull(WhenFull::DropOldest | WhenFull::DropNewest) if joinable => {
            problems.push(drops(queue, clause));
        }
        QueueClause::Redeliver(_) | QueueClause::DeadLetter(_) if !joinable => {
            problems.push(not_joinable(queue, clause));
        }
        QueueClause::DeadLetter(target) => dead_letter(model, target, problems),
        _ => {}
    }
}

/// Literals only: other expressions are judged when the graph is made.
pub(super) fn positive(expr: &Expr, what: &str, problems: &mut Vec<Diagnostic>) {
    let digits: String = expr.text.chars().filter(|c| !c.is_whitespace() && *c != '_').collect();
    if digits.parse::<i64>().is_ok_and(|number| number <= 0) {
        problems.push(not_positive(expr.span, what));
    }
}

fn not_positive(span: Span, what: &str) -> Diagnostic {
    Diagnostic::new(codes::P0122, format!("{what} must be at least 1"))
        .at(span, "not positive")
        .help("write a number from 1 up")
}

fn drops(queue: &Queue, clause: &Clause<QueueClause>) -> Diagnostic {
    let title = format!("the joinable queue `{}` cannot drop items", queue.name.text);
    Diagnostic::new(codes::P0123, title)
        .at(clause.span, "an item dropped here would never be acknowledged")
        .label(queue.name.span, "every item of a joinable queue must be acknowledged")
        .help("remove the clause, or declare a plain `queue`")
}

fn not_joinable(queue: &Queue, clause: &Clause<QueueClause>) -> Diagnostic {
    let name = &queue.name.text;
    Diagnostic::new(codes::P0124, format!("the queue `{name}` is not joinable"))
        .at(clause.span, "only items that must be acknowledged can come back")
        .label(queue.name.span, "declared without `joinable`")
        .help(format!("declare it as `joinable queue {name}`"))
}

fn dead_letter(model: &Model<'_>, target: &Name, problems: &mut Vec<Diagnostic>) {
    let problem = match model.names.find(&target.text) {
        Some(Declared::Queue(queue)) => {
            let Some(size) = &queue.array else {
                problems.extend(takes_no_letters(queue, target));
                return;
            };
            Diagnostic::new(codes::P0125, format!("`{}` is an array of queues", target.text))
                .at(target.span, "dead items go to one queue")
                .label(size.span, "declared as an array here")
                .help("name a single queue")
        }
        Some(other) => {
            Diagnostic::new(codes::P0125, format!("`{}` is {}, not a queue", target.text, other.what()))
                .at(target.span, "dead items go to a queue")
                .label(other.name().span, "declared here")
                .help("name a queue")
        }
        None => {
            let unknown = Diagnostic::new(codes::P0125, format!("there is no queue `{}`", target.text))
                .at(target.span, "dead items would have nowhere to go");
            let known = model.queues().map(|queue| &*queue.name.text);
            let otherwise = format!("declare it: `queue {}`", target.text);
            suggest::name(unknown, target.span, &target.text, known, &otherwise)
        }
    };
    problems.push(problem);
}

/// Letters are maps, whatever the queue was declared for.
fn takes_no_letters(queue: &Queue, target: &Name) -> Option<Diagnostic> {
    let takes = Takes::of(queue)?;
    let misfit = takes.misfit_of_letters()?;
    let title = format!("`{}` does not take dead items: {}", target.text, misfit.sentence());
    let problem = Diagnostic::new(codes::P0125, title)
        .at(target.span, "a dead item comes as a map of `item`, `attempts` and `last`")
        .label(takes.span, "declared here")
        .help("declare it `of map`");
    Some(problem)
}

/// A dead letter queue ends after the queues that it serves, so it cannot serve itself, not even by way of
/// others.
fn dead_letter_cycles(model: &Model<'_>, problems: &mut Vec<Diagnostic>) {
    let names = model.queues().map(|queue| &*queue.name.text);
    let next = |name| model.names.queue(name).and_then(target).map(|target| &*target.text);
    for cycle in walk(names, |name| next(name).into_iter().collect()).cycles {
        let last = cycle.last().and_then(|name| model.names.queue(name)).and_then(target);
        problems.extend(last.map(returns));
    }
}

fn target(queue: &Queue) -> Option<&Name> {
    queue.clauses.iter().find_map(|clause| match &clause.kind {
        QueueClause::DeadLetter(name) => Some(name),
        _ => None,
    })
}

fn returns(target: &Name) -> Diagnostic {
    Diagnostic::new(codes::P0125, format!("dead items of `{}` come back to it", target.text))
        .at(target.span, "leads back to where the item died")
        .help("name a queue whose items do not return")
}
