//! What a ring lies in: words, two of them long, and an arena of bytes that goes round.

use crate::runtime::os::shared::{self, Shared};
use std::ops::Range;
use std::sync::atomic::{Ordering, compiler_fence, fence};
use std::time::{Duration, Instant};

/// The words, by where they lie. What different processes write at the same time lies in different cache lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// 1: the stream has ended.
    End = 0,
    /// Items given back, in the supervisor's hands.
    Returned = 4,
    /// Somebody has asked for an item.
    Asked = 8,
    /// What the supervisor wants to be told of.
    Watch = 12,
    /// How much of the arena is used.
    Width = 16,
    TailLock = 128,
    HeadLock = 384,
    /// Whether somebody sleeps until there is an item, and the word at which they sleep.
    GetFlag = 640,
    GetBell = 644,
    /// The same until there is room.
    PutFlag = 768,
    PutBell = 772,
    /// The same until there are blocks for a long item; this and the following lie with the blocks.
    BlockFlag = 1024,
    BlockBell = 1028,
    /// Grows when blocks are taken into use or freed.
    BlockChanges = 1032,
    /// There may be free blocks from here on.
    BlockHint = 1036,
    /// The supervisor wants to be told of the next change.
    BlockWatch = 1040,
}

/// The long words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Where the head was when somebody who puts looked last.
    HeadSeen,
    Tail,
    TailSeen,
    Head,
    /// Whose a block is.
    Mark(u32),
}

impl Place {
    /// Where it lies.
    #[inline]
    pub fn at(self) -> usize {
        match self {
            Place::HeadSeen => 136,
            Place::Tail => 256,
            Place::TailSeen => 392,
            Place::Head => 512,
            Place::Mark(block) => WORDS_BYTES + 8 * block as usize,
        }
    }
}

/// How many bytes the words take.
pub const WORDS_BYTES: usize = 4096;

/// Who looks for something looks so often between two looks at the clock.
const LOOKS_A_TIME: u32 = 16;

/// Words and bytes that several threads of control use at the same time.
pub trait Memory {
    /// So often a held lock is looked at before one sleeps: at once, since its holder needs less time than a sleep takes,
    /// and after letting others run.
    const LOOKS: u32 = 3;
    const YIELDS: u32 = 5;

    fn load(&self, word: Word, order: Ordering) -> u32;
    fn store(&self, word: Word, value: u32, order: Ordering);
    fn swap(&self, word: Word, value: u32, order: Ordering) -> u32;
    /// Puts `to` for `from`; an error tells what is there instead.
    fn exchange(&self, word: Word, from: u32, to: u32) -> Result<u32, u32>;
    fn add(&self, word: Word, value: u32);
    fn max(&self, word: Word, value: u32);
    fn or(&self, word: Word, bits: u32) -> u32;
    fn and(&self, word: Word, bits: u32) -> u32;
    fn place(&self, place: Place, order: Ordering) -> u64;
    fn set_place(&self, place: Place, value: u64, order: Ordering);
    /// Puts `to` for `from`, if that is there.
    fn exchange_place(&self, place: Place, from: u64, to: u64) -> bool;
    fn fence(&self);
    /// The same just behind a swap, the last thing that is done to a lock.
    fn fence_behind_swap(&self) {
        self.fence();
    }
    /// Bytes of the arena; what runs over its end goes on at its beginning.
    fn write(&self, at: u32, bytes: &[u8]);
    /// What lies there is about to be written, or read: it may be brought near.
    fn claim(&self, _at: u32) {}
    fn fetch(&self, _at: u32) {}
    fn append(&self, at: u32, len: usize, buffer: &mut Vec<u8>);
    fn read_into(&self, at: u32, buffer: &mut [u8]);
    #[inline]
    fn read(&self, at: u32, len: usize, buffer: &mut Vec<u8>) {
        buffer.clear();
        self.append(at, len, buffer);
    }
    /// Whole pages that are about to be touched.
    fn expect(&self, bytes: Range<u32>);
    /// Whole pages that are not looked at again soon.
    fn forget(&self, bytes: Range<u32>);
    fn write_long(&self, at: u32, value: u64);
    fn read_long(&self, at: u32) -> u64;
    /// Sleeps while the word has this value; false when the time is over.
    fn sleep_while(&self, word: Word, value: u32, time: Option<Duration>) -> bool;
    fn wake(&self, word: Word, all: bool);
    /// A short sleep.
    fn nap(&self, time: Duration);
    /// Looks for something again and again, for so long; gives how long it took to be there.
    fn look_for(&self, time: Duration, is_there: impl Fn() -> bool) -> Option<Duration>;
}

