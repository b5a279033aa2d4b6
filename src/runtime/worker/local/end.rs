//! A queue between threads, as a body holds it: the same members and errors as any queue end.

use super::super::client::Client;
use super::super::deadline::Deadline;
use super::super::hand::Hand;
use super::super::portable::{Passed, Portable};
use super::leases::Taken;
use super::queue::{LocalQueue, Refused, StreamEnd};
use super::{Woken, moment, tell_changed, tell_dead};
use crate::script::objects::Turn;
use crate::script::{Fault, QueueEnd, Wait};
use crate::value::Value;
use crate::wire::local::{LocalAsk, LocalOn};
use crate::wire::message::Ask;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

/// What became of an operation that may wait.
enum Waited<T> {
    Done(T),
    Late,
    Ended,
}

/// Both ends; each thread has its own.
pub struct LocalEnd {
    client: Rc<Client>,
    queue: Arc<LocalQueue>,
    hand: Rc<RefCell<Hand>>,
}

impl LocalEnd {
    pub fn new(client: Rc<Client>, queue: Arc<LocalQueue>) -> Self {
        let hand = client.hand(queue.id);
        LocalEnd { client, queue, hand }
    }

    pub fn queue(&self) -> Arc<LocalQueue> {
        self.queue.clone()
    }

    fn fault(&self, kind: &str, message: String) -> Fault {
        Fault::error(kind, message).with("queue", Value::string(&*self.queue.name))
    }

    fn closed(&self) -> Fault {
        let message = format!("queue `{}` was closed by this thread", self.queue.name);
        self.fault("Closed", message).with("cause", Value::string("closed"))
    }

    fn ended_fault(&self) -> Fault {
        let message = format!("the stream of queue `{}` has ended", self.queue.name);
        let fault = self.fault("Closed", message);
        let Some(end) = self.queue.end() else { return fault };
        let fault = fault.with("cause", Value::string(&*end.cause));
        if end.by.is_empty() { fault } else { fault.with("by", names(&end.by)) }
    }

    fn check_joinable(&self, what: &str) -> Result<(), Fault> {
        if self.queue.joinable {
            return Ok(());
        }
        let message = format!("`{what}` needs a joinable queue, `{}` is none", self.queue.name);
        Err(self.fault("Type", message))
    }

    fn pack(&self, item: Value) -> Result<Portable, Fault> {
        let mut passed = Passed::default();
        let packed = Portable::pack(item, &mut passed).map_err(|what| {
            let message = format!("cannot send through queue `{}`: {what}", self.queue.name);
            self.fault("Unsendable", message)
        })?;
        self.client.pass_on(passed)?;
        Ok(packed)
    }

    fn changed(&self, notice: Option<u64>) {
        tell_changed(&self.client, self.queue.id, notice);
    }

    /// Tries until it is done, the time is over, or the stream has ended.
    fn until<T>(
        &self,
        on: LocalOn,
        wait: Wait,
        mut attempt: impl FnMut() -> Result<Option<T>, Fault>,
    ) -> Result<Waited<T>, Fault> {
        let deadline = Deadline::of(wait);
        let mut woken = Woken::Look;
        loop {
            if let Some(done) = attempt()? {
                return Ok(Waited::Done(done));
            }
            if self.queue.end().is_some() && on != (LocalOn::Acknowledged {}) {
                return Ok(Waited::Ended);
            }
            if matches!(woken, Woken::Late) || deadline.left() == Wait::No {
                return Ok(Waited::Late);
            }
            self.queue.pause(on, moment(deadline));
            if let Some(done) = attempt()? {
                return Ok(Waited::Done(done));
            }
            let Some(view) = self.queue.about_to_wait(on) else { continue };
            woken = super::wait(&self.client, self.queue.id, on, view, deadline.left())?;
            if let Woken::Ended(end) = &woken {
                self.queue.set_end(end.clone());
            }
        }
    }

    /// `Ok(false)`: there was no room in time.
    fn send(&self, item: Portable, wait: Wait) -> Result<bool, Fault> {
        let mut left = Some(item);
        let waited = self.until(LocalOn::Put {}, wait, || {
            let Some(item) = left.take() else { return Ok(None) };
            match self.queue.put(item) {
                Ok(notice) => Ok(Some(notice)),
                Err(Refused::Full(item)) => {
                    left = Some(item);
                    Ok(None)
                }
                Err(Refused::Ended) => Err(self.ended_fault()),
            }
        })?;
        match waited {
            Waited::Done(notice) => {
                self.changed(notice);
                Ok(true)
            }
            Waited::Late => Ok(false),
            Waited::Ended => Err(self.ended_fault()),
        }
    }

    fn take_now(&self) -> Option<Value> {
        let (Taken { lease, attempt, item }, notice) = self.queue.take(self.client.me.id)?;
        self.changed(notice);
        if lease != 0 {
            self.hand.borrow_mut().leases.push_back((lease, attempt));
        }
        Some(item.unpack(&self.client))
    }

