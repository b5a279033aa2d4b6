//! Each `start` and stage of a `pipe`: its template is known, and its arguments fit the parameters.

use super::super::arguments::Misfit;
use super::super::model::Model;
use super::super::names::Declared;
use super::super::nodes::{Node, Stage};
use super::super::suggest;
use super::imports;
use crate::ast::{Argument, Direction, Name, Process};
use crate::diagnostic::{Diagnostic, codes};
use crate::source::Span;

pub(super) fn check(model: &Model<'_>, problems: &mut Vec<Diagnostic>) {
    for node in &model.nodes {
        if problems.len() >= super::ENOUGH {
            break;
        }
        match node.template {
            None => problems.push(unknown(model, node)),
            Some(template) => {
                let before = problems.len();
                problems.extend(node.matched.misfits.iter().map(|misfit| misfit_problem(*misfit, template)));
                problems.extend(node.pipe.and_then(|stage| free_ports(node, stage, template)));
                if problems.len() == before {
                    missing(node, template, problems);
                }
            }
        }
    }
}

fn unknown(model: &Model<'_>, node: &Node<'_>) -> Diagnostic {
    let call = &node.start.call;
    let name = &call.template;
    if let Some(module) = &call.module {
        return not_imported(model, module, name);
    }
    if let Some(other) = model.names.find(&name.text) {
        return other_than_process(&name.text, name.span, other);
    }
    let problem = Diagnostic::new(codes::P0104, format!("there is no process template `{}`", name.text))
        .at(name.span, "not declared");
    let known =
        model.templates().filter(|template| !template.is_thread()).map(|template| &*template.name.text);
    let otherwise = format!("declare it: `process {}(…) {{ … }}`", name.text);
    suggest::name(problem, name.span, &name.text, known, &otherwise)
}

/// `start m::name(…)`, of which the file has no template.
fn not_imported(model: &Model<'_>, module: &Name, name: &Name) -> Diagnostic {
    let path = module.span.to(name.span);
    let home = match imports::home(model, &module.text, path) {
        Ok(home) => home,
        Err(problem) => return problem,
    };
    match home.names.find(&name.text) {
        Some(declared @ (Declared::Function(_) | Declared::Const(_) | Declared::Template(_))) => {
            other_than_process(&format!("{}::{}", module.text, name.text), path, declared)
        }
        Some(declared) => imports::not_given(home, declared, path),
        None => {
            let title = format!("`{}` has no process template `{}`", imports::file_name(home), name.text);
            let problem = Diagnostic::new(codes::P0104, title).at(path, "not declared there");
            let is_process = |it: Declared<'_>| matches!(it, Declared::Template(it) if !it.is_thread());
            imports::near(problem, home, path, &name.text, is_process)
        }
    }
}

/// What the graph starts is a process.
fn other_than_process(name: &str, at: Span, declared: Declared<'_>) -> Diagnostic {
    let help = match declared {
        Declared::Template(_) => format!("start it inside a body: `{name}(…).start()`"),
        _ => "name a `process`".to_owned(),
    };
    let title = format!("`{name}` is {}, not a process template", declared.what());
    Diagnostic::new(codes::P0104, title)
        .at(at, "cannot be started")
        .label(declared.name().span, "declared here")
        .help(help)
}

fn misfit_problem(misfit: Misfit<'_>, template: &Process) -> Diagnostic {
    let (name, declared) = (&template.name.text, template.name.span);
    match misfit {
        Misfit::TooMany(argument) => {
            Diagnostic::new(codes::P0109, format!("too many arguments for `{name}`"))
                .at(argument.value.span, "no parameter is left for this one")
                .label(declared, takes(template))
                .help("remove it")
        }
        Misfit::PositionAfterName(argument) => {
            Diagnostic::new(codes::P0110, "an argument by position behind one by name")
                .at(argument.value.span, "which parameter is meant is not clear")
                .label(declared, takes(template))
                .help("give it by name too")
        }
        Misfit::Twice(argument, index) => {
            let parameter = &template.parameters[index];
            Diagnostic::new(codes::P0110, format!("`{}` is given twice", parameter.name.text))
                .at(whole(argument), "it has a value already")
                .label(parameter.span, "the parameter")
                .help("remove one of the two")
        }
        Misfit::UnknownName(argument) => unknown_parameter(argument, template),
    }
}

