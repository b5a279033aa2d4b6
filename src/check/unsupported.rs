//! What the language has and this version does not run yet, said plainly instead of half done.

use super::model::Model;
use crate::ast::{ItemKind, Process, ProcessBody};
use crate::diagnostic::{Diagnostic, codes};
use crate::source::Span;

pub(super) fn check(model: &Model<'_>, problems: &mut Vec<Diagnostic>) {
    for item in &model.file.items {
        if let ItemKind::Process(template) = &item.kind {
            of_template(template, problems);
        }
    }
}

fn tell(what: &str, span: Span, problems: &mut Vec<Diagnostic>) {
    let problem = Diagnostic::new(codes::P0100, format!("`{what}` is not supported yet"))
        .at(span, "a later version will run this")
        .help("write it without, or remove it for now");
    problems.push(problem);
}

fn of_template(template: &Process, problems: &mut Vec<Diagnostic>) {
    match &template.body {
        ProcessBody::Native(span) => tell("native", *span, problems),
        ProcessBody::Block(_) | ProcessBody::Exec { .. } | ProcessBody::Thread(_) => {}
    }
}
