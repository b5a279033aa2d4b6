//! Processes that put into and take from one ring, and are killed at any moment; what was put is taken, once.
//!
//! The processes are copies of this test program, which find the ring by the descriptor of the one that started them.

use super::memory::WORDS_BYTES;
use super::tests::FOREVER;
use super::*;
use crate::runtime::os::shared::Shared;
use crate::runtime::transport::blocks::{self, Blocks, Run};
use rustix::fd::{AsRawFd, OwnedFd};
use std::cell::Cell;
use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const CAPACITY: u32 = 64;
const ROLE: &str = "PROCESSION_STORM";
const PRODUCERS: u32 = 3;
const CONSUMERS: u32 = 3;
/// As large as the numbers that one producer can get to in the time.
const NUMBERS: usize = 4 << 20;
/// Longer items lie in blocks, of which there are fewer than the queue has room for items.
const LONG: usize = 60_000;
const BLOCK_COUNT: u32 = 8;
const STORM: Duration = Duration::from_millis(1500);

/// How often each number was put and taken: a byte for each, after the words.
struct Marks(Shared);

impl Marks {
    const BYTES: usize = 4096 + PRODUCERS as usize * NUMBERS;

    fn at(producer: u32, number: u32) -> usize {
        4096 + producer as usize * NUMBERS + number as usize
    }
}

fn open(file: &OwnedFd) -> Ring<Shared> {
    let (_, size) = arena_bytes(CAPACITY as usize).unwrap();
    Ring::new(Shared::open(file, WORDS_BYTES, size as usize).unwrap(), CAPACITY, size)
}

fn open_blocks(file: &OwnedFd) -> Blocks<Shared> {
    Blocks::new(Shared::open(file, blocks::FILE_BYTES, 0).unwrap(), BLOCK_COUNT)
}

/// Not a test by itself: the life of one process of the storm.
#[test]
fn storm_process() {
    let Ok(role) = std::env::var(ROLE) else { return };
    let words: Vec<u32> = role.split(' ').map(|word| word.parse().unwrap()).collect();
    let [parent, ring, blocks, marks, user, producer] = words[..] else { panic!("{role}") };
    let file = |fd: u32| {
        OwnedFd::from(
            std::fs::File::options().read(true).write(true).open(format!("/proc/{parent}/fd/{fd}")).unwrap(),
        )
    };
    let queue = Queue { ring: open(&file(ring)), blocks: open_blocks(&file(blocks)), user };
    let marks = Marks(Shared::open(&file(marks), Marks::BYTES, 0).unwrap());
    if producer < PRODUCERS {
        produce(&queue, &marks, producer);
    } else {
        consume(&queue, &marks);
    }
}

/// The queue as one process sees it.
struct Queue {
    ring: Ring<Shared>,
    blocks: Blocks<Shared>,
    user: User,
}

impl Queue {
    fn put(&self, item: &[u8]) -> Outcome {
        if item.len() <= LONG {
            return self.ring.put(self.user, item, &FOREVER);
        }
        let far = Instant::now() + Duration::from_secs(60);
        let run = self.blocks.claim_until(self.user, item.len(), far).unwrap();
        self.blocks.writing(run).write_all(item).unwrap();
        let mark = |number| self.blocks.number(run, self.user, number);
        self.ring.put_record(self.user, (Kind::InBlocks, &run.to_bytes()), &mark, &FOREVER)
    }

    fn take(&self, buffer: &mut Vec<u8>, habit: &Habit) -> bool {
        let kind = Cell::new(Kind::Here);
        let keep = |found, record: &[u8], number| {
            kind.set(found);
            if found == Kind::InBlocks {
                self.blocks.number(Run::of_bytes(record).unwrap(), self.user, number);
            }
            true
        };
        let outcome = self.ring.take(self.user, buffer, keep, (&FOREVER, habit));
        if kind.get() == Kind::InBlocks && outcome != Outcome::Ended {
            let run = Run::of_bytes(buffer).unwrap();
            buffer.clear();
            self.blocks.reading(run).read_to_end(buffer).unwrap();
            self.blocks.free(run);
        }
        outcome != Outcome::Ended
    }
}

