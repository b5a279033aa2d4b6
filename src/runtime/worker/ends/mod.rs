//! Ends of queues, as bodies hold them.

mod ring;

use super::client::{Client, patience};
use super::hand::Hand;
use crate::runtime::hooks::Point;
use crate::runtime::parcel::{self, PackError};
use crate::script::objects::{QueueObject, Turn};
use crate::script::{Fault, QueueEnd, Wait};
use crate::value::item_type::Misfit;
use crate::value::sendable::{self, Step};
use crate::value::{Object, Value};
use crate::wire::message::{Answer, Ask, Delivery, Parcel, Patience, QueueFacts, clipped};
use ring::RingEnd;
pub use ring::{SharedBlocks, SharedRing};
use rustix::fd::OwnedFd;
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::io;
use std::rc::Rc;

/// `put_many` sends at most this many items, or this many bytes, in one message.
const ITEMS_A_MESSAGE: usize = 512;
const BYTES_A_MESSAGE: usize = 1 << 20;

/// The object by which a body reaches a queue, wherever that is.
pub fn object(client: Rc<Client>, facts: QueueFacts) -> Value {
    let end: Rc<dyn QueueEnd> =
        if facts.ring { Rc::new(RingEnd::new(client, facts)) } else { Rc::new(End::new(client, facts)) };
    Value::Object(Object::new(QueueObject(end)))
}

/// What is known of the queue of an end, unless it is one between threads.
pub fn facts(end: &dyn Any) -> Option<&QueueFacts> {
    let by_message = end.downcast_ref::<End>().map(|end| &end.facts);
    by_message.or_else(|| end.downcast_ref::<RingEnd>().map(RingEnd::facts))
}

/// An end whose queue lives in the supervisor.
pub struct End {
    client: Rc<Client>,
    facts: QueueFacts,
    hand: Rc<RefCell<Hand>>,
    closed: Cell<bool>,
}

impl End {
    pub fn new(client: Rc<Client>, facts: QueueFacts) -> Self {
        let hand = client.hand(facts.id);
        End { client, facts, hand, closed: Cell::new(false) }
    }

    fn fault(&self, kind: &str, message: String) -> Fault {
        Fault::error(kind, message).with("queue", Value::string(&*self.facts.name))
    }

    fn closed(&self, cause: &str, by: &[String]) -> Fault {
        let message = match cause {
            "no consumer" => format!("no process takes from queue `{}` any more", self.facts.name),
            "closed" => format!("queue `{}` was closed by this process", self.facts.name),
            _ => format!("the stream of queue `{}` has ended", self.facts.name),
        };
        let fault = self.fault("Closed", message).with("cause", Value::string(cause));
        if by.is_empty() { fault } else { fault.with("by", names(by)) }
    }

    fn check_puts(&self) -> Result<(), Fault> {
        if !self.facts.puts {
            let message = format!("queue `{}` is an in port here: it cannot be put into", self.facts.name);
            return Err(self.fault("Port", message));
        }
        if self.closed.get() { Err(self.closed("closed", &[])) } else { Ok(()) }
    }

    /// Makes an item what the queue carries; an error says why it is not.
    pub fn fit(&self, item: &mut Value) -> Result<(), String> {
        self.facts.item_type.fit(item).map_err(|misfit| misfit.to_string())
    }

    fn fit_all(&self, items: &mut [Value]) -> Result<(), Fault> {
        for (index, item) in items.iter_mut().enumerate() {
            let fitted = self.facts.item_type.fit(item);
            fitted.map_err(|misfit| self.misfit(&misfit.within(&format!("[{index}]"))))?;
        }
        Ok(())
    }

    /// All or none of many items are put, as far as it depends on what they are.
    fn check_all(&self, items: &[Value]) -> Result<(), Fault> {
        items.iter().enumerate().try_for_each(|(index, item)| {
            sendable::check(item)
                .map_err(|what| self.unpacked(PackError::Unsendable(what.within(Step::Index(index)))))
        })
    }

