//! Memory that several processes read and write at the same time: words, and bytes of which a part is mapped twice in
//! a row, so that what runs over its end goes on at its beginning.

#![allow(unsafe_code)]

use rustix::fd::{AsFd, OwnedFd};
use rustix::fs::{FallocateFlags, MemfdFlags, SealFlags};
use rustix::mm::{Advice, MapFlags, ProtFlags};
use rustix::thread::futex::{self, Flags};
use std::io;
use std::sync::atomic::{AtomicU32, AtomicU64};
use std::time::Duration;

/// Every head has so many bytes at least: that words in them lie in it is known when the program is compiled.
const HEAD_MIN: usize = 4096;

/// A mapping of an anonymous file: `head` bytes of words and data, then `arena` bytes, then these once more.
pub struct Shared {
    start: *mut u8,
    head: usize,
    arena: usize,
}

// SAFETY: the mapping belongs to the process, not to a thread. All access to it is by atomics or by copying bytes
// through raw pointers; no reference to plain memory of it is ever made.
unsafe impl Send for Shared {}
// SAFETY: as above.
unsafe impl Sync for Shared {}

impl Shared {
    /// A new one, all zero, and its descriptor, by which other processes open it. Its length can never change, so
    /// that no access can fault. Lengths are multiples of a page.
    #[cfg(not(miri))]
    pub fn create(name: &str, head: usize, arena: usize) -> io::Result<(Shared, OwnedFd)> {
        let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
        let file = rustix::fs::memfd_create(name, flags)?;
        rustix::fs::ftruncate(&file, (head + arena) as u64)?;
        rustix::fs::fcntl_add_seals(&file, SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL)?;
        Ok((Shared::open(&file, head, arena)?, file))
    }

    /// For who interprets the program to find faults in it: plain memory, which cannot be opened again and is never
    /// freed. A record is read where it was written, so it may run over the end all the same.
    #[cfg(miri)]
    pub fn create(_: &str, head: usize, arena: usize) -> io::Result<(Shared, OwnedFd)> {
        assert!(head >= HEAD_MIN, "a head has words");
        let memory: &'static mut [u64] = vec![0; (head + 2 * arena) / 8].leak();
        let shared = Shared { start: memory.as_mut_ptr().cast(), head, arena };
        Ok((shared, std::fs::File::open("/dev/null")?.into()))
    }

    /// That of a descriptor; an error when it is shorter.
    pub fn open(file: &OwnedFd, head: usize, arena: usize) -> io::Result<Shared> {
        let size = usize::try_from(rustix::fs::fstat(file)?.st_size).unwrap_or(0);
        if head < HEAD_MIN || size < head + arena {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the shared memory is too short"));
        }
        let access = ProtFlags::READ | ProtFlags::WRITE;
        if arena == 0 {
            let flags = MapFlags::SHARED;
            // SAFETY: a new mapping at an address of the kernel's choice aliases nothing of ours.
            let start =
                unsafe { rustix::mm::mmap(std::ptr::null_mut(), head, access, flags, file.as_fd(), 0)? };
            return Ok(Shared { start: start.cast(), head, arena });
        }
        let len = head + 2 * arena;
        // SAFETY: a new mapping at an address of the kernel's choice aliases nothing of ours.
        let start = unsafe {
            rustix::mm::mmap_anonymous(std::ptr::null_mut(), len, ProtFlags::empty(), MapFlags::PRIVATE)?
        };
        let shared = Shared { start: start.cast(), head, arena };
        let flags = MapFlags::SHARED | MapFlags::FIXED;
        // SAFETY: the range lies within the reservation made above, which nobody else uses.
        unsafe { rustix::mm::mmap(start, head + arena, access, flags, file.as_fd(), 0)? };
        // SAFETY: the rest of the same reservation.
        unsafe {
            let again = shared.start.add(head + arena).cast();
            rustix::mm::mmap(again, arena, access, flags, file.as_fd(), head as u64)?;
        }
        Ok(shared)
    }

