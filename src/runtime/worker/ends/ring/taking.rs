//! An item on its way out of a ring: what it is kept in until it is acknowledged.

use super::RingEnd;
use crate::runtime::transport::blocks::Run;
use crate::runtime::transport::ring::Kind;
use std::cell::Cell;

/// An item on its way out of the ring.
pub(super) struct Taking<'a> {
    end: &'a RingEnd,
    /// A place for it, when the queue is joinable.
    pub slot: Option<usize>,
    /// What the record at the front is.
    pub kind: Cell<Kind>,
}

impl<'a> Taking<'a> {
    pub fn new(end: &'a RingEnd) -> Self {
        let slot = if end.end.facts.joinable { end.client().page.free_slot() } else { None };
        Taking { end, slot, kind: Cell::new(Kind::Here) }
    }

    /// Called before the item is taken: whether it can be kept here.
    pub fn keep(&self, kind: Kind, record: &[u8], number: u32) -> bool {
        self.kind.set(kind);
        let page = &self.end.client().page;
        let keep = || match self.slot {
            Some(slot) => page.keep(slot, (self.end.queue(), number), kind, record),
            None => !self.end.end.facts.joinable,
        };
        if kind != Kind::InBlocks {
            return keep();
        }
        let (Some(blocks), Some(run)) = (self.end.long.blocks(), Run::of_bytes(record)) else { return false };
        let kept = keep();
        if kept {
            blocks.number(run, page.user(), number);
        }
        kept
    }

    /// It was refused because nobody here has asked for the blocks yet.
    pub fn needs_blocks(&self) -> bool {
        self.kind.get() == Kind::InBlocks && self.end.long.is_unknown()
    }
}
