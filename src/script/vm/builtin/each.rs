//! Functions that call a function for each item.

#![allow(clippy::unnecessary_wraps)] // The functions of the tables have one shape.

use super::{Builtin, bool, changes, part, reads, unit};
use crate::script::vm::code::Program;
use crate::script::vm::run::{Machine, Repeated, Target};
use crate::script::vm::trouble::Run;
use crate::value::{Function, Map, Text, Value};
use rhai::is_valid_function_name;
use std::rc::Rc;

pub(super) const TABLE: &[Builtin] = &[
    reads("map", 2, map),
    reads("filter", 2, filter),
    changes("for_each", 2, for_each),
    reads("some", 2, some),
    reads("all", 2, all),
    reads("find", 2, find),
    reads("find", 3, find),
    reads("find_map", 2, find_map),
    reads("find_map", 3, find_map),
    reads("reduce", 2, reduce),
    reads("reduce", 3, reduce),
    reads("reduce_rev", 2, reduce_rev),
    reads("reduce_rev", 3, reduce_rev),
    reads("zip", 3, zip),
    changes("retain", 2, retain),
    changes("drain", 2, drain),
    changes("dedup", 2, dedup),
];

/// Functions over arrays to which a function can be given by its name alone.
const BY_NAME: &[&str] = &["map", "filter", "some", "all", "reduce", "reduce_rev", "retain", "drain"];

type P = Rc<Program>;

/// Calls of one function for the items of a container.
struct Each<'m> {
    machine: &'m Machine,
    target: Target,
    repeated: Option<Repeated<'m>>,
    name: &'static str,
}

impl<'m> Each<'m> {
    fn new(machine: &'m Machine, program: &P, function: &Value, name: &'static str) -> Option<Self> {
        let target = match function {
            Value::Function(function) => machine.target(Some(program), function),
            // Rhai says what is wrong with a text that is no name.
            Value::String(function) if BY_NAME.contains(&name) && is_valid_function_name(function) => {
                let named = Function { name: function.to_string(), home: None, captured: Vec::new() };
                machine.target(Some(program), &named)
            }
            _ => return None,
        };
        let repeated = Repeated::new(machine, &target);
        Some(Each { machine, target, repeated, name })
    }

    /// For a container: one that is no array takes no names.
    fn of(
        machine: &'m Machine,
        program: &P,
        (place, function): (&Value, &Value),
        name: &'static str,
    ) -> Option<Self> {
        let fits = matches!((place, function), (Value::Array(_), _) | (_, Value::Function(_)));
        if fits { Each::new(machine, program, function, name) } else { None }
    }

    /// With the item, and its index if it takes one.
    fn call(&mut self, item: &Value, index: usize) -> Run {
        let result = match self.repeated.as_mut().map(|it| (it.takes(), it)) {
            Some((1, repeated)) => repeated.call(None, item, None),
            Some((2, repeated)) => repeated.call(None, item, Some(index)),
            _ => return self.call_with(&mut item.clone(), &mut [], (Some(index as i64), true)),
        };
        result.map_err(|trouble| self.machine.through_here(trouble, self.name))
    }

    /// With a value before the item.
    fn call_behind(&mut self, first: Value, item: &Value, index: usize) -> Run {
        let result = match self.repeated.as_mut().map(|it| (it.takes(), it)) {
            Some((2, repeated)) => repeated.call(Some(first), item, None),
            Some((3, repeated)) => repeated.call(Some(first), item, Some(index)),
            _ => return self.call_with(&mut item.clone(), &mut [first], (Some(index as i64), true)),
        };
        result.map_err(|trouble| self.machine.through_here(trouble, self.name))
    }

    /// With two items, and their index if it takes one.
    fn call_pair(&mut self, first: &Value, second: &Value, index: usize) -> Run {
        let result = match self.repeated.as_mut().map(|it| (it.takes(), it)) {
            Some((2, repeated)) => repeated.call(Some(first.clone()), second, None),
            Some((3, repeated)) => repeated.call(Some(first.clone()), second, Some(index)),
            _ => self.machine.call_with_index(&self.target, vec![first.clone(), second.clone()], index),
        };
        result.map_err(|trouble| self.machine.through_here(trouble, self.name))
    }

    /// The same; the item may be changed through `this`.
    fn holds_in_place(&mut self, item: &mut Value, index: usize) -> Run<bool> {
        let holds = match self.repeated.as_ref().map(Repeated::takes) {
            Some(1 | 2) => self.call(item, index)?,
            _ => self.call_with(item, &mut [], (Some(index as i64), true))?,
        };
        Ok(matches!(holds, Value::Bool(true)))
    }

    fn call_with(&self, item: &mut Value, own: &mut [Value], how: (Option<i64>, bool)) -> Run {
        let result = self.machine.call_for_item(&self.target, item, own, how);
        result.map_err(|trouble| self.machine.through_here(trouble, self.name))
    }

    fn holds(&mut self, item: &Value, index: usize) -> Run<bool> {
        Ok(matches!(self.call(item, index)?, Value::Bool(true)))
    }

