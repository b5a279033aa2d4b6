//! The way into a program: a thread that takes items from the queue and writes them to the program's standard
//! input.
//!
//! An item counts as taken when the program has read it: only then is it acknowledged, and what has not been read
//! when the program ends goes back to the queue. Where others take from the queue too, no item is taken before
//! the last one was read, so that each goes to a program that has time for it. The one consumer of a plain queue
//! is given items ahead, and fills the pipe.

use super::format;
use super::wait::wait;
use crate::runtime::connection::Item;
use crate::runtime::os::feed::{Feed, Written};
use crate::runtime::parcel;
use crate::runtime::worker::client::Client;
use crate::script::Fault;
use crate::script::unit::Format;
use crate::wire::message::{Answer, Ask, Delivery, Patience, QueueFacts};
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::fd::BorrowedFd;
use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::rc::Rc;
use std::sync::mpsc::Sender;

/// What is gathered before it is written; a longer item is written in place.
const BUFFERED_BYTES: usize = 64 * 1024;
/// How often to look whether a program has read what a wide pipe still holds.
const LOOK_EVERY: Timespec = Timespec { tv_sec: 0, tv_nsec: 5_000_000 };

/// What a feeder is made of.
pub struct Order {
    pub queue: QueueFacts,
    pub format: Format,
    pub program: String,
    pub feed: Feed,
    /// The other side says by closing it that the program has ended; this side says by a byte that there is a
    /// complaint.
    pub link: UnixStream,
    pub complaints: Sender<Complaint>,
}

/// An item that cannot be written.
#[derive(Debug)]
pub struct Complaint {
    pub kind: &'static str,
    pub message: String,
}

impl From<Complaint> for Fault {
    fn from(complaint: Complaint) -> Fault {
        Fault::error(complaint.kind, complaint.message)
    }
}

/// Why no more is written.
enum End {
    /// The stream has ended.
    Stream,
    /// The program does not read any more.
    Gone,
    /// The run is stopping.
    Stopped,
    Wrong(Complaint),
}

/// What is waited for.
#[derive(Clone, Copy, PartialEq)]
enum Room {
    /// That the pipe can be written.
    Wanted,
    /// A while.
    Later,
}

/// An item that may not have been read yet.
struct UnderWay {
    /// Where its bytes begin and end among all that are written.
    start: u64,
    end: u64,
    item: Item,
    /// 0 for an item of a plain queue.
    lease: u64,
}

/// Takes items and writes them, until the program has ended.
pub fn run(client: Rc<Client>, order: Order) {
    let Order { queue, format, program, feed, link, complaints } = order;
    let taken = Taken { client, queue, under_way: VecDeque::new(), uncounted: VecDeque::new() };
    let mut feeder = Feeder { taken, format, program, feed, link, buffer: Vec::new(), ahead: false };
    let end = feeder.write_all_items();
    feeder.conclude(end, &complaints);
}

struct Feeder {
    taken: Taken,
    format: Format,
    program: String,
    feed: Feed,
    link: UnixStream,
    /// What is to be written next.
    buffer: Vec<u8>,
    /// Items are given ahead: nobody else takes from the queue.
    ahead: bool,
}

impl Feeder {
    fn write_all_items(&mut self) -> End {
        loop {
            if let Err(end) = self.write_next() {
                return end;
            }
        }
    }

    /// Takes the items that are at hand and writes them.
    fn write_next(&mut self) -> Result<(), End> {
        if !self.ahead {
            self.wait_until_read()?;
        }
        let done = self.taken.acknowledge(self.feed.read());
        let (deliveries, ahead) = self.take(done)?;
        self.ahead = ahead;
        if ahead {
            self.feed.widen();
        }
        for delivery in deliveries {
            self.add(delivery)?;
        }
        self.flush()
    }

