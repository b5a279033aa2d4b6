//! The supervisor: one loop, one owner of all state. It starts the processes of a graph, serves their queues,
//! and watches until the last has ended. It never runs user code and never waits for a single worker.
//!
//! Everything that happens comes in through [`Supervisor::turn`]: a message of a worker, the end of a child,
//! a timer, a signal. What follows from it is settled before the next wait.

mod ahead;
mod arrivals;
mod asks;
mod blocks;
mod callers;
mod confirm;
mod ending;
mod hosted;
mod job;
mod keys;
mod last_words;
mod launch;
mod limits;
mod lines;
mod listeners;
mod lists;
mod locals;
mod looks;
mod outcome;
mod output;
mod picture;
mod pools;
mod programs;
mod queue_state;
mod queues;
mod returns;
mod rings;
mod setup;
mod several;
mod shared;
mod stop;
mod stored;
mod threads;
mod timers;
mod waits;
mod watch;

use super::connection::{Connection, Item, new_buffer};
use super::handle::Shared as Pictures;
use super::hooks::{self, Point};
use super::hosted::Leftovers;
use super::os::poll::{Interest, Poll, Ready};
use super::os::socket::Read;
use super::{Limits, Outcome};
use crate::graph::Graph;
use crate::observe::{Event, Observer};
use crate::script::Confinement;
use crate::wire::message::{Answer, Ask, Reply, Request};
use callers::Callers;
use job::{Job, MAIN, State};
use keys::{
    KEY_CALLERS, KEY_CHILD, KEY_COMMAND, KEY_CONNECTION, KEY_OUTPUT, KEY_WORDS, KEY_ZYGOTE, id_of, key,
    kind_of,
};
pub use limits::explain;
use output::Output;
pub use output::{Colour, Sink};
use queue_state::QueueState;
use rustix::fd::OwnedFd;
pub use setup::Setup;
use shared::SharedObject;
use std::collections::HashMap;
use std::io;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};
use stop::Stop;
use timers::{Due, Timers};
use watch::Watch;

/// Children are started in portions, so that those which run are served meanwhile.
const STARTS_A_TURN: usize = 16;

/// All state of a run.
pub struct Supervisor<'a> {
    graph: &'a Graph,
    observer: &'a mut dyn Observer,
    /// The script's unit, encoded once for all workers.
    unit: Item,
    poll: Poll,
    /// What all connections read into.
    buffer: Box<[u8]>,
    timers: Timers,
    began: Instant,
    /// When the loop woke up last: a clock that costs nothing.
    now: Instant,
    callers: Callers,
    output: Output,
    output_watched: bool,
    /// Lines that have no place in the output yet.
    lines: Vec<lines::Line>,
    commands: Option<UnixStream>,
    pictures: Option<Arc<Pictures>>,
    /// The job of the program around the run, when it holds ends of queues.
    host_job: Option<u32>,
    leftovers: Arc<Leftovers>,
    limits: Limits,
    /// What processes may reach at most.
    bounds: Option<Confinement>,
    stored: stored::Stored,
    looks: Option<looks::Looks>,
    stop_main: Arc<AtomicBool>,
    /// By id: main first, then the nodes of the graph, then those that bodies start.
    jobs: Vec<Job>,
    queues: Vec<QueueState>,
    locals: std::collections::BTreeMap<locals::LocalId, locals::Local>,
    pools: Vec<pools::Pool>,
    shared: Vec<SharedObject>,
    /// Main's control socket until it is told to begin.
    main: Option<UnixStream>,
    /// Jobs that may be started now, in order.
    to_start: std::collections::VecDeque<u32>,
    lists: lists::Lists,
    /// Children that have ended, but whose output is not out yet.
    leaving: Vec<u32>,
    /// Connections with something to send.
    unsent: Vec<u32>,
    /// The next number of an unnamed process, by template.
    numbers: HashMap<String, u32>,
    waits: u64,
    /// The number that was given out last to one who uses rings.
    users: u32,
    /// Questions about what is there now: answered when everything said before them has been heard.
    deferred: Vec<(u32, Request)>,
    /// Requests for processes while the zygote is not ready.
    held: Vec<(u32, Request)>,
    /// Somebody ended or closed something: see at once which streams have ended.
    changed: bool,
    /// With it streams may have ended, or somebody may be stuck.
    unjudged: bool,
    /// A timer to find out who is stuck is set.
    judge_due: bool,
    suspicion: confirm::Suspicion,
    stop: Stop,
    watch: Watch,
    /// The status that `exit` or a failure gave the run.
    main_exit: Option<u8>,
    main_failed: bool,
}

