//! The life of a process whose body is a program: the worker stands between its queues and the program.
//!
//! This thread starts the program, reads what it prints and waits for its end; a feeder thread, which the
//! supervisor knows as a job of its own, writes items to it. So either can wait while the other works, and
//! queues that are full or empty hold the program up by its pipes, as in a shell. The worker ends as the program
//! did, with its code or by its signal.

mod command;
mod feeder;
mod format;
mod output;

use super::BodyEnd;
use super::client::Client;
use super::ends::End;
use super::threads::{self, NewThread};
use crate::runtime::os::feed::Feed;
use crate::runtime::os::process::Exit;
use crate::runtime::os::program::{self, Program};
use crate::runtime::os::{signals, strays};
use crate::script::unit::{Format, Piece};
use crate::script::{Ending, Failure, Fault, Place};
use crate::value::Value;
use crate::wire::message::{Ask, QueueFacts};
use feeder::{Complaint, Order};
use output::{Output, Sink};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::fd::OwnedFd;
use rustix::io::Errno;
use std::io;
use std::os::unix::net::UnixStream;
use std::process::{ChildStdout, Command, Stdio};
use std::rc::Rc;
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;

/// The ports of an exec process.
#[derive(Default)]
pub struct Ports {
    pub takes: Option<QueueFacts>,
    pub puts: Option<QueueFacts>,
}

/// What there is to run.
pub struct Plan<'a> {
    pub client: &'a Rc<Client>,
    /// The text of the command, for the place of errors.
    pub piece: &'a Piece,
    pub format: Format,
    pub ports: Ports,
}

/// Runs the program of a command to its end.
pub fn run(plan: Plan<'_>, command: &Value) -> Result<Exit, Ending> {
    let piece = plan.piece;
    run_program(plan, command).map_err(|fault| ending(fault, piece))
}

/// How the process ends when the program has ended.
pub fn end(exit: Exit) -> BodyEnd {
    match exit {
        Exit::Code(code) => BodyEnd { code: Some(code), ..BodyEnd::default() },
        Exit::Signal(signal) => BodyEnd { signal: Some(signal), ..BodyEnd::default() },
    }
}

fn run_program(plan: Plan<'_>, command: &Value) -> Result<Exit, Fault> {
    let words = command::words(command).map_err(|message| Fault::error("Type", message))?;
    let name = command::name(&words);
    plan.client.ask(Ask::Program { name: name.clone() }, Vec::new())?;
    let mut program = start(&words, plan.ports.takes.is_some())?;
    signals::hand_on_termination(program.descriptor()).map_err(|error| cannot("watched", &name, &error))?;
    let sink = match plan.ports.puts {
        Some(queue) => Sink::Queue(End::new(plan.client.clone(), queue), plan.format),
        None => Sink::Print(plan.client.clone()),
    };
    let stdout = program.child.stdout.take();
    let input = match (plan.ports.takes, program.child.stdin.take()) {
        (Some(queue), Some(stdin)) => {
            Some(Input::start(plan.client, queue, plan.format, (&name, stdin.into()))?)
        }
        _ => None,
    };
    let mut adapter = Adapter { program, name: name.clone(), stdout, input, output: Output::new(sink, name) };
    let ended = adapter.run();
    adapter.finish(ended)
}

fn start(words: &[String], reads: bool) -> Result<Program, Fault> {
    let (program, arguments) =
        words.split_first().map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
    let mut command = Command::new(program);
    command.args(arguments).stdout(Stdio::piped());
    command.stdin(if reads { Stdio::piped() } else { Stdio::null() });
    // Its group is this process's, and so is the mark of the run.
    let place = program::Place { mark: strays::inherited(), own_group: false };
    Program::start(command, &place).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Fault::error("Exec", format!("cannot run `{program}`: not found")),
        _ => cannot("run", program, &error),
    })
}

fn cannot(what: &str, program: &str, error: &io::Error) -> Fault {
    let reason = error.to_string();
    let reason = reason.split(" (os error").next().unwrap_or_default().to_lowercase();
    Fault::error("Exec", format!("cannot {what} `{program}`: {reason}"))
}

