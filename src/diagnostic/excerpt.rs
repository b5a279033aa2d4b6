//! The lines of a file around some places, short enough to draw: far lines are left empty, long lines are
//! cut around the places.

use super::place::{border, clamp};
use crate::source::{LineColumn, Source};
use std::ops::Range;

/// Lines at most this far from a place are kept; a drawing shows no others.
const LINES_AROUND: u32 = 6;
/// An excerpt ends after so many lines, whatever the ranges.
const LINES_MAX: u32 = 20_000;
/// A longer line is cut to what surrounds the places in it.
const LINE_BYTES_MAX: usize = 1000;
const BYTES_BEFORE: usize = 100;
const BYTES_AFTER: usize = 200;
/// How far from the first place of a cut line the last one may be; farther ones move to the cut.
const BYTES_BETWEEN: usize = 400;

/// A piece of a file with line feeds as its only line ends.
pub struct Excerpt {
    pub text: String,
    /// The number of its first line in the file.
    pub first_line: usize,
    lines: Vec<Line>,
}

/// A kept line: which bytes of the source stand where in the text.
struct Line {
    shown: Range<usize>,
    at: usize,
    /// The whole line in the source.
    whole: Range<usize>,
}

impl Excerpt {
    /// The lines from the first to the last of these ranges.
    #[must_use]
    pub fn new(source: &Source, ranges: &[Range<usize>]) -> Excerpt {
        let mut edges: Vec<Edge> = Vec::new();
        for range in ranges.iter().map(|range| clamp(source.text(), range.clone())) {
            edges.extend([edge(source, range.start), edge(source, range.end)]);
        }
        edges.sort_unstable_by_key(|edge| edge.offset);
        let first = edges.first().map_or(1, |edge| edge.line);
        let last = edges.last().map_or(1, |edge| edge.line).min(first.saturating_add(LINES_MAX));
        let mut excerpt = Excerpt { text: String::new(), first_line: first as usize, lines: Vec::new() };
        let mut next = 0;
        for number in first..=last {
            while edges.get(next).is_some_and(|edge| edge.line + LINES_AROUND < number) {
                next += 1;
            }
            if number > first {
                excerpt.text.push('\n');
            }
            if edges.get(next).is_some_and(|edge| edge.line <= number + LINES_AROUND) {
                excerpt.push(source, number, &edges[next..]);
            }
        }
        if excerpt.text.is_empty() || excerpt.text.ends_with('\n') {
            // An empty last line would not count as a line, and the end of the file is often the place.
            excerpt.text.push(' ');
        }
        excerpt
    }

    /// Whether every kept line is whole.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.lines.iter().all(|line| line.shown == line.whole)
    }

    /// Where in the text a range of the source stands; what was cut off counts as the place of the cut.
    #[must_use]
    pub fn range(&self, range: Range<usize>) -> Range<usize> {
        let start = self.offset(range.start);
        start..self.offset(range.end).max(start)
    }

    /// The column (from 1) that an offset of the source has within the text.
    #[must_use]
    pub fn column(&self, offset: usize) -> usize {
        let before = &self.text[..self.offset(offset)];
        before.rsplit('\n').next().unwrap_or("").chars().count() + 1
    }

    fn offset(&self, offset: usize) -> usize {
        let index = self.lines.partition_point(|line| line.whole.start <= offset);
        let Some(line) = index.checked_sub(1).and_then(|index| self.lines.get(index)) else { return 0 };
        let ellipsis = if line.shown.start > line.whole.start { '…'.len_utf8() } else { 0 };
        line.at + ellipsis + offset.clamp(line.shown.start, line.shown.end) - line.shown.start
    }

    fn push(&mut self, source: &Source, number: u32, edges: &[Edge]) {
        let start = source.offset(LineColumn { line: number, column: 1 }) as usize;
        let line = source.line(number);
        let here = edges.iter().take_while(|edge| edge.line <= number).filter(|edge| edge.line == number);
        let mut here = here.map(|edge| edge.offset.saturating_sub(start).min(line.len()));
        let nearest = here.next().unwrap_or(0);
        let kept = window(line, nearest, here.last().unwrap_or(nearest));
        let (whole, shown) = (start..start + line.len(), start + kept.start..start + kept.end);
        self.lines.push(Line { shown, at: self.text.len(), whole });
        if kept.start > 0 {
            self.text.push('…');
        }
        self.text.push_str(&line[kept.clone()]);
        if kept.end < line.len() {
            self.text.push('…');
        }
    }
}

/// The start or end of a range.
struct Edge {
    line: u32,
    offset: usize,
}

fn edge(source: &Source, offset: usize) -> Edge {
    let line = source.line_column(u32::try_from(offset).unwrap_or(u32::MAX)).line;
    Edge { line, offset }
}

/// The part of a line to show when the first and last place in it are these.
fn window(line: &str, first: usize, last: usize) -> Range<usize> {
    if line.len() <= LINE_BYTES_MAX {
        return 0..line.len();
    }
    let end = last.min(first + BYTES_BETWEEN) + BYTES_AFTER;
    border(line, first.saturating_sub(BYTES_BEFORE))..border(line, end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excerpt(text: &str, range: Range<usize>) -> Excerpt {
        Excerpt::new(&Source::new("a", text), std::slice::from_ref(&range))
    }

    #[test]
    fn a_small_place_is_its_line() {
        let excerpt = excerpt("one\r\ntwo\r\nthree", 5..8);
        assert_eq!((excerpt.text.as_str(), excerpt.first_line), ("two", 2));
        assert_eq!(excerpt.range(5..8), 0..3);
        assert!(excerpt.is_whole());
    }

    #[test]
    fn a_place_in_a_line_end_is_the_end_of_the_line() {
        let excerpt = excerpt("one\r\ntwo\r\n", 4..5);
        assert_eq!(excerpt.text, "one\ntwo");
        assert_eq!(excerpt.range(4..5), 3..4);
    }

    #[test]
    fn the_end_of_the_file_has_a_line() {
        for text in ["", "a\n"] {
            let excerpt = excerpt(text, text.len()..text.len());
            assert_eq!(excerpt.text, " ");
            assert_eq!(excerpt.range(text.len()..text.len()), 0..0);
        }
    }

    #[test]
    fn lines_far_from_all_places_are_empty() {
        let source = Source::new("a", "line\n".repeat(1000));
        let excerpt = Excerpt::new(&source, &[0..4, 4990..4994]);
        assert_eq!(excerpt.text.matches("line").count(), 14);
        assert_eq!(excerpt.text.lines().count(), 999);
        assert_eq!(&excerpt.text[excerpt.range(4990..4994)], "line");
    }

    #[test]
    fn a_long_line_is_cut_around_its_places() {
        let text = format!("{}€{}", "a".repeat(5000), "b".repeat(5000));
        let excerpt = Excerpt::new(&Source::new("a", text), &[5000..5003, 9000..9001]);
        assert!(excerpt.text.len() < LINE_BYTES_MAX && !excerpt.is_whole());
        assert_eq!(&excerpt.text[excerpt.range(5000..5003)], "€");
        assert_eq!(excerpt.column(5000), 1 + BYTES_BEFORE + 1);
        assert!(excerpt.range(9000..9001).is_empty());
    }
}
