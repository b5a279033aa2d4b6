//! What queues do, as pure state machines: no I/O, no clock.
