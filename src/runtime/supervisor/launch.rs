//! From the graph to running children: the jobs of a graph, what a worker is told, how it is started.

use super::asks::facts;
use super::job::{Argument, Ends, Job, MAIN, State};
use super::last_words::LastWords;
use super::timers::Due;
use super::{KEY_CHILD, KEY_WORDS, Supervisor, key};
use crate::ast;
use crate::graph::{Binding, Graph, Instance, Node, Policy};
use crate::observe::Event;
use crate::queue::store::Capacity;
use crate::runtime::connection::{Connection, Item};
use crate::runtime::freight::Freight;
use crate::runtime::hooks::Point;
use crate::runtime::os::pipe;
use crate::runtime::os::poll::Interest;
use crate::runtime::os::process::{Child, Exit};
use crate::runtime::parcel;
use crate::runtime::transport::page::Page;
use crate::runtime::{Limits, Start};
use crate::script::Circumstances;
use crate::script::unit::{ParameterKind, Template, TemplateKind};
use crate::value::Value;
use crate::wire::message::{Bound, Launch, Parcel, ProcessFacts, QueueFacts, Role};
use crate::wire::shared::{SharedFacts, SharedKind};
use rustix::fd::OwnedFd;
use std::collections::{HashMap, HashSet};
use std::io;
use std::os::unix::net::UnixStream;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// A value as an item.
pub(super) fn encode(value: &Value) -> io::Result<Item> {
    parcel::pack(value).map_err(|error| io::Error::other(error.to_string()))
}

pub(super) fn encode_unit(unit: &crate::script::Unit) -> io::Result<Item> {
    encode(&unit.to_value())
}

/// Main, then a job for each node.
pub(super) fn jobs(graph: &Graph) -> io::Result<Vec<Job>> {
    let mut jobs = vec![main_job(graph)];
    for (index, node) in graph.nodes.iter().enumerate() {
        let template = &graph.unit.templates[node.template as usize];
        let mut job = Job::new(index as u32 + 1, node.name.clone(), node.template);
        for (parameter, binding) in template.parameters.iter().zip(&node.bindings) {
            let argument = match binding {
                Binding::Value(value) => Argument::Data(encode(value)?),
                Binding::Queue(queue) => Argument::Queue(queue.0),
                Binding::Queues(queues) => Argument::Queues(queues.iter().map(|queue| queue.0).collect()),
                Binding::Shared(shared) => Argument::Shared(shared.0),
            };
            job.arguments.push((parameter.name.clone(), argument));
        }
        job.ends = ends(template, &job.arguments);
        job.shares = shares(&job.arguments);
        job.daemon = node.daemon;
        job.policy = node.policy;
        job.timeout_ms = node.timeout_ms;
        job.circumstances = node.circumstances.clone();
        job.after = node.after.iter().map(|node| node.0 + 1).collect();
        jobs.push(job);
    }
    Ok(jobs)
}

/// Main may use everything that its text names until its body returns; without a body it has ended from the start.
fn main_job(graph: &Graph) -> Job {
    let mut main = Job::new(MAIN, "main".to_owned(), 0);
    if graph.main.is_some() {
        let text =
            graph.main.and_then(|body| graph.unit.bodies.get(body as usize)).map(|body| &body.piece.text);
        let words = text.map_or("", String::as_str).split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let words: HashSet<&str> = words.collect();
        let is_named = |name: &str| words.contains(name);
        let named = (0..)
            .zip(&graph.queues)
            .filter(|(_, queue)| is_named(queue.name.split('[').next().unwrap_or_default()));
        let named: Vec<u32> = named.map(|(id, _)| id).collect();
        let shared = (0..).zip(&graph.shared).filter(|(_, shared)| is_named(&shared.name));
        main.shares = shared.map(|(id, _)| id).collect();
        main.ends = Ends {
            puts: named.iter().copied().collect(),
            takes: named.into_iter().collect(),
            ..Ends::default()
        };
        main.state = State::Running;
    } else {
        main.state = State::Ended(Exit::Code(0));
    }
    main
}

/// Whether a process is a program with a feeder.
pub(super) fn is_fed(graph: &Graph, node: &Node) -> bool {
    let template = &graph.unit.templates[node.template as usize];
    let has_input = template.parameters.iter().any(|parameter| parameter.kind == ParameterKind::In);
    has_input && matches!(template.kind, TemplateKind::Exec(_))
}

