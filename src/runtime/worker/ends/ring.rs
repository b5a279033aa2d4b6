//! Ends of a queue that lies in shared memory: items go in and out without the supervisor. What only it knows or has
//! (why a stream has ended, items given back) is asked of it as of any queue.

mod batch;
mod encoded;
mod long;
mod taking;

use super::super::client::{Client, Moment, patience};
use super::super::deadline::Deadline;
use super::End;
use crate::runtime::hooks::Point;
use crate::runtime::os::shared::{self, Shared};
use crate::runtime::parcel;
use crate::runtime::transport::page::At;
use crate::runtime::transport::ring::{Habit, Kind, Left, Outcome, RECORD_MAX, Ring, Take, Waiter};
use crate::script::objects::{EncodedEnd, Turn};
use crate::script::{Fault, QueueEnd, Wait};
use crate::value::Value;
use crate::value::bare::{BARE_MIN, Bare, Form};
use crate::value::sendable::Unsendable;
use crate::wire::codec;
use crate::wire::message::{Ask, Parcel, QueueFacts, clipped};
use long::Long;
pub use long::SharedBlocks;
use rustix::fd::OwnedFd;
use std::cell::{OnceCell, RefCell};
use std::io::Write;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use taking::Taking;

/// The memory of a queue, for all threads of a process.
pub type SharedRing = Ring<Shared>;

/// A lease with this bit is of an item in a slot of this job's page; its last bits tell which.
const OF_SLOT: u64 = 1 << 63;
const SLOT_BITS: u32 = 8;

/// The buffer of a longer one is given away with it, and not kept for the next.
const BUFFER_KEPT_MAX: usize = 512;

/// An end whose queue lies in shared memory.
pub struct RingEnd {
    pub(super) end: End,
    /// Found at the first use. Nothing: it cannot be had, and everything is asked of the supervisor.
    ring: OnceCell<Option<Arc<SharedRing>>>,
    long: Long,
    habit: Habit,
    buffer: RefCell<Vec<u8>>,
}

/// What a take came to.
pub(super) enum Came {
    /// The record is in the buffer.
    Record(Kind),
    Not,
    /// The supervisor has it, or knows that there is none, which may take so long.
    ToBeAsked(Wait),
}

/// This job, while it may wait at a ring.
pub(super) struct Waiting<'a> {
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

    fn looks(&self) -> Option<Duration> {
        self.client.lookout.time(self.client.page.items_out(), shared::processors)
    }

    fn looked(&self, found: Option<Duration>) {
        self.client.lookout.looked(found);
    }
}

impl RingEnd {
    pub fn new(client: Rc<Client>, facts: QueueFacts) -> Self {
        let (end, buffer) = (End::new(client, facts), RefCell::default());
        RingEnd { end, ring: OnceCell::new(), long: Long::default(), habit: Habit::default(), buffer }
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

    #[inline]
    pub(super) fn ring(&self) -> Result<Option<&Arc<SharedRing>>, Fault> {
        match self.ring.get() {
            Some(ring) => Ok(ring.as_ref()),
            None => self.find_ring(),
        }
    }

    #[cold]
    fn find_ring(&self) -> Result<Option<&Arc<SharedRing>>, Fault> {
        let ring = self.client().host.clone().ring(self.client(), self.queue())?;
        shared::nap_sharply();
        // It was empty a moment ago, and belongs to this thread.
        Ok(self.ring.get_or_init(|| ring).as_ref())
    }

    /// With the buffer for items, where it is: what was just written by parts and is then moved as a whole makes the
    /// processor wait.
    #[inline]
    fn with_buffer<R>(&self, with: impl FnOnce(&mut Vec<u8>) -> R) -> R {
        match self.buffer.try_borrow_mut() {
            Ok(mut buffer) => with(&mut buffer),
            Err(_) => with(&mut Vec::new()),
        }
    }

    pub(super) fn waiting(&self, at: At, wait: Wait) -> Waiting<'_> {
        Waiting { client: self.client(), queue: self.queue(), at, until: Deadline::of(wait) }
    }

