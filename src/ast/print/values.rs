//! Texts, keys, types, sizes and durations as text.

use super::super::ItemType;

/// A text in quotes, everything that does not stand for itself escaped.
pub fn quoted(text: &str) -> String {
    let inner: String = text.chars().map(escaped).collect();
    format!("\"{inner}\"")
}

fn escaped(c: char) -> String {
    match c {
        '"' => "\\\"".to_owned(),
        '\\' => "\\\\".to_owned(),
        '\n' => "\\n".to_owned(),
        '\r' => "\\r".to_owned(),
        '\t' => "\\t".to_owned(),
        c if c.is_control() => format!("\\u{:04x}", u32::from(c)),
        c => c.to_string(),
    }
}

/// A key of a map, in quotes unless it is a word.
pub fn key(key: &str) -> String {
    let after_underscores = key.trim_start_matches('_');
    let is_word = after_underscores.starts_with(|c: char| c.is_ascii_alphabetic())
        && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if is_word { key.to_owned() } else { quoted(key) }
}

pub fn item_type(kind: &ItemType) -> String {
    match kind {
        ItemType::Int => "int".to_owned(),
        ItemType::Float => "float".to_owned(),
        ItemType::Bool => "bool".to_owned(),
        ItemType::String => "string".to_owned(),
        ItemType::Blob => "blob".to_owned(),
        ItemType::Map => "map".to_owned(),
        ItemType::Any => "any".to_owned(),
        ItemType::ArrayOf(inner) => format!("[{}]", item_type(inner)),
        ItemType::Record(fields) => {
            let fields: Vec<String> = fields.iter().map(field).collect();
            format!("#{{{}}}", fields.join(", "))
        }
    }
}

fn field((name, kind, optional): &(String, ItemType, bool)) -> String {
    format!("{}: {}{}", key(name), item_type(kind), if *optional { "?" } else { "" })
}

/// Bytes in the largest unit that needs no fraction.
pub fn size(bytes: u64) -> String {
    const UNITS: [(&str, u64); 8] = [
        ("TiB", 1 << 40),
        ("GiB", 1 << 30),
        ("MiB", 1 << 20),
        ("KiB", 1 << 10),
        ("TB", 1_000_000_000_000),
        ("GB", 1_000_000_000),
        ("MB", 1_000_000),
        ("KB", 1_000),
    ];
    in_units(bytes, &UNITS, "B")
}

/// Milliseconds in the largest unit that needs no fraction.
pub fn duration(ms: u64) -> String {
    in_units(ms, &[("h", 3_600_000), ("m", 60_000), ("s", 1_000)], "ms")
}

fn in_units(amount: u64, units: &[(&str, u64)], smallest: &str) -> String {
    let fits = |&&(_, factor): &&(&str, u64)| amount > 0 && amount.is_multiple_of(factor);
    match units.iter().filter(fits).max_by_key(|(_, factor)| *factor) {
        Some((unit, factor)) => format!("{}{unit}", amount / factor),
        None => format!("{amount}{smallest}"),
    }
}
