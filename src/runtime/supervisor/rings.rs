//! Queues in shared memory, as the supervisor sees them. Their users put and take by themselves; it only keeps what
//! does not fit there: items given back, which come before all others (in the queue's machine), and long ones for which
//! there is no room, for which a record in the ring stands. Whoever asks for an item, or puts one, by a message is served from the ring by it.
//!
//! It never waits for a lock of a ring: it tries again a moment later.

use super::Supervisor;
use super::blocks::BlockState;
use super::job::{Job, Wait, WaitOn, Wanted};
use super::queue_state::QueueState;
use super::queues::Asked;
use super::stored::weight;
use super::timers::Due;
use crate::queue::store::Capacity;
use crate::runtime::connection::Item;
use crate::runtime::os::shared::Shared;
use crate::runtime::transport::blocks::{FILE_BYTES, Run};
use crate::runtime::transport::page::{At, Page, QUEUES_MAX, RingWait, Slot};
use crate::runtime::transport::ring::memory::WORDS_BYTES;
use crate::runtime::transport::ring::{
    Kind, Put, RECORD_MAX, Ring, SUPERVISOR, Take, User, WATCH_DONE, WATCH_ITEMS, WATCH_ROOM, arena_bytes,
};
use crate::value::bare::Bare;
use crate::wire::codec;
use crate::wire::message::{Answer, Parcel, Patience};
use rustix::fd::OwnedFd;
use std::collections::HashMap;
use std::io;
use std::ops::Deref;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// A lock that is held is free again after this.
const BUSY: Duration = Duration::from_millis(1);
/// The same for one who asks without patience: more than a lock is held for.
const BUSY_SECONDS: f64 = 0.02;

/// A queue's memory, and what is kept for it here.
pub struct RingState {
    pub ring: Ring<Shared>,
    file: OwnedFd,
    arena: u32,
    /// Where long items lie, once there were any.
    pub blocks: Option<BlockState>,
    /// Items that found no room there, by the number that stands in the ring for them.
    kept: HashMap<u64, Item>,
    last_kept: u64,
    /// As many items given back as the ring was told of.
    returned: usize,
    /// Its lock was held by somebody else.
    busy: bool,
    look_is_due: bool,
    /// Somebody has written what is no record.
    damaged: bool,
}

impl RingState {
    fn create(capacity: usize, arena: u32) -> io::Result<RingState> {
        let (memory, file) = Shared::create("queue", WORDS_BYTES, arena as usize)?;
        Ok(RingState {
            ring: Ring::new(memory, capacity as u32, arena),
            file,
            arena,
            blocks: None,
            kept: HashMap::new(),
            last_kept: 0,
            returned: 0,
            busy: false,
            look_is_due: false,
            damaged: false,
        })
    }

    /// The memory that it may come to use, and what is kept beside it.
    pub fn held(&self) -> u64 {
        let blocks = self.blocks.as_ref().map_or(0, |_| FILE_BYTES as u64);
        u64::from(self.arena) + blocks + self.kept.values().map(weight).sum::<u64>()
    }

    /// Takes the next item out of the ring.
    fn take(&mut self) -> Option<Item> {
        let mut bytes = Vec::new();
        let mut kind = Kind::Here;
        let blocks = self.blocks.as_ref();
        let taken = self.ring.take_unless_locked(SUPERVISOR, &mut bytes, |found, record, number| {
            kind = found;
            if let (Kind::InBlocks, Some(state), Some(run)) = (found, blocks, Run::of_bytes(record)) {
                state.blocks.number(run, SUPERVISOR, number);
            }
            true
        });
        self.busy = taken.is_none();
        self.damaged |= taken == Some(Take::Broken);
        match (taken?, kind) {
            (Take::Taken { .. }, Kind::Here) => Some(Item::Inline(Rc::new(bytes))),
            (Take::Taken { .. }, kind @ (Kind::Text | Kind::Blob)) => {
                let form = kind.form()?;
                Some(Item::Inline(Rc::new(codec::encoded_bare(Bare { form, bytes: &bytes }))))
            }
            (Take::Taken { .. }, Kind::InBlocks) => self.blocks.as_ref()?.take(Run::of_bytes(&bytes)?),
            // A number that nobody was given is the work of a process that spoils memory.
            (Take::Taken { .. }, Kind::Elsewhere) => {
                self.kept.remove(&u64::from_le_bytes(bytes.try_into().ok()?))
            }
            _ => None,
        }
    }