    /// Whether so many bytes at a place lie in the head.
    #[inline]
    fn has(&self, at: usize, bytes: usize) -> bool {
        at + bytes <= HEAD_MIN || at + bytes <= self.head
    }

    /// The word at a place of the head. Places are constants of ours, multiples of 8.
    #[inline]
    pub fn word(&self, at: usize) -> &AtomicU32 {
        assert!(at.is_multiple_of(4) && self.has(at, 4), "words lie in the head");
        // SAFETY: within the mapping and aligned, as was just checked; all access to it is atomic, and atomics may be
        // shared between processes (mmap(2), MAP_SHARED).
        unsafe { &*self.start.add(at).cast() }
    }

    /// The long word at a place of the head.
    #[inline]
    pub fn long(&self, at: usize) -> &AtomicU64 {
        assert!(at.is_multiple_of(8) && self.has(at, 8), "words lie in the head");
        // SAFETY: as for `word`.
        unsafe { &*self.start.add(at).cast() }
    }

    /// The bytes at a place are about to be written: whose cache has them gives them up meanwhile.
    #[inline]
    pub fn claim(&self, at: usize) {
        #[cfg(all(target_arch = "x86_64", not(miri)))]
        // SAFETY: a hint; it touches no memory that a program can see, wherever it points.
        unsafe {
            let place = self.start.wrapping_add(at).addr();
            std::arch::asm!("prefetchw [{}]", in(reg) place, options(nomem, nostack, preserves_flags));
        }
        #[cfg(not(all(target_arch = "x86_64", not(miri))))]
        let _ = at;
    }

    /// The same of bytes that are about to be read.
    #[inline]
    pub fn fetch(&self, at: usize) {
        #[cfg(all(target_arch = "x86_64", not(miri)))]
        // SAFETY: as for `claim`.
        unsafe {
            let place = self.start.wrapping_add(at).addr();
            std::arch::asm!("prefetcht0 [{}]", in(reg) place, options(nomem, nostack, preserves_flags));
        }
        #[cfg(not(all(target_arch = "x86_64", not(miri))))]
        let _ = at;
    }

    /// Copies bytes to a place, counted from the beginning of the mapping.
    #[inline]
    pub fn write(&self, at: usize, bytes: &[u8]) {
        assert!(at.saturating_add(bytes.len()) <= self.head + 2 * self.arena, "bytes lie in the mapping");
        // SAFETY: within the mapping, as was just checked. Who writes holds a lock over these bytes; a process that
        // breaks the rules spoils bytes, which are checked when they are decoded, and nothing else.
        unsafe { copy(bytes.as_ptr(), self.start.add(at), bytes.len()) }
    }

    /// Copies bytes from a place to the end of a buffer.
    #[inline]
    pub fn append(&self, at: usize, len: usize, buffer: &mut Vec<u8>) {
        assert!(at.saturating_add(len) <= self.head + 2 * self.arena, "bytes lie in the mapping");
        buffer.reserve(len);
        let begin = buffer.len();
        // SAFETY: within the mapping, as was just checked, and into memory that was just reserved; the copy makes
        // `len` more bytes of the buffer valid. Bytes that somebody changes meanwhile are bytes all the same.
        unsafe {
            copy(self.start.add(at).cast_const(), buffer.as_mut_ptr().add(begin), len);
            buffer.set_len(begin + len);
        }
    }

    /// These bytes, whole pages, are not looked at again soon: they need not count as memory of this process. What they
    /// hold stays.
    pub fn forget(&self, bytes: std::ops::Range<usize>) {
        assert!(bytes.end <= self.head + 2 * self.arena, "bytes lie in the mapping");
        // SAFETY: within the mapping, which is shared: the kernel takes the pages out of the tables of this process, and
        // maps them again when they are touched.
        let forgotten = unsafe {
            rustix::mm::madvise(self.start.add(bytes.start).cast(), bytes.len(), Advice::LinuxDontNeed)
        };
        debug_assert!(forgotten.is_ok());
    }

