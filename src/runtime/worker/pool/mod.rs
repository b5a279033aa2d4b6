//! The owner's side of a pool: it gives out tasks and takes results, both by queues of the supervisor's, and does
//! so only while somebody asks it for something.

mod background;
mod desk;
mod input;
mod job;
pub mod labour;
mod message;
mod prefix;
mod results;
mod sizes;
mod stream;
mod tray;

use super::client::{Client, patience};
use crate::runtime::parcel::{self, PackError};
use crate::script::objects::Stream;
use crate::script::objects::pool::{JobHandle, Order, PoolHandle, PoolSettings, Work};
use crate::script::{Failure, Fault, Wait};
use crate::value::{Value, sendable};
use crate::wire::message::{Answer, Ask, Delivery, Parcel, Patience};
use background::Background;
use input::{Input, Pulled, Then};
use job::{Ahead, Job, Plan};
use message::{Task, Word};
use rustix::fd::OwnedFd;
use sizes::Sizes;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::{Rc, Weak};
use stream::Streamed;

/// So many tasks are said at a time.
const TASKS_AT_ONCE: usize = 32;
/// Answers are taken this many at a time.
const ANSWERS_AT_ONCE: u32 = 64;

/// Why nothing more comes of a pool.
enum Over {
    Terminated,
    Broken(Failure),
}

/// A pool, as its owner holds it.
pub struct Pool {
    client: Rc<Client>,
    name: String,
    tasks: u32,
    results: u32,
    settings: PoolSettings,
    jobs: RefCell<BTreeMap<i64, Weak<RefCell<Job>>>>,
    last_job: Cell<i64>,
    /// Nothing more is taken.
    closed: Cell<bool>,
    /// The supervisor was told so.
    told: Cell<bool>,
    over: RefCell<Option<Over>>,
    /// All workers have ended.
    ended: Cell<bool>,
}

impl Pool {
    /// Asks for a pool.
    ///
    /// # Errors
    /// `Unsendable` for an initializer, `Process` in a daemon.
    pub fn make(client: Rc<Client>, settings: PoolSettings) -> Result<Rc<Pool>, Fault> {
        let mut descriptors = Vec::new();
        let initializer = match &settings.initializer {
            Some(function) => {
                let value = Value::Function(function.clone());
                let packed = pack(&value, &mut descriptors);
                Some(packed.map_err(|error| unsendable_function("pool", "initializer", &error))?)
            }
            None => None,
        };
        let circumstances = pack(&client.host.circumstances(), &mut descriptors)
            .map_err(|error| Fault::error("Memory", format!("a pool cannot be made: {error}")))?;
        let PoolSettings { workers, max_tasks, .. } = settings;
        let ask = Ask::MakePool { workers, initializer, max_tasks, circumstances };
        let Answer::PoolMade { name, tasks, results } = client.ask(ask, descriptors)? else {
            return Err(Fault::Stopped);
        };
        Ok(Rc::new(Pool {
            client,
            name,
            tasks,
            results,
            settings,
            jobs: RefCell::default(),
            last_job: Cell::new(0),
            closed: Cell::new(false),
            told: Cell::new(false),
            over: RefCell::new(None),
            ended: Cell::new(false),
        }))
    }

    fn fault(&self, kind: &str, message: String) -> Fault {
        Fault::error(kind, message).with("pool", Value::string(&*self.name))
    }

    /// A job for some work; its items are not read yet.
    fn begin(&self, work: Work, ordered: bool, ahead: Ahead) -> Result<Rc<RefCell<Job>>, Fault> {
        if self.closed.get() {
            return Err(self.fault("Closed", format!("`{}`: `{}` was closed", work.call, self.name)));
        }
        self.check()?;
        let function = Value::Function(work.function.clone());
        let packed = parcel::pack(&function);
        let packed = packed.map_err(|error| unsendable_function(work.call, "function", &error))?;
        let most =
            self.settings.max_tasks.map_or(usize::MAX, |most| usize::try_from(most).unwrap_or(usize::MAX));
        let input = Input::of(work.items, work.call)?;
        let workers = self.settings.workers as usize;
        let sizes = match (work.chunk.or(self.settings.chunk), ahead) {
            (Some(chunk), _) => Sizes::Fixed(chunk),
            (None, Ahead::AtOnce) => Sizes::unmeasured(input.left().unwrap_or(0), workers, most),
            (None, _) => Sizes::measured(packed.size(), most),
        };
        let id = self.last_job.get() + 1;
        self.last_job.set(id);
        let (function, spread) = (work.function, work.spread);
        let plan = Plan { id, function, spread, sizes, workers, ahead, ordered };
        let job = Rc::new(RefCell::new(Job::new(plan, input)));
        self.jobs.borrow_mut().insert(id, Rc::downgrade(&job));
        Ok(job)
    }

