//! The pages of the codes: `docs/errors/CODE.md`, whose first example has the problem and whose second has not.

use super::files::below;
use procession::diagnostic::Diagnostic;
use procession::diagnostic::codes::{ALL, Code};
use procession::graph::arguments::{Parsed, parse};
use procession::graph::elaborate;
use procession::source::{Source, Sources};
use procession::{check, syntax};

/// A page whose problem only shows when the script is given its arguments, or is no matter of its text.
const SHOWN_LATER: &str = "<!-- shown at run time -->";

pub fn problems_of_form() -> Vec<String> {
    let mut problems = Vec::new();
    for page in below("docs/errors", "md") {
        let name = page.path.trim_start_matches("docs/errors/").trim_end_matches(".md");
        if !ALL.iter().any(|code| code.name == name) {
            problems.push(format!("{} is the page of no code", page.path));
        }
    }
    for code in ALL {
        let title = format!("# {}: {}", code.name, code.summary);
        if code.page().lines().next() != Some(&title) {
            problems.push(format!("the page of {} does not begin with `{title}`", code.name));
        }
        let least = if shown_later(*code) { 1 } else { 2 };
        if examples(code.page()).len() < least {
            problems.push(format!("the page of {} has fewer than {least} ```proc examples", code.name));
        }
    }
    let mut names: Vec<&str> = ALL.iter().map(|code| code.name).collect();
    names.sort_unstable();
    names.dedup();
    if names.len() != ALL.len() {
        problems.push("two codes have one name".to_owned());
    }
    problems
}

pub fn untrue_examples() -> Vec<String> {
    let mut problems = Vec::new();
    for code in ALL {
        let examples = examples(code.page());
        let mended = usize::from(!shown_later(*code));
        if let Some(example) = examples.first().filter(|_| mended == 1) {
            let found = found(example);
            if !found.iter().any(|problem| problem.code == *code) {
                problems.push(format!(
                    "the first example of {} does not give it: {}",
                    code.name,
                    titles(&found)
                ));
            }
        }
        for example in examples.iter().skip(mended) {
            let mut wrong = found(example);
            wrong.retain(|it| it.code == *code || it.is_error());
            if !wrong.is_empty() {
                problems.push(format!("a mended example of {} is wrong: {}", code.name, titles(&wrong)));
            }
        }
    }
    problems
}

fn titles(problems: &[Diagnostic]) -> String {
    let titles: Vec<String> = problems.iter().map(|it| format!("{}: {}", it.code.name, it.title)).collect();
    titles.join(" / ")
}

fn shown_later(code: Code) -> bool {
    code.page().contains(SHOWN_LATER)
}

/// A block of a script. A `<!-- arguments: --n x -->` before it, and behind the block before, holds the words of
/// its command line.
struct Example {
    text: String,
    words: Vec<String>,
}

fn examples(page: &str) -> Vec<Example> {
    let mut parts = page.split("\n```");
    let mut examples = Vec::new();
    let mut before = parts.next().unwrap_or_default();
    while let (Some(block), Some(behind)) = (parts.next(), parts.next()) {
        if let Some(text) = block.strip_prefix("proc\n") {
            examples.push(Example { text: text.to_owned(), words: arguments(before) });
        }
        before = behind;
    }
    examples
}

fn arguments(prose: &str) -> Vec<String> {
    let line = prose.split("<!-- arguments: ").nth(1).and_then(|rest| rest.split(" -->").next());
    line.unwrap_or_default().split_whitespace().map(str::to_owned).collect()
}

/// What is said of a script before anything of it runs.
fn found(example: &Example) -> Vec<Diagnostic> {
    let mut sources = Sources::default();
    let id = sources.add(Source::new("page.proc", example.text.as_str()));
    let (tree, mut problems) = syntax::parse(&sources, id);
    if problems.iter().any(Diagnostic::is_error) {
        return problems;
    }
    let (program, checked) = check::check(&sources, &tree);
    problems.extend(checked);
    let made = program.map_or(Ok(()), |program| match parse(&program, &example.words)? {
        Parsed::Run(arguments) => elaborate(&program, arguments).map(|_| ()),
        Parsed::Help(_) => Ok(()),
    });
    problems.extend(made.err().unwrap_or_default());
    problems
}
