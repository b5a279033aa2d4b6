//! Problems as data: what is wrong, where, why, and how to mend it. Drawing is in [`mod@render`].

pub mod codes;
mod excerpt;
pub mod json;
pub mod place;
mod printable;
pub mod render;
pub mod short;
pub mod suggest;
pub mod words;

pub use codes::Code;
pub use json::json;
pub use printable::printable;
pub use render::{Style, render};
pub use short::short;

use crate::source::Span;

/// Errors stop a run; warnings do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    Error,
    Warning,
}

impl Severity {
    /// As messages begin: `error`, `warning`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }
}

/// A place and what is to be said about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    pub span: Span,
    pub text: String,
}

/// A replacement of text that is certain to mend the problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    pub span: Span,
    pub replacement: String,
}

/// One problem. The title is a lower-case fragment, names in backticks, no full stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    pub code: Code,
    pub severity: Severity,
    pub title: String,
    /// What is wrong *here*. `None` only for problems without a place in a file (a missing file).
    pub primary: Option<Label>,
    /// The places that make it wrong (the declaration, the other end), possibly in other files.
    pub labels: Vec<Label>,
    pub notes: Vec<String>,
    /// One action that mends it.
    pub help: Option<String>,
    pub edits: Vec<Edit>,
}

impl Diagnostic {
    /// A problem of this code; its severity is the code's.
    #[must_use]
    pub fn new(code: Code, title: impl Into<String>) -> Self {
        Diagnostic {
            code,
            severity: code.severity(),
            title: title.into(),
            primary: None,
            labels: Vec::new(),
            notes: Vec::new(),
            help: None,
            edits: Vec::new(),
        }
    }

    #[must_use]
    pub fn at(mut self, span: Span, text: impl Into<String>) -> Self {
        self.primary = Some(Label { span, text: text.into() });
        self
    }

    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    #[must_use]
    pub fn edit(mut self, span: Span, replacement: impl Into<String>) -> Self {
        self.edits.push(Edit { span, replacement: replacement.into() });
        self
    }

    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// Errors first, then by file and place: the order in which people read them.
pub fn sort(problems: &mut [Diagnostic]) {
    problems.sort_by_key(|d| (d.severity, d.primary.as_ref().map(|label| label.span), d.code));
}
