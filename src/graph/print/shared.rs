//! Locks, tables and the like in a picture of a graph: what each is, and which processes get it.

use super::picture::End;
use crate::graph::{Binding, Graph, Shared, SharedState};
use std::collections::BTreeSet;

/// One shared object.
pub(super) struct SharedObject {
    /// As it is declared: `semaphore slots(4)`.
    pub label: String,
    pub docs: Vec<String>,
    pub users: BTreeSet<End>,
}

/// `process_of` tells in which box of the picture each node is.
pub(super) fn shared(graph: &Graph, process_of: &[usize]) -> Vec<SharedObject> {
    let object =
        |it: &Shared| SharedObject { label: label(it), docs: it.docs.clone(), users: BTreeSet::new() };
    let mut objects: Vec<SharedObject> = graph.shared.iter().map(object).collect();
    for (node, &process) in graph.nodes.iter().zip(process_of) {
        for binding in &node.bindings {
            if let Binding::Shared(id) = binding {
                objects[id.0 as usize].users.insert(End::Process(process));
            }
        }
    }
    objects
}

fn label(shared: &Shared) -> String {
    let (word, name) = (shared.state.kind().word(), &shared.name);
    match shared.state {
        SharedState::Semaphore { permits: count } | SharedState::Barrier { parties: count } => {
            format!("{word} {name}({count})")
        }
        SharedState::Counter { start } if start != 0 => format!("{word} {name} = {start}"),
        _ => format!("{word} {name}"),
    }
}
