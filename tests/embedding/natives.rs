//! Native processes: ends, parameters, failures.

use super::{Check, graph};
use procession::{Bytes, Context, Event, Host, Outcome, Run};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::error::Error;
use std::sync::mpsc::channel;

pub const CHECKS: &[(&str, Check)] = &[
    ("a native process is a stage like any other", stage),
    ("leases are acknowledged turn by turn", leases),
    ("a native process fails with its words and its place", fails),
    ("a panic is a failure with its text", panics),
    ("nobody to take what it puts is a quiet end", quiet),
    ("items and names that do not fit are errors", misfits),
    ("a body starts a native process", from_a_body),
    ("many items go at once, whatever the queue is", many),
    ("long items go as they are", long),
    ("texts and blobs go as they are, whatever the queue is", bare),
];

#[derive(Debug, Serialize, Deserialize)]
struct Job {
    id: i64,
    name: String,
}

pub fn give(host: Host) -> Host {
    host.process("shout", shout)
        .process("flaky", flaky)
        .process("broken", |_| Err("it is broken".into()))
        .process("panicking", |_| panic!("no way out"))
        .process("endless", |context| {
            let out = context.output::<i64>("out_port")?;
            (0..).try_for_each(|n| out.put(&n)).map_err(Into::into)
        })
        .process("picky", |context| {
            let jobs = context.input::<Job>("jobs")?;
            for job in jobs.items() {
                job?;
            }
            Ok(())
        })
        .process("counts", |context| {
            let (count, out) = (context.param::<i64>("count")?, context.output::<i64>("out_port")?);
            let all: Vec<i64> = (0..count).collect();
            Ok(out.put_many(&all)?)
        })
        .process("sums", |context| {
            let numbers = context.input::<i64>("numbers")?;
            let (mut sum, mut count) = (0, 0);
            loop {
                let some = numbers.get_many(100)?;
                if some.is_empty() {
                    context.print(&format!("{count} {sum}"))?;
                    return Ok(());
                }
                assert!(some.len() <= 100, "more than was asked for");
                (sum, count) = (sum + some.iter().sum::<i64>(), count + some.len());
                for _ in some.iter().filter(|_| numbers.attempt().is_ok()) {
                    numbers.task_done()?;
                }
            }
        })
        .process("texts", |context| back::<String>(context))
        .process("blobs", |context| back::<Bytes>(context))
        .process("lost", |context| context.input::<Job>("nowhere").map(drop).map_err(Into::into))
}

/// Gives back what it takes, in all ways in turn.
fn back<T: Serialize + DeserializeOwned>(context: &mut Context) -> Result<(), Box<dyn Error>> {
    let (items, back) = (context.input::<T>("items")?, context.output::<T>("back")?);
    while let Some(item) = items.get()? {
        back.put(&item)?;
        back.put_many(&items.get_many(2)?)?;
    }
    Ok(())
}

fn shout(context: &mut Context) -> Result<(), Box<dyn Error>> {
    let (jobs, done) = (context.input::<Job>("jobs")?, context.output::<Job>("done")?);
    let times = context.param::<usize>("times")?;
    for job in jobs.items() {
        let Job { id, name } = job?;
        done.put(&Job { id, name: name.to_uppercase().repeat(times) })?;
    }
    context.print("all shouted")?;
    Ok(())
}

/// Dies with the first item in hand, when that is handed out for the first time.
fn flaky(context: &mut Context) -> Result<(), Box<dyn Error>> {
    let (jobs, done) = (context.input::<i64>("jobs")?, context.output::<(i64, i64)>("done")?);
    for job in jobs.items() {
        let (job, attempt) = (job?, jobs.attempt()?);
        if job == 2 && attempt == 1 {
            std::process::abort();
        }
        done.put(&(job, attempt))?;
    }
    Ok(())
}

fn ran(text: &str) -> (Outcome, Vec<Event>) {
    let (sender, events) = channel();
    let run = Run::builder(&graph(text)).observer(move |event| {
        let _ = sender.send(event.clone());
    });
    let outcome = run.start().expect("it starts").wait().expect("it goes on");
    (outcome, events.try_iter().collect())
}

fn lines(events: &[Event]) -> Vec<&str> {
    let lines = events.iter().filter_map(|event| match event {
        Event::Printed { line, .. } => Some(line.as_str()),
        _ => None,
    });
    lines.collect()
}

fn stage() {
    let (outcome, events) = ran(
        "queue jobs\nqueue done\nprocess shout(in jobs, out done, times = 2) native\nstart shout(jobs, done)\n\
         main { jobs.put(#{id: 1, name: \"ab\"}); jobs.put(#{id: 2, name: \"c\"}); jobs.close();\n\
         for j in done { print(`${j.id} ${j.name}`); } }\n",
    );
    assert!(outcome.success(), "{events:?}");
    let mut lines = lines(&events);
    lines.sort_unstable();
    assert_eq!(lines, ["1 ABAB", "2 CC", "all shouted"]);
    let shout = &outcome.processes[1];
    assert_eq!((&*shout.name, shout.items_in, shout.items_out), ("shout", 2, 2));
}

fn leases() {
    let (outcome, events) = ran(
        "joinable queue jobs\nqueue done\nprocess flaky(in jobs, out done) restart 1 native\nstart flaky(jobs, done)\n\
         main { for i in 1..=3 { jobs.put(i); } jobs.join(); jobs.close(); for d in done { print(d); } }\n",
    );
    assert!(outcome.success(), "{events:?}");
    assert_eq!(lines(&events), ["[1, 1]", "[2, 2]", "[3, 1]"]);
    assert_eq!(outcome.processes[1].restarts, 1);
}

