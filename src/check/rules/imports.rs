//! Imports and what is used of them: `m::name` in bodies and expressions. Starts are looked at with the others.

use super::super::model::Model;
use super::super::names::Declared;
use super::super::pieces::Piece;
use super::super::suggest;
use super::functions::{template_call, wrong_number};
use super::given;
use crate::diagnostic::{Diagnostic, codes};
use crate::script::analysis::{Access, At, CallUse, PathUse};
use crate::source::Span;
use std::collections::HashSet;

pub(super) fn check(model: &Model<'_>, problems: &mut Vec<Diagnostic>) {
    for import in model.file.imports().filter(|import| !model.modules.contains_key(&*import.alias.text)) {
        let title = format!("`{}` has not been read", import.path);
        problems.push(
            Diagnostic::new(codes::P0400, title).at(import.path_span, "imported here").help("mend the path"),
        );
    }
    for piece in &model.pieces {
        let Some(uses) = piece.used() else { continue };
        let mut told = HashSet::new();
        let paths =
            uses.paths.iter().map(|path| (path.at, &path.module, &path.name, value(model, piece, path)));
        let calls = uses.calls.iter().filter_map(|call| {
            Some((call.at, call.module.as_ref()?, &call.name, called(model, piece, call)))
        });
        for (at, module, name, problem) in paths.chain(calls) {
            if problems.len() >= super::ENOUGH {
                return;
            }
            let problem = problem.or_else(|| broken(model, piece, at));
            if problem.is_some() && told.insert((module, name)) {
                problems.extend(problem);
            }
        }
    }
}

/// `m::name` as a value.
fn value(model: &Model<'_>, piece: &Piece<'_>, path: &PathUse) -> Option<Diagnostic> {
    let span = piece.place(path.at);
    let home = match home(model, &path.module, span) {
        Ok(home) => home,
        Err(problem) => return Some(problem),
    };
    let name = &path.name;
    match home.names.find(name) {
        Some(Declared::Const(constant)) => written(path, span, constant.name.span),
        Some(Declared::Function(_)) => None,
        Some(Declared::Template(_)) if piece.is_body() => None,
        Some(Declared::Template(template)) => {
            let what = Declared::Template(template).what();
            let title = format!("`{}::{name}`, {what}, cannot be used here", path.module);
            let problem = Diagnostic::new(codes::P0132, title).at(span, "not visible here");
            let problem = problem.label(template.name.span, "declared here");
            Some(problem.help("use only params, consts and functions in an expression"))
        }
        Some(declared) => Some(not_given(home, declared, span)),
        None => {
            let title = format!("`{}` has no `{name}`", file_name(home));
            let problem = Diagnostic::new(codes::P0105, title).at(span, "not declared there");
            Some(near(problem, home, span, name, |_| true))
        }
    }
}

/// Consts keep their value.
fn written(path: &PathUse, span: Span, declared: Span) -> Option<Diagnostic> {
    let name = format!("{}::{}", path.module, path.name);
    let problem = match path.access {
        Access::Read => return None,
        Access::Write => Diagnostic::new(codes::P0115, format!("cannot assign to `{name}`, a const"))
            .at(span, "assigned here"),
        Access::Change => Diagnostic::new(codes::P0116, format!("cannot change `{name}`, a const"))
            .at(span, "would change a copy of it"),
    };
    let help = format!("use a variable of the body: `let mine = {name};`");
    Some(problem.label(declared, "declared here").help(help))
}

