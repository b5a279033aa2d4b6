//! Small changes to a piece's text before it is compiled, and where each column of the result was before.

use super::lines::TextPosition;
use super::paths;
use crate::script::unit::{Link, Piece};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Characters of one line that are replaced.
pub(super) struct Edit {
    pub(super) at: TextPosition,
    removed: usize,
    text: Cow<'static, str>,
}

impl Edit {
    pub(super) fn insertion(at: TextPosition, text: &'static str) -> Self {
        Edit { at, removed: 0, text: Cow::Borrowed(text) }
    }

    fn of_link(text: &str, link: &Link) -> Option<Self> {
        let before = text.get(..link.start as usize)?;
        let written = text.get(link.start as usize..link.end as usize)?;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        let at = (before.matches('\n').count() + 1, column);
        let name = paths::inner(&link.name).into_owned();
        Some(Edit { at, removed: written.chars().count(), text: Cow::Owned(name) })
    }
}

/// The names of a piece that stand for others.
pub(super) fn of_links(piece: &Piece) -> impl Iterator<Item = Edit> {
    piece.links.iter().filter_map(|link| Edit::of_link(&piece.text, link))
}

/// The text with all edits made; they are in order and do not overlap.
pub(super) fn apply(text: &str, edits: &[Edit]) -> String {
    let mut result = String::with_capacity(text.len() + edits.len() * 12);
    let mut left = edits.iter().peekable();
    let (mut line, mut column) = (1, 1);
    let mut removed = 0;
    for char in text.chars() {
        while let Some(edit) = left.next_if(|edit| edit.at <= (line, column)) {
            result.push_str(&edit.text);
            removed += edit.removed;
        }
        match removed {
            0 => result.push(char),
            _ => removed -= 1,
        }
        (line, column) = if char == '\n' { (line + 1, 1) } else { (line, column + 1) };
    }
    left.for_each(|edit| result.push_str(&edit.text));
    result
}

/// By line of a piece: where, in original columns, how many characters were removed and how many inserted.
#[derive(Default)]
pub(super) struct Shifts(BTreeMap<usize, Vec<(usize, usize, usize)>>);

impl Shifts {
    /// The first line of a piece begins at `column` of its file.
    pub(super) fn of(edits: &[Edit], column: u32) -> Shifts {
        let mut lines: BTreeMap<usize, Vec<(usize, usize, usize)>> = BTreeMap::new();
        for edit in edits {
            let (line, at) = edit.at;
            let at = if line == 1 { at + column.saturating_sub(1) as usize } else { at };
            lines.entry(line).or_default().push((at, edit.removed, edit.text.len()));
        }
        Shifts(lines)
    }

    /// The original column of a column of the edited text.
    pub(super) fn original(&self, line: usize, column: usize) -> usize {
        let (mut inserted_before, mut removed_before) = (0, 0);
        for &(at, removed, inserted) in self.0.get(&line).into_iter().flatten() {
            if column + removed_before < at + inserted_before {
                break;
            }
            if column + removed_before < at + inserted_before + inserted {
                return at;
            }
            inserted_before += inserted;
            removed_before += removed;
        }
        column + removed_before - inserted_before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each place of the edited text, with the character there and the one at the place that it came from.
    #[test]
    fn columns_are_those_of_the_original() {
        let link = |start, end, name: &str| Link { start, end, name: name.into() };
        let text = "é m::f(a)\nb + m :: LIMIT; c";
        let links = vec![link(3, 7, "m::f"), link(15, 25, "lengthy::LIMIT")];
        let piece = Piece { text: text.into(), links, ..Piece::default() };
        let mut edits: Vec<Edit> = of_links(&piece).collect();
        edits.push(Edit::insertion((2, 14), "})"));
        edits.sort_by_key(|edit| edit.at);
        let edited = apply(text, &edits);
        assert_eq!(edited, "é __m__f(a)\nb + __lengthy__LIMIT}); c");
        let shifts = Shifts::of(&edits, 1);
        for (line, (after, before)) in edited.lines().zip(text.lines()).enumerate() {
            for (column, char) in after.chars().enumerate() {
                let original = shifts.original(line + 1, column + 1);
                if "é(a)bc;+".contains(char) && !(line == 1 && char == ')') && char != 'm' {
                    assert_eq!(before.chars().nth(original - 1), Some(char), "{line}:{column}");
                }
            }
        }
        assert_eq!(shifts.original(1, 3), 3, "a name is where it began");
        assert_eq!(shifts.original(1, 8), 3);
    }
}
