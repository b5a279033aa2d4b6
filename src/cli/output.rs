//! Where the commands write: standard output and standard error, with colours where they are wanted.

use super::args::Color;
use super::exit::Exit;
use crate::diagnostic::{Diagnostic, Style, render, words};
use crate::source::Sources;
use std::io::{ErrorKind, IsTerminal, Write};

/// The two streams of the binary.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    pub color: Color,
}

impl Output {
    /// Writes to standard output. A reader that has gone away is no error of ours, a full disk is one.
    #[must_use]
    pub fn print(self, text: &str) -> Exit {
        let mut stdout = std::io::stdout().lock();
        match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                self.print_error(&format!("error: cannot write standard output: {error}\n"));
                Exit::Failed
            }
            _ => Exit::Success,
        }
    }

    pub fn print_error(self, text: &str) {
        let _ = std::io::stderr().lock().write_all(text.as_bytes());
    }

    /// Draws problems on standard error, each with an empty line behind it.
    pub fn report(self, problems: &[Diagnostic], sources: &Sources) {
        let style = self.style(std::io::stderr().is_terminal());
        let (told, more) = told(problems);
        for problem in told {
            self.print_error(&render(std::slice::from_ref(problem), sources, style));
            self.print_error("\n");
        }
        self.print_error(&more);
    }

    /// How to draw on a stream that is, or is not, a terminal.
    #[must_use]
    pub fn style(self, terminal: bool) -> Style {
        let colour = match self.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => {
                terminal && !is_set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
            }
        };
        if colour { Style::Colour } else { Style::Plain }
    }
}

/// So many warnings are enough to read at once.
const WARNINGS_MAX: usize = 100;

/// What a person is told of sorted problems, errors first, and a line about the rest.
#[must_use]
pub fn told(problems: &[Diagnostic]) -> (&[Diagnostic], String) {
    let errors = problems.iter().filter(|problem| problem.is_error()).count();
    let most = problems.len().min(errors + WARNINGS_MAX);
    match problems.split_at(most) {
        (told, []) => (told, String::new()),
        (told, rest) => (told, format!("… and {}\n", words::count(rest.len(), "more warning"))),
    }
}

fn is_set(variable: &str) -> bool {
    std::env::var_os(variable).is_some_and(|value| !value.is_empty())
}
