//! Why a process does not go on, as a chain: for each one that waits, who holds it up, which leads on to one that
//! waits for nobody.
//!
//! It is the spreading of `live` again, which tells those who wait of the first provider that can go on itself:
//! the nearest. It begins with those who are really at work; main, which may put into every queue that it names,
//! is asked only for those who nobody else holds up, and a time limit is the last that a wait is left to.

use super::live::Spread;
use super::view::View;
use super::{On, ProcessState, ProcessView, Snapshot};

/// Who holds a process up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// What it waits for: one thing, of several.
    pub on: On,
    /// The process from which it can come.
    pub by: u32,
    /// So many could give it; 0 when `by` is none of those who do so by declaration.
    pub of: u32,
}

/// For each process, by whom it is held up: nobody when it runs, sleeps, is about to go on, or has only its time
/// limit to wait for. Who follows this from process to process comes to an end.
#[must_use]
pub fn held_up(snapshot: &Snapshot) -> Vec<Option<Held>> {
    let view = View::new(snapshot);
    let mut spread = Spread::new(&view);
    let mut stages: [Vec<usize>; 3] = Default::default();
    (0..view.processes.len()).for_each(|process| stages[stage(&view, process)].push(process));
    let [due, others, main] = stages;
    for group in [due.into_iter().chain(others).collect(), main] {
        for process in group {
            if !spread.begin(process) && view.is_asleep(process) {
                spread.rise(process);
            }
        }
        spread.run();
    }
    for process in (0..view.processes.len()).filter(|&process| view.is_timed(process)) {
        spread.rise(process);
        spread.run();
    }
    let held = |(on, by): (On, usize)| Held { of: rivals(&view, &on, by), on, by: by as u32 };
    spread.told.into_iter().map(|told| told.map(held)).collect()
}

/// When a process is looked at: what is due for a restart tells most, main that runs or sleeps tells least.
fn stage(view: &View<'_>, process: usize) -> usize {
    let ProcessView { state, implicit, .. } = &view.processes[process];
    match state {
        ProcessState::RestartDue => 0,
        ProcessState::Running if *implicit => 2,
        _ if *implicit && view.is_asleep(process) => 2,
        _ => 1,
    }
}

fn rivals(view: &View<'_>, on: &On, by: usize) -> u32 {
    let all = match on {
        On::Get(queue) => view.holders[*queue as usize].clone(),
        On::Put(queue) => view.holding_up(*queue as usize),
        On::Acknowledged(queue) => view.lessees[*queue as usize].clone(),
        On::Permit(lock) => view.permit_holders[*lock as usize].clone(),
        On::Event(shared) | On::Barrier(shared) => view.reaching[*shared as usize].clone(),
        On::Join(_) | On::Any(_) => return 1,
    };
    if all.contains(&by) { all.len() as u32 } else { 0 }
}
