//! Kills at named points (`src/runtime/hooks.rs`): a process, or the interpreter, dies exactly there, and what was
//! promised holds: nothing that was put is lost, what was in hand comes back, the run ends as documented, nobody is left.
//!
//! Points exist in debug builds only, and so do these tests.

use super::run::{Ended, Run};
use rustix::process::Signal;
use std::collections::{BTreeMap, BTreeSet};

/// The point, the how-manieth time, and what is allowed.
type Case<T> = (&'static str, u32, T);

const KILLED: i32 = 128 + 9;

/// Points to which only a queue in the interpreter comes.
const OF_MESSAGES: [&str; 12] = [
    "PutSaid",
    "SeesPut",
    "SeesPutKept",
    "GetSaid",
    "SeesGet",
    "SeesHandedOut",
    "GetAnswered",
    "TakenAhead",
    "DoneSaid",
    "SeesDone",
    "SeesDoneKept",
    "FailedSaid",
];

/// Points to which only a queue in shared memory comes.
const OF_BLOCKS: [&str; 4] = ["LongClaimed", "LongWritten", "LongTaken", "LongRead"];

/// How queues are reached where this point is come to.
fn transports(point: &str) -> &'static [&'static str] {
    if OF_BLOCKS.contains(&point) {
        return &["auto"];
    }
    if OF_MESSAGES.contains(&point) { &["broker"] } else { &["auto", "broker"] }
}

fn by_each_way<T>(case: &Case<T>) -> impl Iterator<Item = (&Case<T>, &'static str)> {
    transports(case.0).iter().map(move |way| (case, *way))
}

/// Runs a script with a fault; the fault has happened when the run is over.
fn struck(way: &str, point: &str, count: u32, name: &str, script: &str) -> Ended {
    let ended = Run::start_with_fault(&format!("{point} {count} {name} it"), way, script).end();
    assert!(ended.struck, "{way}, {point} {count}: it never came to that\n{}", ended.stderr);
    ended
}

/// The same with the interpreter as the victim: everybody dies with it.
fn everybody_struck(way: &str, point: &str, count: u32, name: &str, script: &str) {
    let ended = Run::start_with_fault(&format!("{point} {count} {name} interpreter"), way, script).end();
    assert!(ended.struck, "{point} {count}: it never came to that\n{}", ended.stderr);
    assert_eq!(ended.status, KILLED, "{point} {count}: {}", ended.stderr);
}

fn numbers(ended: &Ended, what: &str) -> Vec<u32> {
    let those = ended.lines.iter().filter_map(|line| line.strip_prefix(what));
    those.map(|rest| rest.split(' ').next().and_then(|word| word.parse().ok()).expect("a number")).collect()
}

/// A producer that says what `put` returned for. Room is granted in the first, each item is asked for in the second,
/// since so small a queue goes step by step.
fn producer(capacity: u32) -> String {
    format!(
        r#"
        queue rows capacity {capacity}
        process makes(out rows) on failure ignore {{ for i in 0..20 {{ rows.put(i); print(`put ${{i}}`); }} }}
        process takes(in rows) {{ for row in rows {{ print(`got ${{row}}`); }} }}
        start makes(rows)
        start takes(rows)
        "#
    )
}

/// So many items arrive, at least and at most, when the producer is killed at its seventh.
const PUTS: &[Case<(u32, u32)>] = &[
    ("PutBegins", 7, (6, 6)),
    ("PutSaid", 7, (6, 7)),
    ("PutReturns", 7, (7, 7)),
    // The supervisor hears a producer that may be further on.
    ("SeesPut", 7, (6, 20)),
    // One that waits for room is not kept.
    ("SeesPutKept", 7, (6, 20)),
    ("LaunchHeard", 1, (0, 0)),
    ("BodyBegins", 1, (0, 0)),
    // Its launch is on its way before it is seen.
    ("SeesSpawned", 1, (0, 20)),
    ("SeesLaunched", 1, (0, 20)),
    ("BodyOver", 1, (20, 20)),
    ("SeesEnd", 1, (20, 20)),
    ("SeesItemsBack", 1, (20, 20)),
];

