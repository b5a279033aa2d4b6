//! Ends of a queue that lies in shared memory: items go in and out without the supervisor. What only it knows or has
//! (why a stream has ended, items given back, long ones) is asked of it as of any queue.

use super::super::client::{Client, Moment, patience};
use super::super::deadline::Deadline;
use super::End;
use crate::runtime::hooks::Point;
use crate::runtime::os::shared::{self, Shared};
use crate::runtime::parcel;
use crate::runtime::transport::page::At;
use crate::runtime::transport::ring::{Habit, Left, Outcome, RECORD_MAX, Ring, Take, Waiter};
use crate::script::objects::{EncodedEnd, Turn};
use crate::script::{Fault, QueueEnd, Wait};
use crate::value::Value;
use crate::wire::codec;
use crate::wire::message::{Ask, QueueFacts, clipped};
use std::cell::{OnceCell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// The memory of a queue, for all threads of a process.
pub type SharedRing = Ring<Shared>;

/// A lease with this bit is of an item in a slot of this job's page; its last bits tell which.
const OF_SLOT: u64 = 1 << 63;
const SLOT_BITS: u32 = 8;

/// An end whose queue lies in shared memory.
pub struct RingEnd {
    pub(super) end: End,
    /// Found at the first use. Nothing: it cannot be had, and everything is asked of the supervisor.
    ring: OnceCell<Option<Arc<SharedRing>>>,
    habit: Habit,
    buffer: RefCell<Vec<u8>>,
}

/// Where an item came from.
pub(super) enum Came<T> {
    /// The ring: its bytes are in the buffer.
    Here,
    /// The supervisor; or there is none.
    From(Option<T>),
}

/// This job, while it may wait at a ring.
struct Waiting<'a> {
    client: &'a Client,
    queue: u32,
    at: At,
    until: Deadline,
}

impl Waiter for Waiting<'_> {
    fn left(&self) -> Left {
        match self.until.left() {
            _ if self.client.is_stopped() => Left::Nothing,
            Wait::Forever => Left::Forever,
            Wait::No => Left::Nothing,
            Wait::Seconds(seconds) => {
                Duration::try_from_secs_f64(seconds).map_or(Left::Time(Duration::MAX), Left::Time)
            }
        }
    }

    fn sleeps(&self) {
        self.client.pause(Moment::Waits);
        self.client.page.waits(self.queue, self.at, self.until.left() != Wait::Forever);
    }

    fn wakes(&self) {
        self.client.page.goes_on();
    }

    fn overdue(&self) {
        // A supervisor that is gone needs no word.
        let _ = self.client.tell_of_wait();
    }
}

impl RingEnd {
    pub fn new(client: Rc<Client>, facts: QueueFacts) -> Self {
        let (end, buffer) = (End::new(client, facts), RefCell::default());
        RingEnd { end, ring: OnceCell::new(), habit: Habit::default(), buffer }
    }

    pub fn facts(&self) -> &QueueFacts {
        &self.end.facts
    }

    pub(super) fn client(&self) -> &Client {
        &self.end.client
    }

    fn queue(&self) -> u32 {
        self.end.facts.id
    }

    pub(super) fn ring(&self) -> Result<Option<&Arc<SharedRing>>, Fault> {
        if self.ring.get().is_none() {
            let ring = self.client().host.clone().ring(self.client(), self.queue())?;
            shared::nap_sharply();
            // It was empty a moment ago, and belongs to this thread.
            let _ = self.ring.set(ring);
        }
        Ok(self.ring.get().and_then(Option::as_ref))
    }

