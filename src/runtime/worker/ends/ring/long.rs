//! Items that are too long for the records of a ring: they are written into blocks and read there, without a copy in
//! between.

use super::{RingEnd, SharedRing, Waiting};
use crate::runtime::hooks::Point;
use crate::runtime::os::shared::Shared;
use crate::runtime::parcel;
use crate::runtime::transport::blocks::{Blocks, ITEM_MAX, Reading, Run, Writing};
use crate::runtime::transport::page::SLOT_PAYLOAD_MAX;
use crate::runtime::transport::ring::{Kind, Left, Outcome, RECORD_MAX, Waiter};
use crate::script::{Fault, QueueEnd};
use crate::value::Value;
use crate::wire::codec::{self, DecodeError, EncodeError};
use crate::wire::message::Parcel;
use rustix::fd::OwnedFd;
use std::cell::{Cell, OnceCell};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The memory for long items of a queue, for all threads of a process.
pub type SharedBlocks = Blocks<Shared>;

/// So long one waits for blocks, and so much longer for each byte of the item; then it travels as a message. Whoever frees
/// them reads as many bytes first.
const PATIENCE: Duration = Duration::from_millis(50);
const NANOSECONDS_A_BYTE: u64 = 4;

/// What an end knows of its queue's blocks.
#[derive(Default)]
pub(super) struct Long {
    /// Found when the first long item comes. Nothing: there are none to be had.
    blocks: OnceCell<Option<Arc<SharedBlocks>>>,
    /// A wait for blocks was in vain, and they had changed so often by then.
    in_vain: Cell<Option<u32>>,
}

impl Long {
    pub(super) fn blocks(&self) -> Option<&Arc<SharedBlocks>> {
        self.blocks.get().and_then(Option::as_ref)
    }

    /// Whether it is not known yet if there are any.
    pub(super) fn is_unknown(&self) -> bool {
        self.blocks.get().is_none()
    }

    /// Blocks for an item, waiting for them if that makes sense.
    fn claim(&self, blocks: &SharedBlocks, len: usize, waiting: &Waiting<'_>) -> Option<Run> {
        let user = waiting.client.page.user();
        if let Some(run) = blocks.claim(user, len) {
            return Some(run);
        }
        let patience = PATIENCE + Duration::from_nanos(NANOSECONDS_A_BYTE * len as u64);
        let patience = match waiting.left() {
            Left::Forever => patience,
            Left::Time(left) => left.min(patience),
            Left::Nothing => return None,
        };
        if self.in_vain.get() == Some(blocks.changes()) {
            return None;
        }
        let run = blocks.claim_until(user, len, Instant::now() + patience);
        self.in_vain.set(run.is_none().then(|| blocks.changes()));
        run
    }
}

impl RingEnd {
    /// What is longer goes into blocks; an item of a joinable queue must fit into a slot.
    pub(super) fn record_max(&self) -> usize {
        if self.end.facts.joinable { SLOT_PAYLOAD_MAX } else { RECORD_MAX }
    }

    pub(super) fn find_blocks(&self) -> Result<Option<&Arc<SharedBlocks>>, Fault> {
        if self.long.is_unknown() {
            let blocks = self.client().host.clone().blocks(self.client(), self.queue())?;
            // It was empty a moment ago, and belongs to this thread.
            let _ = self.long.blocks.set(blocks);
        }
        Ok(self.long.blocks())
    }

    /// Puts a value that was not encoded, since it is long.
    pub(super) fn put_large(
        &self,
        ring: &SharedRing,
        item: &mut Value,
        waiting: &Waiting<'_>,
    ) -> Result<bool, Fault> {
        let len = codec::length(item).map_err(|what| self.unsendable(what))?;
        let put = self.put_long(ring, len, waiting, |writing| {
            codec::encode_to(item, writing)?;
            // Given back before the item can be received, so that it is not held twice.
            drop(item.take());
            Ok(())
        })?;
        put.map_or_else(|| self.end.put(item, waiting.until.left()), Ok)
    }

    /// Puts an item of so many bytes, which `write` writes; nothing when there are no blocks for it.
    pub(super) fn put_long(
        &self,
        ring: &SharedRing,
        len: usize,
        waiting: &Waiting<'_>,
        write: impl FnOnce(&mut Writing<'_, Shared>) -> Result<(), EncodeError>,
    ) -> Result<Option<bool>, Fault> {
        if len > ITEM_MAX {
            return Ok(None);
        }
        let Some(blocks) = self.find_blocks()? else { return Ok(None) };
        let Some(run) = self.long.claim(blocks, len, waiting) else { return Ok(None) };
        let mut claim = Claim { blocks, run, is_put: false };
        self.client().reach(Point::LongClaimed);
        write(&mut blocks.writing(run)).map_err(|error| self.unwritten(error))?;
        self.client().reach(Point::LongWritten);
        let user = self.client().page.user();
        let mark = |number| blocks.number(run, user, number);
        let outcome = ring.put_record(user, (Kind::InBlocks, &run.to_bytes()), &mark, waiting);
        claim.is_put = matches!(outcome, Outcome::Done { .. });
        let put = self.put_ended(outcome, waiting, || self.as_message(blocks, run))?;
        self.tell(blocks.is_to_be_told())?;
        Ok(Some(put))
    }

    /// What was written, for the supervisor.
    fn as_message(&self, blocks: &SharedBlocks, run: Run) -> Result<(Vec<Parcel>, Vec<OwnedFd>), Fault> {
        let mut descriptors = Vec::new();
        let item = parcel::pack_from(blocks.reading(run), run.len());
        let parcel = item.and_then(|item| item.into_parcel(&mut descriptors));
        parcel.map(|parcel| (vec![parcel], descriptors)).map_err(|error| self.unwritten(error.into()))
    }

    /// The item in blocks, read by `read`. Unless they are kept for one who acknowledges it, they are free after this.
    pub(super) fn read_long<T>(
        &self,
        record: &[u8],
        read: impl FnOnce(Reading<'_, Shared>) -> Result<T, DecodeError>,
    ) -> Result<T, Fault> {
        let (Some(blocks), Some(run)) = (self.find_blocks()?, Run::of_bytes(record)) else {
            return Err(self.broken());
        };
        self.client().reach(Point::LongTaken);
        let item = read(blocks.reading(run));
        self.client().reach(Point::LongRead);
        if !self.end.facts.joinable {
            blocks.free(run);
            self.tell(blocks.is_to_be_told())?;
        }
        item.map_err(|error| self.end.unreadable(&error.to_string()))
    }

    /// The item of a slot is done: the slot is free, then its blocks. Who is killed in between has nothing in hand.
    pub(super) fn free_slot(&self, slot: usize) -> Result<(), Fault> {
        let page = &self.client().page;
        let kept = page.in_slot(slot).filter(|slot| slot.is_in_blocks).map(|slot| page.payload(&slot));
        page.free(slot);
        if let Some(run) = kept.and_then(|record| Run::of_bytes(&record))
            && let Some(blocks) = self.find_blocks()?
        {
            blocks.free(run);
            self.tell(blocks.is_to_be_told())?;
        }
        Ok(())
    }

    fn unwritten(&self, error: EncodeError) -> Fault {
        match error {
            EncodeError::Unsendable(what) => self.unsendable(what),
            EncodeError::Io(error) => self.end.fault("Memory", format!("cannot send an item: {error}")),
        }
    }
}

/// Blocks that are free again unless their item was put.
struct Claim<'a> {
    blocks: &'a SharedBlocks,
    run: Run,
    is_put: bool,
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        if !self.is_put {
            self.blocks.free(self.run);
        }
    }
}
