//! Rings between threads of this process, and between processes that are killed.

use super::memory::WORDS_BYTES;
use super::*;
use crate::runtime::os::shared::Shared;
use std::cell::Cell;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

type Real = Ring<Shared>;

fn ring(capacity: u32) -> Arc<Real> {
    let (_, size) = arena_bytes(capacity as usize).unwrap();
    let (memory, _) = Shared::create("test", WORDS_BYTES, size as usize).unwrap();
    Arc::new(Ring::new(memory, capacity, size))
}

pub(super) struct Patient(Left);

impl Waiter for Patient {
    fn left(&self) -> Left {
        self.0
    }
    fn sleeps(&self) {}
    fn wakes(&self) {}
    fn overdue(&self) {}
}

pub(super) const FOREVER: Patient = Patient(Left::Forever);
const NOT: Patient = Patient(Left::Nothing);

fn take(ring: &Real, user: User, buffer: &mut Vec<u8>, waiter: &Patient) -> Outcome {
    ring.take(user, buffer, |_, _, _| true, (waiter, &Habit::default()))
}

const DONE: Outcome = Outcome::Done { tell: false };

#[test]
fn items_come_out_in_order_and_capacity_is_exact() {
    let ring = ring(3);
    for item in [&b"a"[..], b"", b"a longer one"] {
        assert_eq!(ring.put(1, item, &NOT), DONE);
    }
    assert_eq!(ring.put(1, b"one too many", &NOT), Outcome::Late);
    assert_eq!(ring.len(), 3);
    let mut buffer = Vec::new();
    for item in [&b"a"[..], b"", b"a longer one"] {
        assert_eq!(take(&ring, 2, &mut buffer, &NOT), DONE);
        assert_eq!(buffer, item);
    }
    assert_eq!(take(&ring, 2, &mut buffer, &NOT), Outcome::Late);
    ring.put(1, b"last", &NOT);
    ring.end();
    assert_eq!(ring.put(1, b"late", &NOT), Outcome::Ended);
    assert_eq!(take(&ring, 2, &mut buffer, &FOREVER), DONE);
    assert_eq!(take(&ring, 2, &mut buffer, &FOREVER), Outcome::Ended);
}

#[test]
fn what_is_given_back_takes_room_and_comes_first() {
    let ring = ring(2);
    ring.put(1, b"a", &NOT);
    ring.set_returned(1);
    assert_eq!(ring.put(1, b"b", &NOT), Outcome::Late);
    assert_eq!(ring.len_with_returned(), 2);
    assert_eq!(take(&ring, 2, &mut Vec::new(), &NOT), Outcome::Elsewhere);
    ring.set_returned(0);
    assert_eq!(take(&ring, 2, &mut Vec::new(), &NOT), DONE);
}

#[test]
fn many_are_put_and_taken_at_once_as_far_as_there_is_room() {
    let ring = ring(5);
    let items: [&[u8]; 4] = [b"a", b"", b"a longer one", b"d"];
    assert_eq!(ring.put_some(1, items.into_iter()), (4, false));
    assert_eq!(ring.put_some(1, items.into_iter()), (1, false));
    assert_eq!(ring.put_some(1, items.into_iter()), (0, false));
    let mut buffer = Vec::new();
    assert_eq!(ring.take_some(2, 3, &mut buffer), (3, false));
    assert_eq!(Records::new(&buffer).map(|(_, item)| item).collect::<Vec<_>>(), items[..3]);
    ring.watch(WATCH_ROOM | WATCH_ITEMS);
    assert_eq!(ring.put_some(1, items.into_iter()), (3, true));
    assert_eq!(ring.take_some(2, 9, &mut buffer), (5, true));
    assert_eq!(
        Records::new(&buffer).map(|(_, item)| item).collect::<Vec<_>>(),
        [b"d", items[0], items[0], items[1], items[2]]
    );
    assert_eq!(ring.take_some(2, 9, &mut buffer), (0, false));
    // One that lies elsewhere is left to who takes items singly, and so are those given back.
    assert_eq!(ring.put_record(1, (Kind::InBlocks, &[0; 8]), &|_| (), &NOT), DONE);
    assert_eq!(ring.take_some(2, 9, &mut buffer), (0, false));
    ring.set_returned(1);
    assert_eq!(take(&ring, 2, &mut buffer, &NOT), Outcome::Elsewhere);
    ring.end();
    assert_eq!(ring.put_some(1, items.into_iter()), (0, false));
}

/// More of the arena is used when it is needed, whatever lies in it then.
#[test]
fn the_arena_widens_when_bytes_find_no_room() {
    let ring = ring(1000);
    let item = |number: u32| number.to_le_bytes().repeat(1500);
    let (mut put, mut taken, mut buffer) = (0_u32, 0_u32, Vec::new());
    let mut most = 0;
    for round in 0..200 {
        while let Put::Done { .. } = ring.put_unless_locked(1, Kind::Here, &item(put)).unwrap() {
            put += 1;
        }
        most = most.max(put - taken);
        for _ in 0..=(put - taken) / 2 + round % 3 {
            if let Take::Taken { .. } = ring.try_take(2, &mut buffer, |_, _, _| true) {
                assert!(buffer == item(taken), "item {taken} of round {round}");
                taken += 1;
            }
        }
        let (count, _) = ring.take_some(2, 3, &mut buffer);
        assert!(Records::new(&buffer).map(|(_, item)| item.to_vec()).eq((taken..).take(count).map(item)));
        taken += count as u32;
    }
    assert_eq!(ring.size(), ARENA_WIDE);
    assert!(most > ARENA_WIDE / 6008 - 10, "{most}");
}

