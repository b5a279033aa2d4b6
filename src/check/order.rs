//! In which order params and consts are evaluated: each after those that it uses.

use super::Global;
use super::model::Model;
use super::names::Declared;
use super::pieces::{Owner, Piece};
use super::walk::walk;
use crate::diagnostic::{Diagnostic, codes};
use crate::script::analysis::Uses;
use std::collections::{HashMap, HashSet};

/// The order, and the cycles that forbid one.
pub(super) fn order(model: &Model<'_>) -> (Vec<Global>, Vec<Diagnostic>) {
    let globals = globals(model);
    let pieces: HashMap<&str, &Piece<'_>> = model.pieces.iter().filter_map(defining).collect();
    let roots = model.names.all.iter().map(|declared| &*declared.name().text);
    let walked = walk(roots.filter(|name| globals.contains_key(name)), |name| {
        let uses = pieces.get(name).and_then(|piece| piece.used());
        let used = uses.map(|uses| used_names(model, uses)).unwrap_or_default();
        used.into_iter().filter(|used| globals.contains_key(used)).collect()
    });
    let order = walked.order.iter().filter_map(|name| globals.get(name).copied()).collect();
    (order, walked.cycles.iter().filter_map(|path| cycle(model, path)).collect())
}

fn defining<'a, 'm>(piece: &'m Piece<'a>) -> Option<(&'a str, &'m Piece<'a>)> {
    if let Owner::Global(name) = piece.owner { Some((name, piece)) } else { None }
}

/// Params and consts by name; each kind is counted in the order of the text.
fn globals<'a>(model: &Model<'a>) -> HashMap<&'a str, Global> {
    let (mut params, mut consts) = (0.., 0..);
    let mut found = HashMap::new();
    for declared in &model.names.all {
        let global = match declared {
            Declared::Param(_) => params.next().map(Global::Param),
            Declared::Const(_) => consts.next().map(Global::Const),
            _ => None,
        };
        if let Some(global) = global {
            found.entry(&*declared.name().text).or_insert(global);
        }
    }
    found
}

/// The free names of an expression, and of the functions that it calls.
pub(super) fn used_names<'m>(model: &'m Model<'_>, uses: &'m Uses) -> Vec<&'m str> {
    let mut names: Vec<&str> = uses.variables.iter().map(|variable| &*variable.name).collect();
    for function in called_functions(model, uses) {
        let params = function.owner.params();
        let used = function.used().into_iter().flat_map(|uses| &uses.variables);
        names.extend(used.map(|variable| &*variable.name).filter(|name| !params.iter().any(|p| p == name)));
    }
    names
}

/// The bodies of all functions that are called from here, also through others.
pub(super) fn called_functions<'m, 'a>(model: &'m Model<'a>, uses: &'m Uses) -> Vec<&'m Piece<'a>> {
    let mut found: Vec<&Piece<'_>> = Vec::new();
    let mut names = names_called(uses);
    let mut seen = HashSet::new();
    while let Some(name) = names.pop() {
        if !seen.insert(name) {
            continue;
        }
        let named = |piece: &&Piece<'_>| matches!(piece.owner, Owner::Function(f) if f.name.text == name);
        for piece in model.pieces.iter().filter(named) {
            found.push(piece);
            names.extend(piece.used().map(names_called).unwrap_or_default());
        }
    }
    found
}

/// Functions that are called, or named as a value and perhaps called later.
fn names_called(uses: &Uses) -> Vec<&str> {
    let called = uses.calls.iter().filter(|call| call.module.is_none()).map(|call| &*call.name);
    called.chain(uses.variables.iter().map(|variable| &*variable.name)).collect()
}

fn cycle(model: &Model<'_>, path: &[&str]) -> Option<Diagnostic> {
    let names: Vec<String> = path.iter().chain(path.first()).map(|name| format!("`{name}`")).collect();
    let mut places = path.iter().filter_map(|name| model.names.find(name)).map(Declared::name);
    let first = places.next()?;
    let problem = Diagnostic::new(codes::P0131, format!("`{}` is defined by itself", first.text))
        .at(first.span, names.join(" needs "))
        .help("give one of them a value that does not use the others");
    Some(places.fold(problem, |problem, name| problem.label(name.span, "part of the cycle")))
}
