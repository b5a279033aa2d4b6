//! A second memory of a queue, for items that are too long for its ring: blocks of one size, of which an item gets as
//! many as it needs, in a row. A record in the ring tells which. They are written and read without a lock.
//!
//! Each block has a mark: free, or whose it is. Who puts claims blocks, writes, and gives them the number of the item
//! just before the ring's one store puts it; who takes makes them its own just before the store that takes it. So a
//! block of a dead one is free unless it has the number of an item that is in the ring, whoever put it or was about to
//! take it. The supervisor finds that out before it frees the locks of the dead.

use super::ring::memory::{Memory, Place, WORDS_BYTES, Word};
use super::ring::{SUPERVISOR, User};
use crate::runtime::os::memory::in_large_pieces;
use crate::wire::codec::Source;
use std::io;
use std::ops::Range;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release, SeqCst};
use std::time::Instant;

const BLOCK_BYTES: usize = 64 << 10;
/// So many blocks a queue has. Memory is taken up by those that are used.
pub const BLOCKS: u32 = 4096;
const MARKS_BYTES: usize = 8 * BLOCKS as usize;
/// Longer items travel in a file of their own.
pub const ITEM_MAX: usize = BLOCKS as usize * BLOCK_BYTES / 2;
/// What the file of a queue's blocks has.
pub const FILE_BYTES: usize = WORDS_BYTES + MARKS_BYTES + BLOCKS as usize * BLOCK_BYTES;

const FREE: u64 = 0;
/// The mark holds the number of an item too.
const NUMBERED: u64 = 1 << 63;

fn owned_by(user: User) -> u64 {
    u64::from(user) << 32
}

fn owner(mark: u64) -> User {
    ((mark & !NUMBERED) >> 32) as User
}

/// The blocks of one item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    first: u32,
    /// How many bytes the item has.
    len: u32,
}

impl Run {
    /// As it stands in a record.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 8] {
        (u64::from(self.first) << 32 | u64::from(self.len)).to_le_bytes()
    }

    /// That of a record; nothing where somebody has written what is none.
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Option<Run> {
        let word = u64::from_le_bytes(bytes.try_into().ok()?);
        let run = Run { first: (word >> 32) as u32, len: word as u32 };
        let end = u64::from(run.first) + u64::from(run.len.div_ceil(BLOCK_BYTES as u32));
        (end <= u64::from(BLOCKS)).then_some(run)
    }

    #[must_use]
    pub fn len(self) -> usize {
        self.len as usize
    }

    fn blocks(self) -> Range<u32> {
        self.first..self.first + blocks_for(self.len())
    }

    /// Where its bytes begin.
    fn at(self) -> u32 {
        (MARKS_BYTES + self.first as usize * BLOCK_BYTES) as u32
    }
}

fn blocks_for(len: usize) -> u32 {
    len.div_ceil(BLOCK_BYTES).max(1) as u32
}

/// The blocks of a queue, as one process sees them.
pub struct Blocks<M> {
    memory: M,
    count: u32,
}

impl<M: Memory> Blocks<M> {
    /// The first `count` of those that lie in a memory.
    #[must_use]
    pub fn new(memory: M, count: u32) -> Self {
        Blocks { memory, count }
    }

    /// Blocks for so many bytes, if there are so many in a row.
    pub fn claim(&self, user: User, len: usize) -> Option<Run> {
        let wanted = blocks_for(len);
        let hint = self.memory.load(Word::BlockHint, Relaxed).min(self.count);
        let first = self.claim_from(hint, user, wanted).or_else(|| self.claim_from(0, user, wanted))?;
        if first == hint {
            self.memory.store(Word::BlockHint, first + wanted, Relaxed);
        }
        self.memory.add(Word::BlockChanges, 1);
        Some(Run { first, len: u32::try_from(len).ok()? })
    }

    fn claim_from(&self, from: u32, user: User, wanted: u32) -> Option<u32> {
        let mut first = from;
        while first.saturating_add(wanted) <= self.count {
            let end = self.claim_all(first..first + wanted, user);
            if end == first + wanted {
                return Some(first);
            }
            if end > first {
                self.release(first..end);
            }
            first = end + 1;
        }
        None
    }

