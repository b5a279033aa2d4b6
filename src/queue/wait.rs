//! Who waits for what: which streams have ended, and who can never go on.
//!
//! One look at all processes and queues, a pure function of a [`Snapshot`]. *Live* is who runs, waits with a
//! timeout, waits for something that is there, or for something that a live one can still provide; it is the least
//! such set. Among the others, the smallest set of empty queues whose holders all wait to get from this set, or to
//! join processes that do, ends. When there is no such set, those who are not live are deadlocked.

use std::collections::{BTreeMap, BTreeSet};

/// What a process waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum On {
    Get(u32),
    Put(u32),
    Join(u32),
    /// That every item put into a joinable queue was acknowledged.
    Acknowledged(u32),
    /// Any one of these.
    Any(Vec<On>),
}

/// One wait; a timed one ends by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waits {
    pub on: On,
    pub timed: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProcessState {
    Running,
    /// All threads of the process wait, each for one of these.
    Waiting(Vec<Waits>),
    /// It starts when these have ended.
    NotStarted(Vec<u32>),
    RestartDue,
    Ended,
}

/// One process.
#[derive(Clone, Debug)]
pub struct ProcessView {
    pub id: u32,
    pub state: ProcessState,
    /// Queues whose sending end it holds and has not closed.
    pub holds: Vec<u32>,
    /// Queues that it can take from.
    pub takes: Vec<u32>,
    /// Joinable queues of which it has items in hand.
    pub leases: Vec<u32>,
    /// It holds its ends only because it knows every queue by name, as main does.
    pub implicit: bool,
}

/// One queue.
#[derive(Clone, Debug)]
pub struct QueueView {
    pub id: u32,
    pub len: usize,
    pub full: bool,
    pub joinable: bool,
    pub unfinished: usize,
    pub ended: bool,
    /// The queues whose dead letters come here.
    pub dead_letter_of: Vec<u32>,
}

/// All processes and queues at one moment. Ids are the indexes.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    pub processes: Vec<ProcessView>,
    pub queues: Vec<QueueView>,
}

/// Those who can never go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    pub stuck: Vec<(u32, On)>,
    /// Processes each of which waits for the next, the last for the first.
    pub cycle: Vec<u32>,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Fine,
    /// These queues end now.
    End(Vec<u32>),
    Deadlock(Report),
}

/// Judges a moment.
#[must_use]
pub fn judge(snapshot: &Snapshot) -> Verdict {
    let view = View::new(snapshot);
    let ended = view.ended();
    if !ended.is_empty() {
        return Verdict::End(ended);
    }
    let live = view.live();
    let stuck: Vec<usize> = (0..snapshot.processes.len())
        .filter(|&p| !live[p] && snapshot.processes[p].state != ProcessState::Ended)
        .collect();
    if stuck.is_empty() {
        return Verdict::Fine;
    }
    match view.smallest_end(&live) {
        Some(queues) => Verdict::End(queues),
        None => view.deadlock(&stuck),
    }
}

/// The queues that no process can take from any more, now or later.
#[must_use]
pub fn without_takers(snapshot: &Snapshot) -> Vec<u32> {
    let mut taken: BTreeSet<u32> = BTreeSet::new();
    for process in &snapshot.processes {
        if process.state != ProcessState::Ended {
            taken.extend(&process.takes);
        }
    }
    snapshot.queues.iter().filter(|queue| !queue.ended && !taken.contains(&queue.id)).map(|q| q.id).collect()
}

/// A snapshot with who is at which queue.
struct View<'a> {
    processes: &'a [ProcessView],
    queues: &'a [QueueView],
    /// By queue: the processes that hold its sending end, may take from it, have items of it in hand.
    holders: Vec<Vec<usize>>,
    takers: Vec<Vec<usize>>,
    lessees: Vec<Vec<usize>>,
}

impl<'a> View<'a> {
    fn new(snapshot: &'a Snapshot) -> Self {
        let empty = || vec![Vec::new(); snapshot.queues.len()];
        let (mut holders, mut takers, mut lessees) = (empty(), empty(), empty());
        for (index, process) in snapshot.processes.iter().enumerate() {
            if process.state == ProcessState::Ended {
                continue;
            }
            let lists = [
                (&process.holds, &mut holders),
                (&process.takes, &mut takers),
                (&process.leases, &mut lessees),
            ];
            for (queues, by_queue) in lists {
                for &queue in queues {
                    by_queue[queue as usize].push(index);
                }
            }
        }
        View { processes: &snapshot.processes, queues: &snapshot.queues, holders, takers, lessees }
    }

