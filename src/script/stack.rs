//! The stack that bodies need: a thousand calls deep overflow the usual 8 MB.

/// Virtual memory; only what is touched becomes real.
pub const STACK_BYTES: usize = 256 << 20;

/// Runs `work` on a stack large enough for bodies and expressions; on the present one if that is.
pub fn on_big_stack<T>(work: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(STACK_BYTES / 2, STACK_BYTES, work)
}
