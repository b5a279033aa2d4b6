//! Templates of which no process is ever made.

use super::super::flow::Flow;
use super::super::model::Model;
use super::super::pieces::Owner;
use super::exempt;
use crate::ast::Process;
use crate::diagnostic::{Diagnostic, codes};

pub(super) fn check(model: &Model<'_>, _flow: &Flow<'_>, problems: &mut Vec<Diagnostic>) {
    for template in model.templates() {
        let name = &template.name.text;
        let of_it = |known: &Process| std::ptr::eq(known, template);
        let launched = model.nodes.iter().any(|node| node.template.is_some_and(of_it));
        if launched || exempt(name) || mentioned(model, template) {
            continue;
        }
        let (what, start) = if template.is_thread() {
            ("thread", format!("{name}(…).start();"))
        } else {
            ("process", format!("start {name}(…)"))
        };
        let problem = Diagnostic::new(codes::P0205, format!("no {what} of `{name}` is ever started"))
            .at(template.name.span, "declared and not used")
            .help(format!("add `{start}`, or remove it"));
        problems.push(problem);
    }
}

/// Whether another body names it.
fn mentioned(model: &Model<'_>, template: &Process) -> bool {
    let own = |owner: Owner<'_>| matches!(owner, Owner::Process(other) if std::ptr::eq(other, template));
    model.mentioned_elsewhere(&template.name.text, own)
}
