//! One process while it is supervised: its states, what it holds, what it waits for.

use super::arrivals::OnTheWay;
use super::last_words::LastWords;
use super::locals::{LocalEnds, LocalId, PassedEnds};
use crate::graph::Policy;
use crate::runtime::connection::{Connection, Item};
use crate::runtime::os::process::{Child, Exit};
use crate::runtime::transport::page::Page;
use crate::script::Circumstances;
use crate::wire::local::{LocalOn, is_local};
use crate::wire::message::Report;
use std::collections::{BTreeSet, VecDeque};
use std::rc::Rc;
use std::time::Instant;

/// The job of main's body, which runs in this process.
pub const MAIN: u32 = 0;

/// Where a job stands. A restart goes back from `Due` to `Ready`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Not started yet: it comes after others, or is waiting for its turn to be started.
    Pending,
    /// Started; whether its body has begun, [`Job::state_now`] tells.
    Ready,
    /// Its body runs; [`Job::wait`] tells whether it waits.
    Running,
    /// It failed and is to be started again.
    RestartDue,
    Ended(Exit),
    /// It was never started, since what it comes after did not end with success.
    Skipped,
}

/// What a parameter is bound to.
#[derive(Clone, Debug)]
pub enum Argument {
    Data(Item),
    Queue(u32),
    Queues(Vec<u32>),
    Shared(u32),
}

/// A request that is not answered yet.
#[derive(Debug)]
pub struct Wait {
    /// Tells this wait from the ones before it, for its timer.
    pub id: u64,
    /// The number that the answer carries.
    pub number: u32,
    /// Source and line.
    pub at: (u32, u32),
    pub on: WaitOn,
    pub timed: bool,
}

/// What a get asks for.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    pub queue: u32,
    pub count: u32,
    /// More may be given ahead.
    pub ahead: bool,
}

#[derive(Debug)]
pub enum WaitOn {
    Put {
        queue: u32,
        items: VecDeque<Item>,
        accepted: u32,
    },
    Get(Wanted),
    Drain {
        queue: u32,
    },
    Join {
        process: u32,
    },
    /// A lock, a semaphore, an event or a barrier.
    Shared {
        shared: u32,
    },
    Any {
        processes: Vec<u32>,
        queues: Vec<u32>,
        /// Queues between the threads of its process, each with the time of its clock.
        locals: Vec<(LocalId, u64)>,
    },
    Sleep,
    /// At a queue or cell between the threads of its process.
    Local {
        local: LocalId,
        on: LocalOn,
        seen: u64,
    },
}

impl WaitOn {
    /// Since which time of its clock this waits for a queue or cell within a process.
    pub fn since(&self, local: LocalId) -> Option<u64> {
        match self {
            WaitOn::Local { local: other, seen, .. } => (*other == local).then_some(*seen),
            WaitOn::Any { locals, .. } => {
                locals.iter().find(|(other, _)| *other == local).map(|(_, seen)| *seen)
            }
            _ => None,
        }
    }
}

/// The ends of queues that a job holds.
#[derive(Clone, Debug, Default)]
pub struct Ends {
    /// May put, as declared; a restart has them again.
    pub puts: BTreeSet<u32>,
    pub takes: BTreeSet<u32>,
    /// Closed by the body.
    pub closed: BTreeSet<u32>,
}

impl Ends {
    /// The queues that it can still put into.
    pub fn open(&self) -> impl Iterator<Item = u32> {
        self.puts.difference(&self.closed).copied()
    }
}

/// A process of the run.
pub struct Job {
    pub id: u32,
    pub name: String,
    pub template: u32,
    /// The job that started it; `None` for those of the graph and for main.
    pub parent: Option<u32>,
    /// Of a worker of a pool: the index of the pool.
    pub pool: Option<usize>,
    /// Of a thread: the job of the process that it runs in.
    pub host: Option<u32>,
    /// Of a process: its threads, also those that are over.
    pub threads: Vec<u32>,
    /// The pid of that process.
    pub host_pid: u32,
    /// Its body is over, and it only waits for its threads.
    pub body_over: bool,
    /// Of a thread: its ends were handed over to it, and fall back to its process.
    pub borrows: bool,
    pub daemon: bool,
    pub policy: Policy,
    pub timeout_ms: Option<u64>,
    pub circumstances: Circumstances,
    pub arguments: Vec<(String, Argument)>,
    /// The shared objects that it can reach.
    pub shares: Vec<u32>,
    /// Jobs that must have ended with success before it starts.
    pub after: Vec<u32>,
    pub state: State,
    pub ends: Ends,
    /// Queues between the threads of its process.
    pub locals: LocalEnds,
    /// Of a process: ends that all its threads hold.
    pub passed: PassedEnds,
    pub connection: Option<Connection>,
    pub child: Option<Child>,
    /// What it writes to standard error.
    pub last_words: Option<LastWords>,
    /// Its number for locks of rings, another one for each attempt.
    pub user: u32,
    /// What it says of itself.
    pub page: Option<Rc<Page>>,
    /// How many messages of this attempt were heard.
    pub messages: u64,
    /// The rings that it, or a thread of it, has asked for.
    pub rings: BTreeSet<u32>,
    /// Lines of it that have no place in the output yet.
    pub lines: usize,
    pub wait: Option<Wait>,
    /// What it was given last, if that may not have arrived.
    pub on_the_way: Option<OnTheWay>,
    /// The program that it runs now, and waits for.
    pub program: Option<String>,
    /// Its last uncaught error.
    pub report: Option<Report>,
    /// How often it was started.
    pub attempts: u32,
    /// How its last attempt ended.
    pub last_exit: Option<Exit>,
    /// When its state changed last, or a wait of it began or ended.
    pub since: Instant,
    /// When it said or asked something last, and where in the script: source and line.
    pub heard: Instant,
    pub at: (u32, u32),
    /// Items that were handed to it, but for those which its page tells of; of all attempts.
    pub handed: u64,
    /// Items that were accepted of it, but for those which its page tells of.
    pub accepted: u64,
    /// The script itself ended it (`terminate`, `kill`), or the run is stopping: it has not failed.
    pub told_to_end: bool,
    /// Its time limit ended it.
    pub timed_out: bool,
    /// It failed, under whatever policy.
    pub failed: bool,
    /// Main has joined it.
    pub joined_by_main: bool,
    /// Output up to this mark is its.
    pub output_mark: u64,
    /// Its socket is not read until the output is less crowded.
    pub paused: bool,
}

