//! A host that goes on whatever its scripts do: they throw, eat memory, loop for ever, start ever more processes, fill
//! queues, write where they should not, and read what is not theirs.

use procession::{Allow, Capability, End, Error, Event, Host, Limits, Outcome, Run, Script};
use std::sync::mpsc::channel;
use std::time::Duration;

const SCRIPTS: &[(&str, &str)] = &[
    ("throws", r#"main { throw "no more"; }"#),
    ("panics", "process panicking() native\nstart panicking()"),
    ("eats memory", r#"main { let all = []; loop { all.push(blob(1000000, 1)); } }"#),
    ("loops", "main { loop {} }"),
    ("waits", "main { sleep(1000000); }"),
    (
        "bombs",
        r#"
        process bomb() { sleep(1000000); }
        main { let n = 0; loop { bomb().start(); n += 1; } }
        "#,
    ),
    ("hoards", "queue q capacity unbounded\nmain { loop { q.put(blob(1000000, 1)); } }"),
    ("scribbles", "process scribbling() native\nstart scribbling()"),
    ("reads", r#"main { print(read_text("/etc/passwd")); }"#),
];

/// What becomes of a script, and what it says last.
fn fate(host: &Host, text: &str) -> Result<(Outcome, String), Error> {
    let graph = Script::from_text("guest.proc", text)?.check(host)?.graph([] as [&str; 0])?;
    let limits = Limits {
        processes: Some(10),
        memory_bytes: Some(64 << 20),
        queue_bytes: Some(32 << 20),
        time: Some(Duration::from_secs(5)),
        operations: Some(50_000_000),
    };
    let (sender, errors) = channel();
    let observer = move |event: &Event| {
        if let Event::Failed { uncaught: Some(uncaught), .. } = event {
            // The last of them is all that is looked at.
            let _ = sender.send(uncaught.message.clone());
        }
    };
    // The kernel refuses them files, programs and the network.
    let run = Run::builder(&graph).limits(limits).allow(Allow::nothing()).observer(observer).start()?;
    let outcome = run.wait()?;
    Ok((outcome, errors.try_iter().last().unwrap_or_default()))
}

fn main() {
    let host = Host::new()
        .without(Capability::Files)
        .without(Capability::Programs)
        .process("panicking", |_| panic!("no way out"))
        .process("scribbling", |_| {
            for _ in 0..1000 {
                println!("{{garbage}}");
            }
            Ok(())
        });
    procession::init(&host);
    for (what, script) in SCRIPTS {
        let fate = match fate(&host, script) {
            Ok((outcome, _)) if outcome.success() => "ended, and nothing of it was seen".to_owned(),
            Ok((Outcome { end: End::TimeLimit, .. }, _)) => "was stopped when its time was over".to_owned(),
            Ok((_, error)) if error.starts_with("panicked") => "panicked, and only its process".to_owned(),
            Ok((_, error)) if error.contains("memory") || error.is_empty() => "had no more memory".to_owned(),
            Ok((_, error)) => format!("failed: {error}"),
            Err(error) => format!("was refused: {}", error.diagnostics().first().map_or("", |it| &it.title)),
        };
        println!("the script that {what} {fate}");
    }
}
