//! Arrays and maps that are written out.

use super::register::store;
use crate::script::vm::code::{Op, Proto, Window};
use crate::value::{Map, Value};
use std::rc::Rc;

#[inline(never)]
pub(super) fn collect(registers: &mut Window, proto: &Proto, op: Op) {
    match op {
        Op::Array(target, first, count) => {
            let values = &mut registers[first as usize..first as usize + count as usize];
            let items = values.iter_mut().map(Value::take).collect();
            store(&mut registers[target as usize], Value::array(items));
        }
        Op::Extend(target, first, count) => {
            let first = first as usize;
            let more: Vec<Value> =
                registers[first..first + count as usize].iter_mut().map(Value::take).collect();
            if let Value::Array(items) = &mut registers[target as usize] {
                Rc::make_mut(items).extend(more);
            }
        }
        Op::Map(target, count) => {
            store(&mut registers[target as usize], Value::Map(Rc::new(Map::with_capacity(count as usize))));
        }
        Op::MapOf(target, first, index) => {
            let shape = &proto.shapes[index as usize];
            let values = shape.places.iter().map(|place| registers[first as usize + *place as usize].take());
            let map = shape.keys.with_values(values);
            store(&mut registers[target as usize], Value::Map(Rc::new(map)));
        }
        Op::Entry(target, source, name) => {
            let value = registers[source as usize].take();
            if let Value::Map(map) = &mut registers[target as usize] {
                *Rc::make_mut(map).place(&proto.names[name as usize]) = value;
            }
        }
        _ => {}
    }
}