impl Job {
    /// A job that is not started yet.
    #[must_use]
    pub fn new(id: u32, name: String, template: u32) -> Self {
        Job {
            id,
            name,
            template,
            parent: None,
            pool: None,
            host: None,
            threads: Vec::new(),
            host_pid: 0,
            body_over: false,
            borrows: false,
            daemon: false,
            policy: Policy::Continue,
            timeout_ms: None,
            circumstances: Circumstances::default(),
            arguments: Vec::new(),
            shares: Vec::new(),
            after: Vec::new(),
            state: State::Pending,
            ends: Ends::default(),
            locals: LocalEnds::default(),
            passed: PassedEnds::default(),
            connection: None,
            child: None,
            last_words: None,
            user: 0,
            page: None,
            messages: 0,
            rings: BTreeSet::new(),
            lines: 0,
            wait: None,
            on_the_way: None,
            program: None,
            report: None,
            attempts: 0,
            last_exit: None,
            since: Instant::now(),
            heard: Instant::now(),
            at: (0, 0),
            handed: 0,
            accepted: 0,
            told_to_end: false,
            timed_out: false,
            failed: false,
            joined_by_main: false,
            output_mark: 0,
            paused: false,
        }
    }

    /// It holds these ends too.
    pub fn add_ends(&mut self, passed: &PassedEnds) {
        for &queue in &passed.takes {
            let set = if is_local(queue) { &mut self.locals.held } else { &mut self.ends.takes };
            set.insert(queue);
        }
        self.ends.puts.extend(&passed.puts);
    }

    /// Items that it took from queues. Those given ahead count when they are taken.
    #[must_use]
    pub fn items_in(&self) -> u64 {
        self.handed.saturating_add(self.page.as_ref().map_or(0, |page| page.items_in()))
    }

    /// Items that it has put.
    #[must_use]
    pub fn items_out(&self) -> u64 {
        self.accepted.saturating_add(self.page.as_ref().map_or(0, |page| page.items_out()))
    }

    /// What its page tells is known, and it is not looked at any more.
    pub fn close_page(&mut self) {
        (self.handed, self.accepted) = (self.items_in(), self.items_out());
        self.page = None;
    }

    /// So many items that were handed to it go back unseen.
    pub fn not_taken(&mut self, items: usize) {
        self.handed = self.handed.saturating_sub(items as u64);
    }

    /// Where it stands now: that its body has begun is only in its page.
    #[must_use]
    pub fn state_now(&self) -> State {
        match (self.state, &self.page) {
            (State::Ready, Some(page)) if page.has_begun() => State::Running,
            (state, _) => state,
        }
    }

    /// Whether it will do nothing more.
    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(self.state, State::Ended(_) | State::Skipped)
    }

    /// Whether a signal is on its way to it that will end it.
    #[must_use]
    pub fn is_asked_to_end(&self) -> bool {
        (self.told_to_end || self.timed_out) && self.child.is_some()
    }

    #[must_use]
    pub fn succeeded(&self) -> bool {
        self.state == State::Ended(Exit::Code(0))
    }

    #[must_use]
    pub fn pid(&self) -> u32 {
        match &self.child {
            Some(child) => child.pid,
            None if self.id == MAIN => std::process::id(),
            None => self.host_pid,
        }
    }

    /// "created", "ready", "running", "ended"; one that waits runs.
    #[must_use]
    pub fn state_name(&self) -> &'static str {
        match self.state_now() {
            State::Pending | State::RestartDue => "created",
            State::Ready => "ready",
            State::Running => "running",
            State::Ended(_) | State::Skipped => "ended",
        }
    }

    /// 0, a positive code, or minus the signal's number; `None` until it has ended.
    #[must_use]
    pub fn exitcode(&self) -> Option<i64> {
        match self.state {
            State::Ended(exit) => Some(i64::from(exit.code())),
            _ => None,
        }
    }
}
