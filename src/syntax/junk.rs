//! Text that is no declaration, and where it stops being one.

use std::ops::Range;

use super::grammar::{Rule, why_not_declaration};
use crate::source::{SourceId, Span};

/// Junk, the place of its first error, and what was expected there.
pub struct Junk<'a> {
    source: SourceId,
    start: usize,
    pub text: &'a str,
    /// The part of the text that does not fit; empty at its end.
    pub found: Range<usize>,
    pub expected: Vec<Rule>,
    ends_file: bool,
}

impl<'a> Junk<'a> {
    /// Reads junk that begins at this place of its file. `None` when it is a declaration after all.
    pub fn read(source: SourceId, start: usize, text: &'a str, ends_file: bool) -> Option<Self> {
        let text = text.trim_end();
        let failure = why_not_declaration(text)?;
        let at = text.len().min(failure.offset);
        let at = at + space_length(&text[at..]);
        let found = at..at + token_length(&text[at..]);
        Some(Junk { source, start, text, found, expected: failure.expected, ends_file })
    }

    pub fn span(&self, range: Range<usize>) -> Span {
        Span::new(self.source, self.start + range.start, self.start + range.end)
    }

    /// Where the found text is; at the end of the junk, its last character.
    pub fn found_span(&self) -> Span {
        let last = self.text.chars().next_back().map_or(0, char::len_utf8);
        if self.found.is_empty() {
            self.span(self.text.len() - last..self.text.len())
        } else {
            self.span(self.found.clone())
        }
    }

    pub fn found(&self) -> &'a str {
        &self.text[self.found.clone()]
    }

    /// The found text as messages name it.
    pub fn found_words(&self) -> String {
        match self.found() {
            "" if self.ends_file => "the end of the file".to_owned(),
            "" => "the end of the line".to_owned(),
            found => format!("`{}`", shortened(found)),
        }
    }

    /// The word that the found text is.
    pub fn found_word(&self) -> Option<&'a str> {
        Some(self.found()).filter(|found| found.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'))
    }

    /// The text before the found one, without the space between them.
    pub fn before(&self) -> &'a str {
        self.text[..self.found.start].trim_end()
    }

    pub fn expects(&self, rules: &[Rule]) -> bool {
        self.expected.iter().any(|rule| rules.contains(rule))
    }

    /// The word that the junk begins with; for queues, without `joinable` and the like.
    pub fn head(&self) -> &'a str {
        let mut words = self.text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let first = words.next().unwrap_or("");
        match (first, words.next()) {
            ("joinable" | "broadcast" | "host", Some("queue")) => "queue",
            _ => first,
        }
    }
}

/// A text cut to a length that fits into a message, with its control characters made visible.
pub fn shortened(text: &str) -> String {
    const LENGTH_MAX: usize = 30;
    let shown: String = text.chars().take(LENGTH_MAX).flat_map(|c| visible(c).collect::<Vec<_>>()).collect();
    if text.chars().nth(LENGTH_MAX).is_some() { format!("{shown}…") } else { shown }
}

fn visible(c: char) -> Box<dyn Iterator<Item = char>> {
    if c.is_control() { Box::new(c.escape_default()) } else { Box::new(std::iter::once(c)) }
}

/// The length of the space and comments that a text begins with.
fn space_length(text: &str) -> usize {
    let mut at = 0;
    loop {
        let rest = &text[at..];
        let trimmed = rest.trim_start();
        let length = rest.len() - trimmed.len() + comment_length(trimmed);
        if length == 0 {
            return at;
        }
        at += length;
    }
}

fn comment_length(text: &str) -> usize {
    if text.starts_with("//") {
        return text.find('\n').unwrap_or(text.len());
    }
    if text.starts_with("/*") { text.find("*/").map_or(text.len(), |end| end + 2) } else { 0 }
}

/// The length of the word, number, text or sign that a text begins with.
fn token_length(text: &str) -> usize {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let word = text.find(|c| !is_word(c)).unwrap_or(text.len());
    if word > 0 {
        return word;
    }
    if let Some(quoted) = text.strip_prefix(['\'', '"']) {
        let quote = text.chars().next().unwrap_or_default();
        let line = quoted.lines().next().unwrap_or("");
        return 1 + line.find(quote).map_or(0, |end| end + 1);
    }
    let signs = ["...", "=>", "->", "==", "!=", "::", ":=", "+=", "-=", "&&", "||", "#{"];
    let sign = signs.iter().find(|sign| text.starts_with(**sign)).map(|sign| sign.len());
    sign.unwrap_or_else(|| text.chars().next().map_or(0, char::len_utf8))
}
