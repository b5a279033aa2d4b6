//! Producers and consumers that are killed at any moment, over and over, and started again.

use super::run::Run;
use super::{Pid, Signal};
use rustix::process::kill_process;
use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

/// Each says who it is, and what it has put or got.
const STORM: &str = r#"
joinable queue jobs capacity 8 redeliver 1000
counter next = 0
event enough

process make(out jobs, next, enough) restart 1000000 backoff 1ms {
    print(`pid ${pid()}`);
    while !enough.is_set {
        let number = next.add(1);
        jobs.put(number);
        print(`put ${number}`);
    }
}

process take(in jobs) restart 1000000 backoff 1ms {
    print(`pid ${pid()}`);
    for job in jobs { print(`got ${job}`); }
}

start make(jobs, next, enough) * 3
start take(jobs) * 3

main { for line in stdin_lines() { } enough.set(); }
"#;

/// How long it lasts, and how many microseconds are between two kills on average. `PROCESSION_STORM="SECONDS MICROSECONDS"`
/// asks for others, as `.ci/chaos` does.
fn force() -> (Duration, u64) {
    let text = std::env::var("PROCESSION_STORM").unwrap_or_else(|_| "2.5 4500".to_owned());
    let (seconds, pause) = text.split_once(' ').expect("two numbers");
    (Duration::from_secs_f64(seconds.parse().expect("seconds")), pause.parse().expect("microseconds"))
}

/// A storm in which fewer items were put proves nothing.
const PUTS_MIN: usize = 20;

#[test]
fn a_storm_of_kills_loses_nothing() {
    for transport in ["auto", "broker"] {
        storm(transport);
    }
}

fn storm(transport: &str) {
    let run = Run::start_by(&["run", "--transport", transport], STORM);
    let seed = std::process::id();
    println!("seed {seed}");
    let mut random = u64::from(seed) | 1;
    let mut next = |below: u64| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) % below
    };
    let (mut lines, mut victims, mut kills) = (Vec::<String>::new(), Vec::new(), 0);
    let (time, mut pause) = force();
    let (began, mut until) = (Instant::now(), time);
    loop {
        if began.elapsed() > until {
            // Where a machine is so busy that nobody lives long enough to put anything, the storm goes on, at half the pace.
            if until > 8 * time || lines.iter().filter(|line| line.starts_with("put ")).count() > PUTS_MIN {
                break;
            }
            (until, pause) = (2 * until, 2 * pause);
        }
        // The pace of the storm.
        std::thread::sleep(Duration::from_micros(pause / 8 + next(pause * 7 / 4)));
        for line in run.lines_now() {
            match line.strip_prefix("pid ").and_then(|pid| Pid::from_raw(pid.parse().ok()?)) {
                Some(pid) => victims.push(pid),
                None => lines.push(line),
            }
        }
        if !victims.is_empty() {
            let victim = victims.swap_remove(next(victims.len() as u64) as usize);
            kills += usize::from(kill_process(victim, Signal::KILL).is_ok());
        }
    }
    let ended = run.finish_input().end();
    assert_eq!(ended.status, 0, "{transport}: {}", ended.stderr);
    lines.extend(ended.lines);
    let (mut put, mut got) = (Vec::new(), HashMap::new());
    for line in &lines {
        match line.split_once(' ') {
            Some(("put", number)) => put.push(number),
            Some(("got", number)) => *got.entry(number).or_insert(0_usize) += 1,
            _ => {}
        }
    }
    let lost: Vec<_> = put.iter().filter(|number| !got.contains_key(*number)).collect();
    let again: BTreeMap<_, _> = got.iter().filter(|(_, times)| **times > 1).collect();
    println!(
        "{transport}: {kills} kills, {} put, {} got, {} more than once",
        put.len(),
        got.len(),
        again.len()
    );
    assert!(kills > 20 && put.len() > PUTS_MIN, "{kills} kills, {} put", put.len());
    assert!(lost.is_empty(), "{transport}: lost {lost:?}");
    assert!(again.len() <= kills, "{transport}: more than one item again for a kill: {again:?}");
}
