//! `procession explain`: prints the page of a code, or lists all codes.

use super::args::Explain;
use super::exit::Exit;
use super::output::Output;
use crate::diagnostic::codes::{ALL, Code};
use crate::diagnostic::printable;
use crate::diagnostic::suggest::nearest;

#[must_use]
pub fn run(arguments: &Explain, output: Output) -> Exit {
    let Some(name) = &arguments.code else {
        let lines: Vec<String> = ALL.iter().map(|code| format!("{}  {}", code.name, code.summary)).collect();
        return output.print(&format!("{}\n", lines.join("\n")));
    };
    if let Some(code) = Code::find(name) {
        return output.print(code.page());
    }
    output.print_error(&unknown(name));
    Exit::Rejected
}

fn unknown(name: &str) -> String {
    let help = match nearest(&name.to_ascii_uppercase(), ALL.iter().map(|code| code.name)) {
        Some(near) => format!("the nearest is `{near}`"),
        None => "list all codes with `procession explain`".to_owned(),
    };
    format!("error: unknown code `{}`\n  = help: {help}\n", printable(name))
}
