//! A ring under every order of steps, up to a few preemptions, in a memory that is as weak as that of the language: a
//! read may see any store that it is not ordered behind (loom, after `CDSChecker`, Norris and Demsky, OOPSLA 2013).
//! Bytes of the arena that are used without order are an error, and so is it when nobody can go on.
//!
//! `PROCESSION_PREEMPTIONS` says how many preemptions, `.ci/loom` asks for more than the suite does. With three of them
//! loom finds one more order, in which somebody sleeps for ever, but which there is not: it does not know that nothing
//! stands between a swap and what that has read, and so lets a flag be seen down that was raised before both fences.

use super::memory::{Memory, Place, Word};
use super::tests::FOREVER;
use super::*;
use loom::cell::Cell;
use loom::sync::atomic::{AtomicU32, AtomicU64, Ordering, fence};
use loom::sync::{Condvar, Mutex};
use loom::thread;
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;
use std::time::Duration;

const WORDS: [Word; 11] = [
    Word::End,
    Word::Returned,
    Word::Asked,
    Word::Watch,
    Word::Width,
    Word::TailLock,
    Word::HeadLock,
    Word::GetFlag,
    Word::GetBell,
    Word::PutFlag,
    Word::PutBell,
];
const PLACES: [Place; 4] = [Place::HeadSeen, Place::Tail, Place::TailSeen, Place::Head];
/// Room for four records, with payloads of eight bytes at most.
const ARENA: u32 = 64;
const CELL: u32 = 8;

#[derive(Default)]
struct At {
    value: AtomicU32,
    /// The kernel's, for those who sleep here.
    bed: Mutex<()>,
    bell: Condvar,
}

struct Weak {
    words: HashMap<usize, At>,
    places: HashMap<usize, AtomicU64>,
    arena: Vec<Cell<u64>>,
}

impl Weak {
    fn new(arena: u32) -> Self {
        Weak {
            words: WORDS.iter().map(|&word| (word as usize, At::default())).collect(),
            places: PLACES.iter().map(|place| (place.at(), AtomicU64::new(0))).collect(),
            arena: (0..arena / CELL).map(|_| Cell::new(0)).collect(),
        }
    }

    fn at(&self, word: Word) -> &AtomicU32 {
        &self.words[&(word as usize)].value
    }

    fn cell(&self, at: u32) -> &Cell<u64> {
        assert!(at.is_multiple_of(CELL));
        &self.arena[(at / CELL) as usize % self.arena.len()]
    }
}

impl Memory for Weak {
    const LOOKS: u32 = 1;
    const YIELDS: u32 = 0;

