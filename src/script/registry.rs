//! The one registry of natives: what bodies can call, over [`Value`], whichever engine runs them.

use super::fault::Fault;
use super::objects::Surroundings;
use crate::value::{Function, Value};
use std::rc::Rc;

/// What a native is a member of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receiver {
    /// A plain function; Rhai lets it be called as a method of its first argument too.
    None,
    Queue,
    Process,
    Pool,
    PoolJob,
}

/// Called as `name(…)`, or read as a property `x.name`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Function,
    Property,
}

/// Calls a function value.
pub type Call<'a> = dyn FnMut(&Function, Vec<Value>) -> Result<Value, Fault> + 'a;

/// What a native gets besides its arguments.
pub struct Context<'a> {
    pub surroundings: &'a Rc<dyn Surroundings>,
    /// Calls a function value that came as an argument.
    pub call: &'a mut Call<'a>,
}

/// A native: name, parameters, documentation and code. A method's receiver is its first argument.
pub struct Native {
    pub name: &'static str,
    pub receiver: Receiver,
    pub shape: Shape,
    /// Names of the parameters, the receiver not included.
    pub params: &'static [&'static str],
    /// One line: what it does, units, what it throws.
    pub doc: &'static str,
    pub example: &'static str,
    /// Arguments may be taken out (`Value::take`), so that a large one is not held twice.
    pub run: fn(&mut Context<'_>, &mut [Value]) -> Result<Value, Fault>,
}

/// All natives.
#[must_use]
pub fn natives() -> impl Iterator<Item = &'static Native> {
    super::lib::ALL.iter().flat_map(|group| group.iter())
}