/// The ends that arguments give to a process of a template.
pub(super) fn ends(template: &Template, arguments: &[(String, Argument)]) -> Ends {
    let mut ends = Ends::default();
    for (parameter, (_, argument)) in template.parameters.iter().zip(arguments) {
        let set = match parameter.kind {
            ParameterKind::In => &mut ends.takes,
            ParameterKind::Out => &mut ends.puts,
            ParameterKind::Plain => continue,
        };
        match argument {
            Argument::Data(_) | Argument::Shared(_) => {}
            Argument::Queue(queue) => {
                set.insert(*queue);
            }
            Argument::Queues(queues) => set.extend(queues),
        }
    }
    ends
}

/// Nothing at all for a process of which nothing is said.
fn circumstances(job: &Job, descriptors: &mut Vec<OwnedFd>) -> io::Result<Parcel> {
    if job.circumstances == Circumstances::default() {
        return Ok(Parcel::Inline { bytes: Vec::new() });
    }
    encode(&job.circumstances.to_value())?.into_parcel(descriptors)
}

/// The shared objects among arguments.
pub(super) fn shares(arguments: &[(String, Argument)]) -> Vec<u32> {
    let shared =
        |(_, argument): &(_, Argument)| if let Argument::Shared(id) = argument { Some(*id) } else { None };
    arguments.iter().filter_map(shared).collect()
}

/// How many unnamed processes of each template the graph declares: the numbers of others go on behind. Templates of
/// one name, of several files, count together.
pub(super) fn first_numbers(graph: &Graph) -> HashMap<String, u32> {
    let mut numbers = HashMap::new();
    for node in &graph.nodes {
        let label = graph.unit.templates[node.template as usize].label();
        let number = match node.name.strip_prefix(label) {
            Some("") => 1,
            Some(rest) => rest.strip_prefix('.').and_then(|digits| digits.parse().ok()).unwrap_or(0),
            None => 0,
        };
        let last: &mut u32 = numbers.entry(label.to_owned()).or_default();
        *last = number.max(*last);
    }
    numbers
}