    fn check_takes(&self) -> Result<(), Fault> {
        if self.facts.takes {
            return Ok(());
        }
        let message = format!("queue `{}` is an out port here: it cannot be taken from", self.facts.name);
        Err(self.fault("Port", message))
    }

    fn check_joinable(&self, what: &str) -> Result<(), Fault> {
        if self.facts.joinable {
            return Ok(());
        }
        let message = format!("`{what}` needs a joinable queue, `{}` is none", self.facts.name);
        Err(self.fault("Type", message))
    }

    /// An item is not what the queue was declared for.
    fn misfit(&self, misfit: &Misfit) -> Fault {
        self.fault("Type", format!("queue `{}`: {misfit}", self.facts.name))
    }

    fn pack(&self, value: &Value, descriptors: &mut Vec<OwnedFd>) -> Result<Parcel, Fault> {
        let packed =
            parcel::pack(value).and_then(|item| item.into_parcel(descriptors).map_err(PackError::Memory));
        packed.map_err(|error| self.unpacked(error))
    }

    fn unpacked(&self, error: PackError) -> Fault {
        match error {
            PackError::Unsendable(what) => {
                let message = format!("cannot send through queue `{}`: {what}", self.facts.name);
                self.fault("Unsendable", message)
            }
            error @ PackError::Memory(_) => self.fault("Memory", format!("cannot send an item: {error}")),
        }
    }

    /// Sends items; `Ok(false)`: there was no room for all in time.
    fn send(&self, items: Vec<Parcel>, descriptors: Vec<OwnedFd>, wait: Patience) -> Result<bool, Fault> {
        let ask = Ask::Put { queue: self.facts.id, items, patience: wait };
        match self.client.ask(ask, descriptors)? {
            Answer::NotInTime { .. } => Ok(false),
            Answer::Ended { cause, by } => Err(self.closed(&cause, &by)),
            Answer::Accepted { grant } => {
                self.hand.borrow_mut().granted = grant;
                Ok(true)
            }
            _ => Ok(true),
        }
    }

    /// Uses granted room, if there is some.
    fn use_grant(&self) -> bool {
        let granted = &mut self.hand.borrow_mut().granted;
        let some = *granted > 0;
        *granted = granted.saturating_sub(1);
        some
    }

    fn take(&self, count: usize, wait: Wait, done: Option<u64>) -> Result<Vec<Value>, Fault> {
        self.check_takes()?;
        let ahead = std::iter::from_fn(|| self.client.take_ahead(self.facts.id)).take(count);
        let ahead: Vec<Value> = ahead.map(|parcel| self.open(parcel)).collect::<Result<_, _>>()?;
        if !ahead.is_empty() {
            return Ok(ahead);
        }
        self.ask_for(count, wait, done, false)
    }

    /// Asks for items; `ahead`: the first is wanted, more may come with it.
    fn ask_for(&self, count: usize, wait: Wait, done: Option<u64>, ahead: bool) -> Result<Vec<Value>, Fault> {
        self.ask_for_parcels((count, wait), done, ahead, |parcel| self.open(parcel))
    }

    fn ask_for_parcels<T>(
        &self,
        (count, wait): (usize, Wait),
        done: Option<u64>,
        ahead: bool,
        open: impl Fn(Parcel) -> Result<T, Fault>,
    ) -> Result<Vec<T>, Fault> {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        let ask = Ask::Get { queue: self.facts.id, count, patience: patience(wait), done, ahead };
        match self.client.ask(ask, Vec::new())? {
            Answer::Items { deliveries, ahead: true } => {
                let parcels = deliveries.into_iter().map(|delivery| delivery.parcel);
                self.hand.borrow_mut().ahead.extend(parcels);
                self.client.take_ahead(self.facts.id).map(open).into_iter().collect()
            }
            Answer::Items { deliveries, ahead: false } => {
                deliveries.into_iter().map(|delivery| open(self.accept(delivery))).collect()
            }
            Answer::Ended { .. } => {
                self.client.page.sees_end();
                Ok(Vec::new())
            }
            _ => Ok(Vec::new()),
        }
    }

