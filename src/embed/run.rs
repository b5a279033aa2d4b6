//! A run: how it is to be done, and what is known and wanted of it while it goes on.

use super::allow::Allow;
use super::error::{Error, ErrorKind};
use super::host::check_init;
use super::queues::{Receiver, Sender};
use super::stages::Graph;
use crate::diagnostic::suggest::nearest;
use crate::graph::plan::Transports;
use crate::observe::{Event, Observer};
use crate::runtime::hosted::{End as HostEnd, NoEnd};
use crate::runtime::{self, Command, Handle, Options, Sink};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

/// How a run is to be done. Nothing is printed, and no signal is handled, unless it is asked for.
pub struct Builder {
    graph: Graph,
    options: Options,
    observer: Box<dyn Observer + Send>,
}

impl Builder {
    /// Has every event of the run told to this function, on the run's own thread: it should be quick.
    #[must_use]
    pub fn observer(mut self, observer: impl FnMut(&Event) + Send + 'static) -> Builder {
        self.observer = Box::new(Careful(Some(observer)));
        self
    }

    /// Lets lines that scripts print go to standard output. Without this and [`Builder::output`] they are events.
    #[must_use]
    pub fn stdout(mut self) -> Builder {
        self.options.sink = Sink::Stdout;
        self
    }

    /// Lets lines that scripts print go to a writer, which should be quick: the run waits for it.
    #[must_use]
    pub fn output(mut self, writer: impl Write + Send + 'static) -> Builder {
        self.options.sink = Sink::Writer(Box::new(CarefulWriter(writer)));
        self
    }

    /// Stops the run on SIGINT, SIGTERM and SIGHUP, and kills it on the second. Without it the program keeps its own
    /// handling of signals.
    #[must_use]
    pub fn handle_signals(mut self) -> Builder {
        self.options.handle_signals = true;
        self
    }

    /// Keeps nothing of the run alive when this program is killed: a guardian process looks after what programs of
    /// the run have let go. Orphans become children of this program while it lives.
    #[must_use]
    pub fn guarded(mut self) -> Builder {
        self.options.guarded = true;
        self
    }

    /// Lets `procession ps` and `procession why` of the same user see the run.
    #[must_use]
    pub fn listen(mut self) -> Builder {
        self.options.listen = true;
        self
    }

    /// Limits what the run may use, whatever its script says.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Builder {
        self.options.limits = limits;
        self
    }

    /// Says what processes may reach of the system at most, by the kernel. What a script allows a process holds besides:
    /// it reaches what both allow. Expressions of declarations are evaluated in this program and know nothing of it:
    /// there [`Host::without`](crate::Host::without) is what helps.
    #[must_use]
    pub fn allow(mut self, allow: Allow) -> Builder {
        self.options.bounds = Some(allow.confinement);
        self
    }

    /// Has the observer told this often who waits and who does not any more, and how many items have passed
    /// ([`Event::Waiting`], [`Event::GoesOn`], [`Event::Counted`]). Waits that begin and end between two looks are not
    /// seen.
    #[must_use]
    pub fn look_every(mut self, time: Duration) -> Builder {
        self.options.look_every = Some(time);
        self
    }

    /// Runs main's body on a thread of this program, as `procession run` does: it starts sooner, and shares this
    /// program's memory, standard input and fate; no limits hold for it. Otherwise it has a process of its own.
    #[must_use]
    pub fn main_here(mut self) -> Builder {
        self.options.main_apart = false;
        self
    }

    /// Raises this program's limit of open files as far as it goes: a process of a run needs three.
    #[must_use]
    pub fn raise_descriptor_limit(mut self) -> Builder {
        self.options.raise_descriptor_limit = true;
        self
    }

    /// Starts each process by executing this program anew, or as copies of a small one.
    pub(crate) fn start_by(mut self, start: runtime::Start) -> Builder {
        self.options.start = start;
        self
    }

    /// Which ways queues may go.
    pub(crate) fn transports(mut self, transports: Transports) -> Builder {
        self.options.transports = transports;
        self
    }

    /// An option that only the command line has.
    pub(crate) fn prefix(mut self, prefix: Option<runtime::Colour>) -> Builder {
        self.options.prefix = prefix;
        self
    }

    /// Starts the run.
    ///
    /// # Errors
    /// [`ErrorKind::Init`] when [`init`](crate::init) was not called, [`ErrorKind::System`] when the system refuses
    /// what a run needs, [`ErrorKind::Limit`] when a main that is to run here should be limited.
    pub fn start(self) -> Result<Run, Error> {
        check_init(&self.graph.graph.unit.registry)?;
        let is_unconfined = !self.options.main_apart && self.graph.graph.main.is_some();
        if is_unconfined && (self.options.bounds.is_some() || self.options.limits != Limits::default()) {
            let message =
                "neither limits nor `allow` hold for a main that runs in this program: leave out `main_here`";
            return Err(Error::new(ErrorKind::Limit, message));
        }
        let handle = runtime::start(&self.graph.graph, self.options, self.observer).map_err(system)?;
        Ok(Run { handle })
    }
}

