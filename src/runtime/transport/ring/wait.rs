//! How one sleeps until there is an item, or room, and is woken.
//!
//! Who is about to sleep raises a flag, looks once more, and sleeps at a bell, with the bell's value from before. Who
//! puts or takes looks for the flag afterwards; it takes it down, changes the bell's value and wakes one. Each writes
//! before it reads, so one of the two sees the other. The one who was woken raises the flag again, since others may
//! sleep too, and passes the wake-up on when there is more. A flag and not a count: a count would stay wrong when
//! somebody dies asleep.

use super::memory::{Memory, Place, Word};
use super::{Kind, Position, Put, Ring, Take, User};
use std::cell::Cell;
use std::sync::atomic::Ordering::{Acquire, Relaxed, SeqCst};
use std::time::Duration;

/// Somebody sleeps until the queue is half empty, or until there is anything to be had.
const HALF: u32 = 1;
const ANY: u32 = 2;

/// A full queue is refilled when half of it is empty; who waits for that waits so long at most.
const HALF_EMPTY_AFTER: Duration = Duration::from_micros(100);
/// The same when there is room for items but not for bytes; then the item is put elsewhere.
const BYTES_AFTER: Duration = Duration::from_millis(1);
/// A getter of a stream sleeps so long without telling anybody, so that the putter need not wake it for each item.
const NAP: Duration = Duration::from_micros(50);
/// A nap that finds fewer items has not paid, and the habit is dropped for so many sleeps: first, and at most.
const NAP_PAYS: usize = 4;
const WITHOUT_NAPS: u32 = 64;
const WITHOUT_NAPS_MAX: u32 = 1024;
/// Who sleeps longer says so.
const OVERDUE_AFTER: Duration = Duration::from_millis(10);

/// How long one may wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    Forever,
    Time(Duration),
    Nothing,
}

/// The one who waits.
pub trait Waiter {
    fn left(&self) -> Left;
    /// It waits from now on: nothing that it has is unknown to others.
    fn sleeps(&self);
    /// It does not wait any more.
    fn wakes(&self);
    /// It has slept for long.
    fn overdue(&self);
    /// So long it looks for an item before it sleeps.
    fn looks(&self) -> Option<Duration> {
        None
    }
    /// It has found something after this time, or nothing.
    fn looked(&self, _found: Option<Duration>) {}
}

/// How a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done {
        tell: bool,
    },
    /// It was not to be had in time.
    Late,
    Ended,
    /// Only the supervisor has it, or has room for it.
    Elsewhere,
    Broken,
}

/// Whether a getter's naps have paid.
#[derive(Debug, Default)]
pub struct Habit {
    /// So many sleeps go by without a nap; then, if it does not pay, the next time twice as many.
    skip: Cell<u32>,
    pause: Cell<u32>,
}

impl Habit {
    fn wants_nap(&self) -> bool {
        let skip = self.skip.get();
        self.skip.set(skip.saturating_sub(1));
        skip == 0
    }

    fn napped(&self, found: usize) {
        let pause = self.pause.get().clamp(WITHOUT_NAPS, WITHOUT_NAPS_MAX);
        let paid = found >= NAP_PAYS;
        self.skip.set(if paid { 0 } else { pause });
        self.pause.set(if paid { WITHOUT_NAPS } else { 2 * pause });
    }
}

impl<M: Memory> Ring<M> {
    /// Puts an item in, waiting for room.
    #[inline]
    pub fn put(&self, user: User, payload: &[u8], waiter: &impl Waiter) -> Outcome {
        self.put_record(user, (Kind::Here, payload), &|_| (), waiter)
    }

    /// The same with a record of any kind; before it is in, `mark` is told its number.
    #[inline]
    pub fn put_record(
        &self,
        user: User,
        record: (Kind, &[u8]),
        mark: &impl Fn(u32),
        waiter: &impl Waiter,
    ) -> Outcome {
        match self.try_put(user, record, mark) {
            Put::Done { tell } => Outcome::Done { tell },
            _ => self.put_slowly(record.1, waiter, || self.try_put(user, record, mark)),
        }
    }