    fn entry(&self, item: &mut Value, key: &Text) -> Run {
        self.call_with(item, &mut [Value::String(key.clone())], (None, true))
    }
}

/// The items of an array to call a function for, without holding the array.
fn items(place: &Value) -> Option<Rc<Vec<Value>>> {
    if let Value::Array(items) = place { Some(items.clone()) } else { None }
}

fn collected(result: Run<Vec<Value>>) -> Option<Run> {
    Some(result.map(Value::array))
}

fn map(machine: &Machine, program: &P, place: &mut Value, arguments: &mut [Value]) -> Option<Run> {
    if let Value::Map(map) = &*place {
        let each = Each::of(machine, program, (place, &arguments[0]), "filter")?;
        let made = map.iter().map(|(key, value)| Ok((key.clone(), each.entry(&mut value.clone(), key)?)));
        return Some(made.collect::<Run<Map>>().map(|map| Value::Map(Rc::new(map))));
    }
    let items = items(place)?;
    let mut each = Each::new(machine, program, &arguments[0], "map")?;
    let mut made = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        match each.call(item, index) {
            Ok(value) => made.push(value),
            Err(trouble) => return Some(Err(trouble)),
        }
    }
    collected(Ok(made))
}

fn filter(machine: &Machine, program: &P, place: &mut Value, arguments: &mut [Value]) -> Option<Run> {
    if let Value::Map(map) = &*place {
        let each = Each::of(machine, program, (place, &arguments[0]), "filter")?;
        let mut kept = Map::new();
        for (key, value) in &**map {
            match each.entry(&mut value.clone(), key) {
                Ok(Value::Bool(true)) => drop(kept.insert(key.clone(), value.clone())),
                Ok(_) => {}
                Err(trouble) => return Some(Err(trouble)),
            }
        }
        return Some(Ok(Value::Map(Rc::new(kept))));
    }
    let items = items(place)?;
    let mut each = Each::new(machine, program, &arguments[0], "filter")?;
    let mut kept = Vec::new();
    for (index, item) in items.iter().enumerate() {
        match each.holds(item, index) {
            Ok(true) => kept.push(item.clone()),
            Ok(false) => {}
            Err(trouble) => return Some(Err(trouble)),
        }
    }
    collected(Ok(kept))
}

/// The items may be changed through `this`.
fn for_each(machine: &Machine, program: &P, place: &mut Value, arguments: &mut [Value]) -> Option<Run> {
    let Value::Array(items) = place else { return None };
    let each = Each::new(machine, program, &arguments[0], "for_each")?;
    for (index, item) in Rc::make_mut(items).iter_mut().enumerate() {
        if let Err(trouble) = each.call_with(item, &mut [], (Some(index as i64), false)) {
            return Some(Err(trouble));
        }
    }
    unit()
}

/// Where to begin, if that is said behind the function.
fn start(items: &[Value], arguments: &[Value]) -> Option<usize> {
    match arguments.get(1) {
        None => Some(0),
        Some(Value::Int(start)) => Some(part(items.len(), *start, 0).0),
        Some(_) => None,
    }
}

/// The first item that holds.
fn first(each: &mut Each<'_>, items: &[Value], start: usize) -> Run<Option<usize>> {
    for (index, item) in items.iter().enumerate().skip(start) {
        if each.holds(item, index)? {
            return Ok(Some(index));
        }
    }
    Ok(None)
}

fn some(machine: &Machine, program: &P, place: &mut Value, arguments: &mut [Value]) -> Option<Run> {
    let items = items(place)?;
    let mut each = Each::new(machine, program, &arguments[0], "some")?;
    Some(first(&mut each, &items, 0).map(|found| Value::Bool(found.is_some())))
}

fn all(machine: &Machine, program: &P, place: &mut Value, arguments: &mut [Value]) -> Option<Run> {
    let items = items(place)?;
    let mut each = Each::new(machine, program, &arguments[0], "all")?;
    for (index, item) in items.iter().enumerate() {
        match each.holds(item, index) {
            Ok(true) => {}
            Ok(false) => return bool(false),
            Err(trouble) => return Some(Err(trouble)),
        }
    }
    bool(true)
}

pub(super) fn index_of(
    machine: &Machine,
    program: &P,
    place: &mut Value,
    arguments: &mut [Value],
) -> Option<Run> {
    let items = items(place)?;
    let start = start(&items, arguments)?;
    let mut each = Each::new(machine, program, &arguments[0], "index_of")?;
    Some(first(&mut each, &items, start).map(|found| Value::Int(found.map_or(-1, |index| index as i64))))
}

fn find(machine: &Machine, program: &P, place: &mut Value, arguments: &mut [Value]) -> Option<Run> {
    let items = items(place)?;
    let start = start(&items, arguments)?;
    let mut each = Each::new(machine, program, &arguments[0], "index_of")?;
    Some(first(&mut each, &items, start).map(|found| found.map_or(Value::Unit, |index| items[index].clone())))
}

