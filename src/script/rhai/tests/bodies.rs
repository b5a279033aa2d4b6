//! Values, globals, functions, endings.

use super::*;
use crate::script::Evaluation;
use crate::value::{Map, sendable};

fn with_globals(text: &str, globals: &[(&str, Value)]) -> Unit {
    let globals = globals.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    Unit { globals, ..unit_of(text) }
}

fn list() -> Value {
    Value::array(vec![Value::Int(1), Value::Int(2)])
}

#[test]
fn the_last_expression_is_the_value() {
    assert_eq!(shown("let x = 20; x + 22"), "42");
    assert_eq!(shown("return 5; 6"), "5");
    assert_eq!(shown(""), "");
}

#[test]
fn params_are_variables_also_when_they_alone_are_the_body() {
    let unit = Unit { bodies: vec![body(&["a", "b"], "b")], ..Unit::default() };
    let value = run_unit(unit, vec![("b", Value::Int(2)), ("a", Value::Int(1))]).unwrap();
    assert_eq!(value, Value::Int(2));
    let unit =
        Unit { bodies: vec![body(&["a"], "a.push(3); let f = |x| a.len + x; f.call(1)")], ..Unit::default() };
    assert_eq!(run_unit(unit, vec![("a", list())]).unwrap(), Value::Int(4));
}

#[test]
fn every_kind_of_value_comes_back_as_it_went() {
    let range = |inclusive| Value::Range(Rc::new(crate::value::Range { start: 1, end: 4, inclusive }));
    for value in [
        Value::Unit,
        Value::Bool(true),
        Value::Int(-3),
        Value::Float(1.5),
        Value::Char('ß'),
        Value::string("né"),
        Value::blob(vec![0, 255]),
        list(),
        Value::map([("k", list())]),
        range(true),
        range(false),
    ] {
        let unit = Unit { bodies: vec![body(&["x"], "let y = [x]; y[0]")], ..Unit::default() };
        assert_eq!(run_unit(unit, vec![("x", value.clone())]).unwrap(), value);
    }
}

#[test]
fn globals_are_seen_everywhere() {
    let mut unit = with_globals(
        "let f = |x| [LIST.len + x, twice(N), inner()]; f.call(1)",
        &[("LIST", list()), ("N", Value::Int(4))],
    );
    unit.functions.push(function("twice", &["x"], "x * 2 + N - N", 1));
    unit.functions.push(function("inner", &[], "[1].map(|x| { let g = || LIST[1] + x; g.call() })[0]", 3));
    assert_eq!(run_unit(unit, vec![]).unwrap().to_string(), "[3, 8, 3]");
}

#[test]
fn globals_cannot_be_changed_but_their_copies_can() {
    for text in ["LIST = 1;", "LIST[0] = 1;", "let f = || { LIST = 1; }; f.call();"] {
        let failure = failure_of(with_globals(text, &[("LIST", list())]));
        assert!(failure.kind.contains("Constant"), "{text}: {failure:?}");
    }
    for text in [
        "let x = LIST; x.push(3); x.len + LIST.len",
        "let x = [LIST]; x[0].push(3); x[0].len + LIST.len",
        "let x = #{l: LIST}; x.l.push(3); x.l.len + LIST.len",
        "let f = || { let x = LIST; x.push(3); x.len + LIST.len }; f.call()",
        "let x = []; x = LIST; x.push(3); x.len + LIST.len",
    ] {
        assert_eq!(
            run_unit(with_globals(text, &[("LIST", list())]), vec![]).unwrap(),
            Value::Int(5),
            "{text}"
        );
    }
}

#[test]
fn the_globals_of_main_are_not_seen_by_functions() {
    let mut unit = unit_of("q + peek()");
    unit.functions.push(function("peek", &[], "q", 1));
    let mut engine = Tested::new(Rc::new(unit), Rc::new(MemorySurroundings::default()));
    engine.bind_globals(vec![("q".into(), Value::Int(1))]);
    let Err(Ending::Failed(failure)) = engine.run(0, vec![]) else { panic!("`q` was found") };
    assert_eq!(failure.message, "there is no variable `q`");
    assert_eq!(failure.place.unwrap().line, 1);
}

#[test]
fn exit_cannot_be_caught_wherever_it_is_called() {
    for text in [
        "try { exit(3); } catch { }",
        "let f = || exit(3); try { f.call(); } catch (e) { }",
        "[2, 1].sort(|a, b| { exit(3); 0 }); print(1);",
        "try { [2, 1].sorted_by(|a, b| exit(3)); } catch { }",
        "for x in [1] { [1].map(|y| exit(3)); }",
    ] {
        assert_eq!(run_unit(unit_of(text), vec![]), Err(Ending::Exit(3)), "{text}");
    }
    let mut unit = unit_of("try { quit(); } catch { 1 }");
    unit.functions.push(function("quit", &[], "exit(4)", 1));
    assert_eq!(run_unit(unit, vec![]), Err(Ending::Exit(4)));
    assert_eq!(run_unit(unit_of("exit()"), vec![]), Err(Ending::Exit(0)));
    assert_eq!(failure("exit(256)").kind, "Argument");
}

