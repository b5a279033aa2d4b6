//! Runs as JSON: everything that is known of each.

use super::table::state_name;
use crate::cli::runs::reason;
use crate::runtime::watch::Told;
use crate::runtime::watch::usage::Usage;
use crate::wire::watch::{CapacityNow, EndNow, ProcessNow, QueueNow, RunNow, StateNow};
use serde_json::{Value, json};

/// An array of runs.
#[must_use]
pub fn text(told: &[Told], usage: impl Fn(&ProcessNow) -> Option<Usage>) -> String {
    let runs = told.iter().map(|told| match &told.run {
        Ok(run) => run_json(&told.id, run, &usage),
        Err(mute) => json!({ "run": told.id, "problem": reason(*mute) }),
    });
    format!("{:#}\n", runs.collect::<Value>())
}

fn run_json(id: &str, run: &RunNow, usage: impl Fn(&ProcessNow) -> Option<Usage>) -> Value {
    let processes = run.processes.iter().map(|process| process_json(process, usage(process)));
    json!({
        "run": id,
        "pid": run.pid,
        "script": run.script,
        "age_ms": run.age_ms,
        "processes": processes.collect::<Value>(),
        "ended": run.ended,
        "queues": run.queues.iter().map(queue_json).collect::<Value>(),
    })
}

fn process_json(process: &ProcessNow, usage: Option<Usage>) -> Value {
    let end = |end: EndNow| json!({ "exit": end.code, "timed_out": end.timed_out });
    let waits_for = match &process.state {
        StateNow::Waiting { what, .. } => Some(what),
        _ => None,
    };
    let ended = match process.state {
        StateNow::Ended { end: how } | StateNow::RestartDue { end: how, .. } => end(how),
        _ => Value::Null,
    };
    json!({
        "name": process.name,
        "pid": Some(process.pid).filter(|&pid| pid > 0),
        "thread": process.thread,
        "daemon": process.daemon,
        "state": state_name(&process.state),
        "state_ms": process.state_ms,
        "waits_for": waits_for,
        "file": process.at.as_ref().map(|at| &at.0),
        "line": process.at.as_ref().map(|at| at.1),
        "silent_ms": process.silent_ms,
        "last_end": ended,
        "in": process.items_in,
        "out": process.items_out,
        "restarts": process.restarts,
        "cpu_ms": usage.map(|usage| usage.cpu.as_millis() as u64),
        "memory_bytes": usage.map(|usage| usage.memory_bytes),
    })
}

fn queue_json(queue: &QueueNow) -> Value {
    let (items, bytes) = match queue.capacity {
        CapacityNow::Unbounded {} => (None, None),
        CapacityNow::Items { items } => (Some(items), None),
        CapacityNow::Bytes { bytes } => (None, Some(bytes)),
    };
    json!({
        "name": queue.name,
        "items": queue.len,
        "capacity": items,
        "capacity_bytes": bytes,
        "full": queue.full,
        "unfinished": queue.unfinished,
        "ended": queue.ended,
    })
}
