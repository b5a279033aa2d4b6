//! The queues of a run, as the broker holds them: items in, items out, who waits at which end.

use super::ahead::{AHEAD_CAPACITY_MIN, Ahead};
use super::job::{Wait, WaitOn, Wanted};
use super::rings::RingState;
use super::{Supervisor, launch};
use crate::diagnostic::words;
use crate::graph;
use crate::graph::plan::Transport;
use crate::observe::Event;
use crate::queue::machine::{Dead, Machine, Returned, Settings};
use crate::queue::priority::Priority;
use crate::queue::store::{Capacity, Measure, Offer, StoreKind, StoreSettings, WhenFull};
use crate::runtime::connection::Item;
use crate::runtime::os::process::Exit;
use crate::runtime::parcel;
use crate::value::Value;
use crate::value::item_type::ItemType;
use crate::wire::message::{Answer, Delivery, Patience};
use std::collections::VecDeque;
use std::io;

/// One answer carries at most this many bytes of items, and this many shared files.
const ANSWER_BYTES: usize = 4 << 20;
const ANSWER_FILES: usize = 8;

/// Why a stream has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    Done,
    /// These producers failed.
    Failed(Vec<String>),
    NoConsumer,
}

/// A request's number and its place in the script.
pub type Asked = (u32, (u32, u32));

/// The number of a put for which room was granted: it is not answered.
const GRANTED: u32 = 0;

/// One queue and those who wait at it, in the order in which they came.
pub struct QueueState {
    pub id: u32,
    pub name: String,
    pub joinable: bool,
    pub is_broadcast: bool,
    pub capacity: Capacity,
    /// What can be put into it: the workers hold items against it.
    pub item_type: ItemType,
    /// The queues whose dead letters come here.
    pub serves: Vec<u32>,
    dead_letter: Option<u32>,
    /// It carries the tasks or the results of a pool: what is in it when the pool ends is nobody's loss.
    pub of_pool: bool,
    priority: bool,
    /// Of one in shared memory: what was given back.
    pub machine: Machine<Item>,
    /// It lies in shared memory as soon as somebody asks for that.
    pub may_be_ring: bool,
    pub ring: Option<RingState>,
    pub putters: VecDeque<u32>,
    pub getters: VecDeque<u32>,
    pub drainers: Vec<u32>,
    pub end: Option<Cause>,
    /// There was a consumer: when there is none any more, putters are told.
    pub was_taken_from: bool,
    pub failed_by: Vec<String>,
    /// The one who waits for room gets it when this is due.
    pub room_due: bool,
    /// How often in vain room was looked for since it was last found.
    pub room_misses: u32,
    /// Room may be granted and items given ahead: fifo, with room for some, nothing dropped.
    pub works_ahead: bool,
    pub ahead: Option<Ahead>,
}

/// The queues of a graph, all empty.
pub fn states(queues: &[graph::Queue], transports: &[Transport]) -> Vec<QueueState> {
    let states = (0..).zip(queues).zip(transports);
    let mut states: Vec<_> =
        states.map(|((id, queue), &transport)| QueueState::new(id, queue, transport)).collect();
    for (id, queue) in (0..).zip(queues) {
        if let Some(letters) = queue.dead_letter {
            states[letters.0 as usize].serves.push(id);
        }
    }
    states
}