    /// Copies as many bytes from a place as the buffer has.
    #[inline]
    pub fn read_into(&self, at: usize, buffer: &mut [u8]) {
        assert!(at.saturating_add(buffer.len()) <= self.head + 2 * self.arena, "bytes lie in the mapping");
        // SAFETY: as for `read`, into memory of ours that is valid already.
        unsafe {
            std::ptr::copy_nonoverlapping(self.start.add(at).cast_const(), buffer.as_mut_ptr(), buffer.len());
        }
    }

    /// These bytes, whole pages, are about to be touched: all of them are mapped at once, which costs a fraction of what
    /// mapping each when it is touched does.
    pub fn expect(&self, bytes: std::ops::Range<usize>) {
        assert!(bytes.end <= self.head + 2 * self.arena, "bytes lie in the mapping");
        // SAFETY: within the mapping; no content is changed. A kernel that does not know it maps page by page.
        let _ = unsafe {
            rustix::mm::madvise(self.start.add(bytes.start).cast(), bytes.len(), Advice::LinuxPopulateWrite)
        };
    }

    /// Eight bytes at a place, as a number.
    #[inline]
    pub fn read_bytes(&self, at: usize) -> u64 {
        assert!(at.saturating_add(8) <= self.head + 2 * self.arena, "bytes lie in the mapping");
        // SAFETY: within the mapping, as was just checked; any bytes are a number.
        unsafe { self.start.add(at).cast::<u64>().read_unaligned() }
    }
}

/// Copies bytes. Most items are short: of as many bytes as fit into two numbers, which need no call.
///
/// # Safety
/// As for `copy_nonoverlapping`.
#[inline]
unsafe fn copy(from: *const u8, to: *mut u8, len: usize) {
    // SAFETY: the caller's; all that is read and written lies within `len` bytes.
    unsafe {
        match len {
            4..8 => copy_ends::<u32>(from, to, len),
            8..=16 => copy_ends::<u64>(from, to, len),
            _ => std::ptr::copy_nonoverlapping(from, to, len),
        }
    }
}

/// Copies the first and the last bytes, which overlap or meet.
///
/// # Safety
/// As for `copy`, and `len` is at least a number long, and at most two.
#[inline]
unsafe fn copy_ends<N: Copy>(from: *const u8, to: *mut u8, len: usize) {
    // SAFETY: the caller's; numbers may lie anywhere when they are read and written like this.
    unsafe {
        let last = len - size_of::<N>();
        let ends = (from.cast::<N>().read_unaligned(), from.add(last).cast::<N>().read_unaligned());
        to.cast::<N>().write_unaligned(ends.0);
        to.add(last).cast::<N>().write_unaligned(ends.1);
    }
}

#[cfg(not(miri))]
impl Drop for Shared {
    fn drop(&mut self) {
        // SAFETY: the range was reserved by `open` and nobody can hold a reference into it any more.
        let unmapped = unsafe { rustix::mm::munmap(self.start.cast(), self.head + 2 * self.arena) };
        debug_assert!(unmapped.is_ok());
    }
}

/// Gives the memory of these bytes of a file back to the system; they read as zeros from now on.
pub fn give_back(file: &OwnedFd, bytes: std::ops::Range<usize>) -> io::Result<()> {
    let how = FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE;
    Ok(rustix::fs::fallocate(file, how, bytes.start as u64, bytes.len() as u64)?)
}

/// Sleeps while a word has this value, until somebody wakes it or the time is over; false when it is over.
#[cfg(not(miri))]
pub fn sleep_while(word: &AtomicU32, value: u32, time: Option<Duration>) -> bool {
    let time = time.and_then(|time| futex::Timespec::try_from(time).ok());
    !matches!(futex::wait(word, Flags::empty(), value, time.as_ref()), Err(rustix::io::Errno::TIMEDOUT))
}

