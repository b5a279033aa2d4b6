//! Pools: queues and worker processes that a body makes for itself. Its workers are jobs of the run; one that
//! ends is replaced as long as the pool may have work. What it had in hand goes back by the rules of joinable
//! queues: one more worker gets it, then it goes to the pool's results, as a dead letter.

use super::Supervisor;
use super::asks::refused;
use super::job::{Ends, Job, State};
use super::limits;
use super::queue_state::QueueState;
use crate::ast::{Order, QueueFlavour, WhenFull};
use crate::diagnostic::words;
use crate::graph::plan::Transport;
use crate::graph::{Capacity, Policy, Queue, QueueId};
use crate::observe::Event;
use crate::runtime::connection::Item;
use crate::runtime::os::process::Exit;
use crate::runtime::{parcel, reports};
use crate::script::Circumstances;
use crate::source::{SourceId, Span};
use crate::value::Value;
use crate::wire::message::{Answer, Parcel, Report, Role};
use rustix::fd::OwnedFd;
use std::io;

/// So many workers in a row may end before they have begun; then there is no point in another one.
const VAIN_STARTS_MAX: u32 = 3;
/// A body that asks for more has lost its mind.
const WORKERS_MAX: u32 = 4096;
/// Of the tasks that wait, a worker takes one share of so many for each.
const SHARES: u32 = 2;
/// What takes a worker down takes the next one too; a third would learn nothing new.
const REDELIVER: u32 = 1;

/// A pool, as long as the run goes on.
pub struct Pool {
    name: String,
    owner: u32,
    tasks: u32,
    results: u32,
    initializer: Option<Item>,
    max_tasks: Option<u64>,
    /// Its workers have the surroundings and limits of its owner.
    circumstances: Circumstances,
    /// How many workers it has at a time.
    size: u32,
    /// How many workers it has had.
    workers: u32,
    /// How many of the last ones ended before they had begun.
    vain_starts: u32,
    /// It gets no more workers.
    is_over: bool,
}

impl Pool {
    /// The job that it belongs to.
    #[must_use]
    pub fn owner(&self) -> u32 {
        self.owner
    }
}

