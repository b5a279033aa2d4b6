//! Errors: what `catch` sees, what is left uncaught, and where it was.

use super::*;
use crate::script::fault::Place;
use crate::script::memory::MemoryQueue;

fn at(failure: &Failure) -> Option<(u32, u32)> {
    failure.place.map(|Place { line, column, .. }| (line, column))
}

#[test]
fn an_error_of_the_language_is_a_map() {
    assert_eq!(
        shown("let r = (); try {\n 1 / 0;\n} catch (e) { r = [e.kind, e.line]; } r"),
        r#"["ErrorArithmetic", 11]"#
    );
    assert_eq!(
        shown("let r = (); try { nothing + 1 } catch (e) { r = e.message; } r"),
        "there is no variable `nothing`"
    );
}

#[test]
fn an_error_in_a_function_keeps_its_own_kind_and_line() {
    let mut unit = unit_of("let r = (); try { bad(); } catch (e) { r = [e.kind, e.line]; } r");
    unit.functions.push(function("bad", &[], "let a = [1];\n  a[7]", 3));
    assert_eq!(run_unit(unit, vec![]).unwrap().to_string(), r#"["ErrorArrayBounds", 4]"#);
}

#[test]
fn what_a_script_throws_arrives_as_it_is() {
    assert_eq!(shown("let r = 0; try { throw 42; } catch (e) { r = e; } r"), "42");
    assert_eq!(shown("let r = 0; try { throw #{a: 1}; } catch (e) { r = e; } r"), r#"#{"a": 1}"#);
    let mut unit = unit_of("let r = 0; try { bad(); } catch (e) { r = e; } r");
    unit.functions.push(function("bad", &[], "throw [1]", 3));
    assert_eq!(run_unit(unit, vec![]).unwrap().to_string(), "[1]");
}

#[test]
fn catch_works_in_loops_closures_and_each_other() {
    assert_eq!(
        shown("let n = 0; for x in 0..3 { try { if x == 1 { continue; } n += 1; } catch { } } n"),
        "2"
    );
    assert_eq!(shown("let n = 0; loop { try { break; } catch { n = 9; } } n"), "0");
    assert_eq!(
        shown("let f = |x| { let r = 0; try { 1 / x; } catch (e) { r = e.kind; } r }; f.call(0)"),
        "ErrorArithmetic"
    );
    let nested = "let r = []; try { try { 1 / 0; } catch (e) { r.push(1); throw e; } } catch (e) { r.push(e.kind); } r";
    assert_eq!(shown(nested), r#"[1, "ErrorArithmetic"]"#);
    let again = "let r = 0; try { try { 1 / 0; } catch { throw; } } catch (e) { r = e.kind; } r";
    assert_eq!(shown(again), "ErrorArithmetic");
    assert_eq!(shown("let f = || { try { return 5; } catch { } 6 }; f.call()"), "5");
    assert_eq!(shown("let r = `a${try { 1 / 0; } catch (e) { } 1}`; r"), "a1");
}

#[test]
fn errors_in_an_empty_loop_are_not_swallowed() {
    let queue = MemoryQueue { fails_at_end: true, ..MemoryQueue::new("q", [Value::Int(1)]) };
    let (_, queue) = queue.value();
    let unit = Unit { bodies: vec![body(&["q"], "let n = 0;\nfor x in q {}\nn")], ..Unit::default() };
    let Err(Ending::Failed(failure)) = run_unit(unit, vec![("q", queue)]) else { panic!("swallowed") };
    assert_eq!((failure.kind.as_str(), at(&failure)), ("Io", Some((11, 10))));
}

#[test]
fn an_uncaught_error_has_its_place_and_its_trace() {
    let mut unit = unit_of("let x = 1;\n  outer(x);");
    unit.functions.push(function("outer", &["x"], "let y = x;\n inner(y)", 3));
    unit.functions.push(function("inner", &["x"], "[x].map(|z| z / 0)", 6));
    let failure = failure_of(unit);
    assert_eq!(failure.kind, "ErrorArithmetic");
    assert_eq!(at(&failure), Some((6, 15)));
    let trace: Vec<_> = failure
        .trace
        .iter()
        .map(|frame| (frame.function.as_str(), frame.called_at.map(|place| place.line)))
        .collect();
    assert_eq!(trace, [("closure", Some(6)), ("map", Some(6)), ("inner", Some(4)), ("outer", Some(11))]);
}

#[test]
fn places_count_characters_and_know_the_column_of_the_piece() {
    let mut unit = unit_of("");
    unit.bodies[0].piece = piece("let s = \"äöü€\"; s.nothing();", 7, 13);
    assert_eq!(at(&failure_of(unit)), Some((7, 31)));
    let failure = failure("for x in [1] { try { let é = \"ß\"; } catch {} for y in [1] { nothing(y) } }");
    assert_eq!(failure.kind, "Syntax", "{failure:?}");
    let text = "for x in [1] { try { let e = \"ß\"; } catch {} for y in [1] { nothing(y) } }";
    assert_eq!(at(&super::failure(text)), Some((10, 61)));
}

#[test]
fn places_beyond_what_rhai_counts_are_left_out() {
    let mut unit = unit_of(&format!("{}nothing", "\n".repeat(70_000)));
    assert_eq!(at(&failure_of(unit.clone())), None);
    unit.bodies[0].piece = piece(&format!("{}nothing", " ".repeat(70_000)), 1, 1);
    assert_eq!(at(&failure_of(unit)), None);
}

#[test]
fn messages_are_in_words_of_the_language() {
    let message = |text: &str| failure(text).message;
    assert_eq!(message("foo(1, \"a\")"), "there is no function `foo(int, string)`");
    assert_eq!(message("let x = 5; x.bar"), "int has no property `bar`");
    assert_eq!(message("let x = 5; x.bar = 1;"), "int has no property `bar`");
    assert_eq!(message("1 + #{}"), "`+` cannot be applied to (int, map)");
    assert_eq!(message("if 1 { }"), "expected a boolean expression, found a number");
    assert_eq!(message("let x = 1; if x { 1 }"), "expected bool, found int");
    assert_eq!(message("[1][2]"), "index 2 is outside an array of 1");
    assert_eq!(message("let n = 5; for x in n { 1 }"), "`for` cannot walk this value");
    let of_two_types =
        "elements of different types cannot be sorted; give it a function that compares two of them";
    assert_eq!(message("let a = [1, \"a\"]; a.sort();"), of_two_types);
    let no_items = "a queue, a process or another object has no items and cannot be indexed";
    assert_eq!(message("let r = regex(\"a\"); r[0]"), no_items);
    assert_eq!(message("throw \"mine\""), "mine");
    assert_eq!(failure("throw \"mine\"").kind, "Thrown");
    assert_eq!(message("let x = ;"), "`;` is not expected here");
    assert_eq!(message("eval(\"1\")"), "`eval` is not available");
}
