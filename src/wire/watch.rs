//! What a run that is going on tells of itself to whoever asks from outside: one question, one answer, and the
//! socket is closed.

use super::codec::{Decode, Encode};

/// Changes with every change of these messages. Who asks and who is asked need not be of the same build.
pub const VERSION: u32 = 1;
/// A longer question is none of ours.
pub const QUESTION_BYTES_MAX: usize = 64;

/// How is it going?
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct Question {
    pub version: u32,
}

#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub enum Answer {
    Run {
        run: RunNow,
    },
    /// It speaks another version of this protocol.
    OtherVersion {
        version: u32,
    },
}

/// A run at one moment.
#[derive(Clone, Debug, Default, PartialEq, Encode, Decode)]
pub struct RunNow {
    /// Of the interpreter.
    pub pid: u32,
    /// The script as it was named.
    pub script: String,
    pub age_ms: u64,
    /// All that have not ended, and the last of those that have.
    pub processes: Vec<ProcessNow>,
    /// How many have ended, also those that are not listed.
    pub ended: u64,
    pub queues: Vec<QueueNow>,
    /// Locks, semaphores, events, barriers and what else is shared: kind and name.
    pub shared: Vec<(String, String)>,
}

/// One process. Others of the run are named by their index in its list, as queues are.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct ProcessNow {
    pub name: String,
    /// 0 while it has none. A thread has that of its process.
    pub pid: u32,
    pub thread: bool,
    pub daemon: bool,
    pub state: StateNow,
    /// For how long it has been in this state.
    pub state_ms: u64,
    /// The file and line of what it said or asked last.
    pub at: Option<(String, u32)>,
    /// For how long nothing was heard of it.
    pub silent_ms: u64,
    /// Who holds it up.
    pub held: Option<HeldNow>,
    /// Items that it took from queues, and put into them, over all its attempts.
    pub items_in: u64,
    pub items_out: u64,
    pub restarts: u32,
}

#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub enum StateNow {
    /// It comes after these, or is about to be started.
    Created {
        after: Vec<u32>,
    },
    /// It failed and is to be started again, for the `time`-th time.
    RestartDue {
        time: u32,
        end: EndNow,
    },
    /// Its body has not begun.
    Ready {},
    Running {},
    /// `what` is as bodies see it, `get lines`. It waits for any one of `on`; for none of them when it sleeps or
    /// runs a program.
    Waiting {
        what: String,
        on: Vec<OnNow>,
        timed: bool,
    },
    Ended {
        end: EndNow,
    },
    Skipped {},
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct EndNow {
    /// 0, a positive code, or minus the signal's number.
    pub code: i32,
    pub timed_out: bool,
}

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum OnNow {
    Item {
        queue: u32,
    },
    Room {
        queue: u32,
    },
    Acknowledgement {
        queue: u32,
    },
    End {
        process: u32,
    },
    /// A lock, or a permit of a semaphore.
    Permit {
        shared: u32,
    },
    /// That an event is set.
    Event {
        shared: u32,
    },
    /// That enough have come to a barrier.
    Barrier {
        shared: u32,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct HeldNow {
    pub on: OnNow,
    pub by: u32,
    /// So many processes could give it; 0 when `by` is none of those who do so by declaration.
    pub of: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct QueueNow {
    pub name: String,
    /// Items.
    pub len: u64,
    pub capacity: CapacityNow,
    pub full: bool,
    /// Of a joinable one: items put and not acknowledged.
    pub unfinished: Option<u64>,
    pub ended: bool,
}

/// How much may be in a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum CapacityNow {
    Unbounded {},
    Items { items: u64 },
    Bytes { bytes: u64 },
}
