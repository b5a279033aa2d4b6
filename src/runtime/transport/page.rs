//! A job's page: what it says of itself in memory that it shares with the supervisor, so that this can be read at any
//! time, also after its death. Only the job writes it, but for what the supervisor writes before the job begins and
//! the slots that it frees.
//!
//! What a job waits for at a ring is one word with a number that grows by each wait. A job that says that it waits has
//! nothing that nobody knows of: it says that it does not before it takes or puts anything. It also says how many
//! messages it has sent: as long as some of them were not heard, it counts as running.

use crate::runtime::os::shared::{Shared, clock};
use crate::runtime::transport::ring::{Kind, User};
use rustix::fd::OwnedFd;
use std::io;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release, SeqCst};
use std::time::Duration;

const USER: usize = 0;
/// How many of the slots were ever used.
const SLOTS_USED: usize = 4;
const WAIT: usize = 8;
const LINE: usize = 16;
const SINCE: usize = 24;
/// Where in the script it waited last.
const WAIT_LINE: usize = 56;
const SENT: usize = 32;
const ITEMS_IN: usize = 40;
const ITEMS_OUT: usize = 48;
/// The number of the last question whose answer, with items, is there.
const ARRIVED: usize = 64;
/// Whether its body has begun.
const BEGUN: usize = 68;
/// One more than the items that it had taken when it was told of the end of a stream.
const END_SEEN: usize = 72;
/// One long word for each queue: how many items given ahead were taken.
const COUNTERS: usize = 80;
/// What a page has before its slots.
const HEAD_BYTES: usize = 4096;

/// A slot keeps an item of a joinable queue that the job has in hand.
const SLOT_BYTES: usize = 4096;
const SLOT_STATE: usize = 0;
const SLOT_QUEUE: usize = 4;
const SLOT_NUMBER: usize = 8;
const SLOT_LEN: usize = 12;
const SLOT_PAYLOAD: usize = 16;
/// So many slots there are.
pub const SLOTS: usize = 32;
/// What a slot keeps tells in which blocks the item lies: a bit of its length.
const IS_IN_BLOCKS: u32 = 1 << 31;
/// The longest item that a slot can keep.
pub const SLOT_PAYLOAD_MAX: usize = SLOT_BYTES - SLOT_PAYLOAD;

const FREE: u32 = 0;
/// It is in hand if the queue's head has passed its number.
const TAKING: u32 = 1;
const IN_HAND: u32 = 2;

/// Which end of a ring a job waits at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    Get,
    Put,
}

/// What a job says that it waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RingWait {
    /// The word itself: it is another one for each wait.
    pub word: u64,
    pub queue: u32,
    pub at: At,
    pub timed: bool,
}

/// An item that a job has in hand, or is just taking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    pub index: usize,
    pub queue: u32,
    /// Which of the queue's items it is.
    pub number: u32,
    /// Whether it was taken is seen by the queue's head.
    pub is_in_hand: bool,
    /// The item lies in blocks.
    pub is_in_blocks: bool,
    len: usize,
}

/// The page of one attempt of a job.
pub struct Page {
    memory: Shared,
}

impl Page {
    /// So many counters there are.
    pub const COUNTERS: usize = (HEAD_BYTES - COUNTERS) / 8;

    /// A new one, and the descriptor by which the job opens it.
    pub fn create(user: User) -> io::Result<(Page, OwnedFd)> {
        let (memory, file) = Shared::create("page", HEAD_BYTES + SLOTS * SLOT_BYTES, 0)?;
        memory.word(USER).store(user, Release);
        Ok((Page { memory }, file))
    }

    /// That of a descriptor.
    pub fn open(file: &OwnedFd) -> io::Result<Page> {
        Ok(Page { memory: Shared::open(file, HEAD_BYTES + SLOTS * SLOT_BYTES, 0)? })
    }

    pub fn user(&self) -> User {
        self.memory.word(USER).load(Acquire)
    }

    /// Its body begins.
    pub fn begins(&self) {
        self.memory.long(SINCE).store(clock(), Relaxed);
        self.memory.word(BEGUN).store(1, Release);
    }

    pub fn has_begun(&self) -> bool {
        self.memory.word(BEGUN).load(Acquire) != 0
    }

    /// Counts an item given ahead as taken. The store is the moment at which it is.
    pub fn count(&self, queue: usize) {
        self.memory.long(COUNTERS + 8 * queue).fetch_add(1, Release);
    }

    #[must_use]
    pub fn counted(&self, queue: usize) -> u64 {
        self.memory.long(COUNTERS + 8 * queue).load(Acquire)
    }

    /// The items that this question was answered with are there. The store is the moment at which they are taken.
    pub fn arrives(&self, question: u32) {
        self.memory.long(END_SEEN).store(0, Relaxed);
        self.memory.word(ARRIVED).store(question, Release);
    }

    pub fn arrived(&self) -> u32 {
        self.memory.word(ARRIVED).load(Acquire)
    }

