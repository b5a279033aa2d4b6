//! The end of a run: in good order when all is done, and before that when something stops it.

use super::Supervisor;
use super::job::{MAIN, State};
use super::timers::Due;
use crate::observe::Event;
use crate::runtime::hooks::Point;
use crate::runtime::os::process::Exit;
use crate::runtime::{Command, End, exit};
use crate::wire::message::Answer;
use std::io::{self, Read as _};
use std::time::{Duration, Instant};

/// Those who are asked to end have this long until they are killed.
pub(super) const KILL_GRACE: Duration = Duration::from_secs(2);
/// A daemon has this long to end by itself when its queues have ended.
const DAEMON_GRACE: Duration = Duration::from_secs(5);

/// Whether and why the run is being stopped.
#[derive(Debug, Default)]
pub struct Stop {
    status: Option<u8>,
    end: Option<End>,
    stopping: bool,
    /// The end of the daemons has begun.
    daemons: bool,
    /// Somebody asked for it from outside: what cannot be printed in the time of grace is not waited for.
    by_signal: bool,
    item_failed: bool,
    output_failed: bool,
}

impl Stop {
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.stopping
    }

    #[must_use]
    pub fn status(&self) -> Option<u8> {
        self.status
    }

    /// Why the run was stopped; `None` when nothing stopped it, or its output was closed.
    #[must_use]
    pub fn end(&self) -> Option<End> {
        self.end
    }

    /// Whether a signal or a command asked for it.
    #[must_use]
    pub fn is_from_outside(&self) -> bool {
        self.by_signal
    }

    #[must_use]
    pub fn item_failed(&self) -> bool {
        self.item_failed
    }

    #[must_use]
    pub fn output_failed(&self) -> bool {
        self.output_failed
    }
}

