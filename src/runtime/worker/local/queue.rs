//! A queue between the threads of one process: its items, and the moment at which waiting becomes the
//! supervisor's business.
//!
//! Items are in a channel; putting and taking is a matter of this process alone. A thread that has waited for a
//! moment in vain asks the supervisor to wait, as it would for any queue, so that ends of streams and deadlocks
//! are found as everywhere. For this the queue has a *clock* and flags for those who are *wanted*:
//!
//! - Who is about to wait raises its flag under the lock, looks once more, and takes a time of the clock along.
//! - Whoever changes the queue looks for flags afterwards. Between the two, one sees the other: each writes before
//!   it reads (both are sequentially consistent). The one who takes a flag down advances the clock and says so to
//!   the supervisor, which lets those look again who have waited since an earlier time. Who asks to wait with a
//!   time that is past already is told at once.
//!
//! So the supervisor cannot judge wrongly. It takes a thread to be running until the thread itself asks to wait
//! or ends, and what a thread says comes in order: when all holders of a queue are seen waiting, everything that
//! they have said about it before was heard. What one of them sees with nobody wanted, changes nothing for those
//! who wait: getters wait at an empty queue, and all later puts find their flag; putters at a full one, and all
//! later takes find theirs.

use super::super::host::{Host, lock};
use super::super::portable::Portable;
use super::leases::{Dead, Leases, Taken};
use crate::wire::local::{LocalOn, LocalView};
use crossbeam::channel::{Receiver, Select, Sender, bounded};
use std::sync::atomic::{AtomicU8, Ordering, fence};
use std::sync::{Mutex, OnceLock, PoisonError, Weak};
use std::time::Duration;

/// Flags of those who wait.
const GETTERS: u8 = 1;
const PUTTERS: u8 = 2;
const DRAINERS: u8 = 4;

/// Why a stream has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamEnd {
    pub cause: String,
    pub by: Vec<String>,
}

/// Why an item was not taken in.
#[derive(Debug)]
pub enum Refused {
    Full(Portable),
    Ended,
}

/// Somebody is to be told that the queue has changed at this time of its clock.
pub type Notice = Option<u64>;

pub struct LocalQueue {
    pub id: u32,
    pub name: String,
    pub capacity: usize,
    pub joinable: bool,
    sender: Sender<Portable>,
    receiver: Receiver<Portable>,
    wanted: AtomicU8,
    end: OnceLock<StreamEnd>,
    state: Mutex<State>,
    host: Weak<Host>,
}

#[derive(Default)]
struct State {
    clock: u64,
    /// Of a joinable queue: everything that happens to its items happens under the lock.
    leases: Leases,
}

impl LocalQueue {
    #[must_use]
    pub fn new(host: Weak<Host>, (id, name): (u32, String), capacity: usize, joinable: bool) -> Self {
        let (sender, receiver) = bounded(capacity);
        LocalQueue {
            id,
            name,
            capacity,
            joinable,
            sender,
            receiver,
            wanted: AtomicU8::new(0),
            end: OnceLock::new(),
            state: Mutex::default(),
            host,
        }
    }

    pub fn end(&self) -> Option<&StreamEnd> {
        self.end.get()
    }

    /// The supervisor has found that the stream has ended. The first cause holds.
    pub fn set_end(&self, end: StreamEnd) {
        let _ = self.end.set(end);
    }

    pub fn len(&self) -> usize {
        let returned = if self.joinable { lock(&self.state).leases.returned() } else { 0 };
        self.receiver.len() + returned
    }

    /// Whether every item was acknowledged.
    pub fn is_settled(&self) -> bool {
        lock(&self.state).leases.unfinished() == 0
    }

    /// Takes an item in, if there is room.
    pub fn put(&self, item: Portable) -> Result<Notice, Refused> {
        if self.end.get().is_some() {
            return Err(Refused::Ended);
        }
        if self.joinable {
            let mut state = lock(&self.state);
            if self.is_full(&state) {
                return Err(Refused::Full(item));
            }
            self.sender.try_send(item).map_err(|error| Refused::Full(error.into_inner()))?;
            state.leases.put();
        } else {
            self.sender.try_send(item).map_err(|error| Refused::Full(error.into_inner()))?;
        }
        Ok(self.changed(GETTERS))
    }

