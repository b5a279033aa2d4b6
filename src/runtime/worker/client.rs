//! The worker's side of the protocol: one question at a time, each answered before the next.

use super::hand::Hand;
use super::host::Host;
use super::portable::Passed;
use crate::runtime::connection::{Connection, Item};
use crate::runtime::os::memory::Counters;
use crate::runtime::os::socket::Read;
use crate::runtime::parcel;
use crate::script::{Fault, Wait};
use crate::value::Value;
use crate::wire::local::LocalAsk;
use crate::wire::message::{Answer, Ask, Parcel, Patience, ProcessFacts, Reply, Request};
use rustix::fd::OwnedFd;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io;
use std::rc::Rc;
use std::sync::Arc;

/// The connection to the supervisor, and what this process knows of itself.
pub struct Client {
    connection: RefCell<Connection>,
    number: Cell<u32>,
    at: Cell<(u32, u32)>,
    /// The process that this thread of it runs in.
    pub host: Arc<Host>,
    pub me: ProcessFacts,
    counters: Counters,
    hands: RefCell<BTreeMap<u32, Rc<RefCell<Hand>>>>,
}

impl Client {
    pub fn new(connection: Connection, me: ProcessFacts, counters: Counters, host: Arc<Host>) -> Self {
        Client {
            connection: RefCell::new(connection),
            number: Cell::new(0),
            at: Cell::new((0, 0)),
            host,
            me,
            counters,
            hands: RefCell::default(),
        }
    }

    /// An item given ahead, if there is one: it is taken with this.
    pub fn take_ahead(&self, queue: u32) -> Option<Parcel> {
        let parcel = self.hand(queue).borrow_mut().ahead.pop_front()?;
        self.counters.count(queue as usize);
        Some(parcel)
    }

    /// Remembers where in the script the next question comes from.
    pub fn at(&self, source: u32, line: u32) {
        self.at.set((source, line));
    }

    /// Whether the run is stopping.
    pub fn is_stopped(&self) -> bool {
        self.host.is_stopped()
    }

    /// Asks and waits for the answer.
    pub fn ask(&self, ask: Ask, descriptors: Vec<OwnedFd>) -> Result<Answer, Fault> {
        self.exchange(ask, descriptors).map_err(|_| Fault::Stopped).and_then(|answer| match answer {
            Answer::Stopped {} => Err(Fault::Stopped),
            Answer::Refused { kind, message } => Err(Fault::error(&kind, message)),
            answer => Ok(answer),
        })
    }

    /// Tells something that needs no answer.
    pub fn tell(&self, ask: Ask) -> io::Result<()> {
        self.tell_with(ask, Vec::new())
    }

    pub fn tell_with(&self, ask: Ask, descriptors: Vec<OwnedFd>) -> io::Result<()> {
        let mut connection = self.connection.borrow_mut();
        connection.queue(&Request { number: 0, at: self.at.get(), ask }, descriptors);
        connection.flush().map(drop)
    }

    fn exchange(&self, ask: Ask, descriptors: Vec<OwnedFd>) -> io::Result<Answer> {
        if self.is_stopped() {
            return Ok(Answer::Stopped {});
        }
        let number = self.number.get().wrapping_add(1).max(1);
        self.number.set(number);
        let mut connection = self.connection.borrow_mut();
        connection.queue(&Request { number, at: self.at.get(), ask }, descriptors);
        connection.flush()?;
        loop {
            if let Some(reply) = connection.next::<Reply>().map_err(io::Error::other)? {
                match reply.answer {
                    Answer::LocalEnded { local, cause, by } => self.host.ended(local, cause, by),
                    answer if reply.number == number => return Ok(answer),
                    _ => {}
                }
                continue;
            }
            if connection.read()? == Read::End {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    /// Ends are on their way to another thread by a queue or a cell: those of all threads of the process hold
    /// them before anybody can see them.
    pub fn share(&self, passed: Passed) -> Result<(), Fault> {
        let Some(Passed { takes, puts }) = self.host.not_shared_yet(passed) else { return Ok(()) };
        takes.iter().chain(&puts).for_each(|&queue| self.void(queue));
        let ask = LocalAsk::Shared { takes: takes.clone(), puts: puts.clone() };
        self.ask(Ask::Local { ask }, Vec::new())?;
        self.host.are_shared(&takes, &puts);
        Ok(())
    }

    /// Who hands an end on is not the only one at it any more: room granted and items given ahead are void.
    pub fn void(&self, queue: u32) {
        let hand = self.hand(queue);
        let mut hand = hand.borrow_mut();
        hand.granted = 0;
        if !hand.ahead.is_empty() {
            hand.ahead.clear();
            // A supervisor that is gone needs no word.
            let _ = self.tell(Ask::NotTaken { queue });
        }
    }

    /// The value of a parcel of the answer received last.
    pub fn unpack(&self, parcel: Parcel) -> io::Result<Value> {
        let item = self.open(parcel)?;
        parcel::unpack(item).map_err(io::Error::other)
    }

    pub fn open(&self, parcel: Parcel) -> io::Result<Item> {
        self.connection.borrow_mut().open(parcel).map_err(io::Error::other)
    }

    /// What this process has in hand of a queue.
    pub fn hand(&self, queue: u32) -> Rc<RefCell<Hand>> {
        self.hands.borrow_mut().entry(queue).or_default().clone()
    }
}

/// A wait as it travels.
pub fn patience(wait: Wait) -> Patience {
    match wait {
        Wait::Forever => Patience::Forever {},
        Wait::Seconds(seconds) => Patience::Seconds { seconds },
        Wait::No => Patience::No {},
    }
}