impl QueueState {
    pub fn new(id: u32, queue: &graph::Queue, transport: Transport) -> Self {
        let kind = match queue.order {
            crate::ast::Order::Fifo => StoreKind::Fifo,
            crate::ast::Order::Lifo => StoreKind::Lifo,
            crate::ast::Order::Priority => StoreKind::Priority,
        };
        let when_full = match queue.when_full {
            crate::ast::WhenFull::Wait => WhenFull::Wait,
            crate::ast::WhenFull::DropOldest => WhenFull::DropOldest,
            crate::ast::WhenFull::DropNewest => WhenFull::DropNewest,
        };
        let capacity = match queue.capacity {
            graph::Capacity::Unbounded => Capacity::Unbounded,
            graph::Capacity::Items(items) => Capacity::Items(items),
            graph::Capacity::Bytes(bytes) => Capacity::Bytes(bytes),
        };
        let broadcast = queue.flavour == crate::ast::QueueFlavour::Broadcast;
        let settings = Settings {
            store: StoreSettings { kind, capacity, when_full },
            broadcast,
            joinable: queue.is_joinable(),
            redeliver: queue.redeliver,
        };
        let works_ahead = when_full == WhenFull::Wait
            && kind == StoreKind::Fifo
            && !broadcast
            && transport == Transport::Broker;
        QueueState {
            id,
            name: queue.name.clone(),
            joinable: queue.is_joinable(),
            is_broadcast: broadcast,
            capacity,
            item_type: queue.takes(),
            serves: Vec::new(),
            dead_letter: queue.dead_letter.map(|queue| queue.0),
            of_pool: false,
            priority: kind == StoreKind::Priority,
            machine: Machine::new(settings),
            may_be_ring: transport == Transport::Ring,
            ring: None,
            putters: VecDeque::new(),
            getters: VecDeque::new(),
            drainers: Vec::new(),
            end: None,
            was_taken_from: false,
            failed_by: Vec::new(),
            room_due: false,
            room_misses: 0,
            works_ahead: works_ahead
                && match capacity {
                    Capacity::Unbounded => true,
                    Capacity::Items(items) => items >= AHEAD_CAPACITY_MIN,
                    Capacity::Bytes(_) => false,
                },
            ahead: None,
        }
    }

    /// Items that nobody has taken, also those given ahead to the one consumer; of a broadcast queue, those that
    /// the slowest has not.
    pub fn len(&self) -> usize {
        self.machine.len() + self.ahead.as_ref().map_or(0, Ahead::untaken) + self.in_ring()
    }

    /// The same, as this job sees it.
    pub fn len_for(&self, job: u32) -> usize {
        self.machine.len_for(job) + self.ahead.as_ref().map_or(0, Ahead::untaken) + self.in_ring()
    }

    /// Items that can be handed out to this job.
    pub fn available_to(&self, job: u32) -> usize {
        self.machine.len_for(job)
    }

    /// Of those who wait for an item, the first for whom there is one.
    fn next_getter(&self) -> Option<u32> {
        // What is there for one is there for all, except in a broadcast queue.
        let looked_at = if self.is_broadcast { self.getters.len() } else { 1 };
        self.getters.iter().copied().take(looked_at).find(|&getter| self.available_to(getter) > 0)
    }

    pub fn is_full(&self) -> bool {
        match self.capacity {
            Capacity::Items(items) => self.len() >= items,
            Capacity::Unbounded | Capacity::Bytes(_) => self.machine.is_full(),
        }
    }

    /// Whether there is no room for an item of this length.
    pub fn is_full_for(&self, bytes: u64) -> bool {
        match self.capacity {
            Capacity::Items(_) => self.is_full(),
            Capacity::Unbounded | Capacity::Bytes(_) => !self.machine.has_room(bytes),
        }
    }

    /// The jobs that have items in hand.
    pub fn lessees(&self) -> impl Iterator<Item = u32> + '_ {
        self.machine.holders()
    }

    /// The end as this job sees it: when the last item for it is gone.
    pub fn visible_end(&self, job: u32) -> Option<&Cause> {
        self.end.as_ref().filter(|_| self.len_for(job) == 0)
    }

    fn end_answer(&self) -> Answer {
        let (cause, by) = match &self.end {
            Some(Cause::Failed(by)) => ("failed", by.clone()),
            Some(Cause::NoConsumer) => ("no consumer", Vec::new()),
            Some(Cause::Done) | None => ("done", Vec::new()),
        };
        Answer::Ended { cause: cause.to_owned(), by }
    }

    fn offer(&mut self, item: Item) -> Offer<Item> {
        if let Some(ring) = &mut self.ring {
            return ring.put(item).map_or_else(Offer::Full, |()| Offer::Accepted);
        }
        let measure = self.measure(&item);
        self.machine.put(item, measure)
    }

    pub fn put_beyond(&mut self, item: Item) {
        let measure = self.measure(&item);
        self.machine.put_beyond(item, measure);
    }

    fn measure(&self, item: &Item) -> Measure {
        let priority = if self.priority { priority_of(item) } else { Priority::Int(0) };
        Measure { priority, bytes: item.bytes() }
    }
}

