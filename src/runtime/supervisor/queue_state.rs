//! One queue as the broker holds it: its items, its settings, and who waits at which end.

use super::ahead::{AHEAD_CAPACITY_MIN, Ahead};
use super::rings::RingState;
use crate::graph;
use crate::graph::plan::Transport;
use crate::queue::machine::{Machine, Settings};
use crate::queue::priority::Priority;
use crate::queue::store::{Capacity, Measure, Offer, StoreKind, StoreSettings, WhenFull};
use crate::runtime::connection::Item;
use crate::runtime::parcel;
use crate::value::Value;
use crate::value::item_type::ItemType;
use crate::wire::message::Answer;
use std::collections::VecDeque;

/// Why a stream has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    Done,
    /// These producers failed.
    Failed(Vec<String>),
    NoConsumer,
}

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
    pub dead_letter: Option<u32>,
    /// It carries the tasks or the results of a pool: what is in it when the pool ends is nobody's loss.
    pub of_pool: bool,
    pub priority: bool,
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
    pub fn next_getter(&self) -> Option<u32> {
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

    /// The end as this job sees it: who takes from the queue, when the last item for it is gone.
    pub fn visible_end(&self, job: u32, takes: bool) -> Option<&Cause> {
        self.end.as_ref().filter(|_| !takes || self.len_for(job) == 0)
    }

    pub fn end_answer(&self) -> Answer {
        let (cause, by) = match &self.end {
            Some(Cause::Failed(by)) => ("failed", by.clone()),
            Some(Cause::NoConsumer) => ("no consumer", Vec::new()),
            Some(Cause::Done) | None => ("done", Vec::new()),
        };
        Answer::Ended { cause: cause.to_owned(), by }
    }

    pub fn offer(&mut self, item: Item) -> Offer<Item> {
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

    pub fn measure(&self, item: &Item) -> Measure {
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
