//! One line for each problem, for editors: `file:line:column: error[P0107]: title`.

use super::place::place;
use super::{Diagnostic, printable};
use crate::source::Sources;

/// All problems, a line each, every line ended.
#[must_use]
pub fn short(problems: &[Diagnostic], sources: &Sources) -> String {
    problems.iter().map(|problem| line(problem, sources)).collect()
}

fn line(problem: &Diagnostic, sources: &Sources) -> String {
    let title = printable(&problem.title).replace('\n', " ");
    let head = format!("{}[{}]: {title}", problem.severity.name(), problem.code.name);
    match problem.primary.as_ref().and_then(|label| place(sources, label.span)) {
        Some(at) => format!("{}:{}:{}: {head}\n", at.file, at.start.line, at.start.column),
        None => format!("{head}\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::codes;
    use crate::source::{Source, SourceId, Span};

    #[test]
    fn a_line_for_each_problem() {
        let mut sources = Sources::default();
        let id = sources.add(Source::new("a.proc", "queue q\nqueue q\n"));
        let problems = [
            Diagnostic::new(codes::P0101, "`q` twice\nin one file").at(Span::new(id, 14, 15), "again"),
            Diagnostic::new(codes::P0101, "no place"),
            Diagnostic::new(codes::P0101, "elsewhere").at(Span::new(SourceId(9), 0, 1), ""),
        ];
        assert_eq!(
            short(&problems, &sources),
            "a.proc:2:7: error[P0101]: `q` twice in one file\n\
             error[P0101]: no place\n\
             error[P0101]: elsewhere\n"
        );
    }
}
