//! Texts that are nearly scripts: rows of the language's tokens, and scripts with a change.

use procession::ast::{File, print::print};
use proptest::prelude::*;

const TOKENS: &[&str] = &[
    "param",
    "const",
    "fn",
    "import",
    "queue",
    "joinable",
    "broadcast",
    "host",
    "process",
    "thread",
    "lock",
    "semaphore",
    "event",
    "barrier",
    "counter",
    "table",
    "start",
    "pipe",
    "main",
    "of",
    "capacity",
    "order",
    "when full",
    "dead letter",
    "daemon",
    "on failure",
    "restart",
    "backoff",
    "timeout",
    "allow",
    "env",
    "exec",
    "native",
    "for",
    "in",
    "out",
    "if",
    "after",
    "as",
    "a",
    "b_1",
    "5",
    "5s",
    "64MiB",
    "0x1F",
    "1.5",
    "..",
    "...",
    "=",
    "=>",
    "->",
    "==",
    "*",
    "+",
    "-",
    "!",
    "|",
    "||",
    "&",
    "::",
    ":",
    ".",
    ",",
    ";",
    "?",
    "#",
    "#{",
    "#\"",
    "##\"",
    "\"#",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "\"",
    "\"x\"",
    "'",
    "'c'",
    "`",
    "${",
    "\\",
    "\\\"",
    "//",
    "///",
    "/*",
    "*/",
    "#!",
    "\n",
    "\r\n",
    "\t",
    " ",
    "ä",
    "€",
    "\u{feff}",
    "\u{a0}",
    "\u{2028}",
    "\u{0}",
    "\u{1b}",
];

pub fn tokens() -> impl Strategy<Value = String> {
    let separator = prop_oneof![3 => Just(" "), 1 => Just(""), 1 => Just("\n")];
    let token = (prop::sample::select(TOKENS), separator);
    prop::collection::vec(token, 0..60)
        .prop_map(|tokens| tokens.into_iter().flat_map(|(token, separator)| [token, separator]).collect())
}

/// A printed script in which some pieces are taken out, doubled, or replaced by a token.
pub fn mutated(file: impl Strategy<Value = File>) -> impl Strategy<Value = String> {
    let change = (any::<prop::sample::Index>(), 0_usize..8, prop::sample::select(TOKENS), 0..3);
    (file, prop::collection::vec(change, 1..4)).prop_map(|(file, changes)| {
        let mut characters: Vec<char> = print(&file).chars().collect();
        for (place, length, token, kind) in changes {
            let start = place.index(characters.len() + 1);
            let end = (start + length).min(characters.len());
            let replacement: Vec<char> = match kind {
                0 => Vec::new(),
                1 => token.chars().collect(),
                _ => [&characters[start..end], &characters[start..end]].concat(),
            };
            characters.splice(start..end, replacement);
        }
        characters.into_iter().collect()
    })
}
