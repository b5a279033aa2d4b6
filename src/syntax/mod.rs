//! Text to tree: all syntax problems of a file at once, and whatever could be read.
//!
//! First `balanced` looks for texts and brackets that are not closed. What is broken so is blanked out, and
//! the grammar reads the rest, declaration by declaration; what is none is explained by `mistakes`.

mod balanced;
mod declaration_line;
mod faults;
mod grammar;
mod junk;
mod lower;
mod mistakes;
mod words;

use std::borrow::Cow;
use std::ops::Range;

use crate::ast;
use crate::diagnostic::{self, Diagnostic, codes};
use crate::source::{SourceId, Sources, Span};

/// So many problems of a file are enough to go on with.
const PROBLEMS_MAX: usize = 20;

/// Parses one file. The tree holds every declaration that could be read, also when there are problems.
#[must_use]
pub fn parse(sources: &Sources, id: SourceId) -> (ast::File, Vec<Diagnostic>) {
    let text = sources.get(id).text();
    if let Some(at) = text.find('\0') {
        return (ast::File { source: id, docs: Vec::new(), items: Vec::new() }, vec![not_a_text(id, at)]);
    }
    let broken = balanced::broken(text, PROBLEMS_MAX);
    let mut problems: Vec<_> = broken.iter().map(|broken| faults::problem(id, text, broken.fault)).collect();
    let ranges: Vec<_> = broken.into_iter().map(|broken| broken.range).collect();
    let read = lower::file(id, &blanked(text, &ranges));
    problems.extend(read.problems);
    let junk = read.junk.into_iter().filter(|junk| !ranges.iter().any(|range| range.contains(&junk.start)));
    let room = PROBLEMS_MAX.saturating_sub(problems.len());
    problems.extend(junk.filter_map(|range| explain(id, text, range)).take(room));
    diagnostic::sort(&mut problems);
    problems.truncate(PROBLEMS_MAX);
    (read.file, problems)
}

fn explain(source: SourceId, text: &str, range: Range<usize>) -> Option<Diagnostic> {
    let ends_file = text.get(range.end..)?.trim().is_empty();
    let junk = junk::Junk::read(source, range.start, text.get(range)?, ends_file)?;
    Some(mistakes::explain(&junk))
}

/// The text with these ranges replaced by what no declaration contains, behind the end of the one before;
/// lines and lengths stay.
fn blanked<'a>(text: &'a str, ranges: &[Range<usize>]) -> Cow<'a, str> {
    if ranges.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut blanked = String::with_capacity(text.len());
    for range in ranges {
        blanked.push_str(&text[blanked.len()..range.start]);
        let bytes = text[range.clone()].bytes().enumerate();
        blanked.extend(bytes.map(|(at, byte)| match (at, byte) {
            (_, b'\n') => '\n',
            (0, _) => ';',
            _ => 'x',
        }));
    }
    blanked.push_str(&text[blanked.len()..]);
    Cow::Owned(blanked)
}

fn not_a_text(source: SourceId, at: usize) -> Diagnostic {
    Diagnostic::new(codes::P0006, "the file holds a NUL character")
        .at(Span::new(source, at, at + 1), "here")
        .help("save the script as plain text in UTF-8")
}

#[cfg(test)]
mod error_tests;
#[cfg(test)]
mod tests;
