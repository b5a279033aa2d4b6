//! A run that is going on is asked from outside: what `ps` and `why` tell of it, and that no caller does it harm.

// The tests of faults use the rest of it.
#[allow(dead_code)]
#[path = "faults/run.rs"]
mod run;

use procession::wire::codec;
use procession::wire::frame::{self, Decoder};
use procession::wire::watch::{Answer, Question};
use run::Run;
use rustix::process::{Signal, kill_process};
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::Command;

/// The folder of a session, in which runs listen, and nobody else's.
struct Session {
    folder: tempfile::TempDir,
}

/// What the binary said.
#[derive(Debug, PartialEq, Eq)]
struct Said {
    status: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Session {
    fn new() -> Session {
        Session { folder: tempfile::tempdir().expect("a folder can be made") }
    }

    fn start(&self, script: &str) -> Run {
        let folder = self.folder.path().display();
        Run::start_in_shell(&format!("XDG_RUNTIME_DIR={folder} exec \"$0\" run \"$1\""), script)
    }

    fn ask(&self, words: &[&str]) -> Said {
        let mut command = Command::new(env!("CARGO_BIN_EXE_procession"));
        command.args(words).env("XDG_RUNTIME_DIR", self.folder.path());
        let output = command.output().expect("the binary starts");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Said { status: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }

    /// What is said of a run on standard output.
    fn tell(&self, command: &str, run: &Run, words: &[&str]) -> String {
        let said = self.ask(&[&[command, &id(run)], words].concat());
        assert_eq!((said.status, said.stderr.as_str()), (Some(0), ""));
        said.stdout
    }

    fn socket(&self, run: &Run) -> PathBuf {
        self.folder.path().join("procession").join(id(run))
    }

    fn call(&self, run: &Run) -> UnixStream {
        UnixStream::connect(self.socket(run)).expect("the run listens")
    }
}

fn id(run: &Run) -> String {
    run.interpreter().as_raw_nonzero().to_string()
}

/// The columns of a table that are the same every time: all but the pid, the times and the memory.
fn steady_columns(text: &str) -> Vec<String> {
    let line = |line: &str| {
        let cells: Vec<&str> = line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect();
        match cells.as_slice() {
            [name, _, state, _, items_in, items_out, restarts, _, _, what @ ..] => {
                [&[*name, *state, *items_in, *items_out, *restarts], what].concat().join(" ")
            }
            other => other.join(" "),
        }
    };
    text.lines().skip(1).map(line).collect()
}

/// The text with `TIME` for how long somebody has run.
fn without_times(text: &str) -> String {
    let mut parts = text.split("has run for ");
    let first = parts.next().unwrap_or_default().to_owned();
    let rest = parts.map(|part| format!("has run for TIME{}", &part[part.find(" since").unwrap_or(0)..]));
    first + &rest.collect::<String>()
}

/// Main waits for its input, all others for main, each in its way.
const WAITING: &str = r#"
queue texts capacity 2
queue rows
joinable queue jobs
queue words

process read(out texts) { for i in 0..10 { texts.put(i); } }
process parser(in texts, in words, out rows) { for w in words { rows.put(w); } for t in texts { rows.put(t); } }
process show(in rows) { for r in rows { print(r); } }
process work(in jobs) { for j in jobs { print(`done ${j}`); } }
process last() { print("last"); }

start reader = read(texts)
start parse = parser(texts, words, rows)
start sink = show(rows)
start worker = work(jobs) * 5
start last() after sink

main {
    jobs.put("a");
    jobs.join();
    let all = [reader, parse, sink] + worker;
    do { sleep(0.01); } while all.some(|process| process.state != "waiting"); print("ready"); for line in stdin_lines() { words.put(line); }
}
"#;

fn waiting(session: &Session) -> Run {
    let run = session.start(WAITING);
    assert_eq!((run.line(), run.line()), ("done a".to_owned(), "ready".to_owned()));
    run
}

#[test]
fn ps_lists_processes_and_queues() {
    let session = Session::new();
    let run = waiting(&session);
    let text = session.tell("ps", &run, &[]);
    assert!(text.starts_with(&format!("run {}: a.proc, for ", id(&run))), "{text}");
    let columns = steady_columns(&text);
    let expected = [
        "NAME STATE IN OUT RESTARTS WHAT",
        "main running 0 1 0 since a.proc:23",
        "reader waiting 0 2 0 put texts (a.proc:7)",
        "parse waiting 0 0 0 get words (a.proc:8)",
        "sink waiting 0 0 0 get rows (a.proc:9)",
    ];
    assert_eq!(columns[..expected.len()], expected, "{text}");
    let workers = &columns[expected.len()..expected.len() + 5];
    assert_eq!(workers.iter().filter(|line| line.contains(" waiting 1 0 0 get jobs (a.proc:10)")).count(), 1);
    let rest = ["last created 0 0 0 after sink", "queues: texts 2/2, rows 0/1024, jobs 0/1024, words 0/1024"];
    assert_eq!(columns[expected.len() + 5..], rest, "{text}");
    assert_eq!(run.finish_input().end().status, 0);
}

#[test]
fn ps_writes_json() {
    let session = Session::new();
    let run = waiting(&session);
    let text = session.tell("ps", &run, &["--format", "json"]);
    let runs: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
    assert_eq!((&runs[0]["run"], &runs[0]["script"]), (&id(&run).into(), &"a.proc".into()));
    let reader = &runs[0]["processes"][1];
    assert_eq!((&reader["name"], &reader["waits_for"]), (&"reader".into(), &"put texts".into()));
    assert_eq!((&reader["file"], &reader["line"], &reader["out"]), (&"a.proc".into(), &7.into(), &2.into()));
    assert!(reader["memory_bytes"].as_u64() > Some(0) && reader["cpu_ms"].is_u64(), "{reader}");
    assert_eq!(runs[0]["queues"][0]["items"], 2);
    assert_eq!(run.finish_input().end().status, 0);
}

#[test]
fn why_follows_the_waits_to_the_one_that_holds_the_others_up() {
    let session = Session::new();
    let run = waiting(&session);
    let main = "`words` is empty because `main` has run for TIME since a.proc:23\n";
    let parse = "because `parse` waits for an item from `words` (a.proc:8)";
    let sink = format!("`rows` is empty {parse}\n{main}");
    let of = |name| without_times(&session.tell("why", &run, &[name]));
    assert_eq!(of("sink"), format!("`sink` waits for an item from `rows` (a.proc:9)\n{sink}"));
    assert_eq!(of("main"), "`main` has run for TIME since a.proc:23\n");
    let all = without_times(&session.tell("why", &run, &[]));
    let expected = format!(
        "`reader` waits for room in `texts` (a.proc:7)\n\
         `texts` is full (2) because `parse`, which takes from it, waits for an item from `words` (a.proc:8)\n{main}\n\
         `worker.1`, `worker.2`, `worker.3` and 2 others wait for an item from `jobs` (a.proc:10)\n\
         `jobs` is empty because `main` has run for TIME since a.proc:23\n\n\
         `last` starts when `sink` has ended\n\
         `sink` waits for an item from `rows` (a.proc:9)\n\
         `rows` is empty because `parse` is held up itself, as told above\n"
    );
    assert_eq!(all, expected);
    assert_eq!(run.finish_input().end().status, 0);
}

#[test]
fn why_writes_json() {
    let session = Session::new();
    let run = waiting(&session);
    let text = session.tell("why", &run, &["sink", "--format", "json"]);
    let told: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
    let names: Vec<&serde_json::Value> =
        told["chains"][0].as_array().expect("an array").iter().map(|step| &step["processes"][0]).collect();
    assert_eq!(names, ["sink", "parse", "main"]);
    let because =
        serde_json::json!({ "missing": "item", "queue": "rows", "shared": null, "by": "parse", "of": 1 });
    assert_eq!(told["chains"][0][0]["because"], because);
    assert_eq!(run.finish_input().end().status, 0);
}

#[test]
fn a_restart_that_is_due_is_told_with_its_reason() {
    let session = Session::new();
    let run = session.start(
        r#"
        joinable queue lines
        queue rows
        process parse(in lines, out rows) restart 9 backoff 5s { print(pid()); for l in lines { rows.put(l); } }
        process show(in rows) { for r in rows { print(r); } }
        start parse(lines, rows)
        start sink = show(rows)
        main {
            while sink.state != "waiting" { sleep(0.01); }
            for line in stdin_lines() { lines.put(line); }
        }
        "#,
    );
    let die = || {
        kill_process(run.pid(), Signal::KILL).expect("it runs");
        assert!(run.error_line().contains("was ended by SIGKILL"));
        run.error_line()
    };
    assert!(die().contains("is started again now (1 of 9)"));
    // On a machine that is so busy that the 5 s are over before it is asked: once more.
    let seen = ["second", "third", "fourth"].into_iter().any(|time| {
        assert!(die().contains("is started again in 5 s"));
        let columns = steady_columns(&session.tell("ps", &run, &[]));
        let expected = format!(
            "`sink` waits for an item from `rows` (a.proc:5)\n\
             `rows` is empty because `parse` is being restarted, for the {time} time, after SIGKILL\n"
        );
        columns[2].starts_with("parse restarting 0 0 ")
            && columns[2].ends_with(" after SIGKILL")
            && session.tell("why", &run, &["sink"]) == expected
    });
    assert!(seen);
    run.signal(Signal::TERM);
    assert_eq!(run.end().status, 143);
}

#[test]
fn an_unknown_run_or_process_is_an_error_with_the_nearest_name() {
    let session = Session::new();
    let run = waiting(&session);
    let id = id(&run);
    let refused = |words: &[&str]| {
        let said = session.ask(words);
        assert_eq!((said.status, said.stdout.as_str()), (Some(2), ""));
        said.stderr
    };
    let expected = format!("error: run {id} has no process `snik`\n  = help: the nearest is `sink`\n");
    assert_eq!(refused(&["why", &id, "snik"]), expected);
    let expected = format!(
        "error: run {id} has no process `zzz`\n  = help: list its processes with `procession ps {id}`\n"
    );
    assert_eq!(refused(&["why", &id, "zzz"]), expected);
    for command in ["ps", "why"] {
        assert!(refused(&[command, "nosuch.proc"]).starts_with("error: there is no run `nosuch.proc`\n"));
    }
    assert_eq!(run.finish_input().end().status, 0);
}

#[test]
fn the_socket_is_private_and_goes_with_the_run() {
    let session = Session::new();
    let run = waiting(&session);
    let (socket, folder) = (session.socket(&run), session.folder.path().join("procession"));
    let mode = std::fs::metadata(&folder).expect("the folder is there").permissions().mode();
    assert_eq!((mode & 0o777, socket.exists()), (0o700, true));
    assert_eq!(run.finish_input().end().status, 0);
    assert!(!socket.exists());
}

#[test]
fn the_socket_of_a_killed_run_is_removed_by_ps() {
    let session = Session::new();
    let run = waiting(&session);
    let socket = session.socket(&run);
    run.signal(Signal::KILL);
    run.end();
    assert!(socket.exists());
    assert_eq!(session.ask(&["ps"]).status, Some(0));
    assert!(!socket.exists());
}

#[test]
fn a_folder_that_others_can_enter_is_not_used() {
    let session = Session::new();
    let folder = session.folder.path().join("procession");
    std::fs::create_dir(&folder).expect("a folder can be made");
    std::fs::set_permissions(&folder, PermissionsExt::from_mode(0o755)).expect("its mode can be set");
    let run = waiting(&session);
    assert!(!session.socket(&run).exists());
    let said = session.ask(&["ps"]);
    let path = folder.display();
    let expected = format!(
        "error: runs cannot be asked: `{path}` has mode 0755 and is not private to its owner\n  \
         = help: remove it, or make it a folder of yours with mode 0700\n"
    );
    assert_eq!((said.status, said.stderr), (Some(1), expected));
    let ended = run.finish_input().end();
    assert_eq!((ended.status, ended.stderr.as_str()), (0, ""));
}

/// A frame with this payload.
fn framed(payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    frame::write(payload, &mut bytes);
    bytes
}

/// Everything that the run says until it hangs up.
fn heard(mut stream: UnixStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    // A run that drops a caller while it speaks resets the connection.
    let _ = stream.read_to_end(&mut bytes);
    bytes
}

#[test]
fn callers_that_break_the_protocol_are_dropped() {
    let session = Session::new();
    let run = waiting(&session);
    let question = framed(&codec::to_bytes(&Question { version: 1 }));
    let long = [&question[..2], &u32::MAX.to_le_bytes(), &[0; 4096]].concat();
    let nonsense: [&[u8]; 4] = [&vec![0; 100_000], &long, &framed(&[0xff; 60]), &framed(&[])];
    for bytes in nonsense {
        let mut stream = session.call(&run);
        let _ = stream.write_all(bytes);
        assert_eq!(heard(stream), b"");
    }
    // Half a question and no more, gone before the answer, gone at once.
    let mut half = session.call(&run);
    half.write_all(&question[..question.len() - 1]).expect("it is taken");
    session.call(&run).write_all(&question).expect("it is taken");
    drop(session.call(&run));
    assert!(session.tell("ps", &run, &[]).contains("sink"));
    half.write_all(&question[question.len() - 1..]).expect("it is taken");
    assert!(!heard(half).is_empty());
    let ended = run.finish_input().end();
    assert_eq!((ended.status, ended.stderr.as_str()), (0, ""));
}

#[test]
fn the_oldest_of_too_many_callers_is_dropped() {
    let session = Session::new();
    let run = waiting(&session);
    let callers: Vec<UnixStream> = (0..40).map(|_| session.call(&run)).collect();
    assert!(session.tell("ps", &run, &[]).contains("sink"));
    let first = callers.into_iter().next().expect("there are callers");
    assert_eq!(heard(first), b"");
    let ended = run.finish_input().end();
    assert_eq!((ended.status, ended.stderr.as_str()), (0, ""));
}

#[test]
fn a_question_of_another_version_is_told_so() {
    let session = Session::new();
    let run = waiting(&session);
    let mut stream = session.call(&run);
    stream.write_all(&framed(&codec::to_bytes(&Question { version: 1000 }))).expect("it is taken");
    let mut decoder = Decoder::new();
    decoder.push(&heard(stream));
    let payload = decoder.next_payload().expect("a frame").expect("a whole one");
    assert_eq!(codec::from_bytes(payload), Ok(Answer::OtherVersion { version: 1 }));
    assert_eq!(run.finish_input().end().status, 0);
}