impl Supervisor<'_> {
    /// Those of the graph that come after nobody.
    pub(super) fn first_to_start(&mut self) {
        for id in 1..self.jobs.len() as u32 {
            if self.job(id).after.is_empty() {
                self.to_start.push_back(id);
            } else {
                self.lists.to_come.push(id);
            }
        }
        if self.graph.main.is_some() && self.main.is_none() {
            // It is a process like the others, and sees those that were started before.
            self.to_start.push_back(MAIN);
        }
    }

    /// Tells main's body what it sees, when the first processes have been started: it may look for them at once.
    pub(super) fn launch_main(&mut self) -> io::Result<()> {
        let (Some(stream), Some(body)) = (self.main.take(), self.graph.main) else { return Ok(()) };
        let mut descriptors = Vec::new();
        let page = self.page_for(MAIN, &mut descriptors)?;
        let launch = Launch {
            process: facts(self.job(MAIN)),
            page,
            role: Role::Body { body },
            circumstances: circumstances(self.job(MAIN), &mut descriptors)?,
            unit: Some(self.unit.clone().into_parcel(&mut descriptors)?),
            arguments: Vec::new(),
            globals: self.main_globals(),
        };
        self.connect(MAIN, Connection::without_waiting(stream)?)?;
        if let Some(connection) = self.job_mut(MAIN).connection.as_mut() {
            connection.queue(&launch, descriptors);
            self.unsent.push(MAIN);
        }
        Ok(())
    }

    /// Every queue, array of queues, shared object and named instance by name.
    fn main_globals(&self) -> Vec<(String, Bound)> {
        let queue = |id: u32| self.queue_facts(id, true, true);
        let arrays = &self.graph.arrays;
        let in_array = |id: u32| arrays.iter().any(|(_, ids)| ids.iter().any(|queue| queue.0 == id));
        let single = (0..self.queues.len() as u32).filter(|&id| !in_array(id));
        let queues =
            single.map(|id| (self.queues[id as usize].name.clone(), Bound::End { queue: queue(id) }));
        let arrays = arrays.iter().map(|(name, ids)| {
            (name.clone(), Bound::Ends { queues: ids.iter().map(|id| queue(id.0)).collect() })
        });
        let process = |node: &crate::graph::NodeId| -> ProcessFacts { facts(self.job(node.0 + 1)) };
        let instances = self.graph.instances.iter().map(|(name, instance)| {
            let bound = match instance {
                Instance::One(node) => Bound::Process { process: process(node) },
                Instance::Many(nodes) => Bound::Processes { processes: nodes.iter().map(process).collect() },
            };
            (name.clone(), bound)
        });
        let shared = (0..self.shared.len() as u32).map(|id| {
            let shared = self.shared_facts(id);
            (shared.name.clone(), Bound::Shared { shared })
        });
        queues.chain(arrays).chain(instances).chain(shared).collect()
    }

    fn shared_facts(&self, id: u32) -> SharedFacts {
        let object = &self.shared[id as usize];
        let kind = match object.kind {
            ast::SharedKind::Lock => SharedKind::Lock,
            ast::SharedKind::Semaphore => SharedKind::Semaphore,
            ast::SharedKind::Event => SharedKind::Event,
            ast::SharedKind::Barrier => SharedKind::Barrier,
            ast::SharedKind::Counter => SharedKind::Counter,
            ast::SharedKind::Table => SharedKind::Table,
        };
        SharedFacts { id, name: object.name.clone(), kind }
    }

    fn queue_facts(&self, id: u32, puts: bool, takes: bool) -> QueueFacts {
        let queue = &self.queues[id as usize];
        QueueFacts {
            id,
            name: queue.name.clone(),
            joinable: queue.joinable,
            capacity: match queue.capacity {
                Capacity::Unbounded => None,
                Capacity::Items(items) => Some(items as u64),
                Capacity::Bytes(bytes) => Some(bytes),
            },
            ring: queue.may_be_ring,
            item_type: queue.item_type.clone(),
            puts,
            takes,
        }
    }

    /// Starts those whose predecessors have all ended with success; skips those who have lost one.
    pub(super) fn start_those_after(&mut self) {
        for id in std::mem::take(&mut self.lists.to_come) {
            let job = self.job(id);
            if job.state != State::Pending {
                continue;
            }
            let lost =
                job.after.iter().map(|&before| self.job(before)).find(|b| b.is_over() && !b.succeeded());
            if let Some(before) = lost {
                let event = Event::Skipped { name: job.name.clone(), because: before.name.clone() };
                self.observer.event(&event);
                self.over(id, State::Skipped);
            } else if job.after.iter().all(|&before| self.job(before).succeeded()) {
                self.job_mut(id).after.clear();
                self.to_start.push_back(id);
            } else {
                self.lists.to_come.push(id);
            }
        }
    }

    /// Starts a worker. A graph's process that cannot be started fails the run.
    pub(super) fn start_job(&mut self, id: u32) -> io::Result<()> {
        if self.job(id).is_over() || self.stop.is_stopping() {
            return Ok(());
        }
        let spawned = self.spawn(id);
        if let Err(error) = spawned {
            if let Some(pool) = self.job(id).pool {
                self.worker_not_started(id, pool, &error);
                return Ok(());
            }
            if self.job(id).parent.is_some() {
                // Whoever starts it is told, and may do without.
                self.over(id, State::Ended(Exit::Code(1)));
                return Err(error);
            }
            let name = self.job(id).name.clone();
            self.observer.event(&Event::NotStarted { name, reason: super::limits::explain(&error) });
            self.job_mut(id).failed = true;
            self.over(id, State::Ended(Exit::Code(1)));
            if self.job(id).policy == Policy::Stop {
                self.stop_failed();
            }
        }
        Ok(())
    }

    fn spawn(&mut self, id: u32) -> io::Result<()> {
        self.apply_limits(id)?;
        if self.has_zygote() && self.spawn_by(id, Start::Zygote)? {
            return Ok(());
        }
        self.spawn_by(id, Start::Exec).map(drop)
    }

    /// Starts a worker in this way; false: there is no zygote.
    fn spawn_by(&mut self, id: u32, way: Start) -> io::Result<bool> {
        let (ours, theirs) = UnixStream::pair()?;
        let (words, stderr) = pipe::without_waiting()?;
        let theirs = OwnedFd::from(theirs);
        let (connection, child) = match way {
            Start::Zygote => {
                let asked = self.ask_for_birth(id, &[theirs, stderr]);
                // Meanwhile it is made.
                let connection = self.launched(id, ours, way);
                (connection, self.born(asked)?)
            }
            Start::Exec => {
                let connection = self.launched(id, ours, way)?;
                let child = Child::spawn(&self.job(id).name, theirs, stderr, self.watch.marked())?;
                (Ok(connection), Some(child))
            }
        };
        let Some(child) = child else { return Ok(false) };
        let watched = self
            .poll
            .add(child.descriptor(), key(id, KEY_CHILD), Interest::Read)
            .and_then(|()| self.poll.add(&words, key(id, KEY_WORDS), Interest::Read));
        let now = self.now;
        let job = self.job_mut(id);
        (job.since, job.heard, job.at) = (now, now, (0, 0));
        job.child = Some(child);
        job.last_words = Some(LastWords::new(words));
        job.state = State::Ready;
        job.attempts += 1;
        job.report = None;
        job.body_over = false;
        job.timed_out = false;
        self.listen(id);
        let job = self.job(id);
        let (attempt, timeout) = (job.attempts, job.timeout_ms);
        self.observer.event(&Event::Started { name: job.name.clone(), pid: job.pid(), attempt });
        self.reach(Point::SeesSpawned, id);
        watched?;
        // One that gets no launch ends by itself.
        self.connect(id, connection?)?;
        if let Some(after) = timeout {
            let at = Instant::now() + Duration::from_millis(after);
            self.timers.set(at, Due::Limit { job: id, attempt });
        }
        self.reach(Point::SeesLaunched, id);
        Ok(true)
    }

    /// A connection with the launch of a process on its way, so that the process finds it when it begins.
    fn launched(&mut self, id: u32, stream: UnixStream, way: Start) -> io::Result<Connection> {
        let mut descriptors = Vec::new();
        let page = self.page_for(id, &mut descriptors)?;
        let launch = self.launch(id, page, way, &mut descriptors)?;
        let mut connection = Connection::without_waiting(stream)?;
        connection.queue(&launch, descriptors);
        connection.flush()?;
        Ok(connection)
    }

    /// What the host allows, whatever the script says.
    fn apply_limits(&mut self, id: u32) -> io::Result<()> {
        let Limits { processes, memory_bytes, operations, .. } = self.limits;
        let running = || self.jobs.iter().filter(|job| job.child.is_some()).count();
        if let Some(most) = processes.filter(|&most| running() >= most) {
            let most = crate::diagnostic::words::count(most, "process");
            return Err(io::Error::other(format!(
                "the program that runs the script allows {most} at a time"
            )));
        }
        let (quiet, bounds) = (!self.output.is_standard(), self.bounds.clone());
        let circumstances = &mut self.job_mut(id).circumstances;
        circumstances.memory_bytes = circumstances.memory_bytes.into_iter().chain(memory_bytes).min();
        (circumstances.operations, circumstances.quiet, circumstances.bounds) = (operations, quiet, bounds);
        Ok(())
    }

    /// A new page for an attempt of a job; its descriptor goes first.
    pub(super) fn page_for(&mut self, id: u32, descriptors: &mut Vec<OwnedFd>) -> io::Result<Parcel> {
        self.users += 1;
        let user = self.users;
        let (page, file) = Page::create(user)?;
        let job = self.job_mut(id);
        job.user = user;
        (job.handed, job.accepted) = (job.items_in(), job.items_out());
        (job.page, job.messages) = (Some(Rc::new(page)), 0);
        descriptors.push(file);
        Ok(Parcel::Shared { len: 0 })
    }

    fn launch(
        &self,
        id: u32,
        page: Parcel,
        way: Start,
        descriptors: &mut Vec<OwnedFd>,
    ) -> io::Result<Launch> {
        let job = self.job(id);
        let circumstances = circumstances(job, descriptors)?;
        let unit = match way {
            Start::Zygote => None,
            Start::Exec => Some(self.unit.clone().into_parcel(descriptors)?),
        };
        if let (MAIN, Some(body)) = (id, self.graph.main) {
            return Ok(Launch {
                process: facts(job),
                page,
                role: Role::Body { body },
                circumstances,
                unit,
                arguments: Vec::new(),
                globals: self.main_globals(),
            });
        }
        if let Some(pool) = job.pool {
            let role = self.role_of_worker(pool, descriptors)?;
            let (arguments, globals) = (Vec::new(), Vec::new());
            return Ok(Launch { process: facts(job), page, role, unit, arguments, globals, circumstances });
        }
        let template = &self.graph.unit.templates[job.template as usize];
        let mut arguments = Vec::with_capacity(job.arguments.len());
        let mut freight = Freight::new(descriptors);
        for (parameter, (name, argument)) in template.parameters.iter().zip(&job.arguments) {
            let (puts, takes) = (parameter.kind == ParameterKind::Out, parameter.kind == ParameterKind::In);
            let bound = match argument {
                Argument::Data(item) => Bound::Data { parcel: freight.load(item.clone())? },
                Argument::Queue(queue) => Bound::End { queue: self.queue_facts(*queue, puts, takes) },
                Argument::Shared(shared) => Bound::Shared { shared: self.shared_facts(*shared) },
                Argument::Queues(queues) => Bound::Ends {
                    queues: queues.iter().map(|&queue| self.queue_facts(queue, puts, takes)).collect(),
                },
            };
            arguments.push((name.clone(), bound));
        }
        Ok(Launch {
            process: facts(job),
            page,
            role: match template.kind {
                TemplateKind::Exec(_) => Role::Exec { template: job.template },
                TemplateKind::Native => Role::Native { template: job.template },
                TemplateKind::Process | TemplateKind::Thread => Role::Body { body: template.body },
            },
            circumstances,
            unit,
            arguments,
            globals: Vec::new(),
        })
    }
}
