//! Text to tree: all syntax problems of a file at once, and whatever could be read.

mod grammar;
mod lower;

use crate::ast;
use crate::diagnostic::{self, Diagnostic};
use crate::source::{SourceId, Sources};

/// Parses one file. The tree holds every declaration that could be read, also when there are problems.
#[must_use]
pub fn parse(sources: &Sources, id: SourceId) -> (ast::File, Vec<Diagnostic>) {
    let source = sources.get(id);
    let (file, mut problems) = lower::file(id, source.text());
    diagnostic::sort(&mut problems);
    (file, problems)
}

#[cfg(test)]
mod tests;
