//! Rhai's lines and columns to bytes of the piece.

use crate::script::analysis::{At, PieceKind};
use crate::script::rhai::lines::{in_function, text_position};
use rhai::Position;
use std::borrow::Cow;

pub(super) struct Text<'a> {
    piece: &'a str,
    /// Where each line begins, and whether a column of it is a byte.
    lines: Vec<(usize, bool)>,
    kind: PieceKind,
}

impl<'a> Text<'a> {
    pub(super) fn new(text: &'a str, kind: PieceKind) -> Self {
        let mut start = 0;
        let lines = text.split('\n').map(|line| {
            let this = (start, line.is_ascii());
            start += line.len() + 1;
            this
        });
        Text { piece: text, lines: lines.collect(), kind }
    }

    /// Expressions stand in brackets on lines of their own: just one, of any form, fits in there. Bodies of
    /// functions stand in one.
    pub(super) fn to_compile(&self) -> Cow<'a, str> {
        match self.kind {
            PieceKind::Body => Cow::Borrowed(self.piece),
            PieceKind::Function => Cow::Owned(in_function(self.piece)),
            PieceKind::Expression => Cow::Owned(format!("(\n{}\n)", self.piece)),
        }
    }

    pub(super) fn slice(&self, at: At) -> &'a str {
        self.piece.get(at.start as usize..at.end as usize).unwrap_or("")
    }

    /// The byte of a position. The end of the text for what lies behind it; its beginning for no position.
    fn offset(&self, position: Position) -> usize {
        let Some((line, column)) = text_position(position) else { return 0 };
        let header = usize::from(self.kind != PieceKind::Body);
        let Some(index) = line.checked_sub(1 + header) else { return 0 };
        let Some(&(start, ascii)) = self.lines.get(index) else { return self.piece.len() };
        let end = self.lines.get(index + 1).map_or(self.piece.len(), |&(next, _)| next - 1);
        let line = &self.piece[start..end];
        let column = column.saturating_sub(1);
        let within = if ascii {
            column.min(line.len())
        } else {
            line.char_indices().nth(column).map_or(line.len(), |(at, _)| at)
        };
        start + within
    }

    /// The bytes of a name that begins at a position, or of the token there when it is written otherwise.
    pub(super) fn name(&self, name: &str, position: Position) -> At {
        let start = self.offset(position);
        if self.piece[start..].starts_with(name) {
            at(start, start + name.len())
        } else {
            self.token(position)
        }
    }

    /// Whether this name stands at the position.
    pub(super) fn begins_with(&self, name: &str, position: Position) -> bool {
        self.piece[self.offset(position)..].starts_with(name)
    }

    /// The bytes of the text of a string that begins at a position, when it is written there as it is.
    pub(super) fn within_quotes(&self, content: &str, position: Position) -> Option<At> {
        let start = self.offset(position) + 1;
        let written = self.piece.get(start..)?.strip_prefix(content)?;
        (!content.is_empty() && written.starts_with('"')).then(|| at(start, start + content.len()))
    }

    /// The bytes of the token that begins at a position.
    pub(super) fn token(&self, position: Position) -> At {
        let start = self.offset(position);
        at(start, start + token_length(&self.piece[start..]))
    }
}

fn at(start: usize, end: usize) -> At {
    At { start: u32::try_from(start).unwrap_or(u32::MAX), end: u32::try_from(end).unwrap_or(u32::MAX) }
}

/// A word, a string up to the end of its line, or one character.
fn token_length(text: &str) -> usize {
    let word = |char: char| char.is_alphanumeric() || char == '_';
    let Some(first) = text.chars().next() else { return 0 };
    if word(first) {
        return text.find(|char| !word(char)).unwrap_or(text.len());
    }
    if first == '"' {
        let line = text.lines().next().unwrap_or(text);
        return line[1..].find('"').map_or(line.len(), |end| end + 2);
    }
    if first == '\n' { 0 } else { first.len_utf8() }
}
