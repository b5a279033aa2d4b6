//! Properties of the queue machines, against a naive model and in a simulated system.

use procession::queue::machine::{Machine, Returned, Settings};
use procession::queue::priority::Priority;
use procession::queue::store::{Capacity, Measure, Offer, Store, StoreKind, StoreSettings, WhenFull};
use procession::queue::wait::{On, ProcessState, ProcessView, QueueView, Snapshot, Verdict, Waits, judge};
use proptest::prelude::*;
use std::collections::{BTreeSet, VecDeque};

#[derive(Clone, Copy, Debug)]
enum Step {
    Put,
    Take(u32),
    Acknowledge(u32),
    GiveBack(u32),
    Die(u32),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => Just(Step::Put),
        4 => (0..3_u32).prop_map(Step::Take),
        3 => (0..3_u32).prop_map(Step::Acknowledge),
        1 => (0..3_u32).prop_map(Step::GiveBack),
        1 => (0..3_u32).prop_map(Step::Die),
    ];
    prop::collection::vec(step, 0..400)
}

/// What a joinable queue is, said in the plainest way: every item is in exactly one place.
#[derive(Default)]
struct Model {
    /// Item and how often it was handed out.
    waiting: VecDeque<(u32, u32)>,
    /// Holder, lease, item, attempts.
    in_hand: Vec<(u32, u64, u32, u32)>,
    done: BTreeSet<u32>,
    dead: BTreeSet<u32>,
    put: u32,
}

impl Model {
    /// Items of these places go back to the front in order, or are dead after `redeliver` times.
    fn back(&mut self, places: &[usize], redeliver: u32) -> Vec<u32> {
        let items: Vec<_> = places.iter().map(|&place| self.in_hand[place]).collect();
        self.in_hand.retain(|held| !items.contains(held));
        let (back, dead): (Vec<_>, Vec<_>) = items.into_iter().partition(|held| held.3 <= redeliver);
        for held in back.iter().rev() {
            self.waiting.push_front((held.2, held.3));
        }
        self.dead.extend(dead.iter().map(|held| held.2));
        dead.into_iter().map(|held| held.2).collect()
    }
}

const CAPACITY: usize = 5;
const REDELIVER: u32 = 2;

fn fifo(capacity: Capacity, when_full: WhenFull) -> StoreSettings {
    StoreSettings { kind: StoreKind::Fifo, capacity, when_full }
}

/// A joinable queue and what it has to be.
struct Both {
    machine: Machine<u32>,
    model: Model,
}

impl Both {
    fn new() -> Self {
        let store = fifo(Capacity::Items(CAPACITY), WhenFull::Wait);
        let settings = Settings { store, broadcast: false, joinable: true, redeliver: REDELIVER };
        Both { machine: Machine::new(settings), model: Model::default() }
    }

    /// Does a step in both, and compares.
    fn step(&mut self, step: Step) -> Result<(), TestCaseError> {
        self.act(step)?;
        self.compare()
    }

    fn act(&mut self, step: Step) -> Result<(), TestCaseError> {
        match step {
            Step::Put => {
                let room = self.model.waiting.len() < CAPACITY;
                let offer = self.machine.put(self.model.put, Measure::bytes(1));
                prop_assert_eq!(offer, if room { Offer::Accepted } else { Offer::Full(self.model.put) });
                if room {
                    self.model.waiting.push_back((self.model.put, 0));
                    self.model.put += 1;
                }
            }
            Step::Take(holder) => {
                let taken = self.machine.take(holder);
                let expected = self.model.waiting.pop_front().map(|(item, attempts)| (item, attempts + 1));
                prop_assert_eq!(taken.as_ref().map(|t| (t.item, t.attempt)), expected);
                if let (Some(taken), Some((item, attempts))) = (taken, expected) {
                    self.model.in_hand.push((holder, taken.lease, item, attempts));
                }
            }
            Step::Acknowledge(holder) => {
                let place = self.model.in_hand.iter().position(|held| held.0 == holder);
                let Some(place) = place else {
                    prop_assert!(self.machine.acknowledge(holder, 0).is_err());
                    return Ok(());
                };
                let held = self.model.in_hand.remove(place);
                prop_assert!(self.machine.acknowledge(holder + 1, held.1).is_err(), "another's lease");
                prop_assert!(self.machine.acknowledge(holder, held.1).is_ok());
                prop_assert!(self.machine.acknowledge(holder, held.1).is_err(), "twice");
                self.model.done.insert(held.2);
            }
            Step::GiveBack(holder) => {
                let Some(place) = self.model.in_hand.iter().rposition(|held| held.0 == holder) else {
                    return Ok(());
                };
                let lease = self.model.in_hand[place].1;
                let dead = self.model.back(&[place], REDELIVER);
                match self.machine.give_back(holder, lease) {
                    Ok(Returned::Redeliver) => prop_assert!(dead.is_empty()),
                    Ok(Returned::Dead(gone)) => prop_assert_eq!(dead, vec![gone.item]),
                    Err(error) => prop_assert!(false, "{:?}", error),
                }
            }
            Step::Die(holder) => {
                let places: Vec<_> = (0..self.model.in_hand.len())
                    .filter(|&place| self.model.in_hand[place].0 == holder)
                    .collect();
                let dead = self.model.back(&places, REDELIVER);
                let gone: Vec<_> =
                    self.machine.holder_ended(holder).into_iter().map(|dead| dead.item).collect();
                prop_assert_eq!(gone, dead);
            }
        }
        Ok(())
    }

