//! Items of arrays, entries of maps, properties.

use super::Machine;
use super::arithmetic::Here;
use super::execute::{takes_first, takes_second};
use crate::script::vm::code::{Operator, Places, Proto, Reg, THIRD, Window};
use crate::script::vm::trouble::{Run, Trouble};
use crate::value::{Range, Text, Value};
use rhai::Position;
use std::rc::Rc;

/// The kind of the error of what can have no index.
const INDEXING: &str = "ErrorIndexingType";

/// The place of an index that may count from the end.
pub(in crate::script::vm) fn place_of(index: i64, length: usize) -> Option<usize> {
    let place = match usize::try_from(index) {
        Ok(index) => Some(index),
        Err(_) => length.checked_sub(usize::try_from(index.unsigned_abs()).ok()?),
    };
    place.filter(|place| *place < length)
}

#[cold]
pub(super) fn outside(index: i64, length: usize) -> Trouble {
    Trouble::mistake("ErrorArrayBounds", format!("index {index} is outside an array of {length}"))
}

fn char_at(text: &str, index: i64) -> Option<char> {
    match usize::try_from(index) {
        Ok(index) if text.is_ascii() => text.as_bytes().get(index).map(|byte| char::from(*byte)),
        Ok(index) => text.chars().nth(index),
        Err(_) => text.chars().rev().nth(usize::try_from(index.unsigned_abs()).ok()?.checked_sub(1)?),
    }
}

impl Machine {
    pub(super) fn index(
        &self,
        registers: &mut Window,
        (proto, next): (&Proto, usize),
        target: Reg,
        (from, index): (Reg, Reg),
    ) -> Run<()> {
        let temporary = proto.spots[next - 1].temporary;
        let key = Self::operand(registers, index, takes_second(temporary) && index != from);
        let value = self.item(&registers[from as usize], key);
        let value = value.map_err(|trouble| self.placed_at_bracket(trouble, proto.places(next - 1)))?;
        if takes_first(temporary) {
            registers[from as usize] = Value::Unit;
        }
        registers[target as usize] = value;
        Ok(())
    }

    /// `from[key]`.
    pub(super) fn item(&self, from: &Value, key: Value) -> Run {
        match (from, &key) {
            (Value::Array(items), Value::Int(index)) => match place_of(*index, items.len()) {
                Some(place) => Ok(items[place].clone()),
                None => Err(outside(*index, items.len())),
            },
            (Value::Map(map), Value::String(key)) => Ok(map.get_shared(key).cloned().unwrap_or_default()),
            (Value::String(text), Value::Int(index)) => match char_at(text, *index) {
                Some(char) => Ok(Value::Char(char)),
                None => Err(self.rhai_error("x0[x1]".to_owned(), vec![from.clone(), key])),
            },
            (Value::Blob(bytes), Value::Int(index)) => match place_of(*index, bytes.len()) {
                Some(place) => Ok(Value::Int(bytes[place].into())),
                None => Err(outside(*index, bytes.len())),
            },
            (Value::String(text), Value::Range(range)) if !cfg!(as_in_rhai) && is_of_one(text, range) => {
                let char = char_at(text, range.start);
                Ok(Value::string(char.map(String::from).unwrap_or_default()))
            }
            _ => self.rhai_value("x0[x1]".to_owned(), vec![from.clone(), key]),
        }
    }

    pub(super) fn set_index(
        &self,
        (registers, proto, next): Here<'_, '_>,
        place: Reg,
        (index, source): (Reg, Reg),
    ) -> Run<()> {
        let temporary = proto.spots[next - 1].temporary;
        let value = Self::operand(registers, source, temporary & THIRD != 0);
        let key = Self::operand(registers, index, takes_second(temporary));
        let places = (proto.spots[next - 1].position, proto.places(next - 1));
        self.set_item(&mut registers[place as usize], (key, value), places)
    }

    /// The same error; where it is if what has an index cannot have one.
    pub(super) fn placed_at_bracket(&self, trouble: Trouble, places: Places) -> Trouble {
        if trouble.kind() == INDEXING { self.placed(trouble, places.bracket) } else { trouble }
    }

    /// `place[key] = value`. Says where an error is.
    pub(super) fn set_item(
        &self,
        place: &mut Value,
        (key, value): (Value, Value),
        (at, places): (Position, Places),
    ) -> Run<()> {
        match (&mut *place, &key) {
            (Value::Array(items), Value::Int(index)) => {
                let length = items.len();
                let Some(index) = place_of(*index, length) else {
                    return Err(self.placed(outside(*index, length), at));
                };
                Rc::make_mut(items)[index] = value;
            }
            (Value::Map(map), Value::String(key)) => *Rc::make_mut(map).place(key) = value,
            (Value::Blob(bytes), Value::Int(index)) if let Value::Int(byte) = value => {
                let length = bytes.len();
                let Some(index) = place_of(*index, length) else {
                    return Err(self.placed(outside(*index, length), at));
                };
                Rc::make_mut(bytes)[index] = byte as u8;
            }
            _ => {
                let place_of_value = match self.item(place, key.clone()) {
                    Ok(_) => places.second,
                    Err(trouble) if trouble.kind() == INDEXING => places.bracket,
                    Err(trouble) => return Err(self.placed(trouble, at)),
                };
                let key = match (&*place, key) {
                    // Rhai counts wrongly from the end.
                    (Value::String(text), Value::Int(index @ ..0)) if !cfg!(as_in_rhai) => {
                        Value::Int(index.checked_add_unsigned(text.chars().count() as u64).unwrap_or(index))
                    }
                    (_, key) => key,
                };
                self.rhai_change("x0[x1] = x2".to_owned(), place, &mut [key, value], false)
                    .map_err(|trouble| self.placed(trouble, place_of_value))?;
            }
        }
        Ok(())
    }

