//! The one error of the library: what kind it is, and the problems of the script behind it.

use super::problem::{Problem, problems};
use crate::diagnostic::{Diagnostic, Style, render};
use crate::source::Sources;
use std::fmt;

/// What kind of error it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The script cannot be read, or does not check.
    Script,
    /// The arguments do not fit the script.
    Arguments,
    /// The arguments ask for the script's own help, which is the text of the error.
    Help,
    /// [`init`](crate::init) was not called as it has to be; the text says what to do.
    Init,
    /// A name that does not exist, or an end that was taken already.
    Name,
    /// The script asks for more than the host allows.
    Limit,
    /// A value is not what it should be.
    Type,
    /// The queue has ended, or this end was closed.
    Closed,
    /// Nobody is left who could take what is put.
    NoConsumer,
    /// There was no room in time.
    Full,
    /// The run is stopping, or over.
    Stopped,
    /// The system refuses what a run needs.
    System,
    /// Something else that the runtime or a script says, as the text tells.
    Other,
}

/// Why something did not work.
#[derive(Clone)]
pub struct Error {
    inner: Box<Inner>,
}

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    message: String,
    problems: Vec<Problem>,
    found: Vec<Diagnostic>,
    sources: Sources,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        let (message, sources) = (message.into(), Sources::default());
        Error { inner: Box::new(Inner { kind, message, problems: Vec::new(), found: Vec::new(), sources }) }
    }

    /// Of the problems of a script, one of which is an error.
    pub(crate) fn of_script(kind: ErrorKind, found: Vec<Diagnostic>, sources: &Sources) -> Self {
        let problems = problems(&found, sources);
        let message = problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        Error { inner: Box::new(Inner { kind, message, problems, found, sources: sources.clone() }) }
    }

    /// What kind of error it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.inner.kind
    }

    /// The problems of the script: all that were found, errors first. Empty for errors of other kinds.
    #[must_use]
    pub fn diagnostics(&self) -> &[Problem] {
        &self.inner.problems
    }

    /// The error as `procession check` would draw it: with the lines of the script and marks under them.
    #[must_use]
    pub fn report(&self) -> String {
        if self.inner.found.is_empty() {
            return format!("error: {self}\n");
        }
        render(&self.inner.found, &self.inner.sources, Style::Plain)
    }

    /// The problems as the other stages know them.
    pub(crate) fn found(&self) -> (&[Diagnostic], &Sources) {
        (&self.inner.found, &self.inner.sources)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.inner.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error").field("kind", &self.inner.kind).field("message", &self.inner.message).finish()
    }
}

impl std::error::Error for Error {}
