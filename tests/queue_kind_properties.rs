//! Properties of capacities in bytes, of broadcast queues and of priorities, each against its definition said in the
//! plainest way.

use procession::queue::broadcast::{Audience, Broadcast};
use procession::queue::priority::Priority;
use procession::queue::store::{Capacity, Measure, Offer, Store, StoreKind, StoreSettings, WhenFull};
use proptest::prelude::*;
use std::cmp::Ordering;
use std::collections::BTreeMap;

fn any_capacity() -> impl Strategy<Value = Capacity> {
    prop_oneof![
        (1..6_usize).prop_map(Capacity::Items),
        (1..30_u64).prop_map(Capacity::Bytes),
        Just(Capacity::Unbounded),
    ]
}

fn any_settings() -> impl Strategy<Value = StoreSettings> {
    let kinds = vec![StoreKind::Fifo, StoreKind::Lifo, StoreKind::Priority];
    let rules = vec![WhenFull::Wait, WhenFull::DropOldest, WhenFull::DropNewest];
    (prop::sample::select(kinds), any_capacity(), prop::sample::select(rules))
        .prop_map(|(kind, capacity, when_full)| StoreSettings { kind, capacity, when_full })
}

fn any_measure() -> impl Strategy<Value = Measure> {
    (-3..3_i64, 0..12_u64).prop_map(|(priority, bytes)| Measure { priority: Priority::Int(priority), bytes })
}

/// A line of items in the order of their arrival; everything is found by a search.
#[derive(Clone, Default)]
struct Line {
    there: Vec<(u32, Measure)>,
    dropped: u64,
}

impl Line {
    fn has_room(&self, capacity: Capacity, more: u64) -> bool {
        let used: u64 = self.there.iter().map(|(_, measure)| measure.bytes).sum();
        match capacity {
            Capacity::Unbounded => true,
            Capacity::Items(items) => self.there.len() < items,
            Capacity::Bytes(bytes) => self.there.is_empty() || used + more <= bytes,
        }
    }

    /// Whether it is in, or what has become of it.
    fn offer(&mut self, settings: StoreSettings, item: u32, measure: Measure) -> Offer<u32> {
        if self.has_room(settings.capacity, measure.bytes) {
            self.there.push((item, measure));
            return Offer::Accepted;
        }
        match settings.when_full {
            WhenFull::Wait => return Offer::Full(item),
            WhenFull::DropNewest => self.dropped += 1,
            WhenFull::DropOldest => {
                while !self.has_room(settings.capacity, measure.bytes) {
                    self.there.remove(0);
                    self.dropped += 1;
                }
                self.there.push((item, measure));
            }
        }
        Offer::Dropped
    }

    fn take(&mut self, kind: StoreKind) -> Option<u32> {
        let places = 0..self.there.len();
        let place = match kind {
            StoreKind::Fifo => places.min(),
            StoreKind::Lifo => places.max(),
            StoreKind::Priority => places.min_by_key(|&place| (self.there[place].1.priority, place)),
        }?;
        Some(self.there.remove(place).0)
    }
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Put(Measure),
    Take(u32),
    Join(u32),
    Leave(u32),
    HandOver(u32, u32),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let who = || 0..4_u32;
    let step = prop_oneof![
        6 => any_measure().prop_map(Step::Put),
        6 => who().prop_map(Step::Take),
        1 => who().prop_map(Step::Join),
        1 => who().prop_map(Step::Leave),
        1 => (who(), who()).prop_map(|(from, to)| Step::HandOver(from, to)),
    ];
    prop::collection::vec(step, 0..150)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_store_of_any_capacity_does_what_a_search_does(
        settings in any_settings(),
        steps in prop::collection::vec(prop::option::weighted(0.6, any_measure()), 0..150),
    ) {
        let (mut store, mut line) = (Store::new(settings), Line::default());
        for (item, step) in (0..).zip(steps) {
            if let Some(measure) = step {
                let expected = line.offer(settings, item, measure);
                prop_assert_eq!(store.offer(item, measure), expected);
            } else {
                let taken = store.take().map(|entry| entry.item);
                prop_assert_eq!(taken, line.take(settings.kind));
            }
            prop_assert_eq!((store.len(), store.dropped()), (line.there.len(), line.dropped));
            for bytes in [0, 1, 7] {
                prop_assert_eq!(store.has_room(bytes), line.has_room(settings.capacity, bytes));
            }
        }
    }

