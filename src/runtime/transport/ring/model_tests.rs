//! A ring in a memory whose every access is a step of a scheduler that chooses by chance who goes on, who sleeps past
//! its time, and who is killed, between any two steps. Nobody may sleep for ever, and no item may be lost or doubled.

use super::memory::{Memory, Place, Word};
use super::tests::FOREVER;
use super::*;
use crate::runtime::transport::blocks::{Blocks, Run};
use std::cell::Cell;
use std::collections::HashMap;
use std::io::{Read, Write};
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

const RUNS: u64 = 400;
const ITEMS: u32 = 5;
/// So many are taken at once.
const TAKEN: usize = 2;

#[derive(Clone, Copy, PartialEq, Debug)]
enum Status {
    Ready,
    Asleep {
        word: usize,
        timed: bool,
    },
    /// The supervisor, until somebody has ended.
    Idle,
    Over,
}

struct State {
    words: HashMap<usize, u64>,
    arena: Vec<u8>,
    /// Bytes of blocks, by where they lie.
    long: HashMap<u32, u8>,
    threads: Vec<Status>,
    /// Whose sleep ended with its time.
    late: Vec<bool>,
    turn: usize,
    random: u64,
    /// So many of each kind may still be killed.
    kills: [usize; 2],
    dead: Vec<usize>,
    stuck: bool,
}

impl State {
    fn chance(&mut self, below: usize) -> usize {
        self.random =
            self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.random >> 33) as usize % below
    }

    /// Gives the turn to somebody who can go on.
    fn pass(&mut self) {
        let is_timed = |status: &Status| matches!(status, Status::Asleep { timed: true, .. });
        let ready: Vec<usize> =
            (0..self.threads.len()).filter(|&at| self.threads[at] == Status::Ready).collect();
        let timed: Vec<usize> = (0..self.threads.len()).filter(|&at| is_timed(&self.threads[at])).collect();
        let awaken = !timed.is_empty() && (ready.is_empty() || self.chance(8) == 0);
        if awaken {
            let at = timed[self.chance(timed.len())];
            (self.threads[at], self.late[at], self.turn) = (Status::Ready, true, at);
        } else if !ready.is_empty() {
            self.turn = ready[self.chance(ready.len())];
        } else if self.threads.iter().any(|status| *status != Status::Over) {
            self.stuck = true;
        }
    }
}

struct World {
    state: Mutex<State>,
    /// One for each thread: whose turn it is.
    turns: Vec<Condvar>,
    /// What is used of the arena at first, and all of it.
    narrow: u32,
    size: u32,
}

/// One of the two memories as one thread sees it: that of the ring, or of its blocks.
#[derive(Clone)]
struct Handle {
    world: Arc<World>,
    me: usize,
    /// Where its words begin among all.
    base: usize,
}

const OF_BLOCKS: usize = 1 << 20;
/// Fewer than there are long items, and one needs two of them.
const BLOCK_COUNT: u32 = 3;

const SUPERVISOR_THREAD: usize = 0;
const PRODUCERS: usize = 2;
const CONSUMERS: usize = 2;

struct Killed;

impl Handle {
    fn my_turn(&self) -> MutexGuard<'_, State> {
        let mut state = self.world.state.lock().unwrap();
        while !state.stuck && (state.turn != self.me || state.threads[self.me] != Status::Ready) {
            state = self.world.turns[self.me].wait(state).unwrap();
        }
        if state.stuck {
            drop(state);
            resume_unwind(Box::new(Killed));
        }
        state
    }

    fn step<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.my_turn();
        let kind = usize::from(self.me > PRODUCERS);
        if self.me != SUPERVISOR_THREAD && state.kills[kind] > 0 && state.chance(60) == 0 {
            state.kills[kind] -= 1;
            drop(state);
            resume_unwind(Box::new(Killed));
        }
        let done = work(&mut state);
        self.pass(state);
        done
    }

    /// Gives the turn to somebody who can go on; when there is none, everybody hears of it.
    fn pass(&self, mut state: MutexGuard<'_, State>) {
        state.pass();
        let (turn, stuck) = (state.turn, state.stuck);
        drop(state);
        if stuck {
            self.world.turns.iter().for_each(Condvar::notify_one);
        } else if turn != self.me {
            self.world.turns[turn].notify_one();
        }
    }

    /// This thread is over; the supervisor hears of it.
    fn is_over(&self) {
        let mut state = self.world.state.lock().unwrap();
        state.threads[self.me] = Status::Over;
        state.dead.push(self.me);
        if state.threads[SUPERVISOR_THREAD] == Status::Idle {
            state.threads[SUPERVISOR_THREAD] = Status::Ready;
        }
        self.pass(state);
    }

    fn next_dead(&self) -> usize {
        loop {
            let dead = self.step(|state| {
                let dead = state.dead.pop();
                if dead.is_none() {
                    state.threads[SUPERVISOR_THREAD] = Status::Idle;
                }
                dead
            });
            if let Some(dead) = dead {
                return dead;
            }
        }
    }

    fn change(&self, word: Word, change: impl FnOnce(u32) -> u32) -> u32 {
        self.step(|state| {
            let value = state.words.entry(self.base + word as usize).or_default();
            let before = *value as u32;
            *value = u64::from(change(before));
            before
        })
    }
}

