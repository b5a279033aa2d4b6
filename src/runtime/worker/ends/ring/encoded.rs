//! The same end for items as bytes: what a native body puts and takes is never a value.

use super::{Came, RingEnd, SharedRing};
use crate::runtime::hooks::Point;
use crate::runtime::transport::page::At;
use crate::runtime::transport::ring::{Kind, Records};
use crate::script::objects::{Batch, Encoded, EncodedEnd, Turn};
use crate::script::{Fault, QueueEnd, Wait};
use crate::value::bare::{Bare, Form};
use crate::value::item_type::ItemType;
use crate::wire::codec;
use crate::wire::codec::direct::{fits_at_a_glance, form_fits};
use std::io::Write;

impl RingEnd {
    /// What is not seen at a glance to be what the queue carries is put as a value.
    fn put_as_value(&self, bytes: &[u8], wait: Wait) -> Result<bool, Fault> {
        let mut item = self.read(Kind::Here, bytes)?;
        self.put(&mut item, wait)
    }

    #[inline]
    fn put_as_bytes(&self, ring: &SharedRing, bytes: &mut Vec<u8>, wait: Wait) -> Result<bool, Fault> {
        let waiting = self.waiting(At::Put, wait);
        if bytes.len() <= self.record_max() {
            return self.put_bytes(ring, bytes, &waiting);
        }
        let put = self.put_long(ring, bytes.len(), &waiting, |writing| Ok(writing.write_all(bytes)?))?;
        let left = || super::patience(waiting.until.left());
        put.map_or_else(|| self.end.send_bytes(std::mem::take(bytes), left()), Ok)
    }

    #[inline]
    fn put_bare_as_bytes(&self, ring: &SharedRing, bare: Bare<'_>, wait: Wait) -> Result<bool, Fault> {
        let waiting = self.waiting(At::Put, wait);
        if self.may_be_bare(&bare) {
            return self.put_bare_record(ring, bare, &waiting);
        }
        let len = codec::length_of_bare(bare);
        if len <= self.record_max() {
            let mut bytes = self.buffer.take();
            bytes.clear();
            codec::encode_bare(bare, &mut bytes);
            let put = self.put_bytes(ring, &mut bytes, &waiting);
            self.buffer.replace(bytes);
            return put;
        }
        let put = self.put_long(ring, len, &waiting, |writing| Ok(codec::encode_bare_to(bare, writing)?))?;
        let left = || super::patience(waiting.until.left());
        put.map_or_else(|| self.end.send_bytes(codec::encoded_bare(bare), left()), Ok)
    }

    #[inline]
    fn take_bytes(&self, ring: Option<&SharedRing>, wait: Wait, item: &mut Encoded) -> Result<bool, Fault> {
        let Some(ring) = ring else { return self.take_asked_for(wait, item) };
        match self.take_record(ring, wait, &mut item.bytes) {
            Ok(Came::Record(Kind::InBlocks)) => {
                (item.form, item.bytes) =
                    self.read_long(&item.bytes, |source| codec::decode_bare_from(source))?;
                Ok(true)
            }
            Ok(Came::Record(kind)) => {
                item.form = kind.form();
                Ok(true)
            }
            Ok(Came::Not) => Ok(false),
            Ok(Came::ToBeAsked(left)) => self.take_asked_for(left, item),
            Err(fault) => Err(fault),
        }
    }

    #[cold]
    fn take_asked_for(&self, wait: Wait, item: &mut Encoded) -> Result<bool, Fault> {
        let Some(encoded) = self.end.ask_for_bytes(wait)? else { return Ok(false) };
        (item.form, item.bytes) = (None, encoded);
        Ok(true)
    }
}

impl RingEnd {
    /// Up to `count` items that are there; or, when there is none, one that is waited for.
    fn some_encoded(
        &self,
        (count, wait): (usize, Wait),
        item: &mut Encoded,
        each: &mut dyn FnMut(Option<Form>, &[u8]),
    ) -> Result<usize, Fault> {
        if let Some(ring) = self.ring()?.filter(|_| !self.end.facts.joinable) {
            ring.asked_for();
            let taken = self.take_records(ring, count, &mut item.bytes)?;
            if taken > 0 {
                Records::new(&item.bytes).for_each(|(kind, record)| each(kind.form(), record));
                return Ok(taken);
            }
        }
        let came = self.get_encoded(item, wait)?;
        if came {
            each(item.form, &item.bytes);
        }
        Ok(came.into())
    }
}

impl EncodedEnd for RingEnd {
    #[inline]
    fn put_encoded(&self, bytes: &mut Vec<u8>, wait: Wait) -> Result<bool, Fault> {
        self.end.check_puts()?;
        let Some(ring) = self.ring()?.filter(|_| fits_at_a_glance(bytes, &self.end.facts.item_type)) else {
            return self.put_as_value(bytes, wait);
        };
        self.client().reach(Point::PutBegins);
        let put = self.put_as_bytes(ring, bytes, wait);
        self.client().reach(Point::PutReturns);
        put
    }

    fn put_bare(&self, bare: Bare<'_>, wait: Wait) -> Result<bool, Fault> {
        self.end.check_puts()?;
        let Some(ring) = self.ring()?.filter(|_| form_fits(bare.form, &self.end.facts.item_type)) else {
            return self.put_as_value(&codec::encoded_bare(bare), wait);
        };
        self.client().reach(Point::PutBegins);
        let put = self.put_bare_as_bytes(ring, bare, wait);
        self.client().reach(Point::PutReturns);
        put
    }

    fn get_encoded(&self, item: &mut Encoded, wait: Wait) -> Result<bool, Fault> {
        self.end.check_takes()?;
        let ring = self.ring()?;
        self.client().reach(Point::GetBegins);
        let taken = self.take_bytes(ring.map(|ring| &**ring), wait, item);
        self.client().reach(Point::GetReturns);
        taken
    }

    #[inline]
    fn next_turn_encoded(&self, item: &mut Encoded, turn: &mut Turn) -> Result<bool, Fault> {
        let take = |ring: Option<&SharedRing>| {
            self.take_bytes(ring, Wait::Forever, item).map(|came| came.then_some(()))
        };
        self.turn(turn, take).map(|item| item.is_some())
    }

    fn put_batch_encoded(&self, batch: &mut Batch) -> Result<(), Fault> {
        self.end.check_puts()?;
        let is_plain = self.end.facts.item_type == ItemType::Any;
        let longest = (0..batch.ends.len()).map(|at| batch.bytes_of(at).len()).max().unwrap_or(0);
        if let Some(ring) = self.ring()?.filter(|_| is_plain && longest <= self.record_max()) {
            return self.put_batch(ring, batch);
        }
        for at in 0..batch.ends.len() {
            self.put_encoded(&mut batch.bytes_of(at).to_vec(), Wait::Forever)?;
        }
        batch.bytes.clear();
        batch.ends.clear();
        Ok(())
    }

    fn get_many_encoded(&self, count: usize, each: &mut dyn FnMut(Option<Form>, &[u8])) -> Result<(), Fault> {
        self.end.check_takes()?;
        let mut item = Encoded { form: None, bytes: self.buffer.take() };
        let mut taken = self.some_encoded((count, Wait::Forever), &mut item, each)?;
        let mut last = taken;
        while last > 0 && taken < count {
            last = self.some_encoded((count - taken, Wait::No), &mut item, each)?;
            taken += last;
        }
        self.buffer.replace(item.bytes);
        Ok(())
    }
}