    /// Hands out the next item.
    pub fn take(&self, holder: u32) -> Option<(Taken, Notice)> {
        let next = || self.receiver.try_recv().ok();
        let taken = if self.joinable {
            lock(&self.state).leases.take(holder, next)?
        } else {
            Taken { lease: 0, attempt: 1, item: next()? }
        };
        Some((taken, self.changed(PUTTERS)))
    }

    pub fn acknowledge(&self, holder: u32, lease: u64) -> Notice {
        lock(&self.state).leases.acknowledge(holder, lease);
        self.acknowledged()
    }

    pub fn give_back(&self, holder: u32, lease: u64) -> (Option<Dead>, Notice) {
        let dead = lock(&self.state).leases.give_back(holder, lease);
        (dead, self.acknowledged())
    }

    /// What a thread had in hand when it ended goes back.
    pub fn holder_ended(&self, holder: u32) -> (Vec<Dead>, Notice) {
        let mut state = lock(&self.state);
        if !state.leases.has(holder) {
            return (Vec::new(), None);
        }
        let dead = state.leases.holder_ended(holder);
        drop(state);
        (dead, self.acknowledged())
    }

    /// Getters are told too: as long as somebody has an item in hand, the stream does not end.
    fn acknowledged(&self) -> Notice {
        let done = lock(&self.state).leases.unfinished() == 0;
        self.changed(if done { GETTERS | DRAINERS } else { GETTERS })
    }

    /// Waits a moment for an item, or for room.
    pub fn pause(&self, on: LocalOn, moment: Duration) {
        let mut select = Select::new();
        match on {
            LocalOn::Get {} => select.recv(&self.receiver),
            LocalOn::Put {} => select.send(&self.sender),
            LocalOn::Acknowledged {} | LocalOn::Turn { .. } => return,
        };
        // Whether it is ready, the caller finds out.
        let _ = select.ready_timeout(moment);
    }

    /// Says that somebody is about to wait; `None`: what it waits for is there now.
    pub fn about_to_wait(&self, on: LocalOn) -> Option<LocalView> {
        let flag = match on {
            LocalOn::Get {} => GETTERS,
            LocalOn::Put {} => PUTTERS,
            LocalOn::Acknowledged {} => DRAINERS,
            LocalOn::Turn { .. } => return None,
        };
        let mut state = lock(&self.state);
        self.wanted.fetch_or(flag, Ordering::SeqCst);
        fence(Ordering::SeqCst);
        let len = self.receiver.len() + state.leases.returned();
        let is_there = match flag {
            GETTERS => len > 0,
            PUTTERS => !self.is_full(&state),
            _ => state.leases.unfinished() == 0,
        };
        if is_there {
            return None;
        }
        state.clock += 1;
        Some(LocalView {
            clock: state.clock,
            len: len as u64,
            full: self.is_full(&state),
            unfinished: state.leases.unfinished() as u64,
            in_hand: state.leases.holders(),
        })
    }

    fn is_full(&self, state: &State) -> bool {
        self.receiver.len() + state.leases.returned() >= self.capacity
    }

    /// Takes down the flags of those whom a change concerns.
    fn changed(&self, flags: u8) -> Notice {
        fence(Ordering::SeqCst);
        if self.wanted.load(Ordering::Relaxed) & flags == 0 {
            return None;
        }
        let mut state = lock(&self.state);
        if self.wanted.fetch_and(!flags, Ordering::SeqCst) & flags == 0 {
            // Another has taken them down, and is running until it has said so.
            return None;
        }
        state.clock += 1;
        Some(state.clock)
    }
}

impl std::fmt::Debug for LocalQueue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)
    }
}

impl Drop for LocalQueue {
    /// The last thread that held it has let it go; the next one that comes by tells the supervisor.
    fn drop(&mut self) {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        let lost = std::mem::take(&mut state.leases).lost();
        if let Some(host) = self.host.upgrade() {
            host.is_gone(self.id, &self.name, lost);
        }
    }
}
