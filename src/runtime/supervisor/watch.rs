//! What sees to it that nobody is left: the mark that all processes of a run carry, the guardian, and the search for
//! strays at the end.

use super::{KEY_GUARDIAN, Supervisor, key};
use crate::observe::Event;
use crate::runtime::guardian::Guardian;
use crate::runtime::os::poll::Interest;
use crate::runtime::os::strays;
use rustix::fd::OwnedFd;
use std::io;

/// A guardian that is killed is replaced so many times.
const GUARDIANS: u32 = 5;

/// The guard of one run.
pub struct Watch {
    mark: String,
    /// The mark with those of the runs around this one.
    marked: String,
    guarded: bool,
    guardian: Option<(Guardian, OwnedFd)>,
    called: u32,
}

impl Watch {
    #[must_use]
    pub fn new(guarded: bool) -> Self {
        let mark = strays::new_mark();
        if guarded {
            strays::adopt_orphans();
        }
        Watch { marked: strays::marked_value(&mark), mark, guarded, guardian: None, called: 0 }
    }

    /// What each process of the run carries in its environment.
    #[must_use]
    pub fn marked(&self) -> &str {
        &self.marked
    }

    /// Ends what programs of the run have left running. All workers have been reaped.
    pub fn kill_strays(&self) {
        if self.guarded {
            strays::kill_adopted(&self.mark);
        }
    }
}

impl Supervisor<'_> {
    /// Calls a guardian: at the start, and when the last one was killed.
    pub(super) fn call_guardian(&mut self) {
        if let Some((_, descriptor)) = self.watch.guardian.take() {
            // Closing it would take it off as well; a copy elsewhere would not.
            let _ = self.poll.remove(&descriptor);
        }
        if !self.watch.guarded || self.watch.called == GUARDIANS {
            return;
        }
        self.watch.called += 1;
        match self.guardian() {
            Ok(guardian) => self.watch.guardian = Some(guardian),
            Err(error) => {
                let event =
                    Event::NotStarted { name: "guardian".to_owned(), reason: super::limits::explain(&error) };
                self.observer.event(&event);
            }
        }
    }

    fn guardian(&self) -> io::Result<(Guardian, OwnedFd)> {
        let guardian = Guardian::start(&self.watch.mark)?;
        let descriptor = guardian.descriptor()?;
        self.poll.add(&descriptor, key(0, KEY_GUARDIAN), Interest::Read)?;
        Ok((guardian, descriptor))
    }
}
