//! The programs of `benches/rivals`: each prints what the script of the same name prints, and takes more lines.

#[path = "../benches/lines/mod.rs"]
mod lines;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Each program of Python's, and the script of ours.
fn pairs() -> Vec<(String, PathBuf)> {
    let entries = fs::read_dir(root().join("benches/rivals")).expect("the rivals are there");
    let programs = entries.flatten().map(|entry| entry.path());
    let programs = programs.filter(|path| path.extension().is_some_and(|extension| extension == "py"));
    let mut pairs: Vec<(String, PathBuf)> = programs
        .map(|path| (path.file_stem().expect("it has a name").to_string_lossy().into_owned(), path))
        .collect();
    pairs.sort();
    pairs
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn rivals_print_what_scripts_print() {
    for (name, program) in pairs() {
        let ran = Command::new("python3").arg(&program).current_dir(root()).stdin(Stdio::null()).output();
        let ran = ran.expect("python3 is there");
        let expected = text(&root().join(format!("scripts/{name}.out")));
        let printed = String::from_utf8_lossy(&ran.stdout);
        assert_eq!(printed, expected, "{name}: {}", String::from_utf8_lossy(&ran.stderr));
    }
}

#[test]
fn scripts_are_shorter_and_the_table_says_by_how_much() {
    let table = text(&root().join("benches/rivals/README.md"));
    for (name, program) in pairs() {
        let ours = lines::of_script(&text(&root().join(format!("scripts/{name}.proc"))));
        let theirs = lines::of_python(&text(&program));
        assert!(ours < theirs, "{name}: {ours} lines, Python's {theirs}");
        let row = table.lines().find(|line| line.starts_with(&format!("| {name} |")));
        let lines = format!("| {ours} | {theirs} |");
        assert!(row.is_some_and(|row| row.contains(&lines)), "{name}: the table does not say `{lines}`");
    }
}