/// A run that was started. Dropping it kills what is left of it.
pub struct Run {
    handle: Handle,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Outcome {
    /// The exit status that `procession run` would have: 0 for success.
    pub status: u8,
    /// Why it ended.
    pub end: End,
    /// How each process ended: main first, where there is one.
    pub processes: Vec<ProcessOutcome>,
}

impl Outcome {
    /// Whether everything succeeded.
    #[must_use]
    pub fn success(&self) -> bool {
        self.status == 0
    }
}

pub use crate::runtime::{End, Limits, ProcessOutcome};

impl Run {
    /// How a graph is to be run.
    #[must_use]
    pub fn builder(graph: &Graph) -> Builder {
        let options = Options { sink: Sink::Observer, main_apart: true, ..Options::default() };
        Builder { graph: graph.clone(), options, observer: Box::new(crate::observe::Silent) }
    }

    /// The sending end of a `host queue`, which can be taken once.
    ///
    /// # Errors
    /// [`ErrorKind::Name`] when the script declares no such queue, or the end was taken.
    pub fn sender<T: Serialize>(&self, queue: &str) -> Result<Sender<T>, Error> {
        self.end(queue, true).map(Sender::new)
    }

    /// The receiving end of a `host queue`, which can be taken once. What is in the queue when the run is over can
    /// still be taken.
    ///
    /// # Errors
    /// As [`Run::sender`].
    pub fn receiver<T: DeserializeOwned>(&self, queue: &str) -> Result<Receiver<T>, Error> {
        self.end(queue, false).map(Receiver::new)
    }

    fn end(&self, queue: &str, puts: bool) -> Result<HostEnd, Error> {
        let found = self.handle.desk().map_or(Err(NoEnd::Unknown(Vec::new())), |desk| desk.end(queue, puts));
        found.map_err(|no_end| match no_end {
            NoEnd::Unknown(known) => {
                let near = nearest(queue, known.iter().map(String::as_str));
                let near = near.map(|near| format!("; the nearest is `{near}`")).unwrap_or_default();
                Error::new(ErrorKind::Name, format!("the script declares no `host queue {queue}`{near}"))
            }
            NoEnd::Taken => Error::new(ErrorKind::Name, format!("this end of `{queue}` was taken before")),
            NoEnd::Over => super::queues::over(),
        })
    }

    /// Waits until the run has ended. Ends of host queues that were not taken until now are given up: nobody waits for
    /// them any more.
    ///
    /// # Errors
    /// [`ErrorKind::System`] when the runtime itself could not go on. What failed in the run is in the outcome.
    pub fn wait(&self) -> Result<Outcome, Error> {
        outcome(self.handle.wait())
    }

