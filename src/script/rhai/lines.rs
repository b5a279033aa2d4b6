//! Where compiled text stands in the script: Rhai's positions to places and back.
//!
//! All pieces of a unit share one table of lines: each is compiled behind as many empty lines as the pieces
//! before it take, so that a line alone tells the piece, also in errors that cross functions. Rhai's lines and
//! columns saturate at 16 bits; what lies beyond has no place rather than a wrong one.

use super::edits::Shifts;
use crate::script::fault::Place;
use crate::script::unit::{Piece, Unit};
use rhai::Position;

/// A line and a column in the text of a piece, both from 1, as Rhai counts them: columns in characters.
pub(in crate::script) type TextPosition = (usize, usize);

/// The frame of a piece takes a line before it and one after it.
const FRAME_LINES: usize = 2;

struct Entry {
    first_line: usize,
    source: u32,
    line: u32,
    shifts: Shifts,
}

#[derive(Default)]
pub(in crate::script) struct Lines {
    entries: Vec<Entry>,
    next_base: usize,
}

impl Lines {
    /// The functions come first, in one text, then each body.
    pub(in crate::script) fn of(unit: &Unit) -> Lines {
        let mut lines = Lines::default();
        unit.functions.iter().for_each(|function| lines.push(&function.piece));
        unit.bodies.iter().for_each(|body| lines.push(&body.piece));
        lines
    }

    pub(in crate::script) fn push(&mut self, piece: &Piece) {
        let first_line = self.next_base + 2;
        self.entries.push(Entry {
            first_line,
            source: piece.source,
            line: piece.line,
            shifts: Shifts::default(),
        });
        self.next_base += piece.text.matches('\n').count() + 1 + FRAME_LINES;
    }

    /// Forgets the last piece.
    pub(in crate::script) fn pop(&mut self) {
        if let Some(entry) = self.entries.pop() {
            self.next_base = entry.first_line - 2;
        }
    }

    pub(in crate::script) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The empty lines before the frame of an entry.
    pub(in crate::script) fn base(&self, entry: usize) -> usize {
        self.entries.get(entry).map_or(0, |entry| entry.first_line - 2)
    }

    pub(super) fn set_shifts(&mut self, entry: usize, shifts: Shifts) {
        if let Some(entry) = self.entries.get_mut(entry) {
            entry.shifts = shifts;
        }
    }

    /// The entry that a position lies in.
    pub(in crate::script) fn entry(&self, position: Position) -> Option<usize> {
        let (line, _) = text_position(position)?;
        self.entries.partition_point(|entry| entry.first_line <= line).checked_sub(1)
    }

    /// The source and line, without the work for the column.
    pub(in crate::script) fn line(&self, position: Position) -> Option<(u32, u32)> {
        let (line, _) = text_position(position)?;
        let entry = self.entries.get(self.entry(position)?)?;
        Some((entry.source, entry.line + (line - entry.first_line) as u32))
    }

    /// The place in the script, or `None` where Rhai does not know.
    pub(in crate::script) fn place(&self, position: Position) -> Option<Place> {
        let (line, column) = text_position(position)?;
        let entry = self.entries.get(self.entry(position)?)?;
        let offset = line - entry.first_line;
        let column = entry.shifts.original(offset + 1, column);
        Some(Place { source: entry.source, line: entry.line + offset as u32, column: column as u32 })
    }
}

/// A piece's text in its frame, each character in the column that it has in the script.
pub(in crate::script) fn frame(header: &str, piece: &Piece, text: &str, footer: &str) -> String {
    let indent = " ".repeat(piece.column.saturating_sub(1) as usize);
    format!("{header}\n{indent}{text}\n{footer}\n")
}

/// The name of the function around a text that [`in_function`] gives.
pub(super) const FRAME: &str = "__frame";

/// A text as the body of a function, from the second line on.
pub(super) fn in_function(text: &str) -> String {
    format!("fn {FRAME}() {{\n{text}\n}}")
}

/// What Rhai says, unless it is nothing or saturated.
pub(in crate::script) fn text_position(position: Position) -> Option<TextPosition> {
    let saturated = usize::from(u16::MAX);
    let line = position.line().filter(|&line| line < saturated)?;
    let column = position.position().unwrap_or(1);
    (column < saturated).then_some((line, column))
}
