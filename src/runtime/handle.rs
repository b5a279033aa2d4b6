//! A run that is going on, as the program around it holds it: it waits for the end, asks how things are, and ends it.
//!
//! The supervisor lives on a thread of its own that stays as long as the run: the kernel ends the children with the
//! thread that started them (`PR_SET_PDEATHSIG`).

use super::hosted::{Desk, Leftovers};
use super::supervisor::{Setup, Supervisor};
use super::travel::{self, Packed};
use super::{Options, Outcome, os, watch, worker};
use crate::graph::Graph;
use crate::graph::plan::choices;
use crate::observe::Observer;
use crate::wire::watch::RunNow;
use std::io::{self, Write};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// What the supervisor is told besides signals, whose numbers are smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Everybody is asked to end.
    Stop = 200,
    /// Everybody is killed.
    Kill = 201,
    /// Somebody wants to know how the run is going.
    Picture = 202,
}

impl Command {
    /// The command of a byte; `None` for a signal.
    #[must_use]
    pub fn of(byte: u8) -> Option<Command> {
        [Command::Stop, Command::Kill, Command::Picture].into_iter().find(|command| *command as u8 == byte)
    }
}

/// What both sides see.
#[derive(Default)]
pub struct Shared {
    now: Mutex<Now>,
    changed: Condvar,
}

#[derive(Default)]
struct Now {
    outcome: Option<Result<Outcome, String>>,
    picture: Option<RunNow>,
    /// How many pictures were made.
    pictures: u64,
}

impl Shared {
    /// A picture that was asked for.
    pub fn show(&self, picture: RunNow) {
        let mut now = lock(&self.now);
        now.picture = Some(picture);
        now.pictures += 1;
        self.changed.notify_all();
    }

    fn over(&self, outcome: Result<Outcome, String>) {
        lock(&self.now).outcome.get_or_insert(outcome);
        self.changed.notify_all();
    }
}

/// A run that was started. Dropping it kills what is left of the run.
pub struct Handle {
    shared: Arc<Shared>,
    control: Mutex<UnixStream>,
    thread: Mutex<Option<JoinHandle<()>>>,
    /// The host queues of the run, when it has some.
    desk: Option<Desk>,
}

/// Starts a run on a thread of its own.
///
/// # Errors
/// When the system refuses what a run needs.
pub fn start(graph: &Graph, options: Options, observer: Box<dyn Observer + Send>) -> io::Result<Handle> {
    let packed = travel::pack(graph)?;
    if options.raise_descriptor_limit {
        os::process::raise_descriptor_limit();
    }
    let (commands, control) = UnixStream::pair()?;
    if options.handle_signals {
        os::signals::tell(control.try_clone()?)?;
    }
    let shared = Arc::new(Shared::default());
    let (started, has_started) = sync_channel(1);
    let (host_socket, socket) = UnixStream::pair()?;
    let leftovers = Arc::new(Leftovers::default());
    let desk = Desk::of(graph, socket, leftovers.clone());
    let hosted = (desk.is_some().then_some(host_socket), leftovers);
    let theirs = shared.clone();
    let thread = std::thread::Builder::new().name("supervisor".to_owned()).spawn(move || {
        let over = Over(theirs);
        let result = supervise(packed, options, observer, (commands, over.0.clone(), hosted), &started);
        over.0.over(result.map_err(|error| super::explain(&error)));
    })?;
    match has_started.recv() {
        Ok(Ok(())) => {}
        Ok(Err(error)) => return Err(error),
        Err(_) => return Err(io::Error::other("the supervisor's thread ended at once")),
    }
    Ok(Handle { shared, control: Mutex::new(control), thread: Mutex::new(Some(thread)), desk })
}

/// Whoever waits goes on, also when the supervisor panics.
struct Over(Arc<Shared>);

impl Drop for Over {
    fn drop(&mut self) {
        self.0.over(Err("the supervisor has panicked".to_owned()));
    }
}

/// The supervisor's side of the host queues.
type Hosted = (Option<UnixStream>, Arc<Leftovers>);

