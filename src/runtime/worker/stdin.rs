//! Standard input, line by line, by a feeder thread: whoever waits for a line can still be told to stop.

use crossbeam::channel::{Receiver, RecvTimeoutError, bounded};
use std::io::{self, BufRead};
use std::time::Duration;

/// Lines read ahead of whoever takes them.
const LINES_AHEAD: usize = 64;
/// How often whoever waits for a line looks whether it is to stop.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// The lines of standard input.
pub struct Lines {
    lines: Receiver<io::Result<String>>,
}

impl Lines {
    /// Starts the feeder. It ends with its input, or when nobody takes its lines any more.
    pub fn feed() -> io::Result<Lines> {
        let (sender, lines) = bounded(LINES_AHEAD);
        std::thread::Builder::new().name("stdin".to_owned()).spawn(move || {
            let all = (1..).zip(io::stdin().lock().lines()).map(|(number, line)| told(number, line));
            all.map(|line| sender.send(line)).take_while(Result::is_ok).for_each(drop);
        })?;
        Ok(Lines { lines })
    }

    /// The next line; `None` at the end of the input, or when `stopped` says so.
    pub fn next(&self, stopped: impl Fn() -> bool) -> io::Result<Option<String>> {
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
