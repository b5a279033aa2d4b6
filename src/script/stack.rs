//! The stack that bodies need: a thousand calls deep overflow the usual 8 MB.

use std::thread::Builder;

/// Virtual memory; only what is touched becomes real.
const STACK_BYTES: usize = 256 << 20;

/// Runs `work` on a thread with a stack large enough for bodies and waits for its result.
///
/// # Panics
/// When `work` panics, or when the system has no room for one more thread.
pub fn on_big_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let thread = Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, work);
        match thread.expect("a thread can be started").join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}
