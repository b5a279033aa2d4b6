//! Runs a graph as real processes and watches it until its end.
//!
//! [`run`] is the stage: a graph in, an [`Outcome`] out; [`start`] does it on a thread of its own. The supervisor
//! holds all state; each process runs
//! as a worker, a copy of this program that [`init`] turns into one.

mod connection;
pub mod exit;
mod freight;
mod guardian;
mod handle;
mod hooks;
pub(crate) mod hosted;
mod os;
mod parcel;
mod reports;
mod sandbox;
mod supervisor;
mod transport;
mod travel;
pub mod watch;
mod worker;
mod zygote;

use crate::graph::Graph;
use crate::graph::plan::{Transports, choices};
use crate::observe::Observer;
use crate::script::Confinement;
pub use handle::{Command, Handle, start};
use std::io;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
pub use supervisor::{Colour, Sink, explain};
use supervisor::{Setup, Supervisor};

/// How a run is to be done.
#[derive(Debug, Default)]
pub struct Options {
    /// Lead each line of output by its process's name.
    pub prefix: Option<Colour>,
    /// Where lines of output go.
    pub sink: Sink,
    /// Stop the run on SIGINT, SIGTERM and SIGHUP. Without it the embedding program keeps its own handling.
    pub handle_signals: bool,
    /// Raise the limit of open descriptors of this program as far as it goes.
    pub raise_descriptor_limit: bool,
    /// Listen on a socket in a private folder of the user, so that the run can be asked from outside how it is
    /// going ([`watch`]). A run that cannot listen goes on without.
    pub listen: bool,
    /// How queues may be reached.
    pub transports: Transports,
    /// Run main's body in a process of its own, so that it cannot harm this program.
    pub main_apart: bool,
    pub limits: Limits,
    /// What processes may reach at most, whatever `allow` of the script says.
    pub bounds: Option<Confinement>,
    /// Tell the observer this often who waits and how many items have passed.
    pub look_every: Option<Duration>,
    /// Let the zygote end what the run leaves when this program is killed, and adopt orphans of the run.
    pub guarded: bool,
    /// How processes are started.
    pub start: Start,
}

/// How the processes of a run are started. What a script sees is the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Start {
    /// As copies of a small process that has compiled the script, the zygote. Where that is not to be had: anew.
    #[default]
    Zygote,
    /// Each is this program, executed anew: slower.
    Exec,
}

/// What a run may use at most, whatever its script says. Nothing is limited by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Processes at the same time, main included. Who starts one more is told, and may go on.
    pub processes: Option<usize>,
    /// Bytes of memory of each process, besides what it needs for itself.
    pub memory_bytes: Option<u64>,
    /// Bytes of items in all queues of the run together. Who puts more is told, and may go on.
    pub queue_bytes: Option<u64>,
    /// How long the run may take; then it is stopped.
    pub time: Option<Duration>,
    /// Operations of a script's engine in each process, in steps of some thousands; then it fails.
    pub operations: Option<u64>,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// As [`exit`] lists them.
    pub status: u8,
    pub end: End,
    /// Main first, where there is one, then the others in the order in which they came to be.
    pub processes: Vec<ProcessOutcome>,
}

/// Why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Everything was done.
    Done,
    /// Something failed.
    Failed,
    /// Nobody could ever go on.
    Deadlock,
    /// Whoever started it stopped it.
    Stopped,
    /// Its time was over.
    TimeLimit,
    /// A signal came, of this number.
    Signal(u8),
}

/// How one process ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessOutcome {
    /// Its name, as `counter.3`.
    pub name: String,
    /// 0, a positive code, or minus the number of a signal; `None` for one that was never started.
    pub exit: Option<i32>,
    /// It counts as a failure of the run.
    pub failed: bool,
    /// The error that nobody caught.
    pub error: Option<String>,
    /// How often it was started again.
    pub restarts: u32,
    /// Items that it took from queues.
    pub items_in: u64,
    /// Items that it put into queues.
    pub items_out: u64,
}

/// Turns a copy of this program that was started as a worker, or as a zygote, into one; it does not return
/// then. Everywhere else it does nothing. Call it first in `main`.
pub fn init() {
    if std::env::var_os(zygote::ZYGOTE_MARK).is_some() {
        os::signals::as_by_default();
        os::process::forget_mark(zygote::ZYGOTE_MARK);
        std::process::exit(worker::zygote::live().into());
    }
    let Some(mark) = std::env::var_os(os::process::WORKER_MARK) else { return };
    let Some(parent) = mark.to_str().and_then(|pid| pid.parse().ok()) else { return };
    os::process::forget_mark(os::process::WORKER_MARK);
    os::signals::as_by_default();
    std::process::exit(worker::run_child(parent).into());
}

/// Runs a graph to its end on the calling thread. Events go to the observer as they happen.
///
/// # Errors
/// When the system fails us: no descriptors, no memory. Failures of processes are in the outcome.
pub fn run(graph: &Graph, options: Options, observer: &mut dyn Observer) -> io::Result<Outcome> {
    let stop_main = Arc::new(AtomicBool::new(false));
    let main = if graph.main.is_some() {
        let (ours, theirs) = UnixStream::pair()?;
        handle::run_main(theirs, stop_main.clone())?;
        Some(ours)
    } else {
        None
    };
    let transports = choices(graph, options.transports).into_iter().map(|choice| choice.transport).collect();
    let setup = Setup {
        observer,
        transports,
        prefix: options.prefix,
        sink: options.sink,
        main,
        commands: None,
        pictures: None,
        host: None,
        limits: options.limits,
        bounds: options.bounds,
        look_every: options.look_every,
        leftovers: Arc::default(),
        stop_main: stop_main.clone(),
        guarded: options.guarded,
        start: options.start,
        listener: None,
    };
    let outcome = Supervisor::new(graph, setup).and_then(Supervisor::run);
    stop_main.store(true, Ordering::Relaxed);
    outcome
}
