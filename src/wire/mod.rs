//! Bytes between processes: frames, the protocol's messages, the codec of values.

pub mod codec;
pub mod frame;
pub mod local;
pub mod message;
pub mod shared;
pub mod watch;
pub mod zygote;
