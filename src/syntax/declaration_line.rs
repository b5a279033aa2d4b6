//! Lines that begin with a word of a declaration: where reading can start anew after an error.

/// The words that begin a declaration, as in the grammar's `declaration_word`.
pub const WORDS: [&str; 19] = [
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
];

/// The longest of the words.
const LENGTH_MAX: usize = 9;

/// Whether a text begins with such a word.
pub fn begins(text: &str) -> bool {
    WORDS.contains(&word(text, LENGTH_MAX + 1))
}

/// The letters, digits and underscores that a text begins with, at most so many.
fn word(text: &str, length_max: usize) -> &str {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let length = text.bytes().take(length_max).take_while(is_part).count();
    &text[..length]
}

/// Where the first line below a place begins that starts, without indentation, with such a word.
pub fn after(text: &str, place: usize) -> Option<usize> {
    let rest = text.get(place..)?;
    let lines = rest.match_indices('\n').map(|(at, _)| at + 1);
    lines.filter(|&line| begins(&rest[line..])).map(|line| place + line).next()
}
