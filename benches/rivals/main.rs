//! Procession beside its rivals: every program in turn, A B A B … in one run; medians, ratios, and the goals of the house.
//!
//! `cargo bench --bench rivals` prints the table; words behind `--` choose rows (`-- 1→1 start`), `--rounds N` says how
//! often each is run after one round that does not count. `benches/setup` installs what the rivals need; a rival that is
//! not there is left out, and the table says so. The rows are in `rows.rs`: to add one is to add an entry.

mod codec;
mod limits;
mod measure;
mod native;
mod programs;
mod rows;
mod words;

use measure::Series;
use programs::Programs;
use rows::{Rival, Row};
use std::process::ExitCode;

const ROUNDS: usize = 5;

fn main() -> ExitCode {
    // The processes of native rows are copies of this program.
    procession::init(&native::host());
    let words: Vec<String> = std::env::args().skip(1).collect();
    // What this program does when a row, or a count of instructions, runs it again.
    match words.first().map(String::as_str) {
        Some("limit") => return limits::run(&words[1..]),
        Some("native") => return native::run(&words[1..]),
        Some("codec") => return codec::run(&words[1..]),
        _ => {}
    }
    let (rounds, chosen) = options(words);
    let programs = Programs::prepare();
    println!("{}\n", programs.machine());
    println!(
        "| what | ours | beside | theirs | ratio | goal | |\n| --- | ---: | --- | ---: | ---: | ---: | --- |"
    );
    let mut failed = false;
    for row in rows::ROWS.iter().filter(|row| row.is_chosen(&chosen)) {
        match run(row, &programs, rounds) {
            Ok(lines) => lines.iter().for_each(|line| println!("{line}")),
            Err(problem) => {
                println!("| {} | {problem} | | | | | |", row.what);
                failed = true;
            }
        }
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Cargo adds `--bench` to what the user says.
fn options(words: Vec<String>) -> (usize, Vec<String>) {
    let (mut rounds, mut chosen) = (ROUNDS, Vec::new());
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--rounds" => rounds = words.next().and_then(|n| n.parse().ok()).unwrap_or(ROUNDS),
            "--bench" => {}
            _ => chosen.push(word),
        }
    }
    (rounds.max(1), chosen)
}

/// Runs a row and gives its lines of the table: one for each rival.
fn run(row: &Row, programs: &Programs, rounds: usize) -> Result<Vec<String>, String> {
    let (there, absent): (Vec<&Rival>, Vec<&Rival>) =
        row.rivals.iter().partition(|rival| programs.command(rival.command, rival.count).is_some());
    let ours = || programs.command(row.ours, row.count);
    let mut series = vec![Series::new("ours", row.unit, ours)];
    series.extend(
        there
            .iter()
            .map(|rival| Series::new(rival.name, row.unit, || programs.command(rival.command, rival.count))),
    );
    let alike = there.iter().all(|rival| rival.count == row.count);
    measure::in_turn(&mut series, rounds, alike)?;
    let (own, others) = series.split_first().expect("ours is always there");
    let mut lines: Vec<String> =
        there.iter().zip(others).map(|(rival, other)| line(row, own, rival, other)).collect();
    if row.rivals.is_empty() || row.most.is_some() {
        lines.insert(0, alone(row, own));
    }
    let missing =
        absent.iter().map(|rival| format!("| {} | | {} | not installed | | | |", row.what, rival.name));
    lines.extend(missing);
    Ok(lines)
}

fn line(row: &Row, own: &Series, rival: &Rival, other: &Series) -> String {
    let ratio = own.times_as_good(other);
    let goal = rival.goal.map(|goal| format!("{goal}")).unwrap_or_default();
    let verdict = rival.goal.map(|goal| verdict(ratio >= goal)).unwrap_or_default();
    let (a, b) = (own.shown(), other.shown());
    format!("| {} | {a} | {} | {b} | {ratio:.2} | {goal} | {verdict} |", row.what, rival.name)
}

/// What is held against a number and not against a rival.
fn alone(row: &Row, own: &Series) -> String {
    let goal = row.most.map(|most| format!("≤ {}", row.unit.shown(most))).unwrap_or_default();
    let verdict = row.most.map(|most| verdict(own.median() <= most)).unwrap_or_default();
    format!("| {} | {} | | | | {goal} | {verdict} |", row.what, own.shown())
}

fn verdict(reached: bool) -> &'static str {
    if reached { "reached" } else { "short" }
}
