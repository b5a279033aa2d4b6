//! How a queue between script bodies behaves as processes, items, bytes and queues grow: is there a cliff, is memory bounded?
//!
//! `cargo bench --bench growth` prints the table; words behind `--` choose a part (`-- processes`). Each line is the
//! median of some runs. A line is marked when it is much slower than the one before, once what must grow is allowed for.

use std::process::{Command, ExitCode};

const RUNS: usize = 3;
/// A line may be this many times slower than the one before it.
const CLIFF: f64 = 3.0;

/// One thing that grows, and what the others are meanwhile.
struct Part {
    name: &'static str,
    option: &'static str,
    values: &'static [u64],
    /// How many items, given the value.
    items: fn(u64) -> u64,
    capacity: fn(u64) -> u64,
    /// What of the work must grow with the value, as bytes do: the same speed is expected by it.
    work: fn(u64) -> f64,
}

const PARTS: &[Part] = &[
    Part {
        name: "processes on each side",
        option: "--processes",
        values: &[1, 2, 4, 8, 16, 32, 64],
        items: |_| 100_000,
        capacity: |_| 1000,
        work: |_| 1.0,
    },
    Part {
        name: "items",
        option: "--items",
        values: &[1_000, 10_000, 100_000, 1_000_000, 10_000_000],
        items: |items| items,
        capacity: |_| 1000,
        work: |_| 1.0,
    },
    Part {
        name: "bytes of an item",
        option: "--size",
        values: &[
            8,
            64,
            512,
            4 << 10,
            32 << 10,
            64 << 10,
            128 << 10,
            256 << 10,
            512 << 10,
            1 << 20,
            8 << 20,
            64 << 20,
        ],
        items: |size| ((512 << 20) / size).clamp(20, 100_000),
        capacity: |size| if size < 64 << 10 { 1000 } else { 16 },
        // An item costs something of its own, as much as so many bytes.
        work: |size| size as f64 + 1024.0,
    },
    Part {
        name: "queues",
        option: "--queues",
        values: &[1, 10, 100, 1000],
        // The first use of a queue costs as much as hundreds of items.
        items: |queues| (queues * 1000).max(100_000),
        capacity: |_| 100,
        work: |_| 1.0,
    },
    Part {
        name: "capacity",
        option: "--capacity",
        values: &[1, 10, 100, 1000, 10_000, 100_000],
        items: |_| 100_000,
        capacity: |capacity| capacity,
        work: |_| 1.0,
    },
];

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    println!(
        "| what grows | to | items a second | MB/s | most memory of a process | |\n| --- | ---: | ---: | ---: | ---: | --- |"
    );
    for part in PARTS
        .iter()
        .filter(|part| words.is_empty() || words.iter().any(|word| part.name.contains(word.as_str())))
    {
        let mut before = None;
        for &value in part.values {
            match line(part, value, &mut before) {
                Ok(line) => println!("{line}"),
                Err(problem) => {
                    println!("| {} | {value} | {problem} | | | |", part.name);
                    return ExitCode::FAILURE;
                }
            }
        }
    }
    ExitCode::SUCCESS
}

/// Runs one value; `before` is how fast the work of the line before was done.
fn line(part: &Part, value: u64, before: &mut Option<f64>) -> Result<String, String> {
    let mut runs: Vec<(f64, f64)> = (0..RUNS).map(|_| run(part, value)).collect::<Result<_, _>>()?;
    runs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (rate, memory) = runs[RUNS / 2];
    let speed = rate * (part.work)(value);
    let cliff = before.is_some_and(|before| before > speed * CLIFF);
    *before = Some(speed);
    let size = if part.option == "--size" { value } else { 8 };
    let megabytes = rate * size as f64 / 1e6;
    let mark = if cliff { "a cliff" } else { "" };
    Ok(format!(
        "| {} | {value} | {rate:.0} | {megabytes:.1} | {:.1} MiB | {mark} |",
        part.name,
        memory / 1024.0
    ))
}

fn run(part: &Part, value: u64) -> Result<(f64, f64), String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_procession"));
    command.args(["run", "benches/programs/growth.proc", part.option, &value.to_string()]);
    for (option, of) in [("--items", part.items), ("--capacity", part.capacity)] {
        if option != part.option {
            command.args([option, &of(value).to_string()]);
        }
    }
    let output = command.output().map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut told = text.split_whitespace().skip(1).map(str::parse);
    match (told.next(), told.next()) {
        (Some(Ok(rate)), Some(Ok(memory))) if output.status.success() => Ok((rate, memory)),
        _ => Err(String::from_utf8_lossy(&output.stderr).trim().replace('\n', " ")),
    }
}
