//! Names that nothing may have: words that bodies could not use as a name.

use super::super::model::Model;
use crate::ast::{ItemKind, Many, Name};
use crate::diagnostic::{Diagnostic, codes};

/// What the language of bodies keeps for itself, and the words of ports and of `main`.
const RESERVED: &[&str] = &[
    "Fn",
    "as",
    "async",
    "await",
    "break",
    "call",
    "case",
    "catch",
    "const",
    "continue",
    "curry",
    "debug",
    "default",
    "do",
    "else",
    "eval",
    "export",
    "false",
    "fn",
    "for",
    "global",
    "go",
    "goto",
    "if",
    "import",
    "in",
    "is",
    "is_def_fn",
    "is_def_var",
    "is_shared",
    "let",
    "loop",
    "main",
    "match",
    "module",
    "new",
    "nil",
    "null",
    "out",
    "package",
    "print",
    "private",
    "protected",
    "public",
    "return",
    "shared",
    "spawn",
    "static",
    "super",
    "switch",
    "sync",
    "this",
    "thread",
    "throw",
    "true",
    "try",
    "type_of",
    "until",
    "use",
    "var",
    "void",
    "while",
    "with",
    "yield",
];

pub(super) fn check(model: &Model<'_>, problems: &mut Vec<Diagnostic>) {
    let declared = model.names.all.iter().map(|declared| declared.name());
    let inner = model.file.items.iter().flat_map(|item| inner_names(&item.kind));
    for name in declared.chain(inner) {
        if RESERVED.binary_search(&&*name.text).is_ok() {
            problems.push(reserved(name));
        }
    }
}

fn inner_names(item: &ItemKind) -> Vec<&Name> {
    match item {
        ItemKind::Process(template) => template.parameters.iter().map(|parameter| &parameter.name).collect(),
        ItemKind::Function(function) => function.params.iter().collect(),
        ItemKind::Start(start) => match &start.many {
            Some(Many::Each { variable, .. }) => vec![variable],
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

fn reserved(name: &Name) -> Diagnostic {
    Diagnostic::new(codes::P0102, format!("`{}` cannot be a name", name.text))
        .at(name.span, "a word that the language keeps for itself")
        .help(format!("choose another, as `{}_`", name.text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::analysis::{PieceKind, analyse};
    use crate::script::unit::Piece;

    #[test]
    fn the_table_is_sorted() {
        assert!(RESERVED.is_sorted());
    }

    #[test]
    fn bodies_refuse_these_names() {
        for name in RESERVED.iter().filter(|name| !["main", "out", "global"].contains(name)) {
            let text = format!("let {name} = 1;");
            let piece = Piece { text, line: 1, column: 1, ..Piece::default() };
            assert!(analyse(&piece, &[], PieceKind::Body).is_err(), "{name}");
        }
    }
}