/// The priority of an item `[priority, value]`. The worker has checked its shape; dead letters have none.
fn priority_of(item: &Item) -> Priority {
    match parcel::first_number(item) {
        Some(Value::Int(int)) => Priority::Int(int),
        Some(Value::Float(float)) => Priority::Float(float),
        _ => Priority::Int(0),
    }
}

impl Supervisor<'_> {
    pub(super) fn put(
        &mut self,
        id: u32,
        asked: Asked,
        queue: u32,
        mut items: VecDeque<Item>,
        patience: Patience,
    ) -> io::Result<()> {
        let state = &mut self.queues[queue as usize];
        if state.end.is_some() {
            // An item put by a grant is as lost as one put just before the last consumer left.
            let answer = state.end_answer();
            if asked.0 != GRANTED {
                self.answer(id, asked.0, answer, Vec::new());
            }
            return Ok(());
        }
        let accepted = if state.putters.is_empty() { accept(state, &mut items) } else { 0 };
        self.jobs[id as usize].accepted += u64::from(accepted);
        if asked.0 == GRANTED {
            // Items given back may have taken the room that was granted: it is owed all the same.
            self.jobs[id as usize].accepted += items.len() as u64;
            items.into_iter().for_each(|item| state.put_beyond(item));
        } else if items.is_empty() {
            self.accepted(id, asked.0, queue);
        } else if let patience @ (Patience::Forever {} | Patience::Seconds { .. }) = state.patience_for(patience) {
            self.wait_for(id, asked, WaitOn::Put { queue, items, accepted }, &patience);
            self.queues[queue as usize].putters.push_back(id);
        } else {
            self.answer(id, asked.0, Answer::NotInTime { accepted }, Vec::new());
        }
        self.serve_queue(queue)
    }

    pub(super) fn get(
        &mut self,
        id: u32,
        asked: Asked,
        wanted: Wanted,
        patience: Patience,
    ) -> io::Result<()> {
        let queue = wanted.queue;
        let state = &mut self.queues[queue as usize];
        state.was_taken_from = true;
        // Who did not listen to a broadcast queue before does from now on.
        state.machine.join(id);
        state.fill_front();
        if state.available_to(id) > 0 {
            self.hand_out(id, asked.0, wanted)?;
            return self.serve_queue(queue);
        }
        let patience = state.patience_for(patience);
        let answer = if state.end.is_some() && state.len_for(id) == 0 {
            state.end_answer()
        } else if matches!(patience, Patience::No {}) {
            Answer::NotInTime { accepted: 0 }
        } else {
            self.wait_for(id, asked, WaitOn::Get(wanted), &patience);
            self.queues[queue as usize].getters.push_back(id);
            return self.serve_queue(queue);
        };
        self.answer(id, asked.0, answer, Vec::new());
        Ok(())
    }

    /// Hands out up to `count` items that are there.
    fn hand_out(&mut self, id: u32, number: u32, wanted: Wanted) -> io::Result<()> {
        let Wanted { queue, count, ahead } = wanted;
        if ahead && self.is_sole_consumer(id, queue) && self.give_ahead(id, number, queue) {
            return Ok(());
        }
        let state = &mut self.queues[queue as usize];
        let (mut deliveries, mut descriptors, mut bytes) = (Vec::new(), Vec::new(), 0);
        while deliveries.len() < count as usize && bytes < ANSWER_BYTES && descriptors.len() < ANSWER_FILES {
            state.fill_front();
            let Some(taken) = state.machine.take(id) else { break };
            if let Item::Inline(inline) = &taken.item {
                bytes += inline.len();
            }
            let parcel = taken.item.into_parcel(&mut descriptors)?;
            deliveries.push(Delivery { lease: taken.lease, attempt: taken.attempt, parcel });
        }
        self.jobs[id as usize].handed += deliveries.len() as u64;
        self.answer(id, number, Answer::Items { deliveries, ahead: false }, descriptors);
        Ok(())
    }

    /// Lets those go on who wait at a queue, as far as its items and its room allow.
    pub(super) fn serve_queue(&mut self, queue: u32) -> io::Result<()> {
        loop {
            let state = &mut self.queues[queue as usize];
            if !state.getters.is_empty() {
                state.fill_front();
            }
            let state = &self.queues[queue as usize];
            let progress = match (state.next_getter(), state.putters.front().copied()) {
                (Some(getter), _) => self.serve_getter(getter)?,
                (_, Some(putter)) if !state.is_full() => {
                    self.room_is_worth_it(queue, putter) && self.serve_putter(queue, putter)
                }
                (_, Some(_)) if state.len() > state.machine.len() => {
                    self.look_for_room_later(queue);
                    false
                }
                _ => false,
            };
            if !progress && !self.watch_ring(queue) {
                break;
            }
        }
        if self.queues[queue as usize].len() > 0 {
            self.answer_any_waits();
        }
        Ok(())
    }

    fn serve_getter(&mut self, getter: u32) -> io::Result<bool> {
        let Some(Wait { number, on: WaitOn::Get(wanted), .. }) = self.take_wait(getter) else {
            return Ok(false);
        };
        self.hand_out(getter, number, wanted)?;
        Ok(true)
    }

    pub(super) fn serve_putter(&mut self, queue: u32, putter: u32) -> bool {
        let state = &mut self.queues[queue as usize];
        let job = &mut self.jobs[putter as usize];
        let Some(Wait { on: WaitOn::Put { items, accepted, .. }, .. }) = &mut job.wait else {
            return false;
        };
        let count = accept(state, items);
        *accepted += count;
        job.accepted += u64::from(count);
        if items.is_empty()
            && let Some(wait) = self.take_wait(putter)
        {
            self.accepted(putter, wait.number, queue);
        }
        count > 0
    }

    pub(super) fn acknowledge(&mut self, id: u32, queue: u32, lease: u64) {
        // A lease that is not in hand was given back a moment ago, with the end of its process.
        if self.queues[queue as usize].machine.acknowledge(id, lease).is_ok() {
            self.wake_drainers(queue);
        }
    }

    pub(super) fn drain(&mut self, id: u32, asked: Asked, queue: u32, patience: Patience) {
        self.queues[queue as usize].drainers.push(id);
        self.watch_for_done(queue);
        let answer = if self.unfinished(queue) == 0 {
            Answer::Done {}
        } else if matches!(patience, Patience::No {}) {
            Answer::NotInTime { accepted: 0 }
        } else {
            return self.wait_for(id, asked, WaitOn::Drain { queue }, &patience);
        };
        self.queues[queue as usize].drainers.retain(|&drainer| drainer != id);
        self.watch_for_done(queue);
        self.answer(id, asked.0, answer, Vec::new());
    }

    pub(super) fn wake_drainers(&mut self, queue: u32) {
        if self.unfinished(queue) > 0 {
            return;
        }
        for id in std::mem::take(&mut self.queues[queue as usize].drainers) {
            if let Some(wait) = self.take_wait(id) {
                self.answer(id, wait.number, Answer::Done {}, Vec::new());
            }
        }
        self.watch_for_done(queue);
        self.changed = true;
    }

    /// `task_failed`: the item goes back to the front, or is dead.
    pub(super) fn give_back(&mut self, id: u32, queue: u32, lease: u64, reason: &str) -> io::Result<()> {
        match self.queues[queue as usize].machine.give_back(id, lease) {
            Ok(Returned::Redeliver) => self.serve_queue(queue),
            Ok(Returned::Dead(dead)) => self.bury(queue, dead, reason),
            // Given back before, with the end of its process.
            Err(_) => Ok(()),
        }
    }

    /// What a process had in hand when it ended goes back, in order: items, locks, permits.
    pub(super) fn give_back_all(&mut self, id: u32, exit: Exit) -> io::Result<()> {
        self.release_all(id);
        self.recover(id);
        for queue in 0..self.queues.len() as u32 {
            self.take_back_ahead(id, queue)?;
            let dead = self.queues[queue as usize].machine.holder_ended(id);
            let how = words::ended(exit.code());
            let reason = format!("process `{}` {how} before it acknowledged it", self.job(id).name);
            for dead in dead {
                self.bury(queue, dead, &reason)?;
            }
            self.serve_queue(queue)?;
        }
        Ok(())
    }

    /// An item that was given back too often goes to the dead letter queue; without one the run fails.
    fn bury(&mut self, queue: u32, dead: Dead<Item>, reason: &str) -> io::Result<()> {
        self.wake_drainers(queue);
        if let Some(letters) = self.queues[queue as usize].dead_letter
            && self.queues[letters as usize].end.is_none()
            && self.queues[letters as usize].machine.is_heard()
        {
            let letter = Value::map([
                ("item", parcel::unpack(dead.item).unwrap_or(Value::Unit)),
                ("attempts", Value::Int(dead.attempts.into())),
                ("last", Value::string(reason)),
            ]);
            let letter = launch::encode(&letter)?;
            self.queues[letters as usize].put_beyond(letter);
            return self.serve_queue(letters);
        }
        if self.queues[queue as usize].of_pool {
            return Ok(());
        }
        self.item_failed(queue, dead, format!("the last time: {reason}"));
        Ok(())
    }

    fn item_failed(&mut self, queue: u32, dead: Dead<Item>, reason: String) {
        let name = self.queues[queue as usize].name.clone();
        let item = shown(dead.item);
        self.observer.event(&Event::ItemFailed { queue: name, item, attempts: dead.attempts, reason });
        self.stop_for_item();
    }

    /// Ends a stream: those who wait for it, or for room in it, go on.
    pub(super) fn end_queue(&mut self, queue: u32, cause: Option<Cause>) {
        let state = &mut self.queues[queue as usize];
        if state.end.is_some() {
            return;
        }
        let no_consumer = cause == Some(Cause::NoConsumer);
        state.end = Some(cause.unwrap_or_else(|| match state.failed_by.as_slice() {
            [] => Cause::Done,
            by => Cause::Failed(by.to_vec()),
        }));
        if let Some(state) = &state.ring {
            state.ring.end();
        }
        let answer = state.end_answer();
        // Where there are items, they are handed out first.
        let getters = state.getters.iter().filter(|_| state.len() == 0 || state.is_broadcast);
        let woken: Vec<u32> = getters.chain(&state.putters).copied().collect();
        for id in woken {
            if let Some(wait) = self.take_wait(id) {
                self.answer(id, wait.number, answer.clone(), Vec::new());
            }
        }
        if no_consumer {
            self.lost_consumers(queue);
        }
        self.changed = true;
    }
}

