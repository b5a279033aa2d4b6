//! What has a golden script: every function and member, every option, every kind of error that the registry tells of.

use super::files::below;
use procession::script::registry::{Native, natives};

/// What no golden script uses.
pub fn missing() -> Vec<String> {
    let scripts: String = below("tests/scripts", "proc").into_iter().map(|file| file.text).collect();
    natives().flat_map(|native| missing_of(native, &scripts)).collect()
}

fn missing_of(native: &Native, scripts: &str) -> Vec<String> {
    let mut missing = Vec::new();
    if !holds(scripts, native.name, "") {
        missing.push(format!("no golden script uses `{}`", native.call()));
    }
    let (doc, errors) = native.doc.split_once("Throws ").unwrap_or((native.doc, ""));
    for kind in quoted(errors).filter(|kind| !scripts.contains(kind)) {
        missing.push(format!("no golden script shows the error `{kind}` of `{}`", native.call()));
    }
    let options = if native.params.contains(&"options") { doc } else { "" };
    for option in quoted(options).filter_map(|text| text.split(':').next()) {
        if is_name(option) && !holds(scripts, option, ":") {
            missing.push(format!("no golden script uses the option `{option}` of `{}`", native.call()));
        }
    }
    missing
}

/// The texts in backticks that are a name, maybe with a value behind it.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2).filter(|text| text.split(':').next().is_some_and(is_name))
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Whether a word stands there, with this behind it.
fn holds(text: &str, word: &str, behind: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        let rest = &text[at + word.len()..];
        !text[..at].ends_with(is_part) && !rest.starts_with(is_part) && rest.starts_with(behind)
    })
}
