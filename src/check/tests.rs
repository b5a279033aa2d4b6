//! The rules on small scripts: each page's examples, and what must not be an error.

use super::check;
use crate::diagnostic::{Code, Diagnostic, codes};
use crate::source::{Source, Sources};
use crate::syntax;

/// Codes and titles of all problems of a script.
fn problems(text: &str) -> Vec<String> {
    let mut sources = Sources::default();
    let id = sources.add(Source::new("test.proc", text));
    let (tree, mut problems) = syntax::parse(&sources, id);
    if problems.is_empty() {
        problems = check(&sources, &tree).1;
    }
    problems.iter().map(|problem| format!("{}: {}", problem.code.name, problem.title)).collect()
}

/// The two `proc` blocks of a page: one that fails, one that passes.
fn examples(code: Code) -> Vec<String> {
    let blocks = code.page().split("```proc\n").skip(1);
    blocks.map(|block| block.split("```").next().unwrap_or("").to_owned()).collect()
}

/// Those that show in the text of one script.
fn is_ours(code: Code) -> bool {
    let shown_later = code.page().contains("<!-- shown at run time -->");
    !shown_later && ["P01", "P02", "P09"].iter().any(|range| code.name.starts_with(range))
}

#[test]
fn the_first_example_of_a_page_fails_with_its_code_alone() {
    let mut wrong = Vec::new();
    for &code in codes::ALL.iter().filter(|code| is_ours(**code)) {
        let found = problems(&examples(code)[0]);
        let told = |found: &String| found.starts_with(code.name);
        if found.is_empty() || !found[0].starts_with(code.name) || !found.iter().all(told) {
            wrong.push(format!("{}: {found:#?}", code.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_second_example_of_a_page_passes() {
    let mut wrong = Vec::new();
    for &code in codes::ALL.iter().filter(|code| is_ours(**code)) {
        let found = problems(&examples(code)[1]);
        if !found.is_empty() {
            wrong.push(format!("{}: {found:#?}", code.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whatever is given, problems or a program come out: pieces that end anywhere are no reason to panic.
#[test]
fn every_beginning_of_an_example_is_checked() {
    for &code in codes::ALL.iter().filter(|code| is_ours(**code)) {
        for text in examples(code) {
            for end in (0..text.len()).step_by(7).filter(|&end| text.is_char_boundary(end)) {
                let mut sources = Sources::default();
                let id = sources.add(Source::new("test.proc", &text[..end]));
                let (tree, _) = syntax::parse(&sources, id);
                let (program, problems) = check(&sources, &tree);
                assert_eq!(program.is_none(), problems.iter().any(Diagnostic::is_error));
            }
        }
    }
}
