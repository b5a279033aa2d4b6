//! `procession doc`: prints the functions of the library, or what one of them does.

use super::args::Doc;
use super::exit::Exit;
use super::output::Output;
use crate::diagnostic::printable;
use crate::diagnostic::suggest::nearest;
use crate::script::builtins;
use crate::script::registry::{Native, natives, topics};

/// Longer calls push what is said of them to the right.
const CALL_WIDTH: usize = 36;
const OF_RHAI: &str = "https://rhai.rs/book";

#[must_use]
pub fn run(arguments: &Doc, output: Output) -> Exit {
    let Some(name) = &arguments.name else {
        return output.print(&list());
    };
    // `q.put` and `put()` are as good as `put`.
    let plain = name.trim_end_matches("()").rsplit('.').next().unwrap_or_default();
    let found: Vec<String> = natives().filter(|native| native.name == plain).map(page).collect();
    if !found.is_empty() {
        return output.print(&found.join("\n"));
    }
    if let Some(example) = builtins::example(plain) {
        return output.print(&format!("{plain} is a function of Rhai itself: {OF_RHAI}\n    {example}\n"));
    }
    output.print_error(&unknown(plain));
    Exit::Rejected
}

fn list() -> String {
    let mut text = String::new();
    for topic in topics() {
        text.push_str(&format!("{}\n", topic.title));
        for native in topic.natives {
            let first = native.doc.split_inclusive(". ").next().unwrap_or_default().trim_end();
            text.push_str(&format!("  {:CALL_WIDTH$} {first}\n", native.call()));
        }
        text.push('\n');
    }
    text + "More about one of them: procession doc NAME\n"
}

fn page(native: &Native) -> String {
    let (example, result) = native.example_and_result();
    let result = result.map(|result| format!("\n    // {result}")).unwrap_or_default();
    format!("{}\n    {}\n\n    {example}{result}\n", native.call(), native.doc)
}

fn unknown(name: &str) -> String {
    let known = natives().map(|native| native.name).chain(builtins::names());
    let help = match nearest(name, known) {
        Some(near) => format!("the nearest is `{near}`"),
        None => "list all functions with `procession doc`".to_owned(),
    };
    format!("error: unknown function `{}`\n  = help: {help}\n", printable(name))
}
