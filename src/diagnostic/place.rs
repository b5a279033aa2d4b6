//! Where a span lies, as people count it, whatever the span: one that does not fit its file is clamped.

use crate::source::{LineColumn, Source, SourceId, Sources, Span};
use std::ops::Range;

/// A span in the words of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    pub file: &'a str,
    pub start: LineColumn,
    pub end: LineColumn,
}

/// The place of a span; `None` when its file is not among the sources.
#[must_use]
pub fn place(sources: &Sources, span: Span) -> Option<Place<'_>> {
    let source = source(sources, span.source)?;
    let range = clamp(source.text(), span.range());
    let at = |offset: usize| source.line_column(u32::try_from(offset).unwrap_or(u32::MAX));
    Some(Place { file: source.name(), start: at(range.start), end: at(range.end) })
}

/// The file of an id; `None` when the id belongs to other sources.
#[must_use]
pub fn source(sources: &Sources, id: SourceId) -> Option<&Source> {
    sources.iter().nth(id.0 as usize).map(|(_, source)| source)
}

/// The nearest range that lies within the text, on character borders, and does not end before it starts.
#[must_use]
pub fn clamp(text: &str, range: Range<usize>) -> Range<usize> {
    let start = border(text, range.start);
    let end = (range.end..text.len()).find(|&at| text.is_char_boundary(at)).unwrap_or(text.len());
    start..end.max(start)
}

/// The last character border that is not behind this offset.
#[must_use]
pub fn border(text: &str, offset: usize) -> usize {
    let offset = offset.min(text.len());
    (0..=offset).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(text: &str) -> Sources {
        let mut sources = Sources::default();
        sources.add(Source::new("a.proc", text));
        sources
    }

    #[test]
    fn a_span_within_a_character_covers_the_character() {
        assert_eq!(clamp("a€b", 2..3), 1..4);
    }

    #[test]
    fn a_span_beyond_the_end_is_the_end() {
        assert_eq!(clamp("ab\n", 9..12), 3..3);
        assert_eq!(clamp("ab", Range { start: 2, end: 1 }), 2..2);
        assert_eq!(clamp("", 0..5), 0..0);
    }

    #[test]
    fn a_file_that_is_not_there_has_no_place() {
        let span = Span::new(SourceId(7), 0, 1);
        assert_eq!(place(&sources("x"), span), None);
    }

    #[test]
    fn lines_and_columns_count_from_one() {
        let sources = sources("ab\ncd");
        let place = place(&sources, Span::new(SourceId(0), 3, 99)).unwrap();
        assert_eq!(place.start, LineColumn { line: 2, column: 1 });
        assert_eq!(place.end, LineColumn { line: 2, column: 3 });
    }
}