    /// Claims blocks up to the first that is somebody's; gives where it ended.
    fn claim_all(&self, blocks: Range<u32>, user: User) -> u32 {
        let end = blocks.end;
        let is_free = |&block: &u32| {
            self.memory.place(Place::Mark(block), Relaxed) == FREE
                && self.memory.exchange_place(Place::Mark(block), FREE, owned_by(user))
        };
        blocks.into_iter().find(|block| !is_free(block)).unwrap_or(end)
    }

    /// The same, waiting for blocks to become free until then.
    pub fn claim_until(&self, user: User, len: usize, until: Instant) -> Option<Run> {
        loop {
            let bell = self.memory.load(Word::BlockBell, SeqCst);
            self.memory.store(Word::BlockFlag, 1, SeqCst);
            self.memory.fence();
            if let Some(run) = self.claim(user, len) {
                return Some(run);
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return None;
            }
            self.memory.sleep_while(Word::BlockBell, bell, Some(left));
        }
    }

    /// The item in these blocks is about to be put, or taken, by this user under this number.
    pub fn number(&self, run: Run, user: User, number: u32) {
        let mark = NUMBERED | owned_by(user) | u64::from(number);
        run.blocks().for_each(|block| self.memory.set_place(Place::Mark(block), mark, Release));
    }

    /// The item is read, or was not put.
    pub fn free(&self, run: Run) {
        self.release(run.blocks());
        self.memory.add(Word::BlockChanges, 1);
    }

    fn release(&self, blocks: Range<u32>) {
        let first = blocks.start;
        blocks.for_each(|block| self.memory.set_place(Place::Mark(block), FREE, Release));
        if self.memory.load(Word::BlockHint, Relaxed) > first {
            self.memory.store(Word::BlockHint, first, Relaxed);
        }
        self.memory.fence();
        if self.memory.load(Word::BlockFlag, Relaxed) != 0
            && self.memory.swap(Word::BlockFlag, 0, SeqCst) != 0
        {
            self.wake_all();
        }
    }

    fn wake_all(&self) {
        self.memory.add(Word::BlockBell, 1);
        self.memory.wake(Word::BlockBell, true);
    }

    /// Grows with each use.
    pub fn changes(&self) -> u32 {
        self.memory.load(Word::BlockChanges, Relaxed)
    }

    /// Frees the blocks of a dead one, but for those of items that are in the ring.
    pub fn recover(&self, dead: User, is_in_ring: impl Fn(u32) -> bool) {
        for block in 0..self.count {
            let mark = self.memory.place(Place::Mark(block), Acquire);
            if owner(mark) == dead && !(mark & NUMBERED != 0 && is_in_ring(mark as u32)) {
                // One who has taken the item meanwhile has made it its own.
                self.memory.exchange_place(Place::Mark(block), mark, FREE);
            }
        }
        self.memory.store(Word::BlockHint, 0, Relaxed);
        self.wake_all();
    }

    /// Gives the memory of free blocks back: `give` is told which bytes of the file.
    pub fn trim(&self, mut give: impl FnMut(Range<usize>)) {
        let mut first = 0;
        while first < self.count {
            let end = self.claim_all(first..self.count, SUPERVISOR);
            if end > first {
                let place = |block: u32| WORDS_BYTES + MARKS_BYTES + block as usize * BLOCK_BYTES;
                give(place(first)..place(end));
                self.release(first..end);
            }
            first = end + 1;
        }
    }

    /// Asks those who use blocks to tell the supervisor of it, once.
    pub fn watch(&self) {
        self.memory.store(Word::BlockWatch, 1, SeqCst);
    }

    pub fn is_watched(&self) -> bool {
        self.memory.load(Word::BlockWatch, SeqCst) != 0
    }

    /// Whether the supervisor has asked to be told of this.
    pub fn is_to_be_told(&self) -> bool {
        self.memory.load(Word::BlockWatch, Relaxed) != 0 && self.memory.swap(Word::BlockWatch, 0, SeqCst) != 0
    }

    /// Whether nobody has any.
    #[cfg(test)]
    pub fn all_are_free(&self) -> bool {
        (0..self.count).all(|block| self.memory.place(Place::Mark(block), Acquire) == FREE)
    }

