//! A variable that closures share: the engine keeps one wherever a variable is captured.

use super::Value;
use super::sendable::Unsendable;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// Whether it can be read and written now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Free,
    /// Its value is in the hands of a method that was called on it.
    Busy,
    /// It can only be read.
    Constant,
}

/// Values of this kind are only in registers and among what closures captured; they never are data.
#[derive(Debug)]
pub struct Variable {
    value: RefCell<Value>,
    access: Cell<Access>,
}

impl Variable {
    #[must_use]
    pub fn new(value: Value, access: Access) -> Variable {
        Variable { value: RefCell::new(value), access: Cell::new(access) }
    }

    #[must_use]
    pub fn shared(value: Value, access: Access) -> Value {
        Value::Variable(Rc::new(Variable::new(value, access)))
    }

    #[must_use]
    pub fn access(&self) -> Access {
        self.access.get()
    }

    #[must_use]
    pub fn get(&self) -> Value {
        self.value.borrow().clone()
    }

    /// Its value, to go elsewhere.
    ///
    /// # Errors
    /// While the value is in other hands.
    pub fn sent(&self) -> Result<Value, Unsendable> {
        match self.access() {
            Access::Busy => Err(Unsendable {
                path: String::new(),
                what: "a variable that is at work in a call".to_owned(),
            }),
            Access::Free | Access::Constant => Ok(self.get()),
        }
    }

    /// Puts another value in, and gives the one that was there.
    pub fn replace(&self, value: Value) -> Value {
        self.value.replace(value)
    }

    /// Takes the value into hand; until [`Variable::give_back`] nobody else can have it.
    pub fn lend(&self) -> Value {
        self.access.set(Access::Busy);
        self.value.replace(Value::Unit)
    }

    pub fn give_back(&self, value: Value) {
        self.access.set(Access::Free);
        self.value.replace(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lent_is_busy_until_it_is_back() {
        let Value::Variable(variable) = Variable::shared(Value::Int(1), Access::Free) else { panic!() };
        assert_eq!(variable.lend(), Value::Int(1));
        assert_eq!(variable.access(), Access::Busy);
        assert_eq!(variable.sent().unwrap_err().what, "a variable that is at work in a call");
        variable.give_back(Value::Int(2));
        assert_eq!((variable.get(), variable.access()), (Value::Int(2), Access::Free));
        assert_eq!(variable.sent(), Ok(Value::Int(2)));
        assert_eq!(variable.replace(Value::Unit), Value::Int(2));
    }
}
