//! The table: what is compared with what. To add a row is to add an entry.
//!
//! A command is a kind and its words, as `programs.rs` explains: `script NAME` is `benches/programs/NAME.proc`, `python
//! NAME` is `benches/rivals/python/NAME.py`; `{n}` is the count. Counts differ because rivals do: each program runs long enough.

pub use crate::measure::Unit;
use Unit::{Kibibytes, Microseconds, Milliseconds, PerSecond};

/// One program of ours and those beside which it runs.
pub struct Row {
    pub what: &'static str,
    pub unit: Unit,
    pub ours: &'static str,
    pub count: u64,
    /// The goal, when it is a number and not a ratio.
    pub most: Option<f64>,
    pub rivals: &'static [Rival],
}

pub struct Rival {
    pub name: &'static str,
    pub command: &'static str,
    pub count: u64,
    /// How many times as good ours is to be.
    pub goal: Option<f64>,
}

impl Row {
    /// Whether one of the words that were given is in its name, or none was given.
    pub fn is_chosen(&self, words: &[String]) -> bool {
        words.is_empty() || words.iter().any(|word| self.what.contains(word.as_str()))
    }
}

const fn row(
    what: &'static str,
    unit: Unit,
    ours: &'static str,
    count: u64,
    rivals: &'static [Rival],
) -> Row {
    Row { what, unit, ours, count, most: None, rivals }
}

const fn rival(name: &'static str, command: &'static str, count: u64) -> Rival {
    Rival { name, command, count, goal: None }
}

const fn goal(goal: f64, rival: Rival) -> Rival {
    Rival { goal: Some(goal), ..rival }
}

