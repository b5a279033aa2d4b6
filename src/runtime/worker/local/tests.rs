//! A queue between threads does what a queue of the run does, and nobody waits at it in vain.

use super::super::host::Host;
use super::super::portable::Portable;
use super::cell::LocalCell;
use super::queue::{LocalQueue, Refused};
use crate::queue::machine::{Machine, Returned, Settings};
use crate::queue::store::{Capacity, Measure, Offer, StoreKind, StoreSettings, WhenFull};
use crate::wire::local::LocalOn;
use proptest::prelude::*;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Condvar, Mutex, Weak};
use std::time::Duration;

const CAPACITY: usize = 4;

fn queue(capacity: usize, joinable: bool) -> LocalQueue {
    LocalQueue::new(Weak::new(), (1, "q".to_owned()), capacity, joinable)
}

fn oracle(joinable: bool) -> Machine<i64> {
    let settings = Settings {
        store: StoreSettings {
            kind: StoreKind::Fifo,
            capacity: Capacity::Items(CAPACITY),
            when_full: WhenFull::Wait,
        },
        broadcast: false,
        joinable,
        redeliver: 3,
    };
    Machine::new(settings)
}

fn number(item: &Portable) -> i64 {
    if let Portable::Int(number) = item { *number } else { panic!("no number") }
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Put,
    Take(u32),
    Acknowledge(u32),
    GiveBack(u32),
    End(u32),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => Just(Step::Put),
        4 => (0..3_u32).prop_map(Step::Take),
        2 => (0..3_u32).prop_map(Step::Acknowledge),
        2 => (0..3_u32).prop_map(Step::GiveBack),
        1 => (0..3_u32).prop_map(Step::End),
    ];
    prop::collection::vec(step, 0..200)
}

/// Both queues, and who has which lease in hand of each.
struct Both {
    local: LocalQueue,
    oracle: Machine<i64>,
    hands: Vec<(u32, u64, u64)>,
    next: i64,
}

impl Both {
    fn step(&mut self, step: Step) -> Result<(), TestCaseError> {
        match step {
            Step::Put => self.put(),
            Step::Take(holder) => self.take(holder),
            Step::Acknowledge(holder) => {
                if let Some((_, local, oracle)) = self.lease(holder) {
                    self.local.acknowledge(holder, local);
                    prop_assert!(self.oracle.acknowledge(holder, oracle).is_ok());
                }
                Ok(())
            }
            Step::GiveBack(holder) => self.give_back(holder),
            Step::End(holder) => {
                let dead: Vec<_> =
                    self.local.holder_ended(holder).0.iter().map(|d| (number(&d.item), d.attempts)).collect();
                let wanted: Vec<_> =
                    self.oracle.holder_ended(holder).iter().map(|d| (d.item, d.attempts)).collect();
                self.hands.retain(|hand| hand.0 != holder);
                prop_assert_eq!(dead, wanted);
                Ok(())
            }
        }
    }

    fn put(&mut self) -> Result<(), TestCaseError> {
        let accepted = match self.local.put(Portable::Int(self.next)) {
            Ok(_) => true,
            Err(Refused::Full(item)) => {
                prop_assert_eq!(number(&item), self.next);
                false
            }
            Err(Refused::Ended) => return Err(TestCaseError::fail("it has not ended")),
        };
        prop_assert_eq!(accepted, matches!(self.oracle.put(self.next, Measure::bytes(1)), Offer::Accepted));
        self.next += 1;
        Ok(())
    }

    fn take(&mut self, holder: u32) -> Result<(), TestCaseError> {
        let taken = self.local.take(holder).map(|(taken, _)| taken);
        let wanted = self.oracle.take(holder);
        prop_assert_eq!(
            taken.as_ref().map(|taken| (number(&taken.item), taken.attempt)),
            wanted.as_ref().map(|wanted| (wanted.item, wanted.attempt))
        );
        if let Some((taken, wanted)) = taken.zip(wanted) {
            self.hands.push((holder, taken.lease, wanted.lease));
        }
        Ok(())
    }

    fn give_back(&mut self, holder: u32) -> Result<(), TestCaseError> {
        let Some((_, local, oracle)) = self.lease(holder) else { return Ok(()) };
        let dead = self.local.give_back(holder, local).0.map(|dead| number(&dead.item));
        let wanted = match self.oracle.give_back(holder, oracle) {
            Ok(Returned::Dead(dead)) => Some(dead.item),
            _ => None,
        };
        prop_assert_eq!(dead, wanted);
        Ok(())
    }

    /// The oldest lease of a holder; it is given up with this.
    fn lease(&mut self, holder: u32) -> Option<(u32, u64, u64)> {
        let place = self.hands.iter().position(|hand| hand.0 == holder)?;
        Some(self.hands.remove(place))
    }
}