/// The next number is in a word of the producer; it grows when the item was put. Some are long.
fn produce(queue: &Queue, marks: &Marks, producer: u32) {
    let next = marks.0.word(64 * (producer as usize + 1));
    loop {
        let number = next.load(SeqCst);
        let mut item = [producer.to_le_bytes(), number.to_le_bytes()].concat();
        let more = if number.is_multiple_of(5) { LONG + (number as usize * 997) % LONG } else { 0 };
        item.resize(8 + (number as usize * 31) % 130 + more, number as u8);
        if number as usize >= NUMBERS || queue.put(&item) == Outcome::Ended {
            return;
        }
        next.store(number + 1, SeqCst);
    }
}

fn consume(queue: &Queue, marks: &Marks) {
    let (mut buffer, habit) = (Vec::new(), Habit::default());
    while queue.take(&mut buffer, &habit) {
        let word = |at: usize| u32::from_le_bytes(buffer[at..at + 4].try_into().unwrap());
        let (producer, number) = (word(0), word(4));
        assert!(buffer[8..].iter().all(|&byte| byte == number as u8), "an item is torn");
        let at = Marks::at(producer, number);
        let mut before = Vec::new();
        marks.0.append(at, 1, &mut before);
        marks.0.write(at, &[before[0] + 1]);
    }
}

struct Storm {
    queue: Queue,
    /// Of the ring, its blocks, and the marks.
    files: [OwnedFd; 3],
    users: u32,
}

impl Storm {
    /// What the supervisor does when one has died.
    fn recover(&self, dead: User) {
        let Queue { ring, blocks, .. } = &self.queue;
        blocks.recover(dead, |number| ring.holds(number));
        ring.recover(dead);
    }

    fn start(&mut self, producer: u32) -> (Child, User, u32) {
        self.users += 1;
        let [ring, blocks, marks] = self.files.each_ref().map(AsRawFd::as_raw_fd);
        let role = format!("{} {ring} {blocks} {marks} {} {producer}", std::process::id(), self.users);
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "runtime::transport::ring::storm_tests::storm_process"]).env(ROLE, role);
        (command.stdout(Stdio::null()).spawn().unwrap(), self.users, producer)
    }
}

#[test]
fn a_storm_of_kills_loses_and_doubles_nothing() {
    let seed = std::process::id();
    println!("seed {seed}");
    let size = arena_bytes(CAPACITY as usize).unwrap().1 as usize;
    let (_, ring) = Shared::create("storm", WORDS_BYTES, size).unwrap();
    let (marks, marks_file) = Shared::create("marks", Marks::BYTES, 0).unwrap();
    let (_, blocks) = Shared::create("blocks", blocks::FILE_BYTES, 0).unwrap();
    let marks = Marks(marks);
    let queue = Queue { ring: open(&ring), blocks: open_blocks(&blocks), user: SUPERVISOR };
    let mut storm = Storm { queue, files: [ring, blocks, marks_file], users: 0 };
    let mut processes: Vec<_> = (0..PRODUCERS + CONSUMERS).map(|index| storm.start(index)).collect();
    let (began, mut random, mut kills) = (Instant::now(), u64::from(seed) | 1, 0_usize);
    let mut next = |below: u64| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) % below
    };
    while began.elapsed() < STORM {
        std::thread::sleep(Duration::from_micros(200 + next(4000)));
        let index = next(processes.len() as u64) as usize;
        let (mut child, user, producer) = processes.swap_remove(index);
        child.kill().unwrap();
        child.wait().unwrap();
        storm.recover(user);
        kills += 1;
        processes.push(storm.start(producer));
    }
    // The producers go, the consumers find the end.
    for (child, user, _) in processes.iter_mut().filter(|(_, _, producer)| *producer < PRODUCERS) {
        child.kill().unwrap();
        child.wait().unwrap();
        storm.recover(*user);
    }
    storm.queue.ring.end();
    for (child, _, _) in processes.iter_mut().filter(|(_, _, producer)| *producer >= PRODUCERS) {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(storm.queue.ring.len(), 0);
    assert!(storm.queue.blocks.all_are_free());
    let (mut put, mut lost, mut again) = (0, 0, 0);
    for producer in 0..PRODUCERS {
        let numbers = marks.0.word(64 * (producer as usize + 1)).load(SeqCst);
        let mut seen = Vec::new();
        marks.0.append(Marks::at(producer, 0), numbers as usize, &mut seen);
        put += seen.len();
        for times in seen {
            lost += usize::from(times == 0);
            again += usize::from(times.saturating_sub(1));
        }
    }
    println!(
        "{put} items, {kills} kills; {lost} in the hands of the dead, {again} put again by who did not know"
    );
    assert!(put > 0 && lost <= kills && again <= kills, "{put} {lost} {again} {kills}");
}
