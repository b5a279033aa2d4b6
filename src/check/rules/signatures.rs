//! What a list of parameters may look like: of a template, and of the script itself.

use super::super::model::Model;
use crate::ast::{Direction, ItemKind, Param, Parameter, Process, ProcessBody};
use crate::diagnostic::{Diagnostic, codes};

pub(super) fn check(model: &Model<'_>, problems: &mut Vec<Diagnostic>) {
    for template in model.templates() {
        defaults_last(&template.parameters, problems);
        ports_without_default(&template.parameters, problems);
        exec_ports(template, problems);
        thread_ports(template, problems);
    }
    rest_last(model, problems);
}

fn defaults_last(parameters: &[Parameter], problems: &mut Vec<Diagnostic>) {
    let mut plain = parameters.iter().filter(|parameter| parameter.direction.is_none());
    let Some(defaulted) = plain.find(|parameter| parameter.default.is_some()) else { return };
    if let Some(parameter) = plain.find(|parameter| parameter.default.is_none()) {
        let problem = Diagnostic::new(
            codes::P0129,
            format!("`{}` has no default, but a parameter before it has one", parameter.name.text),
        )
        .at(parameter.span, "can only be given when all before it are")
        .label(defaulted.span, "has a default")
        .help(format!("move `{}` before it, or give it a default too", parameter.name.text));
        problems.push(problem);
    }
}

fn ports_without_default(parameters: &[Parameter], problems: &mut Vec<Diagnostic>) {
    for parameter in parameters {
        if let (Some(_), Some(default)) = (parameter.direction, &parameter.default) {
            let title = format!("the port `{}` cannot have a default", parameter.name.text);
            let problem = Diagnostic::new(codes::P0133, title)
                .at(default.span, "queues are given where a process is started")
                .help("remove the default");
            problems.push(problem);
        }
    }
}

/// A program has one standard input and one standard output.
fn exec_ports(template: &Process, problems: &mut Vec<Diagnostic>) {
    if !matches!(template.body, ProcessBody::Exec { .. }) {
        return;
    }
    for (direction, word, stream) in
        [(Direction::In, "in", "standard input"), (Direction::Out, "out", "standard output")]
    {
        let mut ports = template.parameters.iter().filter(|parameter| parameter.direction == Some(direction));
        let (Some(first), Some(second)) = (ports.next(), ports.next()) else { continue };
        let title = format!("the exec process `{}` has more than one {word} port", template.name.text);
        let problem = Diagnostic::new(codes::P0126, title)
            .at(second.span, format!("a program has one {stream}"))
            .label(first.span, format!("the first {word} port"))
            .help("leave one of them");
        problems.push(problem);
    }
}

/// A thread lives where the ends are that it is given: nothing is connected to it.
fn thread_ports(template: &Process, problems: &mut Vec<Diagnostic>) {
    let ports = template.parameters.iter().filter(|parameter| parameter.direction.is_some());
    for port in ports.filter(|_| template.is_thread()) {
        let name = &port.name.text;
        let problem =
            Diagnostic::new(codes::P0136, format!("the thread `{}` has a port", template.name.text))
                .at(port.span, "a thread is given ends of queues as plain arguments")
                .help(format!("write it as `{name}`"));
        problems.push(problem);
    }
}

/// `param NAME...` takes what is left, so no positional one may follow it.
fn rest_last(model: &Model<'_>, problems: &mut Vec<Diagnostic>) {
    let params = model.file.items.iter().filter_map(|item| match &item.kind {
        ItemKind::Param(param) => Some(param),
        _ => None,
    });
    let mut rest: Option<&Param> = None;
    for param in params {
        match rest {
            None => rest = param.rest.then_some(param),
            Some(rest) if param.rest || param.default.is_none() => problems.push(after_rest(param, rest)),
            Some(_) => {}
        }
    }
}

fn after_rest(param: &Param, rest: &Param) -> Diagnostic {
    let title = format!("the param `{}` can never be given by position", param.name.text);
    let (taken, rest_name) = ("takes all remaining positions", &rest.name.text);
    let help = if param.rest {
        "leave one param with `...`".to_owned()
    } else {
        format!("declare `{}` before `{rest_name}`, or give it a default", param.name.text)
    };
    Diagnostic::new(codes::P0130, title)
        .at(param.name.span, "nothing is left for it")
        .label(rest.name.span, taken)
        .help(help)
}