    /// Waits for at most so long; `None`: the run is still going on.
    ///
    /// # Errors
    /// As [`Run::wait`].
    pub fn wait_timeout(&self, time: Duration) -> Result<Option<Outcome>, Error> {
        self.handle.wait_timeout(time).map(outcome).transpose()
    }

    /// Stops the run in good order: every process is asked to end, and killed two seconds later. Does not wait.
    pub fn stop(&self) {
        self.handle.command(Command::Stop);
    }

    /// Kills the run. Does not wait.
    pub fn kill(&self) {
        self.handle.command(Command::Kill);
    }

    /// How it is going; `None` when it is over.
    #[must_use]
    pub fn status(&self) -> Option<Status> {
        self.handle.picture().map(Status::of)
    }
}

fn outcome(outcome: Result<runtime::Outcome, String>) -> Result<Outcome, Error> {
    let runtime::Outcome { status, end, processes } =
        outcome.map_err(|error| Error::new(ErrorKind::System, error))?;
    Ok(Outcome { status, end, processes })
}

fn system(error: io::Error) -> Error {
    Error::new(ErrorKind::System, runtime::explain(&error))
}

/// An observer that is asked no more once it has panicked.
struct Careful<F>(Option<F>);

impl<F: FnMut(&Event)> Observer for Careful<F> {
    fn event(&mut self, event: &Event) {
        let Some(observer) = &mut self.0 else { return };
        if catch_unwind(AssertUnwindSafe(|| observer(event))).is_err() {
            self.0 = None;
        }
    }
}

/// A writer whose panic is a failure to write.
struct CarefulWriter<W>(W);

impl<W: Write> Write for CarefulWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        catch_unwind(AssertUnwindSafe(|| self.0.write(bytes))).unwrap_or_else(|_| Err(panicked()))
    }

    fn flush(&mut self) -> io::Result<()> {
        catch_unwind(AssertUnwindSafe(|| self.0.flush())).unwrap_or_else(|_| Err(panicked()))
    }
}

fn panicked() -> io::Error {
    io::Error::other("the writer panicked")
}

/// How a run is going.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Status {
    /// The processes that have not ended, and the last of those that have.
    pub processes: Vec<ProcessStatus>,
    /// The queues, and how many items are in each.
    pub queues: Vec<(String, u64)>,
}

/// What a process does at the moment.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProcessStatus {
    /// Its name.
    pub name: String,
    /// Its process id; 0 while it has none.
    pub pid: u32,
    /// `created`, `ready`, `running`, `waiting`, `ended` …
    pub state: &'static str,
    /// What it waits for, as `get lines`.
    pub waits_for: Option<String>,
    /// The file and line of what it said or asked last.
    pub at: Option<(String, u32)>,
    /// Items that it took from queues.
    pub items_in: u64,
    /// Items that it put into queues.
    pub items_out: u64,
    /// How often it was started again.
    pub restarts: u32,
}

impl Status {
    fn of(now: crate::wire::watch::RunNow) -> Status {
        let queues = now.queues.into_iter().map(|queue| (queue.name, queue.len)).collect();
        Status { processes: now.processes.into_iter().map(ProcessStatus::of).collect(), queues }
    }
}

impl ProcessStatus {
    fn of(now: crate::wire::watch::ProcessNow) -> ProcessStatus {
        use crate::wire::watch::StateNow;
        let (state, waits_for) = match now.state {
            StateNow::Created { .. } => ("created", None),
            StateNow::RestartDue { .. } => ("restart due", None),
            StateNow::Ready {} => ("ready", None),
            StateNow::Running {} => ("running", None),
            StateNow::Waiting { what, .. } => ("waiting", Some(what)),
            StateNow::Ended { .. } => ("ended", None),
            StateNow::Skipped {} => ("skipped", None),
        };
        ProcessStatus {
            name: now.name,
            pid: now.pid,
            state,
            waits_for,
            at: now.at,
            items_in: now.items_in,
            items_out: now.items_out,
            restarts: now.restarts,
        }
    }
}
