//! Whole programs beside the same in Python's multiprocessing: lines of code, and times in one run, as ratios.
//!
//! `cargo bench --bench programs` prints the table of `benches/rivals/README.md`. The pairs are `scripts/NAME.proc` and
//! `benches/rivals/NAME.py`. Each is run A B A B …, after one round that is not counted, on inputs that are made here; the
//! output of both is compared.

mod lines;
mod measure;

use measure::Duel;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const ROUNDS: usize = 5;

/// One program: its name, and what both are given so that they have enough to do.
struct Program {
    name: &'static str,
    option: &'static str,
    given: Given,
}

enum Given {
    Number(u32),
    /// Something below `scripts/data`, made larger.
    Larger(fn(&Path) -> String),
}

const PROGRAMS: &[Program] = &[
    Program { name: "bank", option: "--orders", given: Given::Number(1000) },
    Program { name: "philosophers", option: "--meals", given: Given::Number(1000) },
    Program { name: "crawler", option: "--pages", given: Given::Number(20_000) },
    Program { name: "merge_sort", option: "--numbers", given: Given::Number(40_000) },
    Program { name: "logs", option: "--pattern", given: Given::Larger(logs) },
    Program { name: "orders", option: "--orders", given: Given::Larger(orders) },
    Program { name: "map_reduce", option: "--folder", given: Given::Larger(tales) },
];

fn main() {
    let only: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    println!("| program | given | lines | Python's | time | Python's | as fast |");
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    for program in PROGRAMS.iter().filter(|it| only.is_empty() || only.iter().any(|name| name == it.name)) {
        let given = match program.given {
            Given::Number(number) => number.to_string(),
            Given::Larger(make) => make(&folder),
        };
        let duel = duel(program, &given);
        let (ours, theirs) = lines(program.name);
        let shown = match program.given {
            Given::Number(number) => format!("{} {number}", program.option.trim_start_matches('-')),
            Given::Larger(_) => format!("larger {}", program.option.trim_start_matches('-')),
        };
        println!(
            "| {} | {shown} | {ours} | {theirs} | {:.2} s | {:.2} s | {:.2} |",
            program.name, duel.ours, duel.theirs, duel.ratio
        );
    }
}

fn duel(program: &Program, given: &str) -> Duel {
    let ours = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_procession"));
        command.arg("run").arg(format!("scripts/{}.proc", program.name)).args([program.option, given]);
        command
    };
    let theirs = || {
        let mut command = Command::new("python3");
        command.arg(format!("benches/rivals/{}.py", program.name)).arg(given);
        command
    };
    measure::duel(program.name, ROUNDS, ours, theirs)
}

fn lines(name: &str) -> (usize, usize) {
    let read = |path: String| fs::read_to_string(path).expect("the program is there");
    let (ours, theirs) = (read(format!("scripts/{name}.proc")), read(format!("benches/rivals/{name}.py")));
    (lines::of_script(&ours), lines::of_python(&theirs))
}

/// Twelve logs of 20,000 lines, every other one packed.
fn logs(folder: &Path) -> String {
    let folder = emptied(&folder.join("logs"));
    let log = fs::read_to_string("scripts/data/logs/access.3.log").expect("the log is there");
    let lines: Vec<&str> = log.lines().cycle().take(20_000).collect();
    for i in 0..12 {
        let path = folder.join(format!("access.{i:02}.log"));
        fs::write(&path, lines.join("\n") + "\n").expect("the folder is ours");
        if i % 2 == 0 {
            let packed = Command::new("gzip").arg(&path).status().expect("gzip is there");
            assert!(packed.success(), "gzip failed");
        }
    }
    format!("{}/*", folder.display())
}

/// The orders again and again, 20,000 in all.
fn orders(folder: &Path) -> String {
    let table = fs::read_to_string("scripts/data/orders.csv").expect("the table is there");
    let (head, rows) = table.split_once('\n').expect("a row of names");
    let rows: Vec<&str> = rows.lines().cycle().take(20_000).collect();
    let path = folder.join("orders.csv");
    fs::write(&path, format!("{head}\n{}\n", rows.join("\n"))).expect("the folder is ours");
    path.display().to_string()
}

/// Eight files, each with all tales a thousand times.
fn tales(folder: &Path) -> String {
    let folder = emptied(&folder.join("tales"));
    let mut all = String::new();
    for entry in fs::read_dir("scripts/data/tales").expect("the tales are there").flatten() {
        all += &fs::read_to_string(entry.path()).expect("a tale is text");
    }
    for i in 0..8 {
        fs::write(folder.join(format!("{i}.txt")), all.repeat(1000)).expect("the folder is ours");
    }
    folder.display().to_string()
}

fn emptied(folder: &Path) -> PathBuf {
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder).expect("the folder is ours");
    folder.to_owned()
}
