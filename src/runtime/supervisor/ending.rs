//! Ends of processes: what a dead one leaves behind, and what its policy makes of it. This is the only place
//! where a process ends.

use super::job::{Ends, Job, MAIN, State};
use super::locals::LocalEnds;
use super::queues::shown;
use super::timers::Due;
use super::{KEY_CHILD, Supervisor, key};
use crate::graph::Policy;
use crate::observe::{Event, InHand, Limit, RanInto, Remains, Uncaught};
use crate::runtime::hooks::Point;
use crate::runtime::os::poll::Interest;
use crate::runtime::os::process::Exit;
use crate::runtime::os::socket::Read;
use crate::wire::message::Report;
use std::io;
use std::time::{Duration, Instant};

const SIGABRT: i32 = 6;
const SIGBUS: i32 = 7;
const SIGKILL: i32 = 9;
const SIGSEGV: i32 = 11;
const SIGXCPU: i32 = 24;

/// Backoffs double up to this.
const BACKOFF_MS_MAX: u64 = 5_000;

impl Supervisor<'_> {
    /// A child has ended. What it said before is heard first; it is over when its output is out.
    pub(super) fn child_ended(&mut self, id: u32) -> io::Result<()> {
        self.reach(Point::SeesEnd, id);
        self.hear_out(id)?;
        self.recover(id);
        for thread in self.threads_of(id) {
            self.hear_out(thread)?;
            self.recover(thread);
        }
        self.ends_changed(id);
        self.leaving.push(id);
        self.release_leaving()?;
        if let (true, Some(child)) = (self.leaving.contains(&id), &self.job(id).child) {
            // Its descriptor stays readable: look at it again only when its output is out.
            self.poll.change(child.descriptor(), key(id, KEY_CHILD), Interest::Nothing)?;
        }
        Ok(())
    }

    fn hear_out(&mut self, id: u32) -> io::Result<()> {
        while let Some(connection) = self.jobs[id as usize].connection.as_mut() {
            let read = connection.read_by(&mut self.buffer);
            self.serve(id)?;
            if !matches!(read, Ok(Read::Bytes(_))) {
                break;
            }
        }
        self.connection_ended(id)
    }

    /// Lets those go whose output is out.
    pub(super) fn release_leaving(&mut self) -> io::Result<()> {
        let waiting = std::mem::take(&mut self.leaving);
        for id in waiting {
            let job = self.job(id);
            let with_threads = || job.threads.iter().map(|&thread| self.job(thread)).chain([job]);
            let mark = with_threads().map(|job| job.output_mark).max().unwrap_or_default();
            let waits = with_threads().any(|job| job.lines > 0);
            if !waits && self.output.is_out(mark) {
                self.reap(id)?;
            } else {
                self.leaving.push(id);
            }
        }
        Ok(())
    }

    fn reap(&mut self, id: u32) -> io::Result<()> {
        let Some(child) = self.job_mut(id).child.take() else { return Ok(()) };
        let Some(exit) = child.try_wait()? else {
            // Not yet: look again when the loop says so.
            self.poll.change(child.descriptor(), key(id, KEY_CHILD), Interest::Read)?;
            self.job_mut(id).child = Some(child);
            return Ok(());
        };
        self.poll.remove(child.descriptor())?;
        child.kill_group();
        let pid = child.pid;
        let wait = self.take_wait(id);
        drop(wait);
        let remains = self.remains(id);
        self.give_back_all(id, exit)?;
        self.threads_gone(id, exit)?;
        self.reach(Point::SeesItemsBack, id);
        if id == MAIN {
            self.main_process_ended(pid, exit, remains);
            return Ok(());
        }
        self.ended(id, pid, exit, remains);
        Ok(())
    }

    /// What a process and its threads had in hand, and said last; before its items go back.
    pub(super) fn remains(&mut self, id: u32) -> Remains {
        let last_words = self.take_last_words(id);
        let holders: Vec<u32> = [id].into_iter().chain(self.threads_of(id)).collect();
        let in_hand = self.queues.iter().flat_map(|queue| {
            let of_all = holders.iter().flat_map(|&holder| queue.machine.in_hand(holder));
            of_all.map(|(item, attempt)| InHand {
                queue: queue.name.clone(),
                item: shown(item.clone()),
                attempt,
            })
        });
        Remains { in_hand: in_hand.collect(), last_words }
    }

    /// Applies the policy of a process that has ended.
    pub(super) fn ended(&mut self, id: u32, pid: u32, exit: Exit, remains: Remains) {
        let job = self.job_mut(id);
        (job.program, job.last_exit) = (None, Some(exit));
        if job.host.is_none() {
            let event = Event::Ended { name: job.name.clone(), pid, exit: exit.code() };
            self.observer.event(&event);
        }
        if let Some(pool) = self.job(id).pool {
            return self.worker_ended(id, pool, pid, exit);
        }
        let job = self.job(id);
        // A program may end with 0 when it is told to: its time was over all the same.
        let ended_badly = exit != Exit::Code(0) && !is_dismissed(job, exit);
        let failed = (ended_badly || job.timed_out) && !job.told_to_end && !self.stop.is_stopping();
        if failed {
            let event = self.obituary(job, pid, exit, remains);
            self.observer.event(&event);
            let job = self.job(id);
            match job.policy {
                Policy::Restart { times, backoff_ms } if job.attempts <= times => {
                    if self.has_work(job) {
                        return self.restart_later(id, times, backoff_ms);
                    }
                    let name = job.name.clone();
                    self.observer.event(&Event::RestartDropped { name });
                    // Amid its streams it might have been restarted a moment before they ended. Behind them it was to
                    // make something of what it had taken, which nobody else can.
                    if !self.is_behind_end(id) {
                        return self.over(id, State::Ended(Exit::Code(0)));
                    }
                    self.failed(id);
                }
                _ => self.failed(id),
            }
        }
        self.over(id, State::Ended(exit));
    }

    /// Whether there is anything to be done by a restarted process: a stream that has not ended. It has all of its
    /// ends again then, also those that it had handed over to a thread.
    fn has_work(&self, job: &Job) -> bool {
        let takes = self.declared_ends(job).takes;
        let goes_on = |queue: &u32| {
            let queue = &self.queues[*queue as usize];
            queue.end.is_none() || queue.len_for(job.id) > 0
        };
        takes.is_empty() || takes.iter().any(goes_on)
    }

    /// Whether a process, or a thread of this attempt, was told last that a stream had ended. What a program was about
    /// to do when it failed is not known: it may have been told.
    fn is_behind_end(&self, id: u32) -> bool {
        let since = self.job(id).user;
        let own = |job: &&Job| job.id == id || job.host == Some(id) && job.user > since;
        self.jobs
            .iter()
            .filter(own)
            .any(|job| job.borrows || job.page.as_ref().is_some_and(|page| page.is_behind_end()))
    }

    pub(super) fn declared_ends(&self, job: &Job) -> Ends {
        let template = &self.graph.unit.templates[job.template as usize];
        super::launch::ends(template, &job.arguments)
    }

    fn failed(&mut self, id: u32) {
        self.fail_locals(id);
        self.job_mut(id).failed = true;
        let name = self.job(id).name.clone();
        let open: Vec<u32> = self.job(id).ends.open().collect();
        for queue in open {
            self.queues[queue as usize].failed_by.push(name.clone());
        }
        if matches!(self.job(id).policy, Policy::Stop | Policy::Restart { .. }) {
            self.stop_failed();
        }
    }

    /// A process is over for good: its ends are gone, whoever joined it goes on.
    pub(super) fn over(&mut self, id: u32, state: State) {
        self.desert_barriers(id, state);
        self.ends_changed(id);
        let now = self.now;
        let job = self.job_mut(id);
        job.state = state;
        job.since = now;
        job.ends.closed = job.ends.puts.clone();
        job.locals = LocalEnds::default();
        let took = std::mem::take(&mut job.ends.takes);
        if id != MAIN && state != State::Skipped {
            took.into_iter().for_each(|queue| self.queues[queue as usize].was_taken_from = true);
        }
        self.stop_listening(id);
        if state != State::Ended(Exit::Code(0)) {
            self.owner_failed(id);
        }
        // What threads were told last matters as long as their process may be started again, which main never is.
        if self.job(id).host == Some(MAIN) {
            self.job_mut(id).close_page();
        } else if self.job(id).host.is_none() {
            let threads = std::mem::take(&mut self.job_mut(id).threads);
            threads.into_iter().chain([id]).for_each(|id| self.job_mut(id).close_page());
        }
        self.wake_joiners(id);
    }

    /// Streams may have ended, or somebody may be stuck: to be found out at once.
    pub(super) fn streams_changed(&mut self) {
        (self.changed, self.unjudged) = (true, true);
    }

    /// A job has ended. One that nobody could have waited for but those who join it changes no stream: a thousand of
    /// them are not looked at again for each.
    fn ends_changed(&mut self, id: u32) {
        let job = self.job(id);
        let has_ends = !job.ends.puts.is_empty() || !job.ends.takes.is_empty();
        let is_alone = !has_ends && job.shares.is_empty() && job.host.is_none() && job.pool.is_none();
        if is_alone && job.locals == LocalEnds::default() && id != MAIN {
            self.changed = true;
        } else {
            self.streams_changed();
        }
    }

    /// The first restart comes at once, then after the backoff, doubling.
    fn restart_later(&mut self, id: u32, times: u32, backoff_ms: u64) {
        // It has its ends again, also those that it had closed or handed over to a thread.
        let ends = self.declared_ends(self.job(id));
        self.owner_failed(id);
        let job = &mut self.jobs[id as usize];
        job.state = State::RestartDue;
        job.since = self.now;
        job.ends = ends;
        let attempt = job.attempts;
        let most = BACKOFF_MS_MAX.min(backoff_ms.saturating_mul(64));
        let doubled = backoff_ms.saturating_mul(1 << (attempt.saturating_sub(2)).min(32));
        let in_ms = if attempt == 1 { 0 } else { doubled.min(most) };
        let event = Event::Restarting { name: job.name.clone(), attempt, times, in_ms };
        self.observer.event(&event);
        self.lists.restarts(id);
        self.timers.set(Instant::now() + Duration::from_millis(in_ms), Due::Restart { job: id, attempt });
        self.streams_changed();
    }

    pub(super) fn restart(&mut self, id: u32, attempt: u32) {
        let job = self.job(id);
        if job.state == State::RestartDue && job.attempts == attempt {
            self.to_start.push_back(id);
        }
    }

    /// Drops the restarts that have lost their reason: others have done the rest meanwhile, so nothing has failed.
    pub(super) fn drop_restarts(&mut self) {
        let mut idle = self.restarting();
        idle.retain(|&id| !self.has_work(self.job(id)));
        for id in idle {
            let event = Event::RestartDropped { name: self.job(id).name.clone() };
            self.observer.event(&event);
            self.over(id, State::Ended(Exit::Code(0)));
        }
    }

    /// A process has run for as long as it may.
    pub(super) fn limit_reached(&mut self, id: u32, attempt: u32) {
        let job = self.job_mut(id);
        if job.attempts != attempt || !Self::is_started(job.state) {
            return;
        }
        job.timed_out = true;
        if let Some(child) = &job.child {
            child.terminate();
        }
        // A program may not care.
        self.timers.set(Instant::now() + super::stop::KILL_GRACE, Due::LimitKill { job: id, attempt });
    }

    /// It has had the time to end by itself.
    pub(super) fn limit_kill(&mut self, id: u32, attempt: u32) {
        let job = self.job(id);
        if let (Some(child), true) = (&job.child, job.attempts == attempt) {
            child.kill();
        }
    }

    /// Main's body has returned, called `exit`, or failed.
    pub(super) fn main_ended(&mut self, code: Option<u32>, failed: bool) {
        self.main_exit = code.and_then(|code| u8::try_from(code).ok());
        self.main_failed = failed;
        self.recover(MAIN);
        if failed {
            let remains = self.remains(MAIN);
            let event = self.obituary(self.job(MAIN), self.job(MAIN).pid(), Exit::Code(1), remains);
            self.observer.event(&event);
        }
        let exit = Exit::Code(if failed { 1 } else { self.main_exit.unwrap_or(0) });
        // Its threads, where there are some left, end at their next loop edge.
        self.stop_main.store(true, std::sync::atomic::Ordering::SeqCst);
        self.wake_rings();
        let gone = self.give_back_all(MAIN, exit).and_then(|()| self.threads_gone(MAIN, exit));
        debug_assert!(gone.is_ok(), "items go back, and open sockets leave the loop");
        self.over(MAIN, State::Ended(exit));
        if failed || self.main_exit.is_some_and(|code| code != 0) {
            self.stop_failed();
        }
    }

    /// The process that main's body had for itself has ended. What it said before holds.
    fn main_process_ended(&mut self, pid: u32, exit: Exit, remains: Remains) {
        self.streams_changed();
        if self.job(MAIN).is_over() {
            return;
        }
        self.main_failed = !self.stop.is_stopping();
        if self.main_failed {
            let event = self.obituary(self.job(MAIN), pid, exit, remains);
            self.observer.event(&event);
        }
        self.over(MAIN, State::Ended(exit));
        if self.main_failed {
            self.stop_failed();
        }
    }

    /// Main's thread is gone without a word.
    pub(super) fn main_gone(&mut self) {
        if !self.job(MAIN).is_over() {
            self.main_ended(None, !self.stop.is_stopping());
        }
    }

    fn obituary(&self, job: &Job, pid: u32, exit: Exit, remains: Remains) -> Event {
        let uncaught = job.report.as_ref().map(|report: &Report| Uncaught {
            kind: report.kind.clone(),
            message: report.message.clone(),
            place: report.place,
            trace: report.trace.clone(),
        });
        let ran_into = ran_into(job, exit, &remains);
        let host = job.host.map(|host| self.job(host).name.clone());
        Event::Failed { name: job.name.clone(), host, pid, exit: exit.code(), uncaught, ran_into, remains }
    }
}