    #[cold]
    fn put_slowly(&self, payload: &[u8], waiter: &impl Waiter, try_put: impl Fn() -> Put) -> Outcome {
        let mut slept = false;
        // One who goes without having put leaves the wake-up to others.
        let outcome = self.try_to_put(payload, waiter, try_put, &mut slept);
        if slept {
            self.memory.store(Word::PutFlag, ANY, SeqCst);
            self.memory.fence();
            let (head, tail) = self.positions();
            if self.has_room(head, tail) {
                self.ring_bell(Word::PutFlag, Word::PutBell);
            }
        }
        outcome
    }

    fn try_to_put(
        &self,
        payload: &[u8],
        waiter: &impl Waiter,
        try_put: impl Fn() -> Put,
        slept: &mut bool,
    ) -> Outcome {
        let (mut half, mut bytes) = (true, true);
        loop {
            match try_put() {
                Put::Done { tell } => return Outcome::Done { tell },
                Put::Ended => return Outcome::Ended,
                Put::TooLong if payload.len() > super::RECORD_MAX || !bytes => return Outcome::Elsewhere,
                Put::Full if waiter.left() == Left::Nothing => return Outcome::Late,
                Put::TooLong => {
                    bytes = false;
                    *slept = true;
                    self.sleep_until_half_empty(BYTES_AFTER, waiter);
                }
                Put::Full if std::mem::take(&mut half) && self.capacity > 1 => {
                    *slept = true;
                    self.sleep_until_half_empty(HALF_EMPTY_AFTER, waiter);
                }
                Put::Full => {
                    *slept = true;
                    let bell = self.memory.load(Word::PutBell, SeqCst);
                    self.memory.store(Word::PutFlag, ANY, SeqCst);
                    self.memory.fence();
                    self.sleep(Word::PutBell, bell, waiter, || {
                        let (head, tail) = self.positions();
                        !self.has_room(head, tail)
                    });
                }
            }
        }
    }

    /// Waits until half of it is empty, or for a while.
    fn sleep_until_half_empty(&self, time: Duration, waiter: &impl Waiter) {
        let time = match waiter.left() {
            Left::Forever => time,
            Left::Time(left) => time.min(left),
            Left::Nothing => return,
        };
        let bell = self.memory.load(Word::PutBell, SeqCst);
        self.memory.max(Word::PutFlag, HALF);
        self.memory.fence();
        let (head, tail) = self.positions();
        if !self.is_half_empty(head, tail) && self.memory.load(Word::End, SeqCst) == 0 {
            self.memory.sleep_while(Word::PutBell, bell, Some(time));
        }
    }

    /// Takes the next item, waiting for it.
    #[inline]
    pub fn take(
        &self,
        user: User,
        buffer: &mut Vec<u8>,
        keep: impl Fn(Kind, &[u8], u32) -> bool,
        (waiter, habit): (&impl Waiter, &Habit),
    ) -> Outcome {
        match self.try_take(user, buffer, &keep) {
            Take::Taken { tell } => Outcome::Done { tell },
            Take::Elsewhere => Outcome::Elsewhere,
            Take::Empty | Take::Broken => self.take_slowly(user, buffer, keep, (waiter, habit)),
        }
    }

    #[cold]
    fn take_slowly(
        &self,
        user: User,
        buffer: &mut Vec<u8>,
        keep: impl Fn(Kind, &[u8], u32) -> bool,
        (waiter, habit): (&impl Waiter, &Habit),
    ) -> Outcome {
        let mut slept = false;
        let outcome = loop {
            // What was put before the end is taken first.
            let ended = self.memory.load(Word::End, SeqCst) != 0;
            match self.try_take(user, buffer, &keep) {
                Take::Taken { tell } => break Outcome::Done { tell },
                Take::Elsewhere => break Outcome::Elsewhere,
                Take::Broken => break Outcome::Broken,
                Take::Empty if ended => break Outcome::Ended,
                Take::Empty if waiter.left() == Left::Nothing => break Outcome::Late,
                Take::Empty => {}
            }
            if !slept && self.comes_soon(waiter, habit) {
                continue;
            }
            slept = true;
            let bell = self.memory.load(Word::GetBell, SeqCst);
            self.memory.store(Word::GetFlag, ANY, SeqCst);
            self.memory.fence();
            self.sleep(Word::GetBell, bell, waiter, || !self.has_items());
        };
        if slept {
            self.memory.store(Word::GetFlag, ANY, SeqCst);
            self.memory.fence();
            if self.has_items() {
                self.ring_bell(Word::GetFlag, Word::GetBell);
            }
        }
        outcome
    }