    fn compare(&self) -> Result<(), TestCaseError> {
        prop_assert_eq!(self.machine.len(), self.model.waiting.len());
        prop_assert_eq!(self.machine.unfinished(), self.model.waiting.len() + self.model.in_hand.len());
        let placed = self.model.waiting.len()
            + self.model.in_hand.len()
            + self.model.done.len()
            + self.model.dead.len();
        prop_assert_eq!(placed, self.model.put as usize, "an item is lost or doubled");
        Ok(())
    }
}

/// One queue that lives long, by steps that look random (xorshift64*). `PROCESSION_STEPS` says how many, and
/// `PROCESSION_SEED` from where.
#[test]
fn a_queue_that_lives_long_does_what_the_model_does() {
    let number = |variable: &str| std::env::var(variable).ok().and_then(|text| text.parse::<u64>().ok());
    let steps = number("PROCESSION_STEPS").unwrap_or(1_000_000);
    let seed = number("PROCESSION_SEED").unwrap_or(1);
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut below = |most: u64| {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        (state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % most
    };
    let mut both = Both::new();
    for count in 0..steps {
        let holder = below(3) as u32;
        let step = match below(13) {
            0..4 => Step::Put,
            4..8 => Step::Take(holder),
            8..11 => Step::Acknowledge(holder),
            11 => Step::GiveBack(holder),
            _ => Step::Die(holder),
        };
        if let Err(problem) = both.step(step) {
            panic!("step {count} of seed {seed}, {step:?}: {problem}");
        }
    }
    let Model { put, done, dead, .. } = &both.model;
    println!("{steps} steps of seed {seed}: {put} items put, {} done, {} dead", done.len(), dead.len());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn a_joinable_queue_does_what_the_model_does(steps in steps()) {
        let mut both = Both::new();
        for step in steps {
            both.step(step)?;
        }
    }

    #[test]
    fn dropping_keeps_the_capacity_and_counts(offers in prop::collection::vec(0..9_u32, 0..60), oldest in any::<bool>()) {
        let when_full = if oldest { WhenFull::DropOldest } else { WhenFull::DropNewest };
        let store = fifo(Capacity::Items(CAPACITY), when_full);
        let settings = Settings { store, broadcast: false, joinable: false, redeliver: 0 };
        let mut machine = Machine::new(settings);
        for &item in &offers {
            prop_assert!(!matches!(machine.put(item, Measure::bytes(1)), Offer::Full(_)));
        }
        let kept: Vec<_> = std::iter::from_fn(|| machine.take(1)).map(|taken| taken.item).collect();
        let len = offers.len().min(CAPACITY);
        let expected = if oldest { &offers[offers.len() - len..] } else { &offers[..len] };
        prop_assert_eq!(&kept, expected);
        prop_assert_eq!(machine.dropped(), vec![(None, (offers.len() - len) as u64)]);
    }
}

/// What is taken next, said as a search through all that is there.
fn next_of(kind: StoreKind, there: &[(u32, i8)]) -> Option<usize> {
    let places = 0..there.len();
    match kind {
        StoreKind::Fifo => places.min(),
        StoreKind::Lifo => places.max(),
        StoreKind::Priority => places.min_by_key(|&place| (there[place].1, place)),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    /// Every order under every rule for a full store; a key of `None` takes.
    #[test]
    fn a_store_does_what_a_search_does(
        kind in prop::sample::select(vec![StoreKind::Fifo, StoreKind::Lifo, StoreKind::Priority]),
        when_full in prop::sample::select(vec![WhenFull::Wait, WhenFull::DropOldest, WhenFull::DropNewest]),
        steps in prop::collection::vec(prop::option::weighted(0.6, -3..3_i8), 0..200),
    ) {
        let mut store = Store::new(StoreSettings { kind, capacity: Capacity::Items(CAPACITY), when_full });
        let (mut there, mut dropped): (Vec<(u32, i8)>, u64) = (Vec::new(), 0);
        for (item, step) in (0..).zip(steps) {
            let Some(key) = step else {
                let expected = next_of(kind, &there).map(|place| there.remove(place).0);
                prop_assert_eq!(store.take().map(|entry| entry.item), expected);
                continue;
            };
            let expected = match when_full {
                _ if there.len() < CAPACITY => Offer::Accepted,
                WhenFull::Wait => Offer::Full(item),
                WhenFull::DropNewest => Offer::Dropped,
                WhenFull::DropOldest => {
                    there.remove(0);
                    Offer::Dropped
                }
            };
            let measure = Measure { priority: Priority::Int(key.into()), bytes: 1 };
            prop_assert_eq!(store.offer(item, measure), expected.clone());
            dropped += u64::from(expected == Offer::Dropped);
            if there.len() < CAPACITY {
                there.push((item, key));
            }
            prop_assert_eq!((store.len(), store.is_full()), (there.len(), there.len() == CAPACITY));
            prop_assert_eq!(store.dropped(), dropped);
        }
    }
}

/// A process of the simulation: takes from one queue, puts a fixed number of items for each into others.
#[derive(Clone, Debug)]
struct Worker {
    takes: u32,
    puts: Vec<u32>,
    /// An item bears so many others; each generation fewer.
    bears: u32,
}

fn systems() -> impl Strategy<Value = (usize, Vec<Worker>, Vec<(u32, u32)>)> {
    (1..5_usize).prop_flat_map(|queues| {
        let queue = 0..queues as u32;
        let worker = (queue.clone(), prop::collection::vec(queue.clone(), 0..3), 1..3_u32)
            .prop_map(|(takes, puts, bears)| Worker { takes, puts, bears });
        let first = prop::collection::vec((queue, 0..4_u32), 0..6);
        (Just(queues), prop::collection::vec(worker, 1..6), first)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Whatever the graph, cycles included: when every queue has room, the run ends by itself, and every item that
    /// a queue with a taker was given is taken.
    #[test]
    fn every_system_ends_and_loses_nothing((queues, workers, first) in systems()) {
        let mut items: Vec<VecDeque<u32>> = vec![VecDeque::new(); queues];
        for (queue, generation) in first {
            items[queue as usize].push_back(generation);
        }
        let mut ended = vec![false; queues];
        let mut over = vec![false; workers.len()];
        for _ in 0..100_000 {
            let mut moved = false;
            for (index, worker) in workers.iter().enumerate() {
                let at = worker.takes as usize;
                if over[index] {
                    continue;
                }
                if let Some(generation) = items[at].pop_front() {
                    moved = true;
                    if generation > 0 {
                        for &queue in worker.puts.iter().take(worker.bears as usize) {
                            prop_assert!(!ended[queue as usize], "a queue ended while somebody could still put");
                            items[queue as usize].push_back(generation - 1);
                        }
                    }
                } else if ended[at] {
                    moved = true;
                    over[index] = true;
                }
            }
            if moved {
                continue;
            }
            match judge(&snapshot(&items, &ended, &workers, &over)) {
                Verdict::End(queues) => queues.into_iter().for_each(|queue| ended[queue as usize] = true),
                Verdict::Fine => break,
                Verdict::Break(barriers) => prop_assert!(false, "there are no barriers: {:?}", barriers),
                Verdict::Deadlock(report) => prop_assert!(false, "{:?}", report),
            }
        }
        prop_assert!(over.iter().all(|&over| over), "somebody still waits");
        for worker in &workers {
            prop_assert!(items[worker.takes as usize].is_empty(), "an item was not taken");
        }
    }
}

fn snapshot(items: &[VecDeque<u32>], ended: &[bool], workers: &[Worker], over: &[bool]) -> Snapshot {
    let processes = workers.iter().zip(over).zip(0..).map(|((worker, &over), id)| ProcessView {
        id,
        state: if over {
            ProcessState::Ended
        } else {
            ProcessState::Waiting(vec![Waits { on: On::Get(worker.takes), timed: false }])
        },
        holds: worker.puts.clone(),
        takes: vec![worker.takes],
        leases: Vec::new(),
        shares: Vec::new(),
        permits: Vec::new(),
        implicit: false,
    });
    let queues = items.iter().zip(ended).zip(0..).map(|((items, &ended), id)| QueueView {
        id,
        len: items.len(),
        full: false,
        joinable: false,
        unfinished: 0,
        ended,
        dead_letter_of: Vec::new(),
        audience: None,
        expressly_held: false,
    });
    Snapshot { processes: processes.collect(), queues: queues.collect(), shared: Vec::new() }
}
