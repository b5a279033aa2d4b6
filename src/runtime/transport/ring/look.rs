//! How long one looks for an item before one sleeps. To wake a process takes 5 µs, and 25 when its processor has halted;
//! two that wait for each other's words in turn can have them in half of one, if both stay awake.
//!
//! Only who has put something since it waited last looks: the answer may come soon. It goes on as long as answers come;
//! after a look in vain it waits without for a while, each time for longer. Who wakes another gets the answer late at
//! first, and has to look for longer, until the other looks too.

use std::cell::{Cell, OnceCell};
use std::time::Duration;

/// An answer that comes sooner came from one who is awake.
const SOON: Duration = Duration::from_micros(10);
/// As long as it takes to wake one and to have its answer.
const LATE: Duration = Duration::from_micros(50);
/// So many waits are spent without a look after one in vain: first, and at most.
const PAUSE_MIN: u32 = 8;
const PAUSE_MAX: u32 = 256;
/// After so many answers in a row that came late the other is not going to look, and nobody looks for so many waits.
const LATE_MAX: u32 = 2 * PAUSE_MAX;
const PAUSE_AFTER_LATE: u32 = 1 << 14;

/// Whether looks have paid.
#[derive(Debug)]
pub struct Lookout {
    /// How many items had been put at the last wait.
    put: Cell<u64>,
    /// So many waits go by without a look; then, if it is in vain, the next time so many.
    skip: Cell<u32>,
    pause: Cell<u32>,
    /// So many answers in a row have come late, or nothing when the last came soon.
    late: Cell<Option<u32>>,
    /// Whether another can run at the same time.
    has_company: OnceCell<bool>,
}

impl Default for Lookout {
    fn default() -> Self {
        let (put, skip, pause, late) = (Cell::new(0), Cell::new(0), Cell::new(PAUSE_MIN), Cell::new(Some(0)));
        Lookout { put, skip, pause, late, has_company: OnceCell::new() }
    }
}

impl Lookout {
    /// So long it looks this time; it has put so many items by now, and may use so many processors.
    pub fn time(&self, put: u64, processors: impl FnOnce() -> usize) -> Option<Duration> {
        if self.put.replace(put) == put {
            return None;
        }
        let skip = self.skip.get();
        if skip > 0 {
            self.skip.set(skip - 1);
            return None;
        }
        // With a single processor the other cannot answer before this one sleeps.
        let has_company = *self.has_company.get_or_init(|| processors() > 1);
        has_company.then_some(if self.late.get().is_none() { SOON } else { LATE })
    }

    /// A look has found something after this time, or nothing.
    pub fn looked(&self, found: Option<Duration>) {
        let Some(time) = found else {
            let pause = self.pause.get();
            self.skip.set(pause);
            self.pause.set((2 * pause).min(PAUSE_MAX));
            self.late.set(Some(0));
            return;
        };
        if time <= SOON {
            self.pause.set(PAUSE_MIN);
            self.late.set(None);
            return;
        }
        let late = self.late.get().unwrap_or(0) + 1;
        self.late.set(Some(late % LATE_MAX));
        if late == LATE_MAX {
            self.skip.set(PAUSE_AFTER_LATE);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many of so many waits, each after a put, had a look.
    fn looks(lookout: &Lookout, waits: std::ops::Range<u64>, found: Option<Duration>) -> usize {
        let look = |put: &u64| lookout.time(*put, || 2).inspect(|_| lookout.looked(found)).is_some();
        waits.filter(look).count()
    }

    #[test]
    fn who_has_put_nothing_does_not_look() {
        let lookout = Lookout::default();
        assert_eq!(lookout.time(0, || 2), None);
        assert_eq!(lookout.time(1, || 2), Some(LATE));
        assert_eq!(lookout.time(1, || 2), None);
    }

    #[test]
    fn who_has_one_processor_does_not_look() {
        assert_eq!(Lookout::default().time(1, || 1), None);
    }

    #[test]
    fn looks_go_on_as_long_as_they_pay() {
        let lookout = Lookout::default();
        assert_eq!(looks(&lookout, 1..1000, Some(SOON)), 999);
        assert_eq!(lookout.time(1000, || 2), Some(SOON));
        lookout.looked(None);
        assert_eq!(looks(&lookout, 1001..1001 + u64::from(PAUSE_MIN), Some(SOON)), 0);
        assert_eq!(lookout.time(2000, || 2), Some(LATE));
    }

    #[test]
    fn looks_in_vain_become_rare() {
        let lookout = Lookout::default();
        let all = looks(&lookout, 1..100_000, None);
        assert!((300..400).contains(&all), "{all}");
    }

    #[test]
    fn who_is_always_late_is_not_looked_for() {
        let lookout = Lookout::default();
        let all = looks(&lookout, 1..100_000, Some(LATE));
        assert!((3000..4000).contains(&all), "{all}");
        // Whoever has no look after one in vain still meets one who looks for late answers.
        const { assert!(LATE_MAX > PAUSE_MAX) }
    }
}
