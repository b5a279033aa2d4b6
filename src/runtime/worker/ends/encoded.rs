//! The same end for items as bytes: what a native body puts and takes is never a value.

use super::super::client::patience;
use super::ring::{Came, RingEnd, SharedRing};
use crate::runtime::hooks::Point;
use crate::runtime::transport::ring::RECORD_MAX;
use crate::script::objects::{EncodedEnd, Turn};
use crate::script::{Fault, QueueEnd, Wait};
use crate::wire::codec::direct::fits_at_a_glance;

impl RingEnd {
    /// What is not seen at a glance to be what the queue carries is put as a value.
    fn put_as_value(&self, bytes: &[u8], wait: Wait) -> Result<bool, Fault> {
        let mut item = self.read(bytes)?;
        self.put(&mut item, wait)
    }

    fn take_encoded(
        &self,
        ring: Option<&SharedRing>,
        wait: Wait,
        bytes: &mut Vec<u8>,
    ) -> Result<bool, Fault> {
        let ask = |left| self.end.ask_for_bytes(left);
        let came = match ring {
            Some(ring) => self.take_into(ring, wait, bytes, ask)?,
            None => Came::From(ask(wait)?),
        };
        if let Came::From(item) = came {
            let Some(item) = item else { return Ok(false) };
            *bytes = item;
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
        let put = if bytes.len() > RECORD_MAX {
            self.end.send_bytes(std::mem::take(bytes), patience(wait))
        } else {
            self.put_bytes(ring, bytes, wait)
        };
        self.client().reach(Point::PutReturns);
        put
    }

    fn get_encoded(&self, bytes: &mut Vec<u8>, wait: Wait) -> Result<bool, Fault> {
        self.end.check_takes()?;
        let ring = self.ring()?;
        self.client().reach(Point::GetBegins);
        let taken = self.take_encoded(ring.map(|ring| &**ring), wait, bytes);
        self.client().reach(Point::GetReturns);
        taken
    }

    #[inline]
    fn next_turn_encoded(&self, bytes: &mut Vec<u8>, turn: &mut Turn) -> Result<bool, Fault> {
        let take = |ring: Option<&SharedRing>| {
            self.take_encoded(ring, Wait::Forever, bytes).map(|came| came.then_some(()))
        };
        self.turn(turn, take).map(|item| item.is_some())
    }
}
