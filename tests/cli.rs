//! The command line through the binary: exact output and status.

#[path = "golden/process.rs"]
mod process;

use process::{Ran, procession};
use std::path::Path;
use std::process::{Command, Stdio};

/// A folder with these files in it.
fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder can be made");
    for (name, bytes) in files {
        std::fs::write(folder.path().join(name), bytes).expect("a file can be written");
    }
    folder
}

fn ran(folder: &Path, line: &str) -> Ran {
    let words: Vec<&str> = line.split_whitespace().collect();
    procession(folder, &words, "").unwrap_or_else(|problem| panic!("{line}: {problem}"))
}

/// The status and the standard error of a command line that prints nothing else.
fn refused(folder: &Path, line: &str) -> (u8, String) {
    let ran = ran(folder, line);
    assert_eq!(ran.stdout, "", "{line}");
    (ran.status, ran.stderr)
}

fn nowhere() -> tempfile::TempDir {
    folder(&[])
}

/// A queue is declared twice.
const TWICE: &[u8] =
    b"queue q\nqueue q\nprocess w(in q) { for x in q { print(x); } }\nstart w(q)\nmain { q.put(1); }\n";
const FINE: &[u8] = b"main { print(\"fine\"); }\n";

#[test]
fn help_is_for_newcomers_and_ends_with_a_line() {
    let help = ran(nowhere().path(), "--help");
    assert_eq!((help.status, help.stderr.as_str()), (0, ""));
    for part in ["Usage: procession [OPTIONS] FILE [ARGS]...", "Examples:", "Exit status:", "explain P0107"] {
        assert!(help.stdout.contains(part), "{part} is not in\n{}", help.stdout);
    }
    assert!(help.stdout.ends_with('\n') && help.stdout.lines().all(|line| line.chars().count() <= 100));
}

#[test]
fn without_any_word_the_help_is_an_error() {
    let (status, text) = refused(nowhere().path(), "");
    assert_eq!(status, 2);
    assert!(text.contains("Usage: procession"));
}

#[test]
fn many_warnings_are_not_all_shown() {
    let queues: String = (0..350).map(|number| format!("queue q{number}\n")).collect();
    let folder = folder(&[("many.proc", queues.as_bytes())]);
    let short = ran(folder.path(), "check --format short many.proc").stdout;
    assert_eq!((short.lines().count(), short.lines().last()), (101, Some("… and 250 more warnings")));
    let text = ran(folder.path(), "check many.proc").stdout;
    assert_eq!(text.matches("warning[P0203]").count(), 100);
    assert!(text.ends_with("\n\n… and 250 more warnings\n"), "{text}");
    let json = ran(folder.path(), "check --format json many.proc").stdout;
    assert_eq!(json.matches("P0203").count(), 350, "programs get them all");
    let run = ran(folder.path(), "run many.proc").stderr;
    assert!(run.ends_with("\n\n… and 250 more warnings\n"), "{run}");
}

#[test]
fn the_version_is_the_packages() {
    assert_eq!(
        ran(nowhere().path(), "--version").stdout,
        concat!("procession ", env!("CARGO_PKG_VERSION"), "\n")
    );
}

#[test]
fn a_misspelt_option_is_put_right() {
    let (status, text) = refused(nowhere().path(), "--prefx a.proc");
    assert_eq!(status, 2);
    assert!(text.contains("a similar argument exists: '--prefix'"), "{text}");
}

#[test]
fn a_misspelt_command_is_put_right() {
    let expected = "error[P0400]: cannot read `chekc`: no such file or directory\n |\n = help: there is a command `check`\n\n";
    assert_eq!(refused(nowhere().path(), "chekc a.proc"), (2, expected.to_owned()));
}

#[test]
fn a_missing_script_names_the_one_beside_it() {
    let folder = folder(&[("words.proc", FINE)]);
    let expected = "error[P0400]: cannot read `wrods.proc`: no such file or directory\n |\n \
                    = help: there is a file `words.proc`\n\n";
    assert_eq!(refused(folder.path(), "run wrods.proc"), (2, expected.to_owned()));
}

#[test]
fn a_directory_is_no_script() {
    let expected = "error[P0401]: `.` is a directory\n |\n = help: name a script file in it\n\n";
    assert_eq!(refused(nowhere().path(), "run ."), (2, expected.to_owned()));
}

#[test]
fn bytes_that_are_no_text_are_shown_in_their_place() {
    let folder = folder(&[("latin1.proc", b"// fine\n// gr\xf6\xdfer\nmain {}\n")]);
    let expected = "latin1.proc:2:6: error[P0402]: `latin1.proc` is not UTF-8 text\n";
    let ran = ran(folder.path(), "check --format short latin1.proc");
    assert_eq!((ran.status, ran.stdout.as_str(), ran.stderr.as_str()), (2, expected, ""));
}