#[test]
fn every_item_finds_room_be_it_elsewhere() {
    const ITEMS: usize = if cfg!(miri) { 40 } else { 10_000 };
    let ring = ring(ITEMS as u32);
    let long = vec![1; RECORD_MAX];
    let (mut here, mut elsewhere) = (0, 0);
    while ring.len() < ITEMS {
        match ring.put(1, &long, &NOT) {
            Outcome::Done { .. } => here += 1,
            Outcome::Elsewhere => {
                assert!(matches!(
                    ring.put_unless_locked(SUPERVISOR, Kind::Elsewhere, &[0; 8]),
                    Some(Put::Done { .. })
                ));
                elsewhere += 1;
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(here > 0 && elsewhere > 0);
    assert_eq!(ring.put_unless_locked(SUPERVISOR, Kind::Elsewhere, &[0; 8]), Some(Put::Full));
    let mut buffer = Vec::new();
    for _ in 0..ITEMS {
        let taken = ring.take_unless_locked(SUPERVISOR, &mut buffer, |_, _, _| true);
        assert!(matches!(taken, Some(Take::Taken { .. })));
    }
}

#[test]
fn what_is_refused_stays() {
    let ring = ring(4);
    ring.put(1, b"a", &NOT);
    let seen = Cell::new(9);
    let refused = ring.try_take(2, &mut Vec::new(), |_, _, number| {
        seen.set(number);
        false
    });
    assert_eq!((refused, seen.get(), ring.len()), (Take::Elsewhere, 0, 1));
}

#[test]
fn a_lock_of_a_dead_one_is_freed() {
    let ring = ring(4);
    assert!(ring.try_lock(Word::TailLock, 7));
    assert_eq!(ring.put_unless_locked(SUPERVISOR, Kind::Here, b"a"), None);
    let other = ring.clone();
    let putter = thread::spawn(move || other.put(8, b"b", &FOREVER));
    ring.recover(9);
    assert_eq!(ring.put_unless_locked(SUPERVISOR, Kind::Here, b"a"), None);
    ring.recover(7);
    assert_eq!(putter.join().unwrap(), DONE);
    assert_eq!(ring.len(), 1);
}

#[test]
fn whoever_watches_is_told_once() {
    let ring = ring(4);
    ring.watch(WATCH_ITEMS);
    assert_eq!(ring.put(1, b"a", &NOT), Outcome::Done { tell: true });
    assert_eq!(ring.put(1, b"b", &NOT), DONE);
    ring.watch(WATCH_ROOM);
    assert_eq!(take(&ring, 1, &mut Vec::new(), &NOT), Outcome::Done { tell: true });
}

#[test]
fn nonsense_in_the_memory_harms_nobody() {
    let ring = ring(4);
    ring.put(1, b"a", &NOT);
    ring.memory.write_long(0, u64::MAX);
    assert_eq!(take(&ring, 2, &mut Vec::new(), &NOT), Outcome::Broken);
    ring.memory.set_place(Place::Head, 0x1234_5678_9abc_def1, Release);
    ring.memory.set_place(Place::TailSeen, u64::MAX, Release);
    take(&ring, 2, &mut Vec::new(), &NOT);
    ring.put(1, &[0; 1000], &NOT);
}

/// Every item carries its producer and its number: none is lost or doubled, and those of one producer stay in order.
#[test]
fn many_put_and_many_take() {
    for (capacity, producers, consumers) in [(1, 1, 1), (1, 3, 3), (2, 2, 1), (16, 1, 4), (1000, 4, 4)] {
        let ring = ring(capacity);
        let each = 4000_u32;
        let putting: Vec<_> = (0..producers)
            .map(|producer: u32| {
                let ring = ring.clone();
                thread::spawn(move || {
                    for number in 0..each {
                        let mut item = [producer.to_le_bytes(), number.to_le_bytes()].concat();
                        item.resize(8 + (number as usize * 7) % 90, 0);
                        assert_eq!(ring.put(1 + producer, &item, &FOREVER), DONE);
                    }
                })
            })
            .collect();
        let taking: Vec<_> = (0..consumers)
            .map(|consumer: u32| {
                let ring = ring.clone();
                thread::spawn(move || {
                    let (mut buffer, mut seen) = (Vec::new(), Vec::new());
                    while take(&ring, 100 + consumer, &mut buffer, &FOREVER) == DONE {
                        let word = |at: usize| u32::from_le_bytes(buffer[at..at + 4].try_into().unwrap());
                        seen.push((word(0), word(4)));
                    }
                    seen
                })
            })
            .collect();
        putting.into_iter().for_each(|thread| thread.join().unwrap());
        ring.end();
        let mut all = Vec::new();
        for thread in taking {
            let seen = thread.join().unwrap();
            for producer in 0..producers {
                assert!(seen.iter().filter(|item| item.0 == producer).is_sorted());
            }
            all.extend(seen);
        }
        all.sort_unstable();
        let wanted: Vec<(u32, u32)> = (0..producers).flat_map(|p| (0..each).map(move |n| (p, n))).collect();
        assert!(all == wanted, "{} of {} items", all.len(), wanted.len());
    }
}

/// Sleeps once.
struct Once(Cell<bool>);

impl Waiter for Once {
    fn left(&self) -> Left {
        if self.0.get() { Left::Nothing } else { Left::Time(Duration::from_millis(1)) }
    }
    fn sleeps(&self) {}
    fn wakes(&self) {
        self.0.set(true);
    }
    fn overdue(&self) {}
}

#[test]
fn a_wait_ends_with_its_time() {
    let ring = ring(1);
    let short = Patient(Left::Nothing);
    assert_eq!(take(&ring, 1, &mut Vec::new(), &short), Outcome::Late);
    ring.put(1, b"a", &NOT);
    assert_eq!(ring.put(1, b"b", &Once(Cell::new(false))), Outcome::Late);
}
