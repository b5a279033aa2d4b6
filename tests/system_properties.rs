//! Random programs on real queue machines, driven by the judge of who waits for what: whatever they are, when
//! nobody can move the judge knows why, and in the end everybody has ended or the deadlock is a real one.

use procession::queue::machine::{Machine, Settings, Taken};
use procession::queue::store::{Capacity, Measure, Offer, StoreKind, StoreSettings, WhenFull};
use procession::queue::wait::{
    On, ProcessState, ProcessView, QueueView, Snapshot, Verdict, Waits, judge, without_takers,
};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// Items are numbers: how often they are still passed on.
type Item = u32;

#[derive(Clone, Debug)]
enum Step {
    Put(u32),
    /// Goes on with the next step at the end of the stream.
    Get(u32),
    /// Passes every item on, and puts one more when the stream has ended.
    Each {
        from: u32,
        to: u32,
    },
    Join(u32),
    Drain(u32),
    Close(u32),
}

#[derive(Clone, Debug)]
struct Process {
    steps: Vec<Step>,
    at: usize,
    /// What a loop has taken and not passed on, and its lease.
    turn: Option<(Item, u64)>,
    holds: BTreeSet<u32>,
    takes: BTreeSet<u32>,
    over: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Plain,
    Joinable,
    Broadcast,
}

struct System {
    queues: Vec<Machine<Item>>,
    kinds: Vec<Kind>,
    ended: Vec<bool>,
    processes: Vec<Process>,
}

/// What became of a try to go on.
#[derive(PartialEq)]
enum Move {
    Moved,
    Waits(On),
}

impl System {
    fn put(&mut self, process: usize, queue: u32, item: Item) -> Move {
        let at = queue as usize;
        if self.ended[at] || !self.processes[process].holds.contains(&queue) {
            // `Closed`, and nobody catches it.
            self.end(process);
            return Move::Moved;
        }
        match self.queues[at].put(item, Measure::bytes(1)) {
            Offer::Full(_) => Move::Waits(On::Put(queue)),
            _ => Move::Moved,
        }
    }

    fn end(&mut self, process: usize) {
        self.processes[process].over = true;
        for queue in &mut self.queues {
            queue.holder_ended(process as u32);
            queue.leave(process as u32);
        }
    }

    /// A consumer of a broadcast queue that did not take from it before gets what comes from now on.
    fn take(&mut self, process: usize, queue: u32) -> Option<Taken<Item>> {
        let queue = &mut self.queues[queue as usize];
        queue.join(process as u32);
        queue.take(process as u32)
    }

    /// Does one thing of a process, if it can.
    fn step(&mut self, process: usize) -> Move {
        let Some(step) = self.processes[process].steps.get(self.processes[process].at).cloned() else {
            self.end(process);
            return Move::Moved;
        };
        let moved = match step {
            Step::Put(queue) => self.put(process, queue, 3),
            Step::Get(queue) => match self.take(process, queue) {
                None if !self.ended[queue as usize] => Move::Waits(On::Get(queue)),
                _ => Move::Moved,
            },
            Step::Each { from, to } => return self.each(process, from, to),
            Step::Join(other) if other as usize == process || self.processes[other as usize].over => {
                Move::Moved
            }
            Step::Join(other) => Move::Waits(On::Join(other)),
            Step::Drain(queue) if self.queues[queue as usize].unfinished() == 0 => Move::Moved,
            Step::Drain(queue) => Move::Waits(On::Acknowledged(queue)),
            Step::Close(queue) => {
                self.processes[process].holds.remove(&queue);
                Move::Moved
            }
        };
        if moved == Move::Moved {
            self.processes[process].at += 1;
        }
        moved
    }

    fn each(&mut self, process: usize, from: u32, to: u32) -> Move {
        if let Some((item, lease)) = self.processes[process].turn {
            let moved = if item > 0 { self.put(process, to, item - 1) } else { Move::Moved };
            if moved == Move::Moved && !self.processes[process].over {
                self.processes[process].turn = None;
                if lease > 0 {
                    self.queues[from as usize].acknowledge(process as u32, lease).expect("it is in hand");
                }
            }
            return moved;
        }
        match self.take(process, from) {
            Some(taken) => self.processes[process].turn = Some((taken.item, taken.lease)),
            None if self.ended[from as usize] => {
                let moved = self.put(process, to, 0);
                if moved == Move::Moved {
                    self.processes[process].at += 1;
                }
                return moved;
            }
            None => return Move::Waits(On::Get(from)),
        }
        Move::Moved
    }

    /// Lets everybody go on until all wait; gives what for.
    fn run(&mut self) -> Vec<Option<On>> {
        loop {
            let mut waits = vec![None; self.processes.len()];
            let mut moved = false;
            for (process, wait) in waits.iter_mut().enumerate() {
                while !self.processes[process].over {
                    if let Move::Waits(on) = self.step(process) {
                        *wait = Some(on);
                        break;
                    }
                    moved = true;
                }
            }
            if !moved {
                return waits;
            }
        }
    }

