//! Processes that put into and take from one ring, and are killed at any moment; what was put is taken, once.
//!
//! The processes are copies of this test program, which find the ring by the descriptor of the one that started them.

use super::memory::WORDS_BYTES;
use super::*;
use crate::runtime::os::shared::Shared;
use rustix::fd::{AsRawFd, OwnedFd};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const CAPACITY: u32 = 64;
const ROLE: &str = "PROCESSION_STORM";
const PRODUCERS: u32 = 3;
const CONSUMERS: u32 = 3;
/// As large as the numbers that one producer can get to in the time.
const NUMBERS: usize = 4 << 20;
const STORM: Duration = Duration::from_millis(1500);

/// How often each number was put and taken: a byte for each, after the words.
struct Marks(Shared);

impl Marks {
    const BYTES: usize = 4096 + PRODUCERS as usize * NUMBERS;

    fn at(producer: u32, number: u32) -> usize {
        4096 + producer as usize * NUMBERS + number as usize
    }
}

struct Patient;

impl Waiter for Patient {
    fn left(&self) -> Left {
        Left::Forever
    }
    fn sleeps(&self) {}
    fn wakes(&self) {}
    fn overdue(&self) {}
}

fn open(file: &OwnedFd) -> Ring<Shared> {
    let size = arena_bytes(CAPACITY as usize).unwrap();
    Ring::new(Shared::open(file, WORDS_BYTES, size as usize).unwrap(), CAPACITY, size)
}

/// Not a test by itself: the life of one process of the storm.
#[test]
fn storm_process() {
    let Ok(role) = std::env::var(ROLE) else { return };
    let words: Vec<u32> = role.split(' ').map(|word| word.parse().unwrap()).collect();
    let [parent, ring, marks, user, producer] = words[..] else { panic!("{role}") };
    let file = |fd: u32| {
        OwnedFd::from(
            std::fs::File::options().read(true).write(true).open(format!("/proc/{parent}/fd/{fd}")).unwrap(),
        )
    };
    let (ring, marks) = (open(&file(ring)), Marks(Shared::open(&file(marks), Marks::BYTES, 0).unwrap()));
    if producer < PRODUCERS {
        produce(&ring, &marks, user, producer);
    } else {
        consume(&ring, &marks, user);
    }
}

/// The next number is in a word of the producer; it grows when the item was put.
fn produce(ring: &Ring<Shared>, marks: &Marks, user: User, producer: u32) {
    let next = marks.0.word(64 * (producer as usize + 1));
    loop {
        let number = next.load(SeqCst);
        let mut item = [producer.to_le_bytes(), number.to_le_bytes()].concat();
        item.resize(8 + (number as usize * 31) % 130, number as u8);
        if number as usize >= NUMBERS || ring.put(user, &item, &Patient) == Outcome::Ended {
            return;
        }
        next.store(number + 1, SeqCst);
    }
}

fn consume(ring: &Ring<Shared>, marks: &Marks, user: User) {
    let (mut buffer, habit) = (Vec::new(), Habit::default());
    while let Outcome::Done { .. } = ring.take(user, &mut buffer, |_, _| true, (&Patient, &habit)) {
        let word = |at: usize| u32::from_le_bytes(buffer[at..at + 4].try_into().unwrap());
        let (producer, number) = (word(0), word(4));
        assert!(buffer[8..].iter().all(|&byte| byte == number as u8), "an item is torn");
        let at = Marks::at(producer, number);
        let mut before = Vec::new();
        marks.0.read(at, 1, &mut before);
        marks.0.write(at, &[before[0] + 1]);
    }
}

struct Storm {
    ring: Ring<Shared>,
    files: (OwnedFd, OwnedFd),
    users: u32,
}

impl Storm {
    fn start(&mut self, producer: u32) -> (Child, User, u32) {
        self.users += 1;
        let (ring, marks) = (self.files.0.as_raw_fd(), self.files.1.as_raw_fd());
        let role = format!("{} {ring} {marks} {} {producer}", std::process::id(), self.users);
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "runtime::transport::ring::storm_tests::storm_process"]).env(ROLE, role);
        (command.stdout(Stdio::null()).spawn().unwrap(), self.users, producer)
    }
}

#[test]
fn a_storm_of_kills_loses_and_doubles_nothing() {
    let seed = std::process::id();
    println!("seed {seed}");
    let size = arena_bytes(CAPACITY as usize).unwrap() as usize;
    let (_, ring) = Shared::create("storm", WORDS_BYTES, size).unwrap();
    let (marks, marks_file) = Shared::create("marks", Marks::BYTES, 0).unwrap();
    let (marks, opened) = (Marks(marks), open(&ring));
    let mut storm = Storm { ring: opened, files: (ring, marks_file), users: 0 };
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
        storm.ring.recover(user);
        kills += 1;
        processes.push(storm.start(producer));
    }
    // The producers go, the consumers find the end.
    for (child, user, _) in processes.iter_mut().filter(|(_, _, producer)| *producer < PRODUCERS) {
        child.kill().unwrap();
        child.wait().unwrap();
        storm.ring.recover(*user);
    }
    storm.ring.end();
    for (child, _, _) in processes.iter_mut().filter(|(_, _, producer)| *producer >= PRODUCERS) {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(storm.ring.len(), 0);
    let (mut put, mut lost, mut again) = (0, 0, 0);
    for producer in 0..PRODUCERS {
        let numbers = marks.0.word(64 * (producer as usize + 1)).load(SeqCst);
        let mut seen = Vec::new();
        marks.0.read(Marks::at(producer, 0), numbers as usize, &mut seen);
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