    /// Takes a nap, or looks for an item, as far as that pays; whether there is one.
    fn comes_soon(&self, waiter: &impl Waiter, habit: &Habit) -> bool {
        if waiter.left() == Left::Forever && habit.wants_nap() {
            self.memory.nap(NAP);
            habit.napped(self.len());
        } else if let Some(time) = waiter.looks() {
            let found = self.memory.look_for(time, || self.has_items());
            waiter.looked(found);
        }
        self.has_items()
    }

    /// Sleeps at a bell, unless there is something by now. One who says that it waits has tried and has nothing: it
    /// says that it does not before it tries again.
    fn sleep(&self, bell: Word, value: u32, waiter: &impl Waiter, in_vain: impl Fn() -> bool) {
        waiter.sleeps();
        if in_vain() && self.memory.load(Word::End, SeqCst) == 0 {
            match waiter.left() {
                Left::Nothing => {}
                Left::Time(time) => {
                    self.memory.sleep_while(bell, value, Some(time));
                }
                Left::Forever => {
                    if !self.memory.sleep_while(bell, value, Some(OVERDUE_AFTER)) {
                        waiter.overdue();
                        self.memory.sleep_while(bell, value, None);
                    }
                }
            }
        }
        waiter.wakes();
    }

    pub(super) fn has_items(&self) -> bool {
        self.memory.place(Place::Tail, SeqCst) != self.memory.place(Place::Head, SeqCst)
            || self.memory.load(Word::Returned, SeqCst) != 0
    }

    fn has_room(&self, head: Position, tail: Position) -> bool {
        let returned = self.memory.load(Word::Returned, SeqCst);
        tail.count.wrapping_sub(head.count).saturating_add(returned) < self.capacity
    }

    fn is_half_empty(&self, head: Position, tail: Position) -> bool {
        let (items, bytes) = (tail.count.wrapping_sub(head.count), tail.at.wrapping_sub(head.at));
        items <= self.capacity / 2 && bytes <= self.size() / 2
    }

    /// After a put.
    #[inline]
    pub(super) fn wake_getter(&self) {
        if self.memory.load(Word::GetFlag, Relaxed) != 0 {
            self.ring_bell(Word::GetFlag, Word::GetBell);
        }
    }

    /// After a take.
    #[inline]
    pub(super) fn wake_putter(&self, head: Position, tail: Position) {
        let flag = self.memory.load(Word::PutFlag, Relaxed);
        if flag == 0 {
            return;
        }
        // A tail seen long ago is no reason to take the queue for emptier than it is.
        let half = || {
            let now = Position::of(self.memory.place(Place::Tail, Acquire));
            self.is_half_empty(head, tail) && self.is_half_empty(head, now)
        };
        if flag == ANY || half() {
            self.ring_bell(Word::PutFlag, Word::PutBell);
        }
    }

    /// Wakes one who sleeps, if the flag is still up.
    #[cold]
    fn ring_bell(&self, flag: Word, bell: Word) {
        if self.memory.swap(flag, 0, SeqCst) != 0 {
            self.memory.add(bell, 1);
            self.memory.wake(bell, false);
        }
    }

    /// Wakes all who sleep: they look for themselves.
    pub fn wake_all(&self) {
        for bell in [Word::GetBell, Word::PutBell] {
            self.memory.add(bell, 1);
            self.memory.wake(bell, true);
        }
    }
}
