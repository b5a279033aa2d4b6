//! Functions of the host in bodies, expressions and other processes; what the host withholds.

use super::{Check, graph, host};
use procession::{Capability, Data, ErrorKind, Event, Held, Host, Opaque, Run, Script};
use serde::{Deserialize, Serialize};
use std::cell::Cell;
use std::sync::mpsc::channel;

pub const CHECKS: &[(&str, Check)] = &[
    ("host functions are seen everywhere", everywhere),
    ("a fallible function throws, a panic too", fallible),
    ("opaque values stay in their process", opaque),
    ("check knows names and numbers of arguments", checked),
    ("what is withheld is refused, and not there", withheld),
    ("what is said of it is what its page shows", withheld_as_shown),
    ("a function that init was not given is refused", not_given),
];

#[derive(Serialize, Deserialize)]
struct Point {
    x: f64,
    y: f64,
}

/// A counter of the host's that scripts can hold.
struct Tally(Cell<i64>);

impl Opaque for Tally {
    const NAME: &'static str = "a tally";
}

pub fn give(host: Host) -> Host {
    host.function("score", |text: &str| -> i64 { i64::try_from(text.len()).unwrap_or(0) })
        .function("nothing", || ())
        .function("halve", |n: i64| if n % 2 == 0 { Ok(n / 2) } else { Err(format!("{n} is odd")) })
        .function("length", |Data(point): Data<Point>| point.x.hypot(point.y))
        .function("mirrored", |Data(p): Data<Point>| Data(Point { x: p.y, y: p.x }))
        .function("tally", || Held(Tally(Cell::new(0))))
        .function("count", |tally: &Tally, by: i64| {
            tally.0.set(tally.0.get() + by);
            tally.0.get()
        })
        .function("explode", |text: &str| -> i64 { panic!("{text}") })
        .described(
            "joined",
            &["words", "between"],
            "The words as one text.",
            |words: Vec<String>, between: &str| words.join(between),
        )
}

/// The lines that a script prints.
fn printed(text: &str) -> Vec<String> {
    let (sender, events) = channel();
    let run = Run::builder(&graph(text)).observer(move |event| {
        if let Event::Printed { line, .. } = event {
            let _ = sender.send(line.clone());
        }
    });
    let outcome = run.start().expect("it starts").wait().expect("it goes on");
    assert!(outcome.success(), "{outcome:?}");
    events.iter().collect()
}

fn everywhere() {
    let lines = printed(
        "const N = score(\"four\")\nqueue q capacity score(\"ab\")\nfn twice(t) { score(t) * 2 }\n\
         process a(out q) { q.put(twice(\"abc\")); }\nstart a(q)\n\
         main {\n print(N); print(q.capacity); for x in q { print(x); } print(nothing()); print(joined([\"a\", \"b\"], \"-\"));\n\
         print([length(#{x: 3, y: 4}), mirrored(#{x: 1, y: 2}).x]); print(\"abc\".score());\n\
         print(pool(1).map([\"a\", \"bc\"], |t| score(t)));\n}\n",
    );
    assert_eq!(lines, ["4", "2", "6", "", "a-b", "[5.0, 2.0]", "3", "[1, 2]"]);
    assert!(host().doc().contains("joined(words, between)"), "{}", host().doc());
}

fn fallible() {
    let lines = printed(
        "main { print(halve(4)); for f in [|| halve(3), || halve(\"x\"), || explode(\"boom\")] {\n\
         try { f.call(); } catch (e) { print(`${e.kind}: ${e.message}`); } } }\n",
    );
    assert_eq!(lines[..2], ["2", "Host: 3 is odd"]);
    assert!(lines[2].starts_with("Argument: argument 1: invalid type: string \"x\""), "{lines:?}");
    assert_eq!(lines[3], "Panic: a function of the host panicked: boom");
}

fn opaque() {
    let lines = printed(
        "queue q\nmain { let t = tally(); count(t, 2); print(count(t, 3)); try { q.put(t); } catch (e) { print(e.message); }\n\
         try { count(1, 1); } catch (e) { print(e.message); } }\nprocess z(in q) { for x in q {} }\nstart z(q)\n",
    );
    assert_eq!(lines[0], "5");
    assert!(lines[1].contains("a tally"), "{lines:?}");
    assert_eq!(lines[2], "argument 1: a tally is needed, not int");
}

fn code_of(text: &str, host: &Host) -> (ErrorKind, &'static str, String) {
    let error = Script::from_text("x.proc", text).expect("it is read").check(host).expect_err("it is wrong");
    let problem = &error.diagnostics()[0];
    (error.kind(), problem.code, problem.help.clone().unwrap_or_default())
}

fn checked() {
    let (kind, code, help) = code_of("main { score(); }", &host());
    assert_eq!((kind, code, &*help), (ErrorKind::Script, "P0135", "call it as `score(arg1)`"));
    let (_, code, help) = code_of("main { scoer(\"x\"); }", &host());
    assert_eq!((code, &*help), ("P0106", "did you mean `score`?"));
    assert_eq!(code_of("main { score(\"x\"); }", &Host::new()).1, "P0106");
}

fn withheld() {
    let host = give(Host::new()).without(Capability::Files).without(Capability::Programs);
    assert_eq!(code_of("main { read_text(\"x\"); }", &host).1, "P0362");
    assert_eq!(code_of("process a() exec [\"true\"]\nstart a()\n", &host).1, "P0362");
    // A member is looked up when it is called, and is not there.
    let script = Script::from_text("x.proc", "main { \"/etc/passwd\".read_text(); }").expect("it is read");
    let graph = script.check(&host).expect("it checks").graph([] as [&str; 0]).expect("it has a graph");
    let outcome = Run::builder(&graph).start().expect("it starts").wait().expect("it goes on");
    assert_eq!(outcome.status, 1);
    assert!(outcome.processes[0].error.as_deref().is_some_and(|it| it.contains("read_text")), "{outcome:?}");
    // Expressions of declarations are evaluated in this very process.
    let script = Script::from_text("x.proc", "const C = \"/etc/passwd\".read_text()\nmain { print(C); }");
    let program = script.expect("it is read").check(&host).expect("it checks");
    assert_eq!(program.graph([] as [&str; 0]).expect_err("it is not there").kind(), ErrorKind::Arguments);
}

/// What is said is what the page of the code shows.
fn withheld_as_shown() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/errors/P0362.md");
    let page = std::fs::read_to_string(page).expect("it is there");
    let shown = |kind: &str| {
        let block = page.split(&format!("```{kind}\n")).nth(1).and_then(|rest| rest.split("```").next());
        block.expect("it is shown").to_owned()
    };
    let script = Script::from_text("notes.proc", shown("proc")).expect("it is read");
    let error = script.check(&Host::new().without(Capability::Files)).expect_err("it is withheld");
    assert_eq!(error.report().trim_end(), shown("text").trim_end());
}

fn not_given() {
    let host = Host::new().function("unknown_to_init", || 1);
    let script = Script::from_text("x.proc", "main { unknown_to_init(); }").expect("it is read");
    let graph = script.check(&host).expect("it checks").graph([] as [&str; 0]).expect("it has a graph");
    let error = Run::builder(&graph).start().err().expect("it does not start");
    assert_eq!(error.kind(), ErrorKind::Init);
}
