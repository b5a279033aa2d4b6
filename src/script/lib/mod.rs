//! The natives by topic. A topic is a table of [`Native`]s.

mod arguments;
mod arrays;
#[allow(clippy::unnecessary_wraps)] // All natives have one signature.
mod files;
mod json;
mod local;
#[allow(clippy::unnecessary_wraps)]
mod process;
mod queue;
#[allow(clippy::unnecessary_wraps)]
mod random;
mod text;

use crate::script::registry::Native;

/// Every table.
pub const ALL: &[&[Native]] = &[
    queue::NATIVES,
    process::MEMBERS,
    process::FUNCTIONS,
    local::FUNCTIONS,
    local::MEMBERS,
    arrays::NATIVES,
    text::NATIVES,
    files::NATIVES,
    json::NATIVES,
    random::NATIVES,
];