impl Supervisor<'_> {
    /// Whether nothing is left to be done.
    pub(super) fn is_finished(&self) -> bool {
        self.leaving.is_empty()
            && self.jobs.iter().all(|job| (job.is_over() && job.child.is_none()) || self.is_hosted(job))
    }

    /// Once main and all others have ended, the queues that the daemons take from end.
    pub(super) fn begin_the_end(&mut self) {
        let busy = self.jobs.iter().any(|job| !job.daemon && !job.is_over());
        if busy || self.stop.daemons || self.stop.stopping {
            return;
        }
        self.stop.daemons = true;
        let mut taken: Vec<u32> = Vec::new();
        let mut idle = Vec::new();
        for job in self.jobs.iter().filter(|job| job.daemon && !job.is_over()) {
            // What it has handed over to a thread is taken by it all the same.
            if job.host.is_none() && self.declared_ends(job).takes.is_empty() {
                idle.push(job.id);
            }
            taken.extend(&job.ends.takes);
        }
        taken.sort_unstable();
        taken.dedup();
        for queue in taken {
            self.end_queue(queue, None);
        }
        for id in idle {
            self.end_daemon(id);
        }
        if self.jobs.iter().any(|job| !job.is_over()) {
            self.timers.set(Instant::now() + DAEMON_GRACE, Due::DaemonGrace);
        }
    }

    /// The daemons have had their time.
    pub(super) fn terminate_daemons(&mut self) {
        for id in 0..self.jobs.len() as u32 {
            if !self.job(id).is_over() {
                self.end_daemon(id);
            }
        }
    }

    fn end_daemon(&mut self, id: u32) {
        let job = self.job_mut(id);
        if job.host.is_some() {
            // It goes with its process.
            return;
        }
        job.told_to_end = true;
        match &job.child {
            Some(child) => child.terminate(),
            None => self.over(id, State::Ended(Exit::Signal(15))),
        }
        self.timers.set(Instant::now() + KILL_GRACE, Due::KillGrace);
    }

    /// A failure under `on failure stop`.
    pub(super) fn stop_failed(&mut self) {
        let code = self.main_exit.filter(|&code| code != 0).unwrap_or(exit::FAILED);
        self.stop_with(code);
        self.stop.end.get_or_insert(End::Failed);
    }

    pub(super) fn stop_deadlocked(&mut self) {
        self.stop_with(exit::DEADLOCK);
        self.stop.end.get_or_insert(End::Deadlock);
    }

    /// The run may take so long.
    pub(super) fn limit_time(&mut self) {
        if let Some(at) = self.limits.time.and_then(|time| Instant::now().checked_add(time)) {
            self.timers.set(at, Due::RunLimit);
        }
    }

    pub(super) fn stop_for_time(&mut self) {
        self.stop_with(exit::FAILED);
        self.stop.end.get_or_insert(End::TimeLimit);
    }

    /// An item is lost to all consumers: the run fails.
    pub(super) fn stop_for_item(&mut self) {
        self.stop.item_failed = true;
        self.stop_with(exit::FAILED);
    }

    /// Nobody reads the output any more: the run ends quietly. One that cannot be written is a failure.
    pub(super) fn output_is_closed(&mut self) {
        self.report_output_failure();
        if !self.stop.stopping {
            self.stop_with(if self.stop.output_failed { exit::FAILED } else { exit::SUCCESS });
        }
    }

    /// A full disk is no quiet end: what was printed is lost.
    pub(super) fn report_output_failure(&mut self) {
        if let Some(error) = self.output.take_failure() {
            self.stop.output_failed = true;
            self.observer.event(&Event::OutputFailed { reason: error.to_string() });
        }
    }

    /// Asks everybody to end: SIGTERM to each child, the stop to main.
    fn stop_with(&mut self, status: u8) {
        if self.stop.stopping {
            return;
        }
        self.stop.stopping = true;
        self.stop.status = Some(status);
        self.to_start.clear();
        for id in 0..self.jobs.len() as u32 {
            match self.job(id).state {
                State::Pending | State::RestartDue => self.over(id, State::Skipped),
                State::Ready | State::Running if id == MAIN && self.job(MAIN).child.is_none() => {
                    self.stop_main();
                }
                State::Ready | State::Running => {
                    if let Some(child) = &self.job(id).child {
                        child.terminate();
                    }
                    self.reach(Point::SeesStop, id);
                }
                State::Ended(_) | State::Skipped => {}
            }
        }
        self.timers.set(Instant::now() + KILL_GRACE, Due::KillGrace);
    }

    /// Main's body ends at its next wait or loop edge.
    fn stop_main(&mut self) {
        self.stop_main.store(true, std::sync::atomic::Ordering::SeqCst);
        self.wake_rings();
        if let Some(wait) = self.take_wait(MAIN) {
            self.answer(MAIN, wait.number, Answer::Stopped {}, Vec::new());
        }
        self.stop_threads_of_main();
    }

    /// Grace is over: what is left is killed, and main is not waited for any more.
    pub(super) fn kill_all(&mut self) {
        for job in &self.jobs {
            if let Some(child) = &job.child {
                child.kill();
            }
        }
        if self.stop.by_signal {
            self.output.abandon();
        }
        if self.stop.stopping && !self.job(MAIN).is_over() {
            let gone: Vec<u32> = self.threads_of(MAIN);
            for id in gone.into_iter().chain([MAIN]) {
                self.over(id, State::Ended(Exit::Signal(9)));
            }
        }
    }

    /// Signals or commands have come.
    pub(super) fn commanded(&mut self) -> io::Result<()> {
        let Some(commands) = &mut self.commands else { return Ok(()) };
        let mut bytes = [0; 16];
        let count = match commands.read(&mut bytes) {
            // The handle is gone; it has said what it wanted.
            Ok(0) => {
                self.poll.remove(&*commands)?;
                self.commands = None;
                return Ok(());
            }
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(error),
        };
        for &byte in &bytes[..count] {
            match Command::of(byte) {
                Some(Command::Picture) => {
                    if let Some(pictures) = &self.pictures {
                        pictures.show(self.picture());
                    }
                }
                Some(command) => self.stop_wanted(command),
                None => self.signal(byte),
            }
        }
        Ok(())
    }

    /// The program around the run wants it to end.
    fn stop_wanted(&mut self, command: Command) {
        self.stop.by_signal = true;
        self.stop_with(exit::FAILED);
        self.stop.end.get_or_insert(End::Stopped);
        if command == Command::Kill {
            self.kill_all();
        }
    }

    /// The first signal stops the run, the second kills at once.
    fn signal(&mut self, number: u8) {
        self.stop.by_signal = true;
        if self.stop.stopping {
            return self.kill_all();
        }
        let (signal, status) = exit::of_signal(number);
        let signal = signal.to_owned();
        let is_process = |job: &&super::Job| job.id != MAIN && job.host.is_none() && !job.is_over();
        let processes = self.jobs.iter().filter(is_process).count();
        self.stop_with(status);
        self.stop.end.get_or_insert(End::Signal(number));
        self.observer.event(&Event::Stopped { signal, processes });
    }
}
