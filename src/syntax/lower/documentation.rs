//! `///` lines: which belong to the script, which to the declaration below them.

use crate::ast::File;
use crate::syntax::grammar::{Pair, Parts, Rule};

/// The documentation lines read so far that no declaration has taken yet.
pub struct Pending<'a> {
    text: &'a str,
    lines: Vec<(String, usize)>,
    /// Whether a declaration or junk was seen: then nothing documents the script any more.
    top_is_over: bool,
}

impl<'a> Pending<'a> {
    pub fn new(text: &'a str) -> Self {
        Pending { text, lines: Vec::new(), top_is_over: false }
    }

    pub fn line(&mut self, pair: &Pair) {
        let text = Parts::of(pair.clone()).next_of(Rule::documentation_text);
        let text = text.as_ref().map_or("", |text| text.as_str());
        let text = text.strip_prefix(' ').unwrap_or(text).trim_end();
        self.lines.push((text.to_owned(), pair.as_span().end()));
    }

    /// Gives the block at the top of a file to the file when an empty line (or the file's end) follows it.
    pub fn split_top(&mut self, file: &mut File) {
        if std::mem::replace(&mut self.top_is_over, true) {
            return;
        }
        let last = self.lines.iter().position(|&(_, end)| self.is_last(end));
        let count = last.map_or(0, |last| last + 1);
        file.docs = self.lines.drain(..count).map(|(text, _)| text).collect();
    }

    /// Whether the line after the one that ends here is empty, or there is none.
    fn is_last(&self, end: usize) -> bool {
        let rest = self.text.get(end..).unwrap_or("");
        let mut lines = rest.split('\n').skip(1);
        lines.next().is_none_or(|line| line.trim().is_empty())
    }

    pub fn take(&mut self) -> Vec<String> {
        self.lines.drain(..).map(|(text, _)| text).collect()
    }
}
