//! How the tables of natives are written.

use crate::script::fault::Fault;
use crate::script::registry::{Context, Native, Receiver, Shape};
use crate::value::Value;

pub(super) type Outcome = Result<Value, Fault>;
pub(super) type Run = fn(&mut Context<'_>, &mut [Value]) -> Outcome;
pub(super) type Names = &'static [&'static str];

/// A function that is called by name, or as a method of its first argument.
pub(super) const fn function(
    name: &'static str,
    params: Names,
    doc: &'static str,
    example: &'static str,
    run: Run,
) -> Native {
    Native { name, receiver: Receiver::None, shape: Shape::Function, params, doc, example, run, host: None }
}
