//! The end of a run from outside: whatever runs, and whichever way it is ended, nobody is left after five seconds, and
//! the exit status is the documented one.

use super::kill;
use super::run::{Run, pid};
use rustix::process::{Pid, Signal, kill_process};
use std::time::{Duration, Instant};

/// The ways to end a run by a signal, and what it exits with.
const SIGNALS: [(Signal, i32); 4] =
    [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129), (Signal::KILL, 128 + 9)];

/// What is hard to end. Each prints one line for each process that is to be awaited, `ready` or a pid to be stopped.
struct Stubborn {
    name: &'static str,
    script: &'static str,
    lines: usize,
}

const STUBBORN: &[Stubborn] = &[
    Stubborn {
        name: "workers that sleep and compute",
        script: r#"
            process naps() { print("ready"); sleep(1000); }
            process spins() { print("ready"); loop { } }
            start naps()
            start spins()
            main { print("ready"); loop { } }
        "#,
        lines: 3,
    },
    Stubborn {
        name: "a stopped worker",
        script: r#"
            process stops() { print("ready"); exec(["kill", "-STOP", pid()]); }
            start stops()
            main { print("ready"); sleep(1000); }
        "#,
        lines: 2,
    },
    Stubborn {
        name: "programs that ignore every polite signal",
        script: r#"
            process runs() { exec(["sh", "-c", "trap '' TERM INT HUP; sleep 1000 & sleep 1000; true"]); }
            process node() exec ["sh", "-c", "trap '' TERM INT HUP; echo ready; sleep 1000; true"]
            start runs()
            start node()
        "#,
        lines: 1,
    },
    Stubborn {
        name: "a shell with jobs in the background",
        script: r#"
            process runs() { exec(["sh", "-c", "(sleep 1000; sleep 1000) & (sleep 1000; sleep 1000) & exit 0"]); print("ready"); sleep(1000); }
            start runs()
        "#,
        lines: 1,
    },
    Stubborn {
        name: "daemons that have left their session and their parent",
        script: r#"
            process runs() {
                exec(["setsid", "--fork", "sh", "-c", "trap '' TERM INT HUP; (setsid --fork sleep 1000) ; sleep 1000; true"]);
                print("ready");
                sleep(1000);
            }
            start runs() * 2
        "#,
        lines: 2,
    },
    Stubborn {
        name: "a pool at work",
        script: r#"
            main { let pool = pool(2); for x in pool.imap(0..10, |_x| { print("ready"); sleep(1000); }) { } }
        "#,
        lines: 2,
    },
];

/// Ends it, and sees that it is over in time.
fn ends(run: Run, signal: Signal, status: i32, what: &str) {
    let begin = Instant::now();
    run.signal(signal);
    let ended = run.end();
    assert_eq!(ended.status, status, "{what}, {signal:?}: {}", ended.stderr);
    let took = begin.elapsed();
    assert!(took < Duration::from_secs(5), "{what}, {signal:?}: it took {took:?}");
}

#[test]
fn whatever_runs_is_gone_after_five_seconds() {
    for Stubborn { name, script, lines } in STUBBORN {
        for (signal, status) in SIGNALS {
            let run = Run::start(script);
            for _ in 0..*lines {
                assert_eq!(run.line(), "ready", "{name}");
            }
            ends(run, signal, status, name);
        }
    }
}

#[test]
fn daemons_that_left_everything_end_with_a_run_that_ends_well() {
    let script = r#"
        process runs() { exec(["setsid", "--fork", "sh", "-c", "(setsid --fork sleep 1000); sleep 1000; true"]); print(pid()); }
        start runs()
    "#;
    let run = Run::start(script);
    run.pid();
    assert_eq!(run.end().status, 0);
}

#[test]
fn a_killed_guardian_and_then_a_killed_interpreter_leave_nobody() {
    let run = Run::start(STUBBORN[4].script);
    assert_eq!((run.line().as_str(), run.line().as_str()), ("ready", "ready"));
    for _ in 0..2 {
        let before = run.guardian().expect("there is a guardian");
        kill(before);
        run.until(|run| run.guardian().is_some_and(|pid| pid != before));
    }
    ends(run, Signal::KILL, 128 + 9, "a new guardian");
}

#[test]
fn a_second_signal_of_any_kind_kills_at_once() {
    for (second, status) in [(Signal::INT, 143), (Signal::TERM, 143), (Signal::HUP, 143)] {
        let run = Run::start(STUBBORN[1].script);
        assert_eq!((run.line().as_str(), run.line().as_str()), ("ready", "ready"));
        let begin = Instant::now();
        run.signal(Signal::TERM);
        assert!(run.error_line().starts_with("stopped by SIGTERM"));
        run.signal(second);
        assert_eq!(run.end().status, status);
        assert!(begin.elapsed() < Duration::from_millis(1900), "it waited for the end of the grace");
    }
}

/// A run in the foreground of a terminal that is interrupted by a key: the terminal is in order, and its foreground is
/// the shell's again. `script` makes the terminal; what is written to it are keys.
#[test]
fn a_terminal_is_left_as_it_was() {
    let shell = r#"
        trap : INT
        before=$(stty -g)
        "$P" run "$S"
        echo "status $?"
        [ "$(stty -g)" = "$before" ] && echo "as before"
        read -r pid comm state parent group session terminal front rest < /proc/$$/stat
        [ "$group" = "$front" ] && echo "in front"
    "#;
    let line = format!("P=\"$0\" S=\"$1\" SHELL=/bin/sh exec script -qec '{shell}' /dev/null");
    let script = "process naps() { print(\"ready\"); sleep(1000); }\nstart naps() * 3\n";
    let mut run = Run::start_in_shell(&line, script);
    for _ in 0..3 {
        assert_eq!(run.line().trim(), "ready");
    }
    run.tell("\u{3}");
    let ended = run.end();
    let shown: Vec<&str> = ended.lines.iter().map(|line| line.trim()).collect();
    for expected in ["stopped by SIGINT: 3 processes ended", "status 130", "as before", "in front"] {
        assert!(shown.iter().any(|line| line.ends_with(expected)), "`{expected}` is missing: {shown:?}");
    }
    // One line for the run, however many processes it has.
    assert_eq!(shown.iter().filter(|line| line.contains("SIGINT")).count(), 1, "{shown:?}");
}

