//! Processes start whatever happens to the zygote that makes them, and without one.

use super::run::{LIMIT, Run, pid, until};
use super::{LONG, kill};
use rustix::process::{Pid, Signal, kill_process};
use std::time::Instant;

/// Both ways to start processes.
pub const WAYS: [&[&str]; 2] = [&["run"], &["run", "--start", "exec"]];

/// A process, and one that it starts, for each line of the input; it says who they are.
const ON_REQUEST: &str = r"
process inner(out r) { r.put(pid()); }
process outer(out r) { inner(r).start().join(); r.put(ppid()); }
queue r
main {
    print(pid());
    for line in stdin_lines() {
        let p = outer(r).start();
        print(r.get());
        print(r.get() == pid());
        p.join();
        print(p.exitcode);
    }
}
";

/// A run of [`ON_REQUEST`] that has started its first processes.
fn on_request(words: &[&str]) -> Run {
    let mut run = Run::start_by(words, ON_REQUEST);
    run.line();
    asks(&mut run);
    run
}

/// Has processes started, and sees them through.
fn asks(run: &mut Run) {
    run.tell("one");
    run.pid();
    assert_eq!((run.line(), run.line()), ("true".to_owned(), "0".to_owned()));
}

fn ends(run: Run) {
    let ended = run.finish_input().end();
    assert_eq!((ended.status, ended.stderr.as_str()), (0, ""));
}

/// Whether a process is a copy of a zygote: its environment is that of the program that was executed.
fn is_copy(process: Pid) -> bool {
    let environment =
        std::fs::read(format!("/proc/{}/environ", process.as_raw_nonzero())).unwrap_or_default();
    String::from_utf8_lossy(&environment).contains("PROCESSION_ZYGOTE=")
}

fn zygote(run: &Run, other_than: Option<Pid>) -> Pid {
    let found = until(Instant::now() + LIMIT, || run.guardian().filter(|&pid| Some(pid) != other_than));
    found.expect("there is a zygote")
}

#[test]
fn processes_start_in_both_ways() {
    for (words, copies) in WAYS.into_iter().zip([true, false]) {
        let run = Run::start_by(words, LONG);
        let workers: Vec<Pid> = (0..3).map(|_| run.pid()).collect();
        assert!(workers.iter().all(|&worker| is_copy(worker) == copies), "{words:?}");
        run.signal(Signal::TERM);
        assert_eq!(run.end().status, 143);
    }
}

#[test]
fn a_process_has_its_own_name() {
    for words in WAYS {
        let run =
            Run::start_by(words, "process named() { print(pid()); sleep(1000); }\nstart it = named()\n");
        let worker = run.pid().as_raw_nonzero();
        let read = |file: &str| std::fs::read_to_string(format!("/proc/{worker}/{file}")).unwrap_or_default();
        assert_eq!(read("comm").trim(), "it");
        assert_eq!(read("cmdline").trim_end_matches('\0'), "it");
        run.signal(Signal::TERM);
        run.end();
    }
}

#[test]
fn a_killed_zygote_is_replaced_and_the_run_goes_on() {
    let mut run = on_request(&["run"]);
    let first = zygote(&run, None);
    kill(first);
    asks(&mut run);
    zygote(&run, Some(first));
    asks(&mut run);
    ends(run);
}

#[test]
fn processes_start_when_no_zygote_is_left() {
    let mut run = on_request(&["run"]);
    let mut last = None;
    for _ in 0..5 {
        let next = zygote(&run, last);
        kill(next);
        last = Some(next);
    }
    run.until(|run| run.guardian().is_none());
    asks(&mut run);
    ends(run);
}

#[test]
fn a_stopped_zygote_is_done_without() {
    let mut run = on_request(&["run"]);
    kill_process(zygote(&run, None), Signal::STOP).expect("the zygote runs");
    asks(&mut run);
    ends(run);
}

#[test]
fn nobody_outlives_a_killed_interpreter_in_either_way() {
    for words in WAYS {
        let run = Run::start_by(words, LONG);
        (0..4).for_each(|_| drop(run.line()));
        run.signal(Signal::KILL);
        assert_eq!(run.end().status, 128 + 9);
    }
}

#[test]
fn a_copy_dies_of_signals_like_any_process() {
    for (signal, name) in [(Signal::SEGV, "SIGSEGV"), (Signal::ABORT, "SIGABRT"), (Signal::KILL, "SIGKILL")] {
        let run = Run::start("process dies() { print(pid()); sleep(1000); }\nstart dies()\n");
        let dies = run.pid();
        // The first SIGSEGV finds the handler that tells of overflown stacks, which then is gone.
        run.until(|_| kill_process(dies, signal).is_err());
        let ended = run.end();
        assert_eq!(ended.status, 1);
        assert!(ended.stderr.contains(name), "{}", ended.stderr);
    }
}

/// A kernel, or a filter of system calls as containers have it, that does not know `clone3`.
const WITHOUT_CLONE3: &str = r#"exec python3 -c '
import ctypes, os, struct, sys
libc = ctypes.CDLL(None)
rules = [(0x20, 0, 0, 0), (0x15, 0, 1, 435), (0x06, 0, 0, 0x00050000 | 38), (0x06, 0, 0, 0x7fff0000)]
code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *rule) for rule in rules))
program = struct.pack("HxxxxxxP", len(rules), ctypes.addressof(code))
assert libc.prctl(38, 1, 0, 0, 0) == 0
assert libc.prctl(22, 2, ctypes.c_char_p(program), 0, 0) == 0
os.execv(sys.argv[1], [sys.argv[1], "run", sys.argv[2]])
' "$0" "$1""#;

#[test]
fn processes_start_where_the_kernel_refuses_copies() {
    let run = Run::start_in_shell(WITHOUT_CLONE3, LONG);
    let workers: Vec<Pid> = (0..3).map(|_| pid(&run.line())).collect();
    assert!(!workers.iter().any(|&worker| is_copy(worker)));
    run.signal(Signal::TERM);
    assert_eq!(run.end().status, 143);
}

#[test]
fn a_thousand_processes_are_started_and_joined_from_a_body() {
    for (words, count) in WAYS.into_iter().zip([1000, 200]) {
        let run = Run::start_by(
            words,
            &format!(
                "process nothing() {{ }}\n\
                 main {{\n\
                     let all = [];\n\
                     for i in 0..{count} {{ all.push(nothing().start()); }}\n\
                     for p in all {{ p.join(); }}\n\
                     print(all.filter(|p| p.exitcode == 0).len());\n\
                 }}\n"
            ),
        );
        let ended = run.end();
        assert_eq!((ended.status, ended.lines), (0, [count.to_string()].into()), "{}", ended.stderr);
    }
}

#[test]
fn a_run_without_processes_has_no_zygote() {
    let run = Run::start("main { print(pid()); for line in stdin_lines() { } }\n");
    run.line();
    assert_eq!((run.processes().len(), run.guardian()), (1, None));
    ends(run);
}