    /// `place[key] += value`. Says where an error is.
    pub(super) fn assign_item(
        &self,
        operator: Operator,
        place: &mut Value,
        (key, value): (Value, Value),
        (at, places): (Position, Places),
    ) -> Run<()> {
        let in_value = |trouble| self.placed(trouble, places.second);
        let item = match (&mut *place, &key) {
            (Value::Array(items), Value::Int(index)) => {
                let length = items.len();
                let Some(index) = place_of(*index, length) else {
                    return Err(self.placed(outside(*index, length), at));
                };
                &mut Rc::make_mut(items)[index]
            }
            (Value::Map(map), Value::String(key)) => Rc::make_mut(map).place(key),
            _ => {
                let value = match self.item(place, key.clone()) {
                    Ok(mut item) => {
                        self.assign_value(operator, &mut item, value).map_err(in_value)?;
                        item
                    }
                    Err(trouble) if trouble.kind() == INDEXING => value,
                    Err(trouble) => return Err(self.placed(trouble, at)),
                };
                return self.set_item(place, (key, value), (at, places));
            }
        };
        self.assign_value(operator, item, value).map_err(in_value)
    }

    /// `from.name`.
    pub(super) fn property(&self, from: &Value, name: &Text, position: Position) -> Run {
        match from {
            Value::Map(map) => Ok(map.get_shared(name).cloned().unwrap_or_default()),
            Value::Array(items) if *name == "len" => Ok(Value::Int(items.len() as i64)),
            Value::String(text) if *name == "len" => Ok(Value::Int(text.chars().count() as i64)),
            Value::Blob(bytes) if *name == "len" => Ok(Value::Int(bytes.len() as i64)),
            Value::Array(items) if *name == "is_empty" => Ok(Value::Bool(items.is_empty())),
            Value::String(text) if *name == "is_empty" => Ok(Value::Bool(text.is_empty())),
            Value::Blob(bytes) if *name == "is_empty" => Ok(Value::Bool(bytes.is_empty())),
            Value::Object(object) => {
                let natives = self.natives.properties(name, 0);
                match natives.iter().find(|native| native.receiver.is(object)) {
                    Some(native) => {
                        self.at(position);
                        self.native(None, native, &mut [from.clone()])
                    }
                    None => self.rhai_value(format!("x0.{name}"), vec![from.clone()]),
                }
            }
            _ => self.rhai_value(format!("x0.{name}"), vec![from.clone()]),
        }
    }

    /// `place.name = value`.
    pub(super) fn set_property(
        &self,
        place: &mut Value,
        name: &Text,
        value: Value,
        position: Position,
    ) -> Run<()> {
        match place {
            Value::Map(map) => *Rc::make_mut(map).place(name) = value,
            Value::Object(object) => {
                let natives = self.natives.properties(name, 1);
                match natives.iter().find(|native| native.receiver.is(object)) {
                    Some(native) => {
                        self.at(position);
                        self.native(None, native, &mut [place.clone(), value])?;
                    }
                    None => {
                        self.rhai_change(format!("x0.{name} = x1"), place, &mut [value], false)?;
                    }
                }
            }
            _ => {
                self.rhai_change(format!("x0.{name} = x1"), place, &mut [value], false)?;
            }
        }
        Ok(())
    }

    /// `place.name += value`.
    pub(super) fn assign_property(
        &self,
        operator: Operator,
        place: &mut Value,
        (name, value): (&Text, Value),
        (position, at): (Position, Position),
    ) -> Run<()> {
        if let Value::Map(map) = place {
            let entry = Rc::make_mut(map).place(name);
            return self.assign_value(operator, entry, value).map_err(|trouble| self.placed(trouble, at));
        }
        let old = self.property(place, name, position)?;
        let mut new = old;
        self.assign_value(operator, &mut new, value).map_err(|trouble| self.placed(trouble, at))?;
        self.set_property(place, name, new, position)
    }
}

/// Whether a range ends with the char that it begins with: to Rhai there is nothing in it.
fn is_of_one(text: &str, range: &Range) -> bool {
    let length = text.chars().count() as i64;
    let place = |index: i64| if index < 0 { length.saturating_add(index) } else { index };
    let (start, end) = (place(range.start), place(range.end));
    range.inclusive && start == end && (0..length).contains(&start)
}
