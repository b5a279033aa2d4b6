//! Who is to blame for whose wait, one moment each.

use super::tests::{Moment, waiting};
use super::*;

fn held(on: On, by: u32, of: u32) -> Held {
    Held { on, by, of }
}

/// Who holds up which, by process.
fn chains(moment: &Moment) -> Vec<(u32, Held)> {
    (0..).zip(held_up(&moment.0)).filter_map(|(process, held)| Some((process, held?))).collect()
}

#[test]
fn a_chain_leads_to_the_one_at_work() {
    let moment = Moment::default()
        .queue()
        .queue()
        .process(waiting(On::Get(1)), &[1], &[])
        .process(waiting(On::Get(0)), &[0], &[1])
        .process(ProcessState::Running, &[], &[0]);
    assert_eq!(chains(&moment), [(0, held(On::Get(1), 1, 1)), (1, held(On::Get(0), 2, 1))]);
}

#[test]
fn the_nearest_is_to_blame_and_of_equals_the_one_due_for_a_restart() {
    let moment = Moment::default()
        .queue()
        .process(waiting(On::Get(0)), &[0], &[])
        .process(waiting(On::Join(2)), &[], &[0])
        .process(ProcessState::Running, &[], &[0])
        .process(ProcessState::RestartDue, &[], &[0]);
    assert_eq!(chains(&moment), [(0, held(On::Get(0), 3, 3)), (1, held(On::Join(2), 2, 1))]);
}

#[test]
fn main_at_work_is_to_blame_only_where_nobody_else_is() {
    let base = || {
        Moment::default().queue().queue().process(ProcessState::Running, &[], &[0, 1]).implicit().process(
            waiting(On::Get(1)),
            &[1],
            &[],
        )
    };
    let alone = base().process(waiting(On::Get(0)), &[0], &[]);
    assert_eq!(chains(&alone), [(1, held(On::Get(1), 0, 1)), (2, held(On::Get(0), 0, 1))]);
    let stage = base().process(waiting(On::Get(0)), &[0], &[1]).process(ProcessState::Running, &[], &[0]);
    assert_eq!(chains(&stage)[0], (1, held(On::Get(1), 2, 2)));
}

#[test]
fn who_waits_for_room_is_held_up_by_who_takes() {
    let moment = Moment::default().queue().full().process(waiting(On::Put(0)), &[], &[0]).process(
        ProcessState::Running,
        &[0],
        &[],
    );
    assert_eq!(chains(&moment), [(0, held(On::Put(0), 1, 1))]);
}

#[test]
fn who_waits_for_acknowledgements_is_held_up_by_the_one_with_the_item() {
    let moment = Moment::default()
        .queue()
        .joinable(1)
        .process(waiting(On::Acknowledged(0)), &[], &[0])
        .process(ProcessState::Running, &[], &[])
        .in_hand(0);
    assert_eq!(chains(&moment), [(0, held(On::Acknowledged(0), 1, 1))]);
}

#[test]
fn what_comes_after_others_is_held_up_by_the_last_of_them() {
    let moment = Moment::default()
        .queue()
        .process(ProcessState::NotStarted(vec![1, 2]), &[], &[])
        .process(waiting(On::Get(0)), &[0], &[])
        .process(ProcessState::Running, &[], &[0]);
    assert_eq!(chains(&moment)[0], (0, held(On::Join(1), 1, 1)));
}

#[test]
fn a_time_limit_is_the_last_that_is_left() {
    let timed = |on| ProcessState::Waiting(vec![Waits { on, timed: true }]);
    let round = Moment::default().queue().queue().process(timed(On::Get(0)), &[0], &[1]).process(
        timed(On::Get(1)),
        &[1],
        &[0],
    );
    assert_eq!(chains(&round), [(1, held(On::Get(1), 0, 1))]);
    let fed = Moment::default().queue().process(timed(On::Get(0)), &[0], &[]).process(
        ProcessState::Running,
        &[],
        &[0],
    );
    assert_eq!(chains(&fed), [(0, held(On::Get(0), 1, 1))]);
}

#[test]
fn who_sleeps_is_at_work() {
    let asleep = ProcessState::Waiting(vec![Waits { on: On::Any(Vec::new()), timed: true }]);
    let moment = Moment::default()
        .queue()
        .process(ProcessState::Running, &[], &[0])
        .implicit()
        .process(waiting(On::Get(0)), &[0], &[])
        .process(asleep, &[], &[0]);
    assert_eq!(chains(&moment), [(1, held(On::Get(0), 2, 2))]);
}

#[test]
fn who_is_about_to_go_on_is_held_up_by_nobody() {
    let moment = Moment::default().queue().full().process(waiting(On::Get(0)), &[0], &[]);
    assert_eq!(chains(&moment), []);
}

#[test]
fn a_lock_is_held_an_event_is_to_be_set_and_a_barrier_to_be_come_to() {
    let base = |on| Moment::default().shared().process(waiting(on), &[], &[]).reaches(0);
    let lock = base(On::Permit(0)).process(ProcessState::Running, &[], &[]).has_permit(0);
    assert_eq!(chains(&lock), [(0, held(On::Permit(0), 1, 1))]);
    for on in [On::Event(0), On::Barrier(0)] {
        let moment = base(on.clone()).process(ProcessState::Running, &[], &[]).reaches(0);
        assert_eq!(chains(&moment), [(0, held(on, 1, 2))]);
    }
}
