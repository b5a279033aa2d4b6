//! Blobs.

use super::{Builtin, part, reads, unit};
use crate::script::fault::Fault;
use crate::script::vm::code::Program;
use crate::script::vm::run::{Machine, place_of};
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

/// A byte as a value; zero where there is none.
pub(super) fn byte(byte: Option<u8>) -> Value {
    Value::Int(byte.unwrap_or(0).into())
}

pub(super) fn push(place: &mut Value, arguments: &[Value]) -> Option<Run> {
    let (Value::Blob(bytes), [Value::Int(byte)]) = (place, arguments) else { return None };
    Rc::make_mut(bytes).push(*byte as u8);
    unit()
}

pub(super) fn append(place: &mut Value, arguments: &[Value]) -> Option<Run> {
    let (Value::Blob(bytes), [more]) = (&mut *place, arguments) else { return None };
    match more {
        Value::Blob(more) => Rc::make_mut(bytes).extend_from_slice(more),
        Value::String(text) => Rc::make_mut(bytes).extend_from_slice(text.as_bytes()),
        Value::Char(char) => {
            Rc::make_mut(bytes).extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
        }
        _ => return push(place, arguments),
    }
    unit()
}

pub(super) fn insert(place: &mut Value, arguments: &[Value]) -> Option<Run> {
    let (Value::Blob(bytes), [Value::Int(at), Value::Int(byte)]) = (place, arguments) else { return None };
    let (at, _) = part(bytes.len(), *at, 0);
    Rc::make_mut(bytes).insert(at, *byte as u8);
    unit()
}

pub(super) fn remove(place: &mut Value, arguments: &[Value]) -> Option<Run> {
    let (Value::Blob(bytes), [Value::Int(at)]) = (place, arguments) else { return None };
    let at = place_of(*at, bytes.len());
    Some(Ok(byte(at.map(|at| Rc::make_mut(bytes).remove(at)))))
}
