//! Bytes between processes: frames, the protocol's messages, the codec of values.
