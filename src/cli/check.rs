//! `procession check`: says what is wrong with scripts, and nothing when nothing is.

use super::args::{Check, CheckFormat};
use super::exit::Exit;
use super::load::{Compiled, compile};
use super::output::{Output, told};
use crate::diagnostic::{Diagnostic, Style, json, render, short};
use crate::script::{Explained, explain};
use serde_json::Value;
use std::io::IsTerminal;

#[must_use]
pub fn run(arguments: &Check, output: Output) -> Exit {
    let scripts: Vec<Compiled> = arguments.files.iter().map(|file| compile(file)).collect();
    let printed = if arguments.explain_engine {
        output.print(&scripts.iter().map(engines).collect::<String>())
    } else {
        output.print(&text(&scripts, arguments.format, output))
    };
    let wrong = scripts.iter().any(|script| script.problems.iter().any(Diagnostic::is_error));
    if wrong { Exit::Rejected } else { printed }
}

/// A line for each body and function: where it is, what runs it, and why that is Rhai.
fn engines(script: &Compiled) -> String {
    let Some(unit) = &script.unit else {
        return render(&script.problems, &script.sources, Style::Plain);
    };
    let name = |source: u32| unit.sources.get(source as usize).map_or("", String::as_str);
    let explained = match explain(unit) {
        Ok(explained) => explained,
        Err(failure) => return format!("error: {}\n", failure.message),
    };
    let line = |Explained { name: of, place, refused }: &Explained| {
        let at = format!("{}:{}", name(place.source), place.line);
        match refused {
            None => format!("{at}: `{of}` runs on the register machine\n"),
            Some((what, where_)) => {
                let line = where_.map_or(String::new(), |it| format!(" in line {}", it.line));
                format!("{at}: `{of}` runs on Rhai, because of {what}{line}\n")
            }
        }
    };
    explained.iter().map(line).collect()
}

fn text(scripts: &[Compiled], format: CheckFormat, output: Output) -> String {
    match format {
        CheckFormat::Text => {
            let style = output.style(std::io::stdout().is_terminal());
            let scripts = scripts.iter().filter(|script| !script.problems.is_empty());
            let drawn = scripts.map(|it| {
                let (told, more) = told(&it.problems);
                let gap = if more.is_empty() { "" } else { "\n" };
                format!("{}{gap}{more}", render(told, &it.sources, style))
            });
            drawn.collect::<Vec<String>>().join("\n")
        }
        CheckFormat::Short => {
            let one = |it: &Compiled| {
                let (told, more) = told(&it.problems);
                format!("{}{more}", short(told, &it.sources))
            };
            scripts.iter().map(one).collect()
        }
        CheckFormat::Json => {
            let arrays = scripts.iter().map(|it| json(&it.problems, &it.sources));
            let all: Value = arrays.filter_map(|array| array.as_array().cloned()).flatten().collect();
            format!("{all:#}\n")
        }
    }
}
