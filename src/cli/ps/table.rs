//! Runs as tables: one line for each process, the queues in the last line.

use crate::cli::runs::{file_name, reason};
use crate::diagnostic::{printable, words};
use crate::runtime::watch::Told;
use crate::runtime::watch::usage::Usage;
use crate::wire::watch::{CapacityNow, EndNow, ProcessNow, QueueNow, RunNow, StateNow};

const TITLES: [&str; COLUMNS] =
    ["NAME", "PID", "STATE", "FOR", "IN", "OUT", "RESTARTS", "CPU", "MEMORY", "WHAT"];
const COLUMNS: usize = 10;
/// Words stand to the left; numbers, to the right, so that their units are below each other.
const TO_THE_RIGHT: [bool; COLUMNS] = [false, true, false, true, true, true, true, true, true, false];
/// Queues stand beside each other up to this width.
const WIDTH: usize = 100;

/// All runs, or that there are none.
#[must_use]
pub fn text(told: &[Told], usage: impl Fn(&ProcessNow) -> Option<Usage>) -> String {
    if told.is_empty() {
        return "no runs\n".to_owned();
    }
    let runs = told.iter().map(|told| match &told.run {
        Ok(run) => run_text(&told.id, run, &usage),
        Err(mute) => format!("run {} {}\n", told.id, reason(*mute)),
    });
    runs.collect::<Vec<_>>().join("\n")
}

fn run_text(id: &str, run: &RunNow, usage: impl Fn(&ProcessNow) -> Option<Usage>) -> String {
    let age = words::duration(run.age_ms);
    let mut text = format!("run {id}: {}, for {age}\n", printable(&run.script));
    let is_over =
        |process: &&ProcessNow| !matches!(process.state, StateNow::Ended { .. } | StateNow::Skipped {});
    let rows = run.processes.iter().filter(is_over).map(|process| row(run, process, usage(process)));
    let rows: Vec<_> = std::iter::once(TITLES.map(str::to_owned)).chain(rows).collect();
    text.push_str(&aligned(&rows));
    text.push_str(&queues(&run.queues));
    if run.ended > 0 {
        let have = if run.ended == 1 { "has" } else { "have" };
        text.push_str(&format!("{} {have} ended\n", words::count(run.ended as usize, "process")));
    }
    text
}

fn row(run: &RunNow, process: &ProcessNow, usage: Option<Usage>) -> [String; COLUMNS] {
    let nothing = || "-".to_owned();
    [
        printable(&process.name).into_owned(),
        if process.pid == 0 { nothing() } else { process.pid.to_string() },
        state_name(&process.state).to_owned(),
        words::duration(process.state_ms),
        process.items_in.to_string(),
        process.items_out.to_string(),
        process.restarts.to_string(),
        usage.map_or_else(nothing, |usage| words::duration(usage.cpu.as_millis() as u64)),
        usage.map_or_else(nothing, |usage| size(usage.memory_bytes)),
        what(run, process),
    ]
}

/// As bodies see it in `state`, but for a process that comes back.
#[must_use]
pub fn state_name(state: &StateNow) -> &'static str {
    match state {
        StateNow::Created { .. } => "created",
        StateNow::RestartDue { .. } => "restarting",
        StateNow::Ready {} => "ready",
        StateNow::Running {} => "running",
        StateNow::Waiting { .. } => "waiting",
        StateNow::Ended { .. } => "ended",
        StateNow::Skipped {} => "skipped",
    }
}

