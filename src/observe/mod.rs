//! Run events, and observers that only receive them.

pub mod human;

use serde::{Deserialize, Serialize};

/// The number of a text, as `Graph::sources` lists them, a line and a column; lines and columns from 1.
pub type Place = (u32, u32, u32);

/// An error that nobody caught, as a worker reported it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Uncaught {
    /// As scripts know it: `Type`, `Closed` …
    pub kind: String,
    /// What it says.
    pub message: String,
    /// Where it was thrown.
    pub place: Option<Place>,
    /// Innermost first: a function and where it was called.
    pub trace: Vec<(String, Option<Place>)>,
}

/// An item that a process had taken and not acknowledged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InHand {
    /// The queue that it was taken from.
    pub queue: String,
    /// Its text, shortened.
    pub item: String,
    /// How often it was handed out.
    pub attempt: u32,
}

/// What a process that failed leaves behind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remains {
    /// Items of joinable queues.
    pub in_hand: Vec<InHand>,
    /// The last lines that it wrote to standard error.
    pub last_words: Vec<String>,
}

/// A limit that a process ran into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RanInto {
    /// Which one.
    pub limit: Limit,
    /// False where its end can have another reason.
    pub certain: bool,
}

/// What can be limited by a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Limit {
    /// Of memory.
    Memory {
        /// As many as it was allowed.
        bytes: u64,
    },
    /// Of time on processors.
    Cpu {
        /// As much as it was allowed.
        ms: u64,
    },
    /// Its `timeout`.
    Time {
        /// As much as it was allowed.
        ms: u64,
    },
}

/// One process in a report of a deadlock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stuck {
    /// The name of the process.
    pub name: String,
    /// As `get lines`.
    pub waits_for: String,
    /// Source and line of the wait, when it is known.
    pub at: Option<(u32, u32)>,
}

/// Items that a process took from queues and put into them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessCount {
    /// The name of the process.
    pub name: String,
    /// Items that it took.
    pub items_in: u64,
    /// Items that it put.
    pub items_out: u64,
}

/// Items that are in a queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueCount {
    /// The name of the queue.
    pub name: String,
    /// How many there are.
    pub items: u64,
}

/// What happens in a run that somebody may want to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// A process was started, for the `attempt`-th time.
    Started { name: String, pid: u32, attempt: u32 },
    /// A process ended: 0, a positive code, or minus the signal's number.
    Ended { name: String, pid: u32, exit: i32 },
    /// A process printed a line, and the lines of the run go to its observer.
    Printed { name: String, line: String },
    /// A process wrote a line to standard error, or to the log.
    Logged { name: String, line: String },
    /// A process failed, or a thread of the process `host`: `exit` is 1 to 255, or minus the signal's number.
    Failed {
        name: String,
        host: Option<String>,
        pid: u32,
        exit: i32,
        uncaught: Option<Uncaught>,
        ran_into: Option<RanInto>,
        remains: Remains,
    },
    /// A process could not be started.
    NotStarted { name: String, reason: String },
    /// A process sent what no worker sends; it is killed.
    Misbehaved { name: String, pid: u32, what: String },
    /// It is started again, for the `attempt`-th of `times` times.
    Restarting { name: String, attempt: u32, times: u32, in_ms: u64 },
    /// It is not started again: the streams that it takes from have ended, and nothing is left to be done.
    RestartDropped { name: String },
    /// A worker of a pool ended, by a code or minus a signal's number; another takes its place.
    Replaced { name: String, pid: u32, exit: i32 },
    /// A start with `after` is left out, since `because` did not end with success.
    Skipped { name: String, because: String },
    /// Items that a full queue dropped; of a broadcast queue, those that one of its consumers lost.
    Dropped { queue: String, consumer: Option<String>, items: u64 },
    /// An item was given back too often, or nobody is left who could take it.
    ItemFailed { queue: String, item: String, attempts: u32, reason: String },
    /// A process ended while it held this: a lock, or permits of a semaphore. It was released.
    Released { name: String, held: String },
    /// Nobody can ever go on; `cycle` are indexes into `stuck`.
    Deadlock { stuck: Vec<Stuck>, cycle: Vec<usize> },
    /// Standard output cannot be written.
    OutputFailed { reason: String },
    /// A signal stopped the run.
    Stopped { signal: String, processes: usize },
    /// A process is seen to wait: `what` is as bodies see it, `get lines`. Told by looks.
    Waiting { name: String, what: String, at: Option<(u32, u32)> },
    /// It does not wait any more. Told by looks.
    GoesOn { name: String },
    /// So many items have passed: those that each process has taken and put since it began, and those that are in each
    /// queue. Told by looks, when something has changed.
    Counted { processes: Vec<ProcessCount>, queues: Vec<QueueCount> },
}

/// Receives the events of a run; it cannot change the run.
pub trait Observer {
    fn event(&mut self, event: &Event);
}

/// An observer that keeps nothing.
pub struct Silent;

impl Observer for Silent {
    fn event(&mut self, _event: &Event) {}
}
