//! Numbers.

#![allow(clippy::unnecessary_wraps)] // The functions of the tables have one shape.

use super::{Builtin, reads};
use crate::script::vm::code::Program;
use crate::script::vm::run::Machine;
use crate::script::vm::trouble::Run;
use crate::value::Value;
use std::rc::Rc;

pub(super) const TABLE: &[Builtin] = &[
    reads("abs", 1, abs),
    reads("sqrt", 1, |_, _, place, _| float(place, f64::sqrt)),
    reads("sin", 1, |_, _, place, _| float(place, f64::sin)),
    reads("cos", 1, |_, _, place, _| float(place, f64::cos)),
    reads("tan", 1, |_, _, place, _| float(place, f64::tan)),
    reads("atan", 1, |_, _, place, _| float(place, f64::atan)),
    reads("exp", 1, |_, _, place, _| float(place, f64::exp)),
    reads("ln", 1, |_, _, place, _| float(place, f64::ln)),
    reads("floor", 1, |_, _, place, _| float(place, f64::floor)),
    reads("ceiling", 1, |_, _, place, _| float(place, f64::ceil)),
    reads("round", 1, |_, _, place, _| float(place, f64::round)),
    reads("to_float", 1, to_float),
    reads("to_int", 1, to_int),
    reads("parse_int", 1, parse_int),
    reads("parse_float", 1, parse_float),
    reads("min", 2, |_, _, place, arguments| extreme(place, arguments, i64::min)),
    reads("max", 2, |_, _, place, arguments| extreme(place, arguments, i64::max)),
    reads("is_odd", 1, |_, _, place, _| holds(place, |int| int % 2 != 0)),
    reads("is_even", 1, |_, _, place, _| holds(place, |int| int % 2 == 0)),
];

fn abs(_: &Machine, _: &Rc<Program>, place: &mut Value, _: &mut [Value]) -> Option<Run> {
    Some(Ok(match place {
        Value::Int(int) => Value::Int(int.checked_abs()?),
        Value::Float(float) => Value::Float(float.abs()),
        _ => return None,
    }))
}

fn float(place: &Value, of: fn(f64) -> f64) -> Option<Run> {
    let Value::Float(float) = place else { return None };
    Some(Ok(Value::Float(of(*float))))
}

fn holds(place: &Value, of: fn(i64) -> bool) -> Option<Run> {
    let Value::Int(int) = place else { return None };
    Some(Ok(Value::Bool(of(*int))))
}

fn to_float(_: &Machine, _: &Rc<Program>, place: &mut Value, _: &mut [Value]) -> Option<Run> {
    let Value::Int(int) = place else { return None };
    Some(Ok(Value::Float(*int as f64)))
}

/// Rhai says what is too large.
fn to_int(_: &Machine, _: &Rc<Program>, place: &mut Value, _: &mut [Value]) -> Option<Run> {
    match place {
        Value::Float(float) if float.abs() < 1e18 => Some(Ok(Value::Int(float.trunc() as i64))),
        _ => None,
    }
}

fn parse_int(_: &Machine, _: &Rc<Program>, place: &mut Value, _: &mut [Value]) -> Option<Run> {
    let text = place.as_str()?;
    Some(Ok(Value::Int(text.trim().parse().ok()?)))
}

fn parse_float(_: &Machine, _: &Rc<Program>, place: &mut Value, _: &mut [Value]) -> Option<Run> {
    let text = place.as_str()?;
    Some(Ok(Value::Float(text.trim().parse().ok()?)))
}

fn extreme(place: &Value, arguments: &[Value], of: fn(i64, i64) -> i64) -> Option<Run> {
    let (Value::Int(a), [Value::Int(b)]) = (place, arguments) else { return None };
    Some(Ok(Value::Int(of(*a, *b))))
}
