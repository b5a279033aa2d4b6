//! What a process costs at this moment, by `proc(5)`.

use std::time::Duration;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// All of its threads, in user and kernel mode.
    pub cpu: Duration,
    /// Resident.
    pub memory_bytes: u64,
}

/// The usage of a process; `None` when it has ended.
#[must_use]
pub fn of(pid: u32) -> Option<Usage> {
    let read = |file: &str| std::fs::read_to_string(format!("/proc/{pid}/{file}")).ok();
    let ticks = ticks(&read("stat")?)?;
    let pages: u64 = read("statm")?.split(' ').nth(1)?.parse().ok()?;
    let a_second = rustix::param::clock_ticks_per_second().max(1);
    Some(Usage {
        cpu: Duration::from_millis(ticks.saturating_mul(1000) / a_second),
        memory_bytes: pages.saturating_mul(rustix::param::page_size() as u64),
    })
}

/// The ticks of the processor, from a line of `/proc/PID/stat`. The command name may hold anything, also brackets.
fn ticks(stat: &str) -> Option<u64> {
    let (_, behind_name) = stat.rsplit_once(") ")?;
    let mut fields = behind_name.split(' ').skip(11).map(str::parse::<u64>);
    Some(fields.next()?.ok()?.saturating_add(fields.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_found_behind_any_name() {
        let stat = "7 (a ) 1 b) S 1 7 7 0 -1 4194560 2 0 0 0 30 12 5 6 20 0 1 0 99 100 200";
        assert_eq!(ticks(stat), Some(42));
        assert_eq!(ticks("7 (a) S 1"), None);
        assert_eq!(ticks(""), None);
    }

    #[test]
    fn a_process_that_is_there_has_memory() {
        assert!(of(std::process::id()).unwrap().memory_bytes > 0);
        assert_eq!(of(u32::MAX), None);
    }
}
