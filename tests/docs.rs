//! What the documents say is true: their programs check, print what is written beneath them, and are those of
//! `scripts/` where they say so; the page of functions is that of the registry.

#[path = "docs/blocks.rs"]
mod blocks;
#[path = "docs/examples.rs"]
mod examples;
#[path = "docs/functions.rs"]
mod functions;
#[path = "golden/process.rs"]
mod process;

use blocks::{Block, blocks_of};
use process::procession;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// README.md, and the pages of `docs/` and `docs/design/`; those of the codes are tried elsewhere.
fn pages() -> Vec<PathBuf> {
    let mut pages = vec![root().join("README.md")];
    for folder in ["docs", "docs/design"] {
        let entries = std::fs::read_dir(root().join(folder)).expect("the folder is there").flatten();
        pages.extend(entries.map(|it| it.path()).filter(|it| it.extension().is_some_and(|end| end == "md")));
    }
    pages.sort();
    pages
}

fn none(findings: Vec<String>) {
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

#[test]
fn the_programs_of_the_documents_are_true() {
    let mut findings = Vec::new();
    let mut tried = 0;
    for page in pages() {
        let text = std::fs::read_to_string(&page).expect("a page can be read");
        for block in blocks_of(&text) {
            tried += 1;
            let place = format!("{}:{}", page.strip_prefix(root()).unwrap_or(&page).display(), block.line);
            findings.extend(trial(&block).err().map(|finding| format!("{place}: {finding}")));
        }
    }
    assert!(tried > 0, "no page has a program");
    none(findings);
}

/// Checks a program, and runs it when its output is given.
fn trial(block: &Block) -> Result<(), String> {
    let temporary = tempfile::tempdir().map_err(|error| error.to_string())?;
    std::fs::write(temporary.path().join("doc.proc"), &block.text).map_err(|error| error.to_string())?;
    let (mut folder, mut script) = (temporary.path(), "doc.proc");
    if let Some(file) = &block.file {
        let there = std::fs::read_to_string(root().join(file)).unwrap_or_default();
        if there != block.text {
            return Err(format!("it is not the text of {file}"));
        }
        // It may import what is beside it.
        (folder, script) = (root(), file);
    }
    let checked = procession(folder, &["check", "--format", "short", script], "")?;
    match &block.fails {
        None if checked.stdout.is_empty() => {}
        None => return Err(format!("check says:\n{}", checked.stdout)),
        Some(code) if checked.stdout.contains(&format!("[{code}]")) => {}
        Some(code) => return Err(format!("check does not say {code}:\n{}", checked.stdout)),
    }
    let Some(output) = &block.output else { return Ok(()) };
    let mut words = vec!["run", script];
    words.extend(output.arguments.iter().map(String::as_str));
    let ran = procession(folder, &words, "")?;
    if (ran.status, &ran.stdout) == (output.status, &output.text) {
        return Ok(());
    }
    Err(format!("it ended with {} and printed:\n{}{}", ran.status, ran.stdout, ran.stderr))
}

#[test]
fn links_between_the_documents_lead_somewhere() {
    let mut findings = Vec::new();
    let more = ["ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(|name| root().join(name));
    for page in pages().into_iter().chain(more) {
        let text = std::fs::read_to_string(&page).expect("a page can be read");
        let folder = page.parent().unwrap_or(root());
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = link.split('#').next().unwrap_or_default();
            if !file.is_empty() && !link.contains("://") && !folder.join(file).exists() {
                findings.push(format!("{}: {link} leads nowhere", page.display()));
            }
        }
    }
    none(findings);
}

#[test]
fn the_page_of_functions_is_that_of_the_registry() {
    let path = root().join("docs/functions.md");
    let page = functions::page();
    if std::env::var_os("UPDATE").is_some_and(|value| value == "1") {
        std::fs::write(&path, &page).expect("the page can be written");
    }
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(there == page, "docs/functions.md is stale: write it again with UPDATE=1 cargo test --test docs");
}

#[test]
fn the_examples_of_the_functions_are_true() {
    none(examples::untrue());
}

#[test]
fn every_dependency_has_its_reason() {
    let text = |name: &str| std::fs::read_to_string(root().join(name)).expect("it can be read");
    let (manifest, architecture) = (text("Cargo.toml"), text("ARCHITECTURE.md"));
    let mut findings = Vec::new();
    let mut found = 0;
    let mut inside = false;
    for line in manifest.lines() {
        if line.starts_with('[') {
            inside = line == "[dependencies]" || line == "[dev-dependencies]";
        } else if let (true, Some((name, _))) = (inside, line.split_once(" = ")) {
            found += 1;
            let told = architecture.lines().filter(|line| line.starts_with("| ")).any(|row| {
                let first = row.split('|').nth(1).unwrap_or_default();
                first.split(',').any(|word| word.trim() == name)
            });
            findings.extend((!told).then(|| format!("ARCHITECTURE.md does not say why {name} is there")));
        }
    }
    assert!(found > 0, "no dependency was found");
    none(findings);
}

/// The table of complaints names a test in each row: `topic::section` of the golden scripts, or a function, in `tests/NAME.rs`
/// or `tests/NAME/PART.rs`.
#[test]
fn the_tests_that_answer_complaints_exist() {
    let text = std::fs::read_to_string(root().join("docs/complaints.md")).expect("the page can be read");
    let named = text.split('`').filter_map(|word| word.split_once("::"));
    let missing = named.clone().filter(|(topic, name)| !exists(topic, name));
    none(missing.map(|(topic, name)| format!("there is no test `{topic}::{name}`")).collect());
    assert!(named.count() >= 31, "a row has no test");
}

fn exists(topic: &str, name: &str) -> bool {
    let text = |path: String| std::fs::read_to_string(root().join(path)).unwrap_or_default();
    let section = format!("--- {name} ");
    let (file, function) = match name.split_once("::") {
        Some((part, function)) => (format!("tests/{topic}/{part}.rs"), function),
        None => (format!("tests/{topic}.rs"), name),
    };
    text(format!("tests/scripts/run/{topic}.proc")).lines().any(|line| line.starts_with(&section))
        || text(file).contains(&format!("fn {function}()"))
}