impl Memory for Handle {
    fn load(&self, word: Word, _: Ordering) -> u32 {
        self.change(word, |value| value)
    }
    fn store(&self, word: Word, value: u32, _: Ordering) {
        self.change(word, |_| value);
    }
    fn swap(&self, word: Word, value: u32, _: Ordering) -> u32 {
        self.change(word, |_| value)
    }
    fn exchange(&self, word: Word, from: u32, to: u32) -> Result<u32, u32> {
        let before = self.change(word, |value| if value == from { to } else { value });
        if before == from { Ok(before) } else { Err(before) }
    }
    fn add(&self, word: Word, value: u32) {
        self.change(word, |before| before.wrapping_add(value));
    }
    fn max(&self, word: Word, value: u32) {
        self.change(word, |before| before.max(value));
    }
    fn or(&self, word: Word, bits: u32) -> u32 {
        self.change(word, |before| before | bits)
    }
    fn and(&self, word: Word, bits: u32) -> u32 {
        self.change(word, |before| before & bits)
    }
    fn place(&self, place: Place, _: Ordering) -> u64 {
        self.step(|state| *state.words.entry(self.base + place.at()).or_default())
    }
    fn set_place(&self, place: Place, value: u64, _: Ordering) {
        self.step(|state| state.words.insert(self.base + place.at(), value));
    }
    fn exchange_place(&self, place: Place, from: u64, to: u64) -> bool {
        self.step(|state| {
            let value = state.words.entry(self.base + place.at()).or_default();
            let is_there = *value == from;
            if is_there {
                *value = to;
            }
            is_there
        })
    }
    fn fence(&self) {}
    fn write(&self, at: u32, bytes: &[u8]) {
        let size = self.world.size as usize;
        self.step(|state| {
            for (place, &byte) in (at..).zip(bytes) {
                if self.base == OF_BLOCKS {
                    state.long.insert(place, byte);
                } else {
                    state.arena[place as usize % size] = byte;
                }
            }
        });
    }
    fn read_into(&self, at: u32, buffer: &mut [u8]) {
        self.step(|state| {
            (at..).zip(buffer).for_each(|(place, byte)| *byte = state.long.get(&place).copied().unwrap_or(0));
        });
    }
    fn append(&self, at: u32, len: usize, buffer: &mut Vec<u8>) {
        let size = self.world.size as usize;
        let bytes =
            |state: &mut State| (0..len).map(|index| state.arena[(at as usize + index) % size]).collect();
        let bytes: Vec<u8> = self.step(bytes);
        buffer.extend(bytes);
    }
    fn expect(&self, _: Range<u32>) {}
    fn forget(&self, _: Range<u32>) {}
    fn write_long(&self, at: u32, value: u64) {
        self.write(at, &value.to_ne_bytes());
    }
    fn read_long(&self, at: u32) -> u64 {
        let mut bytes = Vec::new();
        self.read(at, 8, &mut bytes);
        u64::from_ne_bytes(bytes.try_into().unwrap())
    }
    fn sleep_while(&self, word: Word, value: u32, time: Option<Duration>) -> bool {
        let me = self.me;
        self.step(|state| {
            let word = self.base + word as usize;
            if state.words.get(&word).copied().unwrap_or(0) as u32 == value {
                state.threads[me] = Status::Asleep { word, timed: time.is_some() };
            }
        });
        self.step(|state| !std::mem::take(&mut state.late[me]))
    }
    fn wake(&self, word: Word, all: bool) {
        self.step(|state| {
            let sleeps =
                |status: &Status| matches!(status, Status::Asleep { word: at, .. } if *at == self.base + word as usize);
            let sleepers: Vec<usize> =
                (0..state.threads.len()).filter(|&at| sleeps(&state.threads[at])).collect();
            if all {
                sleepers.into_iter().for_each(|at| state.threads[at] = Status::Ready);
            } else if !sleepers.is_empty() {
                let at = sleepers[state.chance(sleepers.len())];
                state.threads[at] = Status::Ready;
            }
        });
    }
    fn nap(&self, _: Duration) {
        self.step(|_| ());
    }

