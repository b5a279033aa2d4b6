//! Sizes, durations, texts and keys: what a literal stands for.

use std::ops::Range;

use super::Lower;
use crate::diagnostic::{Diagnostic, codes, words};
use crate::source::Span;
use crate::syntax::grammar::Pair;
use crate::syntax::junk::shortened;

const SIZES: [(&str, u64); 9] = [
    ("B", 1),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
    ("KB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
];

const DURATIONS: [(&str, u64); 4] = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000)];

impl Lower {
    /// A size in bytes.
    pub(super) fn size(&mut self, pair: &Pair) -> u64 {
        self.quantity(pair, "size", &SIZES)
    }

    /// A duration in milliseconds.
    pub(super) fn duration(&mut self, pair: &Pair) -> u64 {
        self.quantity(pair, "duration", &DURATIONS)
    }

    fn quantity(&mut self, pair: &Pair, what: &str, units: &[(&str, u64)]) -> u64 {
        let text = pair.as_str();
        let split = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
        let (number, unit) = text.split_at(split);
        let span = self.span(pair);
        let factor = units.iter().find(|(name, _)| *name == unit).map(|(_, factor)| *factor);
        let amount = match factor {
            Some(factor) => scaled(number, factor).map_err(|why| unreadable(pair, what, why, span)),
            None => Err(unknown_unit(unit, what, units, span)),
        };
        amount.unwrap_or_else(|problem| {
            self.problems.push(problem);
            0
        })
    }

    /// What a string in quotes says.
    pub(super) fn text(&mut self, pair: &Pair) -> String {
        unescape(pair.as_str()).unwrap_or_else(|range| {
            let start = pair.as_span().start();
            let span = Span::new(self.source, start + range.start, start + range.end);
            let escape = shortened(pair.as_str().get(range).unwrap_or_default());
            let problem = Diagnostic::new(codes::P0012, format!("the escape `{escape}` means nothing"))
                .at(span, "unknown")
                .help("write `\\\\` for a backslash; `\\n`, `\\t`, `\\r`, `\\\"`, `\\xHH`, `\\uHHHH` are the others");
            self.problems.push(problem);
            String::new()
        })
    }

    /// A key of a map: a word or a string.
    pub(super) fn key(&mut self, pair: &Pair) -> String {
        if pair.as_str().starts_with('"') { self.text(pair) } else { pair.as_str().to_owned() }
    }
}

fn unknown_unit(unit: &str, what: &str, units: &[(&str, u64)], span: Span) -> Diagnostic {
    let shown = shortened(unit);
    let problem = Diagnostic::new(codes::P0009, format!("`{shown}` is not a unit of a {what}"))
        .at(span, "unknown unit");
    let same = units.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit)).map(|(name, _)| *name);
    let names = units.iter().map(|(name, _)| *name);
    let other = [
        ("sec", "s"),
        ("secs", "s"),
        ("min", "m"),
        ("mins", "m"),
        ("hr", "h"),
        ("hours", "h"),
        ("msec", "ms"),
    ];
    let other = other.iter().find(|(name, _)| *name == unit).map(|(_, ours)| *ours);
    let close = same.or(other.filter(|ours| names.clone().any(|name| name == *ours)));
    problem.help(match close {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!("the units are {}", words::names(names)),
    })
}

fn unreadable(pair: &Pair, what: &str, why: &str, span: Span) -> Diagnostic {
    let title = format!("the {what} `{}` is {why}", shortened(pair.as_str()));
    let help = if why == TOO_LARGE { "write a smaller one" } else { "write it in a smaller unit" };
    Diagnostic::new(codes::P0009, title).at(span, why).help(help)
}

const TOO_LARGE: &str = "too large";
const TOO_FINE: &str = "too fine";

/// A decimal number times a factor, when that is a whole number of 63 bits: as much as an int can hold.
fn scaled(number: &str, factor: u64) -> Result<u64, &'static str> {
    let digits: String = number.chars().filter(|&c| c != '_').collect();
    let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
    let fraction = fraction.trim_end_matches('0');
    let places = u32::try_from(fraction.len()).ok();
    let denominator = places.and_then(|places| 10_u128.checked_pow(places)).ok_or(TOO_FINE)?;
    let numerator = format!("{whole}{fraction}").parse::<u128>().ok();
    let numerator = numerator.and_then(|number| number.checked_mul(u128::from(factor))).ok_or(TOO_LARGE)?;
    if numerator % denominator != 0 {
        return Err(TOO_FINE);
    }
    i64::try_from(numerator / denominator).map(i64::cast_unsigned).map_err(|_| TOO_LARGE)
}

/// The text of a string literal with its quotes; where the first escape stands that means nothing.
fn unescape(literal: &str) -> Result<String, Range<usize>> {
    let end = literal.len().saturating_sub(1);
    let mut result = String::with_capacity(end);
    let mut at = 1;
    let is_escape = |c| c == '\\' || c == '"';
    while let Some(c) = literal.get(at..end).and_then(|rest| rest.chars().next()) {
        let length = if is_escape(c) { escape_length(&literal[at..end]) } else { c.len_utf8() };
        let part = &literal[at..at + length];
        result.push_str(&if is_escape(c) { escaped(part).ok_or(at..at + length)? } else { part.to_owned() });
        at += length;
    }
    Ok(result)
}

/// The length of the escape that a text begins with: its backslash, its letter and its digits.
fn escape_length(text: &str) -> usize {
    let digits = text.chars().nth(1).map_or(0, digit_count);
    text.char_indices().nth(2 + digits).map_or(text.len(), |(at, _)| at)
}

/// How many digits follow the letter of an escape.
fn digit_count(letter: char) -> usize {
    match letter {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        _ => 0,
    }
}

/// What an escape stands for.
fn escaped(escape: &str) -> Option<String> {
    let letter = escape.chars().nth(1)?;
    let character = match letter {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        '\\' | '"' => letter,
        'x' | 'u' | 'U' => {
            let digits = escape.get(2..).filter(|digits| digits.len() == digit_count(letter))?;
            let hexadecimal = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
            char::from_u32(u32::from_str_radix(digits, 16).ok().filter(|_| hexadecimal)?)?
        }
        _ => return None,
    };
    Some(character.to_string())
}
