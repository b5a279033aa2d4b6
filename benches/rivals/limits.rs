//! What no queue can be faster than: a pipe between two processes, with one write for each item, a copy in memory, and how
//! long it takes to wake a process that sleeps.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::process::{Child, ChildStdout, Command, ExitCode, Stdio};
use std::time::{Duration, Instant, SystemTime};

/// `limit pipe BYTES ITEMS`, `limit copy BYTES ITEMS` print items a second; `limit one_way PERCENTILE ITEMS`, an item each
/// millisecond, microseconds.
pub fn run(words: &[String]) -> ExitCode {
    let number = |at: usize| words.get(at).and_then(|word| word.parse::<usize>().ok()).unwrap_or(1);
    let (bytes, items) = (number(1), number(2));
    match words.first().map(String::as_str) {
        Some("pipe") => told(items, || pipe(bytes, items)),
        Some("writer") => write(bytes, items),
        Some("one_way") => println!("RESULT {}", one_way(bytes, items)),
        Some("clock") => tell_times(items),
        Some("copy") => told(items, || copy(bytes, items)),
        _ => return ExitCode::FAILURE,
    }
    ExitCode::SUCCESS
}

fn told(items: usize, work: impl FnOnce()) {
    let start = Instant::now();
    work();
    println!("RESULT {}", items as f64 / start.elapsed().as_secs_f64());
}

/// A second process writes, this one reads what is there.
fn pipe(bytes: usize, items: usize) {
    let (mut child, mut from) = other("writer", bytes, items);
    let (mut buffer, mut total) = (vec![0; 1 << 16], 0);
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        total += read;
    }
    child.wait().expect("it is our child");
    assert_eq!(total, bytes * items, "bytes were lost");
}

/// This program once more, and the pipe into which it writes.
fn other(what: &str, bytes: usize, items: usize) -> (Child, ChildStdout) {
    let program = std::env::current_exe().expect("this program has a name");
    let mut command = Command::new(program);
    command.args(["limit", what, &bytes.to_string(), &items.to_string()]).stdout(Stdio::piped());
    let mut child = command.spawn().expect("this program starts");
    let from = child.stdout.take().expect("it was asked for");
    (child, from)
}

/// Not `Stdout`, which would look for ends of lines.
fn out() -> File {
    OpenOptions::new().write(true).open("/dev/stdout").expect("there is a pipe")
}

fn now() -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    now.map_or(0, |now| now.as_nanos() as u64)
}

/// How long a time of day is on its way to one who sleeps until it comes.
fn one_way(percentile: usize, items: usize) -> f64 {
    let (mut child, mut from) = other("clock", 8, items);
    let (mut time, mut took) = ([0; 8], Vec::with_capacity(items));
    while from.read_exact(&mut time).is_ok() {
        took.push(now() - u64::from_ne_bytes(time));
    }
    child.wait().expect("it is our child");
    assert_eq!(took.len(), items, "times were lost");
    took.sort_unstable();
    took[items * percentile / 100] as f64 / 1000.0
}

fn tell_times(items: usize) {
    let mut out = out();
    for _ in 0..items {
        out.write_all(&now().to_ne_bytes()).expect("the reader reads to the end");
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn write(bytes: usize, items: usize) {
    let mut out = out();
    let item = vec![7; bytes];
    for _ in 0..items {
        out.write_all(&item).expect("the reader reads to the end");
    }
}

/// From one buffer into another as large as 1000 items, 16 MiB at most, as a queue would.
fn copy(bytes: usize, items: usize) {
    let slots = (16 << 20) / bytes;
    let slots = slots.clamp(1, 1000);
    let item = vec![7; bytes];
    let mut buffer = vec![0; slots * bytes];
    for i in 0..items {
        let start = i % slots * bytes;
        buffer[start..start + bytes].copy_from_slice(std::hint::black_box(&item));
        std::hint::black_box(&buffer[start]);
    }
}