impl Supervisor<'_> {
    /// Makes a pool for a job, which may put tasks and takes results.
    pub(super) fn make_pool(
        &mut self,
        owner: u32,
        workers: u32,
        (initializer, circumstances): (Option<Parcel>, Parcel),
        max_tasks: Option<u64>,
    ) -> Answer {
        let initializer = match initializer.map(|parcel| self.open(owner, parcel)) {
            None => None,
            Some(Some(item)) => Some(item),
            Some(None) => return Answer::Stopped {},
        };
        let Some(circumstances) = self.circumstances_of_pool(owner, circumstances) else {
            return Answer::Stopped {};
        };
        if self.job(owner).daemon {
            return refused("Process", "a daemon may not start processes");
        }
        if self.stop.is_stopping() {
            return Answer::Stopped {};
        }
        let name = format!("pool-{}", self.pools.len() + 1);
        let results = self.add_queue(format!("{name} results"), None);
        let tasks = self.add_queue(format!("{name} tasks"), Some(results));
        let ends = &mut self.job_mut(owner).ends;
        ends.puts.insert(tasks);
        ends.takes.insert(results);
        let pool = Pool {
            name: name.clone(),
            owner,
            tasks,
            results,
            initializer,
            max_tasks,
            circumstances,
            size: workers.min(WORKERS_MAX),
            workers: 0,
            vain_starts: 0,
            is_over: false,
        };
        self.pools.push(pool);
        for _ in 0..workers.min(WORKERS_MAX) {
            self.add_worker(self.pools.len() - 1);
        }
        Answer::PoolMade { name, tasks, results }
    }

    /// Where the owner says that it runs. It cannot talk its workers out of its confinement.
    fn circumstances_of_pool(&mut self, owner: u32, parcel: Parcel) -> Option<Circumstances> {
        let item = self.open(owner, parcel)?;
        let told = parcel::unpack(item).ok().and_then(|value| Circumstances::from_value(&value));
        let Some(mut circumstances) = told else {
            self.misbehaved(owner, "it asked for a pool nowhere");
            return None;
        };
        let host = self.job(owner).host.unwrap_or(owner);
        circumstances.confinement.clone_from(&self.job(host).circumstances.confinement);
        Some(circumstances)
    }

    /// Adds a queue that nobody holds yet; one with dead letters is joinable.
    fn add_queue(&mut self, name: String, dead_letter: Option<u32>) -> u32 {
        let id = self.queues.len() as u32;
        let queue = Queue {
            name,
            docs: Vec::new(),
            flavour: if dead_letter.is_some() { QueueFlavour::Joinable } else { QueueFlavour::Plain },
            item_type: None,
            capacity: Capacity::Unbounded,
            order: Order::Fifo,
            when_full: WhenFull::Wait,
            redeliver: REDELIVER,
            dead_letter: dead_letter.map(QueueId),
            span: Span::new(SourceId(0), 0, 0),
        };
        let mut state = QueueState::new(id, &queue, Transport::Broker);
        state.of_pool = true;
        self.queues.push(state);
        if let Some(letters) = dead_letter {
            self.queues[letters as usize].serves.push(id);
        }
        id
    }

    fn add_worker(&mut self, pool: usize) {
        let id = self.jobs.len() as u32;
        let of = &mut self.pools[pool];
        of.workers += 1;
        let mut job = Job::new(id, format!("{}.{}", of.name, of.workers), 0);
        job.parent = Some(of.owner);
        job.pool = Some(pool);
        job.policy = Policy::Ignore;
        job.circumstances = of.circumstances.clone();
        job.ends = Ends { puts: [of.results].into(), takes: [of.tasks].into(), ..Ends::default() };
        self.jobs.push(job);
        self.to_start.push_back(id);
    }

    /// What a worker of a pool is told to do.
    pub(super) fn role_of_worker(&self, pool: usize, descriptors: &mut Vec<OwnedFd>) -> io::Result<Role> {
        let Pool { tasks, results, initializer, max_tasks, .. } = &self.pools[pool];
        let initializer = initializer.clone().map(|item| item.into_parcel(descriptors)).transpose()?;
        Ok(Role::PoolWorker { tasks: *tasks, results: *results, initializer, max_tasks: *max_tasks })
    }

    /// A worker takes tasks from now on.
    pub(super) fn worker_begins(&mut self, id: u32) {
        let now = self.now;
        let job = self.job_mut(id);
        if let (State::Ready, Some(pool)) = (job.state, job.pool) {
            (job.state, job.since) = (State::Running, now);
            self.pools[pool].vain_starts = 0;
        }
    }

    /// How many of the items that it asks for a job may have: of tasks, no worker takes those that others might begin.
    pub(super) fn share_of_tasks(&self, id: u32, queue: u32, count: u32) -> u32 {
        let Some(pool) = self.job(id).pool else { return count };
        let shares = self.pools[pool].size.saturating_mul(SHARES);
        let waiting = u32::try_from(self.queues[queue as usize].len()).unwrap_or(u32::MAX);
        count.min((waiting / shares.max(1)).max(1))
    }

    /// A worker is gone. It was at the first of the tasks that it had: the others are as they were, as nobody has begun
    /// them.
    pub(super) fn take_back_tasks(&mut self, id: u32) {
        let Some(pool) = self.job(id).pool else { return };
        let machine = &mut self.queues[self.pools[pool].tasks as usize].machine;
        let others: Vec<u64> = machine.leases_of(id).skip(1).collect();
        machine.untake(id, &others);
        self.job_mut(id).not_taken(others.len());
    }

    /// The system did not give a process.
    pub(super) fn worker_not_started(&mut self, id: u32, pool: usize, error: &io::Error) {
        if let Some(child) = &self.job(id).child {
            child.kill();
        }
        let message = limits::explain(error);
        let kind = "Process".to_owned();
        self.job_mut(id).report = Some(Report { kind, message, place: None, trace: Vec::new() });
        self.worker_ended(id, pool, 0, Exit::Code(1));
    }

    /// A worker has ended: another takes its place, if there can be anything to do for it.
    pub(super) fn worker_ended(&mut self, id: u32, pool: usize, pid: u32, exit: Exit) {
        let job = self.job(id);
        let (name, report) = (job.name.clone(), job.report.clone());
        let (in_vain, told_to_end) = (job.state != State::Running, job.told_to_end);
        self.over(id, State::Ended(exit));
        let has_work = self.queues[self.pools[pool].tasks as usize].end.is_none();
        if self.stop.is_stopping() || self.pools[pool].is_over || !has_work {
            return;
        }
        if in_vain && !told_to_end {
            self.pools[pool].vain_starts += 1;
            if self.pools[pool].vain_starts == VAIN_STARTS_MAX {
                return self.pool_is_broken(pool, report, exit);
            }
        } else if exit != Exit::Code(0) && !told_to_end {
            self.observer.event(&Event::Replaced { name, pid, exit: exit.code() });
        }
        self.add_worker(pool);
    }

    /// No worker can begin: whoever waits for results is told why.
    fn pool_is_broken(&mut self, pool: usize, report: Option<Report>, exit: Exit) {
        let Pool { name, results, initializer, .. } = &self.pools[pool];
        let (results, times) = (*results, VAIN_STARTS_MAX);
        let (kind, what) = match initializer {
            Some(_) => ("Initializer", format!("the initializer of `{name}` failed {times} times")),
            None => ("Process", format!("{times} workers of `{name}` ended before they began")),
        };
        let how = match &report {
            Some(report) => report.message.clone(),
            None => format!("the last one {}", words::ended(exit.code())),
        };
        let (place, trace) = report.map_or((None, Vec::new()), |report| (report.place, report.trace));
        let report = Report { kind: kind.to_owned(), message: format!("{what}: {how}"), place, trace };
        let letter = Value::map([("broken", reports::to_value(&report))]);
        if let Ok(letter) = super::launch::encode(&letter) {
            self.queues[results as usize].put_beyond(letter);
        }
        self.end_workers(pool);
        let served = self.serve_queue(results);
        debug_assert!(served.is_ok(), "a short letter needs no system call");
    }

    /// Ends a pool of this job.
    pub(super) fn end_pool(&mut self, owner: u32, tasks: u32) {
        let pool = self.pools.iter().position(|pool| pool.tasks == tasks && pool.owner == owner);
        if let Some(pool) = pool {
            self.end_workers(pool);
        }
    }

    /// A process did not come to its end: nobody wants what the workers of its pools are at. One that did has given
    /// them what it wanted done; they end after that.
    pub(super) fn owner_failed(&mut self, owner: u32) {
        for pool in 0..self.pools.len() {
            if self.pools[pool].owner == owner && !self.pools[pool].is_over {
                self.end_workers(pool);
            }
        }
    }

    fn end_workers(&mut self, pool: usize) {
        self.pools[pool].is_over = true;
        for id in 0..self.jobs.len() as u32 {
            if self.job(id).pool == Some(pool) && !self.job(id).is_over() {
                self.signal_from_script(id, false);
            }
        }
    }
}
