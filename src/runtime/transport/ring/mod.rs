//! A bounded queue in memory that several processes share, which is whole whatever happens to any of them.
//!
//! Items lie one behind the other as records in an arena of bytes. Who puts holds the tail's lock, who takes the
//! head's. What an operation does becomes true by **one** store of one word, which holds a count of records and a
//! place in the arena: before it nothing has happened, after it everything. So a process may be killed between any two
//! instructions; all that it can leave is a lock, which the supervisor frees, and somebody asleep, whom it wakes.
//!
//! How one sleeps until there is an item, or room, is in `wait`; the locks are in `lock`; what the words lie in, in
//! `memory`. More in `docs/design/rings.md`.

mod lock;
mod look;
mod many;
pub mod memory;
mod wait;

#[cfg(test)]
mod loom_tests;
#[cfg(test)]
mod model_tests;
#[cfg(test)]
mod storm_tests;
#[cfg(test)]
mod tests;

use crate::value::bare::Form;
pub use look::Lookout;
pub use many::Records;
use memory::{Memory, Place, Word};
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release, SeqCst};
pub use wait::{Habit, Left, Outcome, Waiter};

/// Who holds a lock: a number that nobody else of the run ever has. The supervisor gives it out.
pub type User = u32;

/// The supervisor's own number.
pub const SUPERVISOR: User = (1 << 31) - 1;

/// What a record begins with: its length and its kind.
const HEADER: u32 = 8;
/// A record that only tells where the item is.
const ELSEWHERE_BYTES: u32 = HEADER + 8;

/// There was no room for the bytes of an item in the part of the arena that is used.
const WIDTH_WANTED: u32 = 1;
/// All of it is used.
const WIDTH_ALL: u32 = 2;

/// Bits of the word that says what the supervisor wants to be told of.
pub const WATCH_ITEMS: u32 = 1;
pub const WATCH_ROOM: u32 = 2;
pub const WATCH_DONE: u32 = 4;

/// What lies in a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The item.
    Here,
    /// A number; the supervisor keeps the item under it.
    Elsewhere,
    /// In which blocks the item lies.
    InBlocks,
    /// A text, or a blob, and nothing but its bytes.
    Text,
    Blob,
}

impl Kind {
    fn of(number: u64) -> Option<Kind> {
        let all = [Kind::Here, Kind::Elsewhere, Kind::InBlocks, Kind::Text, Kind::Blob];
        all.get(usize::try_from(number).ok()?).copied()
    }

    /// Whether the record holds the item itself.
    #[must_use]
    pub fn is_here(self) -> bool {
        matches!(self, Kind::Here | Kind::Text | Kind::Blob)
    }

    /// What its bytes are, if they are not encoded.
    #[must_use]
    pub fn form(self) -> Option<Form> {
        match self {
            Kind::Text => Some(Form::Text),
            Kind::Blob => Some(Form::Blob),
            Kind::Here | Kind::Elsewhere | Kind::InBlocks => None,
        }
    }

    /// Of an item that is put by its bytes alone.
    #[must_use]
    pub fn of_form(form: Form) -> Kind {
        match form {
            Form::Text => Kind::Text,
            Form::Blob => Kind::Blob,
        }
    }
}

/// What became of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// It is in the queue. The supervisor is to be told when somebody waits by way of it.
    Done {
        tell: bool,
    },
    /// The queue holds as many items as it can.
    Full,
    /// There is room for an item, but not for so many bytes.
    TooLong,
    Ended,
}

/// What was found at the front.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Take {
    Taken {
        tell: bool,
    },
    Empty,
    /// The next item is in the supervisor's hands: given back, or long.
    Elsewhere,
    /// Somebody has written what is no record.
    Broken,
}

/// How many records were ever put or taken, and where in the arena the next one begins; both go round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    pub count: u32,
    pub at: u32,
}

impl Position {
    fn of(word: u64) -> Position {
        Position { count: (word >> 32) as u32, at: word as u32 }
    }

    fn word(self) -> u64 {
        u64::from(self.count) << 32 | u64::from(self.at)
    }

    fn behind(self, bytes: u32) -> Position {
        Position { count: self.count.wrapping_add(1), at: self.at.wrapping_add(bytes) }
    }
}

