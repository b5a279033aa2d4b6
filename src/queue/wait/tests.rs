//! Every rule of who waits for what, one moment each.

use super::*;

pub(super) fn waiting(on: On) -> ProcessState {
    ProcessState::Waiting(vec![Waits { on, timed: false }])
}

/// A moment built step by step; ids are given in order.
#[derive(Default)]
pub(super) struct Moment(pub Snapshot);

impl Moment {
    pub fn queue(mut self) -> Self {
        let id = self.0.queues.len() as u32;
        self.0.queues.push(QueueView {
            id,
            len: 0,
            full: false,
            joinable: false,
            unfinished: 0,
            ended: false,
            dead_letter_of: Vec::new(),
            audience: None,
            expressly_held: false,
        });
        self
    }

    pub fn broadcast(mut self, unread: &[u32], behind: &[u32]) -> Self {
        let queue = self.0.queues.last_mut().unwrap();
        queue.full = !behind.is_empty();
        queue.audience = Some(Audience { unread: unread.to_vec(), behind: behind.to_vec() });
        self
    }

    pub fn full(mut self) -> Self {
        let queue = self.0.queues.last_mut().unwrap();
        (queue.len, queue.full) = (1, true);
        self
    }

    pub fn joinable(mut self, unfinished: usize) -> Self {
        let queue = self.0.queues.last_mut().unwrap();
        (queue.joinable, queue.unfinished) = (true, unfinished);
        self
    }

    pub fn letters_of(mut self, served: u32) -> Self {
        self.0.queues.last_mut().unwrap().dead_letter_of = vec![served];
        self
    }

    fn expressly_held(mut self) -> Self {
        self.0.queues.last_mut().unwrap().expressly_held = true;
        self
    }

    pub fn process(mut self, state: ProcessState, takes: &[u32], holds: &[u32]) -> Self {
        let id = self.0.processes.len() as u32;
        let (takes, holds) = (takes.to_vec(), holds.to_vec());
        let (leases, shares, permits) = (Vec::new(), Vec::new(), Vec::new());
        let process = ProcessView { id, state, holds, takes, leases, shares, permits, implicit: false };
        self.0.processes.push(process);
        self
    }

    pub fn shared(mut self) -> Self {
        self.0.shared.push(SharedView::default());
        self
    }

    pub fn deserted(mut self) -> Self {
        self.0.shared.last_mut().unwrap().deserted = true;
        self
    }

    /// The last process can reach this lock, event or barrier.
    pub fn reaches(mut self, shared: u32) -> Self {
        self.0.processes.last_mut().unwrap().shares.push(shared);
        self
    }

    pub fn has_permit(mut self, shared: u32) -> Self {
        self.0.processes.last_mut().unwrap().permits.push(shared);
        self.reaches(shared)
    }

    pub fn implicit(mut self) -> Self {
        self.0.processes.last_mut().unwrap().implicit = true;
        self
    }

    pub fn in_hand(mut self, queue: u32) -> Self {
        self.0.processes.last_mut().unwrap().leases.push(queue);
        self
    }