    fn look_for(&self, _: Duration, is_there: impl Fn() -> bool) -> Option<Duration> {
        is_there().then_some(Duration::ZERO)
    }
}

/// What one thread has put, or taken.
type Log = Arc<Mutex<Vec<Vec<u32>>>>;

/// Both memories.
struct Queue {
    ring: Ring<Handle>,
    blocks: Blocks<Handle>,
    user: User,
}

impl Queue {
    fn new(handle: &Handle, capacity: u32) -> Queue {
        let mut ring = Ring::new(handle.clone(), capacity, handle.world.size);
        ring.narrow = handle.world.narrow;
        let blocks = Blocks::new(Handle { base: OF_BLOCKS, ..handle.clone() }, BLOCK_COUNT);
        Queue { ring, blocks, user: handle.me as u32 }
    }

    /// Each item that is a multiple of 4 is long, each of 8 needs two blocks.
    fn put(&self, item: u32) {
        let (user, bytes) = (self.user, bytes_of(item));
        let outcome = if item.is_multiple_of(4) {
            let len = if item.is_multiple_of(8) { 70_000 } else { 4 };
            let run = self.blocks.claim_until(user, len, Instant::now() + Duration::from_secs(60)).unwrap();
            self.blocks.writing(run).write_all(&item.to_le_bytes()).unwrap();
            let mark = |number| self.blocks.number(run, user, number);
            self.ring.put_record(user, (Kind::InBlocks, &run.to_bytes()), &mark, &FOREVER)
        } else {
            // Where there is no room for its bytes, the supervisor would take it.
            let puts = || Some(self.ring.put(user, &bytes, &FOREVER));
            std::iter::from_fn(puts).find(|outcome| *outcome != Outcome::Elsewhere).unwrap()
        };
        assert_eq!(outcome, Outcome::Done { tell: false });
    }

    /// Several short ones at once, or one.
    fn put_all(&self, items: Range<u32>, log: impl Fn(u32)) {
        let mut next = items.start;
        while next < items.end {
            let bytes: Vec<Vec<u8>> = (next..items.end).map(bytes_of).collect();
            let short = bytes.iter().take_while(|bytes| !number(bytes).is_multiple_of(4));
            let (count, _) = self.ring.put_some(self.user, short.map(|bytes| &bytes[..]));
            (next..next + count as u32).for_each(&log);
            next += count as u32;
            if next < items.end {
                self.put(next);
                log(next);
                next += 1;
            }
        }
    }

    fn take_all(&self, log: impl Fn(u32)) {
        let (mut buffer, habit) = (Vec::new(), Habit::default());
        while let Some(item) = self.take(&mut buffer, &habit) {
            log(item);
            self.ring.take_some(self.user, TAKEN, &mut buffer);
            Records::new(&buffer).map(|(_, item)| number(item)).for_each(&log);
        }
    }

    fn take(&self, buffer: &mut Vec<u8>, habit: &Habit) -> Option<u32> {
        let kind = Cell::new(Kind::Here);
        let keep = |found, record: &[u8], number| {
            kind.set(found);
            if found == Kind::InBlocks {
                self.blocks.number(Run::of_bytes(record).unwrap(), self.user, number);
            }
            true
        };
        if self.ring.take(self.user, buffer, keep, (&FOREVER, habit)) == Outcome::Ended {
            return None;
        }
        let mut bytes = [0; 4];
        if kind.get() == Kind::InBlocks {
            let run = Run::of_bytes(buffer).unwrap();
            self.blocks.reading(run).read_exact(&mut bytes).unwrap();
            self.blocks.free(run);
        } else {
            bytes.copy_from_slice(&buffer[..4]);
        }
        Some(u32::from_le_bytes(bytes))
    }
}

