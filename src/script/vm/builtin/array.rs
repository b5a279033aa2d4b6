//! Arrays, and the functions whose names arrays share with maps and texts.

#![allow(clippy::unnecessary_wraps)] // The functions of the tables have one shape.

use super::{Builtin, blob, bool, changes, int, part, reads, unit};
use crate::script::vm::code::{Operator, Program};
use crate::script::vm::run::{Machine, place_of};
use crate::script::vm::trouble::Run;
use crate::value::{Text, Value};
use std::rc::Rc;

pub(super) const TABLE: &[Builtin] = &[
    reads("len", 1, len),
    reads("is_empty", 1, is_empty),
    changes("push", 2, push),
    changes("pop", 1, pop),
    changes("shift", 1, shift),
    changes("insert", 3, insert),
    changes("remove", 2, remove),
    changes("append", 2, append),
    changes("clear", 1, clear),
    changes("truncate", 2, truncate),
    changes("reverse", 1, reverse),
    reads("get", 2, get),
    changes("set", 3, set),
    reads("contains", 2, contains),
    reads("index_of", 2, index_of),
    reads("index_of", 3, index_of_from),
    reads("type_of", 1, type_of),
    reads("to_string", 1, to_string),
    reads("to_array", 1, to_array),
];

type P = Rc<Program>;

fn len(_: &Machine, _: &P, place: &mut Value, _: &mut [Value]) -> Option<Run> {
    int(match place {
        Value::Array(items) => items.len(),
        Value::Map(map) => map.len(),
        Value::Blob(bytes) => bytes.len(),
        Value::String(text) if text.is_ascii() => text.len(),
        Value::String(text) => text.chars().count(),
        _ => return None,
    })
}

fn is_empty(_: &Machine, _: &P, place: &mut Value, _: &mut [Value]) -> Option<Run> {
    bool(match place {
        Value::Array(items) => items.is_empty(),
        Value::Map(map) => map.is_empty(),
        Value::Blob(bytes) => bytes.is_empty(),
        Value::String(text) => text.is_empty(),
        _ => return None,
    })
}

fn push(_: &Machine, _: &P, place: &mut Value, arguments: &mut [Value]) -> Option<Run> {
    let Value::Array(items) = place else { return blob::push(place, arguments) };
    Rc::make_mut(items).push(arguments[0].take());
    unit()
}

fn pop(_: &Machine, _: &P, place: &mut Value, _: &mut [Value]) -> Option<Run> {
    match place {
        Value::Array(items) => Some(Ok(Rc::make_mut(items).pop().unwrap_or_default())),
        Value::String(text) => {
            let last = text.pop();
            Some(Ok(last.map_or(Value::Unit, Value::Char)))
        }
        Value::Blob(bytes) => Some(Ok(blob::byte(Rc::make_mut(bytes).pop()))),
        _ => None,
    }
}

fn shift(_: &Machine, _: &P, place: &mut Value, _: &mut [Value]) -> Option<Run> {
    let Value::Array(items) = place else { return blob::remove(place, &[Value::Int(0)]) };
    let first = if items.is_empty() { Value::Unit } else { Rc::make_mut(items).remove(0) };
    Some(Ok(first))
}

fn insert(_: &Machine, _: &P, place: &mut Value, arguments: &mut [Value]) -> Option<Run> {
    if matches!(place, Value::Blob(_)) {
        return blob::insert(place, arguments);
    }
    let (Value::Array(items), [Value::Int(at), item]) = (place, arguments) else { return None };
    let items = Rc::make_mut(items);
    let (at, _) = part(items.len(), *at, 0);
    items.insert(at, item.take());
    unit()
}

