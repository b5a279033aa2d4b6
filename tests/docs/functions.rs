//! `docs/functions.md`, written from the registry of natives.

use procession::script::registry::{Topic, topics};

const HEAD: &str = "\
# Functions

What bodies can call beside [Rhai's own functions](https://rhai.rs/book), written from the registry of the program by
`UPDATE=1 cargo test --test docs`. `procession doc` prints the same. Times are in seconds. What stands behind `//`
in an example is its value. A function can be called as a method of its first argument too: `list.sorted()`.
";

pub fn page() -> String {
    let mut page = HEAD.to_owned();
    topics().iter().for_each(|topic| section(&mut page, topic));
    page
}

fn section(page: &mut String, topic: &Topic) {
    page.push_str(&format!("\n## {}\n\n", topic.title));
    if !topic.about.is_empty() {
        page.push_str(&format!("{}\n\n", topic.about));
    }
    page.push_str("| call | what it does | example |\n| --- | --- | --- |\n");
    for native in topic.natives {
        let (example, result) = native.example_and_result();
        let result = result.map(|result| format!(" // {result}")).unwrap_or_default();
        let example = code(&format!("{example}{result}"));
        page.push_str(&format!("| `{}` | {} | {example} |\n", native.call(), cell(native.doc)));
    }
}

/// Text that cannot end its cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

/// Code that may have backticks in it.
fn code(text: &str) -> String {
    let text = cell(text);
    if text.contains('`') { format!("`` {text} ``") } else { format!("`{text}`") }
}
