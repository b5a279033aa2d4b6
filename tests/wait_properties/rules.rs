//! The definition, said in the plainest way: repeated looks at everything instead of a walk, all sets of queues tried
//! instead of components of a graph.

use super::moments::SHARED;
use procession::queue::wait::{On, ProcessState, ProcessView, QueueView, Snapshot};
use std::collections::BTreeSet;

pub type Ids = BTreeSet<u32>;

pub fn wants(on: &On, queue: u32) -> bool {
    match on {
        On::Any(list) => list.iter().any(|on| wants(on, queue)),
        on => *on == On::Get(queue),
    }
}

/// The definition.
pub struct Rules<'a>(pub &'a Snapshot);

impl Rules<'_> {
    fn process(&self, id: u32) -> &ProcessView {
        &self.0.processes[id as usize]
    }

    fn queue(&self, id: u32) -> &QueueView {
        &self.0.queues[id as usize]
    }

    pub fn is_over(&self, id: u32) -> bool {
        self.process(id).state == ProcessState::Ended
    }

    /// Processes that are not over and for which this list holds the queue.
    pub fn at(&self, queue: u32, list: fn(&ProcessView) -> &Vec<u32>) -> Ids {
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

    pub fn abandoned(&self) -> Vec<u32> {
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

    pub fn live(&self) -> Ids {
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
            let implicit = self.process(process).implicit && !self.queue(queue).expressly_held;
            !(implicit && behind.is_subset(stuck) && for_streams)
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
            let implicit = |process: &u32| self.process(*process).implicit && !other.expressly_held;
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
    pub fn deserted(&self, stuck: &Ids) -> Vec<u32> {
        let waits_at = |process: &ProcessView, barrier: u32| match &process.state {
            ProcessState::Waiting(waits) => waits.iter().any(|wait| wait.on == On::Barrier(barrier)),
            _ => false,
        };
        let stuck = |barrier: u32| stuck.iter().any(|&id| waits_at(self.process(id), barrier));
        (0..SHARED).filter(|&id| self.0.shared[id as usize].deserted && stuck(id)).collect()
    }

    pub fn ends(&self, stuck: &Ids) -> Option<Vec<u32>> {
        let all: Vec<u32> = self.0.queues.iter().map(|queue| queue.id).collect();
        let together = self.smallest(&all, stuck, true)?;
        Some(self.smallest(&together, stuck, false).unwrap_or(together))
    }
}