    /// Whether anything can still come of the pool.
    fn check(&self) -> Result<(), Fault> {
        match &*self.over.borrow() {
            Some(Over::Broken(failure)) => Err(Fault::Elsewhere(Box::new(failure.clone()))),
            Some(Over::Terminated) => Err(self.fault("Closed", format!("`{}` was terminated", self.name))),
            None if self.ended.get() => {
                Err(self.fault("Closed", format!("the workers of `{}` have ended", self.name)))
            }
            None => Ok(()),
        }
    }

    /// Sends of a job what there is and may be sent. An input of which nothing is there yet is waited for only
    /// when nothing of the job is under way.
    fn feed(&self, job: &RefCell<Job>) -> Result<(), Fault> {
        let mut unsaid = 0;
        let fed = loop {
            match self.feed_once(job) {
                Ok(true) => unsaid += 1,
                Ok(false) => break Ok(()),
                Err(fault) => break Err(fault),
            }
            // Nobody is to wait for tasks while others are being read.
            if unsaid >= TASKS_AT_ONCE || !job.borrow().input.as_ref().is_some_and(Input::is_at_hand) {
                self.say()?;
                unsaid = 0;
            }
        };
        self.say()?;
        fed?;
        self.close_when_done();
        Ok(())
    }

    fn say(&self) -> Result<(), Fault> {
        self.client.flush().map_err(|_| Fault::Stopped)
    }

    /// One chunk; true when it was sent and there may be another one.
    fn feed_once(&self, job: &RefCell<Job>) -> Result<bool, Fault> {
        if !job.borrow().has_room() || !job.borrow().has_more() {
            return Ok(false);
        }
        let back = job.borrow_mut().take_back();
        if let Some((first, items)) = back {
            return self.send(job, first, items).map(|()| true);
        }
        let (input, size) = {
            let mut job = job.borrow_mut();
            let size = job.size();
            (job.input.take(), size)
        };
        // Reading may come back to this pool: nothing of it is held meanwhile. Absent: it is being read.
        let Some(mut input) = input else { return Ok(false) };
        let idle = !job.borrow().has_chunks_out() && !job.borrow().results.has_some();
        let Pulled { items, then } = input.pull(size, idle);
        job.borrow_mut().input = Some(input);
        if !items.is_empty() {
            let first = job.borrow_mut().place(items.len());
            self.send(job, first, items)?;
        }
        match then {
            Then::More => return Ok(true),
            Then::NotNow => {}
            Then::End => job.borrow_mut().input_is_over = true,
            Then::Failed(fault @ (Fault::Thrown(_) | Fault::Elsewhere(_))) => {
                let mut job = job.borrow_mut();
                job.input_is_over = true;
                let place = job.place(1);
                job.failed(place, fault);
            }
            Then::Failed(fault) => return Err(fault),
        }
        Ok(false)
    }

    /// Sends items. One that cannot be sent fails alone.
    fn send(&self, job: &RefCell<Job>, first: usize, items: Vec<Value>) -> Result<(), Fault> {
        let task = job.borrow_mut().task(first, items);
        let mut descriptors = Vec::new();
        let packed = parcel::pack(&task.to_value()).and_then(|item| {
            job.borrow_mut().weigh(task.items.len(), item.size());
            item.into_parcel(&mut descriptors).map_err(PackError::Memory)
        });
        match packed {
            Ok(parcel) => {
                // For whichever worker is free. There is always room for it, so nothing has to be waited for.
                let ask = Ask::Put { queue: self.tasks, items: vec![parcel], patience: Patience::No {} };
                self.client.tell_soon(ask, descriptors);
                Ok(())
            }
            Err(error) => {
                let mut items = job.borrow_mut().not_sent(task);
                if items.len() == 1 {
                    let fault = self.unsendable_item(first, &items[0], &error);
                    job.borrow_mut().failed(first, fault);
                    return Ok(());
                }
                let rest = items.split_off(items.len() / 2);
                let middle = first + items.len();
                self.send(job, first, items)?;
                self.send(job, middle, rest)
            }
        }
    }

