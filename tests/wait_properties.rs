//! Who waits for what, against its definition said in the plainest way: repeated looks at everything instead of a
//! walk, all sets of queues tried instead of components of a graph.

use procession::queue::broadcast::Audience;
use procession::queue::wait::{
    On, ProcessState, ProcessView, QueueView, SharedView, Snapshot, Verdict, Waits, judge, without_takers,
};
use proptest::prelude::*;
use proptest::sample::subsequence;
use std::collections::BTreeSet;

type Ids = BTreeSet<u32>;

/// The number of shared objects; each may be taken for a lock, an event and a barrier.
const SHARED: u32 = 3;

fn ids(count: u32) -> impl Strategy<Value = Vec<u32>> {
    subsequence((0..count).collect::<Vec<_>>(), 0..=count as usize)
}

fn one_wait(processes: u32, queues: u32) -> impl Strategy<Value = On> {
    let single = prop_oneof![
        5 => (0..queues).prop_map(On::Get),
        1 => (0..queues).prop_map(On::Put),
        1 => (0..queues).prop_map(On::Acknowledged),
        3 => (0..processes).prop_map(On::Join),
        1 => (0..SHARED).prop_map(On::Permit),
        1 => (0..SHARED).prop_map(On::Event),
        1 => (0..SHARED).prop_map(On::Barrier),
    ];
    let several = prop::collection::vec(
        prop_oneof![(0..queues).prop_map(On::Get), (0..processes).prop_map(On::Join)],
        1..3,
    );
    prop_oneof![6 => single, 1 => several.prop_map(On::Any)]
}

fn states(processes: u32, queues: u32) -> impl Strategy<Value = ProcessState> {
    let wait =
        (one_wait(processes, queues), prop::bool::weighted(0.05)).prop_map(|(on, timed)| Waits { on, timed });
    prop_oneof![
        12 => prop::collection::vec(wait, 1..3).prop_map(ProcessState::Waiting),
        1 => Just(ProcessState::Running),
        1 => prop::collection::vec(0..processes, 0..3).prop_map(ProcessState::NotStarted),
        1 => Just(ProcessState::RestartDue),
        2 => Just(ProcessState::Ended),
    ]
}

fn queue_views(count: u32) -> impl Strategy<Value = QueueView> {
    let rarely = || prop::bool::weighted(0.15);
    let letters = prop_oneof![3 => Just(Vec::new()), 1 => ids(count)];
    (rarely(), rarely(), any::<bool>(), rarely(), rarely(), letters).prop_map(
        |(filled, full, joinable, unfinished, ended, dead_letter_of)| QueueView {
            id: 0,
            len: usize::from(filled || full),
            full,
            joinable,
            unfinished: usize::from(unfinished),
            ended,
            dead_letter_of,
            audience: None,
        },
    )
}

/// Nothing, for a queue that is no broadcast queue.
fn audiences(processes: u32) -> impl Strategy<Value = Option<Audience>> {
    let few = move || prop_oneof![2 => Just(Vec::new()), 1 => ids(processes)];
    let audience = (few(), few()).prop_map(|(unread, behind)| Audience { unread, behind });
    prop::option::weighted(0.3, audience)
}

fn set_audience(queue: &mut QueueView, audience: Option<Audience>) {
    let Some(audience) = audience else { return };
    queue.full = !audience.behind.is_empty();
    (queue.len, queue.joinable, queue.unfinished) = (0, false, 0);
    queue.audience = Some(audience);
}

fn moments() -> impl Strategy<Value = Snapshot> {
    (1..6_u32, 1..5_u32).prop_flat_map(|(processes, queues)| {
        let leases = prop_oneof![3 => Just(Vec::new()), 1 => ids(queues)];
        let rarely = || prop_oneof![2 => Just(Vec::new()), 1 => ids(SHARED)];
        let process = (states(processes, queues), ids(queues), ids(queues), leases, rarely(), rarely());
        let process = process.prop_map(|(state, holds, takes, leases, shares, permits)| ProcessView {
            id: 0,
            state,
            holds,
            takes,
            leases,
            shares,
            permits,
            implicit: false,
        });
        let count = processes;
        let processes = prop::collection::vec(process, processes as usize);
        let audiences = prop::collection::vec(audiences(count), queues as usize);
        let queues = prop::collection::vec(queue_views(queues), queues as usize);
        let shared = prop::bool::weighted(0.3).prop_map(|deserted| SharedView { deserted });
        let shared = prop::collection::vec(shared, SHARED as usize);
        (processes, queues, audiences, shared, any::<bool>()).prop_map(
            |(mut processes, mut queues, audiences, shared, implicit)| {
                queues.iter_mut().zip(audiences).for_each(|(queue, audience)| set_audience(queue, audience));
                (0..).zip(&mut processes).for_each(|(id, process)| process.id = id);
                processes[0].implicit = implicit;
                for (id, queue) in (0..).zip(&mut queues) {
                    queue.id = id;
                    queue.dead_letter_of.retain(|&served| served != id);
                }
                Snapshot { processes, queues, shared }
            },
        )
    })
}

