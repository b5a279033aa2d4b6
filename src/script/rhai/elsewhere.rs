//! Errors that came up in another process and are thrown on here: where they came up is remembered until
//! somebody asks why nobody caught them.

use crate::script::fault::Failure;
use rhai::Dynamic;
use std::cell::{Cell, RefCell};

/// Rhai's tags of thrown values count up from here; scripts that tag values use small numbers.
const FIRST_TAG: i32 = 0x5eed_0000;

/// The last such error, and the tag of its value.
#[derive(Default)]
pub(super) struct Elsewhere {
    count: Cell<u16>,
    last: RefCell<Option<(i32, Failure)>>,
}

impl Elsewhere {
    /// The value to throw: marked, so that it is known again.
    pub(super) fn keep(&self, mut value: Dynamic, failure: Failure) -> Dynamic {
        self.count.set(self.count.get().wrapping_add(1));
        let tag = FIRST_TAG + i32::from(self.count.get());
        value.set_tag(tag);
        *self.last.borrow_mut() = Some((tag, failure));
        value
    }

    /// What is known of a thrown value, when it came from elsewhere.
    pub(super) fn of(&self, value: &Dynamic) -> Option<Failure> {
        self.last.borrow().as_ref().filter(|(tag, _)| *tag == value.tag()).map(|(_, failure)| failure.clone())
    }
}
