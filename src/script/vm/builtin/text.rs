//! Texts.

#![allow(clippy::unnecessary_wraps)] // The functions of the tables have one shape.

use super::{Builtin, bool, changes, reads, reads_texts, unit};
use crate::script::vm::code::Program;
use crate::script::vm::run::Machine;
use crate::script::vm::trouble::Run;
use crate::value::Value;
use std::rc::Rc;

pub(super) const TABLE: &[Builtin] = &[
    reads("to_upper", 1, to_upper),
    reads("to_lower", 1, to_lower),
    changes("trim", 1, trim),
    reads("starts_with", 2, starts_with),
    reads("ends_with", 2, ends_with),
    reads("split", 1, split_words),
    reads_texts("split", 2, split),
    reads("sub_string", 2, sub_string),
    reads("sub_string", 3, sub_string),
    changes("replace", 3, replace),
    reads("to_chars", 1, to_chars),
];

type P = Rc<Program>;

fn text(value: &Value) -> Option<&str> {
    value.as_str()
}

fn texts<'t>(parts: impl Iterator<Item = &'t str>) -> Option<Run> {
    Some(Ok(Value::array(parts.map(Value::string).collect())))
}

fn to_upper(_: &Machine, _: &P, place: &mut Value, _: &mut [Value]) -> Option<Run> {
    Some(Ok(Value::string(text(place)?.to_uppercase())))
}

fn to_lower(_: &Machine, _: &P, place: &mut Value, _: &mut [Value]) -> Option<Run> {
    Some(Ok(Value::string(text(place)?.to_lowercase())))
}

fn trim(_: &Machine, _: &P, place: &mut Value, _: &mut [Value]) -> Option<Run> {
    let Value::String(text) = place else { return None };
    if text.trim().len() != text.len() {
        *text = text.trim().into();
    }
    unit()
}

fn starts_with(_: &Machine, _: &P, place: &mut Value, arguments: &mut [Value]) -> Option<Run> {
    bool(match &arguments[0] {
        Value::String(start) => text(place)?.starts_with(start.as_str()),
        Value::Char(start) => text(place)?.starts_with(*start),
        _ => return None,
    })
}

fn ends_with(_: &Machine, _: &P, place: &mut Value, arguments: &mut [Value]) -> Option<Run> {
    bool(match &arguments[0] {
        Value::String(end) => text(place)?.ends_with(end.as_str()),
        Value::Char(end) => text(place)?.ends_with(*end),
        _ => return None,
    })
}

fn split_words(_: &Machine, _: &P, place: &mut Value, _: &mut [Value]) -> Option<Run> {
    match text(place)? {
        "" => texts([""].into_iter()),
        text => texts(text.split_whitespace()),
    }
}

/// The character of a text that has one.
fn only(text: &str) -> Option<char> {
    let mut chars = text.chars();
    chars.next().filter(|_| chars.next().is_none())
}

/// The parts between a character. Those that are short are found byte by byte.
fn split_at(whole: &str, sign: char) -> Option<Run> {
    const SHORT: usize = 32;
    let byte = sign as u8;
    let signs = whole.bytes().filter(|it| *it == byte).count();
    if !sign.is_ascii() || whole.len() > SHORT * signs {
        return texts(whole.split(sign));
    }
    let mut parts = Vec::with_capacity(signs + 1);
    let mut start = 0;
    for (end, it) in whole.bytes().enumerate() {
        if it == byte {
            parts.push(Value::string(&whole[start..end]));
            start = end + 1;
        }
    }
    parts.push(Value::string(&whole[start..]));
    Some(Ok(Value::array(parts)))
}

fn split(_: &Machine, _: &P, place: &mut Value, arguments: &mut [Value]) -> Option<Run> {
    let Some(whole) = text(place) else { return super::slice::split(place, arguments) };
    match &arguments[0] {
        Value::String(_) | Value::Char(_) if whole.is_empty() => texts([""].into_iter()),
        Value::String(sign) => match only(sign) {
            Some(sign) => split_at(whole, sign),
            None => texts(whole.split(sign.as_str())),
        },
        Value::Char(sign) => split_at(whole, *sign),
        _ => None,
    }
}

fn sub_string(_: &Machine, _: &P, place: &mut Value, arguments: &mut [Value]) -> Option<Run> {
    let whole = text(place)?;
    let (start, count) = match arguments {
        [Value::Int(start)] => (*start, i64::MAX),
        [Value::Int(start), Value::Int(count)] => (*start, *count),
        _ => return None,
    };
    if whole.is_ascii() {
        let (start, count) = super::part(whole.len(), start, count);
        return Some(Ok(Value::string(&whole[start..start + count])));
    }
    let (start, count) = super::part(whole.chars().count(), start, count);
    Some(Ok(Value::string(whole.chars().skip(start).take(count).collect::<String>())))
}

fn replace(_: &Machine, _: &P, place: &mut Value, arguments: &mut [Value]) -> Option<Run> {
    let (Value::String(text), [Value::String(from), Value::String(to)]) = (place, arguments) else {
        return None;
    };
    if !text.is_empty() {
        *text = text.replace(from.as_str(), to).into();
    }
    unit()
}

fn to_chars(_: &Machine, _: &P, place: &mut Value, _: &mut [Value]) -> Option<Run> {
    Some(Ok(Value::array(text(place)?.chars().map(Value::Char).collect())))
}
