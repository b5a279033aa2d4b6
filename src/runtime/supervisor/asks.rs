//! What workers ask: one arm for each message, small and in one place.

use super::Supervisor;
use super::job::{Argument, Job, MAIN, State, WaitOn, Wanted};
use super::queue_state::Cause;
use super::queues::Asked;
use crate::observe::Event;
use crate::runtime::connection::Item;
use crate::value::Value;
use crate::wire::local::LocalAsk;
use crate::wire::message::{Answer, Ask, Given, Patience, ProcessFacts, Request};
use std::collections::VecDeque;
use std::io;
use std::rc::Rc;

impl Supervisor<'_> {
    /// Does what a message asks for, or defers it.
    pub(super) fn ask(&mut self, id: u32, request: Request) -> io::Result<()> {
        let now = self.now;
        let job = self.job_mut(id);
        (job.heard, job.at) = (now, request.at);
        if request.number != 0 {
            self.has_arrived(id);
        }
        if request.number != 0 && self.stop.is_stopping() && self.runs_here(id) {
            self.answer(id, request.number, Answer::Stopped {}, Vec::new());
            return Ok(());
        }
        let looks = matches!(
            request.ask,
            Ask::Look { .. }
                | Ask::Get { patience: Patience::No {}, .. }
                | Ask::WaitAny { patience: Patience::No {}, .. }
                | Ask::Local { ask: LocalAsk::Wait { patience: Patience::No {}, .. } }
        );
        if looks {
            self.deferred.push((id, request));
            return Ok(());
        }
        if matches!(request.ask, Ask::Start { .. } | Ask::Program { .. }) && self.is_zygote_awaited() {
            self.held.push((id, request));
            return Ok(());
        }
        self.ask_now(id, request)
    }

    /// Answers a message, or remembers who waits for what.
    pub(super) fn ask_now(&mut self, id: u32, request: Request) -> io::Result<()> {
        let Request { number, at, ask } = request;
        match queue_of(&ask) {
            Some(queue) if self.queue_exists(id, queue) => self.ask_queue(id, (number, at), queue, ask),
            Some(_) => Ok(()),
            None => match ask {
                ask @ Ask::StartThread { .. } => self.start_thread(id, number, ask),
                Ask::Local { ask } => {
                    self.ask_local(id, (number, at), ask);
                    Ok(())
                }
                Ask::ThreadEnded { code } => self.thread_ended(id, code),
                Ask::BodyEnded {} => self.body_ended(id),
                ask => {
                    self.ask_run(id, (number, at), ask);
                    Ok(())
                }
            },
        }
    }

    /// What concerns one queue.
    fn ask_queue(&mut self, id: u32, asked: Asked, queue: u32, ask: Ask) -> io::Result<()> {
        match ask {
            Ask::Put { items, patience, .. } => {
                let mut opened = VecDeque::with_capacity(items.len());
                for parcel in items {
                    match self.open(id, parcel) {
                        Some(item) => opened.push_back(item),
                        None => return Ok(()),
                    }
                }
                self.put(id, asked, queue, opened, patience)?;
            }
            Ask::Get { count, patience, done, ahead, .. } => {
                if let Some(lease) = done {
                    self.acknowledge(id, queue, lease);
                }
                self.get(id, asked, Wanted { queue, count: count.max(1), ahead }, patience)?;
            }
            Ask::NotTaken { .. } => self.take_back_ahead(id, queue)?,
            Ask::PutBack { items, .. } => self.put_back(id, queue, items)?,
            Ask::Untake { leases, .. } => self.untake(id, queue, &leases)?,
            Ask::Acknowledge { lease, .. } => self.acknowledge(id, queue, lease),
            Ask::GiveBack { lease, reason, .. } => self.give_back(id, queue, lease, &reason)?,
            Ask::Close { .. } => {
                self.job_mut(id).ends.closed.insert(queue);
                // At once: whoever asks next is to see the end of the stream.
                self.judge();
                self.streams_changed();
            }
            Ask::Drain { patience, .. } => self.drain(id, asked, queue, patience),
            Ask::Look { .. } => self.look(id, asked.0, queue),
            Ask::Ring { .. } => self.ring(id, asked.0, queue),
            Ask::Blocks { .. } => self.blocks(id, asked.0, queue),
            Ask::RingChanged { .. } => self.ring_changed(queue)?,
            Ask::GiveBackSlot { slot, reason, .. } => {
                self.give_back_slot(id, asked, queue, (slot, &reason))?;
            }
            _ => {}
        }
        Ok(())
    }

    /// What concerns processes, output, or the asking process itself.
    fn ask_run(&mut self, id: u32, asked: Asked, ask: Ask) {
        let number = asked.0;
        match ask {
            Ask::Ready {} => self.worker_begins(id),
            Ask::NameFor { template } => {
                let answer = self.name_for(template).map_or_else(no_template, |name| Answer::Name { name });
                self.answer(id, number, answer, Vec::new());
            }
            Ask::Start { template, name, daemon, arguments } => {
                let answer = self.start_from_body(id, template, name, daemon, arguments);
                self.answer(id, number, answer, Vec::new());
            }
            Ask::Shared { shared, ask } => self.ask_shared(id, asked, shared, ask),
            Ask::MakePool { workers, initializer, max_tasks, circumstances } => {
                let answer = self.make_pool(id, workers, (initializer, circumstances), max_tasks);
                self.answer(id, number, answer, Vec::new());
            }
            Ask::EndPool { tasks } => {
                self.end_pool(id, tasks);
                self.answer(id, number, Answer::Done {}, Vec::new());
            }
            Ask::Join { process, patience } => self.join(id, asked, process, patience),
            Ask::Inspect { process } => self.inspect(id, number, process),
            Ask::Signal { process, kill } => {
                let answer = self.signal_from_script(process, kill);
                self.answer(id, number, answer, Vec::new());
            }
            Ask::Children {} => {
                let children = self.jobs.iter().filter(|job| is_child_of(job, id) && !job.is_over());
                let processes = children.map(facts).collect();
                self.answer(id, number, Answer::Processes { processes }, Vec::new());
            }
            Ask::WaitAny { processes, queues, locals, patience } => {
                self.wait_any(id, asked, (processes, queues), locals, &patience);
            }
            Ask::Sleep { seconds } => {
                self.wait_for(id, asked, WaitOn::Sleep, &Patience::Seconds { seconds });
            }
            Ask::Program { name } => self.program_starts(id, number, name),
            Ask::ProgramEnded {} => self.job_mut(id).program = None,
            Ask::Print { line, moment } => {
                if let Some(line) = self.open_bytes(id, line) {
                    self.heard_line(id, moment, line);
                }
            }
            Ask::Arrived {} => self.has_arrived(id),
            Ask::StillWaits {} => self.judge_later(),
            Ask::Debug { line } => {
                if let Some(line) = self.open_line(id, line) {
                    if let Some(words) = self.job_mut(id).last_words.as_mut() {
                        words.keep(&line);
                    }
                    let name = self.job(id).name.clone();
                    self.observer.event(&Event::Logged { name, line });
                }
            }
            Ask::Withdraw {} => self.withdraw(id),
            Ask::MainEnded { code, failed } => self.main_ended(code, failed),
            Ask::Failed { report } => self.job_mut(id).report = Some(report),
            _ => {}
        }
    }

    /// The item of a parcel; a parcel without its file ends the worker.
    pub(super) fn open(&mut self, id: u32, parcel: crate::wire::message::Parcel) -> Option<Item> {
        let opened = self.job_mut(id).connection.as_mut()?.open(parcel);
        match opened {
            Ok(item) => Some(item),
            Err(error) => {
                self.misbehaved(id, &error.to_string());
                None
            }
        }
    }

    fn open_line(&mut self, id: u32, parcel: crate::wire::message::Parcel) -> Option<String> {
        let item = self.open(id, parcel)?;
        match crate::runtime::parcel::unpack(item) {
            Ok(line) => Some(line.to_string()),
            Err(error) => {
                self.misbehaved(id, &error.to_string());
                None
            }
        }
    }

    /// A text, or what a program printed that is none.
    fn open_bytes(&mut self, id: u32, parcel: crate::wire::message::Parcel) -> Option<Vec<u8>> {
        let item = self.open(id, parcel)?;
        match crate::runtime::parcel::unpack(item) {
            Ok(Value::Blob(bytes)) => Some(Rc::unwrap_or_clone(bytes)),
            Ok(Value::String(text)) => Some(String::from(text).into_bytes()),
            Ok(other) => Some(other.to_string().into_bytes()),
            Err(error) => {
                self.misbehaved(id, &error.to_string());
                None
            }
        }
    }

    fn queue_exists(&mut self, id: u32, queue: u32) -> bool {
        let exists = (queue as usize) < self.queues.len();
        if !exists {
            self.misbehaved(id, "it names a queue that does not exist");
        }
        exists
    }

    fn look(&mut self, id: u32, number: u32, queue: u32) {
        let state = &self.queues[queue as usize];
        let takes = self.job(id).ends.takes.contains(&queue);
        let ended = state.visible_end(id, takes).map(|cause| match cause {
            Cause::Done => ("done".to_owned(), Vec::new()),
            Cause::Failed(by) => ("failed".to_owned(), by.clone()),
            Cause::NoConsumer => ("no consumer".to_owned(), Vec::new()),
        });
        let answer = Answer::Queue { len: state.len_for(id) as u64, full: state.is_full(), ended };
        self.answer(id, number, answer, Vec::new());
    }

    fn inspect(&mut self, id: u32, number: u32, process: u32) {
        let answer = match self.jobs.get(process as usize) {
            None => no_process(),
            Some(job) => Answer::Process {
                state: if job.state_now() == State::Running && self.waiting_on(job).is_some() {
                    "waiting".to_owned()
                } else {
                    job.state_name().to_owned()
                },
                waiting_on: self.waiting_on(job),
                exitcode: job.exitcode(),
                pid: job.pid(),
            },
        };
        self.answer(id, number, answer, Vec::new());
    }

    /// The next name of an unnamed process of a template.
    pub(super) fn name_for(&mut self, template: u32) -> Option<String> {
        let label = self.graph.unit.templates.get(template as usize)?.label();
        let next = self.numbers.entry(label.to_owned()).or_default();
        *next += 1;
        Some(format!("{label}.{next}"))
    }

    fn start_from_body(
        &mut self,
        parent: u32,
        template: u32,
        name: Option<String>,
        daemon: bool,
        arguments: Vec<Given>,
    ) -> Answer {
        let Some(declared) = self.graph.unit.templates.get(template as usize) else {
            return no_template();
        };
        if self.job(parent).daemon {
            return refused("Process", "a daemon may not start processes");
        }
        if self.stop.is_stopping() {
            return Answer::Stopped {};
        }
        let mut bound = Vec::with_capacity(arguments.len());
        for (parameter, given) in declared.parameters.iter().zip(arguments) {
            match self.argument(parent, given, parameter.default.as_ref()) {
                Ok(argument) => bound.push((parameter.name.clone(), argument)),
                Err(answer) => return answer,
            }
        }
        let Some(name) = name.or_else(|| self.name_for(template)) else { return no_template() };
        let id = self.jobs.len() as u32;
        let clauses = self.graph.template_policies[template as usize];
        let mut job = Job::new(id, name, template);
        job.parent = Some(parent);
        job.daemon = daemon;
        job.policy = clauses.policy;
        job.timeout_ms = clauses.timeout_ms;
        job.circumstances = self.graph.template_circumstances[template as usize].clone();
        job.ends = super::launch::ends(declared, &bound);
        job.shares = super::launch::shares(&bound);
        job.arguments = bound;
        self.jobs.push(job);
        match self.start_job(id) {
            Ok(()) => Answer::Started { process: facts(self.job(id)) },
            Err(error) => {
                let reason = super::limits::explain(&error);
                refused("Process", &format!("the process could not be started: {reason}"))
            }
        }
    }

    /// What a body gave for a parameter, checked: a body can pass on only the ends that it holds.
    fn argument(&mut self, parent: u32, given: Given, default: Option<&Value>) -> Result<Argument, Answer> {
        match given {
            Given::Data { parcel } => self.open(parent, parcel).map(Argument::Data).ok_or(Answer::Stopped {}),
            Given::End { queue } if (queue as usize) < self.queues.len() => Ok(Argument::Queue(queue)),
            Given::Ends { queues } if queues.iter().all(|&q| (q as usize) < self.queues.len()) => {
                Ok(Argument::Queues(queues))
            }
            Given::Shared { shared } if (shared as usize) < self.shared.len() => Ok(Argument::Shared(shared)),
            Given::Shared { .. } => Err(refused("Process", "there is no such shared object")),
            Given::End { .. } | Given::Ends { .. } => Err(refused("Process", "there is no such queue")),
            Given::Default {} => match default {
                Some(value) => super::launch::encode(value)
                    .map(Argument::Data)
                    .map_err(|error| refused("Unsendable", &error.to_string())),
                None => Err(refused("Argument", "an argument is missing")),
            },
        }
    }

    pub(super) fn signal_from_script(&mut self, process: u32, kill: bool) -> Answer {
        if process == MAIN {
            return refused("Process", "main cannot be ended; use `exit`");
        }
        let Some(job) = self.jobs.get_mut(process as usize) else { return no_process() };
        if job.host.is_some() {
            return refused(
                "Process",
                "a thread cannot be ended from outside; tell it by a queue or an event",
            );
        }
        match job.state {
            State::Ready | State::Running => {
                job.told_to_end = true;
                if let Some(child) = &job.child {
                    if kill { child.kill() } else { child.terminate() }
                }
            }
            State::Pending | State::RestartDue => {
                job.told_to_end = true;
                let signal = if kill { 9 } else { 15 };
                self.over(process, State::Ended(crate::runtime::os::process::Exit::Signal(signal)));
            }
            State::Ended(_) | State::Skipped => {}
        }
        Answer::Done {}
    }
}