    #[must_use]
    pub fn writing(&self, run: Run) -> Writing<'_, M> {
        Writing(Way::new(&self.memory, run))
    }

    #[must_use]
    pub fn reading(&self, run: Run) -> Reading<'_, M> {
        Reading(Way::new(&self.memory, run))
    }
}

/// Of an item that is longer than this no more than a part counts at a time as memory of who writes or reads it.
const COUNTS_MAX: usize = 16 << 20;
const PART: usize = 4 << 20;
const PAGE: u32 = 4096;

/// The way through the bytes of an item.
struct Way<'a, M> {
    memory: &'a M,
    at: u32,
    left: usize,
    /// Of a very long one: which part is mapped now.
    part: Option<Range<u32>>,
}

impl<'a, M: Memory> Way<'a, M> {
    fn new(memory: &'a M, run: Run) -> Self {
        let part = (run.len() > COUNTS_MAX).then(|| run.at()..run.at());
        Way { memory, at: run.at(), left: run.len(), part }
    }

    /// Does something with the next bytes, which it is told by their place and how many come before them.
    fn go(&mut self, len: usize, mut with: impl FnMut(&M, u32, Range<usize>)) {
        let mut done = 0;
        while done < len {
            let now = self.there().min(len - done);
            with(self.memory, self.at, done..done + now);
            done += now;
            (self.at, self.left) = (self.at + now as u32, self.left - now);
            self.forget();
        }
    }

    /// So many bytes can be touched from here on; of a very long item what the part has, and then the next.
    fn there(&mut self) -> usize {
        let Some(part) = &mut self.part else { return self.left };
        if part.end == self.at {
            let end = self.at as usize + PART.min(self.left);
            *part = self.at..(end as u32).next_multiple_of(PAGE);
            self.memory.expect(part.clone());
        }
        (part.end - self.at) as usize
    }

    fn forget(&mut self) {
        if let Some(part) = self.part.as_mut().filter(|part| part.end == self.at || self.left == 0) {
            self.memory.forget(part.clone());
        }
    }
}

/// Writes the bytes of an item, no more than it has.
pub struct Writing<'a, M>(Way<'a, M>);

impl<M: Memory> io::Write for Writing<'_, M> {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let now = bytes.len().min(self.0.left);
        self.0.go(now, |memory, at, part| memory.write(at, &bytes[part]));
        Ok(now)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Reads the bytes of an item.
pub struct Reading<'a, M>(Way<'a, M>);

impl<M: Memory> Source for Reading<'_, M> {
    #[inline]
    fn left(&self) -> usize {
        self.0.left
    }

    fn peek(&self) -> Option<u8> {
        let mut byte = [0];
        (self.0.left > 0).then(|| self.0.memory.read_into(self.0.at, &mut byte))?;
        Some(byte[0])
    }

    #[inline]
    fn copy(&mut self, into: &mut [u8]) {
        self.0.go(into.len(), |memory, at, part| memory.read_into(at, &mut into[part]));
    }

    fn copy_many(&mut self, len: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(len);
        if self.0.part.is_some() {
            in_large_pieces(&mut bytes);
        }
        self.0.go(len, |memory, at, part| memory.append(at, part.len(), &mut bytes));
        bytes
    }
}

