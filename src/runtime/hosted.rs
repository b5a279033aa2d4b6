//! Ends of host queues, as the program around the run holds them: each has a connection of its own to the supervisor,
//! and may be used by any thread, one at a time.

use super::connection::{Connection, Item};
use super::os::socket::Read;
use super::parcel;
use crate::graph::Graph;
use crate::value::Value;
use crate::value::item_type::ItemType;
use crate::wire::message::{Answer, Ask, Parcel, Patience, Reply, Request};
use rustix::fd::OwnedFd;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// An item that a run has left.
pub enum Left {
    Bytes(Vec<u8>),
    File(OwnedFd, u64),
}

/// Items that nobody had taken when the run was over, by queue.
#[derive(Default)]
pub struct Leftovers(Mutex<BTreeMap<u32, VecDeque<Left>>>);

impl Leftovers {
    pub fn put(&self, queue: u32, items: VecDeque<Left>) {
        lock(&self.0).insert(queue, items);
    }

    fn take(&self, queue: u32) -> Option<Item> {
        Some(match lock(&self.0).get_mut(&queue)?.pop_front()? {
            Left::Bytes(bytes) => Item::Inline(bytes.into()),
            Left::File(file, len) => Item::Shared { file: file.into(), len },
        })
    }
}

/// What came of a question at an end.
#[derive(Debug)]
pub enum Said {
    Done,
    Item(Value),
    NotInTime,
    /// The stream has ended, for this reason.
    Ended(String),
    /// The run is over.
    Over,
    /// It cannot be done, and why.
    Refused(String),
    /// It would be more than the program has allowed.
    Limit(String),
}

/// A connection of the program.
struct Link {
    connection: Connection,
    number: u32,
    /// So many items may be put without waiting for an answer.
    granted: u32,
}

impl Link {
    fn new(socket: UnixStream) -> Link {
        Link { connection: Connection::new(socket), number: 0, granted: 0 }
    }

    fn tell(&mut self, number: u32, ask: Ask, descriptors: Vec<OwnedFd>) -> io::Result<()> {
        self.connection.queue(&Request { number, at: (0, 0), ask }, descriptors);
        self.connection.flush().map(drop)
    }

    fn ask(&mut self, ask: Ask, descriptors: Vec<OwnedFd>) -> io::Result<Answer> {
        self.number = self.number.wrapping_add(1).max(1);
        self.tell(self.number, ask, descriptors)?;
        loop {
            match self.connection.next::<Reply>().map_err(io::Error::other)? {
                Some(reply) if reply.number == self.number => return Ok(reply.answer),
                None if self.connection.read()? == Read::End => {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                // An answer that nobody waits for any more, or a part of the next.
                Some(_) | None => {}
            }
        }
    }

    /// A further connection, which holds these ends; with `hands_over` this one has them no more.
    fn another(
        &mut self,
        name: String,
        takes: Vec<u32>,
        puts: Vec<u32>,
        hands_over: bool,
    ) -> io::Result<Link> {
        let (ours, theirs) = UnixStream::pair()?;
        self.granted = 0;
        let ask = Ask::StartThread { name, daemon: true, takes, puts, hands_over };
        match self.ask(ask, vec![theirs.into()])? {
            Answer::ThreadStarted { page, .. } => {
                // Nothing is given ahead to the program, so that nothing is counted.
                drop(self.connection.open(page));
                Ok(Link::new(ours))
            }
            _ => Err(io::Error::other("the run is stopping")),
        }
    }
}

/// A host queue as the program knows it.
#[derive(Clone)]
struct Known {
    id: u32,
    name: String,
    item_type: ItemType,
}

/// All host queues of a run, and who has taken which end.
pub struct Desk {
    link: Mutex<Link>,
    known: Vec<Known>,
    taken: Mutex<BTreeSet<(u32, bool)>>,
    leftovers: Arc<Leftovers>,
}

/// Why there is no end.
#[derive(Debug, PartialEq, Eq)]
pub enum NoEnd {
    /// No host queue has this name; these there are.
    Unknown(Vec<String>),
    Taken,
    Over,
}

impl Desk {
    /// The desk of a run of this graph; `None` when it has no host queue.
    pub fn of(graph: &Graph, socket: UnixStream, leftovers: Arc<Leftovers>) -> Option<Desk> {
        let hosted =
            (0..).zip(&graph.queues).filter(|(_, queue)| queue.flavour == crate::ast::QueueFlavour::Host);
        let known =
            hosted.map(|(id, queue)| Known { id, name: queue.name.clone(), item_type: queue.takes() });
        let known: Vec<Known> = known.collect();
        let link = Mutex::new(Link::new(socket));
        (!known.is_empty()).then(|| Desk { link, known, taken: Mutex::default(), leftovers })
    }

