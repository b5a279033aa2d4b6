//! Rhai's own functions over our values: those that scripts use in loops. What is not here, Rhai does itself.

#![allow(clippy::unnecessary_wraps)] // The functions of the tables have one shape.

mod array;
mod blob;
mod each;
mod map;
mod number;
mod order;
mod slice;
mod text;

use super::code::Program;
use super::run::Machine;
use super::trouble::Run;
use crate::script::registry::{Native, Receiver, Registry, Shape};
use crate::value::Value;
use std::collections::HashMap;
use std::rc::Rc;

/// None when it does not take values of these types.
type Body = fn(&Machine, &Rc<Program>, &mut Value, &mut [Value]) -> Option<Run>;

pub(super) struct Builtin {
    name: &'static str,
    /// The receiver included.
    arguments: usize,
    /// Whether it may change the receiver, also a text.
    changes: bool,
    /// Whether a function of this name over other types may change it.
    pub(super) others_change: bool,
    pub(super) run: Body,
}

impl Builtin {
    /// Whether it may change any receiver.
    pub(super) fn may_change(&self) -> bool {
        self.changes || self.others_change
    }

    /// Whether it may change this receiver.
    pub(super) fn changes(&self, place: &Value) -> bool {
        self.changes || self.others_change && !matches!(place, Value::String(_))
    }
}

const fn reads(name: &'static str, arguments: usize, run: Body) -> Builtin {
    Builtin { name, arguments, changes: false, others_change: false, run }
}

const fn changes(name: &'static str, arguments: usize, run: Body) -> Builtin {
    Builtin { name, arguments, changes: true, others_change: true, run }
}

/// Reads only, but is one of those that Rhai and `check` take for functions that change.
const fn refuses_constants(name: &'static str, arguments: usize, run: Body) -> Builtin {
    Builtin { name, arguments, changes: true, others_change: false, run }
}

/// Reads only, if it is a text that is read.
const fn reads_texts(name: &'static str, arguments: usize, run: Body) -> Builtin {
    Builtin { name, arguments, changes: false, others_change: true, run }
}

/// Several types may have a function of one name: the first table's function asks the next one.
const TABLES: &[&[Builtin]] = &[
    array::TABLE,
    blob::TABLE,
    each::TABLE,
    map::TABLE,
    number::TABLE,
    order::TABLE,
    slice::TABLE,
    text::TABLE,
];

type Table = HashMap<(&'static str, usize), &'static Builtin>;
/// By name, then by number of arguments.
type ByName = HashMap<&'static str, Vec<(usize, Vec<&'static Native>)>, crate::value::Hashing>;

/// What a registry has, by name and number of arguments.
pub(super) struct Natives {
    functions: ByName,
    properties: ByName,
}

impl Natives {
    pub(super) fn of(registry: &Registry) -> Natives {
        let (mut functions, mut properties) = (ByName::default(), ByName::default());
        for native in registry.natives() {
            let arguments = native.params.len() + usize::from(native.receiver != Receiver::None);
            match native.shape {
                Shape::Function => add(&mut functions, arguments, native),
                Shape::Property => {
                    add(&mut properties, native.params.len(), native);
                    // A property can be read as `q.len` and, as Rhai's own, as `q.len()`.
                    if native.params.is_empty() {
                        add(&mut functions, 1, native);
                    }
                }
            }
        }
        Natives { functions, properties }
    }

    pub(super) fn functions(&self, name: &str, arguments: usize) -> &[&'static Native] {
        named(&self.functions, name, arguments)
    }

    /// Those that read a property, or with an argument those that set it.
    pub(super) fn properties(&self, name: &str, params: usize) -> &[&'static Native] {
        named(&self.properties, name, params)
    }
}

fn add(all: &mut ByName, arguments: usize, native: &'static Native) {
    let known = all.entry(native.name).or_default();
    match known.iter_mut().find(|(count, _)| *count == arguments) {
        Some((_, natives)) => natives.push(native),
        None => known.push((arguments, vec![native])),
    }
}

fn named<'a>(all: &'a ByName, name: &str, arguments: usize) -> &'a [&'static Native] {
    let known = all.get(name).and_then(|known| known.iter().find(|(count, _)| *count == arguments));
    known.map_or(&[], |(_, natives)| natives.as_slice())
}

thread_local! {
    static BUILTINS: Table =
        TABLES.iter().copied().flatten().map(|builtin| ((builtin.name, builtin.arguments), builtin)).collect();
}

pub(super) fn find(name: &str, arguments: usize) -> Option<&'static Builtin> {
    BUILTINS.with(|all| all.get(&(name, arguments)).copied())
}

/// An offset and a length within what there is; a negative offset counts from the end.
fn part(length: usize, start: i64, count: i64) -> (usize, usize) {
    let start = match usize::try_from(start) {
        Ok(start) if start >= length => return (length, 0),
        Ok(start) => start,
        Err(_) => length.saturating_sub(usize::try_from(start.unsigned_abs()).unwrap_or(usize::MAX)),
    };
    let count = usize::try_from(count).unwrap_or(0);
    (start, count.min(length - start))
}

fn int(count: usize) -> Option<Run> {
    Some(Ok(Value::Int(count as i64)))
}

fn bool(bool: bool) -> Option<Run> {
    Some(Ok(Value::Bool(bool)))
}

fn unit() -> Option<Run> {
    Some(Ok(Value::Unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_there_once() {
        let all: Vec<_> = TABLES.iter().copied().flatten().map(|it| (it.name, it.arguments)).collect();
        let different: std::collections::HashSet<_> = all.iter().collect();
        assert_eq!(different.len(), all.len());
    }
}