    fn load(&self, word: Word, order: Ordering) -> u32 {
        self.at(word).load(order)
    }
    fn store(&self, word: Word, value: u32, order: Ordering) {
        self.at(word).store(value, order);
    }
    fn swap(&self, word: Word, value: u32, order: Ordering) -> u32 {
        self.at(word).swap(value, order)
    }
    fn exchange(&self, word: Word, from: u32, to: u32) -> Result<u32, u32> {
        self.at(word).compare_exchange(from, to, Ordering::SeqCst, Ordering::Relaxed)
    }
    fn add(&self, word: Word, value: u32) {
        self.at(word).fetch_add(value, Ordering::SeqCst);
    }
    fn max(&self, word: Word, value: u32) {
        self.at(word).fetch_max(value, Ordering::SeqCst);
    }
    fn or(&self, word: Word, bits: u32) -> u32 {
        self.at(word).fetch_or(bits, Ordering::SeqCst)
    }
    fn and(&self, word: Word, bits: u32) -> u32 {
        self.at(word).fetch_and(bits, Ordering::SeqCst)
    }
    fn place(&self, place: Place, order: Ordering) -> u64 {
        self.places[&place.at()].load(order)
    }
    fn set_place(&self, place: Place, value: u64, order: Ordering) {
        self.places[&place.at()].store(value, order);
    }
    fn exchange_place(&self, place: Place, from: u64, to: u64) -> bool {
        let place = &self.places[&place.at()];
        place.compare_exchange(from, to, Ordering::SeqCst, Ordering::Relaxed).is_ok()
    }
    fn fence(&self) {
        fence(Ordering::SeqCst);
    }
    fn write(&self, at: u32, bytes: &[u8]) {
        for (place, piece) in (at..).step_by(CELL as usize).zip(bytes.chunks(CELL as usize)) {
            let mut eight = [0; CELL as usize];
            eight[..piece.len()].copy_from_slice(piece);
            self.cell(place).set(u64::from_ne_bytes(eight));
        }
    }
    fn append(&self, at: u32, len: usize, buffer: &mut Vec<u8>) {
        let cells = (at..).step_by(CELL as usize).take(len.div_ceil(CELL as usize));
        let bytes: Vec<u8> = cells.flat_map(|place| self.cell(place).get().to_ne_bytes()).collect();
        buffer.extend(&bytes[..len]);
    }
    fn read_into(&self, _: u32, _: &mut [u8]) {
        unreachable!("only blocks are read so");
    }
    fn expect(&self, _: Range<u32>) {}
    fn forget(&self, _: Range<u32>) {}
    fn write_long(&self, at: u32, value: u64) {
        self.cell(at).set(value);
    }
    fn read_long(&self, at: u32) -> u64 {
        self.cell(at).get()
    }
    /// Timed sleeps are as short as can be.
    fn sleep_while(&self, word: Word, value: u32, time: Option<Duration>) -> bool {
        if time.is_some() {
            return false;
        }
        let at = &self.words[&(word as usize)];
        let bed = at.bed.lock().unwrap();
        if at.value.load(Ordering::Relaxed) == value {
            drop(at.bell.wait(bed).unwrap());
        }
        true
    }
    fn wake(&self, word: Word, all: bool) {
        let at = &self.words[&(word as usize)];
        let _bed = at.bed.lock().unwrap();
        if all { at.bell.notify_all() } else { at.bell.notify_one() }
    }
    fn nap(&self, _: Duration) {
        thread::yield_now();
    }

    fn look_for(&self, _: Duration, is_there: impl Fn() -> bool) -> Option<Duration> {
        is_there().then_some(Duration::ZERO)
    }
}

type Queue = Rc<Ring<Weak>>;

fn model(capacity: u32, run: impl Fn(Queue) + Sync + Send + 'static) {
    model_of(capacity, (ARENA, ARENA), run);
}

/// With so much of the arena used at first, and all of it.
fn model_of(capacity: u32, (narrow, size): (u32, u32), run: impl Fn(Queue) + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    let asked = std::env::var("PROCESSION_PREEMPTIONS").ok().and_then(|text| text.parse().ok());
    builder.preemption_bound = Some(asked.unwrap_or(1));
    builder.max_branches = 100_000;
    builder.check(move || run(Rc::new(Ring { narrow, ..Ring::new(Weak::new(size), capacity, size) })));
}

fn put(queue: &Queue, user: User, item: u64) -> Outcome {
    queue.put(user, &item.to_ne_bytes(), &FOREVER)
}

fn take(queue: &Queue, user: User) -> Option<u64> {
    let mut buffer = Vec::new();
    let outcome = queue.take(user, &mut buffer, |_, _, _| true, (&FOREVER, &Habit::default()));
    (outcome != Outcome::Ended).then(|| u64::from_ne_bytes(buffer.try_into().unwrap()))
}

const DONE: Outcome = Outcome::Done { tell: false };

fn spawn(queue: &Queue, run: impl FnOnce(&Queue) + 'static) -> thread::JoinHandle<()> {
    let queue = Rc::clone(queue);
    thread::spawn(move || run(&queue))
}

#[test]
fn each_waits_for_the_other_and_is_woken() {
    model(1, |queue| {
        let putter = spawn(&queue, |queue| (1..=2).for_each(|item| assert_eq!(put(queue, 1, item), DONE)));
        assert_eq!([take(&queue, 2), take(&queue, 2)], [Some(1), Some(2)]);
        putter.join().unwrap();
    });
}

#[test]
fn a_full_queue_is_refilled() {
    model(2, |queue| {
        let putter = spawn(&queue, |queue| (1..=3).for_each(|item| assert_eq!(put(queue, 1, item), DONE)));
        assert_eq!([take(&queue, 2), take(&queue, 2), take(&queue, 2)], [Some(1), Some(2), Some(3)]);
        putter.join().unwrap();
    });
}