impl<'a> Supervisor<'a> {
    /// A run that has not begun.
    ///
    /// # Errors
    /// When the system refuses a descriptor.
    pub fn new(graph: &'a Graph, setup: Setup<'a>) -> io::Result<Self> {
        let at_once = graph.nodes.iter().filter(|node| node.after.is_empty());
        let feeders = at_once.clone().filter(|node| launch::is_fed(graph, node)).count();
        limits::check_descriptors(at_once.count(), feeders)?;
        let poll = Poll::new()?;
        if let Some(commands) = &setup.commands {
            commands.set_nonblocking(true)?;
            poll.add(commands, KEY_COMMAND, Interest::Read)?;
        }
        let mut supervisor = Supervisor {
            graph,
            observer: setup.observer,
            unit: launch::encode_unit(&graph.unit)?,
            poll,
            buffer: new_buffer(),
            timers: Timers::default(),
            began: Instant::now(),
            now: Instant::now(),
            callers: Callers::new(setup.listener),
            output: Output::new(setup.prefix, setup.sink),
            output_watched: false,
            lines: Vec::new(),
            commands: setup.commands,
            pictures: setup.pictures,
            host_job: None,
            leftovers: setup.leftovers,
            stored: stored::Stored::new(setup.limits.queue_bytes),
            limits: setup.limits,
            bounds: setup.bounds,
            looks: setup.look_every.map(looks::Looks::new),
            stop_main: setup.stop_main,
            jobs: launch::jobs(graph)?,
            queues: queue_state::states(&graph.queues, &setup.transports),
            locals: std::collections::BTreeMap::new(),
            pools: Vec::new(),
            shared: shared::objects(&graph.shared),
            main: setup.main,
            to_start: std::collections::VecDeque::new(),
            lists: lists::Lists::default(),
            leaving: Vec::new(),
            unsent: Vec::new(),
            numbers: launch::first_numbers(graph),
            waits: 0,
            users: 0,
            deferred: Vec::new(),
            held: Vec::new(),
            changed: true,
            unjudged: true,
            judge_due: false,
            suspicion: confirm::Suspicion::default(),
            stop: Stop::default(),
            watch: Watch::new(setup.guarded, setup.start),
            main_exit: None,
            main_failed: false,
        };
        (1..supervisor.jobs.len() as u32).for_each(|id| supervisor.listen(id));
        if !graph.nodes.is_empty() {
            supervisor.call_zygote();
        }
        supervisor.open_to_callers()?;
        supervisor.first_to_start();
        supervisor.add_host(setup.host)?;
        supervisor.limit_time();
        supervisor.look_later();
        Ok(supervisor)
    }

    /// Runs the graph to its end.
    ///
    /// # Errors
    /// When the system fails us in a way that no process is to blame for; the children are killed then.
    pub fn run(mut self) -> io::Result<Outcome> {
        let result = self.watch();
        if result.is_err() {
            self.kill_all();
        }
        result?;
        self.place_all_lines();
        self.leave_to_host(&self.leftovers.clone());
        // Nobody is answered any more.
        self.callers = Callers::default();
        self.watch.kill_strays();
        // Who was asked from outside to end has the time of grace for what is still to be written.
        let patience = |stop: &Stop| stop.is_from_outside().then_some(stop::KILL_GRACE);
        while !self.output.drain(self.commands.as_ref(), patience(&self.stop))? {
            self.commanded()?;
            if self.stop.is_from_outside() {
                self.output.abandon();
            }
        }
        self.report_output_failure();
        self.report_drops();
        Ok(self.outcome())
    }

