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
    Error P0101 "a name is declared twice"
    Error P0102 "a name is reserved"
    Error P0103 "a second `main`"
    Error P0104 "unknown process template"
    Error P0105 "unknown variable or queue"
    Error P0106 "unknown function"
    Error P0107 "a put on an in port"
    Error P0108 "taking from an out port"
    Error P0109 "too many arguments"
    Error P0110 "an argument names no parameter, or one that has its value"
    Error P0111 "a missing argument"
    Error P0112 "a value given to a port"
    Error P0113 "a queue given to a plain parameter"
    Error P0115 "an assignment to a param, a const or a queue"
    Error P0116 "a change to a copy of a param or const"
    Error P0117 "acknowledging on a queue that is not joinable"
    Error P0118 "a cycle of `after`"
    Error P0119 "`after` a daemon"
    Error P0120 "`after` an unknown process"
    Error P0121 "a daemon starts a process"
    Error P0122 "a number that must be positive"
    Error P0123 "a joinable queue that drops items"
    Error P0124 "redelivery on a queue that is not joinable"
    Error P0125 "a dead letter queue that cannot be one"
    Error P0126 "an exec process with more than one port of a direction"
    Error P0127 "a stage of a pipe without exactly one free port"
    Error P0129 "a parameter without default after one with"
    Error P0130 "a param after the one that takes all remaining positions"
    Error P0131 "a cycle among params and consts"
    Error P0132 "a name that is not visible here"
    Error P0133 "a port with a default"
    Error P0134 "an index on a queue that is no array"
    Error P0135 "a wrong number of arguments for a function"
    Error P0136 "a port of a thread"
    Error P0142 "an exec command that is no array of strings"
    Error P0143 "an array of queues given to an exec process"
    Error P0144 "an unknown import"
    Error P0145 "a name that an import does not give"
    Error P0146 "a param that nobody can give"
    Error P0147 "a priority that does not exist"
    Error P0148 "an environment variable that cannot be set so"
    Error P0150 "an item that its queue does not take"
    Error P0151 "something that cannot be allowed"

    // P02: warnings
    Warning P0201 "a queue that nobody puts into"
    Warning P0202 "a queue that nobody takes from"
    Warning P0203 "a queue that is never used"
    Warning P0204 "items that are never acknowledged"
    Warning P0205 "a template that is never started"
    Warning P0206 "a parameter that is never used"
    Warning P0207 "a param, const or function that is never used"
    Warning P0208 "a variable that is never used"
    Warning P0209 "a restarted process loses the item in hand"
    Warning P0210 "waiting for the output of a daemon"
    Warning P0211 "`get` in an endless loop"
    Warning P0212 "a poller that keeps its own queue open"
    Warning P0213 "a lock, a table or the like that is never used"
    Warning P0216 "an exec process that feeds itself"
    Warning P0217 "an import that is never used"
    Warning P0219 "main keeps the input of a program open"
    Warning P0220 "a key that items never have"

    // P03: arguments and elaboration
    Error P0300 "an unknown option"
    Error P0301 "a missing argument of the script"
    Error P0302 "an argument of the wrong type"
    Error P0303 "an option without its value"
    Error P0304 "an option given twice"
    Error P0305 "an argument too many"
    Error P0306 "a default that no command line can give"
    Error P0350 "an expression that cannot be evaluated"
    Error P0351 "a capacity or a number of processes that is not positive"
    Error P0352 "a value of the wrong type in a declaration"
    Error P0353 "an index outside of an array of queues"
    Error P0355 "a graph that is too large"
    Error P0360 "a host queue without its host"
    Error P0361 "a native process without its host"
    Error P0362 "a function that the host withholds"

    // P04: files
    Error P0400 "a script cannot be read"
    Error P0401 "a directory is no script"
    Error P0402 "a script is not UTF-8 text"
    Error P0403 "a script is too large"
    Error P0404 "a cycle of imports"
    Error P0405 "imports that are nested too deeply"

    // P09: bodies
    Error P0900 "a body does not compile"
    Error P0902 "a closure uses the receiver of the method that calls it"
}