    /// Which blocks a dead one has left must be found out before its locks are free.
    fn free_blocks(&self, dead: User) {
        if let Some(state) = &self.blocks {
            state.blocks.recover(dead, |number| self.ring.holds(number));
        }
    }

    /// Puts an item into the ring if there is room.
    pub fn put(&mut self, item: Item) -> Result<(), Item> {
        if let Item::Inline(bytes) = &item
            && bytes.len() <= RECORD_MAX
        {
            let put = self.ring.put_unless_locked(SUPERVISOR, Kind::Here, bytes);
            self.busy = put.is_none();
            match put {
                Some(Put::Done { .. }) => return Ok(()),
                Some(Put::TooLong) => {}
                _ => return Err(item),
            }
        }
        let number = self.last_kept + 1;
        let put = self.ring.put_unless_locked(SUPERVISOR, Kind::Elsewhere, &number.to_le_bytes());
        self.busy = put.is_none();
        if !matches!(put, Some(Put::Done { .. })) {
            return Err(item);
        }
        self.last_kept = number;
        self.kept.insert(number, item);
        Ok(())
    }
}

impl QueueState {
    /// How many items lie in its ring.
    pub fn in_ring(&self) -> usize {
        self.ring.as_ref().map_or(0, |state| state.ring.len())
    }

    /// Whether its ring's lock was held when something was wanted of it.
    fn is_busy(&self) -> bool {
        self.ring.as_ref().is_some_and(|state| state.busy)
    }

    /// What those are told who wait here for what will never come: its stream has ended since, or its memory is
    /// spoilt.
    pub fn in_vain(&self) -> Option<Answer> {
        if self.ring.as_ref().is_some_and(|state| state.damaged) && self.machine.is_empty() {
            let message = format!("the memory of queue `{}` is damaged", self.name);
            return Some(super::asks::refused("Memory", &message));
        }
        (self.end.is_some() && self.len() == 0).then(|| self.end_answer())
    }

    /// How long one waits who has no patience, where what is wanted may be there.
    pub fn patience_for(&self, patience: Patience) -> Patience {
        match patience {
            Patience::No {} if self.is_busy() => Patience::Seconds { seconds: BUSY_SECONDS },
            patience => patience,
        }
    }

    /// Makes sure that the next item, if there is one, is at hand: that those given back come first is kept by this.
    pub fn fill_front(&mut self) {
        if self.machine.is_empty()
            && let Some(state) = &mut self.ring
            && let Some(item) = state.take()
        {
            self.put_beyond(item);
        }
    }

    /// Tells the ring how many items are here, and wakes those who can have them.
    fn tell_ring(&mut self) {
        let returned = self.machine.len();
        if let Some(state) = &mut self.ring
            && state.returned != returned
        {
            state.ring.set_returned(returned);
            state.ring.wake_all();
            state.returned = returned;
        }
    }
}

/// What a job waits for: by a question that is not answered, or at a ring.
pub enum Waiting<'a> {
    Asked(&'a Wait),
    AtRing(Wait),
}

impl Deref for Waiting<'_> {
    type Target = Wait;

    fn deref(&self) -> &Wait {
        match self {
            Waiting::Asked(wait) => wait,
            Waiting::AtRing(wait) => wait,
        }
    }
}

