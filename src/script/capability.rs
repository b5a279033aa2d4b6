//! What of the world the functions of the library reach: a host may leave it out.

use super::registry::{Native, Topic};

/// A part of the world that scripts reach by functions, and that a host can withhold from them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Capability {
    /// Files and folders.
    Files,
    /// Programs of the system: `exec`, also as the body of a process.
    Programs,
    /// Variables of the environment.
    Environment,
    /// Standard input.
    Input,
}

impl Capability {
    /// All of them.
    pub const ALL: [Capability; 4] =
        [Capability::Files, Capability::Programs, Capability::Environment, Capability::Input];

    /// As messages call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Capability::Files => "files",
            Capability::Programs => "programs",
            Capability::Environment => "environment",
            Capability::Input => "input",
        }
    }

    pub(crate) fn of_name(name: &str) -> Option<Capability> {
        Capability::ALL.into_iter().find(|capability| capability.name() == name)
    }

    /// What a native needs; `None` for one that only computes, or that every script may use.
    pub(super) fn of(topic: &Topic, native: &Native) -> Option<Capability> {
        match (topic.title, native.name) {
            ("Files" | "Folders" | "CSV", _) => Some(Capability::Files),
            ("Programs", _) => Some(Capability::Programs),
            (_, "env") => Some(Capability::Environment),
            (_, "stdin_lines") => Some(Capability::Input),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::registry::topics;
    use super::*;

    /// Topics none of whose functions reaches anything, or whose functions were looked at one by one.
    const LOOKED_AT: &[&str] = &[
        "Queues",
        "Process objects",
        "Processes",
        "Between threads",
        "Cells",
        "Locks, events, barriers",
        "Counters and tables",
        "Pools",
        "Making pools",
        "Jobs of pools",
        "JSON",
        "Text",
        "Regular expressions",
        "Compiled expressions",
        "Items",
        "Order",
        "Digests",
        "Base 64",
        "Time",
        "Random numbers",
        "Surroundings",
    ];

    #[test]
    fn of_every_topic_it_is_decided() {
        let open = |topic: &&Topic| {
            let all = topic.natives.iter().all(|native| Capability::of(topic, native).is_some());
            !all && !LOOKED_AT.contains(&topic.title)
        };
        let open: Vec<&str> = topics().iter().filter(open).map(|topic| topic.title).collect();
        assert!(open.is_empty(), "say in `Capability::of` what these need: {open:?}");
    }
}
