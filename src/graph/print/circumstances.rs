//! Where processes run and what they may use, as words and as JSON.

use crate::diagnostic::words;
use crate::graph::Node;
use crate::script::{Circumstances, Confinement};
use serde_json::{Map, Value as Json, json};

/// What is said of processes that are drawn as one.
pub(super) fn traits(nodes: &[&Node]) -> Vec<String> {
    let Some(first) = nodes.first() else { return Vec::new() };
    if nodes.iter().all(|node| node.circumstances == first.circumstances) {
        of_one(&first.circumstances)
    } else {
        vec!["each with its own limits or surroundings".to_owned()]
    }
}

/// Variables by name alone: their values may be long, or secret.
fn of_one(circumstances: &Circumstances) -> Vec<String> {
    let names: Vec<&str> = circumstances.variables.iter().map(|(name, _)| &**name).collect();
    let parts = [
        circumstances.folder.as_ref().map(|folder| format!("cwd {folder}")),
        (!names.is_empty()).then(|| format!("env {}", names.join(" "))),
        circumstances.nice.map(|nice| format!("nice {nice}")),
        circumstances.memory_bytes.map(|bytes| format!("memory {}", words::size(bytes))),
        circumstances.cpu_ms.map(|ms| format!("cpu {}", words::duration(ms))),
        circumstances.confinement.as_ref().map(Confinement::words),
    ];
    parts.into_iter().flatten().collect()
}

/// The keys of a process; a variable that is removed is null.
pub(super) fn add(circumstances: &Circumstances, process: &mut Json) {
    let variables: Map<String, Json> =
        circumstances.variables.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    process["cwd"] = json!(circumstances.folder);
    process["env"] = Json::Object(variables);
    process["nice"] = json!(circumstances.nice);
    process["memory_bytes"] = json!(circumstances.memory_bytes);
    process["cpu_ms"] = json!(circumstances.cpu_ms);
    process["allow"] = circumstances.confinement.as_ref().map_or(
        Json::Null,
        |it| json!({ "read": it.reads, "write": it.writes, "run": it.runs, "net": it.ports }),
    );
}