impl<M: Memory> io::Read for Reading<'_, M> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let now = buffer.len().min(self.0.left);
        self.copy(&mut buffer[..now]);
        Ok(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::os::shared::{Shared, give_back};
    use std::io::{Read, Write};
    use std::time::Duration;

    fn blocks(count: u32) -> Blocks<Shared> {
        Blocks::new(Shared::create("test", FILE_BYTES, 0).unwrap().0, count)
    }

    #[test]
    fn an_item_is_read_as_it_was_written() {
        let blocks = blocks(4);
        let bytes: Vec<u8> = (0..BLOCK_BYTES + 100).map(|at| at as u8).collect();
        let run = blocks.claim(1, bytes.len()).unwrap();
        assert_eq!(Run::of_bytes(&run.to_bytes()), Some(run));
        blocks.writing(run).write_all(&bytes).unwrap();
        assert!(blocks.writing(run).write_all(&vec![0; 3 * BLOCK_BYTES]).is_err());
        blocks.writing(run).write_all(&bytes).unwrap();
        let mut read = Vec::new();
        blocks.reading(run).read_to_end(&mut read).unwrap();
        assert!(read == bytes);
    }

    #[test]
    fn a_very_long_item_is_forgotten_and_is_there_all_the_same() {
        let blocks = blocks(BLOCKS);
        let len = COUNTS_MAX + 2 * PART + 3;
        let run = blocks.claim(1, len).unwrap();
        let mut writing = blocks.writing(run);
        (0..len).step_by(1 << 16).for_each(|at| {
            writing.write_all(&vec![(at >> 16) as u8; (1 << 16).min(len - at)]).unwrap();
        });
        let mut reading = blocks.reading(run);
        let begin = reading.copy_many(5);
        let rest = reading.copy_many(len - 5);
        assert!([begin, rest].concat().iter().enumerate().all(|(at, &byte)| byte == (at >> 16) as u8));
        assert_eq!(reading.left(), 0);
    }

    #[test]
    fn blocks_are_had_once_and_in_a_row() {
        let blocks = blocks(5);
        let runs: Vec<Run> = (0..5).map(|_| blocks.claim(1, 1).unwrap()).collect();
        assert_eq!(blocks.claim(2, 1), None);
        [1, 3, 4].iter().for_each(|&index| blocks.free(runs[index]));
        assert_eq!(blocks.claim(2, BLOCK_BYTES + 1).unwrap().blocks(), 3..5);
        assert_eq!(blocks.claim(2, BLOCK_BYTES + 1), None);
        assert_eq!(blocks.claim(2, 1).unwrap().blocks(), 1..2);
        assert_eq!(blocks.claim_until(2, 1, Instant::now() + Duration::from_millis(1)), None);
    }

    #[test]
    fn nonsense_is_no_run() {
        let nonsense = |first, len| Run::of_bytes(&Run { first, len }.to_bytes());
        assert_eq!(nonsense(BLOCKS - 1, BLOCK_BYTES as u32 + 1), None);
        assert_eq!(nonsense(u32::MAX, u32::MAX), None);
        assert_eq!(Run::of_bytes(b"short"), None);
    }

    #[test]
    fn what_a_dead_one_had_is_free_unless_it_is_in_the_ring() {
        let blocks = blocks(6);
        let claim = |user, number: Option<u32>| {
            let run = blocks.claim(user, 1).unwrap();
            number.inspect(|&number| blocks.number(run, user, number));
            run
        };
        let [only_claimed, put, taken, others] =
            [claim(7, None), claim(7, Some(3)), claim(7, Some(2)), claim(8, None)];
        blocks.recover(7, |number| number == 3);
        let is_free = |run: Run| blocks.memory.place(Place::Mark(run.first), Acquire) == FREE;
        assert_eq!([only_claimed, put, taken, others].map(is_free), [true, false, true, false]);
    }

    #[test]
    fn free_blocks_give_their_memory_back() {
        // The kernel may keep a few pages at the borders: it has memory in larger pieces.
        const LONG: usize = 100 * BLOCK_BYTES;
        let (memory, file) = Shared::create("test", FILE_BYTES, 0).unwrap();
        let blocks = Blocks::new(memory, 500);
        let runs: Vec<Run> = (0..4).map(|_| blocks.claim(1, LONG).unwrap()).collect();
        runs.iter().for_each(|&run| blocks.writing(run).write_all(&vec![1; LONG]).unwrap());
        blocks.free(runs[0]);
        let size = || rustix::fs::fstat(&file).unwrap().st_blocks * 512;
        let before = size();
        blocks.trim(|bytes| give_back(&file, bytes).unwrap());
        let given_back = before - size();
        assert!((LONG as i64 / 2..=LONG as i64).contains(&given_back), "{given_back}");
        let mut read = Vec::new();
        blocks.reading(runs[3]).read_to_end(&mut read).unwrap();
        assert!(read == vec![1; LONG]);
        assert_eq!(blocks.claim(1, 101 * BLOCK_BYTES), None);
        assert!(blocks.claim(1, LONG).is_some());
    }
}