fn unknown_parameter(argument: &Argument, template: &Process) -> Diagnostic {
    let given = argument.name.as_ref().map_or("", |name| &*name.text);
    let span = argument.name.as_ref().map_or(argument.value.span, |name| name.span);
    let problem =
        Diagnostic::new(codes::P0110, format!("`{}` has no parameter `{given}`", template.name.text))
            .at(span, "no parameter of this name")
            .label(template.name.span, takes(template));
    let known = template.parameters.iter().map(|parameter| &*parameter.name.text);
    suggest::name(problem, span, given, known, "use one of the names that it declares")
}

fn whole(argument: &Argument) -> crate::source::Span {
    argument.name.as_ref().map_or(argument.value.span, |name| name.span.to(argument.value.span))
}

/// "takes `id`, `in tasks`".
pub(super) fn takes(template: &Process) -> String {
    let each = |parameter: &crate::ast::Parameter| match parameter.direction {
        Some(Direction::In) => format!("`in {}`", parameter.name.text),
        Some(Direction::Out) => format!("`out {}`", parameter.name.text),
        None => format!("`{}`", parameter.name.text),
    };
    let all: Vec<String> = template.parameters.iter().map(each).collect();
    if all.is_empty() { "takes no arguments".to_owned() } else { format!("takes {}", all.join(", ")) }
}

fn missing(node: &Node<'_>, template: &Process, problems: &mut Vec<Diagnostic>) {
    let lacks = |(index, parameter): (usize, &crate::ast::Parameter)| {
        let piped = parameter
            .direction
            .is_some_and(|direction| node.pipe.is_some_and(|stage| stage.joins(direction)));
        let given = node.matched.by_parameter[index].is_some();
        (!given && !piped && parameter.default.is_none()).then(|| parameter.name.clone())
    };
    let names: Vec<Name> = template.parameters.iter().enumerate().filter_map(lacks).collect();
    let Some(first) = names.first() else { return };
    let list: Vec<String> = names.iter().map(|name| format!("`{}`", name.text)).collect();
    let plural = if names.len() == 1 { "an argument" } else { "arguments" };
    let title = format!("`{}` lacks {plural} for {}", template.name.text, list.join(", "));
    let problem = Diagnostic::new(codes::P0111, title)
        .at(node.start.call.span, format!("{} not given", list.join(", ")))
        .label(first.span, "declared here")
        .help(if node.pipe.is_some() {
            format!("give it by name: `{}: …`", first.text)
        } else {
            format!("add {}", list.join(", "))
        });
    problems.push(problem);
}

/// Between two stages stands one queue: from the one free out port to the one free in port.
fn free_ports(node: &Node<'_>, stage: Stage<'_>, template: &Process) -> Option<Diagnostic> {
    let sides = [(Direction::In, "in", "before"), (Direction::Out, "out", "after")];
    let count = |direction| node.free_ports(direction).count();
    let (direction, word, neighbour) =
        sides.into_iter().find(|&(direction, ..)| stage.joins(direction) && count(direction) != 1)?;
    let title = format!("`{}` must leave exactly one {word} port free in this pipe", template.name.text);
    let label = match count(direction) {
        0 => format!("no {word} port is free for the stage {neighbour} it"),
        free => format!("{free} {word} ports are free"),
    };
    let last = node.free_ports(direction).last().and_then(|index| template.parameters.get(index));
    let help = match last {
        Some(port) => format!("bind the others by name, as `{}: QUEUE`", port.name.text),
        None => format!("use a template with a free {word} port"),
    };
    let problem = Diagnostic::new(codes::P0127, title)
        .at(node.start.call.span, label)
        .label(template.name.span, takes(template))
        .help(help);
    Some(problem)
}
