//! The natives by topic. A topic is a table of [`Native`]s.

mod arguments;
mod arrays;
mod files;
mod json;
mod process;
mod queue;
mod random;
mod text;

use super::registry::Native;

/// Every table.
pub const ALL: &[&[Native]] = &[
    queue::NATIVES,
    process::MEMBERS,
    process::FUNCTIONS,
    arrays::NATIVES,
    text::NATIVES,
    files::NATIVES,
    json::NATIVES,
    random::NATIVES,
];