/// The queue that a message is about.
fn queue_of(ask: &Ask) -> Option<u32> {
    match ask {
        Ask::Put { queue, .. }
        | Ask::Get { queue, .. }
        | Ask::NotTaken { queue }
        | Ask::PutBack { queue, .. }
        | Ask::Untake { queue, .. }
        | Ask::Acknowledge { queue, .. }
        | Ask::GiveBack { queue, .. }
        | Ask::Close { queue }
        | Ask::Drain { queue, .. }
        | Ask::Look { queue }
        | Ask::Ring { queue }
        | Ask::Blocks { queue }
        | Ask::RingChanged { queue }
        | Ask::GiveBackSlot { queue, .. } => Some(*queue),
        _ => None,
    }
}

/// Whether `job` is to be listed among the children of job `id`: main's are those of the graph too.
fn is_child_of(job: &Job, id: u32) -> bool {
    job.id != MAIN && job.host.is_none() && job.parent.unwrap_or(MAIN) == id && job.state != State::Pending
}

pub(super) fn facts(job: &Job) -> ProcessFacts {
    ProcessFacts { id: job.id, pid: job.pid(), name: job.name.clone(), daemon: job.daemon }
}

pub(super) fn refused(kind: &str, message: &str) -> Answer {
    Answer::Refused { kind: kind.to_owned(), message: message.to_owned() }
}

fn no_template() -> Answer {
    refused("Process", "there is no such template")
}

pub(super) fn no_process() -> Answer {
    refused("Process", "there is no such process")
}