/// Miri does not take the system call as it is made: who sleeps looks again and again, and times are over at once.
#[cfg(miri)]
pub fn sleep_while(word: &AtomicU32, value: u32, time: Option<Duration>) -> bool {
    while word.load(std::sync::atomic::Ordering::Relaxed) == value {
        std::thread::yield_now();
        if time.is_some() {
            return false;
        }
    }
    true
}

/// Wakes one who sleeps at a word, or all.
pub fn wake(word: &AtomicU32, all: bool) {
    // It can only fail for an address that is none.
    #[cfg(not(miri))]
    let _ = futex::wake(word, Flags::empty(), if all { i32::MAX as u32 } else { 1 });
}

/// Lets the naps of this thread be as short as it asks for.
pub fn nap_sharply() {
    // Refused, naps are longer, which costs a little throughput.
    let _ = rustix::thread::set_current_timer_slack(std::num::NonZero::new(1));
}

/// How many processors this thread may run on.
#[must_use]
pub fn processors() -> usize {
    rustix::thread::sched_getaffinity(None).map_or(1, |processors| processors.count() as usize)
}

/// A clock that all processes share and that never goes back, in nanoseconds.
#[must_use]
pub fn clock() -> u64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // Of the C library, which knows the kernel's function already: to look for it takes longer than a short life.
    // SAFETY: it writes to a time of ours. This clock it knows.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut now) };
    (now.tv_sec as u64).wrapping_mul(1_000_000_000).wrapping_add(now.tv_nsec as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::Ordering;

    #[test]
    fn the_arena_goes_round() {
        let (ours, file) = Shared::create("test", 4096, 4096).unwrap();
        let theirs = Shared::open(&file, 4096, 4096).unwrap();
        ours.write(4096 + 4094, b"abcd");
        let mut seen = Vec::new();
        theirs.append(4096, 2, &mut seen);
        assert_eq!(seen, b"cd");
        ours.word(8).store(7, Ordering::Release);
        assert_eq!(theirs.word(8).load(Ordering::Acquire), 7);
        assert!(Shared::open(&file, 4096, 8192).is_err());
    }

    #[test]
    fn items_of_every_length_are_copied() {
        let (ours, _) = Shared::create("test", 4096, 4096).unwrap();
        let bytes: Vec<u8> = (1..40).collect();
        for len in 0..bytes.len() {
            ours.write(4096, &[0xFF; 48]);
            ours.write(4096 + 3, &bytes[..len]);
            let mut seen = vec![9];
            ours.append(4096 + 3, len + 1, &mut seen);
            assert_eq!(seen, [&[9], &bytes[..len], &[0xFF]].concat());
        }
    }

    #[test]
    fn memory_that_was_given_back_reads_as_zeros() {
        // The kernel may keep a few pages at the borders: it has memory in larger pieces.
        const MANY: usize = 8 << 20;
        let (ours, file) = Shared::create("test", 2 * MANY, 0).unwrap();
        ours.write(0, &vec![7; 2 * MANY]);
        let bytes = || rustix::fs::fstat(&file).unwrap().st_blocks * 512;
        let before = bytes();
        give_back(&file, 4096..MANY).unwrap();
        let mut seen = [1];
        for (at, byte) in [(0, 7), (4096, 0), (MANY - 1, 0), (MANY, 7)] {
            ours.read_into(at, &mut seen);
            assert_eq!(seen, [byte], "{at}");
        }
        assert!(before - bytes() > MANY as i64 / 2);
    }

    #[test]
    fn a_sleep_ends_with_its_time_or_when_the_word_is_another() {
        let word = AtomicU32::new(1);
        assert!(!sleep_while(&word, 1, Some(Duration::from_millis(1))));
        assert!(sleep_while(&word, 2, None));
    }
}