proptest! {
    #[test]
    fn it_does_what_a_queue_of_the_run_does(steps in steps(), joinable in any::<bool>()) {
        let local = queue(CAPACITY, joinable);
        let mut both = Both { local, oracle: oracle(joinable), hands: Vec::new(), next: 0 };
        for step in steps {
            if joinable || matches!(step, Step::Put | Step::Take(_)) {
                both.step(step)?;
            }
            prop_assert_eq!(both.local.len(), both.oracle.len());
            prop_assert_eq!(both.local.is_settled(), both.oracle.unfinished() == 0);
        }
    }
}

/// Stands for the supervisor: lets those look again who have waited since an earlier time.
#[derive(Default)]
struct Broker {
    latest: Mutex<u64>,
    changed: Condvar,
}

impl Broker {
    fn tell(&self, notice: Option<u64>) {
        if let Some(clock) = notice {
            let mut latest = self.latest.lock().unwrap();
            *latest = clock.max(*latest);
            self.changed.notify_all();
        }
    }

    fn wait(&self, since: u64) {
        let latest = self.latest.lock().unwrap();
        let is_past = |latest: &mut u64| *latest <= since;
        let waited = self.changed.wait_timeout_while(latest, Duration::from_secs(60), is_past).unwrap().1;
        assert!(!waited.timed_out(), "nobody told the one who waits");
    }
}

struct Shared {
    queue: LocalQueue,
    broker: Broker,
    /// Items that are not taken yet.
    left: AtomicI64,
}

impl Shared {
    fn until(&self, on: LocalOn, mut attempt: impl FnMut() -> bool) {
        while !attempt() {
            if let Some(view) = self.queue.about_to_wait(on) {
                self.broker.wait(view.clock);
            }
        }
    }

    fn put(&self, number: i64) {
        self.until(LocalOn::Put {}, || match self.queue.put(Portable::Int(number)) {
            Ok(notice) => {
                self.broker.tell(notice);
                true
            }
            Err(_) => false,
        });
    }

    /// Takes until all are taken; gives their sum.
    fn take_all(&self, holder: u32) -> i64 {
        let mut sum = 0;
        while self.left.fetch_sub(1, Ordering::Relaxed) > 0 {
            self.until(LocalOn::Get {}, || match self.queue.take(holder) {
                Some((taken, notice)) => {
                    self.broker.tell(notice);
                    sum += number(&taken.item);
                    if self.queue.joinable {
                        self.broker.tell(self.queue.acknowledge(holder, taken.lease));
                    }
                    true
                }
                None => false,
            });
        }
        sum
    }
}

#[test]
fn nobody_waits_for_what_is_there() {
    const EACH: i64 = 4000;
    const THREADS: i64 = 3;
    let all = THREADS * EACH;
    let of = all * (all - 1) / 2;
    for (capacity, joinable) in [(1, false), (1, true), (2, false), (64, true)] {
        let shared =
            Shared { queue: queue(capacity, joinable), broker: Broker::default(), left: AtomicI64::new(all) };
        let sum: i64 = std::thread::scope(|scope| {
            let shared = &shared;
            for thread in 0..THREADS {
                scope.spawn(move || (thread * EACH..(thread + 1) * EACH).for_each(|n| shared.put(n)));
            }
            let takers: Vec<_> =
                (0..THREADS as u32).map(|holder| scope.spawn(move || shared.take_all(holder))).collect();
            let drained = || shared.queue.is_settled();
            let sum = takers.into_iter().map(|taker| taker.join().unwrap()).sum();
            shared.until(LocalOn::Acknowledged {}, drained);
            sum
        });
        assert_eq!(sum, of);
    }
}

#[test]
fn the_turn_at_a_cell_is_one_thread_s() {
    const EACH: i64 = 20_000;
    let (cell, broker) = (LocalCell::new(Weak::new(), 1, Portable::Int(0)), Broker::default());
    std::thread::scope(|scope| {
        let (cell, broker) = (&cell, &broker);
        for me in 0..3 {
            scope.spawn(move || {
                for _ in 0..EACH {
                    while cell.try_turn(me).is_err() {
                        if let Some((owner, view)) = cell.about_to_wait() {
                            assert_ne!(owner, me);
                            broker.wait(view.clock);
                        }
                    }
                    let next = number(&cell.copy()) + 1;
                    broker.tell(cell.end_turn(Some(Portable::Int(next))));
                }
            });
        }
    });
    assert_eq!(number(&cell.copy()), 3 * EACH);
}

#[test]
fn what_is_lost_with_a_queue_is_remembered() {
    let host = Arc::new(Host::default());
    let queue = LocalQueue::new(Arc::downgrade(&host), (1, "q".to_owned()), 4, true);
    for number in 0..3 {
        assert!(queue.put(Portable::Int(number)).is_ok());
    }
    queue.take(1);
    queue.take(1);
    queue.holder_ended(1);
    let (taken, _) = queue.take(2).unwrap();
    queue.acknowledge(2, taken.lease);
    drop(queue);
    let lost: Vec<i64> =
        host.take_gone().iter().flat_map(|gone| &gone.lost).map(|d| number(&d.item)).collect();
    assert_eq!(lost, [1]);
}