    /// Each consumer's line is what a queue of its own would be; only the producers wait for all of them.
    #[test]
    fn a_broadcast_queue_is_a_queue_for_each(settings in any_settings(), steps in steps()) {
        let (mut queue, mut lines) = (Broadcast::new(settings), BTreeMap::<u32, Line>::new());
        for (item, step) in (0..).zip(steps) {
            match step {
                Step::Put(measure) => {
                    let waits = settings.when_full == WhenFull::Wait
                        && lines.values().any(|line| !line.has_room(settings.capacity, measure.bytes));
                    let expected = if waits {
                        Offer::Full(item)
                    } else {
                        let offers = lines.values_mut().map(|line| line.offer(settings, item, measure));
                        let all: Vec<_> = offers.collect();
                        let accepted = all.iter().all(|offer| *offer == Offer::Accepted);
                        if accepted { Offer::Accepted } else { Offer::Dropped }
                    };
                    prop_assert_eq!(queue.offer(item, measure), expected);
                }
                Step::Take(who) => {
                    let expected = lines.get_mut(&who).and_then(|line| line.take(settings.kind));
                    prop_assert_eq!(queue.take(who).map(|entry| entry.item), expected);
                }
                Step::Join(who) => {
                    queue.join(who);
                    lines.entry(who).or_default();
                }
                Step::Leave(who) => {
                    queue.leave(who);
                    lines.remove(&who);
                }
                Step::HandOver(from, to) => {
                    queue.hand_over(from, to);
                    if let (false, Some(line)) = (lines.contains_key(&to), lines.get(&from).cloned()) {
                        lines.insert(to, line);
                        lines.remove(&from);
                    }
                }
            }
            for who in 0..4 {
                let slowest = lines.values().map(|line| line.there.len()).max().unwrap_or(0);
                prop_assert_eq!(queue.len_for(who), lines.get(&who).map_or(slowest, |line| line.there.len()));
            }
            let those = |is: &dyn Fn(&Line) -> bool| {
                lines.iter().filter(|(_, line)| is(line)).map(|(who, _)| *who).collect::<Vec<_>>()
            };
            let expected = Audience {
                unread: those(&|line| !line.there.is_empty()),
                behind: those(&|line| !line.has_room(settings.capacity, 5)),
            };
            prop_assert_eq!(queue.audience(5), expected);
        }
    }
}

/// Large ints and their neighbours among the floats, where an int made into a float would be another number.
fn any_priority() -> impl Strategy<Value = Priority> {
    let near = prop::sample::select(vec![0, 1_i64 << 53, -(1_i64 << 53), i64::MAX, i64::MIN]);
    let int = (near, -3..=3_i64).prop_map(|(near, by)| near.saturating_add(by));
    prop_oneof![
        3 => int.clone().prop_map(Priority::Int),
        2 => (int, prop::sample::select(vec![0.0, 0.5, -0.25])).prop_map(|(int, by)| Priority::Float(int as f64 + by)),
        1 => any::<i64>().prop_map(Priority::Int),
        1 => any::<f64>().prop_map(Priority::Float),
    ]
}

/// The number as a whole part and quarters, which hold every number made above exactly.
fn exact(priority: Priority) -> Option<i128> {
    match priority {
        Priority::Int(int) => Some(i128::from(int) * 4),
        Priority::Float(float) => {
            let quarters = float * 4.0;
            (quarters.fract() == 0.0 && quarters.abs() < 1e30).then_some(quarters as i128)
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn priorities_have_the_order_of_their_numbers(a in any_priority(), b in any_priority(), c in any_priority()) {
        if let (Some(exact_a), Some(exact_b)) = (exact(a), exact(b)) {
            prop_assert_eq!(a.cmp(&b), exact_a.cmp(&exact_b));
        }
        prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
        if a.cmp(&b) != Ordering::Greater && b.cmp(&c) != Ordering::Greater {
            prop_assert_ne!(a.cmp(&c), Ordering::Greater);
        }
    }
}
