//! Programs around runs that do what programs do: this one, started again as each of them.

use super::{Check, graph};
use procession::{Event, Outcome, Run};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

pub const CHECKS: &[(&str, Check)] = &[
    ("a program with threads runs scripts", threads),
    ("a program whose file is gone runs scripts", removed),
    ("a program whose file is another one runs scripts", replaced),
    ("a program keeps its handlers of signals", handlers),
    ("a program that ignores signals can stop a run", ignores),
    ("a program that waits for all children does not break a run, or is told", reaps),
];

/// Which of them this program is.
pub const KIND: &str = "PROCESSION_TEST_HOST";

/// Two processes, a program, and a pool: everything that is started.
const SCRIPT: &str = r#"
    queue q capacity 4
    fn twice(n) { n * 2 }
    process a(out q) { for n in pool(2).map([1, 2, 3], Fn("twice")) { q.put(n); } }
    process b(in q) { for n in q { print(n); } print(exec(["printf", "done"]).stdout); }
    start a(q)
    start b(q)
"#;

/// Is one of them.
pub fn live(kind: &str) {
    match kind {
        "threads" => with_threads(),
        "removed" => {
            std::fs::remove_file(own_file()).expect("it is there");
            runs(3);
        }
        "replaced" => {
            let path = own_file();
            std::fs::remove_file(&path).expect("it is there");
            std::fs::write(&path, "#!/bin/sh\necho another one\n").expect("there is room");
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("it is ours");
            runs(3);
        }
        "handlers" => with_handlers(),
        "ignores" => stops(),
        "reaps" => with_reaper(),
        _ => panic!("there is no such host"),
    }
    println!("it is well");
}

fn own_file() -> PathBuf {
    std::env::current_exe().expect("it is known")
}

/// Runs the script so often; all has to come out each time.
fn runs(times: usize) {
    for _ in 0..times {
        if let Err(problem) = ran() {
            panic!("{problem}");
        }
    }
}

fn ran() -> Result<(), String> {
    let (sender, lines) = std::sync::mpsc::channel();
    let run = Run::builder(&graph(SCRIPT)).observer(move |event| {
        if let Event::Printed { line, .. } = event {
            // All are taken at the end.
            let _ = sender.send(line.clone());
        }
    });
    let outcome = run.start().and_then(|run| run.wait()).map_err(|error| error.to_string())?;
    assert!(outcome.success(), "{outcome:?}");
    assert_eq!(lines.try_iter().collect::<Vec<_>>(), ["2", "4", "6", "done"]);
    Ok(())
}

/// Threads that allocate and lock all the time, as those of a server do.
fn with_threads() {
    let stop = Arc::new(AtomicBool::new(false));
    let busy = |_| {
        let stop = stop.clone();
        thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                drop(format!("{:?}", std::env::var_os("PATH")));
            }
        })
    };
    let threads: Vec<_> = (0..4).map(busy).collect();
    let runners: Vec<_> = (0..3).map(|_| thread::spawn(|| runs(2))).collect();
    runners.into_iter().for_each(|runner| runner.join().expect("its runs went well"));
    stop.store(true, Ordering::Relaxed);
    threads.into_iter().for_each(|thread| thread.join().expect("it only counts"));
}

/// SIGCHLD and SIGTERM are its own, before and after.
fn with_handlers() {
    let (children, asked) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    for (signal, count) in [(signal_hook::consts::SIGCHLD, &children), (signal_hook::consts::SIGTERM, &asked)]
    {
        signal_hook::flag::register_usize(signal, count.clone(), 1).expect("it can be handled");
    }
    runs(2);
    assert_eq!(children.load(Ordering::Relaxed), 1, "it is told of children, as of any");
    assert_eq!(asked.load(Ordering::Relaxed), 0);
    signal_hook::low_level::raise(signal_hook::consts::SIGTERM).expect("it can be sent");
    assert_eq!(asked.load(Ordering::Relaxed), 1, "the handler is still there");
}

/// Its processes end when they are asked to, though it ignores SIGTERM and SIGCHLD itself.
fn stops() {
    let (sender, events) = std::sync::mpsc::channel();
    let run = Run::builder(&graph("process a() { print(1); sleep(1000); }\nstart a()\n"));
    let run = run.observer(move |event| {
        let _ = sender.send(matches!(event, Event::Printed { .. }));
    });
    let run = run.start().expect("it starts");
    assert!(events.iter().any(|printed| printed));
    run.stop();
    match run.wait() {
        Ok(Outcome { processes, .. }) => assert_eq!(processes[0].exit, Some(-15)),
        Err(error) => assert!(error.to_string().contains("not ignore SIGCHLD"), "{error}"),
    }
}

/// A thread of it waits for whatever child ends.
fn with_reaper() {
    let stop = Arc::new(AtomicBool::new(false));
    let (stopped, reaped) = (stop.clone(), Arc::new(AtomicUsize::new(0)));
    let count = reaped.clone();
    let reaper = thread::spawn(move || {
        while !stopped.load(Ordering::Relaxed) {
            match rustix::process::wait(rustix::process::WaitOptions::empty()) {
                Ok(_) => drop(count.fetch_add(1, Ordering::Relaxed)),
                Err(_) => thread::yield_now(),
            }
        }
    });
    for _ in 0..5 {
        if let Err(error) = ran() {
            assert!(error.contains("not by `waitpid(-1)`"), "{error}");
        }
    }
    assert!(reaped.load(Ordering::Relaxed) > 0, "it has taken none");
    stop.store(true, Ordering::Relaxed);
    reaper.join().expect("it only waits");
}

/// Starts this program as one of them, by way of other words where these are needed.
fn output(kind: &str, before: &[&str]) -> Output {
    // A link, beside the file: who writes a program and runs it at once may find that it is still being written.
    let own = own_file();
    let folder = tempfile::tempdir_in(own.parent().expect("it is in a folder")).expect("there is room");
    let copy = folder.path().join("host");
    std::fs::hard_link(&own, &copy).expect("there is room");
    let mut command = match before {
        [program, arguments @ ..] => {
            let mut command = Command::new(program);
            command.args(arguments).arg(&copy);
            command
        }
        [] => Command::new(&copy),
    };
    command.env(KIND, kind).stdin(Stdio::null()).output().expect("it can be run")
}

fn is_well(kind: &str, before: &[&str]) {
    let output = output(kind, before);
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && out == "it is well\n", "{}: {out}{err}", output.status);
}

fn threads() {
    is_well("threads", &[]);
}

fn removed() {
    is_well("removed", &[]);
}

fn replaced() {
    is_well("replaced", &[]);
}

fn handlers() {
    is_well("handlers", &[]);
}

fn ignores() {
    is_well("ignores", &["/bin/sh", "-c", "trap '' TERM CHLD; exec \"$0\""]);
}

fn reaps() {
    is_well("reaps", &[]);
}