    /// The lease that `task_done` and the like mean.
    fn current(&self, what: &str) -> Result<(u64, u32), Fault> {
        self.check_joinable(what)?;
        self.hand.borrow().current().ok_or_else(|| {
            let message = format!("`{what}`: no item of queue `{}` is in hand", self.queue.name);
            self.fault("TaskDone", message)
        })
    }

    fn acknowledge(&self, lease: u64) {
        self.changed(self.queue.acknowledge(self.client.me.id, lease));
    }
}

impl QueueEnd for LocalEnd {
    fn name(&self) -> String {
        self.queue.name.clone()
    }

    fn directions(&self) -> (bool, bool) {
        (true, true)
    }

    fn joinable(&self) -> bool {
        self.queue.joinable
    }

    fn id(&self) -> u32 {
        self.queue.id
    }

    fn is_local(&self) -> bool {
        true
    }

    fn put(&self, item: &mut Value, wait: Wait) -> Result<bool, Fault> {
        if self.hand.borrow().closed {
            return Err(self.closed());
        }
        let item = self.pack(item.take())?;
        self.send(item, wait)
    }

    fn put_many(&self, items: Vec<Value>) -> Result<(), Fault> {
        items.into_iter().try_for_each(|mut item| self.put(&mut item, Wait::Forever).map(drop))
    }

    fn get(&self, wait: Wait) -> Result<Option<Value>, Fault> {
        match self.until(LocalOn::Get {}, wait, || Ok(self.take_now()))? {
            Waited::Done(item) => Ok(Some(item)),
            Waited::Late | Waited::Ended => Ok(None),
        }
    }

    fn get_many(&self, count: usize) -> Result<Vec<Value>, Fault> {
        let Some(first) = self.get(Wait::Forever)? else { return Ok(Vec::new()) };
        let others = std::iter::from_fn(|| self.take_now());
        Ok(std::iter::once(first).chain(others).take(count).collect())
    }

    fn next_turn(&self, turn: &mut Turn) -> Result<Option<Value>, Fault> {
        let last = turn.lease;
        self.leave(turn);
        if let Some(lease) = last.filter(|&lease| self.hand.borrow_mut().forget(lease)) {
            self.acknowledge(lease);
        }
        let item = self.get(Wait::Forever)?;
        if item.is_some() && self.queue.joinable {
            turn.lease = self.hand.borrow_mut().begin_turn();
        }
        Ok(item)
    }

    fn leave(&self, turn: &mut Turn) {
        if let Some(lease) = turn.lease.take() {
            self.hand.borrow_mut().end_turn(lease);
        }
    }

    fn len(&self) -> Result<usize, Fault> {
        Ok(self.queue.len())
    }

    fn capacity(&self) -> Option<usize> {
        Some(self.queue.capacity)
    }

    /// Only the supervisor knows whether the others have closed it.
    fn ended(&self) -> Result<Value, Fault> {
        let on = LocalOn::Get {};
        if self.queue.end().is_none()
            && let Some(view) = self.queue.about_to_wait(on)
            && let Woken::Ended(end) = super::wait(&self.client, self.queue.id, on, view, Wait::No)?
        {
            self.queue.set_end(end);
        }
        let Some(StreamEnd { cause, by }) = self.queue.end().filter(|_| self.queue.len() == 0) else {
            return Ok(Value::Unit);
        };
        let cause = ("cause", Value::string(&**cause));
        Ok(if by.is_empty() { Value::map([cause]) } else { Value::map([cause, ("by", names(by))]) })
    }

    fn close(&self) -> Result<(), Fault> {
        if std::mem::replace(&mut self.hand.borrow_mut().closed, true) {
            return Ok(());
        }
        let ask = LocalAsk::Closed { local: self.queue.id };
        self.client.tell(Ask::Local { ask }).map_err(|_| Fault::Stopped)
    }

    fn task_done(&self) -> Result<(), Fault> {
        let (lease, _) = self.current("task_done")?;
        self.hand.borrow_mut().forget(lease);
        self.acknowledge(lease);
        Ok(())
    }

    fn task_failed(&self, reason: String) -> Result<(), Fault> {
        let (lease, _) = self.current("task_failed")?;
        self.hand.borrow_mut().forget(lease);
        let (dead, notice) = self.queue.give_back(self.client.me.id, lease);
        self.changed(notice);
        let reason = crate::wire::message::clipped(format!("the last time: {reason}"));
        tell_dead(&self.client, &self.queue.name, dead.into_iter().collect(), &reason);
        Ok(())
    }

    fn attempt(&self) -> Result<i64, Fault> {
        self.current("attempt").map(|(_, attempt)| i64::from(attempt))
    }

    fn join(&self, wait: Wait) -> Result<bool, Fault> {
        self.check_joinable("join")?;
        let done = || Ok(self.queue.is_settled().then_some(()));
        Ok(matches!(self.until(LocalOn::Acknowledged {}, wait, done)?, Waited::Done(())))
    }
}

fn names(names: &[String]) -> Value {
    Value::array(names.iter().map(|name| Value::string(&**name)).collect())
}
