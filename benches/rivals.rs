//! Side by side with Python's multiprocessing: the same small programs in turn, in one run, as ratios.
//!
//! `cargo bench --bench rivals` prints the table. Each row is run A B A B …, after one round that is not counted; the
//! figure is the median, the ratio the median of the ratios of each round. Both programs' output is compared.

mod measure;

use std::process::Command;

const ROUNDS: usize = 5;

/// One comparison: a script of ours, a program of Python's, and what one unit of work is.
struct Row {
    what: &'static str,
    name: &'static str,
    items: u32,
    method: Option<&'static str>,
}

const ROWS: &[Row] = &[
    Row { what: "queue, small ints", name: "queue_int", items: 100_000, method: None },
    Row { what: "queue, small maps", name: "queue_map", items: 50_000, method: None },
    Row { what: "queue, 4 to 4, small ints", name: "queue_many", items: 100_000, method: None },
    Row { what: "round trip", name: "round_trip", items: 20_000, method: None },
    Row { what: "joinable queue, 4 workers", name: "joinable", items: 30_000, method: None },
    starts("start, join, next; fork", "start_one", 200, "fork"),
    starts("start, join, next; forkserver", "start_one", 100, "forkserver"),
    starts("start 1000, join all; fork", "start", 1000, "fork"),
    starts("start 200, join all; forkserver", "start", 200, "forkserver"),
];

/// Processes that do nothing, against one of Python's ways to start them.
const fn starts(what: &'static str, name: &'static str, items: u32, method: &'static str) -> Row {
    Row { what, name, items, method: Some(method) }
}

fn main() {
    println!("{:<32} {:>12} {:>12} {:>8}", "", "procession", "python", "ratio");
    for row in ROWS {
        let duel = measure::duel(row.what, ROUNDS, || procession(row), || python(row));
        let rate = |seconds: f64| f64::from(row.items) / seconds;
        let (ours, theirs) = (rate(duel.ours), rate(duel.theirs));
        println!("{:<32} {ours:>10.0}/s {theirs:>10.0}/s {:>7.2}x", row.what, duel.ratio);
    }
    empty_main();
}

/// How long a run of an empty main takes, as a whole process.
fn empty_main() {
    let run = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_procession"));
        command.args(["run", "benches/programs/empty.proc"]);
        measure::time(&mut command).0.as_secs_f64()
    };
    let times = (0..20).map(|_| run()).collect();
    println!("{:<32} {:>10.1} ms", "run of an empty main", measure::median(times) * 1e3);
}

fn procession(row: &Row) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_procession"));
    command.arg("run").arg(format!("benches/programs/{}.proc", row.name));
    command.arg("--items").arg(row.items.to_string());
    command
}

fn python(row: &Row) -> Command {
    let mut command = Command::new("python3");
    command.arg(format!("benches/programs/{}.py", row.name)).arg(row.items.to_string());
    command.args(row.method);
    command
}