/// How large the arena of a queue for so many items is: as much of it as is used at first, and once there was no room
/// for the bytes of an item. `None`: for that many there is none.
#[must_use]
pub fn arena_bytes(capacity: usize) -> Option<(u32, u32)> {
    let capacity = u32::try_from(capacity).ok().filter(|&items| (1..=CAPACITY_MAX).contains(&items))?;
    let typical = (capacity * 64).next_power_of_two().clamp(ARENA_MIN, ARENA_MAX);
    // Every item finds room, be it only to say where it is.
    let narrow = typical.max((capacity * ELSEWHERE_BYTES + ARENA_MIN / 2).next_power_of_two());
    Some((narrow, narrow.max(ARENA_WIDE)))
}

/// Larger queues would need positions of more than 32 bits.
const CAPACITY_MAX: u32 = 1 << 22;
const ARENA_MIN: u32 = 256 << 10;
const ARENA_MAX: u32 = 1 << 20;
/// Small items go round in little memory, which the processor's cache keeps. A few long ones would fill it, and put both
/// sides to sleep in turn.
const ARENA_WIDE: u32 = 2 << 20;
/// A longer item is not kept in the arena.
pub const RECORD_MAX: usize = 64 << 10;

/// So many bytes before they are needed, those of a record are asked for.
const AHEAD: u32 = 256;

/// So often both ends are looked for at one moment.
const LOOKS_MAX: usize = 10_000;

/// A queue in shared memory, as one process sees it.
pub struct Ring<M> {
    memory: M,
    capacity: u32,
    /// How many bytes of the arena are used, and how many there are.
    narrow: u32,
    size: u32,
}

fn record_bytes(payload: usize) -> u32 {
    HEADER + (payload.next_multiple_of(8)) as u32
}

impl<M: Memory> Ring<M> {
    /// The queue in a memory whose arena has `size` bytes, a power of two.
    #[must_use]
    pub fn new(memory: M, capacity: u32, size: u32) -> Self {
        let narrow = arena_bytes(capacity as usize).map_or(size, |(narrow, _)| narrow.min(size));
        Ring { memory, capacity, narrow, size }
    }

    pub fn capacity(&self) -> usize {
        self.capacity as usize
    }

    /// Puts an item in if there is room. Before it is in, `mark` is told its number.
    #[inline]
    fn try_put(&self, user: User, (kind, payload): (Kind, &[u8]), mark: impl Fn(u32)) -> Put {
        if self.memory.load(Word::End, Acquire) != 0 {
            return Put::Ended;
        }
        if payload.len() > RECORD_MAX {
            return Put::TooLong;
        }
        self.lock(Word::TailLock, user);
        self.put_locked(kind, payload, mark)
    }

    /// The same; `None` when somebody else is just putting.
    pub fn put_unless_locked(&self, user: User, kind: Kind, payload: &[u8]) -> Option<Put> {
        if payload.len() > RECORD_MAX {
            return Some(Put::TooLong);
        }
        self.try_lock(Word::TailLock, user).then(|| self.put_locked(kind, payload, |_| ()))
    }

    #[inline]
    fn put_locked(&self, kind: Kind, payload: &[u8], mark: impl Fn(u32)) -> Put {
        let memory = &self.memory;
        let bytes = record_bytes(payload.len());
        let tail = Position::of(memory.place(Place::Tail, Relaxed));
        let mut size = self.size();
        let seen = Position::of(memory.place(Place::HeadSeen, Relaxed));
        let mut room = self.room(size, (tail, seen), bytes);
        if room != Room::Enough {
            let head = memory.place(Place::Head, Acquire);
            memory.set_place(Place::HeadSeen, head, Relaxed);
            size = self.widen(tail, Position::of(head));
            room = self.room(size, (tail, Position::of(head)), bytes);
        }
        if room != Room::Enough {
            if room == Room::NoBytes && size < self.size {
                memory.store(Word::Width, WIDTH_WANTED, Relaxed);
            }
            self.unlock(Word::TailLock);
            return if room == Room::NoItem { Put::Full } else { Put::TooLong };
        }
        self.write_record(tail.at & (size - 1), kind, payload);
        memory.claim(tail.at.wrapping_add(AHEAD) & (size - 1));
        mark(tail.count);
        // This is the moment at which the item is put.
        memory.set_place(Place::Tail, tail.behind(bytes).word(), Release);
        self.unlock(Word::TailLock);
        memory.fence_behind_swap();
        self.wake_getter();
        Put::Done { tell: self.is_to_be_told(WATCH_ITEMS) }
    }

    #[inline]
    fn write_record(&self, at: u32, kind: Kind, payload: &[u8]) {
        self.memory.write_long(at, payload.len() as u64 | (kind as u64) << 32);
        self.memory.write(at + HEADER, payload);
    }

    /// How many bytes of the arena are used.
    #[inline]
    fn size(&self) -> u32 {
        if self.memory.load(Word::Width, Relaxed) == WIDTH_ALL { self.size } else { self.narrow }
    }