#[test]
fn two_putters_and_a_getter_lose_nothing() {
    model(1, |queue| {
        let putters =
            [1, 2].map(|user| spawn(&queue, move |queue| assert_eq!(put(queue, user, user.into()), DONE)));
        let mut items = [take(&queue, 3), take(&queue, 3)];
        items.sort_unstable();
        assert_eq!(items, [Some(1), Some(2)]);
        putters.into_iter().for_each(|putter| putter.join().unwrap());
    });
}

#[test]
fn two_getters_share_what_is_put() {
    model(2, |queue| {
        let getters = [1, 2].map(|user| spawn(&queue, move |queue| assert!(take(queue, user).is_some())));
        (1..=2).for_each(|item| assert_eq!(put(&queue, 3, item), DONE));
        getters.into_iter().for_each(|getter| getter.join().unwrap());
        assert_eq!(queue.len(), 0);
    });
}

#[test]
fn an_end_reaches_who_waits() {
    model(1, |queue| {
        let getter = spawn(&queue, |queue| assert_eq!([take(queue, 1), take(queue, 1)], [Some(1), None]));
        assert_eq!(put(&queue, 2, 1), DONE);
        queue.end();
        getter.join().unwrap();
    });
}

#[test]
fn the_lock_of_a_dead_one_is_freed_for_who_sleeps_at_it() {
    model(2, |queue| {
        assert!(queue.try_lock(Word::TailLock, 1));
        let putter = spawn(&queue, |queue| assert_eq!(put(queue, 2, 7), DONE));
        queue.recover(1);
        assert_eq!(take(&queue, 3), Some(7));
        putter.join().unwrap();
    });
}

/// The second item finds no room for its bytes, if the first is still there. The third lies where the arena has more than
/// was used before.
#[test]
fn who_takes_knows_how_much_of_the_arena_is_used() {
    model_of(2, (64, 128), |queue| {
        let bytes = |item: u8| [item; 40];
        let putter = spawn(&queue, move |queue| {
            for item in 1..=3 {
                let put = || queue.put_unless_locked(1, Kind::Here, &bytes(item));
                while put() != Some(Put::Done { tell: false }) {
                    thread::yield_now();
                }
            }
        });
        let mut buffer = Vec::new();
        for item in 1..=3 {
            while queue.try_take(2, &mut buffer, |_, _, _| true) != (Take::Taken { tell: false }) {
                thread::yield_now();
            }
            assert_eq!(buffer, bytes(item));
        }
        putter.join().unwrap();
    });
}

/// The supervisor asks to be told, then looks: it sees the item or is told of it.
#[test]
fn who_watches_sees_an_item_or_is_told_of_it() {
    model(1, |queue| {
        let putter = spawn(&queue, |queue| {
            let told = put(queue, 1, 7) == Outcome::Done { tell: true };
            queue.memory.store(Word::Asked, u32::from(told), SeqCst);
        });
        queue.watch(WATCH_ITEMS);
        let sees = queue.len() == 1;
        putter.join().unwrap();
        assert!(sees || queue.memory.load(Word::Asked, SeqCst) == 1);
    });
}

/// Records go on being found where they were put when more of the arena is used.
#[test]
fn an_arena_widens_while_items_pass() {
    fn passes(queue: &Queue, length: usize) {
        // Where there is no room for its bytes, the supervisor would take it.
        while queue.put(1, &vec![length as u8; length], &FOREVER) != DONE {
            thread::yield_now();
        }
    }
    fn comes(queue: &Queue, length: usize) {
        let mut buffer = Vec::new();
        let outcome = queue.take(2, &mut buffer, |_, _, _| true, (&FOREVER, &Habit::default()));
        assert_eq!((outcome, buffer), (DONE, vec![length as u8; length]));
    }
    model_of(2, (32, 64), |queue| {
        // The next one lies elsewhere in the wider arena.
        for length in [8, 8, 8] {
            passes(&queue, length);
            comes(&queue, length);
        }
        let putter = spawn(&queue, |queue| [8, 24].into_iter().for_each(|length| passes(queue, length)));
        [8, 24].into_iter().for_each(|length| comes(&queue, length));
        putter.join().unwrap();
    });
}
