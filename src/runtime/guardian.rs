//! What the zygote does when the interpreter is gone, killed by SIGKILL say: it ends whatever the run has left.
//!
//! Workers die with the interpreter by themselves, but not what their programs started and let go. Killing the zygote
//! and the interpreter in the same instant is not covered.

use super::os::strays;
use std::time::Duration;

/// It looks until nobody was found so many times in a row: who is being started is missed once.
const LOOKS: usize = 3;
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// Ends everybody who carries the mark, but not this process.
pub fn end_everybody(mark: &str) {
    let mut looks = 0;
    while looks < LOOKS {
        looks = if strays::kill_marked(mark) == 0 { looks + 1 } else { 0 };
        std::thread::sleep(BETWEEN_LOOKS);
    }
}