/// `m::name(…)`.
fn called(model: &Model<'_>, piece: &Piece<'_>, call: &CallUse) -> Option<Diagnostic> {
    let (span, module) = (piece.place(call.at), call.module.as_deref()?);
    let home = match home(model, module, span) {
        Ok(home) => home,
        Err(problem) => return Some(problem),
    };
    let name = &call.name;
    if home.names.functions(name).any(|function| function.params.len() == call.arguments) {
        return None;
    }
    match home.names.find(name) {
        Some(Declared::Function(function)) => Some(wrong_number(piece, call, function)),
        Some(Declared::Template(template)) if piece.is_body() => {
            template_call(piece, call, template).or_else(|| given::misfit(model, piece, call, template))
        }
        Some(declared @ (Declared::Template(_) | Declared::Const(_))) => {
            let title = format!("`{module}::{name}` is {}, not a function", declared.what());
            let problem = Diagnostic::new(codes::P0106, title).at(span, "cannot be called here");
            let help = match declared {
                Declared::Template(_) => "make processes in a body, or with `start`",
                _ => "use it without brackets",
            };
            Some(problem.label(declared.name().span, "declared here").help(help))
        }
        Some(declared) => Some(not_given(home, declared, span)),
        None => {
            let title = format!("`{}` has no function `{name}`", file_name(home));
            let problem = Diagnostic::new(codes::P0106, title).at(span, "not declared there");
            Some(near(problem, home, span, name, |it| !matches!(it, Declared::Const(_))))
        }
    }
}

/// The file that is imported under a name.
pub(super) fn home<'m, 'a>(
    model: &'m Model<'a>,
    module: &str,
    span: Span,
) -> Result<&'m Model<'a>, Diagnostic> {
    if let Some(home) = model.home(Some(module)) {
        return Ok(home);
    }
    let imports = || model.file.imports().map(|import| &*import.alias.text);
    let problem = Diagnostic::new(codes::P0144, format!("there is no import `{module}`"));
    let place = super::name_span(span, module);
    Err(match module.split_once("::") {
        Some((first, _)) if imports().any(|import| import == first) => {
            let problem = problem.at(place, format!("private to the file that is imported as `{first}`"));
            problem.help("import that file here, too")
        }
        _ => {
            let otherwise = format!("import a file under this name: `import \"{module}.proc\" as {module}`");
            suggest::name(problem.at(place, "not imported"), place, module, imports(), &otherwise)
        }
    })
}

/// What a file has for its own run only.
pub(super) fn not_given(home: &Model<'_>, declared: Declared<'_>, span: Span) -> Diagnostic {
    let (name, file) = (declared.name(), file_name(home));
    let title = format!("`{}` is {} of `{file}`, and cannot be imported", name.text, declared.what());
    Diagnostic::new(codes::P0145, title)
        .at(span, "not to be had from here")
        .label(name.span, "declared here")
        .help("an import gives processes, functions and consts")
}

/// Adds the nearest name of the file that can be used here.
pub(super) fn near<'a>(
    problem: Diagnostic,
    home: &Model<'a>,
    path: Span,
    name: &str,
    fits: impl Fn(Declared<'a>) -> bool,
) -> Diagnostic {
    let given = |declared: &Declared<'a>| {
        let given = matches!(declared, Declared::Const(_) | Declared::Function(_) | Declared::Template(_));
        given && fits(*declared)
    };
    let known = home.names.all.iter().filter(|it| given(it)).map(|it| &*it.name().text);
    let start = path.end.saturating_sub(u32::try_from(name.len()).unwrap_or(u32::MAX)).max(path.start);
    let otherwise = format!("declare it in `{}`, or import the file that has it", file_name(home));
    suggest::name(problem, Span { start, ..path }, name, known, &otherwise)
}

pub(super) fn file_name<'m>(home: &'m Model<'_>) -> &'m str {
    home.sources.get(home.file.source).name()
}

/// A path over several lines would move what stands behind it.
fn broken(model: &Model<'_>, piece: &Piece<'_>, at: At) -> Option<Diagnostic> {
    let written = model.text(piece).get(at.start as usize..at.end as usize)?;
    let problem = Diagnostic::new(codes::P0900, "a name of an import has to stand in one line");
    let problem = problem.at(piece.place(at), "ends in another line").help("write it without a line break");
    written.contains('\n').then_some(problem)
}