fn remove(_: &Machine, _: &P, place: &mut Value, arguments: &mut [Value]) -> Option<Run> {
    match (&mut *place, &arguments[0]) {
        (Value::Array(items), Value::Int(at)) => {
            let at = place_of(*at, items.len());
            Some(Ok(at.map_or(Value::Unit, |at| Rc::make_mut(items).remove(at))))
        }
        (Value::Map(map), Value::String(key)) => {
            Some(Ok(Rc::make_mut(map).remove(key.as_str()).unwrap_or_default()))
        }
        _ => blob::remove(place, arguments),
    }
}

fn append(machine: &Machine, _: &P, place: &mut Value, arguments: &mut [Value]) -> Option<Run> {
    match (&mut *place, &arguments[0]) {
        (Value::Array(_), Value::Array(_)) | (Value::String(_), Value::String(_) | Value::Char(_)) => {
            let value = arguments[0].take();
            Some(machine.assign_value(Operator::Add, place, value).map(|()| Value::Unit))
        }
        _ => blob::append(place, arguments),
    }
}

fn clear(_: &Machine, _: &P, place: &mut Value, _: &mut [Value]) -> Option<Run> {
    match place {
        Value::Array(items) => *items = Rc::default(),
        Value::Map(map) => *map = Rc::default(),
        Value::String(text) => *text = Text::default(),
        Value::Blob(bytes) => *bytes = Rc::default(),
        _ => return None,
    }
    unit()
}

fn truncate(_: &Machine, _: &P, place: &mut Value, arguments: &mut [Value]) -> Option<Run> {
    let [Value::Int(length)] = arguments else { return None };
    let length = usize::try_from(*length).unwrap_or(0);
    match place {
        Value::Array(items) => Rc::make_mut(items).truncate(length),
        Value::Blob(bytes) => Rc::make_mut(bytes).truncate(length),
        _ => return None,
    }
    unit()
}

fn reverse(_: &Machine, _: &P, place: &mut Value, _: &mut [Value]) -> Option<Run> {
    match place {
        Value::Array(items) => Rc::make_mut(items).reverse(),
        Value::Blob(bytes) => Rc::make_mut(bytes).reverse(),
        _ => return None,
    }
    unit()
}

fn get(_: &Machine, _: &P, place: &mut Value, arguments: &mut [Value]) -> Option<Run> {
    match (place, &arguments[0]) {
        (Value::Array(items), Value::Int(at)) => {
            let (at, _) = part(items.len(), *at, 0);
            Some(Ok(items.get(at).cloned().unwrap_or_default()))
        }
        (Value::Map(map), Value::String(key)) => Some(Ok(map.get_shared(key).cloned().unwrap_or_default())),
        (Value::Blob(bytes), Value::Int(at)) => {
            let (at, _) = part(bytes.len(), *at, 0);
            Some(Ok(blob::byte(bytes.get(at).copied())))
        }
        _ => None,
    }
}

fn set(_: &Machine, _: &P, place: &mut Value, arguments: &mut [Value]) -> Option<Run> {
    match (place, arguments) {
        (Value::Map(map), [Value::String(key), value]) => {
            Rc::make_mut(map).insert(&*key, value.take());
        }
        (Value::Array(items), [Value::Int(at), value]) => {
            let (at, _) = part(items.len(), *at, 0);
            if at < items.len() {
                Rc::make_mut(items)[at] = value.take();
            }
        }
        (Value::Blob(bytes), [Value::Int(at), Value::Int(byte)]) => {
            let (at, _) = part(bytes.len(), *at, 0);
            if at < bytes.len() {
                Rc::make_mut(bytes)[at] = *byte as u8;
            }
        }
        _ => return None,
    }
    unit()
}

fn contains(machine: &Machine, _: &P, place: &mut Value, arguments: &mut [Value]) -> Option<Run> {
    bool(match (place, &arguments[0]) {
        (Value::Map(map), Value::String(key)) => map.get_shared(key).is_some(),
        (Value::String(text), Value::String(part)) => text.contains(part.as_str()),
        (Value::String(text), Value::Char(char)) => text.contains(*char),
        (Value::Array(items), value) => position(machine, items, value)?.0.is_some(),
        (Value::Blob(bytes), Value::Int(byte)) => bytes.contains(&(*byte as u8)),
        (Value::Range(range), Value::Int(int)) => {
            range.start <= *int && (*int < range.end || range.inclusive && *int == range.end)
        }
        _ => return None,
    })
}