#[test]
fn check_says_nothing_of_what_is_right() {
    let folder = folder(&[("fine.proc", FINE)]);
    let ran = ran(folder.path(), "check fine.proc fine.proc");
    assert_eq!((ran.status, ran.stdout.as_str(), ran.stderr.as_str()), (0, "", ""));
}

#[test]
fn check_draws_problems_on_standard_output() {
    let folder = folder(&[("twice.proc", TWICE), ("fine.proc", FINE)]);
    let ran = ran(folder.path(), "check twice.proc fine.proc");
    let expected = "\
error[P0101]: the name `q` is declared twice
 --> twice.proc:2:7
  |
1 | queue q
  |       - declared first here
2 | queue q
  |       ^ declared again here, as a queue
  |
  = help: give one of them another name
";
    assert_eq!((ran.status, ran.stdout.as_str(), ran.stderr.as_str()), (2, expected, ""));
}

#[test]
fn check_writes_short_lines_and_json() {
    let folder = folder(&[("twice.proc", TWICE)]);
    let short = ran(folder.path(), "check --format short twice.proc missing.proc");
    let expected = "twice.proc:2:7: error[P0101]: the name `q` is declared twice\n\
                    error[P0400]: cannot read `missing.proc`: no such file or directory\n";
    assert_eq!((short.status, short.stdout.as_str()), (2, expected));
    let json = ran(folder.path(), "check twice.proc missing.proc --format=json");
    let problems: serde_json::Value = serde_json::from_str(&json.stdout).expect("JSON");
    assert_eq!(problems[0]["code"], "P0101");
    assert_eq!(problems[0]["labels"][0]["line"], 1);
    assert_eq!(problems[1]["code"], "P0400");
    assert_eq!(problems[1]["line"], serde_json::Value::Null);
}

#[test]
fn warnings_alone_are_no_failure() {
    let folder = folder(&[("unused.proc", b"const spare = 1\nmain { print(1); }\n")]);
    let ran = ran(folder.path(), "check --format short unused.proc");
    let expected = "unused.proc:1:7: warning[P0207]: the const `spare` is never used\n";
    assert_eq!((ran.status, ran.stdout.as_str()), (0, expected));
}

#[test]
fn a_script_may_come_from_standard_input() {
    let text = std::str::from_utf8(TWICE).expect("text");
    let ran = procession(nowhere().path(), &["check", "--format", "short", "-"], text).expect("it ends");
    assert_eq!(ran.stdout, "<stdin>:2:7: error[P0101]: the name `q` is declared twice\n");
}

#[test]
fn colour_is_used_when_it_is_asked_for() {
    let folder = folder(&[("twice.proc", TWICE)]);
    assert!(ran(folder.path(), "check --color always twice.proc").stdout.contains("\u{1b}["));
    assert!(!ran(folder.path(), "check --color auto twice.proc").stdout.contains('\u{1b}'));
}

#[test]
fn doc_lists_all_functions_or_tells_of_one() {
    let all = ran(nowhere().path(), "doc").stdout;
    let line = "  read_bytes(path)                     A whole file as a blob; gzip and zstd are unpacked.\n";
    for part in ["Files\n", line, "  q.put(item)  ", "  exec(command, options)  "] {
        assert!(all.contains(part), "{part}: {all}");
    }
    let one = "sum(items)\n    The sum of ints or floats; 0 of none.\n\n    [1, 2].sum()\n    // 3\n";
    assert_eq!(ran(nowhere().path(), "doc sum").stdout, one);
    assert_eq!(ran(nowhere().path(), "doc list.sum()").stdout, one);
    let both = ran(nowhere().path(), "doc q.try_get").stdout;
    assert!(both.contains("q.try_get()\n") && both.contains("q.try_get(seconds)\n"), "{both}");
    let of_rhai = ran(nowhere().path(), "doc push").stdout;
    assert!(of_rhai.starts_with("push is a function of Rhai itself: https://"), "{of_rhai}");
    let expected = "error: unknown function `raed_lines`\n  = help: the nearest is `read_lines`\n";
    assert_eq!(refused(nowhere().path(), "doc raed_lines"), (2, expected.to_owned()));
    let expected = "error: unknown function `nonsense`\n  = help: list all functions with `procession doc`\n";
    assert_eq!(refused(nowhere().path(), "doc nonsense"), (2, expected.to_owned()));
}

