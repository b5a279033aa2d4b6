//! `procession check`: says what is wrong with scripts, and nothing when nothing is.

use super::args::{Check, CheckFormat};
use super::exit::Exit;
use super::load::{Compiled, compile};
use super::output::Output;
use crate::diagnostic::{Diagnostic, json, render, short};
use serde_json::Value;
use std::io::IsTerminal;

#[must_use]
pub fn run(arguments: &Check, output: Output) -> Exit {
    let scripts: Vec<Compiled> = arguments.files.iter().map(|file| compile(file)).collect();
    output.print(&text(&scripts, arguments.format, output));
    let wrong = scripts.iter().any(|script| script.problems.iter().any(Diagnostic::is_error));
    if wrong { Exit::Rejected } else { Exit::Success }
}

fn text(scripts: &[Compiled], format: CheckFormat, output: Output) -> String {
    match format {
        CheckFormat::Text => {
            let style = output.style(std::io::stdout().is_terminal());
            let scripts = scripts.iter().filter(|script| !script.problems.is_empty());
            let drawn: Vec<String> = scripts.map(|it| render(&it.problems, &it.sources, style)).collect();
            drawn.join("\n")
        }
        CheckFormat::Short => scripts.iter().map(|it| short(&it.problems, &it.sources)).collect(),
        CheckFormat::Json => {
            let arrays = scripts.iter().map(|it| json(&it.problems, &it.sources));
            let all: Value = arrays.filter_map(|array| array.as_array().cloned()).flatten().collect();
            format!("{all:#}\n")
        }
    }
}