    fn waiting(&self, at: At, wait: Wait) -> Waiting<'_> {
        Waiting { client: self.client(), queue: self.queue(), at, until: Deadline::of(wait) }
    }

    fn tell(&self, tell: bool) -> Result<(), Fault> {
        if tell { self.end.tell(Ask::RingChanged { queue: self.queue() }) } else { Ok(()) }
    }

    fn put_into(&self, ring: &SharedRing, item: &mut Value, wait: Wait) -> Result<bool, Fault> {
        self.end.facts.item_type.fit(item).map_err(|misfit| self.end.misfit(&misfit))?;
        if parcel::is_large(item) {
            return self.end.put(item, wait);
        }
        let mut bytes = self.buffer.take();
        bytes.clear();
        let encoded = codec::encode(item, &mut bytes);
        encoded.map_err(|what| self.end.unpacked(parcel::PackError::Unsendable(what)))?;
        if bytes.len() > RECORD_MAX {
            self.buffer.replace(Vec::new());
            return self.end.put(item, wait);
        }
        // Given back before the item can be received, so that it is not held twice.
        drop(item.take());
        let put = self.put_bytes(ring, &mut bytes, wait);
        self.buffer.replace(bytes);
        put
    }

    pub(super) fn put_bytes(
        &self,
        ring: &SharedRing,
        bytes: &mut Vec<u8>,
        wait: Wait,
    ) -> Result<bool, Fault> {
        let client = self.client();
        let waiting = self.waiting(At::Put, wait);
        match ring.put(client.page.user(), bytes, &waiting) {
            Outcome::Done { tell } => {
                client.page.has_put();
                self.tell(tell)?;
                Ok(true)
            }
            Outcome::Late if client.is_stopped() => Err(Fault::Stopped),
            Outcome::Late => Ok(false),
            // The supervisor has room for it, or knows why the stream has ended.
            Outcome::Ended | Outcome::Elsewhere | Outcome::Broken => {
                self.end.send_bytes(std::mem::take(bytes), patience(waiting.until.left()))
            }
        }
    }

    fn take_from(&self, ring: &SharedRing, wait: Wait) -> Result<Option<Value>, Fault> {
        let mut bytes = self.buffer.take();
        let ask = |left| self.end.ask_for(1, left, None, false).map(|mut items| items.pop());
        let taken = match self.take_into(ring, wait, &mut bytes, ask) {
            Ok(Came::Here) => self.read(&bytes).map(Some),
            Ok(Came::From(item)) => Ok(item),
            Err(fault) => Err(fault),
        };
        self.buffer.replace(bytes);
        taken
    }

    /// Takes an item out of the ring, or has it asked for where it is not there.
    pub(super) fn take_into<T>(
        &self,
        ring: &SharedRing,
        wait: Wait,
        bytes: &mut Vec<u8>,
        ask: impl FnOnce(Wait) -> Result<Option<T>, Fault>,
    ) -> Result<Came<T>, Fault> {
        ring.asked_for();
        let (client, waiting) = (self.client(), self.waiting(At::Get, wait));
        let slot = self.slot();
        let keep = |payload: &[u8], number: u32| self.keep(slot, number, payload);
        match ring.take(client.page.user(), bytes, keep, (&waiting, &self.habit)) {
            Outcome::Done { tell } => self.taken(slot, tell).map(|()| Came::Here),
            Outcome::Late if client.is_stopped() => Err(Fault::Stopped),
            Outcome::Late => Ok(Came::From(None)),
            // That it has ended is believed to nobody but the supervisor.
            Outcome::Ended | Outcome::Elsewhere => ask(waiting.until.left()).map(Came::From),
            Outcome::Broken => Err(self.broken()),
        }
    }

    /// Takes an item that is there at once, and here; or says why there is none.
    fn take_now(&self, ring: &SharedRing) -> Result<Result<Value, Take>, Fault> {
        let slot = self.slot();
        let mut bytes = self.buffer.take();
        let keep = |payload: &[u8], number: u32| self.keep(slot, number, payload);
        let taken = match ring.try_take(self.client().page.user(), &mut bytes, keep) {
            Take::Taken { tell } => self.taken(slot, tell).and_then(|()| self.read(&bytes)).map(Ok),
            other => Ok(Err(other)),
        };
        self.buffer.replace(bytes);
        taken
    }

    fn broken(&self) -> Fault {
        let message = format!("the memory of queue `{}` is damaged", self.end.facts.name);
        self.end.fault("Memory", message)
    }

    /// A place for the item of a joinable queue that is taken next.
    fn slot(&self) -> Option<usize> {
        if self.end.facts.joinable { self.client().page.free_slot() } else { None }
    }

    fn keep(&self, slot: Option<usize>, number: u32, payload: &[u8]) -> bool {
        match slot {
            Some(slot) => self.client().page.keep(slot, self.queue(), number, payload),
            None => !self.end.facts.joinable,
        }
    }

    fn taken(&self, slot: Option<usize>, tell: bool) -> Result<(), Fault> {
        self.client().page.has_taken();
        if let Some(slot) = slot {
            self.client().page.has_in_hand(slot);
            let mut hand = self.end.hand.borrow_mut();
            hand.taken += 1;
            let lease = OF_SLOT | hand.taken << SLOT_BITS | slot as u64;
            hand.leases.push_back((lease, 1));
        }
        self.tell(tell)
    }

    pub(super) fn read(&self, bytes: &[u8]) -> Result<Value, Fault> {
        codec::decode(bytes).map_err(|error| self.end.unreadable(&error.to_string()))
    }

    /// A turn of a loop: what was in hand is done, then the next is taken.
    pub(super) fn turn<T>(
        &self,
        turn: &mut Turn,
        take: impl FnOnce(Option<&SharedRing>) -> Result<Option<T>, Fault>,
    ) -> Result<Option<T>, Fault> {
        self.end.check_takes()?;
        self.client().reach(Point::GetBegins);
        let last = turn.lease;
        self.end.leave(turn);
        if let Some(lease) = last.filter(|&lease| self.end.hand.borrow_mut().forget(lease)) {
            self.acknowledge(lease)?;
        }
        let item = take(self.ring()?.map(|ring| &**ring))?;
        self.client().reach(Point::GetReturns);
        if item.is_some() && self.end.facts.joinable {
            turn.lease = self.end.hand.borrow_mut().begin_turn();
        }
        Ok(item)
    }

    fn acknowledge(&self, lease: u64) -> Result<(), Fault> {
        let Some(slot) = slot_of(lease) else {
            return self.end.tell(Ask::Acknowledge { queue: self.queue(), lease });
        };
        self.client().page.free(slot);
        match self.ring()? {
            Some(ring) => self.tell(ring.done()),
            None => Ok(()),
        }
    }
}

