//! Parameters, params, consts and functions that nothing uses.

use super::super::flow::Flow;
use super::super::model::Model;
use super::super::names::Declared;
use super::super::pieces::{Owner, Piece};
use super::exempt;
use crate::ast::{Direction, Name};
use crate::diagnostic::{Diagnostic, codes};
use crate::script::analysis::Uses;
use std::collections::HashSet;

pub(super) fn check(model: &Model<'_>, _flow: &Flow<'_>, problems: &mut Vec<Diagnostic>) {
    for piece in &model.pieces {
        if let Some(uses) = piece.used() {
            parameters(piece, uses, problems);
        }
    }
    globals(model, problems);
    functions(model, problems);
}

/// The names that a piece uses from outside.
pub(super) fn used_names(uses: &Uses) -> HashSet<&str> {
    let given = uses.calls.iter().flat_map(|call| &call.plain_arguments).flatten();
    let methods = uses.methods.iter().map(|method| &method.receiver);
    let iterated = uses.iterated.iter().map(|(name, _)| name);
    let variables = uses.variables.iter().map(|variable| &variable.name);
    variables.chain(given).chain(methods).chain(iterated).map(|name| &**name).collect()
}

fn parameters(piece: &Piece<'_>, uses: &Uses, problems: &mut Vec<Diagnostic>) {
    let declared: Vec<(&Name, &str)> = match piece.owner {
        Owner::Process(template) => {
            let word = |direction| match direction {
                Some(Direction::In) => "in port",
                Some(Direction::Out) => "out port",
                None => "parameter",
            };
            template.parameters.iter().map(|parameter| (&parameter.name, word(parameter.direction))).collect()
        }
        Owner::Command(template) => {
            let plain = template.parameters.iter().filter(|parameter| parameter.direction.is_none());
            plain.map(|parameter| (&parameter.name, "parameter")).collect()
        }
        Owner::Function(function) => function.params.iter().map(|name| (name, "parameter")).collect(),
        _ => return,
    };
    let used = used_names(uses);
    for (name, word) in declared.into_iter().filter(|(name, _)| !used.contains(&*name.text)) {
        if !exempt(&name.text) {
            problems.push(unused(codes::P0206, name, &format!("the {word} `{}`", name.text)));
        }
    }
}

fn unused(code: crate::diagnostic::Code, name: &Name, what: &str) -> Diagnostic {
    Diagnostic::new(code, format!("{what} is never used"))
        .at(name.span, "not used")
        .help(format!("remove it, or call it `_{}`", name.text))
}

fn globals(model: &Model<'_>, problems: &mut Vec<Diagnostic>) {
    let mut used = HashSet::new();
    for piece in &model.pieces {
        let params = piece.owner.params();
        let names = piece.used().map(used_names).unwrap_or_default();
        used.extend(names.into_iter().filter(|name| !params.iter().any(|param| param == name)));
    }
    for declared in &model.names.all {
        let what = match declared {
            Declared::Param(_) => "the param",
            Declared::Const(_) => "the const",
            _ => continue,
        };
        let name = declared.name();
        if !used.contains(&*name.text) && !exempt(&name.text) {
            problems.push(unused(codes::P0207, name, &format!("{what} `{}`", name.text)));
        }
    }
}

/// A function may be called in ways that the analysis does not list (as a method, by its name in a string),
/// so that its name anywhere in another piece counts as a use.
fn functions(model: &Model<'_>, problems: &mut Vec<Diagnostic>) {
    for declared in &model.names.all {
        let Declared::Function(function) = declared else { continue };
        let own =
            |owner: Owner<'_>| matches!(owner, Owner::Function(other) if std::ptr::eq(other, *function));
        let name = &function.name;
        if !model.mentioned_elsewhere(&name.text, own) && !exempt(&name.text) {
            problems.push(unused(codes::P0207, name, &format!("the function `{}`", name.text)));
        }
    }
}
