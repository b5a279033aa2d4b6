//! The public interface: every item that rustdoc shows, what belongs to it, and that all of it is explained.
//!
//! `UPDATE=1 cargo test --test api` writes `tests/golden/api.txt` anew.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The pages of the library, as they are made for whoever uses it. They are fresh when CI has made them before.
fn pages() -> PathBuf {
    let target = Path::new(env!("CARGO_BIN_EXE_procession")).ancestors().nth(2).expect("it is in a folder");
    let made = Command::new(env!("CARGO"))
        .args(["doc", "--no-deps", "--quiet", "--target-dir"])
        .arg(target)
        .env("RUSTDOCFLAGS", "-D warnings")
        .status();
    assert!(made.expect("cargo is there").success(), "the documents cannot be made");
    target.join("doc/procession")
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What stands between two marks, each time.
fn between<'a>(text: &'a str, begin: &'a str, end: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(begin).skip(1).filter_map(move |rest| rest.split(end).next())
}

/// A part of an item: a method, a field, a variant, a field of one.
struct Part {
    name: String,
    explained: bool,
}

/// The parts of an item. Those that its traits bring are not its own.
fn parts(page: &str) -> Vec<Part> {
    let others =
        ["trait-implementations", "synthetic-implementations", "blanket-implementations", "implementors"];
    let ends = others.iter().filter_map(|what| page.find(&format!("id=\"{what}\"")));
    let own = &page[..ends.min().unwrap_or(page.len())];
    let mut parts = Vec::new();
    for piece in own.split(" id=\"").skip(1) {
        let id = piece.split('"').next().unwrap_or_default();
        let Some((kind, name)) = id.split_once('.').filter(|(_, name)| !name.ends_with(".fields")) else {
            continue;
        };
        // What a variant says explains its fields, and what a type says the one that has no name.
        let explained = name.contains(".field.") || name == "0" || piece.contains("class=\"docblock\"");
        if ["method", "tymethod", "structfield", "variant", "associatedconstant", "associatedtype"]
            .contains(&kind)
        {
            let name = name.replace(".field.", "::");
            parts.push(Part { name, explained });
        }
    }
    parts
}

#[test]
fn the_interface_is_what_it_was_and_all_of_it_is_explained() {
    let pages = pages();
    let (mut shown, mut unexplained) = (String::new(), Vec::new());
    let all = read(&pages.join("all.html"));
    // Those that begin with # are the headings.
    for link in between(&all, "<li><a href=\"", "\"").filter(|link| !link.starts_with('#')) {
        let page = read(&pages.join(link));
        let (kind, name) = link.trim_end_matches(".html").rsplit_once('.').expect("a kind and a name");
        let module = link.rsplit_once('/').map(|(module, _)| format!("{}::", module.replace('/', "::")));
        let kind = kind.rsplit('/').next().unwrap_or(kind);
        let name = module.unwrap_or_default() + name;
        if !page.contains("top-doc") {
            unexplained.push(name.clone());
        }
        let parts = parts(&page);
        let names: Vec<&str> = parts.iter().map(|part| &*part.name).collect();
        unexplained.extend(parts.iter().filter(|it| !it.explained).map(|it| format!("{name}.{}", it.name)));
        shown += format!("{kind} {name}: {}\n", names.join(" ")).trim_end_matches(": \n").trim_end();
        shown.push('\n');
    }
    assert_eq!(unexplained, [""; 0], "not explained");
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/api.txt");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&golden, &shown).expect("it can be written");
    }
    assert_eq!(read(&golden), shown, "the public interface has changed");
}
