//! Host queues: what the program feeds, and what it drains.

use super::{Check, graph};
use procession::{ErrorKind, Run, Script};
use std::time::Duration;

pub const CHECKS: &[(&str, Check)] = &[
    ("a program feeds and drains a run", feeds_and_drains),
    ("what is left can be taken when the run is over", left_over),
    ("senders may be many", many_senders),
    ("ends that are not taken are given up by wait", given_up),
    ("main is at the other end", main_is_there),
    ("a queue that nobody takes from says so", no_consumer),
    ("ends are taken once and by their names", names),
    ("types are held at the border", types),
];

const WORKERS: &str = "host queue tasks capacity 2\nhost queue results\n\
    process square(in tasks, out results) { for t in tasks { results.put(t * t); } }\n\
    start square(tasks, results) * 2\n";

fn started(text: &str) -> Run {
    Run::builder(&graph(text)).start().expect("it starts")
}

fn feeds_and_drains() {
    let run = started(WORKERS);
    let tasks = run.sender::<i64>("tasks").expect("it is there");
    let results = run.receiver::<i64>("results").expect("it is there");
    let feeder = std::thread::spawn(move || (1..=100).try_for_each(|task| tasks.send(&task)));
    let mut all: Vec<i64> = results.iter().collect::<Result<_, _>>().expect("all are ints");
    assert!(feeder.join().expect("it does not panic").is_ok());
    all.sort_unstable();
    assert_eq!(all, (1..=100).map(|task| task * task).collect::<Vec<i64>>());
    assert!(results.is_ended());
    let outcome = run.wait().expect("it goes on");
    assert!(outcome.success(), "{outcome:?}");
    assert_eq!(outcome.processes.len(), 2);
}

fn left_over() {
    let run = started(WORKERS);
    let results = run.receiver::<i64>("results").expect("it is there");
    let tasks = run.sender::<i64>("tasks").expect("it is there");
    for task in [2, 3] {
        tasks.send(&task).expect("there is room");
    }
    drop(tasks);
    assert!(run.wait().expect("it goes on").success());
    let mut all: Vec<i64> = results.iter().map(|item| item.expect("an int")).collect();
    all.sort_unstable();
    assert_eq!(all, [4, 9]);
    assert_eq!(results.recv().expect("nothing is wrong"), None);
}

fn many_senders() {
    let run = started(WORKERS);
    let results = run.receiver::<i64>("results").expect("it is there");
    let tasks = run.sender::<i64>("tasks").expect("it is there");
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let tasks = tasks.try_clone().expect("the run goes on");
            std::thread::spawn(move || (0..10).try_for_each(|task| tasks.send(&task)))
        })
        .collect();
    drop(tasks);
    assert_eq!(results.iter().count(), 40);
    assert!(threads.into_iter().all(|thread| thread.join().expect("it does not panic").is_ok()));
    assert!(run.wait().expect("it goes on").success());
}

fn given_up() {
    let outcome = started(WORKERS).wait().expect("it goes on");
    assert!(outcome.success(), "{outcome:?}");
}

fn main_is_there() {
    let run = started("host queue out_queue\nmain { for i in 0..3 { out_queue.put(i); } }\n");
    let numbers = run.receiver::<i64>("out_queue").expect("it is there");
    assert_eq!(numbers.recv_timeout(Duration::from_secs(100)).expect("an int"), Some(0));
    let rest: Vec<i64> = numbers.iter().map(|item| item.expect("an int")).collect();
    assert_eq!(rest, [1, 2]);
    assert!(run.wait().expect("it goes on").success());
}

fn no_consumer() {
    let run =
        started("host queue tasks capacity 1\nprocess one(in tasks) { tasks.get(); }\nstart one(tasks)\n");
    let tasks = run.sender::<i64>("tasks").expect("it is there");
    let error = (0..).find_map(|task| tasks.send(&task).err()).expect("there is an end of it");
    assert!(matches!(error.kind(), ErrorKind::NoConsumer | ErrorKind::Stopped), "{error}");
    assert!(run.wait().expect("it goes on").success());
    assert_eq!(tasks.send(&1).expect_err("the run is over").kind(), ErrorKind::Stopped);
}

fn names() {
    let run = started(WORKERS);
    let error = run.sender::<i64>("task").err().expect("there is no such queue");
    assert_eq!(error.to_string(), "the script declares no `host queue task`; the nearest is `tasks`");
    let _tasks = run.sender::<i64>("tasks").expect("it is there");
    assert_eq!(run.sender::<i64>("tasks").err().map(|error| error.kind()), Some(ErrorKind::Name));
    run.kill();
}

fn types() {
    let text = WORKERS.replace("tasks capacity 2", "tasks of int");
    let run = started(&text);
    let tasks = run.sender::<&str>("tasks").expect("it is there");
    assert_eq!(tasks.send(&"x").expect_err("it is no int").kind(), ErrorKind::Type);
    run.kill();
    // Run by hand nobody is at the other end; that is for whoever runs it to say.
    assert!(Script::from_text("x.proc", WORKERS).is_ok());
}
