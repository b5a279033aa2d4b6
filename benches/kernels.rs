//! Bodies side by side with CPython, and with Rhai: the same small programs in turn, in one run.
//!
//! `cargo bench --bench kernels` prints the table. A program tells itself how long its kernel took, without its start.
//! Each row is run in turn, after one round that is not counted; figures are medians, ratios those of CPython's time.

use std::path::PathBuf;
use std::process::Command;

const ROUNDS: usize = 3;
/// In one round of its program.
const NATIVE_CALLS: f64 = 500_000.0;
const KERNELS: [&str; 16] = [
    "fib",
    "loop",
    "mandelbrot",
    "sieve",
    "nbody",
    "matrix",
    "trees",
    "words",
    "map_update",
    "strings",
    "sort",
    "json",
    "regexes",
    "closures",
    "natives",
    "queues",
];

fn main() {
    println!("{:<12} {:>10} {:>10} {:>10} {:>14}", "", "CPython ms", "Rhai ms", "ours ms", "ours / CPython");
    let mut product = 1.0_f64;
    for kernel in KERNELS {
        let (mut theirs, mut rhais, mut ours) = (Vec::new(), Vec::new(), Vec::new());
        for round in 0..=ROUNDS {
            let (a, python) = timed(Command::new("python3").arg(program(kernel, "py")));
            let (b, vm) = timed(procession("vm").arg(program(kernel, "proc")));
            let (c, rhai) = timed(procession("rhai").arg(program(kernel, "proc")));
            assert!(a == b && b == c, "{kernel}: the programs disagree: {a}, {b}, {c}");
            if round > 0 {
                theirs.push(python);
                rhais.push(rhai);
                ours.push(vm);
            }
        }
        let (python, rhai, vm) = (median(theirs), median(rhais), median(ours));
        product *= vm / python;
        println!("{kernel:<12} {python:>10.1} {rhai:>10.1} {vm:>10.1} {:>13.2}x", vm / python);
    }
    println!("geometric mean {:.2}x", product.powf(1.0 / KERNELS.len() as f64));
    native_call();
}

/// What a call of a native costs by itself: its program tells how much longer a loop takes with it.
fn native_call() {
    let nanoseconds = |mut command: Command| {
        let rounds: Vec<f64> = (0..ROUNDS).map(|_| timed(&mut command).1 * 1e6 / NATIVE_CALLS).collect();
        median(rounds)
    };
    let mut python = Command::new("python3");
    python.arg(program("native_call", "py"));
    let mut vm = procession("vm");
    vm.arg(program("native_call", "proc"));
    let (python, vm) = (nanoseconds(python), nanoseconds(vm));
    println!("a call of a native: {vm:.0} ns, CPython {python:.0} ns");
}

fn program(kernel: &str, kind: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "benches/kernels", &format!("{kernel}.{kind}")].iter().collect()
}

fn procession(engine: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_procession"));
    command.args(["run", "--engine", engine]);
    command
}

/// What a program computed, and the milliseconds that it says it took.
fn timed(command: &mut Command) -> (String, f64) {
    let output = command.output().expect("it starts");
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut lines = stdout.lines();
    let result =
        lines.next().unwrap_or_else(|| panic!("{command:?}: {}", String::from_utf8_lossy(&output.stderr)));
    let seconds: f64 = lines.next().and_then(|line| line.parse().ok()).expect("it says how long it took");
    (result.to_owned(), seconds * 1000.0)
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