fn wants(on: &On, queue: u32) -> bool {
    match on {
        On::Any(list) => list.iter().any(|on| wants(on, queue)),
        on => *on == On::Get(queue),
    }
}

/// The definition.
struct Rules<'a>(&'a Snapshot);

impl Rules<'_> {
    fn process(&self, id: u32) -> &ProcessView {
        &self.0.processes[id as usize]
    }

    fn queue(&self, id: u32) -> &QueueView {
        &self.0.queues[id as usize]
    }

    fn is_over(&self, id: u32) -> bool {
        self.process(id).state == ProcessState::Ended
    }

    /// Processes that are not over and for which this list holds the queue.
    fn at(&self, queue: u32, list: fn(&ProcessView) -> &Vec<u32>) -> Ids {
        let processes = self.0.processes.iter().filter(|p| !self.is_over(p.id) && list(p).contains(&queue));
        processes.map(|process| process.id).collect()
    }

    fn settled(&self, queue: u32) -> bool {
        let view = self.queue(queue);
        view.ended && view.len == 0 && self.at(queue, |p| &p.leases).is_empty()
    }

    fn may_come_back(&self, queue: u32) -> bool {
        let waits_for_it = |process: u32| match &self.process(process).state {
            ProcessState::Waiting(waits) => waits.iter().any(|wait| wants(&wait.on, queue)),
            _ => false,
        };
        let due = |process: u32| self.process(process).state == ProcessState::RestartDue;
        self.queue(queue).joinable
            && (self.queue(queue).len > 0
                || self.at(queue, |p| &p.leases).into_iter().any(|process| !waits_for_it(process))
                || self.at(queue, |p| &p.takes).into_iter().any(due))
    }

    fn abandoned(&self) -> Vec<u32> {
        let abandoned = self.0.queues.iter().filter(|queue| {
            !queue.ended
                && self.at(queue.id, |p| &p.holds).is_empty()
                && !self.may_come_back(queue.id)
                && queue.dead_letter_of.iter().all(|&served| self.settled(served))
        });
        abandoned.map(|queue| queue.id).collect()
    }

    fn has_item_for(&self, process: u32, queue: u32) -> bool {
        let view = self.queue(queue);
        view.audience.as_ref().map_or(view.len > 0, |audience| audience.unread.contains(&process))
    }

    /// One taker makes room in a plain queue; in a broadcast queue all who are behind have to.
    fn may_make_room(&self, queue: u32, live: &Ids) -> bool {
        match &self.queue(queue).audience {
            Some(audience) => audience.behind.iter().all(|process| live.contains(process)),
            None => self.at(queue, |p| &p.takes).iter().any(|process| live.contains(process)),
        }
    }

    fn may_come(&self, process: u32, on: &On, live: &Ids) -> bool {
        let lives = |ids: Ids| ids.iter().any(|id| live.contains(id));
        let worked_on =
            |queue: u32| lives(self.at(queue, |p| &p.takes)) || lives(self.at(queue, |p| &p.leases));
        let is_due = |id: &u32| self.process(*id).state == ProcessState::RestartDue;
        match *on {
            On::Get(id) => {
                let restarts = self.queue(id).joinable && self.at(id, |p| &p.takes).iter().any(is_due);
                let mut served = self.served(id).into_iter();
                self.has_item_for(process, id)
                    || self.queue(id).ended
                    || restarts
                    || lives(self.at(id, |p| &p.holds))
                    || lives(self.at(id, |p| &p.leases))
                    || served.any(|served| lives(self.at(served, |p| &p.holds)) || worked_on(served))
            }
            On::Put(id) => !self.queue(id).full || self.queue(id).ended || self.may_make_room(id, live),
            On::Acknowledged(id) => self.queue(id).unfinished == 0 || worked_on(id),
            On::Join(id) => self.is_over(id) || live.contains(&id),
            On::Permit(id) => lives(self.at(id, |p| &p.permits)),
            On::Event(id) | On::Barrier(id) => lives(self.at(id, |p| &p.shares)),
            On::Any(ref list) => list.iter().any(|on| self.may_come(process, on, live)),
        }
    }

    /// The queues whose items may still become dead letters in this one, in however many steps.
    fn served(&self, queue: u32) -> Ids {
        let direct = |id: u32| self.queue(id).dead_letter_of.iter().copied().filter(|&of| !self.settled(of));
        let mut served: Ids = direct(queue).collect();
        for _ in &self.0.queues {
            served = served.iter().flat_map(|&id| direct(id)).chain(served.iter().copied()).collect();
        }
        served
    }

    fn live(&self) -> Ids {
        let mut live = Ids::new();
        loop {
            let can_go_on = |process: &&ProcessView| match &process.state {
                ProcessState::Running | ProcessState::RestartDue => true,
                ProcessState::Ended => false,
                ProcessState::Waiting(waits) => {
                    waits.iter().any(|wait| wait.timed || self.may_come(process.id, &wait.on, &live))
                }
                ProcessState::NotStarted(after) => {
                    after.iter().all(|id| live.contains(id) || self.is_over(*id))
                }
            };
            let next: Ids = self.0.processes.iter().filter(can_go_on).map(|process| process.id).collect();
            if next == live {
                return live;
            }
            live = next;
        }
    }

    /// What a process waits for, every alternative by itself; what is over already is left out, and joins if they
    /// do not count.
    fn alternatives(&self, process: u32, joins: bool) -> Vec<On> {
        fn flat(on: &On) -> Vec<On> {
            match on {
                On::Any(list) => list.iter().flat_map(flat).collect(),
                on => vec![on.clone()],
            }
        }
        let all: Vec<On> = match &self.process(process).state {
            ProcessState::Waiting(waits) => {
                let all = waits.iter().flat_map(|wait| flat(&wait.on));
                all.filter(|on| joins || !matches!(on, On::Join(_))).collect()
            }
            ProcessState::NotStarted(after) => after.iter().map(|&id| On::Join(id)).collect(),
            _ => Vec::new(),
        };
        all.into_iter().filter(|on| !matches!(on, On::Join(id) if self.is_over(*id))).collect()
    }

    /// The stuck processes that wait only to get from the set, or to join such.
    fn within(&self, set: &Ids, stuck: &Ids, joins: bool) -> Ids {
        let mut within = stuck.clone();
        loop {
            let mut reach = Ids::new();
            for _ in 0..within.len() {
                let reaches = |on: &On| match on {
                    On::Get(_) => true,
                    On::Join(id) => reach.contains(id),
                    _ => false,
                };
                let more = within
                    .iter()
                    .copied()
                    .filter(|&process| self.alternatives(process, joins).iter().any(reaches));
                reach = more.collect();
            }
            let inside = |on: &On| match on {
                On::Get(queue) => set.contains(queue),
                On::Join(id) => reach.contains(id),
                _ => false,
            };
            let next: Ids = reach
                .iter()
                .copied()
                .filter(|&process| self.alternatives(process, joins).iter().all(inside))
                .collect();
            if next == within {
                return within;
            }
            within = next;
        }
    }

    fn may_end_together(&self, set: &Ids, stuck: &Ids, joins: bool) -> bool {
        let mut within = self.within(set, stuck, joins);
        let only_joins = |process: &u32| {
            let waits = matches!(self.process(*process).state, ProcessState::Waiting(_));
            waits && self.alternatives(*process, false).is_empty()
        };
        if !joins {
            within.extend(stuck.iter().filter(|process| only_joins(process)));
        }
        let served = |&served: &u32| {
            let held = self.at(served, |p| &p.leases).is_subset(&within) && self.queue(served).len == 0;
            self.settled(served) || set.contains(&served) || (self.queue(served).ended && held)
        };
        set.iter().all(|&id| {
            let queue = self.queue(id);
            !queue.ended
                && queue.len == 0
                && !self.may_come_back(id)
                && self.holders(id, stuck).is_subset(&within)
                && queue.dead_letter_of.iter().all(served)
        })
    }

    /// Those whose ends hold a queue up: not main when it waits for items, itself or by way of joins.
    fn holders(&self, queue: u32, stuck: &Ids) -> Ids {
        let mut holders = self.at(queue, |p| &p.holds);
        holders.retain(|&process| {
            let mut behind = Ids::from([process]);
            for _ in 0..self.0.processes.len() {
                let waits: Vec<On> =
                    behind.iter().flat_map(|&process| self.alternatives(process, true)).collect();
                behind.extend(
                    waits.iter().filter_map(|on| if let On::Join(id) = on { Some(*id) } else { None }),
                );
            }
            let mut waits = behind.iter().flat_map(|&process| self.alternatives(process, true));
            let for_streams = waits.all(|on| matches!(on, On::Get(_) | On::Join(_)));
            !(self.process(process).implicit && behind.is_subset(stuck) && for_streams)
        });
        holders
    }

    /// Whether somebody who is stuck waits for the queue, or for the dead letters of its items.
    fn is_asked_for(&self, queue: u32, stuck: &Ids) -> bool {
        let gets = |process: u32, queue: u32| match &self.process(process).state {
            ProcessState::Waiting(waits) => waits.iter().any(|wait| wants(&wait.on, queue)),
            _ => false,
        };
        let letters = self.0.queues.iter().filter(|other| {
            // Those that cannot end anyhow ask for nothing.
            let implicit = |process: &u32| self.process(*process).implicit;
            other.dead_letter_of.contains(&queue)
                && !other.ended
                && other.len == 0
                && !self.may_come_back(other.id)
                && !self.holders(other.id, stuck).iter().any(implicit)
        });
        let mut ways = letters.map(|letters| letters.id).chain([queue]);
        ways.any(|queue| stuck.iter().any(|&process| gets(process, queue)))
    }

    /// The smallest set of these queues that may end together.
    fn smallest(&self, queues: &[u32], stuck: &Ids, joins: bool) -> Option<Vec<u32>> {
        let queues: Vec<u32> =
            queues.iter().copied().filter(|&queue| self.is_asked_for(queue, stuck)).collect();
        let pick = |bits: u32| (0..).zip(&queues).filter(move |(place, _)| bits >> place & 1 == 1);
        let sets =
            (1..1_u32 << queues.len()).map(|bits| pick(bits).map(|(_, &queue)| queue).collect::<Ids>());
        let ends = sets.filter(|set| self.may_end_together(set, stuck, joins));
        ends.min_by_key(|set| (set.len(), set.first().copied())).map(|set| set.into_iter().collect())
    }

    /// The barriers of which a party has died and at which somebody is stuck.
    fn deserted(&self, stuck: &Ids) -> Vec<u32> {
        let waits_at = |process: &ProcessView, barrier: u32| match &process.state {
            ProcessState::Waiting(waits) => waits.iter().any(|wait| wait.on == On::Barrier(barrier)),
            _ => false,
        };
        let stuck = |barrier: u32| stuck.iter().any(|&id| waits_at(self.process(id), barrier));
        (0..SHARED).filter(|&id| self.0.shared[id as usize].deserted && stuck(id)).collect()
    }

    fn ends(&self, stuck: &Ids) -> Option<Vec<u32>> {
        let all: Vec<u32> = self.0.queues.iter().map(|queue| queue.id).collect();
        let together = self.smallest(&all, stuck, true)?;
        Some(self.smallest(&together, stuck, false).unwrap_or(together))
    }
}