    /// Instead of an item it was told of the end of a stream.
    pub fn sees_end(&self) {
        self.memory.long(END_SEEN).store(self.items_in().saturating_add(1), Release);
    }

    /// Whether that is what it was told last, and nothing was taken since.
    pub fn is_behind_end(&self) -> bool {
        self.memory.long(END_SEEN).load(Acquire) == self.items_in().saturating_add(1)
    }

    /// Items that it has taken without the supervisor handing them out.
    #[must_use]
    pub fn items_in(&self) -> u64 {
        let ahead = (0..Self::COUNTERS).map(|queue| self.counted(queue));
        ahead.fold(self.memory.long(ITEMS_IN).load(Acquire), u64::saturating_add)
    }

    /// Items that it has put without asking the supervisor.
    #[must_use]
    pub fn items_out(&self) -> u64 {
        self.memory.long(ITEMS_OUT).load(Acquire)
    }

    /// It has taken so many more.
    #[inline]
    pub fn has_taken(&self, items: usize) {
        self.increase(ITEMS_IN, items);
    }

    #[inline]
    pub fn has_put(&self, items: usize) {
        self.increase(ITEMS_OUT, items);
    }

    /// It is about to send one more message.
    pub fn sends(&self) {
        self.increase(SENT, 1);
    }

    pub fn sent(&self) -> u64 {
        self.memory.long(SENT).load(Acquire)
    }

    /// Only the job itself writes: it need not lock the bus for it.
    #[inline]
    fn increase(&self, at: usize, by: usize) {
        let word = self.memory.long(at);
        word.store(word.load(Relaxed).wrapping_add(by as u64), Release);
    }

    /// Where in the script it is.
    #[inline]
    pub fn set_line(&self, source: u32, line: u32) {
        self.memory.long(LINE).store(u64::from(source) << 32 | u64::from(line), Relaxed);
    }

    pub fn line(&self) -> (u32, u32) {
        place(self.memory.long(LINE).load(Relaxed))
    }

    /// Where it waited last.
    pub fn wait_line(&self) -> (u32, u32) {
        place(self.memory.long(WAIT_LINE).load(Relaxed))
    }

    /// It waits from now on.
    pub fn waits(&self, queue: u32, at: At, timed: bool) {
        self.memory.long(SINCE).store(clock(), Relaxed);
        self.memory.long(WAIT_LINE).store(self.memory.long(LINE).load(Relaxed), Relaxed);
        let number = (self.memory.long(WAIT).load(Relaxed) >> 32).wrapping_add(1);
        let what = u64::from(queue) << 3 | u64::from(timed) << 2 | if at == At::Get { 1 } else { 2 };
        self.memory.long(WAIT).store(number << 32 | what & u64::from(u32::MAX), SeqCst);
    }

    /// It does not wait any more.
    pub fn goes_on(&self) {
        self.memory.long(SINCE).store(clock(), Relaxed);
        let word = self.memory.long(WAIT);
        word.store(word.load(Relaxed) & !u64::from(u32::MAX), SeqCst);
    }

    /// What it waits for, if all that it has said was heard.
    pub fn wait(&self, heard: u64) -> Option<RingWait> {
        let word = self.memory.long(WAIT).load(SeqCst);
        let at = match word & 3 {
            1 => At::Get,
            2 => At::Put,
            _ => return None,
        };
        let wait = RingWait { word, queue: word as u32 >> 3, at, timed: word & 4 != 0 };
        (self.sent() == heard).then_some(wait)
    }

    /// Whether it has waited for the same all the time.
    pub fn still_waits(&self, wait: &RingWait) -> bool {
        self.memory.long(WAIT).load(SeqCst) == wait.word
    }

    /// How long it is ago that its body began, or a wait of it began or ended.
    pub fn unchanged_for(&self) -> Option<Duration> {
        let since = self.memory.long(SINCE).load(Relaxed);
        (since > 0).then(|| Duration::from_nanos(clock().saturating_sub(since)))
    }
}

fn place(word: u64) -> (u32, u32) {
    ((word >> 32) as u32, word as u32)
}

/// Queues whose number does not fit into the word of a wait have no ring.
pub const QUEUES_MAX: usize = 1 << 29;

impl Page {
    fn slot(index: usize) -> usize {
        HEAD_BYTES + index * SLOT_BYTES
    }

    fn slot_word(&self, index: usize, word: usize) -> u32 {
        self.memory.word(Self::slot(index) + word).load(Acquire)
    }

    fn set_slot_word(&self, index: usize, word: usize, value: u32) {
        self.memory.word(Self::slot(index) + word).store(value, Release);
    }

    /// A slot that is free.
    #[must_use]
    pub fn free_slot(&self) -> Option<usize> {
        (0..SLOTS).find(|&index| self.slot_word(index, SLOT_STATE) == FREE)
    }

