//! Runs in the hands of a program.

use super::{Check, graph};
use procession::{End, Event, Run};
use std::io::Write;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub const CHECKS: &[(&str, Check)] = &[
    ("a run ends by itself", ends),
    ("lines go where they are wanted", lines),
    ("failures are in the outcome", failures),
    ("a run is stopped", stopped),
    ("a run is killed, and when its handle is dropped", killed),
    ("a status shows who waits for what", status),
    ("an observer that panics is asked no more", panics),
    ("a deadlock is an end", deadlock),
];

const SLEEPER: &str = "process a() { print(\"here\"); sleep(1000); }\nstart a()\n";

/// A run whose events come by the receiver.
fn watched(text: &str) -> (Run, Receiver<Event>) {
    let (sender, events) = channel();
    let builder = Run::builder(&graph(text)).observer(move |event| {
        // Nobody may want to hear the rest.
        let _ = sender.send(event.clone());
    });
    (builder.start().expect("it starts"), events)
}

fn wait_for(events: &Receiver<Event>, what: impl Fn(&Event) -> bool) {
    let found = events.iter().any(|event| what(&event));
    assert!(found, "the event did not come");
}

fn ends() {
    let (run, events) = watched("process a() { print(\"hello\"); }\nstart a()\n");
    let outcome = run.wait().expect("it goes on");
    assert!(outcome.success());
    assert_eq!((outcome.status, outcome.end), (0, End::Done));
    assert_eq!(outcome.processes[0].exit, Some(0));
    assert_eq!(run.wait().expect("it is over"), outcome);
    drop(run);
    let told: Vec<&str> = events
        .iter()
        .map(|event| match event {
            Event::Started { .. } => "started",
            Event::Printed { line, .. } if line == "hello" => "printed",
            Event::Ended { exit: 0, .. } => "ended",
            _ => "something else",
        })
        .collect();
    assert_eq!(told, ["started", "printed", "ended"]);
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("nobody panics").write(bytes)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn lines() {
    let lines = Lines::default();
    let graph = graph("process a() { for i in 0..3 { print(i); } }\nstart a()\n");
    let run = Run::builder(&graph).output(lines.clone()).start().expect("it starts");
    assert!(run.wait().expect("it goes on").success());
    assert_eq!(*lines.0.lock().expect("nobody panics"), b"0\n1\n2\n");
}

fn failures() {
    let (run, _events) = watched(
        "process a() on failure continue { throw \"broken\"; }\nprocess b() {}\nstart a()\nstart b()\n",
    );
    let outcome = run.wait().expect("it goes on");
    assert_eq!((outcome.status, outcome.end), (1, End::Failed));
    let a = &outcome.processes[0];
    assert_eq!((a.exit, a.failed, a.error.as_deref()), (Some(1), true, Some("broken")));
    assert!(!outcome.processes[1].failed);
}

fn stopped() {
    let (run, events) = watched(SLEEPER);
    wait_for(&events, |event| matches!(event, Event::Printed { .. }));
    assert!(matches!(run.wait_timeout(Duration::from_millis(1)), Ok(None)));
    run.stop();
    let outcome = run.wait().expect("it goes on");
    assert_eq!((outcome.status, outcome.end), (1, End::Stopped));
    assert_eq!(outcome.processes[0].exit, Some(-15));
}

fn killed() {
    let (run, events) = watched(SLEEPER);
    wait_for(&events, |event| matches!(event, Event::Printed { .. }));
    run.kill();
    assert_eq!(run.wait().expect("it goes on").end, End::Stopped);
    let (run, events) = watched(SLEEPER);
    wait_for(&events, |event| matches!(event, Event::Started { .. }));
    let pid = run.status().map_or(0, |status| status.processes[0].pid);
    assert!(pid > 0);
    drop(run);
    assert!(!std::path::Path::new(&format!("/proc/{pid}")).exists(), "it was left behind");
}

fn status() {
    let (run, events) = watched(
        "queue q\nprocess a(in q) { print(\"here\"); q.get(1000); }\nprocess b(out q) { sleep(1000); q.put(1); }\nstart a(q)\nstart b(q)\n",
    );
    wait_for(&events, |event| matches!(event, Event::Printed { .. }));
    let waits = || run.status().expect("it goes on").processes[0].waits_for.clone();
    while waits().as_deref() != Some("get q") {}
    assert_eq!(run.status().expect("it goes on").queues, [("q".to_owned(), 0)]);
    run.kill();
    assert!(run.wait().is_ok());
    assert!(run.status().is_none());
}

fn panics() {
    let graph = graph("process a() { print(1); print(2); }\nstart a()\n");
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let run = Run::builder(&graph).observer(|_| panic!("no")).start().expect("it starts");
    let outcome = run.wait();
    std::panic::set_hook(hook);
    assert!(outcome.expect("it goes on").success());
}

fn deadlock() {
    let (run, _events) = watched(
        "lock l\nlock m\nevent e\nprocess a(l, e) { l.acquire(); e.wait(); }\nstart a(l, e)\nstart b(m, e)\nprocess b(l, e) { l.acquire(); e.wait(); }\n",
    );
    let outcome = run.wait().expect("it goes on");
    assert_eq!((outcome.status, outcome.end), (3, End::Deadlock));
}
