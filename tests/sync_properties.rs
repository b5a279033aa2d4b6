//! Locks, semaphores, events and barriers against what they are said in the plainest way: order of arrival, no permit
//! lost or made, whoever dies at whatever point.

use procession::queue::sync::{Arrival, Barrier, Event, Permits};
use proptest::prelude::*;
use std::collections::VecDeque;

const PEOPLE: u32 = 5;

#[derive(Clone, Copy, Debug)]
enum Step {
    /// Acquires, or waits; comes to the barrier; waits for the event.
    Come(u32),
    Release(u32),
    /// Its time is over.
    GiveUp(u32),
    Die(u32),
    Set,
    Clear,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let who = || 0..PEOPLE;
    let step = prop_oneof![
        6 => who().prop_map(Step::Come),
        5 => who().prop_map(Step::Release),
        1 => who().prop_map(Step::GiveUp),
        1 => who().prop_map(Step::Die),
        1 => Just(Step::Set),
        1 => Just(Step::Clear),
    ];
    prop::collection::vec(step, 0..300)
}

/// Every permit is free or in one hand; a list has one entry for each time that somebody acquired.
struct Model {
    permits: usize,
    lock: bool,
    held: Vec<u32>,
    waiting: VecDeque<u32>,
}

impl Model {
    fn free(&self) -> usize {
        let mut hands = self.held.clone();
        if self.lock {
            hands.dedup();
        }
        self.permits - hands.len()
    }

    /// Whether it had one at once.
    fn come(&mut self, who: u32) -> bool {
        let had = self.free() > 0 || (self.lock && self.held.contains(&who));
        if had {
            self.held.push(who);
        } else {
            self.waiting.push_back(who);
        }
        had
    }

    fn hand_on(&mut self) -> Vec<u32> {
        let mut woken = Vec::new();
        while self.free() > 0
            && let Some(next) = self.waiting.pop_front()
        {
            self.held.push(next);
            woken.push(next);
        }
        woken
    }
}

fn holds_the_rules(mut permits: Permits, mut model: Model, steps: &[Step]) -> Result<(), TestCaseError> {
    for step in steps {
        match *step {
            Step::Come(who) if model.waiting.contains(&who) => {}
            Step::Come(who) => {
                let had = permits.acquire(who);
                prop_assert_eq!(had, model.come(who));
                if !had {
                    permits.wait(who);
                }
            }
            // Who waits cannot release.
            Step::Release(who) if model.waiting.contains(&who) => {}
            Step::Release(who) => match model.held.iter().position(|&holder| holder == who) {
                Some(place) => {
                    model.held.remove(place);
                    let woken = permits.release(who).map(|next| next.into_iter().collect::<Vec<_>>());
                    prop_assert_eq!(woken, Ok(model.hand_on()));
                }
                None => prop_assert!(permits.release(who).is_err()),
            },
            Step::GiveUp(who) => {
                permits.withdraw(who);
                model.waiting.retain(|&other| other != who);
            }
            Step::Die(who) => {
                let free = model.free();
                model.waiting.retain(|&other| other != who);
                model.held.retain(|&other| other != who);
                let back = model.free() - free;
                let left = permits.leave(who);
                prop_assert_eq!((left.permits as usize, left.woken), (back, model.hand_on()));
            }
            Step::Set | Step::Clear => {}
        }
        let mut holders = model.held.clone();
        holders.sort_unstable();
        holders.dedup();
        prop_assert_eq!(permits.holders().collect::<Vec<_>>(), holders);
        prop_assert!(model.free() == 0 || model.waiting.is_empty(), "nobody waits for what is free");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_lock_has_one_holder_and_an_order(steps in steps()) {
        let model = Model { permits: 1, lock: true, held: Vec::new(), waiting: VecDeque::new() };
        holds_the_rules(Permits::lock(), model, &steps)?;
    }

    #[test]
    fn a_semaphore_loses_no_permit(steps in steps(), permits in 1..4_usize) {
        let model = Model { permits, lock: false, held: Vec::new(), waiting: VecDeque::new() };
        holds_the_rules(Permits::semaphore(permits as u64), model, &steps)?;
    }

    #[test]
    fn an_event_lets_exactly_those_go_on_who_wait(steps in steps()) {
        let (mut event, mut set, mut waiting) = (Event::default(), false, Vec::new());
        for step in steps {
            match step {
                Step::Come(who) if !set && !waiting.contains(&who) => {
                    event.wait(who);
                    waiting.push(who);
                }
                Step::GiveUp(who) | Step::Die(who) => {
                    event.withdraw(who);
                    waiting.retain(|&other| other != who);
                }
                Step::Set => {
                    set = true;
                    prop_assert_eq!(event.set(), std::mem::take(&mut waiting));
                }
                Step::Clear => {
                    set = false;
                    event.clear();
                }
                Step::Come(_) | Step::Release(_) => {}
            }
            prop_assert_eq!(event.is_set(), set);
        }
    }

    /// `Set` breaks it here.
    #[test]
    fn a_barrier_lets_all_go_on_together(steps in steps(), parties in 1..PEOPLE as usize) {
        let (mut barrier, mut waiting) = (Barrier::new(parties), Vec::new());
        for step in steps {
            match step {
                Step::Come(who) if !waiting.contains(&who) => {
                    waiting.push(who);
                    let arrival = barrier.arrive(who);
                    if waiting.len() == parties {
                        prop_assert_eq!(arrival, Arrival::Complete(std::mem::take(&mut waiting)));
                    } else {
                        prop_assert_eq!(arrival, Arrival::Waits);
                    }
                }
                Step::GiveUp(who) | Step::Die(who) => {
                    barrier.withdraw(who);
                    waiting.retain(|&other| other != who);
                }
                Step::Set => prop_assert_eq!(barrier.shatter(), std::mem::take(&mut waiting)),
                Step::Come(_) | Step::Release(_) | Step::Clear => {}
            }
            prop_assert_eq!(barrier.waiting(), waiting.len());
            prop_assert!(waiting.len() < parties);
        }
    }
}
