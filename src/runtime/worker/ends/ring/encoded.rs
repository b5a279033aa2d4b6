//! The same end for items as bytes: what a native body puts and takes is never a value.

use super::{Came, RingEnd, SharedRing};
use crate::runtime::hooks::Point;
use crate::runtime::transport::page::At;
use crate::runtime::transport::ring::Kind;
use crate::script::objects::{EncodedEnd, Turn};
use crate::script::{Fault, QueueEnd, Wait};
use crate::wire::codec::Source;
use crate::wire::codec::direct::fits_at_a_glance;
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
    fn take_bytes(&self, ring: Option<&SharedRing>, wait: Wait, bytes: &mut Vec<u8>) -> Result<bool, Fault> {
        let came = ring.map_or(Ok(Came::ToBeAsked(wait)), |ring| self.take_record(ring, wait, bytes))?;
        match came {
            Came::Here => return Ok(true),
            Came::InBlocks => {
                *bytes = self.read_long(bytes, |mut source| Ok(source.copy_many(source.left())))?;
            }
            Came::Not => return Ok(false),
            Came::ToBeAsked(left) => match self.end.ask_for_bytes(left)? {
                Some(item) => *bytes = item,
                None => return Ok(false),
            },
        }
        Ok(true)
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

    fn get_encoded(&self, bytes: &mut Vec<u8>, wait: Wait) -> Result<bool, Fault> {
        self.end.check_takes()?;
        let ring = self.ring()?;
        self.client().reach(Point::GetBegins);
        let taken = self.take_bytes(ring.map(|ring| &**ring), wait, bytes);
        self.client().reach(Point::GetReturns);
        taken
    }

    #[inline]
    fn next_turn_encoded(&self, bytes: &mut Vec<u8>, turn: &mut Turn) -> Result<bool, Fault> {
        let take = |ring: Option<&SharedRing>| {
            self.take_bytes(ring, Wait::Forever, bytes).map(|came| came.then_some(()))
        };
        self.turn(turn, take).map(|item| item.is_some())
    }
}
