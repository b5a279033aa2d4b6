//! Side by side with Python's multiprocessing: the same small programs in turn, in one run, as ratios.
//!
//! `cargo bench` prints the table. Each row is run A B A B …, after one round that is not counted; the figure is the
//! median, the ratio the median of the ratios of each round. Both programs' output is compared.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const ROUNDS: usize = 5;

/// One comparison: a script of ours, a program of Python's, and what one unit of work is.
struct Row {
    what: &'static str,
    ours: &'static str,
    theirs: &'static str,
    items: u32,
    method: Option<&'static str>,
}

const ROWS: &[Row] = &[
    Row { what: "queue, small ints", ours: "queue_int", theirs: "queue_int", items: 100_000, method: None },
    Row { what: "queue, small maps", ours: "queue_map", theirs: "queue_map", items: 50_000, method: None },
    Row {
        what: "queue, 4 to 4, small ints",
        ours: "queue_many",
        theirs: "queue_many",
        items: 100_000,
        method: None,
    },
    Row { what: "round trip", ours: "round_trip", theirs: "round_trip", items: 20_000, method: None },
    Row {
        what: "joinable queue, 4 workers",
        ours: "joinable",
        theirs: "joinable",
        items: 30_000,
        method: None,
    },
    Row { what: "start and join, fork", ours: "start", theirs: "start", items: 200, method: Some("fork") },
    Row {
        what: "start and join, forkserver",
        ours: "start",
        theirs: "start",
        items: 200,
        method: Some("forkserver"),
    },
];

fn main() {
    println!("{:<28} {:>12} {:>12} {:>8}", "", "procession", "python", "ratio");
    for row in ROWS {
        let (mut ours, mut theirs, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        for round in 0..=ROUNDS {
            let (a, a_out) = time(&mut procession(row));
            let (b, b_out) = time(&mut python(row));
            assert_eq!(a_out, b_out, "{}: the programs disagree", row.what);
            if round > 0 {
                ours.push(a);
                theirs.push(b);
                ratios.push(b.as_secs_f64() / a.as_secs_f64());
            }
        }
        let rate = |times: &mut Vec<Duration>| {
            times.sort();
            f64::from(row.items) / times[times.len() / 2].as_secs_f64()
        };
        ratios.sort_by(f64::total_cmp);
        let (a, b) = (rate(&mut ours), rate(&mut theirs));
        println!("{:<28} {a:>10.0}/s {b:>10.0}/s {:>7.2}x", row.what, ratios[ratios.len() / 2]);
    }
    empty_main();
}

/// How long a run of an empty main takes, as a whole process.
fn empty_main() {
    let mut times: Vec<Duration> = (0..20)
        .map(|_| {
            time(Command::new(env!("CARGO_BIN_EXE_procession")).args(["run", "benches/programs/empty.proc"]))
                .0
        })
        .collect();
    times.sort();
    println!("{:<28} {:>10.1} ms", "run of an empty main", times[times.len() / 2].as_secs_f64() * 1e3);
}

fn procession(row: &Row) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_procession"));
    command.arg("run").arg(format!("benches/programs/{}.proc", row.ours));
    command.arg("--items").arg(row.items.to_string());
    command
}

fn python(row: &Row) -> Command {
    let mut command = Command::new("python3");
    command.arg(format!("benches/programs/{}.py", row.theirs)).arg(row.items.to_string());
    command.args(row.method);
    command
}

fn time(command: &mut Command) -> (Duration, Vec<u8>) {
    let start = Instant::now();
    let output = command.stdin(Stdio::null()).output().expect("the program starts");
    let time = start.elapsed();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    (time, output.stdout)
}
