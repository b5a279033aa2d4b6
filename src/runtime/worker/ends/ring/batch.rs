//! Many items at once: encoded before the ring's lock is taken, and in it, or out of it, by one store. Nothing is held
//! back: what is put is there for everybody, and no more is taken than the body has asked for.

use super::{RingEnd, SharedRing};
use crate::runtime::parcel;
use crate::runtime::transport::page::At;
use crate::runtime::transport::ring::{Records, Take};
use crate::script::objects::Batch;
use crate::script::{Fault, QueueEnd, Wait};
use crate::value::Value;
use crate::wire::codec;

impl RingEnd {
    /// Puts items that are known to be sendable.
    pub(super) fn put_all(&self, ring: &SharedRing, items: Vec<Value>) -> Result<(), Fault> {
        let mut batch = Batch::default();
        for mut item in items {
            let begin = batch.bytes.len();
            let is_long = parcel::is_large(&item) || {
                codec::encode(&item, &mut batch.bytes).map_err(|what| self.unsendable(what))?;
                batch.bytes.len() - begin > self.record_max()
            };
            if is_long {
                batch.bytes.truncate(begin);
                self.put_batch(ring, &mut batch)?;
                self.put_into(ring, &mut item, Wait::Forever)?;
                continue;
            }
            batch.ends.push(batch.bytes.len());
            if batch.is_full() {
                self.put_batch(ring, &mut batch)?;
            }
        }
        self.put_batch(ring, &mut batch)
    }

    /// Puts as many as there is room for at once, then waits for room, until all are put.
    pub(super) fn put_batch(&self, ring: &SharedRing, batch: &mut Batch) -> Result<(), Fault> {
        let page = &self.client().page;
        let mut next = 0;
        while next < batch.ends.len() {
            let (count, tell) =
                ring.put_some(page.user(), (next..batch.ends.len()).map(|at| batch.bytes_of(at)));
            page.has_put(count);
            self.tell(tell)?;
            next += count;
            if next < batch.ends.len() {
                let mut bytes = batch.bytes_of(next).to_vec();
                self.put_bytes(ring, &mut bytes, &self.waiting(At::Put, Wait::Forever))?;
                next += 1;
            }
        }
        batch.bytes.clear();
        batch.ends.clear();
        Ok(())
    }

    /// Up to `count` items of a plain queue that are there, as far as they are not long.
    pub(super) fn take_batch(&self, ring: &SharedRing, count: usize) -> Result<Vec<Value>, Fault> {
        if self.end.facts.joinable {
            return Ok(Vec::new());
        }
        let mut bytes = self.buffer.take();
        let told = self.take_records(ring, count, &mut bytes);
        let items = Records::new(&bytes).map(|(kind, record)| self.read(kind, record));
        let items = items.collect();
        self.buffer.replace(bytes);
        told?;
        items
    }

    /// The same as records.
    pub(super) fn take_records(
        &self,
        ring: &SharedRing,
        count: usize,
        bytes: &mut Vec<u8>,
    ) -> Result<usize, Fault> {
        let page = &self.client().page;
        let (taken, tell) = ring.take_some(page.user(), count, bytes);
        page.has_taken(taken);
        self.tell(tell)?;
        Ok(taken)
    }

    /// Takes the first item as `wait` says, and up to `count` that are there with it.
    pub(super) fn some(&self, count: usize, wait: Wait) -> Result<Vec<Value>, Fault> {
        let Some(ring) = self.ring()? else { return self.end.take(count, wait, None) };
        self.end.check_takes()?;
        ring.asked_for();
        let mut items = self.take_batch(ring, count)?;
        if items.is_empty() {
            items.extend(self.get(wait)?);
        }
        while !items.is_empty() && items.len() < count {
            let more = self.take_batch(ring, count - items.len())?;
            if !more.is_empty() {
                items.extend(more);
                continue;
            }
            match self.take_now(ring)? {
                Ok(item) => items.push(item),
                // Long ones, and more than a page can keep.
                Err(Take::Elsewhere) => {
                    items.extend(self.end.ask_for(count - items.len(), Wait::No, None, false)?);
                    break;
                }
                Err(_) => break,
            }
        }
        Ok(items)
    }
}
