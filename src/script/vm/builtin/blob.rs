//! Blobs.

use super::{Builtin, reads};
use crate::script::fault::Fault;
use crate::script::vm::code::Program;
use crate::script::vm::run::Machine;
use crate::script::vm::trouble::Run;
use crate::value::Value;
use std::rc::Rc;

pub(super) const TABLE: &[Builtin] = &[reads("blob", 1, blob), reads("blob", 2, blob)];

/// So many bytes; fewer than none are none, as in Rhai.
fn blob(machine: &Machine, _: &Rc<Program>, length: &mut Value, byte: &mut [Value]) -> Option<Run> {
    let (Value::Int(length), Some(byte)) = (length, byte_of(byte)) else { return None };
    let mut bytes = Vec::new();
    let size = usize::try_from(*length).unwrap_or(0);
    if bytes.try_reserve_exact(size).is_err() {
        let message = format!("there is no memory for a blob of size {size}");
        return Some(Err(machine.fault(Fault::error("Memory", message))));
    }
    bytes.resize(size, byte);
    Some(Ok(Value::blob(bytes)))
}

/// The lowest bits of what is given; nothing given is zero.
fn byte_of(given: &[Value]) -> Option<u8> {
    match given {
        [] => Some(0),
        [Value::Int(byte)] => Some(*byte as u8),
        _ => None,
    }
}