impl Supervisor<'_> {
    /// Makes the ring of a queue when the first one asks for it. Where there is none to be had, the queue stays here.
    pub(super) fn ring(&mut self, id: u32, number: u32, queue: u32) {
        let host = self.host_of(id);
        let answer = match self.ring_for(queue) {
            Ok((answer, file)) => {
                self.job_mut(host).rings.insert(queue);
                return self.answer(id, number, answer, vec![file]);
            }
            Err(error) => super::asks::refused("Memory", &error.to_string()),
        };
        self.answer(id, number, answer, Vec::new());
    }

    fn ring_for(&mut self, queue: u32) -> io::Result<(Answer, OwnedFd)> {
        let state = &mut self.queues[queue as usize];
        let Capacity::Items(capacity) = state.capacity else {
            return Err(io::ErrorKind::InvalidInput.into());
        };
        if !state.may_be_ring || queue as usize >= QUEUES_MAX {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        if state.ring.is_none() {
            let (narrow, wide) = arena_bytes(capacity).ok_or(io::ErrorKind::InvalidInput)?;
            let allowed = [wide, narrow].into_iter().find(|&arena| self.store(arena.into()).is_ok());
            let arena = allowed.ok_or(io::ErrorKind::OutOfMemory)?;
            let state = &mut self.queues[queue as usize];
            let created = RingState::create(capacity, arena)?;
            if state.end.is_some() {
                created.ring.end();
            }
            state.ring = Some(created);
            state.tell_ring();
        }
        let Some(ring) = &self.queues[queue as usize].ring else {
            return Err(io::ErrorKind::InvalidInput.into());
        };
        let answer = Answer::Ring {
            memory: Parcel::Shared { len: 0 },
            capacity: ring.ring.capacity() as u32,
            arena: ring.arena,
        };
        Ok((answer, ring.file.try_clone()?))
    }

    /// What was watched for has happened.
    pub(super) fn ring_changed(&mut self, queue: u32) -> io::Result<()> {
        self.look_at_blocks_later(queue);
        self.serve_queue(queue)?;
        self.wake_drainers(queue);
        self.answer_any_waits();
        Ok(())
    }

    /// After those were served who wait here: sees to it that the ring's users tell of what the others wait for.
    /// True: it has happened meanwhile.
    pub(super) fn watch_ring(&mut self, queue: u32) -> bool {
        let state = &mut self.queues[queue as usize];
        state.tell_ring();
        let (gets, puts) = (!state.getters.is_empty(), !state.putters.is_empty());
        let Some(ring) = &mut state.ring else { return false };
        let what = if gets { WATCH_ITEMS } else { 0 } | if puts { WATCH_ROOM } else { 0 };
        if what == 0 {
            return false;
        }
        ring.ring.watch(what);
        let busy = std::mem::take(&mut ring.busy);
        if busy && !std::mem::replace(&mut ring.look_is_due, true) {
            self.timers.set(Instant::now() + BUSY, Due::Ring { queue });
        }
        let state = &self.queues[queue as usize];
        !busy && ((gets && state.len() > 0) || (puts && !state.is_full()))
    }

    /// A lock that was held may be free now.
    pub(super) fn look_at_ring(&mut self, queue: u32) -> io::Result<()> {
        if let Some(ring) = &mut self.queues[queue as usize].ring {
            ring.look_is_due = false;
        }
        self.serve_queue(queue)
    }

    /// Has the users of these rings tell of the next item.
    pub(super) fn watch_for_items(&self, queues: &[u32]) {
        let rings = queues.iter().filter_map(|&queue| self.queues.get(queue as usize)?.ring.as_ref());
        rings.for_each(|state| state.ring.watch(WATCH_ITEMS));
    }

    /// Has those who acknowledge tell of it as long as somebody waits for that, or the stream may end by it.
    pub(super) fn watch_for_done(&self, queue: u32) {
        let state = &self.queues[queue as usize];
        let Some(ring) = state.ring.as_ref().filter(|_| state.joinable) else { return };
        let is_held =
            || self.jobs.iter().any(|job| !job.is_over() && job.ends.open().any(|held| held == queue));
        if !state.drainers.is_empty() || (state.end.is_none() && !is_held()) {
            ring.ring.watch(WATCH_DONE);
        } else {
            ring.ring.unwatch(WATCH_DONE);
        }
    }

    /// Items put into a queue and not acknowledged; exact when it is 0.
    pub(super) fn unfinished(&self, queue: u32) -> usize {
        let state = &self.queues[queue as usize];
        let Some(ring) = state.ring.as_ref().filter(|_| state.joinable) else {
            return state.machine.unfinished();
        };
        let before = ring.ring.positions();
        let in_hand: usize = self.jobs.iter().map(|job| self.slots_of(job, queue).count()).sum();
        let (head, tail) = ring.ring.positions();
        // Between two equal looks nothing was put or taken, and so nothing went from one place to the other.
        let moved = usize::from((head, tail) != before);
        state.machine.unfinished() + tail.count.wrapping_sub(head.count) as usize + in_hand + moved
    }

    /// The items of a queue that a job has in its page.
    fn slots_of<'a>(&'a self, job: &'a Job, queue: u32) -> impl Iterator<Item = Slot> + 'a {
        let page = job.page.as_ref().filter(|_| !job.is_over());
        let slots = page.into_iter().flat_map(|page| page.slots());
        slots.filter(move |slot| slot.queue == queue && self.is_taken(slot))
    }

    /// The joinable rings of which a job has items in its page.
    pub(super) fn rings_in_hand(&self, job: &Job) -> Vec<u32> {
        let page = job.page.as_ref().filter(|_| !job.is_over());
        let slots = page.into_iter().flat_map(|page| page.slots());
        let mut queues: Vec<u32> = slots.filter(|slot| self.is_taken(slot)).map(|slot| slot.queue).collect();
        queues.dedup();
        queues
    }

    /// Whether the item of a slot was taken, and not only about to be.
    fn is_taken(&self, slot: &Slot) -> bool {
        let state = self.queues.get(slot.queue as usize).filter(|state| state.joinable);
        let Some(ring) = state.and_then(|state| state.ring.as_ref()) else { return false };
        let passed = || ring.ring.positions().0.count.wrapping_sub(slot.number) as i32 > 0;
        slot.is_in_hand || passed()
    }

    /// A job is dead, or does nothing more: what it has in its page is kept here from now on, and what it has left in
    /// its rings is mended. Whether an item was taken must be found out before others can take it.
    pub(super) fn recover(&mut self, id: u32) {
        let Some(page) = self.job(id).page.clone() else { return };
        let mut slots: Vec<Slot> = page.slots().filter(|slot| self.is_taken(slot)).collect();
        slots.sort_by_key(|slot| (slot.queue, slot.number));
        for slot in slots {
            self.adopt(id, &page, &slot);
        }
        let rings = &self.job(self.host_of(id)).rings;
        for queue in rings.iter().map(|&queue| &self.queues[queue as usize]) {
            let Some(state) = &queue.ring else { continue };
            // What it may have written there is no lock of anybody, and not what is here.
            state.ring.set_returned(queue.machine.len());
            state.free_blocks(self.job(id).user);
            state.ring.free_if(|user| !self.is_user(user));
            state.ring.recover(self.job(id).user);
        }
    }

    fn is_user(&self, user: User) -> bool {
        user == SUPERVISOR || self.jobs.iter().any(|job| job.user == user && !job.is_over())
    }

    /// Who sleeps at a ring though there is what he waits for has lost his wake-up: only memory that was spoilt can do
    /// that. Those who wait here for something of a ring are served.
    pub(super) fn wake_oversleepers(&mut self, waits: &[(u32, RingWait)]) {
        for (_, wait) in waits {
            let state = &self.queues[wait.queue as usize];
            let is_there = match wait.at {
                At::Get => state.len() > 0,
                At::Put => !state.is_full(),
            };
            if let Some(ring) = state.ring.as_ref().filter(|_| is_there) {
                ring.ring.set_returned(state.machine.len());
                ring.ring.wake_all();
            }
        }
        for queue in 0..self.queues.len() as u32 {
            let state = &mut self.queues[queue as usize];
            let waits = !state.getters.is_empty() && state.in_ring() > 0;
            if let Some(ring) = state.ring.as_mut().filter(|_| waits)
                && !std::mem::replace(&mut ring.look_is_due, true)
            {
                self.timers.set(Instant::now() + BUSY, Due::Ring { queue });
            }
        }
    }

    /// An item in a job's page becomes a lease of the queue's machine.
    fn adopt(&mut self, id: u32, page: &Page, slot: &Slot) -> u64 {
        let kept = page.payload(slot);
        let state = &mut self.queues[slot.queue as usize];
        let item = if slot.is_in_blocks {
            let blocks = state.ring.as_ref().and_then(|ring| ring.blocks.as_ref());
            blocks.zip(Run::of_bytes(&kept)).and_then(|(blocks, run)| blocks.take(run))
        } else {
            Some(Item::Inline(Rc::new(kept)))
        };
        // One that cannot be had any more is no value; whoever gets it is told so.
        let item = item.unwrap_or_else(|| Item::Inline(Rc::default()));
        let lease = state.machine.adopt(id, super::ahead::entry(item));
        page.free(slot.index);
        lease
    }

    /// `task_failed` of an item that is in a job's page.
    pub(super) fn give_back_slot(
        &mut self,
        id: u32,
        (number, _): Asked,
        queue: u32,
        (slot, reason): (u32, &str),
    ) -> io::Result<()> {
        let page = self.job(id).page.clone();
        let found = page.as_ref().and_then(|page| page.in_slot(slot as usize));
        if let (Some(page), Some(found)) = (page, found)
            && found.queue == queue
            && self.is_taken(&found)
        {
            let lease = self.adopt(id, &page, &found);
            self.give_back(id, queue, lease, reason)?;
        }
        self.answer(id, number, Answer::Done {}, Vec::new());
        Ok(())
    }

    /// What a job waits for at a ring, as its page says, if it has said nothing else since.
    pub(super) fn ring_wait(&self, job: &Job) -> Option<RingWait> {
        if job.wait.is_some() || job.is_over() {
            return None;
        }
        let wait = job.page.as_ref()?.wait(job.messages)?;
        self.queues.get(wait.queue as usize)?.ring.as_ref()?;
        Some(wait)
    }

    /// What a job waits for.
    pub(super) fn waiting<'a>(&self, job: &'a Job) -> Option<Waiting<'a>> {
        if let Some(wait) = &job.wait {
            return Some(Waiting::Asked(wait));
        }
        let RingWait { queue, at, timed, .. } = self.ring_wait(job)?;
        let on = match at {
            At::Get => WaitOn::Get(Wanted { queue, count: 1, ahead: false }),
            At::Put => WaitOn::Put { queue, items: std::collections::VecDeque::new(), accepted: 0 },
        };
        let at = job.page.as_ref()?.wait_line();
        Some(Waiting::AtRing(Wait { id: 0, number: 0, at, on, timed }))
    }

    /// Since when it is as it is: a wait at a ring begins and ends without a word.
    pub(super) fn since(&self, job: &Job) -> Instant {
        let page = job.page.as_ref().filter(|_| !job.is_over());
        let changed = page.and_then(|page| Instant::now().checked_sub(page.unchanged_for()?));
        changed.map_or(job.since, |changed| changed.max(job.since))
    }

    /// Where in the script a job said something last, or waited at a ring.
    pub(super) fn line_of(&self, job: &Job) -> (u32, u32) {
        match job.page.as_ref().filter(|_| !job.is_over()) {
            Some(page) if self.since(job) > job.heard && page.wait_line().1 > 0 => page.wait_line(),
            _ => job.at,
        }
    }

    /// Everybody who sleeps at a ring looks again.
    pub(super) fn wake_rings(&self) {
        self.queues.iter().filter_map(|queue| queue.ring.as_ref()).for_each(|state| state.ring.wake_all());
    }
}
