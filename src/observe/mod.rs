//! Run events, and observers that only receive them.