    fn accept(&self, delivery: Delivery) -> Parcel {
        let Delivery { lease, attempt, parcel } = delivery;
        if lease != 0 {
            self.hand.borrow_mut().leases.push_back((lease, attempt));
        }
        parcel
    }

    /// Asks for one item as its bytes.
    fn ask_for_bytes(&self, wait: Wait) -> Result<Option<Vec<u8>>, Fault> {
        let open = |parcel| {
            let bytes =
                self.client.open(parcel).and_then(|item| parcel::bytes(item).map_err(io::Error::other));
            bytes.map_err(|error| self.unreadable(&error.to_string()))
        };
        Ok(self.ask_for_parcels((1, wait), None, false, open)?.pop())
    }

    /// Sends one item of which the bytes are there.
    fn send_bytes(&self, bytes: Vec<u8>, wait: Patience) -> Result<bool, Fault> {
        let mut descriptors = Vec::new();
        let parcel =
            parcel::pack_from(&*bytes, bytes.len()).and_then(|item| item.into_parcel(&mut descriptors));
        let parcel = parcel.map_err(|error| self.unpacked(PackError::Memory(error)))?;
        self.send(vec![parcel], descriptors, wait)
    }

    fn open(&self, parcel: Parcel) -> Result<Value, Fault> {
        self.client.unpack(parcel).map_err(|error| self.unreadable(&error.to_string()))
    }

    fn unreadable(&self, why: &str) -> Fault {
        self.fault("Memory", format!("an item of queue `{}` cannot be read: {why}", self.facts.name))
    }

    /// The lease that `task_done` and the like mean: of this turn of a loop, else the oldest.
    fn current(&self, what: &str) -> Result<(u64, u32), Fault> {
        self.check_joinable(what)?;
        self.hand.borrow().current().ok_or_else(|| {
            let message = format!("`{what}`: no item of queue `{}` is in hand", self.facts.name);
            self.fault("TaskDone", message)
        })
    }

    fn tell(&self, ask: Ask) -> Result<(), Fault> {
        self.client.tell(ask).map_err(|_| Fault::Stopped)
    }
}

impl QueueEnd for End {
    fn name(&self) -> String {
        self.facts.name.clone()
    }

    fn directions(&self) -> (bool, bool) {
        (self.facts.puts, self.facts.takes)
    }

    fn joinable(&self) -> bool {
        self.facts.joinable
    }

    fn id(&self) -> u32 {
        self.facts.id
    }

    fn put(&self, item: &mut Value, wait: Wait) -> Result<bool, Fault> {
        self.client.reach(Point::PutBegins);
        self.check_puts()?;
        self.facts.item_type.fit(item).map_err(|misfit| self.misfit(&misfit))?;
        let mut descriptors = Vec::new();
        let parcel = self.pack(item, &mut descriptors)?;
        // Given back before the item can be received, so that it is not held twice.
        drop(item.take());
        if self.use_grant() {
            let ask = Ask::Put { queue: self.facts.id, items: vec![parcel], patience: Patience::No {} };
            let told = self.client.tell_with(ask, descriptors);
            self.client.reach(Point::PutReturns);
            return told.map(|()| true).map_err(|_| Fault::Stopped);
        }
        let sent = self.send(vec![parcel], descriptors, patience(wait));
        self.client.reach(Point::PutReturns);
        sent
    }

    fn put_many(&self, mut items: Vec<Value>) -> Result<(), Fault> {
        self.check_puts()?;
        self.fit_all(&mut items)?;
        self.check_all(&items)?;
        let (mut parcels, mut descriptors, mut bytes) = (Vec::new(), Vec::new(), 0);
        for item in items {
            let parcel = self.pack(&item, &mut descriptors)?;
            if let Parcel::Inline { bytes: inline } = &parcel {
                bytes += inline.len();
            }
            parcels.push(parcel);
            if parcels.len() == ITEMS_A_MESSAGE || bytes > BYTES_A_MESSAGE || !descriptors.is_empty() {
                self.send(
                    std::mem::take(&mut parcels),
                    std::mem::take(&mut descriptors),
                    Patience::Forever {},
                )?;
                bytes = 0;
            }
        }
        if !parcels.is_empty() {
            self.send(parcels, descriptors, Patience::Forever {})?;
        }
        Ok(())
    }