/// Where an equal item is, or none. Nothing at all when Rhai has to compare.
fn position(machine: &Machine, items: &[Value], value: &Value) -> Option<Place> {
    for (index, item) in items.iter().enumerate() {
        match machine.compare_known(Operator::Equal, item, value) {
            Ok(Some(true)) => return Some(Place(Some(index))),
            Ok(Some(false)) => {}
            _ => return None,
        }
    }
    Some(Place(None))
}

struct Place(Option<usize>);

fn index_of(machine: &Machine, program: &P, place: &mut Value, arguments: &mut [Value]) -> Option<Run> {
    match (&mut *place, &arguments[0]) {
        (Value::Array(_), Value::Function(_)) => super::each::index_of(machine, program, place, arguments),
        (Value::Array(items), value) => {
            let Place(found) = position(machine, items, value)?;
            Some(Ok(Value::Int(found.map_or(-1, |index| index as i64))))
        }
        (Value::String(text), Value::String(part)) => Some(Ok(place_in(text, text.find(part.as_str())))),
        (Value::String(text), Value::Char(char)) => Some(Ok(place_in(text, text.find(*char)))),
        _ => None,
    }
}

fn index_of_from(machine: &Machine, program: &P, place: &mut Value, arguments: &mut [Value]) -> Option<Run> {
    let (Value::Array(items), [value, start]) = (&*place, &*arguments) else { return None };
    if matches!(value, Value::Function(_)) {
        return super::each::index_of(machine, program, place, arguments);
    }
    let &Value::Int(start) = start else { return None };
    let (start, _) = part(items.len(), start, 0);
    let Place(found) = position(machine, &items[start..], value)?;
    Some(Ok(Value::Int(found.map_or(-1, |index| (start + index) as i64))))
}

/// The number of characters before a byte of a text.
fn place_in(text: &str, byte: Option<usize>) -> Value {
    let byte = byte.filter(|_| !text.is_empty());
    Value::Int(byte.map_or(-1, |byte| text[..byte].chars().count() as i64))
}

/// What `type_of` says.
const TYPES: [&str; 10] = ["()", "bool", "i64", "f64", "char", "string", "array", "map", "blob", "Fn"];

thread_local! {
    static TYPE_NAMES: [Text; 10] = TYPES.map(Text::of_key);
}

fn type_of(_: &Machine, _: &P, place: &mut Value, _: &mut [Value]) -> Option<Run> {
    let name = match place {
        Value::Unit => 0,
        Value::Bool(_) => 1,
        Value::Int(_) => 2,
        Value::Float(_) => 3,
        Value::Char(_) => 4,
        Value::String(_) => 5,
        Value::Array(_) => 6,
        Value::Map(_) => 7,
        Value::Blob(_) => 8,
        Value::Function(_) => 9,
        _ => return None,
    };
    Some(Ok(Value::String(TYPE_NAMES.with(|names| names[name].clone()))))
}

/// Of other values, ours.
fn to_array(_: &Machine, _: &P, place: &mut Value, _: &mut [Value]) -> Option<Run> {
    let Value::Blob(bytes) = place else { return None };
    Some(Ok(Value::array(bytes.iter().map(|byte| Value::Int((*byte).into())).collect())))
}

fn to_string(machine: &Machine, _: &P, place: &mut Value, _: &mut [Value]) -> Option<Run> {
    match place {
        Value::String(_) => Some(Ok(place.clone())),
        Value::Int(int) => Some(Ok(Value::String(Text::of_int(*int)))),
        Value::Range(_) | Value::Function(_) | Value::Object(_) => None,
        value => Some(machine.text_of(value).map(Value::string)),
    }
}
