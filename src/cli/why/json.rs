//! Chains of waits as JSON: an array of chains, each an array of steps from who waits to who holds them all up.

use super::chains::Chain;
use crate::cli::ps::state_name;
use crate::wire::watch::{OnNow, ProcessNow, RunNow, StateNow};
use serde_json::{Value, json};

#[must_use]
pub fn text(id: &str, run: &RunNow, chains: &[Chain]) -> String {
    let chains = chains.iter().map(|chain| chain_json(run, chain)).collect::<Value>();
    format!("{:#}\n", json!({ "run": id, "script": run.script, "chains": chains }))
}

/// The first step has several processes when they wait alike.
fn chain_json(run: &RunNow, chain: &Chain) -> Value {
    let step = |held: &[usize]| {
        let processes: Vec<&ProcessNow> = held.iter().filter_map(|&index| run.processes.get(index)).collect();
        let names = processes.iter().map(|process| process.name.as_str()).collect::<Value>();
        let Some(first) = processes.first() else { return Value::Null };
        let waits_for = match &first.state {
            StateNow::Waiting { what, .. } => Some(what),
            _ => None,
        };
        json!({
            "processes": names,
            "state": state_name(&first.state),
            "state_ms": first.state_ms,
            "silent_ms": first.silent_ms,
            "waits_for": waits_for,
            "file": first.at.as_ref().map(|at| &at.0),
            "line": first.at.as_ref().map(|at| at.1),
            "because": because(run, first),
        })
    };
    let first = std::iter::once(step(&chain.held));
    first.chain(chain.by.iter().map(|&index| step(&[index]))).collect()
}

/// What is missing, and who could give it.
fn because(run: &RunNow, process: &ProcessNow) -> Value {
    let Some(held) = process.held else { return Value::Null };
    let (missing, queue) = match held.on {
        OnNow::Item { queue } => ("item", Some(queue)),
        OnNow::Room { queue } => ("room", Some(queue)),
        OnNow::Acknowledgement { queue } => ("acknowledgement", Some(queue)),
        OnNow::End { .. } => ("end", None),
        OnNow::Permit { .. } => ("permit", None),
        OnNow::Event { .. } => ("event", None),
        OnNow::Barrier { .. } => ("barrier", None),
    };
    let shared = match held.on {
        OnNow::Permit { shared } | OnNow::Event { shared } | OnNow::Barrier { shared } => Some(shared),
        _ => None,
    };
    let shared = shared.and_then(|shared| run.shared.get(shared as usize)).map(|(_, name)| name);
    let queue = queue.and_then(|queue| run.queues.get(queue as usize)).map(|queue| &queue.name);
    let by = run.processes.get(held.by as usize).map(|by| &by.name);
    json!({ "missing": missing, "queue": queue, "shared": shared, "by": by, "of": held.of })
}