/// A program that the kernel stopped for touching the terminal would hang for ever.
#[test]
fn programs_that_want_the_terminal_are_told_that_there_is_none() {
    let script = r#"
        process wants() { print(exec(["sh", "-c", "stty -echo < /dev/tty"], #{ check: false }).code != 0); }
        process node() on failure ignore exec ["sh", "-c", "read line < /dev/tty; echo node"]
        start wants()
        start node()
        main { print(exec(["sh", "-c", "read line < /dev/tty"], #{ check: false }).code != 0); }
    "#;
    let line =
        "P=\"$0\" S=\"$1\" SHELL=/bin/sh exec script -qec '\"$P\" run \"$S\"; echo status $?' /dev/null";
    let ended = Run::start_in_shell(line, script).end();
    let shown: Vec<&str> = ended.lines.iter().map(|line| line.trim()).collect();
    for expected in ["true", "node", "status 0"] {
        assert!(shown.contains(&expected), "`{expected}` is missing: {shown:?}");
    }
    assert_eq!(shown.iter().filter(|line| **line == "true").count(), 2, "{shown:?}");
}

/// Output into a pipe whose reader has read one line, tells it to us, and reads no more.
const DEAF: &str = r#""$0" run "$1" | { read -r line; echo "$line" >&2; exec sleep 1000; }"#;

/// The same reader, of output and errors.
const DEAF_TO_ERRORS: &str = r#""$0" run "$1" 2>&1 | { read -r line; echo "$line" >&2; exec sleep 1000; }"#;

/// The run of a script behind a deaf reader ends by a signal all the same, the interpreter in time.
fn ends_behind_a_deaf_reader(line: &str, script: &str, is_ready: impl Fn(Pid) -> bool) {
    let run = Run::start_in_shell(line, script);
    let interpreter = pid(&run.error_line());
    run.until(|_| is_ready(interpreter));
    let begin = Instant::now();
    kill_process(interpreter, Signal::TERM).expect("the interpreter runs");
    let named = |pid: Pid| std::fs::read_to_string(format!("/proc/{}/comm", pid.as_raw_nonzero()));
    run.until(|run| {
        run.processes()
            .into_iter()
            .all(|pid| named(pid).is_ok_and(|name| name.trim() == "sleep" || name.trim() == "sh"))
    });
    assert!(begin.elapsed() < Duration::from_secs(5), "it took {:?}", begin.elapsed());
    for pid in run.processes() {
        kill(pid);
    }
}

#[test]
fn a_reader_that_does_not_read_does_not_hold_up_a_stop() {
    let full = |pid: Pid| {
        // Nothing is on its way any more: everybody waits.
        let stat =
            std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).unwrap_or_default();
        stat.contains(") S ")
    };
    let script = "event told\nprocess p(told) { told.wait(); loop { print(`line after line of ${pid()}`); } }\n\
                  start p(told) * 2\nmain { print(pid()); told.set(); sleep(1000); }\n";
    ends_behind_a_deaf_reader(DEAF, script, full);
}

#[test]
fn a_reader_of_errors_that_does_not_read_holds_up_nothing() {
    // Each says far more than a pipe and we keep, and main gets its answers all the time.
    let script = "queue done\nevent told\n\
                  process p(told, out done) { told.wait(); let long = \"x\"; long.pad(100000, 'x'); for i in 0..30 { debug(long); } done.put(1); }\n\
                  start p(told, done) * 2\n\
                  main { print(pid()); told.set(); done.get(); done.get(); write_text(\"over\", \"\"); sleep(1000); }\n";
    let is_over =
        |pid: Pid| std::path::Path::new(&format!("/proc/{}/cwd/over", pid.as_raw_nonzero())).exists();
    ends_behind_a_deaf_reader(DEAF_TO_ERRORS, script, is_over);
}

#[test]
fn a_run_that_is_over_but_for_its_output_can_be_stopped() {
    let is_over = |pid: Pid| {
        let threads =
            std::fs::read_dir(format!("/proc/{}/task", pid.as_raw_nonzero())).expect("it runs").flatten();
        let names = threads.filter_map(|thread| std::fs::read_to_string(thread.path().join("comm")).ok());
        !names.into_iter().any(|name| name.trim() == "main")
    };
    let script = "main { print(pid()); for i in 0..20000 { print(`line after line: ${i}`); } }\n";
    ends_behind_a_deaf_reader(DEAF, script, is_over);
}

/// A terminal that goes away while a run is in its foreground.
#[test]
fn a_lost_terminal_ends_the_run() {
    let line = "P=\"$0\" S=\"$1\" SHELL=/bin/sh exec script -qec '\"$P\" run \"$S\"' /dev/null";
    let run = Run::start_in_shell(line, "process naps() { print(\"ready\"); sleep(1000); }\nstart naps()\n");
    assert_eq!(run.line().trim(), "ready");
    let begin = Instant::now();
    kill_process(run.interpreter(), Signal::KILL).expect("the one that holds the terminal runs");
    run.end();
    assert!(begin.elapsed() < Duration::from_secs(5));
}
