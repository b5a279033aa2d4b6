//! The run's standard output: whole lines in the order in which they came, without ever blocking the loop.
//!
//! A pipe or terminal is written when it has room (`poll(2)`), so that a reader who sleeps holds up those who
//! print, by the bound of the buffer, but not the supervision of the run.

use super::Supervisor;
use crate::observe::Event;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use std::io::{self, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

/// Workers that print are not read from while more than this waits to be written.
const BUFFERED_BYTES_MAX: usize = 1 << 20;
/// A pipe that is ready takes at least this much without blocking (`PIPE_BUF`, pipe(7)).
const CHUNK_BYTES: usize = 4096;

/// Where lines go.
#[derive(Default)]
pub enum Sink {
    /// To standard output.
    #[default]
    Stdout,
    /// To the observer, as events.
    Observer,
    /// To a writer of the program around the run.
    Writer(Box<dyn Write + Send>),
}

impl std::fmt::Debug for Sink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Sink::Stdout => "Stdout",
            Sink::Observer => "Observer",
            Sink::Writer(_) => "Writer",
        })
    }
}

/// Lines on their way out.
pub struct Output {
    sink: Sink,
    buffer: Vec<u8>,
    start: usize,
    /// Bytes accepted and written since the beginning: a job's output is out when `written` has reached its mark.
    accepted: u64,
    written: u64,
    closed: bool,
    /// Why it was closed, unless its reader has gone away.
    failure: Option<io::Error>,
    /// A regular file always has room.
    regular: bool,
    /// Led by the process's name, coloured.
    prefix: Option<Colour>,
}

/// Whether prefixes are coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    Off,
    On,
}

impl Output {
    #[must_use]
    pub fn new(prefix: Option<Colour>, sink: Sink) -> Self {
        let stdout = rustix::stdio::stdout();
        let regular = rustix::fs::fstat(stdout)
            .is_ok_and(|stat| rustix::fs::FileType::from_raw_mode(stat.st_mode).is_file());
        Output {
            sink,
            buffer: Vec::new(),
            start: 0,
            accepted: 0,
            written: 0,
            closed: false,
            failure: None,
            regular,
            prefix,
        }
    }

    /// Appends a line, or several with line feeds between them; gives the mark at which they will be out.
    pub fn line(&mut self, process: u32, name: &str, line: &[u8]) -> u64 {
        if self.closed {
            return self.written;
        }
        let before = self.buffer.len();
        match self.prefix {
            None => self.buffer.extend_from_slice(line),
            Some(colour) => {
                let prefix = prefix(colour, process, name);
                for (index, line) in line.split(|&byte| byte == b'\n').enumerate() {
                    if index > 0 {
                        self.buffer.push(b'\n');
                    }
                    self.buffer.extend_from_slice(prefix.as_bytes());
                    self.buffer.extend_from_slice(line);
                }
            }
        }
        self.buffer.push(b'\n');
        self.accepted += (self.buffer.len() - before) as u64;
        self.accepted
    }

    /// Whether everything up to a mark is out.
    #[must_use]
    pub fn is_out(&self, mark: u64) -> bool {
        self.closed || self.written >= mark
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.start == self.buffer.len()
    }

    #[must_use]
    pub fn is_crowded(&self) -> bool {
        self.buffer.len() - self.start > BUFFERED_BYTES_MAX
    }

    /// Whether it is this program's standard output.
    #[must_use]
    pub fn is_standard(&self) -> bool {
        matches!(self.sink, Sink::Stdout)
    }

    /// Whether nobody reads any more.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.closed
    }

    /// What the system refused to write for, once.
    pub fn take_failure(&mut self) -> Option<io::Error> {
        self.failure.take()
    }

    /// Writes what fits now.
    pub fn flush(&mut self) {
        if let Sink::Writer(writer) = &mut self.sink {
            match writer.write_all(&self.buffer[self.start..]).and_then(|()| writer.flush()) {
                Ok(()) => self.written = self.accepted,
                Err(error) => {
                    self.failure = Some(error).filter(|error| error.kind() != io::ErrorKind::BrokenPipe);
                    self.closed = true;
                }
            }
            self.buffer.clear();
            return;
        }
        while !self.is_empty() && !self.closed && self.has_room() {
            let pending = &self.buffer[self.start..];
            let chunk = if self.regular { pending } else { &pending[..pending.len().min(CHUNK_BYTES)] };
            match rustix::io::write(rustix::stdio::stdout(), chunk) {
                Ok(count) => {
                    self.start += count;
                    self.written += count as u64;
                }
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => break,
                Err(error) => {
                    self.failure = Some(error).filter(|&error| error != Errno::PIPE).map(io::Error::from);
                    self.close();
                }
            }
        }
        if self.is_empty() {
            self.buffer.clear();
            self.start = 0;
        } else if self.start > BUFFERED_BYTES_MAX {
            self.buffer.drain(..self.start);
            self.start = 0;
        }
    }

    /// Writes everything: the end of a run. It waits for room so long, or as long as it takes. False: a signal came
    /// before that, or the time is over.
    pub fn drain(&mut self, signals: Option<&UnixStream>, patience: Option<Duration>) -> io::Result<bool> {
        let patience = patience.and_then(|time| Timespec::try_from(time).ok());
        while !self.is_empty() && !self.closed {
            let mut fds = vec![PollFd::from_borrowed_fd(rustix::stdio::stdout(), PollFlags::OUT)];
            fds.extend(signals.map(|signals| PollFd::new(signals, PollFlags::IN)));
            match poll(&mut fds, patience.as_ref()) {
                Ok(0) => return Ok(false),
                Ok(_) if fds.get(1).is_some_and(|signals| !signals.revents().is_empty()) => return Ok(false),
                Ok(_) | Err(Errno::INTR) => self.flush(),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(true)
    }

    /// Nobody waits any longer for a reader who does not read.
    pub fn abandon(&mut self) {
        self.close();
    }

    fn has_room(&self) -> bool {
        if self.regular {
            return true;
        }
        let mut fds = [PollFd::from_borrowed_fd(rustix::stdio::stdout(), PollFlags::OUT)];
        let now = Timespec { tv_sec: 0, tv_nsec: 0 };
        matches!(poll(&mut fds, Some(&now)), Ok(ready) if ready > 0)
    }

    fn close(&mut self) {
        self.closed = true;
        self.buffer.clear();
        self.start = 0;
    }
}

impl Supervisor<'_> {
    /// A process has printed a line.
    pub(super) fn print(&mut self, id: u32, line: &[u8]) {
        let name = &self.jobs[id as usize].name;
        if matches!(self.output.sink, Sink::Observer) {
            let line = String::from_utf8_lossy(line).into_owned();
            self.observer.event(&Event::Printed { name: name.clone(), line });
            return;
        }
        let mark = self.output.line(id, name, line);
        self.job_mut(id).output_mark = mark;
    }
}

fn prefix(colour: Colour, process: u32, name: &str) -> String {
    match colour {
        Colour::Off => format!("{name} | "),
        Colour::On => format!("\x1b[{}m{name} |\x1b[0m ", 31 + process % 6),
    }
}