    /// Asks for the next items, unless the program ends meanwhile.
    fn take(&self, done: Option<u64>) -> Result<(Vec<Delivery>, bool), End> {
        let Taken { client, queue, .. } = &self.taken;
        let (patience, ahead) = (Patience::Forever {}, !queue.joinable);
        let ask = Ask::Get { queue: queue.id, count: 1, patience, done, ahead };
        match client.ask_while(ask, |socket| self.is_worth_waiting(socket)) {
            Ok(Answer::Items { deliveries, ahead }) => Ok((deliveries, ahead)),
            Ok(Answer::Ended { .. }) => {
                client.page.sees_end();
                Err(End::Stream)
            }
            Ok(_) => Err(End::Gone),
            Err(_) => Err(End::Stopped),
        }
    }

    /// Waits until the socket can be read, or until the program does not read any more: then it is false.
    fn is_worth_waiting(&self, socket: BorrowedFd<'_>) -> io::Result<bool> {
        let mut fds = [
            PollFd::from_borrowed_fd(socket, PollFlags::IN),
            PollFd::new(&self.feed, PollFlags::empty()),
            PollFd::new(&self.link, PollFlags::IN),
        ];
        wait(&mut fds, None)?;
        Ok(!fds[0].revents().is_empty())
    }

    fn wait_until_read(&mut self) -> Result<(), End> {
        let mut room = Room::Wanted;
        while self.feed.read() < self.feed.written() {
            // A pipe that is not narrow has room before it is empty.
            let wanted = if self.feed.narrow() { room } else { Room::Later };
            self.wait(wanted)?;
            room = if wanted == Room::Wanted { Room::Later } else { Room::Wanted };
        }
        Ok(())
    }

    fn wait(&self, room: Room) -> Result<(), End> {
        let (flags, time) = match room {
            Room::Wanted => (PollFlags::OUT, None),
            Room::Later => (PollFlags::empty(), Some(&LOOK_EVERY)),
        };
        let mut fds = [PollFd::new(&self.feed, flags), PollFd::new(&self.link, PollFlags::IN)];
        wait(&mut fds, time).map_err(|error| self.broken(&error))?;
        let gone = fds[0].revents().contains(PollFlags::ERR) || !fds[1].revents().is_empty();
        if gone { Err(End::Gone) } else { Ok(()) }
    }

