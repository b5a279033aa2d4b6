//! Variables of bodies and expressions: each is declared where the piece can see it, and params, consts and constants
//! of bodies are only read.

use super::super::flow::declared;
use super::super::model::Model;
use super::super::names::Declared;
use super::super::pieces::{Owner, Piece};
use super::super::suggest;
use crate::ast::{Direction, Parameter};
use crate::diagnostic::{Diagnostic, codes};
use crate::script::analysis::{Access, FreeVariable};
use std::collections::HashSet;

pub(super) fn check(model: &Model<'_>, problems: &mut Vec<Diagnostic>) {
    for piece in &model.pieces {
        let mut told = HashSet::new();
        for variable in piece.used().into_iter().flat_map(|uses| &uses.variables) {
            if problems.len() >= super::ENOUGH {
                return;
            }
            if told.contains(&variable.name) {
                continue;
            }
            let problem = if model.sees(piece, &variable.name) {
                written(model, piece, variable)
            } else {
                Some(hidden(model, piece, variable))
            };
            if problem.is_some() {
                told.insert(&variable.name);
            }
            problems.extend(problem);
        }
        for (variable, declared) in piece.used().into_iter().flat_map(|uses| &uses.constants) {
            if told.insert(&variable.name) {
                let problem = change(piece, variable, "a constant");
                problems.extend(problem.map(|it| it.label(piece.place(*declared), "declared here")));
            }
        }
    }
}

/// Params, consts, and in main queues, locks and processes, keep their value.
fn written(model: &Model<'_>, piece: &Piece<'_>, variable: &FreeVariable) -> Option<Diagnostic> {
    let declared = declared(model, piece, &variable.name)?;
    let global = matches!(declared, Declared::Param(_) | Declared::Const(_));
    if variable.access == Access::Change && !global {
        return None;
    }
    Some(change(piece, variable, declared.what())?.label(declared.name().span, "declared here"))
}

/// A variable that is not to be changed, and `what` it is.
fn change(piece: &Piece<'_>, variable: &FreeVariable, what: &str) -> Option<Diagnostic> {
    let name = &variable.name;
    Some(match variable.access {
        Access::Read => return None,
        Access::Write => Diagnostic::new(codes::P0115, format!("cannot assign to `{name}`, {what}"))
            .at(piece.place(variable.at), "assigned here")
            .help(format!("assign to a variable of the body: `let mine = {name};`")),
        Access::Change => Diagnostic::new(codes::P0116, format!("cannot change `{name}`, {what}"))
            .at(piece.place(variable.at), "would change a copy of it")
            .help(format!("change a variable of the body: `let mine = {name};`")),
    })
}

fn hidden(model: &Model<'_>, piece: &Piece<'_>, variable: &FreeVariable) -> Diagnostic {
    if let Owner::Command(template) | Owner::Clause(template) = piece.owner
        && let Some(port) = template.parameters.iter().find(|port| port.name.text == variable.name)
    {
        return port_out_of_sight(piece, variable, port);
    }
    match declared(model, piece, &variable.name) {
        None => unknown(model, piece, variable),
        Some(declared) => out_of_sight(piece, variable, declared),
    }
}

fn unknown(model: &Model<'_>, piece: &Piece<'_>, variable: &FreeVariable) -> Diagnostic {
    let name = &variable.name;
    let span = piece.place(variable.at);
    let problem =
        Diagnostic::new(codes::P0105, format!("there is no variable `{name}`")).at(span, "not declared");
    let params = piece.owner.params();
    let names = model.names.all.iter().map(|declared| &*declared.name().text);
    let outer = params.iter().map(|param| &**param).chain(names.filter(|known| model.sees(piece, known)));
    let shared = model.shared().map(|shared| &*shared.name.text);
    let given = shared.filter(|_| matches!(piece.owner, Owner::Argument(..)));
    let known = outer.chain(given).chain(locals(model.text(piece)));
    let otherwise = if piece.is_body() {
        format!("declare it: `let {name} = …;`")
    } else {
        format!("declare it: `const {name} = …`, or `param {name} = …`")
    };
    suggest::name(problem, span, name, known, &otherwise)
}

/// The program has the port as its standard input or output; the command is words.
fn port_out_of_sight(piece: &Piece<'_>, variable: &FreeVariable, port: &Parameter) -> Diagnostic {
    let stream = if port.direction == Some(Direction::In) { "standard input" } else { "standard output" };
    let (place, help) = match piece.owner {
        Owner::Clause(_) => ("clause", "use parameters that take values".to_owned()),
        _ => ("command", format!("leave it out: it is the program's {stream}")),
    };
    Diagnostic::new(codes::P0132, format!("`{}`, a port, cannot be used in a {place}", variable.name))
        .at(piece.place(variable.at), "not visible here")
        .label(port.span, "declared here")
        .help(help)
}

/// A queue, a lock, a process or a template where it cannot be used by its name.
fn out_of_sight(piece: &Piece<'_>, variable: &FreeVariable, declared: Declared<'_>) -> Diagnostic {
    let name = &variable.name;
    let (at, there) = (piece.place(variable.at), declared.name().span);
    let queue = matches!(declared, Declared::Queue(_));
    let shared = matches!(declared, Declared::Shared(_));
    if let (Owner::Argument(parameter, _), true) = (piece.owner, queue) {
        let title = format!("the parameter `{}` takes a value, not a queue", parameter.name.text);
        return Diagnostic::new(codes::P0113, title)
            .at(at, "this is a queue")
            .label(parameter.span, "declared without `in` or `out`")
            .help(format!("declare it as a port: `in {0}` or `out {0}`", parameter.name.text));
    }
    let title = format!("`{name}`, {}, cannot be used by its name here", declared.what());
    let help = match piece.owner {
        _ if matches!(declared, Declared::Import(_)) => format!("use what it gives: `{name}::…`"),
        Owner::Process(template) if shared => {
            format!("pass it to `{}` as an argument", template.name.text)
        }
        Owner::Argument(..) if shared => "pass it as an argument of its own".to_owned(),
        Owner::Process(template) if queue && template.is_thread() => {
            format!("give it as an argument, `{name}`, when the thread is started")
        }
        Owner::Process(_) if queue => format!("pass it as a port: `in {name}` or `out {name}`"),
        Owner::Process(_) => "do this in main, which sees it".to_owned(),
        Owner::Function(function) => format!("pass it to `{}` as an argument", function.name.text),
        _ => "use only params, consts and functions in an expression".to_owned(),
    };
    Diagnostic::new(codes::P0132, title).at(at, "not visible here").label(there, "declared here").help(help)
}

/// What stands behind `let` and `for`: good enough for a suggestion.
fn locals(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| !word.is_empty());
    let behind = words.clone().skip(1);
    words.zip(behind).filter(|(word, _)| matches!(*word, "let" | "for")).map(|(_, name)| name)
}