    fn waits_to_get(&self, process: usize, queue: u32) -> bool {
        match &self.processes[process].state {
            ProcessState::Waiting(waits) => waits.iter().any(|wait| wait.on == On::Get(queue)),
            _ => false,
        }
    }

    /// Whether an item may still come back to a joinable queue from somebody who does not wait for it.
    fn may_come_back(&self, queue: &QueueView) -> bool {
        if !queue.joinable {
            return false;
        }
        let id = queue.id as usize;
        let in_hand = self.lessees[id].iter().any(|&process| !self.waits_to_get(process, queue.id));
        let due = |&process: &usize| self.processes[process].state == ProcessState::RestartDue;
        queue.len > 0 || in_hand || self.takers[id].iter().any(due)
    }

    /// Queues whose sending ends are all gone.
    fn ended(&self) -> Vec<u32> {
        let over = |queue: &&QueueView| {
            !queue.ended
                && self.holders[queue.id as usize].is_empty()
                && !self.may_come_back(queue)
                && queue.dead_letter_of.iter().all(|&served| self.is_over(served))
        };
        self.queues.iter().filter(over).map(|queue| queue.id).collect()
    }

    /// Whether nothing of a queue can become a dead letter any more.
    fn is_over(&self, queue: u32) -> bool {
        let view = &self.queues[queue as usize];
        view.ended && view.len == 0 && self.lessees[queue as usize].is_empty()
    }

    /// Who can go on: the least set closed under [`View::can_go_on`].
    fn live(&self) -> Vec<bool> {
        let mut live: Vec<bool> = self
            .processes
            .iter()
            .map(|process| matches!(process.state, ProcessState::Running | ProcessState::RestartDue))
            .collect();
        loop {
            let before = live.iter().filter(|&&is| is).count();
            for process in 0..self.processes.len() {
                live[process] = live[process] || self.can_go_on(process, &live);
            }
            if live.iter().filter(|&&is| is).count() == before {
                return live;
            }
        }
    }

    fn can_go_on(&self, process: usize, live: &[bool]) -> bool {
        match &self.processes[process].state {
            ProcessState::Running | ProcessState::RestartDue => true,
            ProcessState::Ended => false,
            ProcessState::NotStarted(after) => after.iter().all(|&other| {
                live[other as usize] || self.processes[other as usize].state == ProcessState::Ended
            }),
            ProcessState::Waiting(waits) => {
                waits.iter().any(|wait| wait.timed || self.may_come(&wait.on, live))
            }
        }
    }

    /// Whether what is waited for is there, or a live process can provide it.
    fn may_come(&self, on: &On, live: &[bool]) -> bool {
        let any = |processes: &[usize]| processes.iter().any(|&process| live[process]);
        match on {
            On::Get(id) => {
                let (queue, at) = (&self.queues[*id as usize], *id as usize);
                let letters =
                    || queue.dead_letter_of.iter().any(|&served| any(&self.takers[served as usize]));
                queue.len > 0 || queue.ended || any(&self.holders[at]) || any(&self.lessees[at]) || letters()
            }
            On::Put(id) => {
                let queue = &self.queues[*id as usize];
                !queue.full || queue.ended || any(&self.takers[*id as usize])
            }
            On::Join(id) => live[*id as usize] || self.processes[*id as usize].state == ProcessState::Ended,
            On::Acknowledged(id) => {
                let at = *id as usize;
                self.queues[at].unfinished == 0 || any(&self.takers[at]) || any(&self.lessees[at])
            }
            On::Any(list) => list.iter().any(|on| self.may_come(on, live)),
        }
    }

