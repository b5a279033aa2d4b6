//! Chains in words, from runs as they might answer.

use super::chains::{all, of};
use super::words::text;
use crate::cli::test_run::{held, process, queue, run, waiting};
use crate::wire::watch::{EndNow, OnNow, ProcessNow, RunNow, StateNow};

const ROWS: OnNow = OnNow::Item { queue: 0 };

fn told(run: &RunNow) -> String {
    text(run, &all(run))
}

/// `sink` waits for an item, and is held up by the only other process.
fn held_up_by(other: ProcessNow) -> String {
    let sink = held(waiting("sink", "get rows", &[ROWS]), ROWS, 1, 1);
    let text = told(&run(vec![sink, other], vec![queue("rows", 0)]));
    let first = "`sink` waits for an item from `rows` (jobs/wc.proc:7)\n";
    text.strip_prefix(first).unwrap_or(&text).to_owned()
}

#[test]
fn the_last_of_a_chain_says_what_it_does() {
    let end = |code, timed_out| EndNow { code, timed_out };
    let due = |time, end| process("parse.1", StateNow::RestartDue { time, end });
    let exec = waiting("parse.1", "exec sort", &[]);
    let expected = [
        (process("parse.1", StateNow::Running {}), "has run for 1.5 s since jobs/wc.proc:7"),
        (ProcessNow { at: None, ..process("parse.1", StateNow::Running {}) }, "has run for 1.5 s"),
        (process("parse.1", StateNow::Ready {}), "is being started"),
        (process("parse.1", StateNow::Created { after: vec![] }), "is about to be started"),
        (waiting("parse.1", "sleep", &[]), "sleeps (jobs/wc.proc:7)"),
        (exec, "runs the program `sort` (jobs/wc.proc:7)"),
        (due(3, end(-11, false)), "is being restarted, for the third time, after SIGSEGV"),
        (due(1, end(1, false)), "is being restarted, for the first time, after exit code 1"),
        (due(2, end(-15, true)), "is being restarted, for the second time, after its timeout"),
    ];
    for (other, does) in expected {
        assert_eq!(held_up_by(other), format!("`rows` is empty because `parse.1` {does}\n"));
    }
}

#[test]
fn those_that_have_ended_say_how() {
    let ended = |code| process("x", StateNow::Ended { end: EndNow { code, timed_out: false } });
    let run = run(vec![ended(0), ended(3), ended(-9), process("x", StateNow::Skipped {})], Vec::new());
    let texts: Vec<String> = (0..4).map(|index| text(&run, &[of(&run, index)])).collect();
    let expected = [
        "`x` has ended\n",
        "`x` has ended with exit code 3\n",
        "`x` was ended by SIGKILL\n",
        "`x` was not started\n",
    ];
    assert_eq!(texts, expected);
}

#[test]
fn each_kind_of_wait_has_its_words() {
    let room = OnNow::Room { queue: 0 };
    let done = OnNow::Acknowledgement { queue: 0 };
    let (end, lock, event) =
        (OnNow::End { process: 1 }, OnNow::Permit { shared: 0 }, OnNow::Event { shared: 1 });
    let expected = [
        (room, 1, "room in `rows`", "`rows` is full (1024) because `b`, which takes from it,"),
        (room, 3, "room in `rows`", "`rows` is full (1024) because `b`, one of 3 that take from it,"),
        (done, 1, "the acknowledgement of all items of `rows`", "2 items of `rows` are not done because `b`"),
        (end, 1, "the end of `b`", "`b`"),
        (lock, 1, "the lock `door`", "the lock `door` is held because `b`"),
        (
            event,
            2,
            "the event `begin`",
            "the event `begin` is not set because `b`, one of 2 that can set it,",
        ),
        (ROWS, 2, "an item from `rows`", "`rows` is empty because `b`, one of 2 that put into it,"),
    ];
    for (on, of, thing, because) in expected {
        let mut rows = queue("rows", 0);
        rows.unfinished = Some(2);
        let a = held(waiting("a", "", &[on]), on, 1, of);
        let text = told(&run(vec![a, process("b", StateNow::Running {})], vec![rows]));
        let expected = format!(
            "`a` waits for {thing} (jobs/wc.proc:7)\n{because} has run for 1.5 s since jobs/wc.proc:7\n"
        );
        assert_eq!(text, expected);
    }
}

#[test]
fn those_that_wait_alike_are_told_together() {
    let worker = |number: u32| held(waiting(&format!("w.{number}"), "get rows", &[ROWS]), ROWS, 0, 1);
    let processes =
        |count| std::iter::once(process("main", StateNow::Running {})).chain((1..=count).map(worker));
    let first_line = |count| {
        let text = told(&run(processes(count).collect(), vec![queue("rows", 0)]));
        text.split(" for an item").next().unwrap_or_default().to_owned()
    };
    assert_eq!(first_line(1), "`w.1` waits");
    assert_eq!(first_line(2), "`w.1` and `w.2` wait");
    assert_eq!(first_line(4), "`w.1`, `w.2`, `w.3` and `w.4` wait");
    assert_eq!(first_line(5), "`w.1`, `w.2`, `w.3` and 2 others wait");
}

#[test]
fn a_step_that_was_told_is_not_told_again() {
    let last = held(process("last", StateNow::Created { after: vec![1] }), OnNow::End { process: 1 }, 1, 1);
    let sink = held(waiting("sink", "get rows", &[ROWS]), ROWS, 2, 1);
    let other =
        held(waiting("other", "join sink", &[OnNow::End { process: 1 }]), OnNow::End { process: 1 }, 1, 1);
    let run = run(vec![last, sink, process("main", StateNow::Running {}), other], vec![queue("rows", 0)]);
    let expected = "\
`last` starts when `sink` has ended
`sink` waits for an item from `rows` (jobs/wc.proc:7)
`rows` is empty because `main` has run for 1.5 s since jobs/wc.proc:7

`other` waits for the end of `sink` (jobs/wc.proc:7)
`sink` is held up itself, as told above
";
    assert_eq!(told(&run), expected);
}

#[test]
fn a_wait_that_nobody_holds_up_has_an_outlook() {
    let outlook = |timed, len| {
        let state = StateNow::Waiting { what: "get rows".to_owned(), on: vec![ROWS], timed };
        let run = run(vec![process("a", state)], vec![queue("rows", len)]);
        text(&run, &[of(&run, 0)]).lines().nth(1).map(str::to_owned)
    };
    assert_eq!(outlook(false, 1).as_deref(), Some("that is there: it is about to go on"));
    assert_eq!(outlook(true, 0).as_deref(), Some("only its time limit ends this wait"));
    assert_eq!(outlook(false, 0).as_deref(), Some("nobody is left who could give it that"));
}

#[test]
fn nobody_waits() {
    assert_eq!(
        told(&run(vec![process("main", StateNow::Running {})], Vec::new())),
        "no process waits for another\n"
    );
}

#[test]
fn an_answer_that_makes_no_sense_does_no_harm() {
    // A run is not trusted to number its processes and queues well, nor to have no circle.
    let wrong = OnNow::Item { queue: 99 };
    let processes = vec![
        held(waiting("a", "get rows", &[wrong]), wrong, 1, 0),
        held(waiting("b", "get rows", &[wrong]), wrong, 0, 0),
        held(waiting("c", "get rows", &[wrong]), wrong, 99, 0),
    ];
    let run = run(processes, Vec::new());
    assert_eq!(told(&run), "`c` waits for an item from `?` (jobs/wc.proc:7)\n");
    assert_eq!(text(&run, &[of(&run, 0)]).lines().count(), 3);
}
