//! Many items at once: one lock, and one store for all of them.

use super::memory::{Memory, Place, Word};
use super::{
    Front, HEADER, Kind, Position, RECORD_MAX, Ring, Room, User, WATCH_ITEMS, WATCH_ROOM, record_bytes,
};
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

/// No more bytes are taken at once.
const TAKEN_BYTES_MAX: u32 = 64 << 10;

impl<M: Memory> Ring<M> {
    /// Puts as many of these items in as there is room for; gives how many, and whether the supervisor is to be told.
    pub fn put_some<'a>(&self, user: User, items: impl Iterator<Item = &'a [u8]>) -> (usize, bool) {
        let memory = &self.memory;
        if memory.load(Word::End, Acquire) != 0 {
            return (0, false);
        }
        self.lock(Word::TailLock, user);
        let begin = Position::of(memory.place(Place::Tail, Relaxed));
        let head = memory.place(Place::Head, Acquire);
        memory.set_place(Place::HeadSeen, head, Relaxed);
        let mut tail = begin;
        let size = self.widen(tail, Position::of(head));
        for item in items {
            let bytes = record_bytes(item.len());
            if item.len() > RECORD_MAX || self.room(size, (tail, Position::of(head)), bytes) != Room::Enough {
                break;
            }
            self.write_record(tail.at & (size - 1), Kind::Here, item);
            tail = tail.behind(bytes);
        }
        let count = tail.count.wrapping_sub(begin.count) as usize;
        if count == 0 {
            self.unlock(Word::TailLock);
            return (0, false);
        }
        // This is the moment at which all of them are put.
        memory.set_place(Place::Tail, tail.word(), Release);
        self.unlock(Word::TailLock);
        memory.fence_behind_swap();
        self.wake_getter();
        (count, self.is_to_be_told(WATCH_ITEMS))
    }

    /// Takes up to `count` records into a buffer, as far as their items are in the ring; gives how many, and whether
    /// the supervisor is to be told.
    pub fn take_some(&self, user: User, count: usize, buffer: &mut Vec<u8>) -> (usize, bool) {
        let memory = &self.memory;
        buffer.clear();
        if memory.load(Word::Returned, Acquire) != 0 || self.seems_empty() {
            return (0, false);
        }
        self.lock(Word::HeadLock, user);
        let begin = Position::of(memory.place(Place::Head, Relaxed));
        let (mut head, mut tail, mut size) = (begin, begin, self.narrow);
        while (head.count.wrapping_sub(begin.count) as usize) < count
            && let Front::Record(record) = self.record_at(head)
            && record.kind.is_here()
        {
            let end = head.behind(record_bytes(record.len));
            size = self.size();
            let goes_round = (head.at ^ begin.at) & !(size - 1) != 0;
            if goes_round || end.at.wrapping_sub(begin.at) > TAKEN_BYTES_MAX && head != begin {
                break;
            }
            (head, tail) = (end, record.tail);
        }
        let taken = head.count.wrapping_sub(begin.count) as usize;
        if taken == 0 {
            self.unlock(Word::HeadLock);
            return (0, false);
        }
        memory.read(begin.at & (size - 1), head.at.wrapping_sub(begin.at) as usize, buffer);
        // This is the moment at which all of them are taken.
        memory.set_place(Place::Head, head.word(), Release);
        self.unlock(Word::HeadLock);
        memory.fence_behind_swap();
        self.wake_putter(head, tail);
        (taken, self.is_to_be_told(WATCH_ROOM))
    }
}

/// The items of records that lie one behind the other.
pub struct Records<'a>(&'a [u8]);

impl<'a> Records<'a> {
    #[must_use]
    pub fn new(records: &'a [u8]) -> Self {
        Records(records)
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = (Kind, &'a [u8]);

    fn next(&mut self) -> Option<(Kind, &'a [u8])> {
        let (header, rest) = self.0.split_first_chunk()?;
        let header = u64::from_ne_bytes(*header);
        let (kind, len) = (Kind::of(header >> 32)?, header as u32 as usize);
        let item = rest.get(..len)?;
        self.0 = rest.get(record_bytes(len) as usize - HEADER as usize..).unwrap_or_default();
        Some((kind, item))
    }
}
