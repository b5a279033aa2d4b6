//! Maps.

#![allow(clippy::unnecessary_wraps)] // The functions of the tables have one shape.

use super::{Builtin, changes, reads, unit};
use crate::script::vm::code::Program;
use crate::script::vm::run::Machine;
use crate::script::vm::trouble::Run;
use crate::value::Value;
use std::rc::Rc;

pub(super) const TABLE: &[Builtin] = &[
    reads("keys", 1, keys),
    reads("values", 1, values),
    changes("mixin", 2, mixin),
    changes("fill_with", 2, fill_with),
];

fn keys(_: &Machine, _: &Rc<Program>, place: &mut Value, _: &mut [Value]) -> Option<Run> {
    let Value::Map(map) = place else { return None };
    Some(Ok(Value::array(map.keys().cloned().map(Value::String).collect())))
}

fn values(_: &Machine, _: &Rc<Program>, place: &mut Value, _: &mut [Value]) -> Option<Run> {
    let Value::Map(map) = place else { return None };
    Some(Ok(Value::array(map.values().cloned().collect())))
}

fn mixin(_: &Machine, _: &Rc<Program>, place: &mut Value, arguments: &mut [Value]) -> Option<Run> {
    let (Value::Map(map), Value::Map(other)) = (place, &mut arguments[0]) else { return None };
    Rc::make_mut(map).extend(Rc::unwrap_or_clone(std::mem::take(other)));
    unit()
}

fn fill_with(_: &Machine, _: &Rc<Program>, place: &mut Value, arguments: &mut [Value]) -> Option<Run> {
    let (Value::Map(map), Value::Map(other)) = (place, &mut arguments[0]) else { return None };
    let map = Rc::make_mut(map);
    for (key, value) in Rc::unwrap_or_clone(std::mem::take(other)) {
        if map.get_shared(&key).is_none() {
            map.insert(key, value);
        }
    }
    unit()
}