    fn unsendable_item(&self, place: usize, item: &Value, error: &PackError) -> Fault {
        match sendable::check(item) {
            Err(what) => self.fault("Unsendable", format!("item {place} cannot go to a worker: {what}")),
            Ok(()) => self.fault("Memory", format!("item {place} cannot go to a worker: {error}")),
        }
    }

    /// Takes answers, of whichever jobs; waits for one. False: none came in time.
    fn hear(&self, wait: Wait) -> Result<bool, Fault> {
        let (queue, count) = (self.results, ANSWERS_AT_ONCE);
        let ask = Ask::Get { queue, count, patience: patience(wait), done: None, ahead: false };
        match self.client.ask(ask, Vec::new())? {
            Answer::Items { deliveries, .. } => {
                for delivery in deliveries {
                    let value = self.client.unpack(delivery.parcel);
                    let value = value.map_err(|error| self.fault("Memory", format!("a result: {error}")))?;
                    self.hear_word(Word::from_value(value));
                }
                Ok(true)
            }
            Answer::Ended { .. } => {
                self.ended.set(true);
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    fn hear_word(&self, word: Option<Word>) {
        match word {
            Some(Word::Answer(answer)) => {
                if let Some(job) = self.job(answer.job) {
                    job.borrow_mut().absorb(answer);
                    self.acknowledge(&job);
                }
            }
            Some(Word::Letter { task, attempts, last }) => {
                if let Some(job) = self.job(task.job) {
                    job.borrow_mut().died(task.chunk, |item| self.died(item, attempts, &last));
                    self.acknowledge(&job);
                }
            }
            Some(Word::Broken(failure)) => {
                self.over.borrow_mut().get_or_insert(Over::Broken(failure));
            }
            None => {}
        }
    }

    fn job(&self, id: i64) -> Option<Rc<RefCell<Job>>> {
        self.jobs.borrow().get(&id).and_then(Weak::upgrade)
    }

    fn died(&self, item: &Value, attempts: i64, last: &str) -> Fault {
        let shown: String = item.quoted().chars().take(200).collect();
        let message = format!("item `{shown}` took down {attempts} workers of `{}`; {last}", self.name);
        self.fault("Died", message)
            .with("item", item.clone())
            .with("attempts", Value::Int(attempts))
            .with("last", Value::string(last))
    }

    /// Items of a joinable queue whose results are there need not come again.
    fn acknowledge(&self, job: &RefCell<Job>) {
        let (count, queue) = {
            let mut job = job.borrow_mut();
            let queue = job.input.as_ref().and_then(Input::queue).filter(|queue| queue.joinable()).cloned();
            (std::mem::take(&mut job.to_acknowledge), queue)
        };
        let Some(queue) = queue else { return };
        for _ in 0..count {
            // One that the body has acknowledged itself needs no second word.
            let _ = queue.task_done();
        }
    }

    /// The jobs of which more is to come.
    fn open_jobs(&self) -> Vec<Rc<RefCell<Job>>> {
        self.jobs.borrow_mut().retain(|_, job| job.strong_count() > 0);
        let jobs: Vec<_> = self.jobs.borrow().values().filter_map(Weak::upgrade).collect();
        jobs.into_iter().filter(|job| !job.borrow().is_done()).collect()
    }

    /// Lets the workers end, once a closed pool has nothing more for them.
    fn close_when_done(&self) {
        if self.closed.get() && !self.told.get() && self.open_jobs().is_empty() {
            self.told.set(true);
            // A supervisor that is gone needs no word.
            let _ = self.client.tell(Ask::Close { queue: self.tasks });
        }
    }

    /// Nobody wants what comes of a job any more: what no worker has begun is taken back.
    fn abandon(&self, job: &RefCell<Job>) {
        let (id, is_out) = (job.borrow().id(), job.borrow().has_chunks_out());
        self.jobs.borrow_mut().remove(&id);
        if is_out && !self.ended.get() {
            // When the run is stopping nobody begins anything.
            let _ = self.take_back(id);
        }
        self.close_when_done();
    }

    fn take_back(&self, job: i64) -> Result<(), Fault> {
        let (queue, count) = (self.tasks, u32::MAX);
        let mut of_others = Vec::new();
        loop {
            let ask = Ask::Get { queue, count, patience: Patience::No {}, done: None, ahead: false };
            let Answer::Items { deliveries, .. } = self.client.ask(ask, Vec::new())? else { break };
            for Delivery { lease, parcel, .. } in deliveries {
                let value = self.client.unpack(parcel).map_err(|_| Fault::Stopped)?;
                if Task::from_value(&value).is_some_and(|task| task.job == job) {
                    let ask = Ask::Acknowledge { queue, lease };
                    self.client.tell(ask).map_err(|_| Fault::Stopped)?;
                } else {
                    of_others.push(lease);
                }
            }
        }
        let ask = Ask::Untake { queue, leases: of_others };
        self.client.tell(ask).map_err(|_| Fault::Stopped)
    }
}

/// A value as it travels.
fn pack(value: &Value, descriptors: &mut Vec<OwnedFd>) -> Result<Parcel, PackError> {
    parcel::pack(value).and_then(|item| item.into_parcel(descriptors).map_err(PackError::Memory))
}

fn unsendable_function(call: &str, what: &str, error: &PackError) -> Fault {
    match error {
        PackError::Unsendable(unsendable) => {
            let message =
                format!("`{call}`: `{what}` cannot go to a worker: it captured {}", unsendable.what);
            Fault::error("Unsendable", message)
        }
        PackError::Memory(_) => Fault::error("Memory", format!("`{call}`: `{what}`: {error}")),
    }
}

impl PoolHandle for Pool {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn stream(self: Rc<Self>, work: Work, order: Order) -> Result<Box<dyn Stream>, Fault> {
        let ahead = if order == Order::All { Ahead::Free } else { Ahead::Window };
        let job = self.begin(work, order != Order::Arrival, ahead)?;
        let streamed = Streamed::new(self, job);
        streamed.begin()?;
        Ok(Box::new(streamed))
    }

    fn submit(self: Rc<Self>, mut work: Work, single: bool) -> Result<Rc<dyn JobHandle>, Fault> {
        work.items = all_items(work.items, work.call)?;
        let job = self.begin(work, true, Ahead::AtOnce)?;
        self.feed(&job)?;
        Ok(Rc::new(Background::new(self, job, single)))
    }

    fn close(&self) -> Result<(), Fault> {
        self.closed.set(true);
        self.close_when_done();
        Ok(())
    }

    fn terminate(&self) -> Result<(), Fault> {
        self.closed.set(true);
        if self.over.borrow().is_none() {
            *self.over.borrow_mut() = Some(Over::Terminated);
            self.client.ask(Ask::EndPool { tasks: self.tasks }, Vec::new())?;
        }
        Ok(())
    }

    fn join(&self) -> Result<(), Fault> {
        if !self.closed.get() {
            let message = format!("`join`: `{}` must be closed or terminated first", self.name);
            return Err(self.fault("Process", message));
        }
        for job in self.open_jobs() {
            job.borrow_mut().hurry();
            while !job.borrow().is_done() && self.check().is_ok() {
                self.feed(&job)?;
                if job.borrow().has_chunks_out() {
                    self.hear(Wait::Forever)?;
                }
            }
        }
        self.close_when_done();
        while !self.ended.get() {
            self.hear(Wait::Forever)?;
        }
        Ok(())
    }
}

/// Everything that an input has, for a call that does not wait for its results.
fn all_items(items: Value, call: &str) -> Result<Value, Fault> {
    let mut input = Input::of(items, call)?;
    let mut all = Vec::new();
    loop {
        // Not more at once: a range may be longer than the memory.
        let Pulled { items, then } = input.pull(1 << 16, true);
        all.extend(items);
        match then {
            Then::More | Then::NotNow => {}
            Then::End => return Ok(Value::array(all)),
            Then::Failed(fault) => return Err(fault),
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        if !self.told.get() {
            // What was given to the workers is done; then they end.
            let _ = self.client.tell(Ask::Close { queue: self.tasks });
        }
    }
}