    /// One end of a queue, once.
    pub fn end(&self, name: &str, puts: bool) -> Result<End, NoEnd> {
        let names = || self.known.iter().map(|queue| queue.name.clone()).collect();
        let queue =
            self.known.iter().find(|queue| queue.name == name).ok_or_else(|| NoEnd::Unknown(names()))?;
        if !lock(&self.taken).insert((queue.id, puts)) {
            return Err(NoEnd::Taken);
        }
        let (takes, puts) = if puts { (vec![], vec![queue.id]) } else { (vec![queue.id], vec![]) };
        let link =
            lock(&self.link).another(format!("host ({name})"), takes, puts, true).map_err(|_| NoEnd::Over)?;
        Ok(End { link: Mutex::new(link), queue: queue.clone(), leftovers: self.leftovers.clone() })
    }

    /// The program takes no further ends: nobody waits for those that it has not taken.
    pub fn give_up(&self) {
        // A run that is over needs no word.
        let _ = lock(&self.link).tell(0, Ask::BodyEnded {}, Vec::new());
    }
}

/// One end of a host queue. Its ends are given up when it is dropped.
pub struct End {
    link: Mutex<Link>,
    queue: Known,
    leftovers: Arc<Leftovers>,
}

impl End {
    pub fn name(&self) -> &str {
        &self.queue.name
    }

    pub fn put(&self, mut value: Value, patience: Patience) -> Said {
        if let Err(misfit) = self.queue.item_type.fit(&mut value) {
            return Said::Refused(format!("queue `{}`: {misfit}", self.name()));
        }
        let mut descriptors = Vec::new();
        let packed = parcel::pack(&value).map_err(|error| error.to_string());
        let packed =
            packed.and_then(|item| item.into_parcel(&mut descriptors).map_err(|error| error.to_string()));
        match packed {
            Ok(parcel) => self.send(parcel, descriptors, patience),
            Err(what) => Said::Refused(format!("cannot send through queue `{}`: {what}", self.name())),
        }
    }

    fn send(&self, parcel: Parcel, descriptors: Vec<OwnedFd>, patience: Patience) -> Said {
        let mut link = lock(&self.link);
        let ask = Ask::Put { queue: self.queue.id, items: vec![parcel], patience };
        if link.granted > 0 {
            link.granted -= 1;
            return link.tell(0, ask, descriptors).map_or(Said::Over, |()| Said::Done);
        }
        match link.ask(ask, descriptors) {
            Ok(Answer::Accepted { grant }) => {
                link.granted = grant;
                Said::Done
            }
            answer => said(answer),
        }
    }

    /// The next item. What the run has left comes when it is over.
    pub fn get(&self, patience: Patience) -> Said {
        let mut link = lock(&self.link);
        let ask = Ask::Get { queue: self.queue.id, count: 1, patience, done: None, ahead: false };
        let item = match link.ask(ask, Vec::new()) {
            Ok(Answer::Items { deliveries, .. }) => {
                let parcel = deliveries.into_iter().next().map(|delivery| delivery.parcel);
                parcel.map(|parcel| link.connection.open(parcel))
            }
            Err(_) | Ok(Answer::Stopped {}) => match self.leftovers.take(self.queue.id) {
                Some(item) => Some(Ok(item)),
                None => return Said::Over,
            },
            answer => return said(answer),
        };
        match item.map(|item| item.and_then(parcel::unpack)) {
            Some(Ok(value)) => Said::Item(value),
            Some(Err(error)) => Said::Refused(error.to_string()),
            None => Said::NotInTime,
        }
    }

    /// Whether the stream has ended, and nothing is left of it.
    pub fn is_ended(&self) -> bool {
        let asked = lock(&self.link).ask(Ask::Look { queue: self.queue.id }, Vec::new());
        match asked {
            Ok(Answer::Queue { ended, .. }) => ended.is_some(),
            _ => lock(&self.leftovers.0).get(&self.queue.id).is_none_or(VecDeque::is_empty),
        }
    }

    /// The same end once more.
    pub fn another(&self, puts: bool) -> Option<End> {
        let (takes, puts) = if puts { (vec![], vec![self.queue.id]) } else { (vec![self.queue.id], vec![]) };
        let name = format!("host ({})", self.queue.name);
        let link = lock(&self.link).another(name, takes, puts, false).ok()?;
        Some(End { link: Mutex::new(link), queue: self.queue.clone(), leftovers: self.leftovers.clone() })
    }
}

fn said(answer: io::Result<Answer>) -> Said {
    match answer {
        Ok(Answer::Done {} | Answer::Accepted { .. }) => Said::Done,
        Ok(Answer::NotInTime { .. }) => Said::NotInTime,
        Ok(Answer::Ended { cause, .. }) => Said::Ended(cause),
        Ok(Answer::Refused { kind, message }) if kind == "Limit" => Said::Limit(message),
        Ok(Answer::Refused { message, .. }) => Said::Refused(message),
        _ => Said::Over,
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
