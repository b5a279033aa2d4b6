//! Runs a program for a body: feeds it, collects what it prints, ends it when its time is over or the run stops.

use crate::runtime::os::poll::{Interest, Poll};
use crate::runtime::os::program::{Place, Program};
use crate::script::Fault;
use crate::script::objects::program::{Finished, NotFinished, Order};
use rustix::fd::AsFd;
use std::io::{self, ErrorKind, Read, Write};
use std::path::Path;
use std::process::{ChildStderr, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// How often whoever waits for a program looks whether it is to stop.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// What a program prints is kept in memory; one that prints more than this is ended.
const OUTPUT_BYTES_MAX: usize = 1 << 30;
const READ_BYTES: usize = 16 * 1024;

const KEY_END: u64 = 0;
const KEY_STDIN: u64 = 1;
const KEY_STDOUT: u64 = 2;
const KEY_STDERR: u64 = 3;

/// The command of an order, as yet without streams; an empty standard input.
pub fn command(order: &Order) -> Command {
    let (program, arguments) =
        order.words.split_first().map_or(("", &[][..]), |(p, rest)| (p.as_str(), rest));
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null());
    if let Some(folder) = &order.cwd {
        command.current_dir(folder);
    }
    for (name, value) in &order.env {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command
}

/// Runs a program to its end. `look` says when the run is stopping.
pub fn run(
    order: &Order,
    place: &Place,
    look: &dyn Fn() -> Result<(), Fault>,
) -> Result<Finished, NotFinished> {
    let not_started = |error: io::Error| NotFinished::NotStarted(error.to_string());
    // Where there is neither folder nor program the system gives the same reason.
    if let Some(folder) = &order.cwd {
        let refused = |error: io::Error| NotFinished::NoFolder(error.to_string());
        std::fs::metadata(Path::new(folder).join(".")).map_err(refused)?;
    }
    let mut command = command(order);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    if !order.stdin.is_empty() {
        command.stdin(Stdio::piped());
    }
    let program = Program::start(command, place).map_err(not_started)?;
    let deadline = order.timeout.map(deadline);
    let mut talk = Talk::new(program, &order.stdin).map_err(not_started)?;
    let mut ready = Vec::new();
    while !talk.ended {
        look().map_err(NotFinished::Fault)?;
        let left = deadline.flatten().map(|deadline| deadline.saturating_duration_since(Instant::now()));
        if left == Some(Duration::ZERO) {
            return Err(NotFinished::TimedOut);
        }
        let wait = left.map_or(LOOK_EVERY, |left| left.min(LOOK_EVERY));
        talk.poll.wait(Some(wait), &mut ready).map_err(not_started)?;
        for event in &ready {
            talk.turn(event.key)?;
        }
    }
    talk.finish()
}

/// `None`: later than any clock can tell.
fn deadline(seconds: f64) -> Option<Instant> {
    Instant::now().checked_add(Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX))
}

/// A program and the pipes to it.
struct Talk<'a> {
    program: Program,
    poll: Poll,
    stdin: Option<ChildStdin>,
    /// What it has not read yet.
    unread: &'a [u8],
    stdout: Gathered<ChildStdout>,
    stderr: Gathered<ChildStderr>,
    ended: bool,
}

impl<'a> Talk<'a> {
    fn new(mut program: Program, unread: &'a [u8]) -> io::Result<Self> {
        let poll = Poll::new()?;
        poll.add(program.descriptor(), KEY_END, Interest::Read)?;
        let stdin = program.child.stdin.take();
        if let Some(stdin) = &stdin {
            watch(&poll, stdin, KEY_STDIN, Interest::Write)?;
        }
        let stdout = Gathered::new(&poll, program.child.stdout.take(), KEY_STDOUT)?;
        let stderr = Gathered::new(&poll, program.child.stderr.take(), KEY_STDERR)?;
        Ok(Talk { program, poll, stdin, unread, stdout, stderr, ended: false })
    }

    fn turn(&mut self, key: u64) -> Result<(), NotFinished> {
        match key {
            KEY_STDIN => self.feed(),
            KEY_STDOUT => self.stdout.read(&self.poll).map(drop)?,
            KEY_STDERR => self.stderr.read(&self.poll).map(drop)?,
            _ => self.ended = true,
        }
        Ok(())
    }

    /// Writes what the program takes now. One that does not want more has all that it needs.
    fn feed(&mut self) {
        let Some(stdin) = &mut self.stdin else { return };
        match stdin.write(self.unread) {
            Ok(written) => self.unread = &self.unread[written..],
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => return,
            Err(_) => self.unread = &[],
        }
        if self.unread.is_empty() {
            // Its closing is the end of the program's input, and takes it off the list of what is watched.
            self.stdin = None;
        }
    }

    /// The program has ended: what it printed is in the pipes. Who else holds them is not waited for.
    fn finish(mut self) -> Result<Finished, NotFinished> {
        while self.stdout.read(&self.poll)? {}
        while self.stderr.read(&self.poll)? {}
        let exit = self.program.wait().map_err(|error| NotFinished::NotStarted(error.to_string()))?;
        let (stdout, stderr) = (self.stdout.bytes, self.stderr.bytes);
        Ok(Finished { code: exit.code().into(), stdout, stderr })
    }
}

fn watch(poll: &Poll, pipe: impl AsFd, key: u64, interest: Interest) -> io::Result<()> {
    rustix::io::ioctl_fionbio(&pipe, true)?;
    poll.add(pipe, key, interest)
}

/// What came out of a pipe so far.
struct Gathered<P> {
    pipe: Option<P>,
    bytes: Vec<u8>,
}

impl<P: Read + AsFd> Gathered<P> {
    fn new(poll: &Poll, pipe: Option<P>, key: u64) -> io::Result<Self> {
        if let Some(pipe) = &pipe {
            watch(poll, pipe, key, Interest::Read)?;
        }
        Ok(Gathered { pipe, bytes: Vec::new() })
    }

    /// Reads once; false: nothing more is there now.
    fn read(&mut self, poll: &Poll) -> Result<bool, NotFinished> {
        let Some(pipe) = &mut self.pipe else { return Ok(false) };
        if self.bytes.len() >= OUTPUT_BYTES_MAX {
            return Err(NotFinished::TooMuch(OUTPUT_BYTES_MAX));
        }
        let mut part = [0; READ_BYTES];
        match pipe.read(&mut part) {
            Ok(count) if count > 0 => self.bytes.extend_from_slice(&part[..count]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
            Ok(_) | Err(_) => {
                self.close(poll);
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn close(&mut self, poll: &Poll) {
        if let Some(pipe) = self.pipe.take() {
            // A pipe that somebody else holds open too stays on the list unless it is taken off.
            let _ = poll.remove(&pipe);
        }
    }
}
