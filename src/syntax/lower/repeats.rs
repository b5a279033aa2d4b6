//! Parts of a declaration that may stand only once, and parts that a pipe does not take.

use std::collections::HashMap;

use super::Lower;
use crate::diagnostic::{Diagnostic, codes};
use crate::source::Span;
use crate::syntax::grammar::{Pair, Rule};

/// Where each part of a declaration was first seen.
#[derive(Default)]
pub struct Seen(HashMap<&'static str, Span>);

impl Lower {
    /// Whether this is the first part of its kind; otherwise the second one is a problem, and left out.
    pub(super) fn first(&mut self, seen: &mut Seen, part: &Pair) -> bool {
        let Some(what) = part_name(part.as_rule()) else { return true };
        let span = self.span(part);
        let Some(&first) = seen.0.get(what) else {
            seen.0.insert(what, span);
            return true;
        };
        let problem = Diagnostic::new(codes::P0007, format!("{what} is given twice"))
            .at(span, "given again")
            .label(first, "given here first")
            .help("remove one of them");
        self.problems.push(problem);
        false
    }

    /// A name, `if` and `after` belong to a `start` of their own.
    pub(super) fn pipe_takes(&mut self, part: &Pair) {
        let (what, help) = match part.as_rule() {
            Rule::name => ("a name", "use `start` with a queue to give the process a name"),
            Rule::condition => ("`if`", "use `start` with queues where a process may be missing"),
            Rule::after => ("`after`", "use `start` with queues where a process waits for others"),
            _ => return,
        };
        let problem = Diagnostic::new(codes::P0014, format!("a pipe does not take {what}"))
            .at(self.span(part), "not in a pipe")
            .help(help);
        self.problems.push(problem);
    }
}

fn part_name(rule: Rule) -> Option<&'static str> {
    Some(match rule {
        Rule::of => "`of`",
        Rule::capacity => "`capacity`",
        Rule::order => "`order`",
        Rule::when_full => "`when full`",
        Rule::redeliver => "`redeliver`",
        Rule::dead_letter => "`dead letter`",
        Rule::daemon => "`daemon`",
        Rule::on_failure | Rule::restart => "what to do on failure",
        Rule::timeout => "`timeout`",
        Rule::nice => "`nice`",
        Rule::memory => "`memory`",
        Rule::cpu => "`cpu`",
        Rule::cwd => "`cwd`",
        Rule::env => "`env`",
        Rule::allow => "`allow`",
        Rule::times | Rule::each => "how many to start",
        Rule::condition => "`if`",
        Rule::after => "`after`",
        _ => return None,
    })
}