/// What a process waits for, and where it was heard of last.
fn what(run: &RunNow, process: &ProcessNow) -> String {
    let at = process
        .at
        .as_ref()
        .map(|(file, line)| printable(&format!("{}:{line}", file_name(file))).into_owned());
    match &process.state {
        StateNow::Waiting { what, .. } => {
            let at = at.map(|at| format!(" ({at})")).unwrap_or_default();
            format!("{}{at}", printable(what))
        }
        StateNow::Created { after } if !after.is_empty() => {
            let names = after.iter().filter_map(|&index| run.processes.get(index as usize));
            format!("after {}", words::list(names.map(|process| printable(&process.name)), "and"))
        }
        StateNow::RestartDue { end, .. } => format!("after {}", how(*end)),
        StateNow::Running {} => at.map(|at| format!("since {at}")).unwrap_or_default(),
        _ => String::new(),
    }
}

/// How a process ended, behind `after`.
#[must_use]
pub fn how(end: EndNow) -> String {
    match end {
        EndNow { timed_out: true, .. } => "its timeout".to_owned(),
        EndNow { code, .. } if code < 0 => words::signal(code.saturating_neg()),
        EndNow { code, .. } => format!("exit code {code}"),
    }
}

fn aligned(rows: &[[String; COLUMNS]]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..COLUMNS).map(width).collect();
    let cell = |row: &[String; COLUMNS], column: usize| {
        let (text, width) = (&row[column], widths[column]);
        if TO_THE_RIGHT[column] { format!("{text:>width$}") } else { format!("{text:width$}") }
    };
    let line = |row| {
        let cells: Vec<String> = (0..COLUMNS).map(|column| cell(row, column)).collect();
        format!("{}\n", cells.join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}

/// All but those that are done with.
fn queues(queues: &[QueueNow]) -> String {
    let in_use = queues.iter().filter(|queue| !queue.ended || queue.len > 0 || queue.unfinished > Some(0));
    let mut text = String::new();
    let mut line = String::new();
    for queue in in_use.map(fill) {
        if !line.is_empty() && line.chars().count() + 2 + queue.chars().count() > WIDTH {
            text.push_str(&format!("{}\n", std::mem::take(&mut line)));
        }
        let lead = match (line.is_empty(), text.is_empty()) {
            (true, true) => "queues: ",
            (true, false) => "        ",
            (false, _) => ", ",
        };
        line.push_str(&format!("{lead}{queue}"));
    }
    if line.is_empty() { text } else { format!("{text}{line}\n") }
}

/// `lines 812/1024`.
fn fill(queue: &QueueNow) -> String {
    let capacity = capacity(queue).map(|capacity| format!("/{capacity}")).unwrap_or_default();
    let open = match queue.unfinished {
        Some(unfinished) if unfinished > 0 => format!(" ({unfinished} not done)"),
        _ => String::new(),
    };
    let ended = if queue.ended { " ended" } else { "" };
    format!("{} {}{capacity}{open}{ended}", printable(&queue.name), queue.len)
}

/// How much may be in a queue: `1024`, `64 MiB`.
#[must_use]
pub fn capacity(queue: &QueueNow) -> Option<String> {
    match queue.capacity {
        CapacityNow::Unbounded {} => None,
        CapacityNow::Items { items } => Some(items.to_string()),
        CapacityNow::Bytes { bytes } => Some(size(bytes)),
    }
}

/// `712 KiB`, `1.5 MiB`, `23 MiB`.
fn size(bytes: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    let (unit, name) = UNITS.into_iter().find(|(unit, _)| bytes >= *unit).unwrap_or((1 << 10, "KiB"));
    match bytes * 10 / unit {
        tenths @ 0..100 => format!("{}.{} {name}", tenths / 10, tenths % 10),
        tenths => format!("{} {name}", tenths / 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::test_run::{process, queue, run, waiting};
    use crate::runtime::watch::Mute;
    use crate::wire::watch::OnNow;
    use std::time::Duration;

    fn told(run: RunNow) -> Vec<Told> {
        vec![Told { id: "41".to_owned(), run: Ok(run) }]
    }

    fn no_usage(_: &ProcessNow) -> Option<Usage> {
        None
    }

    #[test]
    fn columns_are_aligned() {
        let end = EndNow { code: -11, timed_out: false };
        let processes = vec![
            process("main", StateNow::Running {}),
            waiting("counter.10", "get lines", &[OnNow::Item { queue: 0 }]),
            ProcessNow { restarts: 3, ..process("parse", StateNow::RestartDue { time: 3, end }) },
            ProcessNow { pid: 0, ..process("publish", StateNow::Created { after: vec![0, 2] }) },
            process("early", StateNow::Ended { end }),
        ];
        let jobs = QueueNow {
            unfinished: Some(5),
            ended: true,
            capacity: CapacityNow::Unbounded {},
            ..queue("jobs", 3)
        };
        let frames = QueueNow { capacity: CapacityNow::Bytes { bytes: 64 << 20 }, ..queue("frames", 2) };
        let over = QueueNow { ended: true, ..queue("over", 0) };
        let run = RunNow { ended: 1, ..run(processes, vec![queue("lines", 812), jobs, frames, over]) };
        let usage = |process: &ProcessNow| {
            (process.pid > 0).then_some(Usage { cpu: Duration::from_millis(70), memory_bytes: 9 << 20 })
        };
        let expected = "\
run 41: jobs/wc.proc, for 2 min 5 s
NAME        PID  STATE         FOR     IN  OUT  RESTARTS    CPU   MEMORY  WHAT
main         42  running     1.5 s  12345    0         0  70 ms  9.0 MiB  since wc.proc:7
counter.10   42  waiting     1.5 s  12345    0         0  70 ms  9.0 MiB  get lines (wc.proc:7)
parse        42  restarting  1.5 s  12345    0         3  70 ms  9.0 MiB  after SIGSEGV
publish       -  created     1.5 s  12345    0         0      -        -  after main and parse
queues: lines 812/1024, jobs 3 (5 not done) ended, frames 2/64 MiB
1 process has ended
";
        assert_eq!(text(&told(run), usage), expected);
    }

    #[test]
    fn a_run_of_twenty_fits_one_screen() {
        let processes = (1..=20).map(|number| process(&format!("w.{number}"), StateNow::Running {}));
        let run = run(processes.collect(), vec![queue("lines", 0)]);
        assert_eq!(text(&told(run), no_usage).lines().count(), 23);
    }

    #[test]
    fn many_queues_are_broken_into_lines() {
        let queues: Vec<QueueNow> = (0..9).map(|number| queue(&format!("part[{number}]"), 0)).collect();
        let expected = "queues: part[0] 0/1024, part[1] 0/1024, part[2] 0/1024, part[3] 0/1024, part[4] 0/1024\n        \
                        part[5] 0/1024, part[6] 0/1024, part[7] 0/1024, part[8] 0/1024\n";
        assert_eq!(super::queues(&queues), expected);
    }

    #[test]
    fn names_do_no_harm_to_a_terminal() {
        let text = text(&told(run(vec![process("\u{1b}[2J", StateNow::Ready {})], Vec::new())), no_usage);
        assert!(text.contains("\\u{1b}[2J") && !text.contains('\u{1b}'), "{text}");
    }

    #[test]
    fn no_runs_and_mute_ones_are_told() {
        assert_eq!(text(&[], no_usage), "no runs\n");
        let mute = |mute| Told { id: "7".to_owned(), run: Err(mute) };
        let expected = "run 7 does not answer\n\nrun 7 belongs to another version of procession\n";
        assert_eq!(text(&[mute(Mute::Silent), mute(Mute::OtherVersion)], no_usage), expected);
    }

    #[test]
    fn sizes_have_at_most_three_digits_or_one_decimal() {
        let written: Vec<String> = [0, 1536, 10 << 10, 3 << 19, 23 << 20, 5 << 30].map(size).to_vec();
        assert_eq!(written, ["0.0 KiB", "1.5 KiB", "10 KiB", "1.5 MiB", "23 MiB", "5.0 GiB"]);
    }
}
