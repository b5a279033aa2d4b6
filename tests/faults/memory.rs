//! How much memory processes hold.

use super::run::{Run, pid};
use rustix::process::{Pid, Signal};
use std::collections::HashMap;

/// A size in `/proc/PID/status`, in bytes.
fn memory(process: Pid, what: &str) -> u64 {
    let path = format!("/proc/{}/status", process.as_raw_nonzero());
    let status = std::fs::read_to_string(path).expect("the process runs");
    let line = status.lines().find_map(|line| line.strip_prefix(what)).expect("the kernel tells");
    let kilobytes = line.trim_matches([':', ' ', '\t', 'k', 'B']).parse::<u64>().expect("a number");
    kilobytes * 1024
}

#[test]
fn a_large_item_is_held_three_times_at_most() {
    const ITEM: u64 = 64 << 20;
    let run = Run::start(
        r#"
        queue items
        process makes(out items) { items.put(blob(64 * 1024 * 1024, 1)); print(`made ${pid()}`); sleep(1000); }
        process takes(in items) { let item = items.get(); print(`took ${pid()} ${item.len()}`); sleep(1000); }
        start makes(items)
        start takes(items)
        "#,
    );
    let mut seen = HashMap::new();
    for _ in 0..2 {
        let line = run.line();
        let words: Vec<&str> = line.split(' ').collect();
        assert!(words[0] == "made" || words[2] == ITEM.to_string(), "{line}");
        seen.insert(words[0].to_owned(), pid(words[1]));
    }
    let some = ITEM / 4;
    // What is mapped of the program's file does not count.
    let most = memory(run.interpreter(), "VmHWM") - memory(run.interpreter(), "RssFile");
    assert!(most < some, "the interpreter never holds an item");
    // The one that makes it holds it until it is in shared memory, and then no more.
    assert!(memory(seen["made"], "VmHWM") < ITEM + some);
    assert!(memory(seen["made"], "RssAnon") < some);
    // The one that takes it reads it where it is; that counts as its own while it does.
    assert!(memory(seen["took"], "VmHWM") < 2 * ITEM + some);
    assert!(memory(seen["took"], "RssAnon") < ITEM + some);
    assert!(memory(seen["took"], "RssShmem") < some, "shared memory is given back");
    run.signal(Signal::TERM);
    assert_eq!(run.end().status, 143);
}

/// What no other process holds, in bytes.
fn private(process: Pid) -> u64 {
    let path = format!("/proc/{}/smaps_rollup", process.as_raw_nonzero());
    let rollup = std::fs::read_to_string(path).expect("the process runs");
    let kilobytes = |name: &str| -> u64 {
        let line = rollup.lines().find_map(|line| line.strip_prefix(name)).expect("the kernel tells");
        line.trim_matches([':', ' ', 'k', 'B']).parse().expect("a number")
    };
    1024 * (kilobytes("Private_Dirty") + kilobytes("Private_Clean"))
}

#[test]
fn a_process_with_an_empty_body_holds_little_of_its_own_and_an_int_of_an_array_24_bytes_at_most() {
    const INTS: u64 = 1_000_000;
    let run = Run::start(
        r#"
        event idles
        process idle(idles) { print(pid()); idles.set(); sleep(1000); }
        process counts(idles) {
            idles.wait();
            let all = [];
            for i in 0..1_000_000 { all.push(i); }
            print(pid());
            sleep(1000);
            print(all.len());
        }
        start idle(idles)
        start counts(idles)
        "#,
    );
    let (idle, counts) = (run.pid(), run.pid());
    assert!(private(idle) < 300 << 10, "{}", private(idle));
    assert!(memory(counts, "RssAnon") < 24 * INTS, "{}", memory(counts, "RssAnon"));
    run.signal(Signal::TERM);
    assert_eq!(run.end().status, 143);
}