    fn tell(&self, tell: bool) -> Result<(), Fault> {
        if tell { self.end.tell(Ask::RingChanged { queue: self.queue() }) } else { Ok(()) }
    }

    fn put_into(&self, ring: &SharedRing, item: &mut Value, wait: Wait) -> Result<bool, Fault> {
        self.end.facts.item_type.fit(item).map_err(|misfit| self.end.misfit(&misfit))?;
        let waiting = self.waiting(At::Put, wait);
        if parcel::is_large(item) {
            return self.put_large(ring, item, &waiting);
        }
        if let Some(bare) = item.bare().filter(|bare| self.may_be_bare(bare)) {
            return self.put_bare_record(ring, bare, &waiting);
        }
        self.with_buffer(|bytes| {
            bytes.clear();
            codec::encode(item, bytes).map_err(|what| self.unsendable(what))?;
            if bytes.len() <= self.record_max() {
                // Given back before the item can be received, so that it is not held twice.
                drop(item.take());
                return self.put_bytes(ring, bytes, &waiting);
            }
            let put = self.put_long(ring, bytes.len(), &waiting, |writing| Ok(writing.write_all(bytes)?))?;
            put.map_or_else(|| self.end.put(item, waiting.until.left()), Ok)
        })
    }

    pub(super) fn put_bytes(
        &self,
        ring: &SharedRing,
        bytes: &mut Vec<u8>,
        waiting: &Waiting<'_>,
    ) -> Result<bool, Fault> {
        let outcome = ring.put(self.client().page.user(), bytes, waiting);
        let parcel = || Ok((vec![Parcel::Inline { bytes: std::mem::take(bytes) }], Vec::new()));
        self.put_ended(outcome, waiting, parcel)
    }

    /// Whether a text or a blob is long enough for a record of its own kind to be worth it. A slot keeps encodings.
    pub(super) fn may_be_bare(&self, bare: &Bare<'_>) -> bool {
        !self.end.facts.joinable && (BARE_MIN..=RECORD_MAX).contains(&bare.bytes.len())
    }

    /// Puts a text or a blob from where it lies.
    #[inline]
    pub(super) fn put_bare_record(
        &self,
        ring: &SharedRing,
        bare: Bare<'_>,
        waiting: &Waiting<'_>,
    ) -> Result<bool, Fault> {
        let record = (Kind::of_form(bare.form), bare.bytes);
        let outcome = ring.put_record(self.client().page.user(), record, &|_| (), waiting);
        let parcel = || Ok((vec![Parcel::Inline { bytes: codec::encoded_bare(bare) }], Vec::new()));
        self.put_ended(outcome, waiting, parcel)
    }

    /// How a put ended. What the ring has no room for, or why the stream has ended, the supervisor knows: `parcel` is
    /// sent there.
    fn put_ended(
        &self,
        outcome: Outcome,
        waiting: &Waiting<'_>,
        parcel: impl FnOnce() -> Result<(Vec<Parcel>, Vec<OwnedFd>), Fault>,
    ) -> Result<bool, Fault> {
        match outcome {
            Outcome::Done { tell } => {
                self.client().page.has_put(1);
                self.tell(tell)?;
                Ok(true)
            }
            Outcome::Late if self.client().is_stopped() => Err(Fault::Stopped),
            Outcome::Late => Ok(false),
            Outcome::Ended | Outcome::Elsewhere | Outcome::Broken => {
                let (items, descriptors) = parcel()?;
                self.end.send(items, descriptors, patience(waiting.until.left()))
            }
        }
    }

    fn unsendable(&self, what: Unsendable) -> Fault {
        self.end.unpacked(parcel::PackError::Unsendable(what))
    }

    fn take_from(&self, ring: &SharedRing, wait: Wait) -> Result<Option<Value>, Fault> {
        self.with_buffer(|bytes| match self.take_record(ring, wait, bytes) {
            Ok(Came::Record(kind)) => self.read_out(kind, bytes).map(Some),
            Ok(Came::Not) => Ok(None),
            Ok(Came::ToBeAsked(left)) => self.end.ask_for(1, left, None, false).map(|mut items| items.pop()),
            Err(fault) => Err(fault),
        })
    }