/// A process that is at no queue and holds nothing.
fn idle(id: u32, state: ProcessState) -> ProcessView {
    let none = Vec::new;
    ProcessView {
        id,
        state,
        holds: none(),
        takes: none(),
        leases: none(),
        shares: none(),
        permits: none(),
        implicit: false,
    }
}

/// Letters of letters are beyond this reference.
fn is_plain(moment: &Snapshot) -> bool {
    let letters_of = |id: u32| &moment.queues[id as usize].dead_letter_of;
    let chained = |queue: &QueueView| queue.dead_letter_of.iter().any(|&id| !letters_of(id).is_empty());
    !moment.queues.iter().any(chained)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6000))]

    #[test]
    fn the_verdict_follows_from_the_rules(moment in moments().prop_filter("letters of letters", is_plain)) {
        let rules = Rules(&moment);
        let verdict = judge(&moment);
        let abandoned = rules.abandoned();
        if !abandoned.is_empty() {
            prop_assert_eq!(verdict, Verdict::End(abandoned));
            return Ok(());
        }
        let live = rules.live();
        let all = moment.processes.iter().map(|process| process.id);
        let stuck: Ids = all.filter(|&id| !live.contains(&id) && !rules.is_over(id)).collect();
        match (verdict, rules.ends(&stuck)) {
            (Verdict::Fine, _) => prop_assert!(stuck.is_empty(), "{:?} are stuck", stuck),
            (Verdict::End(queues), smallest) => {
                prop_assert!(!stuck.is_empty());
                prop_assert_eq!(Some(queues), smallest);
            }
            (Verdict::Break(barriers), smallest) => {
                prop_assert_eq!(smallest, None);
                prop_assert!(!barriers.is_empty());
                prop_assert_eq!(barriers, rules.deserted(&stuck));
            }
            (Verdict::Deadlock(report), smallest) => {
                prop_assert_eq!(smallest, None);
                prop_assert_eq!(rules.deserted(&stuck), Vec::<u32>::new());
                prop_assert_eq!(report.stuck.iter().map(|(id, _)| *id).collect::<Ids>(), stuck.clone());
                prop_assert!(!stuck.is_empty());
                prop_assert_eq!(report.cycle.iter().copied().collect::<Ids>().len(), report.cycle.len());
                prop_assert!(report.cycle.iter().all(|id| stuck.contains(id)));
            }
        }
    }

    /// A stream never ends under somebody who could still put into it.
    #[test]
    fn no_queue_ends_that_a_live_process_holds(moment in moments()) {
        if let Verdict::End(queues) = judge(&moment) {
            let live = Rules(&moment).live();
            for process in moment.processes.iter().filter(|process| live.contains(&process.id)) {
                prop_assert!(process.holds.iter().all(|queue| !queues.contains(queue)));
            }
        }
    }

    /// One more process that runs and holds nothing changes nothing for the others.
    #[test]
    fn who_has_nothing_to_do_with_it_changes_nothing(mut moment in moments()) {
        let before = judge(&moment);
        let id = moment.processes.len() as u32;
        moment.processes.push(idle(id, ProcessState::Running));
        prop_assert_eq!(judge(&moment), before);
    }

    /// Nobody who waits for what a live process holds, or could set or come to, is ever called stuck.
    #[test]
    fn what_a_live_process_may_release_is_worth_waiting_for(moment in moments()) {
        let Verdict::Deadlock(report) = judge(&moment) else { return Ok(()) };
        let rules = Rules(&moment);
        let live = rules.live();
        for (_, on) in &report.stuck {
            let helpers = match *on {
                On::Permit(id) => rules.at(id, |p| &p.permits),
                On::Event(id) | On::Barrier(id) => rules.at(id, |p| &p.shares),
                _ => continue,
            };
            prop_assert!(helpers.is_disjoint(&live));
        }
    }

    #[test]
    fn who_is_without_takers_has_none(moment in moments()) {
        let rules = Rules(&moment);
        let open = moment.queues.iter().filter(|queue| !queue.ended).map(|queue| queue.id);
        let expected: Vec<u32> = open.filter(|&queue| rules.at(queue, |p| &p.takes).is_empty()).collect();
        prop_assert_eq!(without_takers(&moment), expected);
    }
}

/// Main joins the last stage of a long pipe while it holds all its queues: each look ends one queue, and a chain of thousands is neither too deep nor too slow.
#[test]
fn a_long_pipe_ends_stage_by_stage() {
    let stages = 2000_u32;
    let waits = |on| ProcessState::Waiting(vec![Waits { on, timed: false }]);
    let view = |id, state, holds, takes| ProcessView { holds, takes, ..idle(id, state) };
    let main = view(0, waits(On::Join(stages)), (0..=stages).collect(), Vec::new());
    let stage = |id: u32| view(id, waits(On::Get(id - 1)), vec![id], vec![id - 1]);
    let queue = |id| QueueView {
        id,
        len: 0,
        full: false,
        joinable: false,
        unfinished: 0,
        ended: false,
        dead_letter_of: Vec::new(),
        audience: None,
    };
    let mut moment = Snapshot {
        processes: std::iter::once(main).chain((1..=stages).map(stage)).collect(),
        queues: (0..=stages).map(queue).collect(),
        shared: Vec::new(),
    };
    for first in 1..50 {
        assert_eq!(judge(&moment), Verdict::End(vec![first - 1]));
        moment.queues[first as usize - 1].ended = true;
        moment.processes[first as usize].state = ProcessState::Ended;
    }
}