/// A daemon that asks for the next item when its stream has ended has nothing left to do: `loop { q.get() }` is how
/// daemons are written elsewhere.
fn is_dismissed(job: &Job, exit: Exit) -> bool {
    job.daemon && exit == Exit::Code(1) && job.report.as_ref().is_some_and(|report| report.kind == "Closed")
}

/// The limit that explains an end.
fn ran_into(job: &Job, exit: Exit, remains: &Remains) -> Option<RanInto> {
    let memory = job.circumstances.memory_bytes.map(|bytes| Limit::Memory { bytes });
    let cpu = job.circumstances.cpu_ms.map(|ms| Limit::Cpu { ms });
    let kind = job.report.as_ref().map(|report| &*report.kind);
    // An allocation that fails where no error can be thrown says this and ends the process.
    let out_of_memory = |line: &String| line.starts_with("memory allocation of");
    let time = job.timeout_ms.filter(|_| job.timed_out).map(|ms| Limit::Time { ms });
    let (limit, certain) = match (exit, kind) {
        _ if time.is_some() => (time, true),
        (_, Some("Memory")) => (memory, true),
        (Exit::Signal(SIGXCPU), _) => (cpu, true),
        (Exit::Signal(SIGABRT), _) if remains.last_words.iter().any(out_of_memory) => (memory, true),
        // The second signal of the limit, for a program that did not care for the first.
        (Exit::Signal(SIGKILL), None) => (cpu, false),
        (Exit::Signal(SIGABRT | SIGSEGV | SIGBUS), None) => (memory, false),
        _ => (None, false),
    };
    limit.map(|limit| RanInto { limit, certain })
}
