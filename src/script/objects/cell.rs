//! A cell: one value that the threads of a process share.

use super::{Fault, INSTEAD_OF_LOCAL};
use crate::value::{ObjectKind, Value};
use std::any::Any;
use std::rc::Rc;

/// Copies go in and out.
pub trait CellHandle: Any {
    /// # Errors
    /// Only when the run is stopping.
    fn get(&self) -> Result<Value, Fault>;
    /// Waits while another thread updates it.
    ///
    /// # Errors
    /// `Unsendable`; `Cell` within its own update.
    fn set(&self, value: Value) -> Result<(), Fault>;
    /// Replaces the value by what `change` makes of it, and gives the new one; nobody comes between.
    ///
    /// # Errors
    /// As `set`, and what `change` throws; the old value stays then.
    fn update(&self, change: &mut dyn FnMut(Value) -> Result<Value, Fault>) -> Result<Value, Fault>;
}

/// A cell as a value.
pub struct CellObject(pub Rc<dyn CellHandle>);

impl ObjectKind for CellObject {
    fn kind(&self) -> &'static str {
        "a cell"
    }
    fn instead(&self) -> Option<&'static str> {
        Some(INSTEAD_OF_LOCAL)
    }
}