pub const ROWS: &[Row] = &[
    row(
        "script, small int, 1→1",
        PerSecond,
        "script stream --items {n}",
        200_000,
        &[
            goal(25.0, rival("Queue", "python stream Queue int 1 1 {n}", 60_000)),
            rival("SimpleQueue", "python stream SimpleQueue int 1 1 {n}", 60_000),
            rival("faster-fifo", "python stream faster-fifo int 1 1 {n}", 60_000),
            rival("faster-fifo, by 100", "python stream faster-fifo-many int 1 1 {n}", 60_000),
            rival("ipc-channel", "ipc-channel int 8 {n}", 200_000),
            rival("libzmq", "zmq stream 8 1 1 {n}", 1_000_000),
            rival("a raw pipe", "limit pipe 8 {n}", 500_000),
        ],
    ),
    row(
        "script, small int, 2→2",
        PerSecond,
        "script stream --producers 2 --consumers 2 --items {n}",
        100_000,
        &[
            goal(25.0, rival("Queue", "python stream Queue int 2 2 {n}", 60_000)),
            rival("faster-fifo", "python stream faster-fifo int 2 2 {n}", 60_000),
            rival("libzmq", "zmq stream 8 2 2 {n}", 1_000_000),
        ],
    ),
    row(
        "script, small int, 4→4",
        PerSecond,
        "script stream --producers 4 --consumers 4 --items {n}",
        100_000,
        &[
            goal(25.0, rival("Queue", "python stream Queue int 4 4 {n}", 60_000)),
            rival("faster-fifo", "python stream faster-fifo int 4 4 {n}", 60_000),
            rival("libzmq", "zmq stream 8 4 4 {n}", 1_000_000),
        ],
    ),
    row(
        "script, small int, 1→4",
        PerSecond,
        "script stream --consumers 4 --items {n}",
        100_000,
        &[
            goal(25.0, rival("Queue", "python stream Queue int 1 4 {n}", 60_000)),
            rival("faster-fifo", "python stream faster-fifo int 1 4 {n}", 60_000),
            rival("libzmq", "zmq stream 8 1 4 {n}", 1_000_000),
        ],
    ),
    row(
        "script, small map, 1→1",
        PerSecond,
        "script stream --payload map --items {n}",
        100_000,
        &[
            goal(12.0, rival("Queue", "python stream Queue map 1 1 {n}", 40_000)),
            rival("SimpleQueue", "python stream SimpleQueue map 1 1 {n}", 40_000),
        ],
    ),
    row(
        "script, 100 B, 1→1",
        PerSecond,
        "script stream --payload text --size 100 --items {n}",
        200_000,
        &[
            goal(25.0, rival("Queue", "python stream Queue text100 1 1 {n}", 60_000)),
            rival("ipc-channel", "ipc-channel text 100 {n}", 200_000),
            rival("libzmq", "zmq stream 100 1 1 {n}", 1_000_000),
            rival("a raw pipe", "limit pipe 100 {n}", 500_000),
        ],
    ),
    row(
        "script, 4 KiB, 1→1",
        PerSecond,
        "script stream --payload bytes --size 4096 --items {n}",
        100_000,
        &[
            goal(20.0, rival("Queue", "python stream Queue bytes4096 1 1 {n}", 40_000)),
            rival("ipc-channel", "ipc-channel bytes 4096 {n}", 40_000),
            rival("libzmq", "zmq stream 4096 1 1 {n}", 200_000),
            rival("a raw pipe", "limit pipe 4096 {n}", 200_000),
        ],
    ),
    row(
        "script, 1 MiB, 1→1",
        PerSecond,
        "script stream --payload bytes --size 1048576 --capacity 16 --items {n}",
        2_000,
        &[
            goal(7.0, rival("Queue", "python stream Queue bytes1048576 1 1 {n}", 500)),
            rival("ipc-channel", "ipc-channel bytes 1048576 {n}", 200),
            rival("libzmq", "zmq stream 1048576 1 1 {n}", 1_000),
            rival("a raw pipe", "limit pipe 1048576 {n}", 1_000),
            rival("a copy in memory", "limit copy 1048576 {n}", 10_000),
        ],
    ),
    row(
        "script, joinable, 4 workers",
        PerSecond,
        "script joinable --items {n}",
        50_000,
        &[goal(8.0, rival("JoinableQueue", "python joinable {n}", 30_000))],
    ),
    row(
        "script, round trip over two queues",
        Microseconds,
        "script trip --items {n}",
        5_000,
        &[
            goal(4.0, rival("two Queues", "python trip Queue {n}", 5_000)),
            rival("two SimpleQueues", "python trip SimpleQueue {n}", 5_000),
            rival("a Pipe", "python trip Pipe {n}", 5_000),
            rival("ipc-channel", "ipc-channel trip 8 {n}", 5_000),
            rival("libzmq", "zmq trip {n}", 5_000),
        ],
    ),
    row(
        "script, one way, an item each ms, median",
        Microseconds,
        "script one_way --items {n}",
        1_000,
        &[
            goal(5.0, rival("Queue", "python one_way Queue 50 {n}", 1_000)),
            rival("SimpleQueue", "python one_way SimpleQueue 50 {n}", 1_000),
            rival("a raw pipe", "limit one_way 50 {n}", 1_000),
        ],
    ),
    row(
        "script, one way, an item each ms, 99 %",
        Microseconds,
        "script one_way --percentile 99 --items {n}",
        1_000,
        &[
            rival("Queue", "python one_way Queue 99 {n}", 1_000),
            rival("a raw pipe", "limit one_way 99 {n}", 1_000),
        ],
    ),
    row(
        "native, small int, 1→1",
        PerSecond,
        "native stream int 1 1 {n}",
        3_000_000,
        &[
            goal(50.0, rival("Queue", "python stream Queue int 1 1 {n}", 60_000)),
            goal(15.0, rival("ipc-channel", "ipc-channel int 8 {n}", 200_000)),
            goal(3.0, rival("libzmq", "zmq stream 8 1 1 {n}", 1_000_000)),
            rival("faster-fifo", "python stream faster-fifo int 1 1 {n}", 60_000),
        ],
    ),
    row(
        "native, small int by 100, 1→1",
        PerSecond,
        "native stream ints 1 1 {n}",
        10_000_000,
        &[
            goal(50.0, rival("Queue", "python stream Queue int 1 1 {n}", 60_000)),
            goal(15.0, rival("ipc-channel", "ipc-channel int 8 {n}", 200_000)),
            goal(3.0, rival("libzmq", "zmq stream 8 1 1 {n}", 1_000_000)),
            rival("faster-fifo, by 100", "python stream faster-fifo-many int 1 1 {n}", 60_000),
        ],
    ),
    row(
        "native, small int, 2→2",
        PerSecond,
        "native stream int 2 2 {n}",
        2_000_000,
        &[
            goal(50.0, rival("Queue", "python stream Queue int 2 2 {n}", 60_000)),
            goal(3.0, rival("libzmq", "zmq stream 8 2 2 {n}", 1_000_000)),
        ],
    ),
    row(
        "native, small int, 4→4",
        PerSecond,
        "native stream int 4 4 {n}",
        2_000_000,
        &[
            goal(50.0, rival("Queue", "python stream Queue int 4 4 {n}", 60_000)),
            goal(3.0, rival("libzmq", "zmq stream 8 4 4 {n}", 1_000_000)),
        ],
    ),
    row(
        "native, a record, 1→1",
        PerSecond,
        "native stream record 1 1 {n}",
        1_000_000,
        &[goal(50.0, rival("Queue", "python stream Queue map 1 1 {n}", 40_000))],
    ),
    row(
        "native, 100 B, 1→1",
        PerSecond,
        "native stream text100 1 1 {n}",
        2_000_000,
        &[
            goal(50.0, rival("Queue", "python stream Queue text100 1 1 {n}", 60_000)),
            goal(15.0, rival("ipc-channel", "ipc-channel text 100 {n}", 200_000)),
            goal(3.0, rival("libzmq", "zmq stream 100 1 1 {n}", 1_000_000)),
        ],
    ),
    row(
        "native, 4 KiB, 1→1",
        PerSecond,
        "native stream bytes4096 1 1 {n}",
        300_000,
        &[
            goal(20.0, rival("Queue", "python stream Queue bytes4096 1 1 {n}", 40_000)),
            rival("ipc-channel", "ipc-channel bytes 4096 {n}", 40_000),
            rival("libzmq", "zmq stream 4096 1 1 {n}", 200_000),
        ],
    ),
    row(
        "native, 1 MiB, 1→1",
        PerSecond,
        "native stream bytes1048576 1 1 {n}",
        2_000,
        &[
            goal(7.0, rival("Queue", "python stream Queue bytes1048576 1 1 {n}", 500)),
            rival("ipc-channel", "ipc-channel bytes 1048576 {n}", 200),
            rival("libzmq", "zmq stream 1048576 1 1 {n}", 1_000),
        ],
    ),
    row(
        "native, joinable, 4 workers",
        PerSecond,
        "native joinable 4 {n}",
        1_000_000,
        &[goal(40.0, rival("JoinableQueue", "python joinable {n}", 30_000))],
    ),
    row(
        "start and join, one by one",
        Microseconds,
        "script start --items {n}",
        100,
        &[
            goal(3.0, rival("fork", "python start fork one {n}", 100)),
            goal(20.0, rival("forkserver", "python start forkserver one {n}", 20)),
            rival("spawn", "python start spawn one {n}", 5),
        ],
    ),
    row(
        "start and join, a body that Rhai runs",
        Microseconds,
        "script start_rhai --items {n}",
        100,
        &[rival("machine", "script start --items {n}", 100)],
    ),
    row(
        "start and join, 100 at once",
        Microseconds,
        "script start --together --items {n}",
        100,
        &[
            goal(3.0, rival("fork", "python start fork all {n}", 100)),
            goal(20.0, rival("forkserver", "python start forkserver all {n}", 100)),
        ],
    ),
    row(
        "start and join, 1000 at once",
        Microseconds,
        "script start --together --items {n}",
        1_000,
        &[
            goal(3.0, rival("fork", "python start fork all {n}", 1_000)),
            goal(20.0, rival("forkserver", "python start forkserver all {n}", 200)),
        ],
    ),
    Row {
        most: Some(300.0),
        ..row(
            "private memory of an idle worker",
            Kibibytes,
            "script idle --items {n}",
            20,
            &[
                rival("fork", "python idle fork {n}", 20),
                rival("forkserver", "python idle forkserver {n}", 20),
            ],
        )
    },
    row(
        "pool.map of trivial calls",
        PerSecond,
        "script pool --items {n}",
        1_000_000,
        &[
            goal(1.0, rival("Pool.map, its own chunks", "python pool 0 {n}", 1_000_000)),
            goal(1.0, rival("Pool.map, chunks of 10,000", "python pool 10000 {n}", 1_000_000)),
        ],
    ),
    Row {
        most: Some(10.0),
        ..row(
            "run of an empty main",
            Milliseconds,
            "script empty",
            1,
            &[rival("import multiprocessing", "python empty", 1)],
        )
    },
    row(
        "count of the words of 200 MB",
        Milliseconds,
        "script words --folder {words}",
        1,
        &[goal(1.0, rival("Pool", "python words {words}", 1))],
    ),
];
