//! The items of one message: small ones go within it as far as there is room, all others as shared files.

use super::connection::Item;
use super::parcel;
use crate::wire::message::Parcel;
use rustix::fd::OwnedFd;
use std::io;

/// Half of what a message may be long; the rest is for all else that it says.
const INLINE_BYTES: usize = crate::wire::frame::PAYLOAD_BYTES_MAX / 2;

/// What travels with one message.
pub struct Freight<'a> {
    /// Those that go along.
    descriptors: &'a mut Vec<OwnedFd>,
    room: usize,
}

impl<'a> Freight<'a> {
    #[must_use]
    pub fn new(descriptors: &'a mut Vec<OwnedFd>) -> Self {
        Freight { descriptors, room: INLINE_BYTES }
    }

    /// Takes an item along. Parcels are opened in the order in which they were loaded.
    ///
    /// # Errors
    /// When the system gives no memory or no descriptor for it.
    pub fn load(&mut self, item: Item) -> io::Result<Parcel> {
        let item = match item {
            Item::Inline(bytes) if bytes.len() > self.room => parcel::share(&bytes)?,
            Item::Inline(bytes) => {
                self.room -= bytes.len();
                Item::Inline(bytes)
            }
            shared @ Item::Shared { .. } => shared,
        };
        item.into_parcel(self.descriptors)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::rc::Rc;

    #[test]
    fn what_does_not_fit_into_a_message_travels_beside_it() {
        let mut descriptors = Vec::new();
        let mut freight = Freight::new(&mut descriptors);
        let item = Item::Inline(Rc::new(vec![7; INLINE_BYTES / 2 + 1]));
        assert!(matches!(freight.load(item.clone()), Ok(Parcel::Inline { .. })));
        assert!(matches!(freight.load(item.clone()), Ok(Parcel::Shared { .. })));
        assert_eq!(descriptors.len(), 1);
    }
}
