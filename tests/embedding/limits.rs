//! What a host allows, and what becomes of scripts that want more.

use super::{Check, graph};
use procession::{Allow, End, ErrorKind, Event, Limits, Outcome, Run};
use std::sync::mpsc::channel;
use std::time::Duration;

pub const CHECKS: &[(&str, Check)] = &[
    ("queues hold no more than the host allows", queue_bytes),
    ("queues in shared memory count too", ring_bytes),
    ("so do items that are in hand or given ahead", in_hand),
    ("tables count with the queues", table_bytes),
    ("a program that sends too much is told", sender),
    ("what was taken out makes room", makes_room),
    ("a script cannot have more processes", processes),
    ("a script cannot have more memory", memory),
    ("a script cannot do more operations, whatever it catches", operations),
    ("a script cannot take longer", time),
    ("a script reaches what the host allows, and no more", allowed),
    ("a script reaches what it allows itself, and no more", allowed_less),
    ("the programs of a script are those that the host allows", programs),
    ("no limits hold for a main in the program itself", main_here),
];

fn limited(text: &str, limits: Limits) -> (Outcome, Vec<String>) {
    ended(Run::builder(&graph(text)).limits(limits))
}

/// How a run ended, and what it printed.
fn ended(builder: procession::Builder) -> (Outcome, Vec<String>) {
    let (sender, lines) = channel();
    let builder = builder.observer(move |event| {
        if let Event::Printed { line, .. } = event {
            // All are taken at the end.
            let _ = sender.send(line.clone());
        }
    });
    let outcome = builder.start().expect("it starts").wait().expect("it goes on");
    (outcome, lines.try_iter().collect())
}

fn bytes(most: u64) -> Limits {
    Limits { queue_bytes: Some(most), ..Limits::default() }
}

fn first_error(outcome: &Outcome) -> &str {
    outcome.processes.iter().find_map(|process| process.error.as_deref()).unwrap_or_default()
}

const FILL: &str = r#"
    main {
        let n = 0;
        try {
            loop { q.put(blob(1000, 7)); n += 1; }
        } catch (error) {
            print(`${n} ${error.kind}: ${error.message}`);
        }
        for i in 0..n { q.get(); }
        q.put(1);
        print(q.get());
    }
"#;

fn queue_bytes() {
    let (outcome, lines) = limited(&format!("queue q capacity unbounded\n{FILL}"), bytes(100_000));
    assert!(outcome.success(), "{outcome:?}");
    let told = "Limit: the program that runs the script allows 100 KB in all queues and tables together";
    assert_eq!(lines, [format!("93 {told}"), "1".to_owned()]);
}

/// A ring that would be larger than what is allowed is none.
fn ring_bytes() {
    let (outcome, lines) = limited(&format!("queue q capacity 1000\n{FILL}"), bytes(100_000));
    assert!(outcome.success(), "{outcome:?}");
    assert!(lines[0].starts_with("93 Limit: "), "{lines:?}");
    let (outcome, lines) = limited(&format!("queue q capacity 1000\n{FILL}"), bytes(10 << 20));
    assert_eq!((outcome.end, lines.len()), (End::Deadlock, 0));
}

fn in_hand() {
    let text = r#"
        joinable queue q capacity unbounded
        main {
            let n = 0;
            try {
                loop { q.put(blob(1000, 7)); q.get(); n += 1; }
            } catch (error) {
                print(`${n} ${error.kind}`);
            }
        }
    "#;
    assert_eq!(limited(text, bytes(100_000)).1, ["93 Limit"]);
}

fn table_bytes() {
    let text = r#"
        table t
        main {
            let n = 0;
            try {
                loop { t.set(`${n}`, blob(1000, 7)); n += 1; }
            } catch (error) {
                print(n > 80 && n < 94 && error.kind == "Limit");
            }
        }
    "#;
    assert_eq!(limited(text, bytes(100_000)).1, ["true"]);
}

fn sender() {
    let graph =
        graph("host queue q capacity unbounded\nprocess a(in q) { sleep(1000); q.get(); }\nstart a(q)\n");
    let run = Run::builder(&graph).limits(bytes(10_000)).start().expect("it starts");
    let sender = run.sender::<String>("q").expect("it is there");
    assert!(sender.send(&"x".repeat(9_000)).is_ok());
    let error = sender.send(&"x".repeat(9_000)).expect_err("that is too much");
    assert_eq!(error.kind(), ErrorKind::Limit, "{error}");
    run.kill();
}

fn makes_room() {
    let text = r#"
        queue q capacity 4
        process a(out q) { for i in 0..1000 { q.put(blob(10000, 1)); } }
        process b(in q) { let n = 0; for item in q { n += item.len; } print(n); }
        start a(q)
        start b(q)
    "#;
    let (outcome, lines) = limited(text, bytes(100_000));
    assert!(outcome.success(), "{outcome:?}");
    assert_eq!(lines, ["10000000"]);
}

