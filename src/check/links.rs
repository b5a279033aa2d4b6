//! What names of imported files stand for. Bodies are compiled as one program, so names of other files, and the
//! own names of an imported file, become those that they have in the program: `words::longest`.

use super::model::Model;
use super::names::Declared;
use super::pieces::Piece;
use crate::script::analysis::At;
use crate::script::unit::Link;

/// The name in the program of what a file declares.
pub(super) fn qualified(model: &Model<'_>, name: &str) -> String {
    match &model.word {
        Some(word) => format!("{word}::{name}"),
        None => name.to_owned(),
    }
}

/// The links of a piece, in the order of the text.
pub(super) fn links(model: &Model<'_>, piece: &Piece<'_>) -> Vec<Link> {
    let Some(uses) = piece.used() else { return Vec::new() };
    let params = piece.owner.params();
    let mut links = Vec::new();
    let mut link = |at: At, name: String| links.push(Link { start: at.start, end: at.end, name });
    for path in &uses.paths {
        if let Some(home) = model.home(Some(&path.module)) {
            link(path.at, qualified(home, &path.name));
        }
    }
    for call in uses.calls.iter().filter(|call| call.module.is_some()) {
        if let Some(home) = model.home(call.module.as_deref()) {
            link(call.at, qualified(home, &call.name));
        }
    }
    for (name, at) in &uses.named {
        if let Some((home, name)) = named(model, name) {
            link(*at, qualified(home, name));
        }
    }
    if model.word.is_some() {
        let variables = uses.variables.iter().filter(|variable| !params.contains(&variable.name));
        for variable in variables.filter(|variable| is_global(model, &variable.name)) {
            link(variable.at, qualified(model, &variable.name));
        }
        for call in uses.calls.iter().filter(|call| call.module.is_none()) {
            if takes(model, &call.name, call.arguments) {
                link(call.at, qualified(model, &call.name));
            }
        }
    }
    links.sort_by_key(|link| link.start);
    links.dedup_by_key(|link| link.start);
    links
}

/// The function that a text names, `name` or `module::name`, when its name in the program is another.
fn named<'m, 'a, 't>(model: &'m Model<'a>, text: &'t str) -> Option<(&'m Model<'a>, &'t str)> {
    let (module, name) = text.split_once("::").map_or((None, text), |(module, name)| (Some(module), name));
    let home = model.home(module)?;
    let declared = home.names.functions(name).next().is_some();
    (declared && home.word.is_some()).then_some((home, name))
}

fn is_global(model: &Model<'_>, name: &str) -> bool {
    let declared = model.names.find(name);
    matches!(
        declared,
        Some(Declared::Param(_) | Declared::Const(_) | Declared::Function(_) | Declared::Template(_))
    )
}

fn is_function(model: &Model<'_>, name: &str, arguments: usize) -> bool {
    model.names.functions(name).any(|function| function.params.len() == arguments)
}

/// Whether a call means a function or template of the file; others mean one that every body has.
fn takes(model: &Model<'_>, name: &str, arguments: usize) -> bool {
    let template = model.names.template(name);
    is_function(model, name, arguments)
        || template.is_some_and(|template| arguments <= template.parameters.len())
}