/// A short item begins with its number. Some are longer.
fn bytes_of(item: u32) -> Vec<u8> {
    item.to_le_bytes().repeat(if item.is_multiple_of(3) { 5 } else { 1 })
}

fn number(item: &[u8]) -> u32 {
    u32::from_le_bytes(item[..4].try_into().unwrap())
}

fn live(handle: Handle, capacity: u32, log: Log) {
    let me = handle.me;
    let queue = Queue::new(&handle, capacity);
    let killed = catch_unwind(AssertUnwindSafe(|| {
        let log = |item| log.lock().unwrap()[me].push(item);
        if me <= PRODUCERS {
            let first = me as u32 * 100;
            queue.put_all(first..first + ITEMS, log);
        } else {
            queue.take_all(log);
        }
    }));
    handle.is_over();
    if let Err(reason) = killed
        && !reason.is::<Killed>()
    {
        resume_unwind(reason);
    }
}

fn supervise(handle: &Handle, capacity: u32) {
    let Queue { ring, blocks, .. } = Queue::new(handle, capacity);
    let (mut producers, mut others) = (PRODUCERS, PRODUCERS + CONSUMERS);
    while others > 0 {
        let dead = handle.next_dead();
        blocks.recover(dead as u32, |number| ring.holds(number));
        ring.recover(dead as u32);
        others -= 1;
        producers -= usize::from(dead <= PRODUCERS);
        if producers == 0 && dead <= PRODUCERS {
            ring.end();
        }
    }
    handle.is_over();
}

fn run(seed: u64) {
    let capacity = 1 + (seed % 3) as u32;
    let (narrow, size) = (if seed.is_multiple_of(2) { 64 } else { 128 }, 128);
    // One consumer is left to take the rest.
    let kills = [(seed / 3 % 3) as usize, (seed / 9 % 2) as usize];
    let threads = 1 + PRODUCERS + CONSUMERS;
    let state = State {
        words: HashMap::new(),
        arena: vec![0; size as usize],
        long: HashMap::new(),
        threads: vec![Status::Ready; threads],
        late: vec![false; threads],
        turn: 1,
        random: seed,
        kills,
        dead: Vec::new(),
        stuck: false,
    };
    let world = Arc::new(World {
        state: Mutex::new(state),
        turns: (0..threads).map(|_| Condvar::new()).collect(),
        narrow,
        size,
    });
    let log: Log = Arc::new(Mutex::new(vec![Vec::new(); threads]));
    std::thread::scope(|scope| {
        for me in 1..threads {
            let (handle, log) = (Handle { world: world.clone(), me, base: 0 }, log.clone());
            scope.spawn(move || live(handle, capacity, log));
        }
        let handle = Handle { world: world.clone(), me: SUPERVISOR_THREAD, base: 0 };
        let _ = catch_unwind(AssertUnwindSafe(|| supervise(&handle, capacity)));
    });
    let state = world.state.lock().unwrap();
    assert!(!state.stuck, "seed {seed}: all sleep for ever: {:?}", state.threads);
    for block in 0..BLOCK_COUNT {
        let mark = state.words.get(&(OF_BLOCKS + Place::Mark(block).at())).copied().unwrap_or(0);
        assert_eq!(mark, 0, "seed {seed}: block {block} is somebody's for ever");
    }
    let log = log.lock().unwrap();
    let put: Vec<u32> = log[1..=PRODUCERS].concat();
    let mut taken: Vec<u32> = log[PRODUCERS + 1..].concat();
    taken.sort_unstable();
    assert!(taken.is_sorted_by(|a, b| a < b), "seed {seed}: doubled: {taken:?}");
    let lost = put.iter().filter(|item| !taken.contains(item)).count();
    let killed_consumers = kills[1] - state.kills[1];
    assert!(
        lost <= killed_consumers * TAKEN,
        "seed {seed}: lost {lost}, {killed_consumers} consumers were killed"
    );
    for consumer in &log[PRODUCERS + 1..] {
        for producer in 1..=PRODUCERS as u32 {
            assert!(
                consumer.iter().filter(|item| *item / 100 == producer).is_sorted(),
                "seed {seed}: out of order"
            );
        }
    }
}

#[test]
fn nobody_sleeps_for_ever_whoever_is_killed() {
    (0..RUNS).for_each(run);
}
