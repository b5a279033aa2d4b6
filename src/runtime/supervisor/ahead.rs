//! Working ahead of answers, where nobody can notice: the one producer of a queue puts into room that it was
//! granted, the one consumer is given items before it asks for them.
//!
//! Items given ahead are still in the queue: they count for its length and its capacity until the consumer takes
//! them, which its counter, in memory shared with it, tells exactly, also when it was killed. What it has not
//! taken when it ends goes back.

use super::stored::weight;
use super::timers::Due;
use super::{Supervisor, job::Job};
use crate::queue::store::{Capacity, Entry};
use crate::runtime::connection::Item;
use crate::runtime::hooks::Point;
use crate::runtime::transport::page::Page;
use crate::wire::message::{Answer, Delivery, Parcel};
use std::collections::VecDeque;
use std::io;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// At most so many items may be put ahead of their answers.
const GRANT_MAX: usize = 4096;
/// At most so many items, and bytes, are given ahead.
const AHEAD_ITEMS: usize = 256;
const AHEAD_BYTES: usize = 64 * 1024;
/// A queue with room for fewer items goes step by step.
pub const AHEAD_CAPACITY_MIN: usize = 16;
/// The one producer of a full queue is woken when the queue is half empty, or after this time.
const ROOM_AFTER: Duration = Duration::from_micros(200);

/// The items that were given ahead to a consumer.
pub struct Ahead {
    job: u32,
    queue: u32,
    page: Rc<Page>,
    /// How many were given; the counter runs after it.
    given: u64,
    /// Those that may not have been taken yet, the newest last.
    items: VecDeque<Item>,
}

impl Ahead {
    /// How many of the items are not taken. A worker that counts wrong harms only itself.
    pub fn untaken(&self) -> usize {
        let taken = self.page.counted(self.queue as usize);
        usize::try_from(self.given.saturating_sub(taken)).unwrap_or(0).min(self.items.len())
    }

    /// What its items count for.
    pub fn held(&self) -> u64 {
        self.items.iter().map(weight).sum()
    }

    fn forget_taken(&mut self) {
        let untaken = self.untaken();
        self.items.drain(..self.items.len() - untaken);
    }
}

impl Supervisor<'_> {
    /// Answers a put, with as much room as can be granted.
    pub(super) fn accepted(&mut self, id: u32, number: u32, queue: u32) {
        let grant = if self.is_sole_producer(id, queue) {
            let state = &self.queues[queue as usize];
            let room = match state.capacity {
                Capacity::Items(capacity) => capacity.saturating_sub(state.len()),
                Capacity::Unbounded | Capacity::Bytes(_) => GRANT_MAX,
            };
            room.min(GRANT_MAX) as u32
        } else {
            0
        };
        self.answer(id, number, Answer::Accepted { grant }, Vec::new());
    }

    /// Whether nobody else can put into a queue; then room that is granted stays room.
    fn is_sole_producer(&self, id: u32, queue: u32) -> bool {
        let state = &self.queues[queue as usize];
        let holds = |job: &super::Job| job.ends.puts.contains(&queue) && !job.ends.closed.contains(&queue);
        // What is put ahead of answers could not be refused.
        self.limits.queue_bytes.is_none()
            && state.works_ahead
            && state.serves.is_empty()
            && !self.jobs.iter().any(|job| job.id != id && !job.is_over() && holds(job))
    }

    /// Whether the next who waits for room gets what there is now: the one producer of a queue is better woken
    /// once for half of the queue than for every slot.
    pub(super) fn room_is_worth_it(&mut self, queue: u32, putter: u32) -> bool {
        let state = &self.queues[queue as usize];
        let half = match state.capacity {
            Capacity::Items(capacity) => state.len() <= capacity / 2,
            Capacity::Unbounded | Capacity::Bytes(_) => true,
        };
        if half || !self.is_sole_producer(putter, queue) {
            return true;
        }
        self.look_for_room_later(queue);
        false
    }

    /// The time doubles while there is none: a slow consumer costs next to nothing.
    pub(super) fn look_for_room_later(&mut self, queue: u32) {
        let state = &mut self.queues[queue as usize];
        if !std::mem::replace(&mut state.room_due, true) {
            let after = ROOM_AFTER * (1 << state.room_misses.min(6));
            self.timers.set(Instant::now() + after, Due::Room { queue });
        }
    }

    /// The one who waits for room has waited long enough.
    pub(super) fn room_overdue(&mut self, queue: u32) -> io::Result<()> {
        self.queues[queue as usize].room_due = false;
        let putter = self.queues[queue as usize].putters.front().copied();
        if let Some(putter) = putter
            && !self.queues[queue as usize].is_full()
        {
            self.queues[queue as usize].room_misses = 0;
            self.serve_putter(queue, putter);
        } else {
            self.queues[queue as usize].room_misses += 1;
        }
        self.serve_queue(queue)
    }

    /// Whether nobody else can take from a queue.
    pub(super) fn is_sole_consumer(&self, id: u32, queue: u32) -> bool {
        let state = &self.queues[queue as usize];
        let takes = |job: &Job| job.ends.takes.contains(&queue);
        state.works_ahead
            && !state.joinable
            && (queue as usize) < Page::COUNTERS
            && !self.jobs.iter().any(|job| job.id != id && !job.is_over() && takes(job))
    }

    /// Answers a get with all the items that fit; false when the first does not.
    pub(super) fn give_ahead(&mut self, id: u32, number: u32, queue: u32) -> bool {
        let Some(page) = self.job(id).page.clone() else { return false };
        let state = &mut self.queues[queue as usize];
        if state.ahead.as_ref().is_none_or(|ahead| ahead.job != id) {
            let given = page.counted(queue as usize);
            state.ahead = Some(Ahead { job: id, queue, page, given, items: VecDeque::new() });
        }
        let Some(ahead) = &mut state.ahead else { return false };
        ahead.forget_taken();
        let (mut deliveries, mut bytes) = (Vec::new(), 0);
        while deliveries.len() < AHEAD_ITEMS && bytes < AHEAD_BYTES {
            let Some(taken) = state.machine.take(id) else { break };
            let Item::Inline(inline) = &taken.item else {
                // A large one travels on its own.
                state.machine.put_back(id, vec![entry(taken.item)]);
                break;
            };
            bytes += inline.len();
            let parcel = Parcel::Inline { bytes: inline.to_vec() };
            ahead.items.push_back(taken.item);
            ahead.given += 1;
            deliveries.push(Delivery { lease: 0, attempt: taken.attempt, parcel });
        }
        if deliveries.is_empty() {
            return false;
        }
        self.reach(Point::SeesHandedOut, id);
        self.answer(id, number, Answer::Items { deliveries, ahead: true }, Vec::new());
        true
    }

    /// What a consumer was given ahead and has not taken goes back to the front.
    pub(super) fn take_back_ahead(&mut self, id: u32, queue: u32) -> io::Result<()> {
        let state = &mut self.queues[queue as usize];
        let Some(mut ahead) = state.ahead.take_if(|ahead| ahead.job == id) else { return Ok(()) };
        ahead.forget_taken();
        state.machine.put_back(id, ahead.items.into_iter().map(entry).collect());
        self.serve_queue(queue)
    }
}

/// An item as a store holds it.
pub fn entry(item: Item) -> Entry<Item> {
    Entry { bytes: item.bytes(), item }
}
