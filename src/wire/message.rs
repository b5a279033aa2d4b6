//! The protocol between a worker and its supervisor: what each may say, as plain data.
//!
//! A worker sends [`Request`]s. Those that wait for something carry a number and are answered by one [`Reply`]
//! with the same number; the others are notices. A value travels as a [`Parcel`].

use super::codec::{Decode, Encode};
use super::local::{LocalAsk, LocalSeen};
use super::shared::{SharedAsk, SharedFacts};
use crate::value::item_type::ItemType;

/// Values whose encoding is longer travel in a shared file of their own, by descriptor.
pub const INLINE_BYTES_MAX: usize = 256 * 1024;

/// Longer texts within a message are cut: what a script throws, the reason why a task failed.
const TEXT_BYTES_MAX: usize = 64 * 1024;

/// A text as it may stand in a message.
#[must_use]
pub fn clipped(mut text: String) -> String {
    if text.len() > TEXT_BYTES_MAX {
        let border = (0..=TEXT_BYTES_MAX).rev().find(|&at| text.is_char_boundary(at));
        text.truncate(border.unwrap_or(0));
        text.push('…');
    }
    text
}

/// One encoded value: in the message itself, or as the next descriptor that comes with it.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub enum Parcel {
    Inline { bytes: Vec<u8> },
    Shared { len: u64 },
}

/// How long an operation may wait.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub enum Patience {
    Forever {},
    Seconds { seconds: f64 },
    No {},
}

/// What a worker knows of a queue whose end it holds.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct QueueFacts {
    pub id: u32,
    pub name: String,
    pub joinable: bool,
    /// Items, or bytes where the queue counts these.
    pub capacity: Option<u64>,
    /// It lies in shared memory.
    pub ring: bool,
    /// What can be put into it.
    pub item_type: ItemType,
    pub puts: bool,
    pub takes: bool,
}

/// What a worker knows of another process.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct ProcessFacts {
    pub id: u32,
    pub pid: u32,
    pub name: String,
    pub daemon: bool,
}

/// What a name of a body is bound to.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub enum Bound {
    Data { parcel: Parcel },
    End { queue: QueueFacts },
    Ends { queues: Vec<QueueFacts> },
    Process { process: ProcessFacts },
    Processes { processes: Vec<ProcessFacts> },
    Shared { shared: SharedFacts },
}

/// What a worker is to do.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub enum Role {
    /// Run the body of this index in the unit.
    Body { body: u32 },
    /// Do what comes by `tasks` and send what becomes of it by `results`; `initializer` is called first.
    PoolWorker { tasks: u32, results: u32, initializer: Option<Parcel>, max_tasks: Option<u64> },
    /// Run the program of the template of this index.
    Exec { template: u32 },
    /// Run the host's body for the template of this index.
    Native { template: u32 },
}

/// The first message to a worker: everything that it needs to run its body.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct Launch {
    pub process: ProcessFacts,
    pub role: Role,
    /// The process's page: what it says of itself without a message.
    pub page: Parcel,
    /// Where it runs and what it may use, as an encoded value.
    pub circumstances: Parcel,
    /// The script's unit, as an encoded value. Who comes from a zygote has it from there.
    pub unit: Option<Parcel>,
    pub arguments: Vec<(String, Bound)>,
    /// Main only: the names that it sees besides params and consts.
    pub globals: Vec<(String, Bound)>,
}

/// An argument of a process that a body starts.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub enum Given {
    Data { parcel: Parcel },
    End { queue: u32 },
    Ends { queues: Vec<u32> },
    Shared { shared: u32 },
    Default {},
}

/// A place in the script: source, line, column; lines and columns from 1.
pub type Position = (u32, u32, u32);

/// An error that nobody caught.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct Report {
    pub kind: String,
    pub message: String,
    pub place: Option<Position>,
    /// Innermost first: a function and where it was called.
    pub trace: Vec<(String, Option<Position>)>,
}

/// What a worker asks or tells.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct Request {
    /// The answer carries it too; 0 for notices.
    pub number: u32,
    /// Where in the script (source, line): for whoever asks what this process waits for.
    pub at: (u32, u32),
    pub ask: Ask,
}