    /// Uses all of the arena from now on, if that is wanted and all records lie where they would lie then. Who does it
    /// holds the tail's lock; killed at any moment, it has changed where the next record lies, and no other.
    fn widen(&self, tail: Position, head: Position) -> u32 {
        let stays = |at: u32| at & (self.size - 1) < self.narrow;
        if self.memory.load(Word::Width, Relaxed) == WIDTH_WANTED && stays(head.at) && stays(tail.at) {
            self.memory.store(Word::Width, WIDTH_ALL, Relaxed);
        }
        self.size()
    }

    /// Whether a record finds room: the item, and its bytes besides what the items to come need at least.
    #[inline]
    fn room(&self, size: u32, (tail, head): (Position, Position), bytes: u32) -> Room {
        let count =
            tail.count.wrapping_sub(head.count).saturating_add(self.memory.load(Word::Returned, Relaxed));
        if count >= self.capacity {
            return Room::NoItem;
        }
        let free = size.saturating_sub(tail.at.wrapping_sub(head.at));
        let others = (self.capacity - count - 1).saturating_mul(ELSEWHERE_BYTES);
        if bytes.saturating_add(others) <= free { Room::Enough } else { Room::NoBytes }
    }

    /// Takes the next record into a buffer, unless it is the supervisor's. Before it is taken `keep` is shown what it is
    /// and its number; it may refuse it.
    #[inline]
    pub fn try_take(
        &self,
        user: User,
        buffer: &mut Vec<u8>,
        keep: impl FnOnce(Kind, &[u8], u32) -> bool,
    ) -> Take {
        let memory = &self.memory;
        if memory.load(Word::Returned, Acquire) != 0 {
            return Take::Elsewhere;
        }
        if self.seems_empty() {
            return Take::Empty;
        }
        self.lock(Word::HeadLock, user);
        let taken = match self.front() {
            Front::Record(record) if record.kind != Kind::Elsewhere => {
                memory.read(record.at + HEADER, record.len, buffer);
                if keep(record.kind, buffer, record.head.count) {
                    return self.take_locked(record);
                }
                Take::Elsewhere
            }
            Front::Record(_) => Take::Elsewhere,
            Front::Empty => Take::Empty,
            Front::Broken => Take::Broken,
        };
        self.unlock(Word::HeadLock);
        taken
    }

    /// Whether there is no need to lock it. Others write the tail: who finds that there were items left when somebody
    /// looked last does not look there.
    #[inline]
    fn seems_empty(&self) -> bool {
        let head = self.memory.place(Place::Head, Relaxed);
        self.memory.place(Place::TailSeen, Relaxed) == head && self.memory.place(Place::Tail, Acquire) == head
    }

    /// Takes the next item, wherever it is, unless somebody else is just taking or `keep` refuses it; for the
    /// supervisor, which has looked after those that were given back.
    pub fn take_unless_locked(
        &self,
        user: User,
        buffer: &mut Vec<u8>,
        keep: impl FnOnce(Kind, &[u8], u32) -> bool,
    ) -> Option<Take> {
        if !self.try_lock(Word::HeadLock, user) {
            return None;
        }
        let taken = match self.front() {
            Front::Record(record) => {
                self.memory.read(record.at + HEADER, record.len, buffer);
                if keep(record.kind, buffer, record.head.count) {
                    return Some(self.take_locked(record));
                }
                Take::Elsewhere
            }
            Front::Empty => Take::Empty,
            Front::Broken => Take::Broken,
        };
        self.unlock(Word::HeadLock);
        Some(taken)
    }

    #[inline]
    fn front(&self) -> Front {
        self.record_at(Position::of(self.memory.place(Place::Head, Relaxed)))
    }

    /// The record that begins at the head, or would if those before it were taken.
    #[inline]
    fn record_at(&self, head: Position) -> Front {
        let memory = &self.memory;
        let mut tail = Position::of(memory.place(Place::TailSeen, Relaxed));
        // All that was seen has been taken, or somebody has written what is no position.
        if tail.count.wrapping_sub(head.count).wrapping_sub(1) >= self.capacity {
            let seen = memory.place(Place::Tail, Acquire);
            memory.set_place(Place::TailSeen, seen, Relaxed);
            tail = Position::of(seen);
        }
        if tail.count == head.count {
            return Front::Empty;
        }
        // Behind the look at the tail: whoever put a record had seen to the size before.
        let within = self.size() - 1;
        let at = head.at & within;
        if tail.at.wrapping_sub(head.at) > 2 * AHEAD {
            memory.fetch(head.at.wrapping_add(AHEAD) & within);
        }
        let header = memory.read_long(at);
        let len = header as u32;
        let Some(kind) = Kind::of(header >> 32) else { return Front::Broken };
        if len as usize > RECORD_MAX || record_bytes(len as usize) > tail.at.wrapping_sub(head.at) {
            return Front::Broken;
        }
        Front::Record(Record { head, tail, at, len: len as usize, kind })
    }