    fn snapshot(&self, waits: &[Option<On>]) -> Snapshot {
        let processes = self.processes.iter().zip(waits).zip(0..).map(|((process, wait), id)| ProcessView {
            id,
            state: match wait {
                Some(on) => ProcessState::Waiting(vec![Waits { on: on.clone(), timed: false }]),
                None => ProcessState::Ended,
            },
            holds: process.holds.iter().copied().collect(),
            takes: process.takes.iter().copied().collect(),
            shares: Vec::new(),
            permits: Vec::new(),
            leases: (0..)
                .zip(&self.queues)
                .filter(|(_, queue)| queue.in_hand_of(id) > 0)
                .map(|(queue, _)| queue)
                .collect(),
            implicit: id == 0,
        });
        let queues = self.queues.iter().zip(&self.ended).zip(0..).map(|((queue, &ended), id)| QueueView {
            id,
            len: if queue.audience(1).is_some() { 0 } else { queue.len() },
            full: queue.is_full(),
            joinable: self.kinds[id as usize] == Kind::Joinable,
            unfinished: queue.unfinished(),
            ended,
            dead_letter_of: Vec::new(),
            audience: queue.audience(1),
        });
        Snapshot { processes: processes.collect(), queues: queues.collect(), shared: Vec::new() }
    }
}

fn systems() -> impl Strategy<Value = System> {
    (1..5_u32, 1..6_u32).prop_flat_map(|(queues, processes)| {
        let queue = move || 0..queues;
        let step = prop_oneof![
            3 => queue().prop_map(Step::Put),
            2 => queue().prop_map(Step::Get),
            4 => (queue(), queue()).prop_map(|(from, to)| Step::Each { from, to }),
            1 => (0..processes).prop_map(Step::Join),
            1 => queue().prop_map(Step::Drain),
            1 => queue().prop_map(Step::Close),
        ];
        let steps = prop::collection::vec(prop::collection::vec(step, 1..5), processes as usize);
        let kind = prop_oneof![Just(Kind::Plain), Just(Kind::Joinable), Just(Kind::Broadcast)];
        let kinds = prop::collection::vec((kind, 1..4_usize), queues as usize);
        (steps, kinds).prop_map(move |(steps, kinds)| system(steps, &kinds))
    })
}

/// The first process is main: it holds and takes everything, and listens to a broadcast queue from its first get.
/// The others have the ends that they use, from the beginning.
fn system(steps: Vec<Vec<Step>>, kinds: &[(Kind, usize)]) -> System {
    let machine = |&(kind, items): &(Kind, usize)| {
        let capacity = Capacity::Items(items);
        Machine::new(Settings {
            store: StoreSettings { kind: StoreKind::Fifo, capacity, when_full: WhenFull::Wait },
            broadcast: kind == Kind::Broadcast,
            joinable: kind == Kind::Joinable,
            redeliver: 1,
        })
    };
    let all: BTreeSet<u32> = (0..kinds.len() as u32).collect();
    let processes = steps.into_iter().enumerate().map(|(index, steps)| {
        let (mut holds, mut takes) = (BTreeSet::new(), BTreeSet::new());
        for step in &steps {
            match *step {
                Step::Put(queue) => drop(holds.insert(queue)),
                Step::Get(queue) => drop(takes.insert(queue)),
                Step::Each { from, to } => drop((takes.insert(from), holds.insert(to))),
                Step::Join(_) | Step::Drain(_) | Step::Close(_) => {}
            }
        }
        if index == 0 {
            (holds, takes) = (all.clone(), all.clone());
        }
        Process { steps, at: 0, turn: None, holds, takes, over: false }
    });
    let processes: Vec<Process> = processes.collect();
    let mut queues: Vec<_> = kinds.iter().map(machine).collect();
    for (id, process) in (0..).zip(&processes).skip(1) {
        process.takes.iter().for_each(|&queue| queues[queue as usize].join(id));
    }
    System {
        processes,
        queues,
        kinds: kinds.iter().map(|(kind, _)| *kind).collect(),
        ended: vec![false; kinds.len()],
    }
}

impl std::fmt::Debug for System {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}, {:#?}", self.kinds, self.processes)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn every_system_comes_to_an_end_that_is_understood(mut system in systems()) {
        loop {
            let waits = system.run();
            if waits.iter().all(Option::is_none) {
                break;
            }
            let snapshot = system.snapshot(&waits);
            let lost = without_takers(&snapshot);
            if !lost.is_empty() {
                for queue in lost {
                    system.ended[queue as usize] = true;
                }
                continue;
            }
            match judge(&snapshot) {
                Verdict::Fine => prop_assert!(false, "nobody can move, and that is called fine: {:?}", waits),
                Verdict::End(queues) => {
                    prop_assert!(!queues.is_empty());
                    for queue in queues {
                        prop_assert!(!std::mem::replace(&mut system.ended[queue as usize], true), "twice");
                    }
                }
                Verdict::Break(barriers) => prop_assert!(false, "there are no barriers: {:?}", barriers),
                Verdict::Deadlock(report) => {
                    // Somebody waits for room, for an acknowledgement, for a join, or keeps an item in hand.
                    let keeps = snapshot.processes.iter().any(|process| !process.leases.is_empty());
                    prop_assert!(keeps || report.stuck.iter().any(|(_, on)| !matches!(on, On::Get(_))));
                    // Nobody holds up those who wait for what nobody is left to do.
                    let untaken = |on: &On| matches!(on, On::Acknowledged(queue)
                        if !snapshot.processes.iter().any(|p| p.state != ProcessState::Ended && p.takes.contains(queue)));
                    prop_assert!(!report.cycle.is_empty() || report.stuck.iter().any(|(_, on)| untaken(on)));
                    break;
                }
            }
        }
    }
}
