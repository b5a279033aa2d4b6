//! What is compiled for a body, and what there is no room for.

use super::{FUNCTIONS_MAX, TOO_MANY};
use crate::script::Engine;
use crate::script::memory::MemorySurroundings;
use crate::script::unit::{Body, FunctionText, Piece, Unit};
use crate::script::vm::VmEngine;
use crate::script::vm::run::Machine;
use crate::value::{Function, Value};
use std::rc::Rc;

fn machine(body: &str) -> Machine {
    let piece = |text: &str| Piece { text: text.into(), line: 1, column: 1, ..Piece::default() };
    let function = |name: &str, text: &str| FunctionText {
        name: name.into(),
        params: vec!["x".into()],
        piece: piece(text),
    };
    let functions = vec![function("once", "x"), function("again", "let f = |y| once(y); f.call(x)")];
    let bodies = vec![Body { name: "main".into(), params: vec![], piece: piece(body) }];
    let unit = Unit { sources: vec!["a.proc".into()], functions, bodies, ..Unit::default() };
    Machine::new(Rc::new(unit), Rc::new(MemorySurroundings::default()))
}

/// How many pieces of code a body has beside those of its unit.
fn added(body: &str) -> usize {
    let machine = machine(body);
    let of_unit = machine.functions().unwrap().protos.len();
    machine.body(0).unwrap().unwrap().protos.len() - of_unit
}

#[test]
fn a_body_compiles_what_is_its_own() {
    assert_eq!(added("again(1)"), 1);
    assert_eq!(added("fn mine(x) { x }\n[1].map(|x| mine(x))"), 3);
}

#[test]
fn all_is_compiled_with_the_function_of_a_body_that_stands_in_for_one_of_the_unit() {
    assert_eq!(added("fn once(x) { -x }\nagain(1)"), 4);
}

/// A unit of so many functions, `f0` to the last one.
fn unit_of(count: usize, body: &str) -> Unit {
    let piece = |text: String, line: u32| Piece { text, line, column: 1, ..Piece::default() };
    let function = |n: usize| FunctionText {
        name: format!("f{n}"),
        params: vec!["x".into()],
        piece: piece(format!("x + {n}"), n as u32 + 2),
    };
    let functions = (0..count).map(function).collect();
    let bodies = vec![Body { name: "main".into(), params: vec![], piece: piece(body.into(), 1) }];
    Unit { sources: vec!["a.proc".into()], functions, bodies, ..Unit::default() }
}

#[test]
fn what_there_are_no_numbers_for_runs_on_rhai() {
    let body = "[f0(1), f999(1), f1000(1), Fn(\"f1000\").call(2), [1].map(|x| f1000(x))[0]]";
    let unit = Rc::new(unit_of(FUNCTIONS_MAX + 1, body));
    let mut engine = VmEngine::new(unit, Rc::new(MemorySurroundings::default()));
    assert_eq!(engine.machine.body(0).unwrap().err().unwrap().what, TOO_MANY);
    assert_eq!(engine.run(0, vec![]).unwrap().to_string(), "[1, 1000, 1001, 1002, 1001]");
    let function = Function { name: "f1000".into(), home: None, captured: vec![] };
    assert_eq!(engine.call(&function, vec![Value::Int(1)]).unwrap().to_string(), "1001");
}