#[test]
fn what_put_returned_for_arrives_wherever_its_producer_is_killed() {
    for capacity in [1024, 4] {
        let script = producer(capacity);
        for (&(point, count, (least, most)), way) in PUTS.iter().flat_map(by_each_way) {
            // The interpreter itself is all that can be killed where the process has ended.
            if !["SeesEnd", "SeesItemsBack"].contains(&point) {
                let ended = struck(way, point, count, "makes", &script);
                assert_eq!(ended.status, 0, "{point}: {}", ended.stderr);
                let (put, got) = (numbers(&ended, "put "), numbers(&ended, "got "));
                assert_eq!(got, (0..got.len() as u32).collect::<Vec<_>>(), "{point}");
                assert!(
                    (least..=most).contains(&(got.len() as u32)),
                    "{point}, {capacity}: {} came",
                    got.len()
                );
                assert!(put.len() <= got.len(), "{point}: {put:?} were put, {got:?} came");
            }
            everybody_struck(way, point, count, "makes", &script);
        }
    }
}

/// The first works alone until it is killed, then the second does the rest.
const CONSUMER: &str = r#"
joinable queue jobs
process works(in jobs) on failure ignore {
    for job in jobs { print(`done ${job} ${jobs.attempt}`); }
}
process explicit(in jobs) on failure ignore {
    for job in jobs { print(`done ${job} ${jobs.attempt}`); jobs.task_done(); }
}
process gives_back(in jobs) on failure ignore {
    for job in jobs {
        print(`done ${job} ${jobs.attempt}`);
        if jobs.attempt == 1 && job < 3 { jobs.task_failed("again"); }
    }
}
process gets(in jobs) on failure ignore {
    loop { let job = jobs.get(); print(`done ${job} ${jobs.attempt}`); jobs.task_done(); }
}
main {
    // All is there before the first get, which otherwise only waits.
    for i in 0..40 { jobs.put(i); }
    let first = VICTIM(jobs);
    first.name = "first";
    first.start();
    first.join();
    works(jobs).start();
    jobs.join();
    print("joined");
}
"#;

type Taker = (&'static str, Option<&'static [u32]>);

/// The body that is killed, and the items that were handed out before and are again afterwards; none: it depends on
/// how far the worker had come when the supervisor had heard it.
const TAKES: &[Case<Taker>] = &[
    ("GetBegins", 3, ("works", Some(&[1]))),
    ("GetSaid", 3, ("works", Some(&[2]))),
    ("SeesGet", 3, ("works", Some(&[2]))),
    ("SeesHandedOut", 3, ("works", Some(&[2]))),
    ("GetAnswered", 3, ("works", Some(&[2]))),
    ("GetReturns", 3, ("works", Some(&[2]))),
    ("GetBegins", 3, ("gets", Some(&[]))),
    ("GetReturns", 3, ("gets", Some(&[2]))),
    ("DoneBegins", 2, ("explicit", Some(&[1]))),
    ("DoneSaid", 2, ("explicit", Some(&[]))),
    ("SeesDone", 2, ("explicit", None)),
    ("SeesDoneKept", 2, ("explicit", None)),
    ("FailedBegins", 2, ("gives_back", None)),
    ("FailedSaid", 2, ("gives_back", None)),
];

#[test]
fn what_is_in_hand_comes_back_wherever_its_consumer_is_killed() {
    for (&(point, count, (body, again)), way) in TAKES.iter().flat_map(by_each_way) {
        let script = CONSUMER.replace("VICTIM", body);
        let ended = struck(way, point, count, "first", &script);
        assert_eq!(ended.status, 0, "{point}: {}", ended.stderr);
        assert_eq!(ended.lines.back().map(String::as_str), Some("joined"), "{point}");
        let mut attempts: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for line in ended.lines.iter().filter_map(|line| line.strip_prefix("done ")) {
            let (job, attempt) = line.split_once(' ').expect("two numbers");
            attempts
                .entry(job.parse().expect("a number"))
                .or_default()
                .push(attempt.parse().expect("a number"));
        }
        assert_eq!(attempts.len(), 40, "{point}: items are lost");
        for (job, attempts) in &attempts {
            let distinct: BTreeSet<u32> = attempts.iter().copied().collect();
            assert_eq!(distinct.len(), attempts.len(), "{point}: {job} was done twice in one attempt");
            assert!(attempts.iter().all(|&attempt| attempt <= 4), "{point}: {job} was given too often");
        }
        let twice: Vec<u32> =
            attempts.iter().filter(|(_, attempts)| attempts.contains(&2)).map(|(job, _)| *job).collect();
        match again {
            Some(again) => assert_eq!(twice, again, "{point} in `{body}`"),
            // One that gives back has its own second attempts; one item more may have been in hand.
            None => assert!(twice.len() <= 3, "{point} in `{body}`: {twice:?}"),
        }
        everybody_struck(way, point, count, "first", &script);
    }
}

