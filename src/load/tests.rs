//! What is read, in which order, and what is said of files that cannot be.

use super::*;
use std::fs;
use tempfile::TempDir;

/// Loads `main.proc` of a folder with these files.
fn loaded(files: &[(&str, &str)]) -> (Loaded, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    (load(&folder.path().join("main.proc")), folder)
}

/// The codes and titles of all problems, without the folder.
fn problems(files: &[(&str, &str)]) -> Vec<String> {
    let (loaded, folder) = loaded(files);
    let folder = format!("{}/", folder.path().display());
    let told =
        loaded.problems.iter().map(|it| format!("{}: {}", it.code.name, it.title.replace(&folder, "")));
    told.collect()
}

/// The names of the trees' files, without the folder.
fn order(loaded: &Loaded, folder: &TempDir) -> Vec<String> {
    let name = |tree: &File| loaded.sources.get(tree.source).name();
    let names = loaded.files.trees.iter().map(name);
    names.map(|name| name.strip_prefix(folder.path().to_str().unwrap()).unwrap().to_owned()).collect()
}

#[test]
fn each_file_is_read_once_and_stands_behind_what_it_imports() {
    let (loaded, folder) = loaded(&[
        ("main.proc", "import \"lib/a.proc\" as a\nimport \"lib/../lib/b.proc\" as b"),
        ("lib/a.proc", "import \"b.proc\" as b"),
        ("lib/b.proc", ""),
    ]);
    assert_eq!(loaded.problems, []);
    assert_eq!(order(&loaded, &folder), ["/lib/b.proc", "/lib/a.proc", "/main.proc"]);
    let main = loaded.files.trees.last().unwrap();
    let imported: Vec<_> = main.imports().map(|import| loaded.files.imported(import)).collect();
    assert_eq!(imported, [Some(loaded.files.trees[1].source), Some(loaded.files.trees[0].source)]);
    assert_eq!(main.source, SourceId(0));
}

#[test]
fn cycles_are_named_in_full() {
    let files = [
        ("main.proc", "import \"a.proc\" as a"),
        ("a.proc", "import \"b.proc\" as b"),
        ("b.proc", "import \"./a.proc\" as a"),
    ];
    assert_eq!(problems(&files), ["P0404: `a.proc` imports itself"]);
    let (loaded, folder) = loaded(&files);
    let folder = format!("{}/", folder.path().display());
    let notes: Vec<_> = loaded.problems[0].notes.iter().map(|note| note.replace(&folder, "")).collect();
    assert_eq!(notes, ["`a.proc` imports `b.proc` imports `a.proc`"]);
    assert_eq!(
        problems(&[("main.proc", "import \"main.proc\" as m")]),
        ["P0404: `main.proc` imports itself"]
    );
}

#[test]
fn a_file_that_cannot_be_read_is_told_once() {
    let found = problems(&[
        (
            "main.proc",
            "import \"a.proc\" as a\nimport \"a.proc\" as b\nimport \"lib\" as c\nimport \"\" as d",
        ),
        ("lib/b.proc", ""),
    ]);
    let expected = [
        "P0400: cannot read `a.proc`: no such file or directory",
        "P0401: `lib` is a directory",
        "P0401: `` is a directory",
    ];
    assert_eq!(found[..2], expected[..2]);
    assert!(found[2].starts_with("P0401"), "{}", found[2]);
    assert_eq!(found.len(), 3);
}

#[test]
fn what_may_never_end_is_not_read() {
    let found = problems(&[("main.proc", "import \"/dev/zero\" as zero")]);
    assert_eq!(found, ["P0400: cannot read `/dev/zero`: not a regular file"]);
}

#[test]
fn a_long_chain_ends() {
    let files: Vec<(String, String)> = (0..=DEPTH_MAX)
        .map(|number| {
            let name = if number == 0 { "main.proc".to_owned() } else { format!("{number}.proc") };
            (name, format!("import \"{}.proc\" as next", number + 1))
        })
        .collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (&**name, &**text)).collect();
    assert_eq!(problems(&files), ["P0405: imports are nested more than 100 deep"]);
}
