//! Sizes, durations, texts and keys: what a literal stands for.

use super::Lower;
use crate::syntax::grammar::Pair;

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
        self.quantity(pair, &SIZES)
    }

    /// A duration in milliseconds.
    pub(super) fn duration(&mut self, pair: &Pair) -> u64 {
        self.quantity(pair, &DURATIONS)
    }

    fn quantity(&mut self, pair: &Pair, units: &[(&str, u64)]) -> u64 {
        let text = pair.as_str();
        let split = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
        let (number, unit) = text.split_at(split);
        let factor = units.iter().find(|(name, _)| *name == unit).map(|(_, factor)| *factor);
        factor.and_then(|factor| scaled(number, factor)).unwrap_or(0)
    }

    /// What a string in quotes says.
    pub(super) fn text(&mut self, pair: &Pair) -> String {
        unescape(pair.as_str()).unwrap_or_default()
    }

    /// A key of a map: a word or a string.
    pub(super) fn key(&mut self, pair: &Pair) -> String {
        if pair.as_str().starts_with('"') { self.text(pair) } else { pair.as_str().to_owned() }
    }
}

/// A decimal number times a factor, when that is a whole number of 64 bits.
fn scaled(number: &str, factor: u64) -> Option<u64> {
    let digits: String = number.chars().filter(|&c| c != '_').collect();
    let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
    let fraction = fraction.trim_end_matches('0');
    let denominator = 10_u128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let numerator = format!("{whole}{fraction}").parse::<u128>().ok()?.checked_mul(u128::from(factor))?;
    if numerator % denominator != 0 {
        return None;
    }
    u64::try_from(numerator / denominator).ok()
}

/// The text of a string literal with its quotes; the offending escape when there is one that means nothing.
fn unescape(literal: &str) -> Result<String, String> {
    let inner = literal.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(literal);
    let mut result = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        result.push(if c == '\\' { escape(&mut chars)? } else { c });
    }
    Ok(result)
}

/// The character behind a backslash.
fn escape(chars: &mut std::str::Chars) -> Result<char, String> {
    let Some(kind) = chars.next() else { return Err("\\".to_owned()) };
    let digits = match kind {
        'n' => return Ok('\n'),
        'r' => return Ok('\r'),
        't' => return Ok('\t'),
        '\\' | '"' => return Ok(kind),
        'x' => 2,
        'u' => 4,
        'U' => 8,
        _ => return Err(format!("\\{kind}")),
    };
    let code: String = chars.by_ref().take(digits).collect();
    let number = u32::from_str_radix(&code, 16).ok().filter(|_| code.len() == digits);
    number.and_then(char::from_u32).ok_or_else(|| format!("\\{kind}{code}"))
}