/// A plain queue loses what was in hand, and nothing else: what was on its way there goes to another.
#[test]
fn a_plain_queue_loses_the_item_in_hand_at_most() {
    // Main could take as well, so each item is asked for.
    let among_others = r#"
        queue rows
        process takes(in rows) on failure ignore { for row in rows { print(`got ${row}`); } }
        start first = takes(rows)
        main {
            for i in 0..40 { rows.put(i); }
            rows.close();
            first.join();
            takes(rows).start();
        }
    "#;
    // The only consumer is given items before it asks for them.
    let alone = r#"
        queue rows
        process makes(out rows) { for i in 0..40 { rows.put(i); } }
        process takes(in rows) restart 1 { for row in rows { print(`got ${row}`); } }
        start makes(rows)
        start first = takes(rows)
    "#;
    // What is lost, if anything is.
    let cases: &[Case<(&str, &[u32])>] = &[
        ("GetBegins", 3, (among_others, &[])),
        ("GetReturns", 3, (among_others, &[2])),
        ("GetSaid", 1, (among_others, &[])),
        ("SeesGet", 1, (among_others, &[])),
        ("SeesHandedOut", 1, (among_others, &[])),
        ("GetAnswered", 1, (among_others, &[])),
        ("GetBegins", 3, (alone, &[])),
        ("GetReturns", 3, (alone, &[2])),
        ("GetSaid", 1, (alone, &[])),
        ("SeesGet", 1, (alone, &[])),
        ("SeesHandedOut", 1, (alone, &[])),
        ("GetAnswered", 1, (alone, &[])),
        ("TakenAhead", 3, (alone, &[2])),
        ("TakenAhead", 40, (alone, &[39])),
    ];
    for (&(point, count, (script, lost)), way) in cases.iter().flat_map(by_each_way) {
        let ended = struck(way, point, count, "first", script);
        assert_eq!(ended.status, 0, "{point}: {}", ended.stderr);
        let got = numbers(&ended, "got ");
        let expected: Vec<u32> = (0..40).filter(|row| !lost.contains(row)).collect();
        assert_eq!(got, expected, "{point} {count} of{script}");
        everybody_struck(way, point, count, "first", script);
    }
}

/// Long items lie in blocks: those of a dead one are free, or hold what was put, or come back.
#[test]
fn long_items_are_as_safe_as_short_ones() {
    let plain = r#"
        queue rows capacity 3
        process makes(out rows) on failure ignore { for i in 0..8 { rows.put(blob(100_000, i)); print(`put ${i}`); } }
        process takes(in rows) restart 1 { for row in rows { print(`got ${row[99_999]}`); } }
        start first = makes(rows)
        start second = takes(rows)
    "#;
    let all: Vec<u32> = (0..8).collect();
    // Whom it kills, which time, and what arrives.
    let cases: [(&str, u32, &str, &[u32]); 4] = [
        ("LongClaimed", 4, "first", &all[..3]),
        ("LongWritten", 4, "first", &all[..3]),
        ("LongTaken", 3, "second", &[0, 1, 3, 4, 5, 6, 7]),
        ("LongRead", 3, "second", &[0, 1, 3, 4, 5, 6, 7]),
    ];
    for (point, count, victim, expected) in cases {
        let ended = struck("auto", point, count, victim, plain);
        assert_eq!(ended.status, 0, "{point}: {}", ended.stderr);
        assert_eq!(numbers(&ended, "got "), expected, "{point}");
        everybody_struck("auto", point, count, victim, plain);
    }
    // A joinable queue gives them back, as they were.
    let joinable = r#"
        joinable queue jobs capacity 3
        process takes(in jobs) restart 1 {
            for job in jobs { print(`got ${job[49_999]} ${jobs.attempt}`); }
        }
        start first = takes(jobs)
        main { for i in 0..6 { jobs.put(blob(50_000, i)); } jobs.join(); print("joined"); }
    "#;
    for point in ["LongTaken", "LongRead", "GetReturns", "GetBegins"] {
        let ended = struck("auto", point, 3, "first", joinable);
        assert_eq!((ended.status, ended.lines.back().map(String::as_str)), (0, Some("joined")), "{point}");
        let got: BTreeSet<u32> = numbers(&ended, "got ").into_iter().collect();
        assert_eq!(got, (0..6).collect(), "{point}");
        everybody_struck("auto", point, 3, "first", joinable);
    }
}

