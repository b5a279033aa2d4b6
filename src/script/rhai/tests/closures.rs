//! Functions as values, within a process and from one to another.

use super::*;
use crate::value::Function;

fn engine(unit: &Rc<Unit>) -> Tested {
    Tested::new(unit.clone(), Rc::new(MemorySurroundings::default()))
}

fn two_bodies(sender: &str, receiver: &str) -> Rc<Unit> {
    Rc::new(Unit { bodies: vec![body(&[], sender), body(&["f"], receiver)], ..Unit::default() })
}

/// Makes a value in one engine and uses it in another one.
fn sent(unit: &Rc<Unit>) -> Result<Value, Ending> {
    let value = engine(unit).run(0, vec![])?;
    engine(unit).run(1, vec![("f".to_owned(), value)])
}

fn shown_sent(sender: &str, receiver: &str) -> String {
    match sent(&two_bodies(sender, receiver)) {
        Ok(value) => value.to_string(),
        Err(ending) => format!("{ending:?}"),
    }
}

#[test]
fn a_closure_is_called_in_another_process() {
    assert_eq!(shown_sent("let k = 3; |x| x * k", "f.call(5)"), "15");
    assert_eq!(shown_sent("let k = 3; |x| x * k", "[1, 2].map(f)"), "[3, 6]");
    assert_eq!(shown_sent("let k = 3; |x, i| x * k + i", "[1, 2].map(f)"), "[3, 7]");
    assert_eq!(shown_sent("|a, b| b - a", "[1, 3, 2].sorted_by(f)"), "[3, 2, 1]");
    assert_eq!(shown_sent("let n = 0; || { n += 1; n }", "f.call(); f.call()"), "2");
    assert_eq!(shown_sent("#{inc: |x| x + 1}", "f.inc(1)"), "2");
}

#[test]
fn a_closure_may_make_further_closures_there() {
    assert_eq!(shown_sent("|x| |y| x + y", "let g = f.call(1); g.call(2)"), "3");
    assert_eq!(shown_sent("|x| [1, 2].map(|y| x + y)", "f.call(1)"), "[2, 3]");
    assert_eq!(shown_sent("|x| [[2, 1].sorted_by(|a, b| a - b), x]", "f.call(1)"), "[[1, 2], 1]");
}

#[test]
fn a_closure_of_a_function_knows_its_home() {
    let mut unit = Unit { bodies: vec![body(&[], "adder(4)"), body(&["f"], "f.call(1)")], ..Unit::default() };
    unit.functions.push(function("other", &[], "|x| x", 1));
    unit.functions.push(function("adder", &["n"], "|x| plus(x, n)", 4));
    unit.functions.push(function("plus", &["a", "b"], "a + b", 8));
    let unit = Rc::new(unit);
    let Value::Function(function) = engine(&unit).run(0, vec![]).unwrap() else { panic!("no function") };
    assert_eq!(function.home, Some(3));
    assert_eq!(function.captured, vec![Value::Int(4)]);
    assert_eq!(sent(&unit).unwrap(), Value::Int(5));
    assert_eq!(engine(&unit).call(&function, vec![Value::Int(2)]).unwrap(), Value::Int(6));
}

#[test]
fn functions_by_name_travel_too() {
    let mut unit =
        Unit { bodies: vec![body(&[], "Fn(\"inc\")"), body(&["f"], "[1].map(f)")], ..Unit::default() };
    unit.functions.push(function("inc", &["x"], "x + 1", 1));
    let unit = Rc::new(unit);
    assert_eq!(sent(&unit).unwrap().to_string(), "[2]");
    let function = Function { name: "inc".into(), home: None, captured: vec![] };
    assert_eq!(engine(&unit).call(&function, vec![Value::Int(2)]).unwrap(), Value::Int(3));
}

#[test]
fn what_a_closure_captured_is_copied_when_it_is_sent() {
    let unit = two_bodies("let k = [1]; let f = || k.len(); k.push(2); f", "f.call()");
    assert_eq!(sent(&unit).unwrap(), Value::Int(2));
}

#[test]
fn a_function_that_nobody_knows_fails_when_it_is_called() {
    let unit = two_bodies("", "f.call(1)");
    let unknown = Function { name: "anon$0".into(), home: Some(0), captured: vec![] };
    let value = Value::Function(Rc::new(unknown));
    let result = engine(&unit).run(1, vec![("f".to_owned(), value)]);
    let Err(Ending::Failed(failure)) = result else { panic!("it was found") };
    assert_eq!(failure.kind, "ErrorFunctionNotFound");
}

#[test]
fn closures_share_what_they_capture() {
    assert_eq!(shown("let n = 0; let f = || { n += 1; n }; f.call(); f.call(); n"), "2");
    assert_eq!(shown("let n = [0]; let f = || { n[0] += 1; n }; f.call(); f.call()"), "[2]");
}