fn processes() {
    let text = r#"
        process sleeper() daemon { sleep(1000); }
        main {
            let n = 0;
            try {
                loop { sleeper().start(); n += 1; }
            } catch (error) {
                print(`${n} ${error.message}`);
            }
        }
    "#;
    let (outcome, lines) = limited(text, Limits { processes: Some(4), ..Limits::default() });
    assert!(outcome.success(), "{outcome:?}");
    let told =
        "the process could not be started: the program that runs the script allows 4 processes at a time";
    assert_eq!(lines, [format!("3 {told}")]);
}

fn memory() {
    let eater = "{ let all = []; loop { all.push(blob(1000000, 1)); } }\n";
    let limits = Limits { memory_bytes: Some(64 << 20), ..Limits::default() };
    // What it says of its own memory holds only when that is less.
    for text in [format!("main {eater}"), format!("process a() memory 10GB {eater}start a()\n")] {
        let (outcome, _) = limited(&text, limits);
        assert_eq!((outcome.status, outcome.end), (1, End::Failed), "{text}");
    }
}

fn operations() {
    let limits = Limits { operations: Some(1_000_000), ..Limits::default() };
    for text in [
        "main { loop { try { loop {} } catch { } } }\n",
        "thread t() { loop {} }\nprocess a() { t().start(); sleep(1000); }\nstart a()\n",
        "fn f(n) { if n == 0 { 0 } else { f(n - 1) } }\nmain { loop { f(10); } }\n",
    ] {
        let (outcome, _) = limited(text, limits);
        let told = "it has done as many operations as the program that runs the script allows";
        assert_eq!((outcome.status, first_error(&outcome)), (1, told), "{text}");
    }
    let (outcome, lines) = limited("main { let n = 0; while n < 1000 { n += 1; } print(n); }\n", limits);
    assert!(outcome.success());
    assert_eq!(lines, ["1000"]);
}

fn time() {
    let limits = Limits { time: Some(Duration::from_millis(50)), ..Limits::default() };
    for text in ["main { sleep(1000); }\n", "process a() { loop { } }\nstart a()\n", "main { loop {} }\n"] {
        let (outcome, _) = limited(text, limits);
        assert_eq!((outcome.status, outcome.end), (1, End::TimeLimit), "{text}");
    }
}

/// A folder with a file `in` and a file `out`, and its path.
fn folder() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().expect("there is room");
    for name in ["in", "out"] {
        std::fs::write(folder.path().join(name), name).expect("there is room");
    }
    let path = folder.path().to_str().expect("it is text").to_owned();
    (folder, path)
}

const LOOK: &str = r#"
    fn look(path) { try { return read_text(path); } catch (error) { return error.kind; } }
"#;

fn allowed() {
    let (_folder, path) = folder();
    let text = format!(
        r#"{LOOK}
        process a(dir) allow read "/" cwd dir {{ print(look("in")); print(look("out")); print(look("/etc/passwd")); }}
        main {{ print(look("{path}/in")); print(look("{path}/out")); a("{path}").start(); }}
        "#
    );
    let allow = Allow::nothing().read(&format!("{path}/in"));
    let (outcome, mut lines) = ended(Run::builder(&graph(&text)).allow(allow));
    assert!(outcome.success(), "{outcome:?}");
    lines.sort();
    assert_eq!(lines, ["Io", "Io", "Io", "in", "in"]);
}

fn allowed_less() {
    let (_folder, path) = folder();
    let text = format!(
        r#"{LOOK}
        process a(dir) allow read "in" cwd dir {{ print(look("in")); print(look("out")); }}
        start a("{path}")
        "#
    );
    let (outcome, lines) = ended(Run::builder(&graph(&text)).allow(Allow::nothing().read(&path)));
    assert!(outcome.success(), "{outcome:?}");
    assert_eq!(lines, ["in", "Io"]);
}

fn programs() {
    let text = |allow: &str| {
        format!(
            "process a() {allow} {{ print(exec([\"true\"]).code); exec([\"sh\", \"-c\", \"echo hi\"]); }}\nstart a()\n"
        )
    };
    for own in ["", "allow run \"sh\", run \"true\""] {
        let builder = Run::builder(&graph(&text(own))).allow(Allow::nothing().run("true"));
        let (outcome, lines) = ended(builder);
        assert_eq!((outcome.status, lines), (1, vec!["0".to_owned()]), "{own}: {outcome:?}");
    }
    let graph = graph("process a() allow nothing exec [\"true\"]\nstart a()\n");
    assert!(ended(Run::builder(&graph)).0.success());
    assert!(!ended(Run::builder(&graph).allow(Allow::nothing())).0.success());
}

fn main_here() {
    let graph = graph("main { print(1); }\n");
    let error = Run::builder(&graph).main_here().limits(bytes(1)).start().err().expect("that cannot be");
    assert_eq!(error.kind(), ErrorKind::Limit);
    assert!(
        Run::builder(&graph).main_here().start().expect("it starts").wait().expect("it goes on").success()
    );
}