impl Supervisor<'_> {
    /// Nobody is left to take what is in a queue. What was given back fails the run, unless it is of a pool.
    fn lost_consumers(&mut self, queue: u32) {
        let state = &mut self.queues[queue as usize];
        if state.of_pool {
            state.machine.clear();
        } else if let Some(dead) = state.machine.take_returned() {
            self.item_failed(queue, dead, "nobody is left who could take it".to_owned());
        }
    }
}

/// An item as messages show it.
pub(super) fn shown(item: Item) -> String {
    shortened(parcel::unpack(item).unwrap_or(Value::Unit).quoted())
}

/// At most so much of a text that it can stand in a message.
pub(super) fn shortened(text: String) -> String {
    if text.chars().count() > 200 { text.chars().take(200).chain("…".chars()).collect() } else { text }
}

/// Accepts items as long as there is room; gives how many.
fn accept(state: &mut QueueState, items: &mut VecDeque<Item>) -> u32 {
    let mut accepted = 0;
    while !(state.works_ahead && state.is_full())
        && let Some(item) = items.pop_front()
    {
        match state.offer(item) {
            Offer::Accepted | Offer::Dropped => accepted += 1,
            Offer::Full(item) => {
                items.push_front(item);
                break;
            }
        }
    }
    accepted
}
