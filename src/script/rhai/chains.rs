//! Chains whose middle is a value of its own: `total.keys().sorted_by(|a, b| total[b] - total[a])`.
//!
//! Rhai keeps a captured variable locked for the whole chain that begins with it, so that the closure could not
//! read `total`. In a block, `({total.keys()}).sorted_by(…)`, the lock ends with the first call, whose result is
//! a value of its own anyway.
//!
//! The same for a closure that is given to the first call of a chain, if it uses the name that the chain begins with,
//! `(__copy a).filter(|x| x == a[0])`: a function that only reads may as well have a copy. (A block around a mere name
//! Rhai takes away.)

use super::edits::Edit;
use super::lines::TextPosition;
use super::rewrite::Mark;

/// Methods that call functions and leave their receivers as they are.
pub(super) const READING: &[&str] =
    &["all", "filter", "find", "find_map", "map", "order", "order_by", "reduce", "reduce_rev", "some", "zip"];

/// A chain of members that begins with a name.
struct Chain {
    start: TextPosition,
    name: String,
    /// The dot before a first call that only reads.
    reads_at: Option<TextPosition>,
    /// A closure is among its arguments.
    closure: bool,
    /// The closure uses the name.
    uses_own: bool,
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
    dot: TextPosition,
    /// The brackets belong to a call of a member of the outer chain.
    member_call: bool,
    empty: bool,
}

/// The brackets to insert.
pub(super) fn find(text: &str, tokens: &[(Mark, TextPosition)]) -> Vec<Edit> {
    let lines = text.split('\n').collect();
    let mut finder = Finder {
        lines,
        levels: vec![Level::default()],
        before_name: None,
        name: String::new(),
        found: Vec::new(),
    };
    for &(mark, at) in tokens {
        finder.step(mark, at);
    }
    while !finder.levels.is_empty() {
        finder.finish_chain();
        finder.levels.pop();
    }
    finder.found
}

struct Finder<'t> {
    lines: Vec<&'t str>,
    levels: Vec<Level>,
    /// What stood before the name that was read last.
    before_name: Option<Mark>,
    /// The name that was read last.
    name: String,
    found: Vec<Edit>,
}

impl Finder<'_> {
    fn step(&mut self, mark: Mark, at: TextPosition) {
        match mark {
            Mark::OpenParen | Mark::OpenBracket | Mark::Open | Mark::OpenMap => self.open(mark),
            Mark::CloseParen | Mark::CloseBracket | Mark::Close => self.close(mark, at),
            Mark::Name => self.name(at),
            Mark::Dot | Mark::Path => {
                self.set_last(mark);
                self.levels.last_mut().into_iter().for_each(|level| level.dot = at);
            }
            Mark::Empty if self.last() == Some(Mark::Name) => {
                self.open(Mark::OpenParen);
                // The closing bracket is the second character.
                self.close(Mark::CloseParen, (at.0, at.1 + 1));
            }
            _ => {
                self.finish_chain();
                self.set_last(mark);
                for chain in self.levels.iter_mut().filter_map(|level| level.chain.as_mut()) {
                    chain.closure |= matches!(mark, Mark::Bar | Mark::Bars) && chain.reads_at.is_some();
                }
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
        self.name = self.word(at);
        if !matches!(self.before_name, Some(Mark::Dot | Mark::Path)) {
            self.finish_chain();
            for chain in self.levels.iter_mut().filter_map(|level| level.chain.as_mut()) {
                chain.uses_own |= chain.closure && chain.first_call_end.is_none() && chain.name == self.name;
            }
            if let Some(level) = self.levels.last_mut() {
                level.chain = Some(Chain {
                    start: at,
                    name: self.name.clone(),
                    reads_at: None,
                    closure: false,
                    uses_own: false,
                    first_call_end: None,
                    needed: false,
                });
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
        if member_call
            && READING.contains(&&*self.name)
            && let Some(level) = self.levels.last_mut()
            && let Some(chain) = &mut level.chain
            && chain.first_call_end.is_none()
        {
            chain.reads_at = Some(level.dot);
        }
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
        let Some(chain) = self.levels.last_mut().and_then(|level| level.chain.take()) else { return };
        let own_end = chain.reads_at.filter(|_| chain.uses_own);
        let first_end = chain.first_call_end.filter(|_| chain.needed);
        for (end, opening, closing) in first_end
            .map(|end| (end, "({", "})"))
            .into_iter()
            .chain(own_end.map(|end| (end, "(__copy ", ")")))
        {
            self.found.push(Edit::insertion(chain.start, opening));
            self.found.push(Edit::insertion(end, closing));
        }
    }

    /// The word that begins at a place.
    fn word(&self, (line, column): TextPosition) -> String {
        let line = self.lines.get(line.wrapping_sub(1)).copied().unwrap_or_default();
        let is_part = |char: &char| char.is_alphanumeric() || *char == '_';
        line.chars().skip(column - 1).take_while(is_part).collect()
    }
}
