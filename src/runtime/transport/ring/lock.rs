//! Locks whose word says who holds them, so that those of a dead one can be freed.

use super::memory::{Memory, Word};
use super::{Ring, User};
use std::sync::atomic::Ordering::{Relaxed, Release, SeqCst};

/// Somebody sleeps until the lock is free.
const CONTENDED: u32 = 1 << 31;

impl<M: Memory> Ring<M> {
    #[inline]
    pub(super) fn lock(&self, word: Word, user: User) {
        if self.memory.exchange(word, 0, user).is_err() {
            self.lock_slowly(word, user);
        }
    }

    #[cold]
    fn lock_slowly(&self, word: Word, user: User) {
        // Whoever has it is likely to want it again at once, and two at a time are slower than one: where there is
        // somebody else to run, such as one who works at the other end, it may.
        for look in 0..M::LOOKS + M::YIELDS {
            if look < M::LOOKS {
                std::hint::spin_loop();
            } else {
                std::thread::yield_now();
            }
            if self.memory.load(word, Relaxed) == 0 && self.memory.exchange(word, 0, user).is_ok() {
                return;
            }
        }
        loop {
            let seen = self.memory.load(word, Relaxed);
            if seen == 0 {
                // Others may sleep: the bit that says so has gone with the one who held it.
                if self.memory.exchange(word, 0, user | CONTENDED).is_ok() {
                    return;
                }
                continue;
            }
            let contended = seen | CONTENDED;
            if seen == contended || self.memory.exchange(word, seen, contended).is_ok() {
                self.memory.sleep_while(word, contended, None);
            }
        }
    }

    /// Takes the lock if it is free.
    pub(super) fn try_lock(&self, word: Word, user: User) -> bool {
        self.memory.exchange(word, 0, user).is_ok()
    }

    #[inline]
    pub(super) fn unlock(&self, word: Word) {
        if self.memory.swap(word, 0, Release) & CONTENDED != 0 {
            self.memory.wake(word, false);
        }
    }

    /// Frees a lock if a dead one holds it. In a loop: who waits may set its bit in between.
    pub(super) fn free(&self, word: Word, is_dead: impl Fn(User) -> bool) {
        loop {
            let seen = self.memory.load(word, SeqCst);
            if seen == 0 || !is_dead(seen & !CONTENDED) || self.memory.exchange(word, seen, 0).is_ok() {
                break;
            }
        }
        // It may have freed it and died before it woke anybody, or was woken and has died.
        self.memory.wake(word, true);
    }
}