fn failure(events: &[Event]) -> (String, Option<(u32, u32, u32)>) {
    let uncaught = |event: &Event| match event {
        Event::Failed { uncaught: Some(uncaught), .. } => Some((uncaught.message.clone(), uncaught.place)),
        _ => None,
    };
    events.iter().find_map(uncaught).expect("it has failed")
}

fn fails() {
    let (outcome, events) = ran("\nprocess broken() native\nstart broken()\n");
    assert_eq!((outcome.status, failure(&events)), (1, ("it is broken".to_owned(), Some((0, 2, 18)))));
}

fn panics() {
    let (outcome, events) = ran("process panicking() native\nstart panicking()\n");
    let (message, place) = failure(&events);
    assert!(message.starts_with("panicked at tests/embedding/natives.rs:"), "{message}");
    assert!(message.ends_with(": no way out"), "{message}");
    assert_eq!((outcome.status, place.map(|it| it.1)), (1, Some(1)));
}

fn quiet() {
    let (outcome, events) = ran(
        "queue q capacity 2\nprocess endless(out out_port) native\nprocess some(in q) { q.get(); q.get(); }\n\
         start endless(q)\nstart some(q)\n",
    );
    assert!(outcome.success(), "{events:?}");
}

fn misfits() {
    let (_, events) = ran(
        "queue q\nprocess picky(in jobs) native\nstart picky(q)\nmain { q.put(#{id: \"x\", name: \"y\"}); }\n",
    );
    let (message, _) = failure(&events);
    assert_eq!(message, "an item of queue `q`: invalid type: string \"x\", expected i64");
    let (_, events) = ran("queue q\nprocess lost(in jobs) native\nstart lost(q)\nmain { q.put(1); }\n");
    assert_eq!(failure(&events).0, "the script declares no `nowhere` here, but `jobs`");
}

fn from_a_body() {
    let (outcome, events) = ran("queue jobs\nqueue done\nprocess shout(in jobs, out done, times) native\n\
         main { let p = shout(jobs, done, 1); p.start(); jobs.put(#{id: 1, name: \"x\"}); jobs.close(); p.join();\n\
         print(done.get().name); print(p.exitcode); }\n");
    assert!(outcome.success(), "{events:?}");
    assert_eq!(lines(&events), ["all shouted", "X", "0"]);
}

fn many() {
    for queue in [
        "queue q capacity 1000",
        "queue q capacity 3",
        "queue q capacity unbounded",
        "queue q of int capacity 50",
        "joinable queue q capacity 1000",
        "joinable queue q capacity unbounded",
    ] {
        let (outcome, events) = ran(&format!(
            "{queue}\nprocess counts(count, out out_port) native\nprocess sums(in numbers) native\n\
             start sums(q)\nstart counts(1000, q)\n"
        ));
        assert!(outcome.success(), "{queue}: {outcome:?}");
        assert_eq!(lines(&events), ["1000 499500"], "{queue}");
        let processes = &outcome.processes;
        assert_eq!((processes[0].items_in, processes[1].items_out), (1000, 1000), "{queue}");
    }
}

/// Texts and blobs of every way, there and back.
fn bare() {
    for queue in ["queue q capacity 4", "joinable queue q capacity 4", "queue q capacity unbounded"] {
        for (process, item) in [("texts", "text"), ("blobs", "blob(size, 7)")] {
            let (outcome, events) = ran(&format!(
                r#"{queue}
                queue back of {of}
                process {process}(in items, out back) native
                process feed(out q) {{
                    for size in [0, 63, 64, 600, 5000, 65536, 65537, 3000000] {{
                        let text = "";
                        text.pad(size, 'x');
                        q.put({item});
                    }}
                }}
                process check(in q) {{ for item in q {{ print(`${{item.len()}} ${{item == {last}}}`); }} }}
                start feed(q)
                start {process}(q, back)
                start check(back)
                "#,
                of = if process == "texts" { "string" } else { "blob" },
                last = if process == "texts" { "item" } else { "blob(item.len(), 7)" },
            ));
            assert!(outcome.success(), "{queue}: {outcome:?}");
            let expected = [0, 63, 64, 600, 5000, 65536, 65537, 3_000_000].map(|size| format!("{size} true"));
            assert_eq!(lines(&events), expected, "{queue}, {process}");
        }
    }
}

/// Through records, blocks and messages.
fn long() {
    for queue in
        ["queue q capacity 4", "joinable queue q capacity 4", "queue q of map", "queue q capacity unbounded"]
    {
        let (outcome, events) = ran(&format!(
            r#"{queue}
            queue shouted
            process shout(in jobs, out done, times) native
            process feed(out q) {{
                for size in [1, 5000, 100000, 3000000] {{ let name = ""; name.pad(size, 'x'); q.put(#{{ id: size, name: name }}); }}
            }}
            process check(in q) {{ for job in q {{ print(`${{job.id}} ${{job.name.len}} ${{job.name.index_of("x")}}`); }} }}
            start feed(q)
            start shout(q, shouted, 2)
            start check(shouted)
            "#
        ));
        assert!(outcome.success(), "{queue}: {outcome:?}");
        let told = lines(&events);
        let told: Vec<&&str> = told.iter().filter(|line| **line != "all shouted").collect();
        assert_eq!(
            told,
            [&"1 2 -1", &"5000 10000 -1", &"100000 200000 -1", &"3000000 6000000 -1"],
            "{queue}"
        );
    }
}