    /// Takes a record out of the ring into a buffer, waiting for it.
    #[inline]
    pub(super) fn take_record(
        &self,
        ring: &SharedRing,
        wait: Wait,
        bytes: &mut Vec<u8>,
    ) -> Result<Came, Fault> {
        ring.asked_for();
        let waiting = self.waiting(At::Get, wait);
        loop {
            let taking = Taking::new(self);
            let keep = |kind, record: &[u8], number| taking.keep(kind, record, number);
            match ring.take(self.client().page.user(), bytes, keep, (&waiting, &self.habit)) {
                Outcome::Done { tell } => {
                    self.taken(&taking, tell)?;
                    return Ok(Came::Record(taking.kind.get()));
                }
                Outcome::Late if self.client().is_stopped() => return Err(Fault::Stopped),
                Outcome::Late => return Ok(Came::Not),
                Outcome::Elsewhere if taking.needs_blocks() && self.find_blocks()?.is_some() => {}
                // That it has ended is believed to nobody but the supervisor.
                Outcome::Ended | Outcome::Elsewhere => return Ok(Came::ToBeAsked(waiting.until.left())),
                Outcome::Broken => return Err(self.broken()),
            }
        }
    }

    /// Takes an item that is there at once, and here; or says why there is none.
    fn take_now(&self, ring: &SharedRing) -> Result<Result<Value, Take>, Fault> {
        loop {
            let taking = Taking::new(self);
            let mut bytes = self.buffer.take();
            let keep = |kind, record: &[u8], number| taking.keep(kind, record, number);
            let taken = match ring.try_take(self.client().page.user(), &mut bytes, keep) {
                Take::Taken { tell } => self
                    .taken(&taking, tell)
                    .and_then(|()| self.read_out(taking.kind.get(), &mut bytes))
                    .map(Ok),
                Take::Elsewhere if taking.needs_blocks() && self.find_blocks()?.is_some() => continue,
                other => Ok(Err(other)),
            };
            self.buffer.replace(bytes);
            return taken;
        }
    }

    fn broken(&self) -> Fault {
        let message = format!("the memory of queue `{}` is damaged", self.end.facts.name);
        self.end.fault("Memory", message)
    }

    fn taken(&self, taking: &Taking<'_>, tell: bool) -> Result<(), Fault> {
        self.client().page.has_taken(1);
        if let Some(slot) = taking.slot {
            self.client().page.has_in_hand(slot);
            let mut hand = self.end.hand.borrow_mut();
            hand.taken += 1;
            let lease = OF_SLOT | hand.taken << SLOT_BITS | slot as u64;
            hand.leases.push_back((lease, 1));
        }
        self.tell(tell)
    }

    /// The value of a record.
    pub(super) fn read(&self, kind: Kind, record: &[u8]) -> Result<Value, Fault> {
        if kind == Kind::InBlocks {
            return self.read_long(record, |source| codec::decode_from(source));
        }
        match kind.form() {
            Some(form) => self.of_bare(form, record.to_vec()),
            None => codec::decode(record).map_err(|error| self.end.unreadable(&error.to_string())),
        }
    }

    /// The same; a text or a blob gets the buffer itself.
    fn read_out(&self, kind: Kind, record: &mut Vec<u8>) -> Result<Value, Fault> {
        match kind.form() {
            Some(form) if record.len() > BUFFER_KEPT_MAX => self.of_bare(form, std::mem::take(record)),
            _ => self.read(kind, record),
        }
    }

    fn of_bare(&self, form: Form, bytes: Vec<u8>) -> Result<Value, Fault> {
        Value::of_bare(form, bytes).ok_or_else(|| self.end.unreadable("a string is not UTF-8"))
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
        self.free_slot(slot)?;
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
        self.end.check_all(&items)?;
        self.put_all(ring, items)
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