/// The life of the supervisor's thread.
fn supervise(
    packed: Packed,
    options: Options,
    mut observer: Box<dyn Observer + Send>,
    (commands, shared, (host, leftovers)): (UnixStream, Arc<Shared>, Hosted),
    started: &SyncSender<io::Result<()>>,
) -> io::Result<Outcome> {
    let told = |result: io::Result<()>| {
        // Who started it waits for this.
        let _ = started.send(result);
    };
    let prepared = packed.unpack().and_then(|graph| Ok((graph, UnixStream::pair()?)));
    let (graph, (ours, theirs)) = match prepared {
        Ok(prepared) => prepared,
        Err(error) => {
            told(Err(error));
            return Err(io::Error::other("the run was not started"));
        }
    };
    let transports = choices(&graph, options.transports).into_iter().map(|choice| choice.transport).collect();
    let stop_main = Arc::new(AtomicBool::new(false));
    let setup = Setup {
        observer: &mut *observer,
        transports,
        prefix: options.prefix,
        sink: options.sink,
        main: graph.main.filter(|_| !options.main_apart).map(|_| ours),
        commands: Some(commands),
        pictures: Some(shared),
        host,
        limits: options.limits,
        bounds: options.bounds,
        look_every: options.look_every,
        leftovers,
        stop_main: stop_main.clone(),
        guarded: options.guarded,
        start: options.start,
        listener: if options.listen { watch::Listener::open().ok() } else { None },
    };
    let begun = Supervisor::new(&graph, setup).and_then(|supervisor| {
        if graph.main.is_some() && !options.main_apart {
            run_main(theirs, stop_main.clone())?;
        }
        Ok(supervisor)
    });
    let outcome = match begun {
        Ok(supervisor) => {
            told(Ok(()));
            supervisor.run()
        }
        Err(error) => {
            told(Err(error));
            Err(io::Error::other("the run was not started"))
        }
    };
    stop_main.store(true, Ordering::Relaxed);
    outcome
}

/// Starts main's body. It is not joined: a body that does not come back from a system call must not hold up the end
/// of the run.
pub(super) fn run_main(socket: UnixStream, stop: Arc<AtomicBool>) -> io::Result<()> {
    std::thread::Builder::new()
        .name("main".to_owned())
        .spawn(move || worker::run_main(socket, stop))
        .map(drop)
}

impl Handle {
    /// The host queues of the run, when it has some.
    pub fn desk(&self) -> Option<&Desk> {
        self.desk.as_ref()
    }

    /// Waits for the end of the run; what went wrong in the runtime itself is a text. Ends of host queues that were not
    /// taken are given up.
    pub fn wait(&self) -> Result<Outcome, String> {
        self.desk.iter().for_each(Desk::give_up);
        let mut now = lock(&self.shared.now);
        loop {
            match &now.outcome {
                Some(outcome) => return outcome.clone(),
                None => now = wait(&self.shared.changed, now),
            }
        }
    }

    /// The same for so long; `None`: it is still going on.
    pub fn wait_timeout(&self, time: Duration) -> Option<Result<Outcome, String>> {
        self.desk.iter().for_each(Desk::give_up);
        let deadline = Instant::now().checked_add(time);
        let mut now = lock(&self.shared.now);
        while now.outcome.is_none() {
            let Some(deadline) = deadline else {
                now = wait(&self.shared.changed, now);
                continue;
            };
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            now = self.shared.changed.wait_timeout(now, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        now.outcome.clone()
    }

    /// How the run is going; `None` when it is over.
    pub fn picture(&self) -> Option<RunNow> {
        let before = lock(&self.shared.now).pictures;
        self.command(Command::Picture);
        let mut now = lock(&self.shared.now);
        while now.outcome.is_none() && now.pictures == before {
            now = wait(&self.shared.changed, now);
        }
        if now.outcome.is_some() { None } else { now.picture.clone() }
    }

    /// Tells the supervisor something; a run that is over needs no word.
    pub fn command(&self, command: Command) {
        let _ = lock(&self.control).write_all(&[command as u8]);
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.command(Command::Kill);
        if let Some(thread) = lock(&self.thread).take() {
            // A panic of it was told by the outcome.
            let _ = thread.join();
        }
    }
}

fn wait<'a>(changed: &Condvar, now: MutexGuard<'a, Now>) -> MutexGuard<'a, Now> {
    changed.wait(now).unwrap_or_else(PoisonError::into_inner)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
