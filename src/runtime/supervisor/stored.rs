//! What queues and tables hold together, against what the host allows.

use super::Supervisor;
use super::asks::refused;
use super::job::{Wait, WaitOn};
use super::queue_state::QueueState;
use crate::diagnostic::words;
use crate::runtime::connection::Item;
use crate::wire::message::Answer;

/// What an item costs besides its bytes, about.
const ITEM_BYTES: u64 = 64;

/// What may be held.
pub struct Stored {
    most: Option<u64>,
    /// Not less than what is held: what was there at the last count, and all that came since.
    at_most: u64,
}

impl Stored {
    pub fn new(most: Option<u64>) -> Stored {
        Stored { most, at_most: 0 }
    }
}

/// What an item counts for.
pub fn weight(item: &Item) -> u64 {
    item.bytes().saturating_add(ITEM_BYTES)
}

impl Supervisor<'_> {
    /// Takes in so many bytes; or the answer to who brings them, when they are too many. Everything is counted only
    /// when it may be too much.
    pub(super) fn store(&mut self, bytes: u64) -> Result<(), Answer> {
        let Some(most) = self.stored.most else { return Ok(()) };
        if self.stored.at_most.saturating_add(bytes) > most {
            self.stored.at_most = self.held();
        }
        let after = self.stored.at_most.saturating_add(bytes);
        if after > most {
            let most = words::size(most);
            let message =
                format!("the program that runs the script allows {most} in all queues and tables together");
            return Err(refused("Limit", &message));
        }
        self.stored.at_most = after;
        Ok(())
    }

    fn held(&self) -> u64 {
        let queues = self.queues.iter().map(QueueState::held);
        let tables = self.shared.iter().map(super::shared::SharedObject::held);
        let waiting = self.jobs.iter().filter_map(|job| match &job.wait {
            Some(Wait { on: WaitOn::Put { items, .. }, .. }) => Some(items.iter().map(weight).sum::<u64>()),
            _ => None,
        });
        queues.chain(tables).chain(waiting).fold(0, u64::saturating_add)
    }
}

impl QueueState {
    /// The bytes of its items, also of those in hand.
    fn held(&self) -> u64 {
        let (items, bytes) = self.machine.held();
        let ahead = self.ahead.as_ref().map_or(0, super::ahead::Ahead::held);
        let ring = self.ring.as_ref().map_or(0, super::rings::RingState::held);
        bytes + items as u64 * ITEM_BYTES + ahead + ring
    }
}
