//! One name, one thing: names of the script, names of parameters, and `main`.

use super::super::model::Model;
use super::super::names::Declared;
use crate::ast::{Block, ItemKind, Name};
use crate::diagnostic::{Diagnostic, codes};
use std::collections::HashMap;

pub(super) fn check(model: &Model<'_>, problems: &mut Vec<Diagnostic>) {
    names(model, problems);
    for item in &model.file.items {
        match &item.kind {
            ItemKind::Process(template) => {
                parameters(template.parameters.iter().map(|parameter| &parameter.name), problems);
            }
            ItemKind::Function(function) => parameters(function.params.iter(), problems),
            _ => {}
        }
    }
    mains(model, problems);
}

/// Functions may share a name when they differ in the number of their parameters.
fn names(model: &Model<'_>, problems: &mut Vec<Diagnostic>) {
    let mut first: HashMap<(&str, Option<usize>), Declared<'_>> = HashMap::new();
    for &declared in &model.names.all {
        let name = declared.name();
        let arity =
            if let Declared::Function(function) = declared { Some(function.params.len()) } else { None };
        let found = model.names.find(&name.text).unwrap_or(declared);
        let overload = arity.is_some() && matches!(found, Declared::Function(_));
        let key = (&*name.text, if overload { arity } else { None });
        let earlier = *first.entry(key).or_insert(declared);
        let earlier = if overload { earlier } else { found };
        if !std::ptr::eq(earlier.name(), name) {
            problems.push(twice(name, declared.what(), earlier.name()));
        }
    }
}

fn twice(name: &Name, what: &str, earlier: &Name) -> Diagnostic {
    Diagnostic::new(codes::P0101, format!("the name `{}` is declared twice", name.text))
        .at(name.span, format!("declared again here, as {what}"))
        .label(earlier.span, "declared first here")
        .help("give one of them another name")
}

fn parameters<'a>(names: impl Iterator<Item = &'a Name>, problems: &mut Vec<Diagnostic>) {
    let mut first: HashMap<&str, &Name> = HashMap::new();
    for name in names {
        let earlier = *first.entry(&name.text).or_insert(name);
        if !std::ptr::eq(earlier, name) {
            problems.push(twice(name, "a parameter", earlier));
        }
    }
}

fn mains(model: &Model<'_>, problems: &mut Vec<Diagnostic>) {
    let mut mains = model.file.items.iter().filter_map(|item| match &item.kind {
        ItemKind::Main(block) => Some((item.span, block)),
        _ => None,
    });
    let Some((first, block)) = mains.next() else { return };
    let word = |span: crate::source::Span, block: &Block| crate::source::Span {
        end: span.start.saturating_add(4).min(block.span.start),
        ..span
    };
    for (again, other) in mains {
        let problem = Diagnostic::new(codes::P0103, "a script has one `main`")
            .at(word(again, other), "a second `main`")
            .label(word(first, block), "the first is here")
            .help("put the statements of both into one");
        problems.push(problem);
    }
}
