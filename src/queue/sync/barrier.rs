//! Barriers: places where processes wait until so many have come.

#[derive(Debug)]
pub struct Barrier {
    parties: usize,
    /// Those who have come, in order.
    waiting: Vec<u32>,
    /// Why one of those who could come never will; no round was complete since.
    deserted: Option<String>,
}

/// What follows from one's coming.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arrival {
    Waits,
    /// All have come, in this order; they go on, and the next round begins.
    Complete(Vec<u32>),
}

impl Barrier {
    #[must_use]
    pub fn new(parties: usize) -> Self {
        Barrier { parties: parties.max(1), waiting: Vec::new(), deserted: None }
    }

    pub fn arrive(&mut self, who: u32) -> Arrival {
        self.waiting.push(who);
        if self.waiting.len() < self.parties {
            return Arrival::Waits;
        }
        self.deserted = None;
        Arrival::Complete(std::mem::take(&mut self.waiting))
    }

    /// Takes an arrival back.
    pub fn withdraw(&mut self, who: u32) {
        self.waiting.retain(|&other| other != who);
    }

    /// Breaks it: those who wait go on with an error, the next round begins.
    pub fn shatter(&mut self) -> Vec<u32> {
        std::mem::take(&mut self.waiting)
    }

    /// One of those who could come has died.
    pub fn desert(&mut self, why: String) {
        self.deserted = Some(why);
    }

    /// Why it cannot be complete, unless somebody comes in the place of one who has died.
    #[must_use]
    pub fn deserted(&self) -> Option<&str> {
        self.deserted.as_deref()
    }

    #[must_use]
    pub fn parties(&self) -> usize {
        self.parties
    }

    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_to_come_lets_all_go_on() {
        let mut barrier = Barrier::new(3);
        assert_eq!(barrier.arrive(7), Arrival::Waits);
        assert_eq!(barrier.arrive(8), Arrival::Waits);
        barrier.withdraw(7);
        assert_eq!(barrier.arrive(9), Arrival::Waits);
        assert_eq!(barrier.arrive(7), Arrival::Complete(vec![8, 9, 7]));
        assert_eq!(barrier.arrive(7), Arrival::Waits, "the next round");
    }

    #[test]
    fn a_broken_one_begins_anew() {
        let mut barrier = Barrier::new(2);
        barrier.arrive(1);
        barrier.desert("it has died".to_owned());
        assert_eq!((barrier.shatter(), barrier.deserted()), (vec![1], Some("it has died")));
        assert_eq!(barrier.arrive(1), Arrival::Waits);
        assert_eq!(barrier.arrive(2), Arrival::Complete(vec![1, 2]));
        assert_eq!(barrier.deserted(), None);
    }
}
