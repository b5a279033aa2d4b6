//! A problem of a script as plain data, for programs that show it in their own way.

use crate::diagnostic::place::place;
use crate::diagnostic::{self, Diagnostic};
use crate::source::Sources;
use std::fmt;

/// One problem of a script. [`Display`](fmt::Display) writes it in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// Its code, as `P0107`; `procession explain` tells all about it.
    pub code: &'static str,
    /// Errors stop a run, warnings do not.
    pub is_error: bool,
    /// What is wrong.
    pub title: String,
    /// The file; `None` for a problem without a place.
    pub file: Option<String>,
    /// The line, from 1; 0 without a place.
    pub line: u32,
    /// The column in characters, from 1; 0 without a place.
    pub column: u32,
    /// What is wrong at this place.
    pub label: String,
    /// More to know.
    pub notes: Vec<String>,
    /// One action that mends it.
    pub help: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{file}:{}:{}: ", self.line, self.column)?;
        }
        let severity = if self.is_error { "error" } else { "warning" };
        write!(f, "{severity}[{}]: {}", self.code, self.title)
    }
}

pub(crate) fn problems(found: &[Diagnostic], sources: &Sources) -> Vec<Problem> {
    found.iter().map(|problem| one(problem, sources)).collect()
}

fn one(found: &Diagnostic, sources: &Sources) -> Problem {
    let at = found.primary.as_ref().and_then(|label| place(sources, label.span));
    Problem {
        code: found.code.name,
        is_error: found.severity == diagnostic::Severity::Error,
        title: found.title.clone(),
        file: at.as_ref().map(|at| at.file.to_owned()),
        line: at.as_ref().map_or(0, |at| at.start.line),
        column: at.as_ref().map_or(0, |at| at.start.column),
        label: found.primary.as_ref().map_or_else(String::new, |label| label.text.clone()),
        notes: found.notes.clone(),
        help: found.help.clone(),
    }
}
