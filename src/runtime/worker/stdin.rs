//! Standard input, line by line, by a feeder thread: whoever waits for a line can still be told to stop.

use crossbeam::channel::{Receiver, RecvTimeoutError, TryRecvError, bounded};
use std::cell::Cell;
use std::io::{self, BufRead};
use std::time::Duration;

/// Lines read ahead of whoever takes them.
const LINES_AHEAD: usize = 64;
/// How often whoever waits for a line looks whether it is to stop.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// The lines of standard input.
pub struct Lines {
    lines: Receiver<io::Result<String>>,
    /// What was looked at and not taken.
    seen: Cell<Option<Seen>>,
}

/// What a look at the input showed.
enum Seen {
    Line(io::Result<String>),
    End,
}

impl Lines {
    /// Starts the feeder. It ends with its input, or when nobody takes its lines any more.
    pub fn feed() -> io::Result<Lines> {
        let (sender, lines) = bounded(LINES_AHEAD);
        std::thread::Builder::new().name("stdin".to_owned()).spawn(move || {
            let all = (1..).zip(io::stdin().lock().lines()).map(|(number, line)| told(number, line));
            all.map(|line| sender.send(line)).take_while(Result::is_ok).for_each(drop);
        })?;
        Ok(Lines { lines, seen: Cell::new(None) })
    }

    /// Whether there is a line, or the end.
    pub fn is_ready(&self) -> bool {
        let seen = self.seen.take().or_else(|| match self.lines.try_recv() {
            Ok(line) => Some(Seen::Line(line)),
            Err(TryRecvError::Disconnected) => Some(Seen::End),
            Err(TryRecvError::Empty) => None,
        });
        let is_ready = seen.is_some();
        self.seen.set(seen);
        is_ready
    }

    /// The next line; `None` at the end of the input, or when `stopped` says so.
    pub fn next(&self, stopped: impl Fn() -> bool) -> io::Result<Option<String>> {
        match self.seen.take() {
            Some(Seen::Line(line)) => return line.map(Some),
            Some(Seen::End) => return Ok(None),
            None => {}
        }
        while !stopped() {
            match self.lines.recv_timeout(LOOK_EVERY) {
                Ok(line) => return line.map(Some),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
        Ok(None)
    }
}

/// A line, or in which line there is none.
fn told(number: u64, line: io::Result<String>) -> io::Result<String> {
    line.map_err(|error| match error.kind() {
        io::ErrorKind::InvalidData => io::Error::other(format!("line {number} is not UTF-8")),
        _ => error,
    })
}
