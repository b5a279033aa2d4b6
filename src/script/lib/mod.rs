//! The natives by topic. A topic is a table of [`Native`]s.

mod arguments;
mod arrays;
mod exec;
#[allow(clippy::unnecessary_wraps)] // All natives have one signature.
mod files;
pub mod json;
mod locks;
mod options;
mod pool;
mod pool_options;
#[allow(clippy::unnecessary_wraps)]
mod process;
mod queue;
#[allow(clippy::unnecessary_wraps)]
mod random;
mod system;
mod tables;
mod text;

use crate::script::registry::Native;

/// Every table.
pub const ALL: &[&[Native]] = &[
    queue::NATIVES,
    process::MEMBERS,
    locks::NATIVES,
    tables::NATIVES,
    process::FUNCTIONS,
    pool::FUNCTIONS,
    pool::MEMBERS,
    pool::OF_JOBS,
    arrays::NATIVES,
    text::NATIVES,
    files::NATIVES,
    json::NATIVES,
    exec::NATIVES,
    random::NATIVES,
];