    /// The smallest set of queues that end together; ties go to the lowest ids.
    fn smallest_end(&self, live: &[bool]) -> Option<Vec<u32>> {
        let mut seeds = BTreeSet::new();
        for (index, process) in self.processes.iter().enumerate() {
            if let ProcessState::Waiting(waits) = &process.state
                && !live[index]
            {
                waits.iter().for_each(|wait| collect_gets(&wait.on, &mut seeds));
            }
        }
        seeds
            .into_iter()
            .filter_map(|seed| self.closure(seed))
            .min_by_key(|set| (set.len(), set.first().copied()))
            .map(|set| set.into_iter().collect())
    }

    /// The queues that would have to end together with `seed`; `None` when one of their holders waits for
    /// something else than an item or a join.
    fn closure(&self, seed: u32) -> Option<BTreeSet<u32>> {
        let (mut set, mut open) = (BTreeSet::from([seed]), vec![seed]);
        let mut seen = BTreeSet::new();
        while let Some(id) = open.pop() {
            let queue = &self.queues[id as usize];
            if queue.len > 0 || self.may_come_back(queue) {
                return None;
            }
            let mut needed = BTreeSet::new();
            needed.extend(queue.dead_letter_of.iter().filter(|&&served| !self.is_over(served)));
            for &holder in &self.holders[id as usize] {
                // Main does not have to close what it puts into: while it waits for items or joins, its ends
                // hold nothing up. Otherwise the answers that it waits for would end with the questions.
                if self.processes[holder].implicit {
                    self.gets_behind(holder, &mut BTreeSet::new(), &mut BTreeSet::new())?;
                } else {
                    self.gets_behind(holder, &mut needed, &mut seen)?;
                }
            }
            for queue in needed {
                if set.insert(queue) {
                    open.push(queue);
                }
            }
        }
        Some(set)
    }

    /// The queues that a process waits to get from, itself or by way of joins.
    fn gets_behind(
        &self,
        process: usize,
        gets: &mut BTreeSet<u32>,
        seen: &mut BTreeSet<usize>,
    ) -> Option<()> {
        if !seen.insert(process) {
            return Some(());
        }
        match &self.processes[process].state {
            ProcessState::Waiting(waits) => {
                waits.iter().try_for_each(|wait| self.gets_of(&wait.on, gets, seen))
            }
            ProcessState::NotStarted(after) => {
                after.iter().try_for_each(|&other| self.gets_behind(other as usize, gets, seen))
            }
            ProcessState::Ended => Some(()),
            ProcessState::Running | ProcessState::RestartDue => None,
        }
    }

    fn gets_of(&self, on: &On, gets: &mut BTreeSet<u32>, seen: &mut BTreeSet<usize>) -> Option<()> {
        match on {
            On::Get(queue) => {
                gets.insert(*queue);
                Some(())
            }
            On::Join(other) => self.gets_behind(*other as usize, gets, seen),
            On::Any(list) => list.iter().try_for_each(|on| self.gets_of(on, gets, seen)),
            On::Put(_) | On::Acknowledged(_) => None,
        }
    }

    fn deadlock(&self, stuck: &[usize]) -> Verdict {
        let waits = stuck.iter().filter_map(|&process| {
            let on = self.first_wait(process)?;
            Some((self.processes[process].id, on))
        });
        Verdict::Deadlock(Report { stuck: waits.collect(), cycle: self.cycle(stuck) })
    }

    fn first_wait(&self, process: usize) -> Option<On> {
        match &self.processes[process].state {
            ProcessState::Waiting(waits) => waits.first().map(|wait| wait.on.clone()),
            ProcessState::NotStarted(after) => after.first().map(|&other| On::Join(other)),
            _ => None,
        }
    }

    /// Follows who waits for whom until a process comes again.
    fn cycle(&self, stuck: &[usize]) -> Vec<u32> {
        let waiting: BTreeSet<usize> = stuck.iter().copied().collect();
        let mut order: BTreeMap<usize, usize> = BTreeMap::new();
        let mut way = Vec::new();
        let mut next = stuck.first().copied();
        while let Some(process) = next {
            if let Some(&start) = order.get(&process) {
                return way[start..].iter().map(|&p: &usize| self.processes[p].id).collect();
            }
            order.insert(process, way.len());
            way.push(process);
            let on = self.first_wait(process);
            next = on.and_then(|on| self.providers(&on).into_iter().find(|p| waiting.contains(p)));
        }
        Vec::new()
    }

