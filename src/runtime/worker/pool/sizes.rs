//! How many items a worker is given at once.
//!
//! A chunk costs a round trip, some tens of microseconds, so its calls should take much longer than that; and it
//! should be short, so that all workers end at the same time. The time of calls is measured as they are done.

use std::time::Duration;

/// What a chunk should take.
const WORTH: Duration = Duration::from_millis(2);
/// What was captured is sent with each chunk: one that is large pays for it by larger chunks.
const NANOSECONDS_A_BYTE: u64 = 20;
/// A chunk is at most so many times as long as the one before: the next calls may take longer than the last.
const GROWTH: usize = 8;
/// Each worker gets this many chunks of what is left, at least.
const SHARES: usize = 2;
/// Items of a chunk are no more than this together, going by those before: the input may be larger than the memory.
const BYTES: f64 = 512.0 * 1024.0;
/// In the background nothing is measured: each worker gets this many chunks, as in Python.
const SHARES_UNMEASURED: usize = 4;

/// The sizes of the chunks of one job.
#[derive(Clone, Debug)]
pub enum Sizes {
    Fixed(usize),
    Measured {
        worth: Duration,
        /// The largest chunk that was measured.
        known: usize,
        nanoseconds_an_item: f64,
        function_bytes: usize,
        bytes_an_item: f64,
        most: usize,
    },
}

impl Sizes {
    /// Sizes that choose themselves, up to `most`, for a function that takes so many bytes.
    pub fn measured(function_bytes: usize, most: usize) -> Sizes {
        let more = Duration::from_nanos((function_bytes as u64).saturating_mul(NANOSECONDS_A_BYTE));
        Sizes::Measured {
            worth: WORTH + more,
            known: 0,
            nanoseconds_an_item: 0.0,
            function_bytes,
            bytes_an_item: 0.0,
            most,
        }
    }

    /// Sizes for so many items that are all sent at once.
    pub fn unmeasured(items: usize, workers: usize, most: usize) -> Sizes {
        Sizes::Fixed(items.div_ceil(workers * SHARES_UNMEASURED).clamp(1, most))
    }

    /// The size of the next chunk; `left` items are known to be left.
    pub fn next(&self, left: Option<usize>, workers: usize) -> usize {
        let Sizes::Measured { worth, known, nanoseconds_an_item, bytes_an_item, most, .. } = self else {
            let Sizes::Fixed(size) = self else { return 1 };
            return *size;
        };
        if *known == 0 {
            return 1;
        }
        let wanted = (worth.as_nanos() as f64 / nanoseconds_an_item.max(1.0)) as usize;
        let light = (BYTES / bytes_an_item.max(1.0)) as usize;
        let share = left.map_or(usize::MAX, |left| left / (workers * SHARES));
        wanted.min(known.saturating_mul(GROWTH)).min(light).min(share).clamp(1, *most)
    }

    /// So many calls took that long.
    pub fn measure(&mut self, items: usize, nanoseconds: u64) {
        let Sizes::Measured { known, nanoseconds_an_item, .. } = self else { return };
        if items == 0 {
            return;
        }
        let measured = nanoseconds as f64 / items as f64;
        let weight = if *known == 0 { 1.0 } else { 0.5 };
        *nanoseconds_an_item += (measured - *nanoseconds_an_item) * weight;
        *known = items.max(*known);
    }

    /// A chunk of so many items was that large, with the function.
    pub fn weigh(&mut self, items: usize, bytes: usize) {
        if let Sizes::Measured { function_bytes, bytes_an_item, .. } = self {
            *bytes_an_item = bytes.saturating_sub(*function_bytes) as f64 / items.max(1) as f64;
        }
    }

    /// Whether a worker may give back a part of a chunk.
    pub fn is_measured(&self) -> bool {
        matches!(self, Sizes::Measured { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_of_quick_calls_grow_until_they_are_worth_it() {
        let mut sizes = Sizes::measured(0, usize::MAX);
        let mut seen = Vec::new();
        for _ in 0..5 {
            let size = sizes.next(None, 4);
            sizes.measure(size, size as u64 * 1_000);
            seen.push(size);
        }
        assert_eq!(seen, [1, 8, 64, 512, 2000]);
    }

    #[test]
    fn slow_calls_go_one_by_one() {
        let mut sizes = Sizes::measured(0, usize::MAX);
        sizes.measure(1, 5_000_000);
        assert_eq!(sizes.next(Some(1_000_000), 4), 1);
        // Quick at first, then slow: the estimate follows.
        let mut sizes = Sizes::measured(0, usize::MAX);
        sizes.measure(1000, 1_000_000);
        sizes.measure(1, 100_000_000);
        assert_eq!(sizes.next(None, 4), 1);
    }

    #[test]
    fn chunks_of_large_items_are_short() {
        let mut sizes = Sizes::measured(1000, usize::MAX);
        sizes.measure(1000, 1_000_000);
        sizes.weigh(1000, 1000 + 1000 * 16 * 1024);
        assert_eq!(sizes.next(None, 4), 32);
        sizes.weigh(1, 5 << 20);
        assert_eq!(sizes.next(None, 4), 1);
    }

    #[test]
    fn the_last_chunks_are_small() {
        let mut sizes = Sizes::measured(0, usize::MAX);
        sizes.measure(1000, 1000);
        assert_eq!(sizes.next(Some(80), 4), 10);
        assert_eq!(sizes.next(Some(3), 4), 1);
    }

    #[test]
    fn what_is_sent_with_each_chunk_makes_it_larger() {
        let mut sizes = Sizes::measured(1_000_000, usize::MAX);
        sizes.measure(1000, 1_000_000);
        assert_eq!(sizes.next(None, 4), 8000);
        let mut sizes = Sizes::measured(1_000_000, 100);
        sizes.measure(1000, 1_000_000);
        assert_eq!(sizes.next(None, 4), 100);
    }

    #[test]
    fn in_the_background_each_worker_gets_four() {
        let size = |items| Sizes::unmeasured(items, 4, usize::MAX).next(None, 4);
        assert_eq!([size(0), size(5), size(160), size(161)], [1, 1, 10, 11]);
    }
}