fn slot_of(lease: u64) -> Option<usize> {
    (lease & OF_SLOT != 0).then_some((lease & ((1 << SLOT_BITS) - 1)) as usize)
}

impl QueueEnd for RingEnd {
    fn name(&self) -> String {
        self.end.name()
    }

    fn directions(&self) -> (bool, bool) {
        self.end.directions()
    }

    fn joinable(&self) -> bool {
        self.end.joinable()
    }

    fn id(&self) -> u32 {
        self.end.id()
    }

    fn put(&self, item: &mut Value, wait: Wait) -> Result<bool, Fault> {
        self.end.check_puts()?;
        match self.ring()? {
            Some(ring) => {
                self.client().reach(Point::PutBegins);
                let put = self.put_into(ring, item, wait);
                self.client().reach(Point::PutReturns);
                put
            }
            None => self.end.put(item, wait),
        }
    }

    fn put_many(&self, mut items: Vec<Value>) -> Result<(), Fault> {
        self.end.check_puts()?;
        let Some(ring) = self.ring()? else { return self.end.put_many(items) };
        self.end.fit_all(&mut items)?;
        items.into_iter().try_for_each(|mut item| self.put_into(ring, &mut item, Wait::Forever).map(drop))
    }

    fn get(&self, wait: Wait) -> Result<Option<Value>, Fault> {
        self.end.check_takes()?;
        match self.ring()? {
            Some(ring) => {
                self.client().reach(Point::GetBegins);
                let taken = self.take_from(ring, wait);
                self.client().reach(Point::GetReturns);
                taken
            }
            None => self.end.get(wait),
        }
    }

    fn get_many(&self, count: usize) -> Result<Vec<Value>, Fault> {
        self.some(count, Wait::Forever)
    }

    fn try_get_many(&self, count: usize) -> Result<Vec<Value>, Fault> {
        self.some(count, Wait::No)
    }

    fn next_turn(&self, turn: &mut Turn) -> Result<Option<Value>, Fault> {
        self.turn(turn, |ring| match ring {
            Some(ring) => self.take_from(ring, Wait::Forever),
            None => self.end.ask_for(1, Wait::Forever, None, false).map(|mut items| items.pop()),
        })
    }

    fn encoded(&self) -> Option<&dyn EncodedEnd> {
        Some(self)
    }

    fn leave(&self, turn: &mut Turn) {
        self.end.leave(turn);
    }

    fn len(&self) -> Result<usize, Fault> {
        Ok(match self.ring()? {
            Some(ring) => ring.len_with_returned(),
            None => self.end.len()?,
        })
    }

    fn capacity(&self) -> Option<usize> {
        self.end.capacity()
    }

    fn is_full(&self) -> Result<bool, Fault> {
        Ok(match self.ring()? {
            Some(ring) => ring.len_with_returned() >= ring.capacity(),
            None => self.end.is_full()?,
        })
    }

    fn ended(&self) -> Result<Value, Fault> {
        self.end.ended()
    }

    fn close(&self) -> Result<(), Fault> {
        self.end.close()
    }

    fn task_done(&self) -> Result<(), Fault> {
        let (lease, _) = self.end.current("task_done")?;
        self.client().reach(Point::DoneBegins);
        self.end.hand.borrow_mut().forget(lease);
        self.acknowledge(lease)
    }

    /// It is answered, so that the item is back before anything is taken again.
    fn task_failed(&self, reason: String) -> Result<(), Fault> {
        let (lease, _) = self.end.current("task_failed")?;
        let Some(slot) = slot_of(lease) else {
            self.end.task_failed(reason)?;
            return self.end.len().map(drop);
        };
        self.client().reach(Point::FailedBegins);
        self.end.hand.borrow_mut().forget(lease);
        let ask = Ask::GiveBackSlot { queue: self.queue(), slot: slot as u32, reason: clipped(reason) };
        self.client().ask(ask, Vec::new()).map(drop)
    }

    fn attempt(&self) -> Result<i64, Fault> {
        self.end.attempt()
    }

    fn join(&self, wait: Wait) -> Result<bool, Fault> {
        self.end.join(wait)
    }
}

impl RingEnd {
    /// Takes the first item as `wait` says, and up to `count` that are there with it.
    fn some(&self, count: usize, wait: Wait) -> Result<Vec<Value>, Fault> {
        let Some(ring) = self.ring()? else { return self.end.take(count, wait, None) };
        let mut items: Vec<Value> = self.get(wait)?.into_iter().collect();
        while !items.is_empty() && items.len() < count {
            match self.take_now(ring)? {
                Ok(item) => items.push(item),
                // Long ones, and more than a page can keep.
                Err(Take::Elsewhere) => {
                    items.extend(self.end.ask_for(count - items.len(), Wait::No, None, false)?);
                    break;
                }
                Err(_) => break,
            }
        }
        Ok(items)
    }
}
