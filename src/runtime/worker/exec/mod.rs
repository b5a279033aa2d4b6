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
mod wait;

use super::BodyEnd;
use super::circumstances::CONFINEMENT;
use super::client::Client;
use super::ends::End;
use super::threads::{self, NewThread};
use crate::runtime::os::feed::Feed;
use crate::runtime::os::process::Exit;
use crate::runtime::os::program::{self, Program};
use crate::runtime::os::{signals, strays};
use crate::runtime::sandbox;
use crate::script::unit::{Format, Piece};
use crate::script::{Circumstances, Ending, Failure, Fault, Place};
use crate::value::Value;
use crate::wire::message::{Ask, QueueFacts};
use feeder::{Complaint, Order};
use output::{Output, Sink};
use rustix::event::{PollFd, PollFlags};
use rustix::fd::{BorrowedFd, OwnedFd};
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
    /// What the program may use and reach.
    pub circumstances: &'a Circumstances,
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
    let confinements = plan.circumstances.confinements(words.first().map(String::as_str));
    sandbox::confine(&confinements).map_err(|message| Fault::error(CONFINEMENT, message))?;
    let mut program = start(&words, plan.ports.takes.is_some(), plan.circumstances.memory_bytes)?;
    watch(plan.client, &program).map_err(|error| cannot("watch", &name, &error))?;
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

/// Who asks this process to end asks the program.
fn watch(client: &Client, program: &Program) -> io::Result<()> {
    signals::hand_on_termination(program.descriptor())?;
    let descriptor = program.descriptor().try_clone()?;
    client.give_up_when(move |socket| is_wanted(socket, &descriptor));
    Ok(())
}

fn start(words: &[String], reads: bool, memory_bytes: Option<u64>) -> Result<Program, Fault> {
    let (program, arguments) =
        words.split_first().map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
    let mut command = Command::new(program);
    command.args(arguments).stdout(Stdio::piped());
    command.stdin(if reads { Stdio::piped() } else { Stdio::null() });
    // Its group is this process's, and so is the mark of the run.
    let place = program::Place { mark: strays::inherited(), own_group: false, memory_bytes };
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

/// What the main thread waits for.
enum Event {
    Output,
    /// The program has ended.
    End,
    Complaint(Complaint),
}

impl Adapter {
    /// Passes on what the program prints, until it has ended.
    fn run(&mut self) -> Result<Exit, Fault> {
        loop {
            match self.wait()? {
                Event::Output => self.read()?,
                Event::End => break,
                Event::Complaint(complaint) => return Err(complaint.into()),
            }
        }
        self.drain()?;
        self.program.wait().map_err(|error| cannot("wait for", &self.name, &error))
    }

    fn read(&mut self) -> Result<(), Fault> {
        if let Some(stdout) = self.stdout.take()
            && self.given_up(|output| output.read(&stdout))?.is_some()
        {
            self.stdout = Some(stdout);
        }
        Ok(())
    }

    /// Waits for output, the end of the program, or a complaint.
    fn wait(&self) -> Result<Event, Fault> {
        let mut fds = vec![PollFd::new(self.program.descriptor(), PollFlags::IN)];
        fds.extend(self.stdout.iter().map(|stdout| PollFd::new(stdout, PollFlags::IN)));
        fds.extend(self.input.iter().map(|input| PollFd::new(&input.link, PollFlags::IN)));
        wait::wait(&mut fds, None).map_err(|error| cannot("wait for", &self.name, &error))?;
        if self.input.is_some() && fds.last().is_some_and(|link| !link.revents().is_empty()) {
            return Ok(Event::Complaint(self.complaint()));
        }
        Ok(if fds[0].revents().is_empty() { Event::Output } else { Event::End })
    }

    fn complaint(&self) -> Complaint {
        let told = self.input.as_ref().and_then(|input| input.complaints.try_recv().ok());
        told.unwrap_or_else(|| Complaint {
            kind: "Exec",
            message: format!("nobody feeds `{}` any more", self.name),
        })
    }

    /// Passes on what the program has left in its pipe. Who else holds that is not waited for.
    fn drain(&mut self) -> Result<(), Fault> {
        if let Some(stdout) = self.stdout.take() {
            let mut left = rustix::io::ioctl_fionread(&stdout).unwrap_or(0);
            while left > 0
                && let Some(count) = self.given_up(|output| output.read(&stdout))?
            {
                left = left.saturating_sub(count as u64);
            }
        }
        self.given_up(|output| output.finish().map(|()| None)).map(drop)
    }

    /// What is printed by a program that was asked to end does not keep its process.
    fn given_up(
        &mut self,
        read: impl FnOnce(&mut Output) -> Result<Option<usize>, Fault>,
    ) -> Result<Option<usize>, Fault> {
        match read(&mut self.output) {
            Err(Fault::Stopped) if signals::was_handed_on() => Ok(None),
            read => read,
        }
    }

    /// Lets the feeder go. A complaint that came late counts too.
    fn finish(mut self, ended: Result<Exit, Fault>) -> Result<Exit, Fault> {
        let input = self.input.take();
        if ended.is_err() {
            // It reads and prints nothing from here on.
            drop(self.program);
        }
        let complaint = input.and_then(Input::finish);
        let exit = ended?;
        complaint.map_or(Ok(exit), |complaint| Err(complaint.into()))
    }
}

/// Whether a question is worth waiting for: not when the process was asked to end and its program has ended.
fn is_wanted(socket: BorrowedFd<'_>, program: &OwnedFd) -> io::Result<bool> {
    let mut fds = [PollFd::from_borrowed_fd(socket, PollFlags::IN), PollFd::new(program, PollFlags::IN)];
    wait::wait(&mut fds, None)?;
    if !fds[0].revents().is_empty() {
        return Ok(true);
    }
    // Asked only from here on it ends at once.
    Ok(!signals::was_handed_on())
}
