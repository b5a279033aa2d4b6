//! Who waits for what, against its definition: moments at random (`moments`), each alone and as a walk from one to the
//! next (`walk`).

mod moments;
mod rules;
mod walk;

use moments::moments;
use procession::queue::wait::{
    On, ProcessState, ProcessView, QueueView, Report, Snapshot, Verdict, Waits, judge, without_takers,
};
use proptest::prelude::*;
use rules::{Ids, Rules};

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

/// The verdict, when it is the one of the rules.
fn fits(moment: &Snapshot) -> Result<Verdict, String> {
    let (rules, verdict) = (Rules(moment), judge(moment));
    let expected = expected(&rules);
    let same = match (&verdict, &expected) {
        (Verdict::Deadlock(report), Verdict::Deadlock(of_rules)) => {
            let ids = |report: &Report| report.stuck.iter().map(|(id, _)| *id).collect::<Ids>();
            let cycle: Ids = report.cycle.iter().copied().collect();
            ids(report) == ids(of_rules) && cycle.len() == report.cycle.len() && cycle.is_subset(&ids(report))
        }
        (verdict, expected) => verdict == expected,
    };
    if same { Ok(verdict) } else { Err(format!("{verdict:?}, and by the rules {expected:?}")) }
}

/// What the rules say; of a deadlock only who is stuck.
fn expected(rules: &Rules<'_>) -> Verdict {
    let abandoned = rules.abandoned();
    if !abandoned.is_empty() {
        return Verdict::End(abandoned);
    }
    let live = rules.live();
    let all = rules.0.processes.iter().map(|process| process.id);
    let stuck: Ids = all.filter(|&id| !live.contains(&id) && !rules.is_over(id)).collect();
    if stuck.is_empty() {
        return Verdict::Fine;
    }
    if let Some(queues) = rules.ends(&stuck) {
        return Verdict::End(queues);
    }
    match rules.deserted(&stuck) {
        barriers if barriers.is_empty() => {
            let stuck = stuck.into_iter().map(|id| (id, On::Any(Vec::new()))).collect();
            Verdict::Deadlock(Report { stuck, cycle: Vec::new() })
        }
        barriers => Verdict::Break(barriers),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6000))]

    #[test]
    fn the_verdict_follows_from_the_rules(moment in moments().prop_filter("letters of letters", is_plain)) {
        prop_assert_eq!(fits(&moment).map(drop), Ok(()));
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
        expressly_held: false,
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
