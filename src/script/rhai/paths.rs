//! Names of imported files inside Rhai, where a name has no `::`: `words::longest` is `__words__longest`.

use std::borrow::Cow;

const LEAD: &str = "__";
const BETWEEN: &str = "__";

/// The name by which Rhai knows what the unit calls so.
pub(in crate::script) fn inner(name: &str) -> Cow<'_, str> {
    match name.split_once("::") {
        Some((word, name)) => Cow::Owned(format!("{LEAD}{word}{BETWEEN}{name}")),
        None => Cow::Borrowed(name),
    }
}

/// The name in the unit of a name of Rhai's.
pub(in crate::script) fn outer(name: &str) -> Cow<'_, str> {
    let parts = name.strip_prefix(LEAD).and_then(|rest| rest.split_once(BETWEEN));
    match parts {
        Some((word, name)) if !word.is_empty() => Cow::Owned(format!("{word}::{name}")),
        _ => Cow::Borrowed(name),
    }
}

/// A message of Rhai's with the names as users write them.
pub(in crate::script) fn plain(message: String) -> String {
    if !message.contains(LEAD) {
        return message;
    }
    let is_name = |char: char| char.is_ascii_alphanumeric() || char == '_';
    let mut result = String::with_capacity(message.len());
    let mut rest = &*message;
    while let Some(start) = rest.find(is_name) {
        let end = rest[start..].find(|char| !is_name(char)).map_or(rest.len(), |length| start + length);
        result.push_str(&rest[..start]);
        result.push_str(&outer(&rest[start..end]));
        rest = &rest[end..];
    }
    result.push_str(rest);
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back_as_they_were() {
        for name in ["longest", "words::longest", "my_words::_long__est", "_a", "__guarded"] {
            assert_eq!(outer(&inner(name)), name);
        }
    }

    #[test]
    fn messages_have_the_names_of_the_script() {
        let message = "no `__words__longest(int)`, nor `__pass`: é".to_owned();
        assert_eq!(plain(message), "no `words::longest(int)`, nor `__pass`: é");
    }
}
