//! The one table of exit codes.

/// Main and every process succeeded.
pub const SUCCESS: u8 = 0;
/// Something failed.
pub const FAILED: u8 = 1;
/// The script does not check, or its arguments are wrong.
pub const BAD_SCRIPT: u8 = 2;
/// Processes wait for each other and can never go on.
pub const DEADLOCK: u8 = 3;

/// The name of a signal that stops a run, and the run's status: 128 and the signal's number.
#[must_use]
pub fn of_signal(number: u8) -> (&'static str, u8) {
    let name = match number {
        1 => "SIGHUP",
        2 => "SIGINT",
        _ => "SIGTERM",
    };
    (name, number.saturating_add(128))
}
