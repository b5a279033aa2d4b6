//! Programs in turn: one round that does not count, then the rounds that do; all must print the same.

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

const LIMIT: Duration = Duration::from_secs(120);

/// What a program is measured in. Milliseconds are of the whole run, from outside; for all others the program measures
/// itself and says `RESULT number` in its last line.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    PerSecond,
    Microseconds,
    Milliseconds,
    Kibibytes,
}

impl Unit {
    fn is_better_when_larger(self) -> bool {
        self == Unit::PerSecond
    }

    pub fn shown(self, value: f64) -> String {
        match self {
            Unit::PerSecond if value >= 1e6 => format!("{:.2} M/s", value / 1e6),
            Unit::PerSecond if value >= 1e4 => format!("{:.0} k/s", value / 1e3),
            Unit::PerSecond => format!("{value:.0} /s"),
            Unit::Microseconds => format!("{value:.1} µs"),
            Unit::Milliseconds => format!("{value:.1} ms"),
            Unit::Kibibytes => format!("{value:.0} KiB"),
        }
    }
}

/// One program and what came of its rounds.
pub struct Series<'a> {
    name: &'a str,
    unit: Unit,
    command: Box<dyn Fn() -> Option<Command> + 'a>,
    values: Vec<f64>,
}

impl<'a> Series<'a> {
    pub fn new(name: &'a str, unit: Unit, command: impl Fn() -> Option<Command> + 'a) -> Series<'a> {
        Series { name, unit, command: Box::new(command), values: Vec::new() }
    }

    pub fn median(&self) -> f64 {
        median(self.values.clone())
    }

    pub fn shown(&self) -> String {
        self.unit.shown(self.median())
    }

    /// The median of the ratios of each round: what made one round slow made its neighbours slow too.
    pub fn times_as_good(&self, other: &Series) -> f64 {
        let larger = self.unit.is_better_when_larger();
        let ratio = |(a, b): (&f64, &f64)| if larger { a / b } else { b / a };
        median(self.values.iter().zip(&other.values).map(ratio).collect())
    }

    /// Runs it once; gives what it printed beside its figure.
    fn run(&mut self) -> Result<(f64, String), String> {
        let mut command = (self.command)().ok_or_else(|| format!("{} is not there", self.name))?;
        let (time, output) = timed(&mut command).map_err(|problem| format!("{}: {problem}", self.name))?;
        if self.unit == Unit::Milliseconds {
            return Ok((time.as_secs_f64() * 1e3, output));
        }
        let (before, told) = output.rsplit_once("RESULT ").unwrap_or(("", ""));
        let value = told.trim().parse().map_err(|_| format!("{}: no RESULT in `{output}`", self.name))?;
        Ok((value, before.to_owned()))
    }
}

/// Runs all in turn. What they print is compared when they are `alike`: given the same work.
pub fn in_turn(all: &mut [Series], rounds: usize, alike: bool) -> Result<(), String> {
    for round in 0..=rounds {
        let mut first: Option<String> = None;
        for series in all.iter_mut() {
            let (value, printed) = series.run()?;
            let expected = first.get_or_insert_with(|| printed.clone());
            if alike && *expected != printed {
                return Err(format!("{} prints otherwise", series.name));
            }
            if round > 0 {
                series.values.push(value);
            }
        }
    }
    Ok(())
}

/// How long a program runs from its start to its end, and what it prints.
fn timed(command: &mut Command) -> Result<(Duration, String), String> {
    let start = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{command:?}: {error}"))?;
    let output = output(&mut child);
    let status = child.wait().map_err(|error| error.to_string())?;
    let time = start.elapsed();
    match output {
        Some((output, _)) if status.success() => Ok((time, output)),
        Some((_, errors)) => Err(format!("{command:?} failed: {}", errors.trim())),
        None => Err(format!("{command:?} ran longer than {} s", LIMIT.as_secs())),
    }
}

/// Standard output and error to their ends; `None`, and the program killed, when that takes too long.
fn output(child: &mut Child) -> Option<(String, String)> {
    let (sender, receiver) = mpsc::channel();
    let (out, err) = (child.stdout.take(), child.stderr.take());
    std::thread::spawn(move || {
        let errors = std::thread::spawn(move || read(err));
        let output = read(out);
        // Nobody listens any more when it took too long.
        let _ = sender.send((output, errors.join().unwrap_or_default()));
    });
    let output = receiver.recv_timeout(LIMIT).ok();
    if output.is_none() {
        // It may have ended just now.
        let _ = child.kill();
    }
    output
}

fn read(from: Option<impl Read>) -> String {
    let mut bytes = Vec::new();
    if let Some(mut from) = from {
        let _ = from.read_to_end(&mut bytes);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