    pub fn verdict(&self) -> Verdict {
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
    let later =
        base().process(ProcessState::NotStarted(vec![2]), &[], &[0]).process(ProcessState::Running, &[], &[]);
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
    let base = |main| {
        Moment::default().queue().queue().process(main, &[1], &[0, 1]).implicit().process(
            waiting(On::Get(0)),
            &[0],
            &[1],
        )
    };
    assert_eq!(base(waiting(On::Get(1))).verdict(), Verdict::End(vec![0]));
    let timed = ProcessState::Waiting(vec![Waits { on: On::Get(1), timed: true }]);
    assert_eq!(base(timed).verdict(), Verdict::Fine);
}

#[test]
fn workers_that_wait_for_main_are_not_ended_before_those_that_main_waits_for() {
    // Main joins the one that takes from the second queue, and will give its pool more to do afterwards.
    let moment = Moment::default()
        .queue()
        .joinable(0)
        .expressly_held()
        .queue()
        .process(waiting(On::Join(1)), &[], &[0, 1])
        .implicit()
        .process(waiting(On::Get(1)), &[1], &[])
        .process(waiting(On::Get(0)), &[0], &[]);
    assert_eq!(moment.verdict(), Verdict::End(vec![1]));
}

#[test]
fn main_that_waits_for_room_holds_its_ends() {
    let moment = Moment::default()
        .queue()
        .queue()
        .full()
        .process(waiting(On::Put(1)), &[], &[0, 1])
        .implicit()
        .process(waiting(On::Get(0)), &[0, 1], &[]);
    assert_eq!(deadlocked(&moment.verdict()), [0, 1]);
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
    let moment =
        Moment::default().queue().queue().process(timed, &[0], &[1]).process(waiting(On::Get(1)), &[1], &[0]);
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
    let moment =
        Moment::default().queue().process(waiting(any), &[0], &[0]).process(ProcessState::Running, &[], &[]);
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

#[test]
fn joins_in_a_circle_are_no_end_of_a_stream() {
    // 0 and 1 join each other; the queue that 0 holds could be put into by nobody, but its end would be a lie.
    let moment = Moment::default()
        .queue()
        .process(waiting(On::Join(1)), &[], &[0])
        .process(waiting(On::Join(0)), &[], &[])
        .process(waiting(On::Get(0)), &[0], &[]);
    let verdict = moment.verdict();
    assert_eq!(deadlocked(&verdict), [0, 1, 2]);
    let Verdict::Deadlock(report) = verdict else { unreachable!() };
    assert_eq!(report.cycle, [0, 1]);
}

#[test]
fn who_waits_for_one_of_several_queues_waits_for_each() {
    // The taker has an item in hand and waits for the next one by `wait([…])`.
    let any = On::Any(vec![On::Get(0), On::Get(1)]);
    let moment =
        Moment::default().queue().joinable(1).queue().process(waiting(any), &[0, 1], &[]).in_hand(0).process(
            waiting(On::Join(0)),
            &[],
            &[1],
        );
    assert_eq!(moment.verdict(), Verdict::End(vec![0]));
}

#[test]
fn letters_end_when_only_their_reader_could_cause_them() {
    let mut moment = Moment::default()
        .queue()
        .joinable(1)
        .queue()
        .letters_of(0)
        .process(waiting(On::Get(1)), &[0, 1], &[])
        .in_hand(0);
    moment.0.queues[0].ended = true;
    assert_eq!(moment.verdict(), Verdict::End(vec![1]));
}

#[test]
fn letters_end_before_what_else_is_held_by_who_only_joins() {
    let mut moment = Moment::default().queue().joinable(1).queue().letters_of(0).queue();
    moment.0.queues[0].ended = true;
    let either = On::Any(vec![On::Join(1), On::Join(2)]);
    let moment = moment
        .process(waiting(either), &[0], &[1, 2])
        .in_hand(0)
        .process(waiting(On::Get(1)), &[1], &[])
        .process(waiting(On::Get(2)), &[2], &[]);
    assert_eq!(moment.verdict(), Verdict::End(vec![1]));
}

#[test]
fn a_part_of_the_graph_ends_while_others_run() {
    let moment = Moment::default()
        .queue()
        .queue()
        .process(waiting(On::Get(0)), &[0], &[0])
        .process(waiting(On::Get(1)), &[1], &[])
        .process(ProcessState::Running, &[], &[1]);
    assert_eq!(moment.verdict(), Verdict::End(vec![0]));
}

#[test]
fn main_may_join_the_last_stage_alone() {
    // The counter puts its result when its own stream has ended: the queue behind it has to be open then.
    let (lines, counts, report) = (0, 1, 2);
    let moment = Moment::default()
        .queue()
        .queue()
        .process(waiting(On::Join(report)), &[lines, counts], &[lines, counts])
        .process(waiting(On::Get(lines)), &[lines], &[counts])
        .process(waiting(On::Get(counts)), &[counts], &[]);
    assert_eq!(moment.verdict(), Verdict::End(vec![lines]));
}

#[test]
fn nobody_is_stuck_while_another_taker_is_due_for_a_restart() {
    let moment = Moment::default().queue().joinable(0).process(waiting(On::Get(0)), &[0], &[]);
    assert_eq!(moment.process(ProcessState::RestartDue, &[0], &[]).verdict(), Verdict::Fine);
}

#[test]
fn who_reads_letters_waits_for_the_producers_of_their_queue_too() {
    // Once the producer has ended, the queue ends, and then its letters do; its one taker keeps itself waiting.
    let base = |producer| {
        Moment::default().queue().joinable(0).queue().letters_of(0).process(producer, &[], &[0]).process(
            waiting(On::Get(1)),
            &[0, 1],
            &[],
        )
    };
    assert_eq!(base(ProcessState::Running).verdict(), Verdict::Fine);
    assert_eq!(base(ProcessState::Ended).verdict(), Verdict::End(vec![0]));
}

#[test]
fn an_item_of_a_broadcast_queue_is_there_for_those_who_have_not_read_it() {
    let base = |unread: &[u32]| {
        Moment::default()
            .queue()
            .broadcast(unread, &[])
            .queue()
            .process(waiting(On::Get(0)), &[0], &[1])
            .process(waiting(On::Get(1)), &[0, 1], &[0])
    };
    assert_eq!(base(&[0]).verdict(), Verdict::Fine);
    // The item of the other one does not help: it waits for something else.
    assert_eq!(base(&[1]).verdict(), Verdict::End(vec![0, 1]));
}

#[test]
fn room_in_a_broadcast_queue_needs_all_who_are_behind() {
    let base = |slow| {
        Moment::default()
            .queue()
            .broadcast(&[1, 2], &[1, 2])
            .process(waiting(On::Put(0)), &[], &[0])
            .process(ProcessState::Running, &[0], &[])
            .process(slow, &[0], &[])
            .process(ProcessState::Running, &[0], &[])
    };
    assert_eq!(base(ProcessState::Running).verdict(), Verdict::Fine);
    let verdict = base(waiting(On::Join(0))).verdict();
    assert_eq!(deadlocked(&verdict), [0, 2]);
    let Verdict::Deadlock(report) = verdict else { unreachable!() };
    assert_eq!(report.cycle, [0, 2]);
}

#[test]
fn who_comes_after_the_producer_of_a_full_broadcast_queue_holds_it_for_ever() {
    let moment = Moment::default()
        .queue()
        .broadcast(&[1], &[1])
        .process(waiting(On::Put(0)), &[], &[0])
        .process(ProcessState::NotStarted(vec![0]), &[0], &[]);
    assert_eq!(deadlocked(&moment.verdict()), [0, 1]);
}

#[test]
fn locks_in_a_circle_are_a_deadlock() {
    let base = |state| {
        let first = Moment::default().shared().shared().process(waiting(On::Permit(1)), &[], &[]);
        first.has_permit(0).process(state, &[], &[]).has_permit(1)
    };
    let verdict = base(waiting(On::Permit(0))).verdict();
    assert_eq!(deadlocked(&verdict), [0, 1]);
    let Verdict::Deadlock(report) = verdict else { unreachable!() };
    assert_eq!(report.cycle, [0, 1]);
    assert_eq!(base(ProcessState::Running).verdict(), Verdict::Fine);
}

#[test]
fn who_waits_for_a_permit_waits_for_its_holders_only() {
    // Another one can reach the lock and runs, but has nothing to release.
    let moment = Moment::default()
        .shared()
        .process(waiting(On::Permit(0)), &[], &[])
        .has_permit(0)
        .process(ProcessState::Running, &[], &[])
        .reaches(0);
    let verdict = moment.verdict();
    assert_eq!(deadlocked(&verdict), [0]);
    let Verdict::Deadlock(report) = verdict else { unreachable!() };
    assert_eq!(report.cycle, [0], "a semaphore that one has emptied alone");
}

#[test]
fn a_holder_that_waits_for_a_live_one_keeps_its_waiters_alive() {
    let moment = Moment::default()
        .shared()
        .queue()
        .process(waiting(On::Permit(0)), &[], &[])
        .reaches(0)
        .process(waiting(On::Get(0)), &[0], &[])
        .has_permit(0)
        .process(ProcessState::Running, &[], &[0]);
    assert_eq!(moment.verdict(), Verdict::Fine);
}

#[test]
fn waiting_for_a_lock_is_never_the_end_of_a_stream() {
    // The holder of the lock waits for an item, the only producer for the lock.
    let moment = Moment::default()
        .shared()
        .queue()
        .process(waiting(On::Get(0)), &[0], &[])
        .has_permit(0)
        .process(waiting(On::Permit(0)), &[], &[0])
        .reaches(0);
    let verdict = moment.verdict();
    assert_eq!(deadlocked(&verdict), [0, 1]);
    let Verdict::Deadlock(report) = verdict else { unreachable!() };
    assert_eq!(report.cycle, [0, 1]);
}

#[test]
fn an_event_that_nobody_is_left_to_set_is_a_deadlock() {
    let base = |state| {
        let waiter = Moment::default().shared().process(waiting(On::Event(0)), &[], &[]).reaches(0);
        waiter.process(state, &[], &[]).reaches(0)
    };
    assert_eq!(base(ProcessState::Running).verdict(), Verdict::Fine);
    assert_eq!(base(ProcessState::NotStarted(vec![])).verdict(), Verdict::Fine);
    assert_eq!(deadlocked(&base(ProcessState::NotStarted(vec![0])).verdict()), [0, 1]);
    assert_eq!(deadlocked(&base(ProcessState::Ended).verdict()), [0]);
    let timed = ProcessState::Waiting(vec![Waits { on: On::Event(0), timed: true }]);
    assert_eq!(base(timed).verdict(), Verdict::Fine);
}

#[test]
fn a_barrier_whose_party_has_died_breaks() {
    let base = || Moment::default().shared().process(waiting(On::Barrier(0)), &[], &[]).reaches(0);
    assert_eq!(deadlocked(&base().verdict()), [0]);
    let mut moment = base();
    moment.0.shared[0].deserted = true;
    assert_eq!(moment.verdict(), Verdict::Break(vec![0]));
    let others = moment.process(ProcessState::Running, &[], &[]).reaches(0);
    assert_eq!(others.verdict(), Verdict::Fine, "another may still come");
}

#[test]
fn a_stream_ends_before_a_barrier_breaks() {
    let moment = Moment::default()
        .shared()
        .deserted()
        .queue()
        .process(waiting(On::Barrier(0)), &[], &[])
        .reaches(0)
        .process(waiting(On::Get(0)), &[0], &[0])
        .reaches(0);
    assert_eq!(moment.verdict(), Verdict::End(vec![0]));
}

#[test]
fn the_cycle_of_a_barrier_leads_to_who_has_not_come() {
    let moment = Moment::default()
        .shared()
        .process(waiting(On::Barrier(0)), &[], &[])
        .reaches(0)
        .process(waiting(On::Barrier(0)), &[], &[])
        .reaches(0)
        .process(waiting(On::Join(1)), &[], &[])
        .reaches(0);
    let verdict = moment.verdict();
    assert_eq!(deadlocked(&verdict), [0, 1, 2]);
    let Verdict::Deadlock(report) = verdict else { unreachable!() };
    assert_eq!(report.cycle, [2, 1]);
}