    /// Keeps an item that is about to be taken; false when it is too long.
    pub fn keep(&self, index: usize, (queue, number): (u32, u32), kind: Kind, payload: &[u8]) -> bool {
        if payload.len() > SLOT_PAYLOAD_MAX {
            return false;
        }
        if self.memory.word(SLOTS_USED).load(Relaxed) <= index as u32 {
            self.memory.word(SLOTS_USED).store(index as u32 + 1, Release);
        }
        self.memory.write(Self::slot(index) + SLOT_PAYLOAD, payload);
        self.set_slot_word(index, SLOT_QUEUE, queue);
        self.set_slot_word(index, SLOT_NUMBER, number);
        let is_in_blocks = if kind == Kind::InBlocks { IS_IN_BLOCKS } else { 0 };
        self.set_slot_word(index, SLOT_LEN, payload.len() as u32 | is_in_blocks);
        self.set_slot_word(index, SLOT_STATE, TAKING);
        true
    }

    /// The item of a slot was taken.
    pub fn has_in_hand(&self, index: usize) {
        self.set_slot_word(index, SLOT_STATE, IN_HAND);
    }

    /// The item of a slot is done, was not taken, or is somewhere else now.
    pub fn free(&self, index: usize) {
        self.set_slot_word(index, SLOT_STATE, FREE);
    }

    /// What lies in a slot.
    #[must_use]
    pub fn in_slot(&self, index: usize) -> Option<Slot> {
        if index >= SLOTS {
            return None;
        }
        let state = self.slot_word(index, SLOT_STATE);
        let is_in_hand = match state {
            TAKING => false,
            IN_HAND => true,
            _ => return None,
        };
        let (queue, number) = (self.slot_word(index, SLOT_QUEUE), self.slot_word(index, SLOT_NUMBER));
        let word = self.slot_word(index, SLOT_LEN);
        let len = ((word & !IS_IN_BLOCKS) as usize).min(SLOT_PAYLOAD_MAX);
        Some(Slot { index, queue, number, is_in_hand, is_in_blocks: word & IS_IN_BLOCKS != 0, len })
    }

    /// All slots with something in them.
    pub fn slots(&self) -> impl Iterator<Item = Slot> + '_ {
        let used = (self.memory.word(SLOTS_USED).load(Acquire) as usize).min(SLOTS);
        (0..used).filter_map(|index| self.in_slot(index))
    }

    /// The bytes of the item in a slot.
    #[must_use]
    pub fn payload(&self, slot: &Slot) -> Vec<u8> {
        let mut payload = Vec::new();
        self.memory.append(Self::slot(slot.index) + SLOT_PAYLOAD, slot.len, &mut payload);
        payload
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_passed() {
        let (ours, file) = Page::create(7).unwrap();
        let theirs = Page::open(&file).unwrap();
        theirs.count(3);
        theirs.count(3);
        theirs.has_taken(1);
        assert_eq!((ours.counted(3), ours.counted(4), ours.items_in(), theirs.user()), (2, 0, 3, 7));
    }

    #[test]
    fn who_takes_more_is_not_behind_an_end() {
        let (ours, file) = Page::create(7).unwrap();
        let theirs = Page::open(&file).unwrap();
        assert!(!ours.is_behind_end());
        let takes: [fn(&Page); 3] = [|page| page.has_taken(1), |page| page.count(3), |page| page.arrives(9)];
        for take in takes {
            theirs.sees_end();
            assert!(ours.is_behind_end());
            take(&theirs);
            assert!(!ours.is_behind_end());
        }
    }

    #[test]
    fn a_wait_counts_when_all_messages_were_heard() {
        let (ours, file) = Page::create(7).unwrap();
        let theirs = Page::open(&file).unwrap();
        theirs.sends();
        theirs.waits(5, At::Put, true);
        assert_eq!(ours.wait(0), None);
        let wait = ours.wait(1).unwrap();
        assert_eq!((wait.queue, wait.at, wait.timed), (5, At::Put, true));
        assert!(ours.still_waits(&wait));
        theirs.goes_on();
        assert_eq!(ours.wait(1), None);
        theirs.waits(5, At::Put, true);
        assert!(!ours.still_waits(&wait));
    }

    #[test]
    fn slots_keep_items() {
        let (ours, file) = Page::create(7).unwrap();
        let theirs = Page::open(&file).unwrap();
        assert!(theirs.keep(0, (3, 9), Kind::Here, b"item"));
        theirs.has_in_hand(0);
        assert!(theirs.keep(1, (3, 10), Kind::InBlocks, b"next"));
        assert!(!theirs.keep(2, (3, 11), Kind::Here, &[0; SLOT_BYTES]));
        let slots: Vec<Slot> = ours.slots().collect();
        assert_eq!(
            slots.iter().map(|slot| (slot.number, slot.is_in_hand)).collect::<Vec<_>>(),
            [(9, true), (10, false)]
        );
        assert_eq!(slots.iter().map(|slot| slot.is_in_blocks).collect::<Vec<_>>(), [false, true]);
        assert_eq!(ours.payload(&slots[0]), b"item");
        theirs.free(0);
        assert_eq!((ours.slots().count(), theirs.free_slot()), (1, Some(0)));
    }
}