    fn watch(&mut self) -> io::Result<()> {
        let mut ready = Vec::new();
        loop {
            self.settle()?;
            if self.is_finished() {
                return Ok(());
            }
            let nothing_to_start = self.to_start.is_empty() || self.watch.is_awaited();
            let timeout = if nothing_to_start && !self.can_place_lines() {
                self.timers.next_in(Instant::now())
            } else {
                Some(Duration::ZERO)
            };
            self.poll.wait(timeout, &mut ready)?;
            self.now = Instant::now();
            for &event in &ready {
                self.turn(event)?;
            }
            self.place_lines(&mut ready)?;
            self.answer_deferred(&mut ready)?;
            while let Some(due) = self.timers.pop(Instant::now()) {
                self.fire(due)?;
            }
        }
    }

    fn turn(&mut self, event: Ready) -> io::Result<()> {
        let id = id_of(event.key);
        match kind_of(event.key) {
            KEY_CONNECTION => {
                if event.readable {
                    self.read(id)?;
                }
                if event.writable {
                    self.send(id)?;
                }
                Ok(())
            }
            KEY_CHILD => self.child_ended(id),
            KEY_ZYGOTE if id == 0 => self.zygote_ended(),
            KEY_ZYGOTE => self.zygote_ready(),
            KEY_WORDS => self.pass_on_words(id),
            KEY_OUTPUT => Ok(()),
            KEY_CALLERS => self.called(id),
            _ => self.commanded(),
        }
    }

    fn fire(&mut self, due: Due) -> io::Result<()> {
        match due {
            Due::Wait { job, wait } => self.wait_over(job, wait),
            Due::Limit { job, attempt } => self.limit_reached(job, attempt),
            Due::LimitKill { job, attempt } => self.limit_kill(job, attempt),
            Due::Restart { job, attempt } => self.restart(job, attempt),
            Due::DaemonGrace => self.terminate_daemons(),
            Due::KillGrace => self.kill_all(),
            Due::Room { queue } => self.room_overdue(queue)?,
            Due::Ring { queue } => self.look_at_ring(queue)?,
            Due::Blocks { queue } => self.look_at_blocks(queue),
            Due::Caller { number } => self.drop_caller(number)?,
            Due::Listen => self.listen_again()?,
            Due::RunLimit => self.stop_for_time(),
            Due::Look => self.look_around(),
            Due::Zygote { called } => self.zygote_overdue(called)?,
            Due::Judge => {
                self.judge_due = false;
                self.judge();
            }
        }
        Ok(())
    }

    /// Does what follows from the last turn, until nothing more follows.
    fn settle(&mut self) -> io::Result<()> {
        self.flush_output()?;
        loop {
            if std::mem::take(&mut self.changed) {
                self.serve_held_up()?;
                self.start_those_after();
                if std::mem::take(&mut self.unjudged) {
                    self.judge();
                }
                self.drop_restarts();
                self.answer_any_waits();
                self.begin_the_end();
                continue;
            }
            break;
        }
        for _ in 0..STARTS_A_TURN {
            if self.to_start.is_empty() || self.is_zygote_awaited() {
                break;
            }
            let Some(id) = self.to_start.pop_front() else { break };
            self.start_job(id)?;
        }
        if self.main.is_some() && !self.watch.is_awaited() {
            self.launch_main()?;
        }
        for id in std::mem::take(&mut self.unsent) {
            self.send(id)?;
        }
        if self.changed {
            self.settle()?;
        }
        Ok(())
    }

    /// Reads what a worker says, and does it.
    fn read(&mut self, id: u32) -> io::Result<()> {
        if self.output.is_crowded() && !self.job(id).paused {
            self.job_mut(id).paused = true;
            return self.watch_connection(id);
        }
        let Some(connection) = self.jobs[id as usize].connection.as_mut() else { return Ok(()) };
        let read = connection.read_by(&mut self.buffer);
        self.serve(id)?;
        match read {
            Ok(Read::Bytes(_) | Read::Nothing) => Ok(()),
            // Broken is as good as ended: the child's exit tells the rest.
            Ok(Read::End) | Err(_) => self.connection_ended(id),
        }
    }

    /// Hears everything that was said before, then answers questions about what is there now. Without this a
    /// put that had returned could still be on its way when another process, told of it by a file, looks.
    fn answer_deferred(&mut self, ready: &mut Vec<Ready>) -> io::Result<()> {
        if self.deferred.is_empty() {
            return Ok(());
        }
        self.poll.wait(Some(Duration::ZERO), ready)?;
        for &event in ready.iter().filter(|event| kind_of(event.key) == KEY_CONNECTION) {
            self.turn(event)?;
        }
        for (id, request) in std::mem::take(&mut self.deferred) {
            self.ask_now(id, request)?;
        }
        Ok(())
    }

