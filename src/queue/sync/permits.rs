//! Locks and semaphores: permits that are taken and given back, in the order in which they were asked for.

use std::collections::{BTreeMap, VecDeque};

/// The permits of a lock, which has one that its holder may take again and again, or of a semaphore.
///
/// While a permit is free nobody waits: one that is given back goes to the first who waits, at once.
#[derive(Debug)]
pub struct Permits {
    free: u64,
    reentrant: bool,
    /// How many each holder has taken and not released.
    held: BTreeMap<u32, u64>,
    waiting: VecDeque<u32>,
}

/// Released by one that does not hold it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotHeld;

/// What somebody leaves behind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// How many permits came back.
    pub permits: u64,
    /// Those who have one now.
    pub woken: Vec<u32>,
}

impl Permits {
    #[must_use]
    pub fn lock() -> Self {
        Permits { free: 1, reentrant: true, held: BTreeMap::new(), waiting: VecDeque::new() }
    }

    #[must_use]
    pub fn semaphore(permits: u64) -> Self {
        Permits { free: permits, reentrant: false, held: BTreeMap::new(), waiting: VecDeque::new() }
    }

    /// Takes a permit, when one is to be had at once.
    pub fn acquire(&mut self, who: u32) -> bool {
        let again = self.reentrant && self.held.contains_key(&who);
        let taken = again || self.free > 0;
        if taken {
            self.free -= u64::from(!again);
            *self.held.entry(who).or_default() += 1;
        }
        taken
    }

    /// Waits for a permit, behind all who wait already. Only when `acquire` has just given none.
    pub fn wait(&mut self, who: u32) {
        self.waiting.push_back(who);
    }

    /// Waits no longer.
    pub fn withdraw(&mut self, who: u32) {
        self.waiting.retain(|&other| other != who);
    }

    /// Gives a permit back; says who has it now.
    ///
    /// # Errors
    /// When this one holds none.
    pub fn release(&mut self, who: u32) -> Result<Option<u32>, NotHeld> {
        let held = self.held.get_mut(&who).ok_or(NotHeld)?;
        *held -= 1;
        let last = *held == 0;
        if last {
            self.held.remove(&who);
        }
        self.free += u64::from(last || !self.reentrant);
        Ok(self.hand_on())
    }

    /// One that does nothing more: it waits no longer, and its permits come back.
    pub fn leave(&mut self, who: u32) -> Left {
        self.withdraw(who);
        let Some(held) = self.held.remove(&who) else { return Left::default() };
        let permits = if self.reentrant { 1 } else { held };
        self.free += permits;
        Left { permits, woken: std::iter::from_fn(|| self.hand_on()).collect() }
    }

    /// Those who have permits.
    pub fn holders(&self) -> impl Iterator<Item = u32> + '_ {
        self.held.keys().copied()
    }

    /// A free permit goes to the first who waits.
    fn hand_on(&mut self) -> Option<u32> {
        if self.free == 0 {
            return None;
        }
        let next = self.waiting.pop_front()?;
        self.acquire(next);
        Some(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_goes_to_the_first_who_waits() {
        let mut lock = Permits::lock();
        assert!(lock.acquire(1));
        for who in [2, 3] {
            assert!(!lock.acquire(who));
            lock.wait(who);
        }
        assert_eq!(lock.release(2), Err(NotHeld));
        assert_eq!(lock.release(1), Ok(Some(2)));
        assert!(!lock.acquire(1), "nobody comes in between");
        assert_eq!(lock.release(2), Ok(Some(3)));
        assert_eq!(lock.release(3), Ok(None));
        assert_eq!(lock.release(3), Err(NotHeld));
    }

    #[test]
    fn a_lock_is_released_as_often_as_it_was_acquired() {
        let mut lock = Permits::lock();
        assert!(lock.acquire(1) && lock.acquire(1));
        lock.wait(2);
        assert_eq!(lock.release(1), Ok(None));
        assert_eq!(lock.release(1), Ok(Some(2)));
    }

    #[test]
    fn a_semaphore_counts() {
        let mut slots = Permits::semaphore(2);
        assert!(slots.acquire(1) && slots.acquire(1));
        assert!(!slots.acquire(1), "its own permits do not help");
        slots.wait(2);
        slots.wait(3);
        assert_eq!(slots.leave(1), Left { permits: 2, woken: vec![2, 3] });
        assert_eq!(slots.holders().collect::<Vec<_>>(), [2, 3]);
    }

    #[test]
    fn who_left_waits_no_longer() {
        let mut lock = Permits::lock();
        lock.acquire(1);
        lock.wait(2);
        lock.wait(3);
        assert_eq!(lock.leave(2), Left::default());
        assert_eq!(lock.leave(1), Left { permits: 1, woken: vec![3] });
    }
}