#[test]
fn a_body_that_never_ends_can_be_stopped() {
    let surroundings = Rc::new(MemorySurroundings::default());
    surroundings.stopping.set(true);
    let text = "while true { try { let x = 1; } catch { } }";
    assert_eq!(run_in(unit_of(text), surroundings, vec![]), Err(Ending::Stopped));
}

#[test]
fn a_thousand_calls_deep_is_fine_and_for_ever_is_an_error() {
    let deep = || {
        let mut unit = unit_of("down(1000)");
        unit.functions.push(function("down", &["n"], "if n == 0 { 0 } else { 1 + down(n - 1) }", 1));
        run_unit(unit, vec![]).unwrap().to_string()
    };
    assert_eq!(on_big_stack(deep), "1000");
    let closures = || {
        let mut unit = unit_of("down(400)");
        unit.functions.push(function(
            "down",
            &["n"],
            "if n == 0 { 0 } else { [n].map(|m| 1 + down(m - 1))[0] }",
            1,
        ));
        run_unit(unit, vec![]).unwrap().to_string()
    };
    assert_eq!(on_big_stack(closures), "400");
    let endless = || {
        let mut unit = unit_of("\n down()");
        unit.functions.push(function("down", &[], "1 + down()", 1));
        let failure = failure_of(unit);
        (failure.kind, failure.place.map(|place| place.line))
    };
    assert_eq!(on_big_stack(endless), ("ErrorStackOverflow".to_owned(), Some(11)));
}

#[test]
fn expressions_see_functions_globals_and_locals() {
    let mut unit = with_globals("", &[("N", Value::Int(4))]);
    unit.functions.push(function("twice", &["x"], "x * 2", 1));
    let evaluation = Evaluation::new(&unit);
    let locals: Map = [("i".to_owned(), Value::Int(1))].into();
    let value = |text: &str| evaluation.evaluate(&piece(text, 1, 5), &locals).map(|value| value.to_string());
    assert_eq!(value("twice(N) + i").unwrap(), "9");
    assert_eq!(value("(if i == 1 { [1, 2].map(|x| x * N) } else { 3 })").unwrap(), "[4, 8]");
    assert_eq!(value("Fn(\"twice\")").unwrap(), "Fn(twice)");
    assert_eq!(value("1; 2").unwrap_err().kind, "Syntax");
    let closure = evaluation.evaluate(&piece("[|x| x + i]", 1, 1), &locals).unwrap();
    assert_eq!(sendable::check(&closure).unwrap_err().to_string(), "[0] is a closure of a declaration");
    assert_eq!(value("sleep(1)").unwrap_err().kind, "Process");
    let failure = value("1 +\n  nothing").unwrap_err();
    assert_eq!(failure.place.map(|place| (place.line, place.column)), Some((2, 3)));
    let failure = value("1 + nothing").unwrap_err();
    assert_eq!(failure.place.map(|place| (place.line, place.column)), Some((1, 9)));
}

#[test]
fn a_closure_may_read_the_variable_that_its_chain_begins_with() {
    let total = "let total = #{a: 1, b: 3, c: 2}; ";
    let sorted = "total.keys().sorted_by(|x, y| total[y] - total[x]).take(2)";
    assert_eq!(shown(&format!("{total}{sorted}")), r#"["b", "c"]"#);
    let by_name = "let order = |x, y| total[y] - total[x]; let x = [total.keys( ).sorted_by(order)[0], 1]; x";
    assert_eq!(shown(&format!("{total}{by_name}")), r#"["b", 1]"#);
    let in_text = "`<${total.keys().filter(|k| total[k] > 1).len()}>`";
    assert_eq!(shown(&format!("{total}{in_text}")), "<2>");
}

#[test]
fn expressions_see_each_change_of_the_globals() {
    let mut evaluation = Evaluation::new(&with_globals("", &[("N", Value::Int(1))]));
    let value = |evaluation: &Evaluation, name| evaluation.evaluate(&piece(name, 1, 1), &Map::new());
    assert_eq!(value(&evaluation, "N").unwrap(), Value::Int(1));
    evaluation.define("N", list());
    assert_eq!(value(&evaluation, "N").unwrap(), list());
    assert_eq!(value(&evaluation, "M").unwrap_err().kind, "ErrorVariableNotFound");
}