#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub enum Ask {
    /// A worker of a pool takes tasks from now on.
    Ready {},
    /// A notice when its room was granted before, by [`Answer::Accepted`].
    Put {
        queue: u32,
        items: Vec<Parcel>,
        patience: Patience,
    },
    /// `done`: the lease of the last turn, acknowledged by the same message.
    /// `ahead`: the only consumer may be given more items than it asked for.
    Get {
        queue: u32,
        count: u32,
        patience: Patience,
        done: Option<u64>,
        ahead: bool,
    },
    /// A notice: items given ahead and not taken go back.
    NotTaken {
        queue: u32,
    },
    /// A notice: items of a plain queue that were taken, and nobody has seen, go back to the front.
    PutBack {
        queue: u32,
        items: Vec<Parcel>,
    },
    /// A notice: the same for items of a joinable queue. It was no attempt.
    Untake {
        queue: u32,
        leases: Vec<u64>,
    },
    /// A notice: what was given last, a long item, has arrived, and needs not be kept for another.
    Arrived {},
    /// A notice: the open question is to be answered now, as if its time were over.
    Withdraw {},
    /// A notice.
    Acknowledge {
        queue: u32,
        lease: u64,
    },
    /// A notice.
    GiveBack {
        queue: u32,
        lease: u64,
        reason: String,
    },
    /// A notice.
    Close {
        queue: u32,
    },
    /// Waits until every item put was acknowledged.
    Drain {
        queue: u32,
        patience: Patience,
    },
    Look {
        queue: u32,
    },
    /// The memory in which a queue lies.
    Ring {
        queue: u32,
    },
    /// The blocks in which its long items lie.
    Blocks {
        queue: u32,
    },
    /// A notice: what the supervisor wanted to be told of a ring has happened.
    RingChanged {
        queue: u32,
    },
    /// A notice: the asking job has waited at a ring for long, as its page says.
    StillWaits {},
    /// The item in a slot of the asking job's page goes back.
    GiveBackSlot {
        queue: u32,
        slot: u32,
        reason: String,
    },
    /// A lock, a table …
    Shared {
        shared: u32,
        ask: SharedAsk,
    },
    /// The name of a process object of this template that has none yet.
    NameFor {
        template: u32,
    },
    Start {
        template: u32,
        name: Option<String>,
        daemon: bool,
        arguments: Vec<Given>,
    },
    /// A thread of the asking process, to be supervised as a job of its own; its control socket comes along.
    StartThread {
        name: String,
        daemon: bool,
        /// The queues that it may take from, and put into.
        takes: Vec<u32>,
        puts: Vec<u32>,
        /// The asking job gives these ends away: it does not hold them any more.
        hands_over: bool,
    },
    /// What concerns queues and cells within the asking process.
    Local {
        ask: LocalAsk,
    },
    /// A notice: the body of a process is over, it only waits for its threads.
    BodyEnded {},
    /// A notice of a thread: it has ended.
    ThreadEnded {
        code: u32,
    },
    /// Worker processes for the asking process, which holds the other ends of their queues. They run where it runs,
    /// within its limits.
    MakePool {
        workers: u32,
        initializer: Option<Parcel>,
        max_tasks: Option<u64>,
        circumstances: Parcel,
    },
    /// The workers of the pool with these tasks are to end now.
    EndPool {
        tasks: u32,
    },
    Join {
        process: u32,
        patience: Patience,
    },
    Inspect {
        process: u32,
    },
    Signal {
        process: u32,
        kill: bool,
    },
    Children {},
    WaitAny {
        processes: Vec<u32>,
        queues: Vec<u32>,
        /// Queues between threads; when one of them changes the answer is `Done`.
        locals: Vec<LocalSeen>,
        patience: Patience,
    },
    Sleep {
        seconds: f64,
    },
    /// A program is about to be started.
    Program {
        name: String,
    },
    /// A notice: the program has ended.
    ProgramEnded {},
    /// A notice: a line for standard output. `moment`, of a clock that all processes share, tells which of two lines
    /// comes first where one was printed because of the other.
    Print {
        line: Parcel,
        moment: u64,
    },
    /// A notice: a line for standard error.
    Debug {
        line: Parcel,
    },
    /// A notice: the body failed; the process exits with 1 next.
    Failed {
        report: Report,
    },
    /// A notice, main only: its body has ended; `code` when it called `exit`.
    MainEnded {
        code: Option<u32>,
        failed: bool,
    },
}

/// An item handed out.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct Delivery {
    /// 0 when the queue is not joinable.
    pub lease: u64,
    pub attempt: u32,
    pub parcel: Parcel,
}

#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct Reply {
    pub number: u32,
    pub answer: Answer,
}

#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub enum Answer {
    Done {},
    /// A put is done; so many more items may be put, one by one, without waiting for an answer. Room is granted
    /// only to the one process that can put into a queue, so that its capacity stays exact.
    Accepted {
        grant: u32,
    },
    /// Not in time; of a put, how many items were accepted before.
    NotInTime {
        accepted: u32,
    },
    Items {
        deliveries: Vec<Delivery>,
        /// Given ahead: each counts as taken only when the worker's counter of the queue says so.
        ahead: bool,
    },
    /// The stream has ended, and why: "done", "failed", "no consumer"; for "failed", by whom.
    Ended {
        cause: String,
        by: Vec<String>,
    },
    /// Not asked for, under the number 0: the stream of a queue within the process has ended.
    LocalEnded {
        local: u32,
        cause: String,
        by: Vec<String>,
    },
    Queue {
        len: u64,
        full: bool,
        ended: Option<(String, Vec<String>)>,
    },
    /// The memory of a ring, by descriptor; so many bytes are its arena.
    Ring {
        memory: Parcel,
        capacity: u32,
        arena: u32,
    },
    /// The memory of blocks, by descriptor.
    Blocks {
        memory: Parcel,
    },
    Name {
        name: String,
    },
    Started {
        process: ProcessFacts,
    },
    ThreadStarted {
        process: ProcessFacts,
        page: Parcel,
    },
    PoolMade {
        name: String,
        tasks: u32,
        results: u32,
    },
    /// What a program is to carry in its environment.
    Mark {
        mark: String,
    },
    /// A process that was joined is over, and its exit code, where it has one.
    Joined {
        exitcode: Option<i64>,
    },
    Process {
        state: String,
        waiting_on: Option<String>,
        exitcode: Option<i64>,
        pid: u32,
    },
    Processes {
        processes: Vec<ProcessFacts>,
    },
    /// What a shared object was asked for.
    Value {
        parcel: Parcel,
    },
    /// Indexes into the processes, then the queues, of a `WaitAny`.
    ReadyOnes {
        indexes: Vec<u32>,
    },
    Refused {
        kind: String,
        message: String,
    },
    /// The run is stopping.
    Stopped {},
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(clipped("é".to_owned()), "é");
        let long = clipped(format!("x{}", "é".repeat(TEXT_BYTES_MAX)));
        assert_eq!((long.len(), long.chars().last()), (TEXT_BYTES_MAX - 1 + '…'.len_utf8(), Some('…')));
    }
}
