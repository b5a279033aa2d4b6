//! Events: set or not, and who waits for one to be set.

#[derive(Debug, Default)]
pub struct Event {
    set: bool,
    waiting: Vec<u32>,
}

impl Event {
    /// Sets it; all who waited go on.
    pub fn set(&mut self) -> Vec<u32> {
        self.set = true;
        std::mem::take(&mut self.waiting)
    }

    pub fn clear(&mut self) {
        self.set = false;
    }

    #[must_use]
    pub fn is_set(&self) -> bool {
        self.set
    }

    /// Waits until it is set. Only while it is not.
    pub fn wait(&mut self, who: u32) {
        self.waiting.push(who);
    }

    /// Waits no longer.
    pub fn withdraw(&mut self, who: u32) {
        self.waiting.retain(|&other| other != who);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_who_wait_go_on_when_it_is_set() {
        let mut event = Event::default();
        event.wait(1);
        event.wait(2);
        event.wait(3);
        event.withdraw(2);
        assert_eq!((event.is_set(), event.set(), event.is_set()), (false, vec![1, 3], true));
        event.clear();
        assert_eq!((event.is_set(), event.set()), (false, vec![]));
    }
}