    /// Who could provide what is waited for.
    fn providers(&self, on: &On) -> Vec<usize> {
        match on {
            On::Get(queue) => self.holders[*queue as usize].clone(),
            On::Put(queue) => self.takers[*queue as usize].clone(),
            On::Join(process) => vec![*process as usize],
            On::Acknowledged(queue) => {
                let at = *queue as usize;
                self.lessees[at].iter().chain(&self.takers[at]).copied().collect()
            }
            On::Any(list) => list.iter().flat_map(|on| self.providers(on)).collect(),
        }
    }
}

fn collect_gets(on: &On, gets: &mut BTreeSet<u32>) {
    match on {
        On::Get(queue) => {
            gets.insert(*queue);
        }
        On::Any(list) => list.iter().for_each(|on| collect_gets(on, gets)),
        On::Put(_) | On::Join(_) | On::Acknowledged(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiting(on: On) -> ProcessState {
        ProcessState::Waiting(vec![Waits { on, timed: false }])
    }

    /// A moment built step by step; ids are given in order.
    #[derive(Default)]
    struct Moment(Snapshot);

    impl Moment {
        fn queue(mut self) -> Self {
            let id = self.0.queues.len() as u32;
            self.0.queues.push(QueueView {
                id,
                len: 0,
                full: false,
                joinable: false,
                unfinished: 0,
                ended: false,
                dead_letter_of: Vec::new(),
            });
            self
        }

        fn full(mut self) -> Self {
            let queue = self.0.queues.last_mut().unwrap();
            (queue.len, queue.full) = (1, true);
            self
        }

        fn joinable(mut self, unfinished: usize) -> Self {
            let queue = self.0.queues.last_mut().unwrap();
            (queue.joinable, queue.unfinished) = (true, unfinished);
            self
        }

        fn letters_of(mut self, served: u32) -> Self {
            self.0.queues.last_mut().unwrap().dead_letter_of = vec![served];
            self
        }

        fn process(mut self, state: ProcessState, takes: &[u32], holds: &[u32]) -> Self {
            let id = self.0.processes.len() as u32;
            let (takes, holds) = (takes.to_vec(), holds.to_vec());
            self.0.processes.push(ProcessView {
                id,
                state,
                holds,
                takes,
                leases: Vec::new(),
                implicit: false,
            });
            self
        }

        fn implicit(mut self) -> Self {
            self.0.processes.last_mut().unwrap().implicit = true;
            self
        }

        fn in_hand(mut self, queue: u32) -> Self {
            self.0.processes.last_mut().unwrap().leases.push(queue);
            self
        }

        fn verdict(&self) -> Verdict {
            judge(&self.0)
        }
    }

    fn deadlocked(verdict: &Verdict) -> Vec<u32> {
        match verdict {
            Verdict::Deadlock(report) => report.stuck.iter().map(|(process, _)| *process).collect(),
            other => panic!("{other:?} is no deadlock"),
        }
    }

    #[test]
    fn a_stream_ends_when_its_producers_have() {
        let base = || Moment::default().queue().process(waiting(On::Get(0)), &[0], &[]);
        assert_eq!(base().process(ProcessState::Running, &[], &[0]).verdict(), Verdict::Fine);
        assert_eq!(base().process(ProcessState::Ended, &[], &[0]).verdict(), Verdict::End(vec![0]));
    }

    #[test]
    fn those_to_be_started_hold_their_ends() {
        let base = || Moment::default().queue().process(waiting(On::Get(0)), &[0], &[]);
        let later = base().process(ProcessState::NotStarted(vec![2]), &[], &[0]).process(
            ProcessState::Running,
            &[],
            &[],
        );
        assert_eq!(later.verdict(), Verdict::Fine);
        let again = base().process(ProcessState::RestartDue, &[], &[0]);
        assert_eq!(again.verdict(), Verdict::Fine);
    }

    #[test]
    fn main_may_join_its_workers_without_closing_anything() {
        let moment = Moment::default().queue().process(waiting(On::Join(1)), &[0], &[0]).process(
            waiting(On::Get(0)),
            &[0],
            &[],
        );
        assert_eq!(moment.verdict(), Verdict::End(vec![0]));
    }

    #[test]
    fn main_may_wait_for_answers_without_closing_the_questions() {
        // The worker may still have an answer to give when its questions end.
        let moment = Moment::default()
            .queue()
            .queue()
            .process(waiting(On::Get(1)), &[1], &[0, 1])
            .implicit()
            .process(waiting(On::Get(0)), &[0], &[1]);
        assert_eq!(moment.verdict(), Verdict::End(vec![0]));
    }

    #[test]
    fn a_cycle_of_idle_processes_ends() {
        let moment = Moment::default()
            .queue()
            .queue()
            .queue()
            .process(waiting(On::Get(0)), &[0], &[1])
            .process(waiting(On::Get(1)), &[1], &[0, 2])
            .process(waiting(On::Get(2)), &[2], &[]);
        assert_eq!(moment.verdict(), Verdict::End(vec![0, 1]));
    }

    #[test]
    fn a_wait_with_a_timeout_keeps_its_streams_open() {
        let timed = ProcessState::Waiting(vec![Waits { on: On::Get(0), timed: true }]);
        let moment = Moment::default().queue().queue().process(timed, &[0], &[1]).process(
            waiting(On::Get(1)),
            &[1],
            &[0],
        );
        assert_eq!(moment.verdict(), Verdict::Fine);
    }

    #[test]
    fn two_full_queues_in_a_cycle_are_a_deadlock() {
        let moment = Moment::default()
            .queue()
            .full()
            .queue()
            .full()
            .process(waiting(On::Put(0)), &[1], &[0])
            .process(waiting(On::Put(1)), &[0], &[1])
            .process(ProcessState::Running, &[], &[]);
        let verdict = moment.verdict();
        assert_eq!(deadlocked(&verdict), [0, 1]);
        let Verdict::Deadlock(report) = verdict else { unreachable!() };
        assert_eq!(report.cycle, [0, 1]);
    }

    #[test]
    fn waiting_for_an_acknowledgement_is_never_the_end_of_a_stream() {
        // Main joins the queue's items; the worker has taken one, never acknowledged it, and wants another.
        let moment = Moment::default()
            .queue()
            .joinable(1)
            .process(waiting(On::Acknowledged(0)), &[], &[0])
            .process(waiting(On::Get(0)), &[0], &[])
            .in_hand(0);
        assert_eq!(deadlocked(&moment.verdict()), [0, 1]);
    }

    #[test]
    fn a_joinable_stream_stays_open_while_an_item_may_come_back() {
        let base = |state| {
            Moment::default()
                .queue()
                .joinable(1)
                .process(waiting(On::Get(0)), &[0], &[])
                .process(state, &[0], &[])
                .in_hand(0)
        };
        assert_eq!(base(ProcessState::Running).verdict(), Verdict::Fine);
        assert_eq!(base(waiting(On::Get(0))).verdict(), Verdict::End(vec![0]));
    }

    #[test]
    fn a_dead_letter_queue_ends_after_the_queues_that_it_serves() {
        let base = |state| {
            Moment::default().queue().joinable(1).queue().letters_of(0).process(state, &[0], &[]).process(
                waiting(On::Get(1)),
                &[1],
                &[],
            )
        };
        assert_eq!(base(ProcessState::Ended).verdict(), Verdict::End(vec![0]));
        let mut later = base(ProcessState::Ended);
        later.0.queues[0].ended = true;
        assert_eq!(later.verdict(), Verdict::End(vec![1]));
    }

    #[test]
    fn joins_in_a_circle_are_a_deadlock() {
        let moment =
            Moment::default().process(waiting(On::Join(1)), &[], &[]).process(waiting(On::Join(0)), &[], &[]);
        assert_eq!(deadlocked(&moment.verdict()), [0, 1]);
    }

    #[test]
    fn one_of_several_things_is_enough() {
        let any = On::Any(vec![On::Get(0), On::Join(1)]);
        let moment = Moment::default().queue().process(waiting(any), &[0], &[0]).process(
            ProcessState::Running,
            &[],
            &[],
        );
        assert_eq!(moment.verdict(), Verdict::Fine);
    }

    #[test]
    fn a_queue_without_takers_is_found() {
        let moment = Moment::default().queue().queue().process(ProcessState::Running, &[1], &[0]).process(
            ProcessState::Ended,
            &[0],
            &[],
        );
        assert_eq!(without_takers(&moment.0), [0]);
    }
}
