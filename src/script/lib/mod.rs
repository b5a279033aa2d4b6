//! The natives by topic. A topic is a table of [`Native`]s.

use super::registry::Native;

/// Every table.
pub const ALL: &[&[Native]] = &[];
