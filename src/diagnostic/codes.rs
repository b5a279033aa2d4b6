//! The table of diagnostic codes: one line each. A code never changes its meaning and is never used again.
//!
//! Ranges: P00 syntax of declarations, P01 meaning of declarations, P02 warnings, P03 arguments and
//! elaboration, P04 files, P09 bodies. Every code has a page `docs/errors/CODE.md`.

use super::Severity;

/// A stable name of a kind of problem, as `P0107`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code {
    pub name: &'static str,
    pub summary: &'static str,
    severity: Severity,
    page: &'static str,
}

impl Code {
    #[must_use]
    pub fn severity(self) -> Severity {
        self.severity
    }

    /// The text of `docs/errors/CODE.md`.
    #[must_use]
    pub fn page(self) -> &'static str {
        self.page
    }

    /// The code of this name (any case).
    #[must_use]
    pub fn find(name: &str) -> Option<Code> {
        ALL.iter().copied().find(|code| code.name.eq_ignore_ascii_case(name))
    }
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

macro_rules! codes {
    ($($severity:ident $name:ident $summary:literal)*) => {
        $(
            #[doc = $summary]
            pub const $name: Code = Code {
                name: stringify!($name),
                summary: $summary,
                severity: Severity::$severity,
                page: include_str!(concat!("../../docs/errors/", stringify!($name), ".md")),
            };
        )*
        /// Every code, in the order of its name.
        pub const ALL: &[Code] = &[$($name),*];
    };
}

codes! {
    // P00: syntax of declarations
    Error P0001 "text that does not belong here"
    Error P0002 "not a declaration"
    Error P0003 "a text or comment that is never closed"
    Error P0004 "brackets that do not match"
    Error P0005 "nested too deeply"
    Error P0006 "not a text file"
    Error P0007 "a part that is given twice"
    Error P0008 "an unknown clause"
    Error P0009 "a size or duration that cannot be read"
    Error P0010 "a body is missing"
    Error P0011 "a value that needs brackets"
    Error P0012 "an escape that means nothing"
    Error P0013 "an unknown type"
    Error P0014 "a part that a pipe does not take"
    Error P0015 "a template that is not called"

    // P01: meaning of declarations
    Error P0100 "not supported yet"

    // P02: warnings

    // P03: arguments and elaboration

    // P04: files
    Error P0400 "a script cannot be read"
    Error P0401 "a directory is no script"
    Error P0402 "a script is not UTF-8 text"
    Error P0403 "a script is too large"

    // P09: bodies
    Error P0900 "a body does not compile"
}
