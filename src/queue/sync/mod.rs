//! What processes share besides queues, as pure state machines: who has it, who waits for it, in which order.
//!
//! A machine never waits and never answers: each step says who goes on because of it. Who waits asks nothing else
//! meanwhile, so that everybody waits at one place at most.

pub mod barrier;
pub mod event;
pub mod permits;
pub mod sum;

pub use barrier::{Arrival, Barrier};
pub use event::Event;
pub use permits::{NotHeld, Permits};
pub use sum::{NoSum, sum};
