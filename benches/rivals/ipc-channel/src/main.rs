//! Items over ipc-channel from one process to another: `ipc-channel-rival int|text|bytes SIZE ITEMS`, or `trip 0 ITEMS`.
//!
//! Counts and sums are checked; the last line is `RESULT` and items a second, or the median round trip in microseconds.
//! The channel has no capacity of its own: the buffer of its socket bounds it.

use ipc_channel::ipc::{self, IpcOneShotServer, IpcReceiver, IpcSender};
use serde::{Deserialize, Serialize};
use std::process::Command;
use std::time::Instant;

/// What the child sends first: where it can be written to, and where it writes.
type Ends<T> = (IpcSender<T>, IpcReceiver<T>);

fn main() {
    let words: Vec<String> = std::env::args().collect();
    let (size, items) = (words[2].parse().unwrap(), words[3].parse().unwrap());
    let server = words.get(4);
    match words[1].as_str() {
        "int" => stream(server, &words, items, |i| i, |i| i),
        "text" => stream(server, &words, items, move |_| "x".repeat(size), |text: String| text.len() as u64),
        "bytes" => stream(server, &words, items, move |_| vec![7u8; size], |bytes: Vec<u8>| bytes.len() as u64),
        _ => trip(server, &words, items),
    }
}

fn stream<T: Serialize + for<'a> Deserialize<'a>>(
    server: Option<&String>,
    words: &[String],
    items: u64,
    make: impl Fn(u64) -> T,
    weigh: impl Fn(T) -> u64,
) {
    if let Some(server) = server {
        let ends = connect(server);
        for i in 0..items {
            ends.0.send(make(i)).unwrap();
        }
        return;
    }
    let start = Instant::now();
    let ends: Ends<T> = child(words);
    let mut sum = 0;
    for _ in 0..items {
        sum += weigh(ends.1.recv().unwrap());
    }
    let seconds = start.elapsed().as_secs_f64();
    assert_eq!(sum, (0..items).map(|i| weigh(make(i))).sum::<u64>());
    println!("RESULT {}", items as f64 / seconds);
}

fn trip(server: Option<&String>, words: &[String], items: u64) {
    if let Some(server) = server {
        let ends: Ends<u64> = connect(server);
        for _ in 0..items {
            ends.0.send(ends.1.recv().unwrap()).unwrap();
        }
        return;
    }
    let ends: Ends<u64> = child(words);
    let mut times = Vec::new();
    for i in 0..items {
        let start = Instant::now();
        ends.0.send(i).unwrap();
        assert_eq!(ends.1.recv().unwrap(), i);
        times.push(start.elapsed());
    }
    times.sort();
    println!("RESULT {}", times[times.len() / 2].as_secs_f64() * 1e6);
}

/// This program again, as the other side.
fn child<T: Serialize + for<'a> Deserialize<'a>>(words: &[String]) -> Ends<T> {
    let (server, name) = IpcOneShotServer::<Ends<T>>::new().unwrap();
    Command::new(std::env::current_exe().unwrap()).args(&words[1..]).arg(name).spawn().unwrap();
    server.accept().unwrap().1
}

fn connect<T: Serialize + for<'a> Deserialize<'a>>(server: &str) -> Ends<T> {
    let (to_child, from_parent) = ipc::channel().unwrap();
    let (to_parent, from_child) = ipc::channel().unwrap();
    let first: IpcSender<Ends<T>> = IpcSender::connect(server.to_owned()).unwrap();
    first.send((to_child, from_child)).unwrap();
    (to_parent, from_parent)
}