    fn get(&self, wait: Wait) -> Result<Option<Value>, Fault> {
        self.client.reach(Point::GetBegins);
        let item = self.take(1, wait, None)?.pop();
        self.client.reach(Point::GetReturns);
        Ok(item)
    }

    fn get_many(&self, count: usize) -> Result<Vec<Value>, Fault> {
        self.take(count, Wait::Forever, None)
    }

    fn try_get_many(&self, count: usize) -> Result<Vec<Value>, Fault> {
        self.take(count, Wait::No, None)
    }

    fn next_turn(&self, turn: &mut Turn) -> Result<Option<Value>, Fault> {
        self.client.reach(Point::GetBegins);
        let last = turn.lease;
        self.leave(turn);
        let done = last.filter(|&lease| self.hand.borrow_mut().forget(lease));
        let item = if self.hand.borrow().ahead.is_empty() {
            self.check_takes()?;
            self.ask_for(1, Wait::Forever, done, !self.facts.joinable)?.pop()
        } else {
            self.take(1, Wait::Forever, done)?.pop()
        };
        if item.is_some() && self.facts.joinable {
            turn.lease = self.hand.borrow_mut().begin_turn();
        }
        self.client.reach(Point::GetReturns);
        Ok(item)
    }

    fn leave(&self, turn: &mut Turn) {
        if let Some(lease) = turn.lease.take() {
            self.hand.borrow_mut().end_turn(lease);
        }
    }

    fn len(&self) -> Result<usize, Fault> {
        match self.client.ask(Ask::Look { queue: self.facts.id }, Vec::new())? {
            Answer::Queue { len, .. } => Ok(usize::try_from(len).unwrap_or(usize::MAX)),
            _ => Ok(0),
        }
    }

    fn capacity(&self) -> Option<usize> {
        self.facts.capacity.map(|capacity| usize::try_from(capacity).unwrap_or(usize::MAX))
    }

    fn is_full(&self) -> Result<bool, Fault> {
        match self.client.ask(Ask::Look { queue: self.facts.id }, Vec::new())? {
            Answer::Queue { full, .. } => Ok(full),
            _ => Ok(false),
        }
    }

    fn ended(&self) -> Result<Value, Fault> {
        let Answer::Queue { ended: Some((cause, by)), .. } =
            self.client.ask(Ask::Look { queue: self.facts.id }, Vec::new())?
        else {
            return Ok(Value::Unit);
        };
        let cause = ("cause", Value::string(cause));
        Ok(if by.is_empty() { Value::map([cause]) } else { Value::map([cause, ("by", names(&by))]) })
    }

    fn close(&self) -> Result<(), Fault> {
        if self.closed.replace(true) || !self.facts.puts {
            return Ok(());
        }
        self.tell(Ask::Close { queue: self.facts.id })
    }

    fn task_done(&self) -> Result<(), Fault> {
        self.client.reach(Point::DoneBegins);
        let (lease, _) = self.current("task_done")?;
        self.hand.borrow_mut().forget(lease);
        self.tell(Ask::Acknowledge { queue: self.facts.id, lease })
    }

    fn task_failed(&self, reason: String) -> Result<(), Fault> {
        self.client.reach(Point::FailedBegins);
        let (lease, _) = self.current("task_failed")?;
        self.hand.borrow_mut().forget(lease);
        self.tell(Ask::GiveBack { queue: self.facts.id, lease, reason: clipped(reason) })
    }

    fn attempt(&self) -> Result<i64, Fault> {
        self.current("attempt").map(|(_, attempt)| i64::from(attempt))
    }

    fn join(&self, wait: Wait) -> Result<bool, Fault> {
        self.check_joinable("join")?;
        let ask = Ask::Drain { queue: self.facts.id, patience: patience(wait) };
        Ok(!matches!(self.client.ask(ask, Vec::new())?, Answer::NotInTime { .. }))
    }
}

fn names(names: &[String]) -> Value {
    Value::array(names.iter().map(|name| Value::string(&**name)).collect())
}
