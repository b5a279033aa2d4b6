//! What the language has and this version does not run yet, said plainly instead of half done.

use super::model::Model;
use crate::ast::{Clause, ItemKind, Process, ProcessClause};
use crate::diagnostic::{Diagnostic, codes};
use crate::source::Span;

pub(super) fn check(model: &Model<'_>, problems: &mut Vec<Diagnostic>) {
    for item in &model.file.items {
        if let ItemKind::Process(template) = &item.kind {
            of_template(template, problems);
        }
    }
    for node in &model.nodes {
        clauses(&node.start.clauses, problems);
    }
}

fn tell(what: &str, span: Span, problems: &mut Vec<Diagnostic>) {
    let problem = Diagnostic::new(codes::P0100, format!("`{what}` is not supported yet"))
        .at(span, "a later version will run this")
        .help("write it without, or remove it for now");
    problems.push(problem);
}

fn of_template(template: &Process, problems: &mut Vec<Diagnostic>) {
    clauses(&template.clauses, problems);
}

fn clauses(clauses: &[Clause<ProcessClause>], problems: &mut Vec<Diagnostic>) {
    for clause in clauses {
        if matches!(clause.kind, ProcessClause::Allow(_)) {
            tell("allow", clause.span, problems);
        }
    }
}
