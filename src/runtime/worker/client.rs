//! The worker's side of the protocol: one question at a time, each answered before the next.

use crate::runtime::connection::{Connection, Item};
use crate::runtime::os::memory::Counters;
use crate::runtime::os::socket::Read;
use crate::runtime::parcel;
use crate::script::{Fault, Wait};
use crate::value::Value;
use crate::wire::message::{Answer, Ask, Parcel, Patience, ProcessFacts, Reply, Request};
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The items of one queue that this process took and has not acknowledged.
#[derive(Debug, Default)]
pub struct Hand {
    /// Lease and attempt, oldest first.
    pub leases: VecDeque<(u64, u32)>,
    /// The leases of the turns of `for` loops that are under way, innermost last.
    pub turns: Vec<u64>,
    /// So many items may be put without waiting for an answer.
    pub granted: u32,
    /// Items given ahead that are not taken yet.
    pub ahead: VecDeque<Parcel>,
}

/// What a process is about to do, for who wants to say something before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// It asks a question and waits for the answer.
    Waits,
    /// It goes on; asked now and then.
    Runs,
}

/// Who wants to say something before the process waits.
pub type Interlude = dyn Fn(&Client, Moment);

/// The connection to the supervisor, and what this process knows of itself.
pub struct Client {
    connection: RefCell<Connection>,
    number: Cell<u32>,
    at: Cell<(u32, u32)>,
    stop: Option<Arc<AtomicBool>>,
    pub me: ProcessFacts,
    counters: Counters,
    hands: RefCell<BTreeMap<u32, Rc<RefCell<Hand>>>>,
    interlude: RefCell<Option<Rc<Interlude>>>,
}

impl Client {
    pub fn new(
        connection: Connection,
        me: ProcessFacts,
        counters: Counters,
        stop: Option<Arc<AtomicBool>>,
    ) -> Self {
        Client {
            connection: RefCell::new(connection),
            number: Cell::new(0),
            at: Cell::new((0, 0)),
            stop,
            me,
            counters,
            hands: RefCell::default(),
            interlude: RefCell::default(),
        }
    }

    /// An item given ahead, if there is one: it is taken with this.
    pub fn take_ahead(&self, queue: u32) -> Option<Parcel> {
        let parcel = self.hand(queue).borrow_mut().ahead.pop_front()?;
        self.count_taken(queue);
        Some(parcel)
    }

    /// Remembers where in the script the next question comes from.
    pub fn at(&self, source: u32, line: u32) {
        self.at.set((source, line));
    }

    /// What tells that the run is stopping, for a thread of the same process.
    pub fn stop_flag(&self) -> Option<Arc<AtomicBool>> {
        self.stop.clone()
    }

    /// Whether the run is stopping.
    pub fn is_stopped(&self) -> bool {
        self.stop.as_ref().is_some_and(|stop| stop.load(Ordering::Relaxed))
    }

    /// Has this called before each wait, and now and then.
    pub fn set_interlude(&self, interlude: Rc<Interlude>) {
        *self.interlude.borrow_mut() = Some(interlude);
    }

    /// Lets those speak who want to say something before.
    pub fn pause(&self, moment: Moment) {
        let interlude = self.interlude.borrow().clone();
        if let Some(interlude) = interlude {
            interlude(self, moment);
        }
    }

    /// Asks and waits for the answer.
    pub fn ask(&self, ask: Ask, descriptors: Vec<OwnedFd>) -> Result<Answer, Fault> {
        self.pause(Moment::Waits);
        unless_refused(self.exchange(ask, descriptors, |_| Ok(true)))
    }

    /// Asks and waits for the answer as long as `wait` wants it. It is called with the socket and returns when
    /// that can be read; when it returns false the question is withdrawn, which is answered as a wait whose
    /// time is over, unless the answer was on its way.
    pub fn ask_while(
        &self,
        ask: Ask,
        wait: impl FnMut(BorrowedFd<'_>) -> io::Result<bool>,
    ) -> Result<Answer, Fault> {
        unless_refused(self.exchange(ask, Vec::new(), wait))
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

    fn exchange(
        &self,
        ask: Ask,
        descriptors: Vec<OwnedFd>,
        mut wait: impl FnMut(BorrowedFd<'_>) -> io::Result<bool>,
    ) -> io::Result<Answer> {
        if self.is_stopped() {
            return Ok(Answer::Stopped {});
        }
        let number = self.number.get().wrapping_add(1).max(1);
        self.number.set(number);
        let mut connection = self.connection.borrow_mut();
        connection.queue(&Request { number, at: self.at.get(), ask }, descriptors);
        connection.flush()?;
        let mut wanted = true;
        loop {
            if let Some(reply) = connection.next::<Reply>().map_err(io::Error::other)?
                && reply.number == number
            {
                return Ok(reply.answer);
            }
            if wanted && !wait(connection.stream().as_fd())? {
                wanted = false;
                connection
                    .queue(&Request { number: 0, at: self.at.get(), ask: Ask::Withdraw {} }, Vec::new());
                connection.flush()?;
            }
            if connection.read()? == Read::End {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    /// Counts an item given ahead as taken.
    pub fn count_taken(&self, queue: u32) {
        self.counters.count(queue as usize);
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

fn unless_refused(answer: io::Result<Answer>) -> Result<Answer, Fault> {
    match answer.map_err(|_| Fault::Stopped)? {
        Answer::Stopped {} => Err(Fault::Stopped),
        Answer::Refused { kind, message } => Err(Fault::error(&kind, message)),
        answer => Ok(answer),
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