    fn add(&mut self, delivery: Delivery) -> Result<(), End> {
        let Delivery { lease, parcel, .. } = delivery;
        let item = self.taken.client.open(parcel).map_err(|_| End::Stopped)?;
        let value = parcel::unpack(item.clone());
        let value = value.map_err(|error| self.wrong(&format!("cannot be read: {error}")))?;
        let bytes = format::encode(self.format, &value).map_err(|why| self.wrong(&why))?;
        let delimiter = format::delimiter(self.format);
        let start = self.feed.written() + self.buffer.len() as u64;
        let end = start + (bytes.len() + usize::from(delimiter.is_some())) as u64;
        self.taken.add(UnderWay { start, end, item, lease }, self.ahead);
        if bytes.len() > BUFFERED_BYTES {
            self.feed.widen();
            self.flush()?;
            self.write(&bytes)?;
        } else {
            self.buffer.extend_from_slice(&bytes);
        }
        self.buffer.extend(delimiter);
        if self.buffer.len() > BUFFERED_BYTES { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), End> {
        let buffer = std::mem::take(&mut self.buffer);
        let written = self.write(&buffer);
        self.buffer = buffer;
        self.buffer.clear();
        written
    }

    /// Writes all of it, however long the program takes to read it.
    fn write(&mut self, mut bytes: &[u8]) -> Result<(), End> {
        while !bytes.is_empty() {
            match self.feed.write(bytes).map_err(|error| self.broken(&error))? {
                Written::Bytes(count) => {
                    bytes = &bytes[count..];
                    self.taken.count(self.feed.written());
                }
                Written::Full => self.wait(Room::Wanted)?,
                Written::Closed => return Err(End::Gone),
            }
        }
        Ok(())
    }

    /// Waits for the end of the program; what it has not read goes back.
    fn conclude(mut self, end: End, complaints: &Sender<Complaint>) {
        let read = match end {
            End::Stopped => return until_closed(&self.link),
            End::Gone => {
                // Others can have the rest at once.
                self.taken.put_back(self.feed.read());
                return until_closed(&self.link);
            }
            End::Stream => {
                let rest = self.feed.finish();
                until_closed(&self.link);
                rest.read()
            }
            End::Wrong(complaint) => {
                // Who does not listen has ended for another reason.
                let _ = complaints.send(complaint).map(|()| (&self.link).write_all(b"!"));
                until_closed(&self.link);
                self.feed.read()
            }
        };
        self.taken.put_back(read);
    }

    fn broken(&self, error: &io::Error) -> End {
        let message = format!("the input of `{}` cannot be written: {error}", self.program);
        End::Wrong(Complaint { kind: "Exec", message })
    }

    fn wrong(&self, why: &str) -> End {
        let message = format!("an item of queue `{}` for `{}` {why}", self.taken.queue.name, self.program);
        End::Wrong(Complaint { kind: "Type", message })
    }
}

/// The other side closes its end when the program has ended.
fn until_closed(mut link: &UnixStream) {
    // Broken is as good as closed.
    let _ = link.read(&mut [0]);
}

/// What was taken from the queue and may not have been read.
struct Taken {
    client: Rc<Client>,
    queue: QueueFacts,
    under_way: VecDeque<UnderWay>,
    /// Where the items end that were given ahead and are not counted as taken.
    uncounted: VecDeque<u64>,
}

impl Taken {
    fn add(&mut self, item: UnderWay, ahead: bool) {
        if ahead {
            self.uncounted.push_back(item.end);
        }
        self.under_way.push_back(item);
    }

    /// Items given ahead are taken when they are written.
    fn count(&mut self, written: u64) {
        while self.uncounted.front().is_some_and(|&end| end <= written) {
            self.client.count_taken(self.queue.id);
            self.uncounted.pop_front();
        }
    }

    /// Forgets what was read; the last lease of it is to be acknowledged with the next question.
    fn acknowledge(&mut self, read: u64) -> Option<u64> {
        let mut done = None;
        while self.under_way.front().is_some_and(|first| first.end <= read) {
            let lease = self.under_way.pop_front().map(|first| first.lease).filter(|&lease| lease != 0);
            if let (Some(lease), Some(_)) = (done, lease) {
                self.tell(Ask::Acknowledge { queue: self.queue.id, lease });
            }
            done = lease.or(done);
        }
        done
    }

    /// Gives back what was not read. A leased item of which a part was read was an attempt: it goes back with
    /// the end of this thread.
    fn put_back(&mut self, read: u64) {
        let queue = self.queue.id;
        if let Some(lease) = self.acknowledge(read) {
            self.tell(Ask::Acknowledge { queue, lease });
        }
        if self.queue.joinable {
            let unread = self.under_way.iter().filter(|item| item.start >= read);
            let leases: Vec<u64> = unread.map(|item| item.lease).collect();
            return self.tell(Ask::Untake { queue, leases });
        }
        self.tell(Ask::NotTaken { queue });
        let counted = self.uncounted.front().copied().unwrap_or(u64::MAX);
        let unread = std::mem::take(&mut self.under_way).into_iter().filter(|item| item.end < counted);
        let mut descriptors = Vec::new();
        let parcels = unread.map(|unread| unread.item.into_parcel(&mut descriptors));
        if let Ok(items) = parcels.collect::<io::Result<Vec<_>>>() {
            // A supervisor that is gone needs no word.
            let _ = self.client.tell_with(Ask::PutBack { queue, items }, descriptors);
        }
    }

    fn tell(&self, ask: Ask) {
        // A supervisor that is gone needs no word.
        let _ = self.client.tell(ask);
    }
}
