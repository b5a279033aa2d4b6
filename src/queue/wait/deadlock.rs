//! What a deadlock is reported as: everybody who can never go on, and a cycle of those who hold each other up.

use super::view::View;
use super::{On, ProcessState, Report, Waits};

pub(super) fn report(view: &View<'_>, stuck: &[usize]) -> Report {
    let waits =
        stuck.iter().filter_map(|&process| Some((view.processes[process].id, wait_of(view, process)?)));
    Report { stuck: waits.collect(), cycle: cycle(view, stuck) }
}

/// The barriers at which somebody is stuck because one of their parties has died.
pub(super) fn deserted(view: &View<'_>, stuck: &[usize]) -> Vec<u32> {
    let mut barriers: Vec<u32> = stuck.iter().flat_map(|&process| barriers_of(view, process)).collect();
    barriers.sort_unstable();
    barriers.dedup();
    barriers.retain(|&barrier| view.shared[barrier as usize].deserted);
    barriers
}

fn barriers_of(view: &View<'_>, process: usize) -> Vec<u32> {
    let ProcessState::Waiting(waits) = &view.processes[process].state else { return Vec::new() };
    let barrier = |wait: &Waits| if let On::Barrier(barrier) = wait.on { Some(barrier) } else { None };
    waits.iter().filter_map(barrier).collect()
}

/// What a process waits for; of several threads, the first one.
fn wait_of(view: &View<'_>, process: usize) -> Option<On> {
    match &view.processes[process].state {
        ProcessState::Waiting(waits) => waits.first().map(|wait| wait.on.clone()),
        ProcessState::NotStarted(after) => {
            after.iter().find(|&&other| !view.is_over(other as usize)).map(|&other| On::Join(other))
        }
        ProcessState::Running | ProcessState::RestartDue | ProcessState::Ended => None,
    }
}

/// Follows who waits for whom until a process comes again, from each process on which no way came by yet.
fn cycle(view: &View<'_>, stuck: &[usize]) -> Vec<u32> {
    let mut is_stuck = vec![false; view.processes.len()];
    for &process in stuck {
        is_stuck[process] = true;
    }
    let mut seen = vec![false; view.processes.len()];
    for &start in stuck {
        let mut way: Vec<usize> = Vec::new();
        let mut next = Some(start);
        while let Some(process) = next {
            if std::mem::replace(&mut seen[process], true) {
                if let Some(first) = way.iter().position(|&other| other == process) {
                    return way[first..].iter().map(|&process| view.processes[process].id).collect();
                }
                break;
            }
            way.push(process);
            next = provider(view, process, &is_stuck);
        }
    }
    Vec::new()
}

/// One of those who could give a process what it waits for, if it could go on itself.
fn provider(view: &View<'_>, process: usize, is_stuck: &[bool]) -> Option<usize> {
    let providers: Vec<usize> =
        providers(view, &wait_of(view, process)?).into_iter().filter(|&other| is_stuck[other]).collect();
    // Another one tells more than the process itself.
    providers.iter().find(|&&other| other != process).or(providers.first()).copied()
}

fn providers(view: &View<'_>, on: &On) -> Vec<usize> {
    match on {
        On::Get(queue) => {
            let served = &view.queues[*queue as usize].dead_letter_of;
            let of_letters = served.iter().flat_map(|&served| &view.lessees[served as usize]);
            let at = *queue as usize;
            view.holders[at].iter().chain(&view.lessees[at]).chain(of_letters).copied().collect()
        }
        On::Put(queue) => view.holding_up(*queue as usize),
        On::Acknowledged(queue) => {
            view.lessees[*queue as usize].iter().chain(&view.takers[*queue as usize]).copied().collect()
        }
        On::Join(process) => vec![*process as usize],
        On::Permit(lock) => view.permit_holders[*lock as usize].clone(),
        On::Event(event) => view.reaching[*event as usize].clone(),
        On::Barrier(barrier) => {
            let absent = |process: &&usize| wait_of(view, **process) != Some(On::Barrier(*barrier));
            view.reaching[*barrier as usize].iter().filter(absent).copied().collect()
        }
        On::Any(list) => list.iter().flat_map(|on| providers(view, on)).collect(),
    }
}
