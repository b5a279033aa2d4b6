//! What queues do, as pure state machines: no I/O, no clock.
//!
//! [`store`] keeps the items of one queue, [`broadcast`] those of one whose every item reaches every consumer,
//! [`machine`] adds who has which of them in hand, [`sync`] are locks and the like, [`wait`] looks at all processes
//! and queues at once and tells which streams have ended and who can never go on.

pub mod broadcast;
pub mod machine;
pub mod priority;
pub mod store;
pub mod sync;
pub mod wait;