/// An error of the adapter is one of the command, and has its place.
fn ending(fault: Fault, piece: &Piece) -> Ending {
    let value = match fault {
        Fault::Thrown(value) => value,
        Fault::Elsewhere(failure) => return Ending::Failed(failure),
        Fault::Exit(code) => return Ending::Exit(code),
        Fault::Stopped => return Ending::Stopped,
    };
    let text = |key: &str| value.as_map().and_then(|map| map.get(key)).map(Value::to_string);
    let place = Place { source: piece.source, line: piece.line, column: piece.column };
    let mut failure = Failure::new(text("kind").unwrap_or_default(), text("message").unwrap_or_default());
    failure.place = Some(place);
    failure.value = value;
    Ending::Failed(Box::new(failure))
}

/// The feeder, as the main thread sees it.
struct Input {
    /// Closed, it tells the feeder that the program has ended; a byte on it tells of a complaint.
    link: UnixStream,
    complaints: Receiver<Complaint>,
    thread: JoinHandle<()>,
}

impl Input {
    fn start(
        client: &Client,
        queue: QueueFacts,
        format: Format,
        (program, stdin): (&str, OwnedFd),
    ) -> Result<Input, Fault> {
        let failed = |error: io::Error| cannot("feed", program, &error);
        let (link, theirs) = UnixStream::pair().map_err(failed)?;
        let feed = Feed::new(stdin).map_err(failed)?;
        let (sender, complaints) = channel();
        let new = NewThread {
            name: format!("{} (input)", client.me.name),
            daemon: client.me.daemon,
            takes: vec![queue.id],
            puts: Vec::new(),
            hands_over: true,
        };
        let program = program.to_owned();
        let order = Order { queue, format, program, feed, link: theirs, complaints: sender };
        let (_, thread) = threads::start(client, new, move |client| {
            feeder::run(client, order);
            0
        })?;
        Ok(Input { link, complaints, thread })
    }

    /// The program has ended: waits until what it has not read is given back.
    fn finish(self) -> Option<Complaint> {
        drop(self.link);
        // A panic of the thread was told on standard error.
        let _ = self.thread.join();
        self.complaints.try_recv().ok()
    }
}

/// The main thread's side.
struct Adapter {
    program: Program,
    name: String,
    /// `None` when it has ended.
    stdout: Option<ChildStdout>,
    input: Option<Input>,
    output: Output,
}

impl Adapter {
    /// Passes on what the program prints until it has closed its output and ended.
    fn run(&mut self) -> Result<Exit, Fault> {
        loop {
            if let Some(complaint) = self.wait()? {
                return Err(Fault::error(complaint.kind, complaint.message));
            }
            let Some(stdout) = &self.stdout else {
                return self.program.wait().map_err(|error| cannot("wait for", &self.name, &error));
            };
            if !self.output.read(stdout)? {
                self.stdout = None;
            }
        }
    }

    /// Waits for output, then for the end of the program; or for a complaint.
    fn wait(&self) -> Result<Option<Complaint>, Fault> {
        let mut fds = Vec::with_capacity(2);
        fds.push(match &self.stdout {
            Some(stdout) => PollFd::new(stdout, PollFlags::IN),
            None => PollFd::new(self.program.descriptor(), PollFlags::IN),
        });
        fds.extend(self.input.iter().map(|input| PollFd::new(&input.link, PollFlags::IN)));
        loop {
            match poll(&mut fds, None) {
                Ok(_) => break,
                Err(Errno::INTR) => {}
                Err(error) => return Err(cannot("wait for", &self.name, &error.into())),
            }
        }
        Ok(self.input.as_ref().and_then(|input| input.complaints.try_recv().ok()))
    }

    /// Lets the feeder go. A complaint that came late counts too.
    fn finish(mut self, ended: Result<Exit, Fault>) -> Result<Exit, Fault> {
        let input = self.input.take();
        if ended.is_err() {
            self.stdout = None;
            // From here on the program reads nothing.
            drop(self.program);
        }
        let complaint = input.and_then(Input::finish);
        let exit = ended?;
        complaint.map_or(Ok(exit), |complaint| Err(Fault::error(complaint.kind, complaint.message)))
    }
}
