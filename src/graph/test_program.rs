//! Programs for tests, from their text.

use super::Graph;
use crate::check::Program;
use crate::diagnostic::Diagnostic;
use crate::source::{Source, Sources};
use crate::value::Map;

pub(super) fn program(text: &str) -> Program {
    let mut sources = Sources::default();
    let id = sources.add(Source::new("folder/test.proc", text));
    let (tree, problems) = crate::syntax::parse(&sources, id);
    assert!(problems.is_empty(), "{problems:#?}");
    let (program, problems) = crate::check::check(&sources, &tree);
    program.unwrap_or_else(|| panic!("{problems:#?}"))
}

pub(super) fn elaborated(text: &str) -> Result<Graph, Vec<Diagnostic>> {
    super::elaborate(&program(text), Map::new())
}

pub(super) fn graph(text: &str) -> Graph {
    elaborated(text).unwrap_or_else(|problems| panic!("{problems:#?}"))
}
