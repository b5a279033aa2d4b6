//! Which params and consts of an imported file are needed: those that its processes and functions use, and those
//! that other files name. The others are not evaluated.

use super::model::Model;
use super::names::Declared;
use super::order::used_names;
use super::pieces::{Owner, Piece};
use crate::ast::ItemKind;
use crate::diagnostic::{Diagnostic, codes};
use crate::source::Span;
use std::collections::HashSet;
use std::rc::Rc;

/// The names of all that is needed of a file, besides others.
pub(super) fn needed<'m>(model: &'m Model<'_>, models: &'m [Rc<Model<'_>>]) -> HashSet<&'m str> {
    let mut needed = HashSet::new();
    let mut open: Vec<&str> = roots(model).flat_map(|piece| names(model, piece)).collect();
    open.extend(models.iter().flat_map(|other| asked(other, model)));
    while let Some(name) = open.pop() {
        if needed.insert(name) {
            let defines = |piece: &&Piece<'_>| matches!(piece.owner, Owner::Global(own) if own == name);
            open.extend(model.pieces.iter().filter(defines).flat_map(|piece| names(model, piece)));
        }
    }
    needed
}

/// The pieces of what a file gives to others.
fn roots<'m, 'a>(model: &'m Model<'a>) -> impl Iterator<Item = &'m Piece<'a>> {
    let given = |kind: &ItemKind| matches!(kind, ItemKind::Process(_) | ItemKind::Function(_));
    let items: Vec<Span> =
        model.file.items.iter().filter(|item| given(&item.kind)).map(|item| item.span).collect();
    let inside = move |span: Span| items.iter().any(|item| item.start <= span.start && span.end <= item.end);
    model.pieces.iter().filter(move |piece| inside(piece.span))
}

fn names<'m>(model: &'m Model<'_>, piece: &'m Piece<'_>) -> Vec<&'m str> {
    let params = piece.owner.params();
    let mut names = piece.used().map(|uses| used_names(model, uses)).unwrap_or_default();
    names.retain(|name| !params.iter().any(|param| param == name));
    names
}

/// What `other` names of a file.
fn asked<'m>(other: &'m Model<'_>, model: &Model<'_>) -> impl Iterator<Item = &'m str> {
    let paths = other.pieces.iter().filter_map(Piece::used).flat_map(|uses| &uses.paths);
    let of_model = |module: &str| other.home(Some(module)).is_some_and(|home| std::ptr::eq(home, model));
    paths.filter(move |path| of_model(&path.module)).map(|path| &*path.name)
}

/// A param without a default cannot be had by an import: nobody could give it.
pub(super) fn params_without_default(models: &[Rc<Model<'_>>], problems: &mut Vec<Diagnostic>) {
    for model in models.iter().filter(|model| model.word.is_some()) {
        let needed = needed(model, models);
        for declared in &model.names.all {
            let Declared::Param(param) = declared else { continue };
            let name = &param.name;
            if param.default.is_none() && !param.rest && needed.contains(&*name.text) {
                let title = format!("the param `{}` of an imported file has no default", name.text);
                let problem = Diagnostic::new(codes::P0146, title)
                    .at(name.span, "nobody can give it a value")
                    .help("give it a default, or make it a parameter of those that use it");
                problems.push(problem);
            }
        }
    }
}