fn find_map(machine: &Machine, program: &P, place: &mut Value, arguments: &mut [Value]) -> Option<Run> {
    let items = items(place)?;
    let start = start(&items, arguments)?;
    let mut each = Each::new(machine, program, &arguments[0], "find_map")?;
    for (index, item) in items.iter().enumerate().skip(start) {
        match each.call(item, index) {
            Ok(Value::Unit) => {}
            result => return Some(result),
        }
    }
    unit()
}

fn folded(mut each: Each<'_>, items: &[Value], order: impl Iterator<Item = usize>, first: Value) -> Run {
    let mut result = first;
    for index in order {
        result = each.call_behind(result, &items[index], index)?;
    }
    Ok(result)
}

fn reduce(machine: &Machine, program: &P, place: &mut Value, arguments: &mut [Value]) -> Option<Run> {
    let items = items(place)?;
    let each = Each::new(machine, program, &arguments[0], "reduce")?;
    let first = arguments.get_mut(1).map(Value::take).unwrap_or_default();
    Some(folded(each, &items, 0..items.len(), first))
}

fn reduce_rev(machine: &Machine, program: &P, place: &mut Value, arguments: &mut [Value]) -> Option<Run> {
    let items = items(place)?;
    let each = Each::new(machine, program, &arguments[0], "reduce_rev")?;
    let first = arguments.get_mut(1).map(Value::take).unwrap_or_default();
    Some(folded(each, &items, (0..items.len()).rev(), first))
}

fn zip(machine: &Machine, program: &P, place: &mut Value, arguments: &mut [Value]) -> Option<Run> {
    let left = items(place)?;
    let right = items(&arguments[0])?;
    let mut each = Each::new(machine, program, &arguments[1], "zip")?;
    let mut made = Vec::new();
    for (index, (a, b)) in left.iter().zip(&*right).enumerate() {
        match each.call_pair(a, b, index) {
            Ok(value) => made.push(value),
            Err(trouble) => return Some(Err(trouble)),
        }
    }
    collected(Ok(made))
}

fn retain(machine: &Machine, program: &P, place: &mut Value, arguments: &mut [Value]) -> Option<Run> {
    if let Some(done) = super::slice::retain(place, arguments) {
        return Some(done);
    }
    parted(Each::of(machine, program, (place, &arguments[0]), "retain")?, place, true)
}

fn drain(machine: &Machine, program: &P, place: &mut Value, arguments: &mut [Value]) -> Option<Run> {
    if let Some(done) = super::slice::drain(place, arguments) {
        return Some(done);
    }
    parted(Each::of(machine, program, (place, &arguments[0]), "drain")?, place, false)
}

/// Keeps the items for which the function gives `kept`, and gives the others.
fn parted(mut each: Each<'_>, place: &mut Value, kept: bool) -> Option<Run> {
    if let Value::Map(map) = place {
        let (mut stay, mut go, mut error) = (Map::new(), Map::new(), None);
        for (key, mut value) in Rc::unwrap_or_clone(std::mem::take(map)) {
            let holds = error.is_none().then(|| each.entry(&mut value, &key));
            match holds {
                Some(Ok(holds)) if matches!(holds, Value::Bool(true)) != kept => drop(go.insert(key, value)),
                Some(Err(trouble)) => {
                    error = Some(trouble);
                }
                _ => drop(stay.insert(key, value)),
            }
        }
        *map = Rc::new(stay);
        return Some(error.map_or_else(|| Ok(Value::Map(Rc::new(go))), Err));
    }
    let Value::Array(items) = place else { return None };
    let all = Rc::unwrap_or_clone(std::mem::take(items));
    let (mut stay, mut go, mut error) = (Vec::new(), Vec::new(), None);
    for (index, mut item) in all.into_iter().enumerate() {
        let holds = error.is_none().then(|| each.holds_in_place(&mut item, index));
        match holds {
            Some(Ok(holds)) if holds != kept => go.push(item),
            Some(Err(trouble)) => {
                error = Some(trouble);
                stay.push(item);
            }
            _ => stay.push(item),
        }
    }
    *items = Rc::new(stay);
    Some(error.map_or_else(|| Ok(Value::array(go)), Err))
}

/// Of neighbours for which the function holds only the first stays. What it throws is thrown on, which Rhai does not do.
fn dedup(machine: &Machine, program: &P, place: &mut Value, arguments: &mut [Value]) -> Option<Run> {
    let Value::Array(items) = place else { return None };
    let Value::Function(function) = &arguments[0] else { return None };
    let target = machine.target(Some(program), function);
    let mut error = None;
    Rc::make_mut(items).dedup_by(|item, kept| {
        if error.is_some() {
            return false;
        }
        let same = machine.call_target(&target, vec![kept.clone(), item.clone()], None);
        same.map_or_else(
            |trouble| {
                error = Some(trouble);
                false
            },
            |same| matches!(same, Value::Bool(true)),
        )
    });
    error.map_or_else(unit, |trouble| Some(Err(trouble)))
}
