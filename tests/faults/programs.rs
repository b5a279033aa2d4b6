//! Exec processes that are killed, and runs of them that are stopped: the program never outlives its process, and
//! what it has not read is not lost.

use crate::run::{LIMIT, Run, until};
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use std::time::Instant;

fn is_gone(pid: Pid) -> bool {
    let gone = until(Instant::now() + LIMIT, || test_kill_process(pid).is_err().then_some(()));
    gone.is_some()
}

#[test]
fn an_item_for_the_program_of_a_killed_process_reaches_another() {
    let run = Run::start(
        r#"
        joinable queue jobs
        queue pids
        queue done
        process idle(in jobs, out pids) on failure continue exec ["sh", "-c", "echo $$; exec sleep 1000"]
        process busy(in jobs, out done) exec ["cat"]
        start first = idle(jobs, pids)
        main {
            print(pids.get());
            print(first.pid);
            jobs.put("a");
            while jobs.len() > 0 { sleep(0.01); }
            print("taken");
            let second = busy(jobs, done);
            second.start();
            print(done.get());
            jobs.join();
            print(first.exitcode);
        }
        "#,
    );
    let (program, process) = (run.pid(), run.pid());
    assert_eq!(run.line(), "taken");
    kill_process(process, Signal::KILL).expect("the process runs");
    assert_eq!((run.line().as_str(), run.line().as_str()), ("a", "-9"));
    assert!(is_gone(program));
    let ended = run.end();
    assert_eq!(ended.status, 1, "{}", ended.stderr);
    assert!(ended.stderr.contains("in hand, of queue `jobs`: \"a\""), "{}", ended.stderr);
}

const SHELLS: &str = r#"
    queue lines
    process shell(out lines) exec ["sh", "-c", "trap '' TERM INT; sleep 1000 & echo ready; sleep 1000; echo late"]
    start shell(lines) * 2
    main { for line in lines { print(line); } }
"#;

/// A run of two programs with what they have started.
fn shells() -> Run {
    let run = Run::start(SHELLS);
    assert_eq!((run.line().as_str(), run.line().as_str()), ("ready", "ready"));
    run
}

#[test]
fn no_program_outlives_a_killed_interpreter() {
    let run = shells();
    run.signal(Signal::KILL);
    assert_eq!(run.end().status, 128 + 9);
}

#[test]
fn programs_that_do_not_care_are_killed_when_their_grace_is_over() {
    let run = shells();
    run.signal(Signal::TERM);
    let ended = run.end();
    assert_eq!((ended.status, ended.stderr.as_str()), (143, "stopped by SIGTERM: 2 processes ended"));
}

#[test]
fn a_killed_program_is_an_end_by_signal() {
    let run = Run::start(
        r#"
        queue pids
        process idle(out pids) on failure continue exec ["sh", "-c", "echo $$; exec sleep 1000"]
        start first = idle(pids)
        main { print(pids.get()); first.join(); print(first.exitcode); }
        "#,
    );
    kill_process(run.pid(), Signal::SEGV).expect("the program runs");
    assert_eq!(run.line(), "-11");
    assert_eq!(run.end().status, 1);
}

#[test]
fn a_program_that_prints_for_ever_ends_with_its_reader() {
    let run = Run::start_in_shell(
        "\"$0\" run \"$1\" | head -1; exit ${PIPESTATUS:-0}",
        "process say() exec [\"yes\"]\nstart say() * 2\n",
    );
    let ended = run.end();
    assert_eq!((ended.status, ended.lines.len(), ended.stderr.as_str()), (0, 1, ""));
}

#[test]
fn each_line_of_a_program_is_led_by_the_name() {
    let script = "process say() exec [\"printf\", \"one\\\\n\\\\ntwo\"]\nstart say()\n";
    let ended = Run::start_by(&["run", "--prefix"], script).end();
    assert_eq!(Vec::from(ended.lines), ["say | one", "say | ", "say | two"]);
}