    /// Does what the whole messages that were read ask for.
    fn serve(&mut self, id: u32) -> io::Result<()> {
        while let Some(connection) = self.job_mut(id).connection.as_mut() {
            match connection.next::<Request>() {
                Ok(Some(request)) => {
                    self.job_mut(id).messages += u64::from(request.ask != Ask::StillWaits {});
                    self.ask(id, request)?;
                }
                Ok(None) => break,
                Err(error) => {
                    self.misbehaved(id, &error.to_string());
                    break;
                }
            }
        }
        Ok(())
    }

    /// A worker that breaks the protocol is ended: its memory is not to be trusted.
    fn misbehaved(&mut self, id: u32, what: &str) {
        let process = self.job(id).host.unwrap_or(id);
        let (name, pid) = (self.job(process).name.clone(), self.job(process).pid());
        self.observer.event(&Event::Misbehaved { name, pid, what: what.to_owned() });
        self.job_mut(id).connection = None;
        match &self.job(process).child {
            Some(child) => child.kill(),
            None if process == MAIN => self.main_gone(),
            None => {}
        }
    }

    fn connection_ended(&mut self, id: u32) -> io::Result<()> {
        let Some(connection) = self.job_mut(id).connection.take() else { return Ok(()) };
        // One that a process has sent may be open there too.
        self.poll.remove(connection.stream())?;
        // Of one that is a process of its own, its end tells the rest.
        if id == MAIN && self.job(MAIN).child.is_none() {
            self.main_gone();
        }
        if self.is_hosted(self.job(id)) {
            // The program has dropped the end.
            return self.thread_ended(id, 0);
        }
        // A thread that goes without a word goes with its process, whose end tells the rest.
        Ok(())
    }

    /// Queues an answer; it is sent when the turn is settled.
    fn answer(&mut self, id: u32, number: u32, answer: Answer, descriptors: Vec<OwnedFd>) {
        if let Some(connection) = self.job_mut(id).connection.as_mut() {
            connection.queue(&Reply { number, answer }, descriptors);
            self.unsent.push(id);
        }
    }

    fn send(&mut self, id: u32) -> io::Result<()> {
        let Some(connection) = self.job_mut(id).connection.as_mut() else { return Ok(()) };
        match connection.flush() {
            Ok(_) => self.watch_connection(id),
            // It died; its exit tells the rest.
            Err(_) => self.connection_ended(id),
        }
    }

    /// Watches a connection for what matters now.
    fn watch_connection(&mut self, id: u32) -> io::Result<()> {
        let paused = self.job(id).paused;
        let Some(connection) = self.jobs[id as usize].connection.as_mut() else { return Ok(()) };
        let interest = match (paused || connection.is_clogged(), connection.has_unsent()) {
            (false, false) => Interest::Read,
            (false, true) => Interest::Both,
            (true, true) => Interest::Write,
            (true, false) => Interest::Nothing,
        };
        if connection.interest != interest {
            connection.interest = interest;
            self.poll.change(connection.stream(), key(id, KEY_CONNECTION), interest)?;
        }
        Ok(())
    }

    /// A test may have a process killed here.
    fn reach(&self, point: Point, id: u32) {
        let process = self.job(self.job(id).host.unwrap_or(id));
        hooks::reach_of(point, &process.name, process.child.as_ref());
    }

    fn job(&self, id: u32) -> &Job {
        &self.jobs[id as usize]
    }

    fn job_mut(&mut self, id: u32) -> &mut Job {
        &mut self.jobs[id as usize]
    }

    /// Adds a connection to the loop.
    fn connect(&mut self, id: u32, mut connection: Connection) -> io::Result<()> {
        connection.interest = if connection.has_unsent() { Interest::Both } else { Interest::Read };
        self.poll.add(connection.stream(), key(id, KEY_CONNECTION), connection.interest)?;
        self.job_mut(id).connection = Some(connection);
        Ok(())
    }

    fn is_started(state: State) -> bool {
        matches!(state, State::Ready | State::Running)
    }
}
