//! Chains whose middle is a value of its own: `total.keys().sorted_by(|a, b| total[b] - total[a])`.
//!
//! Rhai keeps a captured variable locked for the whole chain that begins with it, so that the closure could not
//! read `total`. In a block, `({total.keys()}).sorted_by(…)`, the lock ends with the first call, whose result is
//! a value of its own anyway.

use super::edits::Edit;
use super::lines::TextPosition;
use super::rewrite::Mark;

/// A chain of members that begins with a name.
struct Chain {
    start: TextPosition,
    /// Behind the bracket of its first member call.
    first_call_end: Option<TextPosition>,
    /// A later member call has arguments, which may be closures.
    needed: bool,
}

/// What is between two brackets, or the whole text.
#[derive(Default)]
struct Level {
    chain: Option<Chain>,
    last: Option<Mark>,
    /// The brackets belong to a call of a member of the outer chain.
    member_call: bool,
    empty: bool,
}

/// The brackets to insert.
pub(super) fn find(tokens: &[(Mark, TextPosition)]) -> Vec<Edit> {
    let mut finder = Finder { levels: vec![Level::default()], before_name: None, found: Vec::new() };
    for &(mark, at) in tokens {
        finder.step(mark, at);
    }
    while !finder.levels.is_empty() {
        finder.finish_chain();
        finder.levels.pop();
    }
    finder.found
}

struct Finder {
    levels: Vec<Level>,
    /// What stood before the name that was read last.
    before_name: Option<Mark>,
    found: Vec<Edit>,
}

impl Finder {
    fn step(&mut self, mark: Mark, at: TextPosition) {
        match mark {
            Mark::OpenParen | Mark::OpenBracket | Mark::Open | Mark::OpenMap => self.open(mark),
            Mark::CloseParen | Mark::CloseBracket | Mark::Close => self.close(mark, at),
            Mark::Name => self.name(at),
            Mark::Dot | Mark::Path => self.set_last(mark),
            Mark::Empty if self.last() == Some(Mark::Name) => {
                self.open(Mark::OpenParen);
                // The closing bracket is the second character.
                self.close(Mark::CloseParen, (at.0, at.1 + 1));
            }
            _ => {
                self.finish_chain();
                self.set_last(mark);
            }
        }
    }

    fn last(&self) -> Option<Mark> {
        self.levels.last().and_then(|level| level.last)
    }

    fn set_last(&mut self, mark: Mark) {
        if let Some(level) = self.levels.last_mut() {
            level.last = Some(mark);
            level.empty = false;
        }
    }

    fn name(&mut self, at: TextPosition) {
        self.before_name = self.last();
        if !matches!(self.before_name, Some(Mark::Dot | Mark::Path)) {
            self.finish_chain();
            if let Some(level) = self.levels.last_mut() {
                level.chain = Some(Chain { start: at, first_call_end: None, needed: false });
            }
        }
        self.set_last(Mark::Name);
    }

    fn open(&mut self, mark: Mark) {
        let after = self.last();
        let continues = match mark {
            Mark::OpenParen => after == Some(Mark::Name),
            Mark::OpenBracket => matches!(after, Some(Mark::Name | Mark::CloseParen | Mark::CloseBracket)),
            _ => false,
        };
        if !continues {
            self.finish_chain();
        }
        let member_call = mark == Mark::OpenParen && continues && self.before_name == Some(Mark::Dot);
        self.set_last(mark);
        self.levels.push(Level { member_call, empty: true, ..Level::default() });
    }

    fn close(&mut self, mark: Mark, (line, column): TextPosition) {
        self.finish_chain();
        if self.levels.len() < 2 {
            return;
        }
        let Some(inner) = self.levels.pop() else { return };
        if inner.member_call
            && let Some(chain) = self.levels.last_mut().and_then(|level| level.chain.as_mut())
        {
            match chain.first_call_end {
                None => chain.first_call_end = Some((line, column + 1)),
                Some(_) => chain.needed |= !inner.empty,
            }
        }
        if mark == Mark::Close {
            self.finish_chain();
        }
        self.set_last(mark);
    }

    fn finish_chain(&mut self) {
        let chain = self.levels.last_mut().and_then(|level| level.chain.take());
        if let Some(Chain { start, first_call_end: Some(end), needed: true }) = chain {
            self.found.push(Edit::insertion(start, "({"));
            self.found.push(Edit::insertion(end, "})"));
        }
    }
}
