//! The programs of `examples/` do what they say.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Once;

/// The standard output of an example. Cargo builds them beside the binary with all tests, but not for this one alone.
fn printed(name: &str) -> String {
    static BUILT: Once = Once::new();
    let binary = PathBuf::from(env!("CARGO_BIN_EXE_procession"));
    let example = binary.parent().expect("it is in a folder").join("examples").join(name);
    BUILT.call_once(|| {
        if !example.exists() {
            let built = Command::new(env!("CARGO")).args(["build", "--examples"]).status();
            assert!(built.expect("cargo is there").success());
        }
    });
    let mut command = Command::new(example);
    let output = command.stdin(Stdio::null()).output().expect("the example was built with the tests");
    assert!(output.status.success(), "{}: {}", output.status, String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("it prints text")
}

#[test]
fn hello() {
    assert_eq!(printed("hello"), "hello, host\ngoodbye, host\n2 processes, status 0\n");
}

#[test]
fn resize() {
    assert_eq!(printed("resize"), "cat: 300\na landscape: 640\ndog: 300\n");
}

#[test]
fn job_service() {
    assert_eq!(printed("job_service"), "job 1: 1\njob 2: 3\njob 3: 6\n20 jobs done\n");
}

#[test]
fn many_runs() {
    let lines = (1..=8).map(|n| format!("1 to {n}: {}\n", n * (n + 1) / 2));
    assert_eq!(printed("many_runs"), lines.collect::<String>());
}

#[test]
fn survivor() {
    let fates = [
        "throws failed: no more",
        "panics panicked, and only its process",
        "eats memory had no more memory",
        "loops failed: it has done as many operations as the program that runs the script allows",
        "waits was stopped when its time was over",
        "bombs failed: the process could not be started: the program that runs the script allows 10 processes at a time",
        "hoards failed: the program that runs the script allows 32 MiB in all queues and tables together",
        "scribbles ended, and nothing of it was seen",
        "reads was refused: `read_text` is not given to scripts here",
    ];
    let lines: Vec<String> = fates.iter().map(|fate| format!("the script that {fate}")).collect();
    assert_eq!(printed("survivor").lines().collect::<Vec<_>>(), lines);
}

/// What the page shows of each program is what stands in its file.
#[test]
fn the_page_shows_the_programs() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("docs/embedding.md")).expect("it is there");
    let mut shown = 0;
    for block in page.split("\n<!-- from examples/").skip(1) {
        let (name, rest) = block.split_once(" -->\n").expect("the file is named");
        let code = rest.split("```rust\n").nth(1).and_then(|code| code.split("```").next()).expect("a block");
        let file = std::fs::read_to_string(root.join("examples").join(name)).expect("it is there");
        assert!(file.contains(code), "docs/embedding.md shows what is not in {name}:\n{code}");
        shown += 1;
    }
    assert!(shown >= 5, "only {shown} blocks are shown");
}
