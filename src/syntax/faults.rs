//! What is said about texts, comments and brackets that are not closed.

use super::balanced::{Fault, Kind, NESTING_MAX, closing};
use crate::diagnostic::{Diagnostic, codes};
use crate::source::{SourceId, Span};

/// The problem that a fault of the scan is.
pub fn problem(source: SourceId, text: &str, fault: Fault) -> Diagnostic {
    let place = Places { source, text };
    match fault {
        Fault::Unterminated { what, opened } => unterminated(&place, what, opened),
        Fault::Unclosed { opened, before } => unclosed(&place, opened, before),
        Fault::Mismatched { opened, closed } => mismatched(&place, opened, closed),
        Fault::Stray { closed } => {
            let bracket = place.sign(closed);
            Diagnostic::new(codes::P0004, format!("`{bracket}` closes nothing"))
                .at(place.span(closed), "no bracket is open here")
                .help("remove it, or look above for a bracket that closes too early")
        }
        Fault::TooDeep { opened } => {
            let title = format!("nested more than {NESTING_MAX} levels deep");
            Diagnostic::new(codes::P0005, title)
                .at(place.span(opened), "one level too many")
                .help("give inner parts names of their own, with `const` or `fn`")
        }
    }
}

struct Places<'a> {
    source: SourceId,
    text: &'a str,
}

impl Places<'_> {
    /// The opening sign at a place: a bracket, or the two letters of `${`.
    fn sign(&self, at: usize) -> &str {
        let rest = self.text.get(at..).unwrap_or("");
        let length = if rest.starts_with("${") || rest.starts_with("/*") {
            2
        } else {
            rest.chars().next().map_or(0, char::len_utf8)
        };
        &rest[..length]
    }

    fn span(&self, at: usize) -> Span {
        Span::new(self.source, at, at + self.sign(at).len())
    }
}

fn unterminated(place: &Places, what: Kind, opened: usize) -> Diagnostic {
    let (name, help) = match what {
        Kind::String => {
            ("text", "close it with `\"` on its line; a text of several lines stands in backticks")
        }
        Kind::Character => ("character", "close it with `'`; a text of several characters stands in `\"`"),
        Kind::Template => ("text in backticks", "close it with a backtick"),
        Kind::RawString => ("raw text", "close it with `\"` and as many `#` as before it"),
        Kind::Comment => ("comment", "close it with `*/`; comments may stand in each other"),
    };
    Diagnostic::new(codes::P0003, format!("a {name} is never closed"))
        .at(place.span(opened), "opened here")
        .help(help)
}

fn unclosed(place: &Places, opened: usize, before: Option<usize>) -> Diagnostic {
    let bracket = place.sign(opened);
    let close = close_of(bracket);
    let problem = Diagnostic::new(codes::P0004, format!("`{bracket}` is never closed"))
        .at(place.span(opened), "opened here")
        .help(format!("close it with `{close}`"));
    match before {
        Some(line) => {
            let word =
                place.text.get(line..).unwrap_or("").chars().take_while(char::is_ascii_alphabetic).count();
            problem.label(Span::new(place.source, line, line + word), "before this declaration, it seems")
        }
        None => problem,
    }
}

fn mismatched(place: &Places, opened: usize, closed: usize) -> Diagnostic {
    let (open, close) = (place.sign(opened), place.sign(closed));
    Diagnostic::new(codes::P0004, format!("`{open}` is closed by `{close}`"))
        .at(place.span(closed), format!("`{}` is expected first", close_of(open)))
        .label(place.span(opened), "opened here")
        .help(format!("write `{}` before it", close_of(open)))
}

fn close_of(bracket: &str) -> char {
    char::from(closing(bracket.bytes().last().unwrap_or_default()))
}
