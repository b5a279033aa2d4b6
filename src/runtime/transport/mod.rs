//! How the ends of a queue reach it without the supervisor: queues in memory that all their users map, and what each
//! job says there of itself.

pub mod blocks;
pub mod page;
pub mod ring;
