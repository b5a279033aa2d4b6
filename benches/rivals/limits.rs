//! What no queue can be faster than: a pipe between two processes, with one write for each item, and a copy in memory.

use std::io::{Read, Write};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

/// `limit pipe BYTES ITEMS`, `limit copy BYTES ITEMS`; prints items a second.
pub fn run(words: &[String]) -> ExitCode {
    let number = |at: usize| words.get(at).and_then(|word| word.parse::<usize>().ok()).unwrap_or(1);
    let (bytes, items) = (number(1), number(2));
    match words.first().map(String::as_str) {
        Some("pipe") => told(items, || pipe(bytes, items)),
        Some("writer") => write(bytes, items),
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
    let program = std::env::current_exe().expect("this program has a name");
    let mut command = Command::new(program);
    command.args(["limit", "writer", &bytes.to_string(), &items.to_string()]).stdout(Stdio::piped());
    let mut child = command.spawn().expect("this program starts");
    let mut from = child.stdout.take().expect("it was asked for");
    let (mut buffer, mut total) = (vec![0; 1 << 16], 0);
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        total += read;
    }
    child.wait().expect("it is our child");
    assert_eq!(total, bytes * items, "bytes were lost");
}

fn write(bytes: usize, items: usize) {
    // Not `Stdout`, which would look for ends of lines.
    let mut out = std::fs::OpenOptions::new().write(true).open("/dev/stdout").expect("there is a pipe");
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