/// Real shared memory.
impl Memory for Shared {
    #[inline]
    fn load(&self, word: Word, order: Ordering) -> u32 {
        self.word(word as usize).load(order)
    }

    #[inline]
    fn store(&self, word: Word, value: u32, order: Ordering) {
        self.word(word as usize).store(value, order);
    }

    #[inline]
    fn swap(&self, word: Word, value: u32, order: Ordering) -> u32 {
        self.word(word as usize).swap(value, order)
    }

    #[inline]
    fn exchange(&self, word: Word, from: u32, to: u32) -> Result<u32, u32> {
        self.word(word as usize).compare_exchange(from, to, Ordering::SeqCst, Ordering::Relaxed)
    }

    fn add(&self, word: Word, value: u32) {
        self.word(word as usize).fetch_add(value, Ordering::SeqCst);
    }

    fn max(&self, word: Word, value: u32) {
        self.word(word as usize).fetch_max(value, Ordering::SeqCst);
    }

    fn or(&self, word: Word, bits: u32) -> u32 {
        self.word(word as usize).fetch_or(bits, Ordering::SeqCst)
    }

    fn and(&self, word: Word, bits: u32) -> u32 {
        self.word(word as usize).fetch_and(bits, Ordering::SeqCst)
    }

    #[inline]
    fn place(&self, place: Place, order: Ordering) -> u64 {
        self.long(place.at()).load(order)
    }

    #[inline]
    fn set_place(&self, place: Place, value: u64, order: Ordering) {
        self.long(place.at()).store(value, order);
    }

    #[inline]
    fn exchange_place(&self, place: Place, from: u64, to: u64) -> bool {
        self.long(place.at()).compare_exchange(from, to, Ordering::SeqCst, Ordering::Relaxed).is_ok()
    }

    #[inline]
    fn fence(&self) {
        fence(Ordering::SeqCst);
    }

    /// To this kind of processor a swap is a fence; only the compiler has to be told.
    #[cfg(target_arch = "x86_64")]
    #[inline]
    fn fence_behind_swap(&self) {
        compiler_fence(Ordering::SeqCst);
    }

    #[inline]
    fn write(&self, at: u32, bytes: &[u8]) {
        Shared::write(self, WORDS_BYTES + at as usize, bytes);
    }

    #[inline]
    fn claim(&self, at: u32) {
        Shared::claim(self, WORDS_BYTES + at as usize);
    }

    #[inline]
    fn fetch(&self, at: u32) {
        Shared::fetch(self, WORDS_BYTES + at as usize);
    }

    #[inline]
    fn append(&self, at: u32, len: usize, buffer: &mut Vec<u8>) {
        Shared::append(self, WORDS_BYTES + at as usize, len, buffer);
    }

    fn expect(&self, bytes: Range<u32>) {
        Shared::expect(self, WORDS_BYTES + bytes.start as usize..WORDS_BYTES + bytes.end as usize);
    }

    fn forget(&self, bytes: Range<u32>) {
        Shared::forget(self, WORDS_BYTES + bytes.start as usize..WORDS_BYTES + bytes.end as usize);
    }

    #[inline]
    fn read_into(&self, at: u32, buffer: &mut [u8]) {
        Shared::read_into(self, WORDS_BYTES + at as usize, buffer);
    }

    #[inline]
    fn write_long(&self, at: u32, value: u64) {
        Shared::write(self, WORDS_BYTES + at as usize, &value.to_ne_bytes());
    }

    #[inline]
    fn read_long(&self, at: u32) -> u64 {
        self.read_bytes(WORDS_BYTES + at as usize)
    }

    fn sleep_while(&self, word: Word, value: u32, time: Option<Duration>) -> bool {
        shared::sleep_while(self.word(word as usize), value, time)
    }

    fn wake(&self, word: Word, all: bool) {
        shared::wake(self.word(word as usize), all);
    }

    fn nap(&self, time: Duration) {
        std::thread::sleep(time);
    }

    fn look_for(&self, time: Duration, is_there: impl Fn() -> bool) -> Option<Duration> {
        let begin = Instant::now();
        loop {
            for _ in 0..LOOKS_A_TIME {
                if is_there() {
                    return Some(begin.elapsed());
                }
                std::hint::spin_loop();
            }
            if begin.elapsed() > time {
                return None;
            }
        }
    }
}
