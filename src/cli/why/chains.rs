//! From those that wait to those that hold them up, step by step.

use crate::wire::watch::{ProcessNow, RunNow};
use std::collections::BTreeSet;

/// Processes that are held up by the same one for the same reason, and the way on from there. All are indexes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    pub held: Vec<usize>,
    /// Who holds them up, who holds that one up, and so on.
    pub by: Vec<usize>,
    /// The last of these was come to by an earlier chain, which tells the rest.
    pub told_before: bool,
}

/// The chain of one process.
#[must_use]
pub fn of(run: &RunNow, process: usize) -> Chain {
    chain(run, vec![process], &mut BTreeSet::new())
}

/// The chains of all that are held up, each step once.
#[must_use]
pub fn all(run: &RunNow) -> Vec<Chain> {
    let holders: BTreeSet<usize> = run.processes.iter().filter_map(holder).collect();
    let held_up = |index: &usize| run.processes[*index].held.is_some();
    let first = (0..run.processes.len()).filter(held_up).filter(|index| !holders.contains(index));
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for index in first {
        let waits_alike =
            |group: &&mut Vec<usize>| group.first().is_some_and(|&other| alike(run, other, index));
        match groups.iter_mut().find(waits_alike) {
            Some(group) => group.push(index),
            None => groups.push(vec![index]),
        }
    }
    let mut told = BTreeSet::new();
    groups.into_iter().map(|group| chain(run, group, &mut told)).collect()
}

fn chain(run: &RunNow, held: Vec<usize>, told: &mut BTreeSet<usize>) -> Chain {
    told.extend(&held);
    let mut chain = Chain { by: Vec::new(), told_before: false, held };
    let mut last = chain.held.first().copied();
    while let Some(next) = last.and_then(|last| holder(&run.processes[last])) {
        if next >= run.processes.len() {
            break;
        }
        chain.by.push(next);
        if !told.insert(next) {
            chain.told_before = run.processes[next].held.is_some();
            break;
        }
        last = Some(next);
    }
    chain
}

fn holder(process: &ProcessNow) -> Option<usize> {
    process.held.map(|held| held.by as usize)
}

fn alike(run: &RunNow, one: usize, other: usize) -> bool {
    let (one, other) = (&run.processes[one], &run.processes[other]);
    (&one.state, &one.at, one.held) == (&other.state, &other.at, other.held)
}