#[test]
fn a_process_that_is_killed_at_its_start_is_started_again() {
    let script = r#"
        event gate
        process child(gate) restart 1 { print("ran"); gate.wait(); }
        start first = child(gate)
        main { gate.set(); first.join(); print(first.exitcode); }
    "#;
    let policy = "process child(gate) restart 1";
    for point in ["SeesSpawned", "SeesLaunched", "LaunchHeard", "BodyBegins", "BodyOver"] {
        let ended = struck("auto", point, 1, "first", script);
        assert_eq!((ended.status, ended.lines.back().map(String::as_str)), (0, Some("0")), "{point}");
        assert!(ended.stderr.contains("is started again now (1 of 1)"), "{point}: {}", ended.stderr);
        let ended = struck("auto", point, 1, "first", &script.replace(policy, "process child(gate)"));
        assert_eq!(ended.status, 1, "{point}");
        assert!(ended.stderr.contains("was ended by SIGKILL"), "{point}: {}", ended.stderr);
        everybody_struck("auto", point, 1, "first", script);
    }
}

#[test]
fn one_that_is_killed_while_it_starts_another_leaves_nobody() {
    let script = r#"
        process child() { print("ran"); }
        process parent() on failure ignore { child().start(); sleep(60); }
        start parent()
    "#;
    let ended = struck("auto", "StartSaid", 1, "parent", script);
    assert_eq!((ended.status, ended.lines), (0, ["ran".to_owned()].into()), "{}", ended.stderr);
    everybody_struck("auto", "StartSaid", 1, "parent", script);
    // A killed main is a killed interpreter.
    everybody_struck(
        "auto",
        "StartSaid",
        1,
        "main",
        "process child() { sleep(60); }\nmain { child().start(); sleep(60); }\n",
    );
}

#[test]
fn a_lock_is_free_again_wherever_its_user_is_killed() {
    let script = r#"
        lock gate
        process user(gate) on failure ignore { loop { gate.acquire(); print("within"); gate.release(); } }
        start first = user(gate)
        main { first.join(); print(gate.acquire(5)); gate.release(); }
    "#;
    for point in ["LockSaid", "LockReturns", "UnlockSaid"] {
        let ended = struck("auto", point, 3, "first", script);
        assert_eq!((ended.status, ended.lines.back().map(String::as_str)), (0, Some("true")), "{point}");
        everybody_struck("auto", point, 3, "first", script);
    }
}

#[test]
fn a_stop_goes_on_wherever_one_of_the_stopped_is_killed() {
    let script = r#"
        process naps() { print("ready"); sleep(60); }
        start first = naps()
        start second = naps()
    "#;
    for (victim, status) in [("it", 143), ("interpreter", KILLED)] {
        let run = Run::start_with_fault(&format!("SeesStop 1 first {victim}"), "auto", script);
        assert_eq!((run.line().as_str(), run.line().as_str()), ("ready", "ready"));
        run.signal(Signal::TERM);
        let ended = run.end();
        assert!(ended.struck);
        assert_eq!(ended.status, status, "{}", ended.stderr);
    }
}

/// No point is left out.
#[test]
fn every_point_has_a_case() {
    let hooks = include_str!("../../src/runtime/hooks.rs");
    let points = hooks.split_once("pub enum Point {").and_then(|(_, rest)| rest.split_once('}'));
    let points =
        points.expect("the points are there").0.split(',').map(str::trim).filter(|name| !name.is_empty());
    let here = include_str!("points.rs");
    let without: Vec<&str> = points.filter(|point| !here.contains(&format!("\"{point}"))).collect();
    assert!(without.is_empty(), "no case has a kill at {without:?}");
}
