//! Bodies that are not in the script: those of native processes, which the host gives, and programs, which it may withhold.

use super::super::model::Model;
use crate::ast::{Process, ProcessBody};
use crate::diagnostic::suggest::nearest;
use crate::diagnostic::{Diagnostic, codes};
use crate::script::capability::Capability;
use crate::source::Span;

pub(super) fn check(model: &Model<'_>, problems: &mut Vec<Diagnostic>) {
    for template in model.templates() {
        problems.extend(match &template.body {
            ProcessBody::Native(span) => native(model, template, *span),
            ProcessBody::Exec { command, .. } => program(model, command.span),
            ProcessBody::Block(_) | ProcessBody::Thread(_) => None,
        });
    }
}

fn native(model: &Model<'_>, template: &Process, span: Span) -> Option<Diagnostic> {
    let (name, given) = (&template.name.text, &model.registry.processes);
    if given.contains(name) {
        return None;
    }
    let help = match nearest(name, given.iter().map(String::as_str)) {
        Some(near) => format!("the host gives `{near}`"),
        None => "run the script from the program that gives it, or write the body here".to_owned(),
    };
    let problem = Diagnostic::new(codes::P0361, format!("nobody gives `{name}` its body"))
        .at(span, "given by the program that embeds the runtime");
    Some(problem.help(help))
}

fn program(model: &Model<'_>, span: Span) -> Option<Diagnostic> {
    let withheld = model.registry.withheld.contains(&Capability::Programs);
    let problem = || {
        Diagnostic::new(codes::P0362, "programs are not given to scripts here")
            .at(span, "needs programs")
            .note("the program that runs the script withholds them")
            .help("do without, or ask for a native process")
    };
    withheld.then(problem)
}
