//! Arguments of natives, taken by type; what does not fit is an error that names function and parameter.

use super::items::Items;
use crate::script::fault::Fault;
use crate::script::objects::cell::{CellHandle, CellObject};
use crate::script::objects::{ProcessHandle, ProcessObject, QueueEnd, QueueObject, Wait};
use crate::value::{Function, ObjectKind, Value};
use std::rc::Rc;

/// The arguments of one call of a native.
pub(super) struct Arguments<'a> {
    pub(super) function: &'static str,
    pub(super) values: &'a mut [Value],
}

/// An error about a value of the wrong type.
pub(super) fn type_error(function: &str, parameter: &str, wanted: &str, found: &Value) -> Fault {
    let found = found.type_name();
    Fault::error("Type", format!("`{function}`: `{parameter}` must be {wanted}, not {found}"))
}

impl<'a> Arguments<'a> {
    pub(super) fn new(function: &'static str, values: &'a mut [Value]) -> Self {
        Arguments { function, values }
    }

    fn get(&self, index: usize) -> &Value {
        self.values.get(index).unwrap_or(&Value::Unit)
    }

    pub(super) fn take(&mut self, index: usize) -> Value {
        self.values.get_mut(index).map_or(Value::Unit, Value::take)
    }

    #[cold]
    pub(super) fn wrong<T>(&self, index: usize, parameter: &str, wanted: &str) -> Result<T, Fault> {
        Err(type_error(self.function, parameter, wanted, self.get(index)))
    }

    /// What the member that is called belongs to; it stays where it is.
    #[inline]
    pub(super) fn receiver<T: ObjectKind>(&self, wanted: &str) -> Result<&T, Fault> {
        if let Value::Object(object) = self.get(0)
            && let Some(receiver) = object.downcast()
        {
            return Ok(receiver);
        }
        self.wrong(0, "the receiver", wanted)
    }

    #[inline]
    pub(super) fn queue(&self) -> Result<&dyn QueueEnd, Fault> {
        self.receiver("a queue end").map(|QueueObject(queue)| &**queue)
    }

    pub(super) fn process(&self) -> Result<&dyn ProcessHandle, Fault> {
        self.receiver("a process").map(|ProcessObject(process)| &**process)
    }

    pub(super) fn cell(&self) -> Result<&dyn CellHandle, Fault> {
        self.receiver("a cell").map(|CellObject(cell)| &**cell)
    }

    pub(super) fn int(&self, index: usize, parameter: &str) -> Result<i64, Fault> {
        self.get(index).as_int().map_or_else(|| self.wrong(index, parameter, "an int"), Ok)
    }

    /// A number of things: an int that is not negative.
    pub(super) fn count(&self, index: usize, parameter: &str) -> Result<usize, Fault> {
        let int = self.int(index, parameter)?;
        usize::try_from(int).map_err(|_| {
            let function = self.function;
            Fault::error(
                "Argument",
                format!("`{function}`: `{parameter}` must not be negative, but is {int}"),
            )
        })
    }

    pub(super) fn number(&self, index: usize, parameter: &str) -> Result<f64, Fault> {
        self.get(index).as_number().map_or_else(|| self.wrong(index, parameter, "a number"), Ok)
    }

    pub(super) fn bool(&self, index: usize, parameter: &str) -> Result<bool, Fault> {
        match self.get(index) {
            Value::Bool(bool) => Ok(*bool),
            _ => self.wrong(index, parameter, "a bool"),
        }
    }

    /// A timeout in seconds.
    pub(super) fn wait(&self, index: usize) -> Result<Wait, Fault> {
        self.number(index, "seconds").map(Wait::seconds)
    }

    pub(super) fn string(&self, index: usize, parameter: &str) -> Result<&str, Fault> {
        self.get(index).as_str().map_or_else(|| self.wrong(index, parameter, "a string"), Ok)
    }

    pub(super) fn array(&mut self, index: usize, parameter: &str) -> Result<Vec<Value>, Fault> {
        match self.get(index) {
            Value::Array(_) => match self.take(index) {
                Value::Array(items) => Ok(Rc::unwrap_or_clone(items)),
                _ => Ok(Vec::new()),
            },
            _ => self.wrong(index, parameter, "an array"),
        }
    }

    /// What can be walked, as the first argument.
    pub(super) fn items(&mut self, index: usize) -> Result<Items, Fault> {
        self.items_named(index, "items")
    }

    pub(super) fn items_named(&mut self, index: usize, parameter: &str) -> Result<Items, Fault> {
        Items::of(self.function, parameter, self.take(index))
    }

    pub(super) fn function(&self, index: usize, parameter: &str) -> Result<Rc<Function>, Fault> {
        match self.get(index) {
            Value::Function(function) => Ok(function.clone()),
            _ => self.wrong(index, parameter, "a function"),
        }
    }
}