    #[inline]
    fn take_locked(&self, record: Record) -> Take {
        let memory = &self.memory;
        let head = record.head.behind(record_bytes(record.len));
        // This is the moment at which the item is taken.
        memory.set_place(Place::Head, head.word(), Release);
        self.unlock(Word::HeadLock);
        memory.fence_behind_swap();
        self.wake_putter(head, record.tail);
        Take::Taken { tell: self.is_to_be_told(WATCH_ROOM) }
    }

    /// Whether the supervisor has asked to be told of this, once.
    #[inline]
    fn is_to_be_told(&self, of: u32) -> bool {
        self.memory.load(Word::Watch, SeqCst) & of != 0 && self.memory.and(Word::Watch, !of) & of != 0
    }

    /// An item is done: whether the supervisor is to be told. While there are items, a later one will be.
    #[inline]
    pub fn done(&self) -> bool {
        self.memory.fence();
        self.memory.load(Word::Watch, SeqCst) & WATCH_DONE != 0 && !self.has_items()
    }

    /// Asks those who put or take to tell the supervisor of it, once. What happened before is to be looked at after.
    pub fn watch(&self, what: u32) {
        self.memory.or(Word::Watch, what);
        self.memory.fence();
    }

    pub fn unwatch(&self, what: u32) {
        self.memory.and(Word::Watch, !what);
    }

    /// Both ends at one moment: the next to be taken, and where the next is put.
    pub fn positions(&self) -> (Position, Position) {
        let mut tail = self.memory.place(Place::Tail, SeqCst);
        let mut head = self.memory.place(Place::Head, SeqCst);
        // Only one who spoils the memory on purpose moves it each time.
        for _ in 0..LOOKS_MAX {
            let again = self.memory.place(Place::Tail, SeqCst);
            if again == tail {
                break;
            }
            tail = again;
            head = self.memory.place(Place::Head, SeqCst);
        }
        (Position::of(head), Position::of(tail))
    }

    /// Whether the item of this number is in it now.
    pub fn holds(&self, number: u32) -> bool {
        let (head, tail) = self.positions();
        number.wrapping_sub(head.count) < tail.count.wrapping_sub(head.count)
    }

    /// How many items are in it, but for those given back.
    pub fn len(&self) -> usize {
        let (head, tail) = self.positions();
        tail.count.wrapping_sub(head.count).min(self.capacity) as usize
    }

    /// Those given back too.
    pub fn len_with_returned(&self) -> usize {
        self.len() + self.memory.load(Word::Returned, SeqCst) as usize
    }

    /// So many items are in the supervisor's hands, before all others.
    pub fn set_returned(&self, items: usize) {
        self.memory.store(Word::Returned, u32::try_from(items).unwrap_or(u32::MAX), SeqCst);
    }

    /// Somebody has taken, or tried to.
    #[inline]
    pub fn asked_for(&self) {
        if self.memory.load(Word::Asked, Relaxed) == 0 {
            self.memory.store(Word::Asked, 1, Relaxed);
        }
    }

    pub fn was_asked_for(&self) -> bool {
        self.memory.load(Word::Asked, Relaxed) != 0
    }

    /// Nothing more can be put in; who waits goes on.
    pub fn end(&self) {
        self.memory.store(Word::End, 1, SeqCst);
        self.wake_all();
    }

    /// Frees the locks that a dead one held, and wakes everybody: whom it was about to wake, or who was woken and is
    /// dead.
    pub fn recover(&self, dead: User) {
        self.free_if(|holder| holder == dead);
    }

    /// The same for locks whose holder somebody else is the judge of.
    pub fn free_if(&self, is_dead: impl Fn(User) -> bool) {
        self.free(Word::TailLock, &is_dead);
        self.free(Word::HeadLock, is_dead);
        self.wake_all();
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Room {
    Enough,
    NoItem,
    NoBytes,
}

struct Record {
    head: Position,
    tail: Position,
    /// Where it begins in the arena.
    at: u32,
    len: usize,
    kind: Kind,
}

enum Front {
    Record(Record),
    Empty,
    Broken,
}
