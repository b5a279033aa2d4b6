//! Text of a message made fit for a terminal: no control characters, no endless names.

use std::borrow::Cow;

/// Longer texts are cut here: a message may quote a name, and a name may be a megabyte long.
const CHARACTERS_MAX: usize = 600;

/// The text with control characters and those that turn the direction of writing escaped (line feeds stay),
/// cut to a length that people read.
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    let end = text.char_indices().nth(CHARACTERS_MAX).map(|(at, _)| at);
    if end.is_none() && !text.chars().any(is_unfit) {
        return Cow::Borrowed(text);
    }
    let mut fit = String::new();
    for character in text[..end.unwrap_or(text.len())].chars() {
        if is_unfit(character) {
            fit.extend(character.escape_default());
        } else {
            fit.push(character);
        }
    }
    if end.is_some() {
        fit.push('…');
    }
    Cow::Owned(fit)
}

fn is_unfit(character: char) -> bool {
    let turns_direction =
        matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns_direction || (character.is_control() && character != '\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_text_is_left_alone() {
        assert!(matches!(printable("unknown name `größe`\n(twice)"), Cow::Borrowed(_)));
    }

    #[test]
    fn what_would_play_with_the_terminal_is_escaped() {
        assert_eq!(printable("a\u{1b}[2Jb\t\u{202e}"), "a\\u{1b}[2Jb\\t\\u{202e}");
    }

    #[test]
    fn a_huge_text_is_cut_between_characters() {
        let cut = printable(&"€".repeat(1_000_000)).into_owned();
        assert_eq!(cut.chars().count(), CHARACTERS_MAX + 1);
        assert!(cut.ends_with('…'));
    }
}
