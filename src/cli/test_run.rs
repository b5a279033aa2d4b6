//! Runs as they might answer, for the tests of what is told of them.

use crate::wire::watch::{CapacityNow, HeldNow, OnNow, ProcessNow, QueueNow, RunNow, StateNow};

/// A process at line 7 that has been so for 1.5 seconds.
pub fn process(name: &str, state: StateNow) -> ProcessNow {
    ProcessNow {
        name: name.to_owned(),
        pid: 42,
        thread: false,
        daemon: false,
        state,
        state_ms: 1500,
        at: Some(("jobs/wc.proc".to_owned(), 7)),
        silent_ms: 1500,
        held: None,
        items_in: 12_345,
        items_out: 0,
        restarts: 0,
    }
}

/// One that waits for things, for ever.
pub fn waiting(name: &str, what: &str, on: &[OnNow]) -> ProcessNow {
    process(name, StateNow::Waiting { what: what.to_owned(), on: on.to_vec(), timed: false })
}

/// The same process, held up by another.
pub fn held(process: ProcessNow, on: OnNow, by: u32, of: u32) -> ProcessNow {
    ProcessNow { held: Some(HeldNow { on, by, of }), ..process }
}

pub fn queue(name: &str, len: u64) -> QueueNow {
    QueueNow {
        name: name.to_owned(),
        len,
        capacity: CapacityNow::Items { items: 1024 },
        full: false,
        unfinished: None,
        ended: false,
    }
}

pub fn run(processes: Vec<ProcessNow>, queues: Vec<QueueNow>) -> RunNow {
    RunNow {
        pid: 41,
        script: "jobs/wc.proc".to_owned(),
        age_ms: 125_000,
        processes,
        ended: 0,
        queues,
        shared: vec![("lock".to_owned(), "door".to_owned()), ("event".to_owned(), "begin".to_owned())],
    }
}
