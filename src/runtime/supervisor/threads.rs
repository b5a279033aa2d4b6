//! Threads of processes: each is a job of its own, with a control socket, ends and waits like a process. So what
//! it waits for, what it has in hand and what it leaves behind need no rules of their own.

use super::Supervisor;
use super::asks::facts;
use super::job::{Ends, Job, MAIN, State};
use super::locals::{LocalEnds, divide};
use crate::graph::Policy;
use crate::runtime::connection::Connection;
use crate::runtime::os::process::Exit;
use crate::wire::message::{Answer, Ask, Parcel};
use rustix::fd::OwnedFd;
use std::io;
use std::os::unix::net::UnixStream;

impl Supervisor<'_> {
    /// A process says that it has a new thread.
    pub(super) fn start_thread(&mut self, id: u32, number: u32, ask: Ask) -> io::Result<()> {
        let Ask::StartThread { name, daemon, takes, puts, hands_over } = ask else { return Ok(()) };
        let socket = self.job_mut(id).connection.as_mut().and_then(super::Connection::take_descriptor);
        let Some(socket) = socket else {
            self.misbehaved(id, "a thread came without its socket");
            return Ok(());
        };
        if self.stop.is_stopping() || self.job(id).is_over() {
            self.answer(id, number, Answer::Stopped {}, Vec::new());
            return Ok(());
        }
        let (takes, locals) = divide(takes);
        if takes.iter().chain(&puts).any(|&queue| queue as usize >= self.queues.len()) {
            self.misbehaved(id, "it names a queue that does not exist");
            return Ok(());
        }
        if hands_over {
            let ends = &mut self.job_mut(id).ends;
            ends.takes.retain(|queue| !takes.contains(queue));
            ends.puts.retain(|queue| !puts.contains(queue));
        }
        let host = self.job(id).host.unwrap_or(id);
        let thread = self.jobs.len() as u32;
        let mut job = Job::new(thread, name, self.job(id).template);
        job.parent = Some(id);
        job.host = Some(host);
        job.daemon = daemon || self.job(host).daemon;
        job.policy = Policy::Continue;
        job.state = State::Running;
        job.host_pid = self.job(host).pid();
        job.shares.clone_from(&self.job(host).shares);
        // What the program gives away it does not get back.
        job.borrows = hands_over && self.host_job != Some(host);
        job.ends =
            Ends { puts: puts.into_iter().collect(), takes: takes.into_iter().collect(), ..Ends::default() };
        job.locals.held.extend(locals);
        job.add_ends(&self.job(host).passed);
        let listens: Vec<u32> = job.ends.takes.iter().copied().collect();
        self.jobs.push(job);
        self.job_mut(host).threads.push(thread);
        if hands_over {
            self.hand_over_listening(id, thread, &listens);
        }
        self.listen(thread);
        self.connect(thread, Connection::without_waiting(UnixStream::from(socket))?)?;
        let mut descriptors: Vec<OwnedFd> = Vec::new();
        let page: Parcel = self.page_for(thread, &mut descriptors)?;
        let process = facts(self.job(thread));
        self.answer(id, number, Answer::ThreadStarted { process, page }, descriptors);
        Ok(())
    }

    /// Whether it is main or one of its threads.
    pub(super) fn runs_here(&self, id: u32) -> bool {
        self.job(id).host.unwrap_or(id) == MAIN
    }

    /// The threads of a process that are not over.
    pub(super) fn threads_of(&self, host: u32) -> Vec<u32> {
        self.job(host).threads.iter().copied().filter(|&thread| !self.job(thread).is_over()).collect()
    }

    /// The body of a process is over: from now on it holds nothing and only waits for its threads.
    pub(super) fn body_ended(&mut self, id: u32) -> io::Result<()> {
        self.give_back_all(id, Exit::Code(0))?;
        self.stop_listening(id);
        let job = self.job_mut(id);
        job.body_over = true;
        job.locals = LocalEnds::default();
        job.ends.closed = job.ends.puts.clone();
        let took = std::mem::take(&mut job.ends.takes);
        if id != MAIN {
            took.into_iter().for_each(|queue| self.queues[queue as usize].was_taken_from = true);
        }
        self.streams_changed();
        Ok(())
    }

    /// A thread has ended by itself.
    pub(super) fn thread_ended(&mut self, id: u32, code: u32) -> io::Result<()> {
        if self.job(id).host.is_none() || self.job(id).is_over() {
            return Ok(());
        }
        let exit = Exit::Code(u8::try_from(code).unwrap_or(1));
        drop(self.take_wait(id));
        self.recover(id);
        let remains = self.remains(id);
        self.give_back_all(id, exit)?;
        self.return_ends(id);
        let pid = self.job(id).pid();
        self.ended(id, pid, exit, remains);
        Ok(())
    }

    /// What was handed over to a thread falls back to its process: whether the ends are gone for good is decided
    /// when that ends.
    fn return_ends(&mut self, id: u32) {
        let thread = self.job(id);
        let (Some(host), true) = (thread.host, thread.borrows) else { return };
        let takes = thread.ends.takes.clone();
        let puts: Vec<u32> = thread.ends.open().collect();
        let ends = &mut self.job_mut(host).ends;
        ends.takes.extend(takes);
        ends.puts.extend(puts);
        self.return_listening(id);
    }

    /// A process is gone, and its threads with it. They have not failed for that. Main's may still run in this
    /// process; a thread whose socket is closed ends at its next question. What they could still put into is
    /// left to the process: if it has failed, these streams have.
    pub(super) fn threads_gone(&mut self, host: u32, exit: Exit) -> io::Result<()> {
        // Each puts what it had in hand to the very front: in the end that of the first is there.
        for id in self.threads_of(host).into_iter().rev() {
            let open: Vec<u32> = self.job(id).ends.open().collect();
            let ends = &mut self.job_mut(host).ends;
            ends.closed.retain(|queue| !open.contains(queue));
            ends.puts.extend(open);
            drop(self.take_wait(id));
            self.connection_ended(id)?;
            self.give_back_all(id, exit)?;
            self.return_listening(id);
            self.over(id, State::Ended(exit));
        }
        self.forget_locals(host);
        Ok(())
    }

    /// Those of main are told to stop as main is: at their next wait.
    pub(super) fn stop_threads_of_main(&mut self) {
        for id in self.threads_of(MAIN) {
            if let Some(wait) = self.take_wait(id) {
                self.answer(id, wait.number, Answer::Stopped {}, Vec::new());
            }
        }
    }
}
