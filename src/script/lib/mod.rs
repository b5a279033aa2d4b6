//! The natives by topic. A topic is a table of [`Native`](crate::script::registry::Native)s.

mod arguments;
mod arrays;
mod definition;
#[allow(clippy::unnecessary_wraps)] // All natives have one signature.
mod digest;
mod encoding;
#[allow(clippy::unnecessary_wraps)]
mod environment;
mod exec;
mod files;
mod folders;
mod items;
pub mod json;
mod local;
mod locks;
mod options;
mod order;
#[allow(clippy::unnecessary_wraps)]
pub(in crate::script) mod pattern;
#[allow(clippy::unnecessary_wraps)]
mod process;
mod queue;
#[allow(clippy::unnecessary_wraps)]
mod random;
mod rows;
mod system;
mod tables;
mod text;
#[allow(clippy::unnecessary_wraps)]
mod time;
mod unpack;

use crate::script::registry::Topic;

/// Everything, in the order in which it is best read.
pub const TOPICS: &[Topic] = &[
    Topic { title: "Queues", about: "Members of a queue's end, `q`.", natives: queue::NATIVES },
    Topic {
        title: "Process objects",
        about: "Members of a process or a thread, `p`.",
        natives: process::MEMBERS,
    },
    Topic { title: "Processes", about: "", natives: process::FUNCTIONS },
    Topic {
        title: "Between threads",
        about: "What the threads of one process share.",
        natives: local::FUNCTIONS,
    },
    Topic { title: "Cells", about: "Members of a cell, `c`.", natives: local::MEMBERS },
    Topic {
        title: "Locks, events, barriers",
        about: "Members of a lock or semaphore, `l`, an event, `e`, a barrier, `b`.",
        natives: locks::NATIVES,
    },
    Topic {
        title: "Counters and tables",
        about: "Members of a counter, `n`, and of a table, `t`, whose keys are strings.",
        natives: tables::NATIVES,
    },
    Topic { title: "Programs", about: "Programs of the system.", natives: exec::NATIVES },
    Topic {
        title: "Files",
        about: "Paths are relative to the folder that the run was started in.",
        natives: files::NATIVES,
    },
    Topic { title: "Folders", about: "", natives: folders::NATIVES },
    Topic { title: "CSV", about: "", natives: rows::NATIVES },
    Topic { title: "JSON", about: "", natives: json::NATIVES },
    Topic { title: "Text", about: "", natives: text::NATIVES },
    Topic { title: "Regular expressions", about: "", natives: pattern::FUNCTIONS },
    Topic { title: "Compiled expressions", about: "Members of a regex, `r`.", natives: pattern::MEMBERS },
    Topic {
        title: "Items",
        about: "`items` may be an array, a range, a string (its characters), a map (its `[key, value]`), a stream as \
                `read_lines` gives it, or a queue.",
        natives: arrays::NATIVES,
    },
    Topic { title: "Order", about: "", natives: order::NATIVES },
    Topic { title: "Digests", about: "", natives: digest::NATIVES },
    Topic { title: "Base 64", about: "", natives: encoding::NATIVES },
    Topic { title: "Time", about: "", natives: time::NATIVES },
    Topic { title: "Random numbers", about: "Not for secrets.", natives: random::NATIVES },
    Topic { title: "Surroundings", about: "", natives: environment::NATIVES },
];