#[test]
fn explain_prints_a_page_or_all_codes() {
    let page = ran(nowhere().path(), "explain p0400").stdout;
    assert!(page.starts_with("# P0400: a script cannot be read\n"), "{page}");
    let all = ran(nowhere().path(), "explain").stdout;
    assert!(all.contains("P0400  a script cannot be read\n"), "{all}");
    let expected = "error: unknown code `P040`\n  = help: the nearest is `P0400`\n";
    assert_eq!(refused(nowhere().path(), "explain P040"), (2, expected.to_owned()));
}

#[test]
fn what_follows_the_file_is_the_scripts() {
    let folder = folder(&[("n.proc", b"/// How many.\nparam n = 3\nmain { print(n); }\n")]);
    for line in ["n.proc --help", "run n.proc --help"] {
        let help = ran(folder.path(), line);
        assert_eq!(help.status, 0);
        assert!(help.stdout.starts_with("usage: procession run n.proc"), "{}", help.stdout);
    }
    assert_eq!(ran(folder.path(), "n.proc --n 4").stdout, "4\n");
    assert_eq!(ran(folder.path(), "run --color never n.proc").stdout, "3\n");
    let (status, text) = refused(folder.path(), "n.proc --nn 4");
    assert_eq!(status, 2);
    assert!(text.starts_with("error[P0300]"), "{text}");
}

#[test]
fn a_file_named_as_a_command_needs_its_folder() {
    let folder = folder(&[("check", FINE)]);
    assert_eq!(ran(folder.path(), "./check").stdout, "fine\n");
}

#[test]
fn a_script_with_an_interpreter_line_runs_by_its_name() {
    let text = format!("#!{}\nmain {{ print(\"by name\"); }}\n", env!("CARGO_BIN_EXE_procession"));
    let folder = folder(&[("text", text.as_bytes())]);
    let script = folder.path().join("named");
    // Copied by another process: a descriptor that is open for writing here, and inherited by a child that another
    // test starts at this moment, would make the script busy.
    let copied = Command::new("cp").arg(folder.path().join("text")).arg(&script).status();
    assert!(copied.expect("cp starts").success());
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&script, executable).expect("it can be made executable");
    let output = Command::new(script).output().expect("it starts");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "by name\n");
}

#[test]
fn graph_takes_its_options_on_both_sides_of_the_file() {
    let folder = folder(&[("fine.proc", FINE)]);
    let before = ran(folder.path(), "graph --format json fine.proc");
    let after = ran(folder.path(), "graph fine.proc --format json");
    assert_eq!((before.status, before.stdout.as_str()), (0, after.stdout.as_str()));
    assert!(serde_json::from_str::<serde_json::Value>(&after.stdout).is_ok(), "{}", after.stdout);
}

#[test]
fn a_reader_that_has_gone_away_is_no_panic() {
    for words in [["explain", "P0400"], ["help", "run"], ["check", "missing.proc"]] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_procession"));
        let (reader, writer) = std::io::pipe().expect("a pipe can be made");
        drop(reader);
        let child = command.args(words).stdout(writer).stderr(Stdio::piped()).spawn().expect("it starts");
        let output = child.wait_with_output().expect("it ends");
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!text.contains("panicked") && output.status.code().is_some(), "{words:?}: {text}");
    }
}

#[test]
fn a_plan_says_which_way_each_queue_goes_and_why() {
    let script = "queue plain capacity 10
joinable queue jobs capacity 10 dead letter dead
queue dead
queue wide capacity unbounded
queue heavy capacity 1MB
queue urgent order priority
queue latest capacity 1 when full drop oldest
broadcast queue news
queue typed
process sorts(in typed) exec [\"sort\"]
process uses(in plain, in jobs, in dead, in wide, in heavy, in urgent, in latest, in news) { }
start sorts(typed)
start uses(plain, jobs, dead, wide, heavy, urgent, latest, news)
main { plain.put(1); typed.put(1); }
";
    let folder = folder(&[("kinds.proc", script.as_bytes())]);
    let plan = ran(folder.path(), "graph --plan kinds.proc").stdout;
    let queues: Vec<&str> = plan.lines().skip(1).take(9).collect();
    assert_eq!(
        queues,
        [
            "  plain   ring: bounded, in order, waits when full",
            "  jobs    ring: bounded, in order, waits when full",
            "  dead    broker: takes dead letters",
            "  wide    broker: unbounded",
            "  heavy   broker: its capacity is in bytes",
            "  urgent  broker: ordered by priority",
            "  latest  broker: drops items when full",
            "  news    broker: every item reaches every consumer",
            "  typed   broker: a program reads from it or writes to it",
        ]
    );
}
