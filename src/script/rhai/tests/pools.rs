//! Pools: what their natives make of their arguments, functions to be called many times, errors from elsewhere.

use super::*;
use crate::value::Function;

/// What a body did with pools, line by line, and its value.
fn done(text: &str) -> Vec<String> {
    let surroundings = Rc::new(MemorySurroundings::default());
    let log = surroundings.log.clone();
    let last = match run_in(unit_of(text), surroundings, vec![]) {
        Ok(value) => value.to_string(),
        Err(Ending::Failed(failure)) => format!("{}: {}", failure.kind, failure.message),
        Err(other) => format!("{other:?}"),
    };
    let lines = log.borrow().clone();
    lines.into_iter().chain([last]).collect()
}

fn last(text: &str) -> String {
    done(text).pop().unwrap_or_default()
}

#[test]
fn a_pool_is_made_with_its_options() {
    assert_eq!(done("pool(3)"), ["pool 3 None None false", "a pool `pool-1`"]);
    let all = "pool(1, #{chunk: 2, max_tasks_per_worker: 3, initializer: || 1})";
    assert_eq!(done(all)[0], "pool 1 Some(2) Some(3) true");
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    assert_eq!(done("pool()")[0], format!("pool {processors} None None false"));
    assert_eq!(done("pool(#{chunk: 4})")[0], format!("pool {processors} Some(4) None false"));
}

#[test]
fn options_that_are_none_are_errors() {
    assert_eq!(last("pool(2, #{chnk: 1})"), "Argument: `pool` has no option `chnk`; did you mean `chunk`?");
    assert_eq!(
        last("pool(2).map([1], |x| x, #{initializer: 1})"),
        "Argument: `map` has no option `initializer`; there are `chunk`"
    );
    assert_eq!(last("pool(2, #{chunk: 0})"), "Argument: `pool`: `chunk` must be at least 1, but is 0");
    assert_eq!(last("pool(2, #{chunk: 0.5})"), "Type: `pool`: `chunk` must be an int, not float");
    assert_eq!(
        last("pool(2, #{max_tasks_per_worker: -1})"),
        "Argument: `pool`: `max_tasks_per_worker` must be at least 1, but is -1"
    );
    assert_eq!(last("pool(2, #{initializer: 7})"), "Type: `pool`: `initializer` must be a function, not int");
    assert_eq!(last("pool(0)"), "Argument: `pool`: `workers` must be from 1 to 4096, but is 0");
    assert_eq!(last("pool(\"4\")"), "Type: `pool`: `workers` must be an int, not string");
    assert_eq!(last("pool(2, 3)"), "Type: `pool`: `options` must be a map, not int");
    assert_eq!(last("pool(2).map([1], 2)"), "Type: `map`: `function` must be a function, not int");
    assert_eq!(last("pool(2).put(1)"), "Type: a pool has no member `put`");
}

#[test]
fn each_member_says_what_is_wanted() {
    let work = |call: &str| done(&format!("let p = pool(2); {call}"))[1..].to_vec();
    assert_eq!(work("p.map([1, 2], |x| x)"), ["map [1, 2] All None", "[1, 2]"]);
    assert_eq!(work("p.map(0..2, |x| x, #{chunk: 7})"), ["map 0..2 All Some(7)", "[]"]);
    assert_eq!(work("p.starmap([[1]], |x| x)"), ["starmap [[1]] All spread None", "[[1]]"]);
    assert_eq!(work("p.starmap([[1]], |x| x, #{chunk: 2})")[0], "starmap [[1]] All spread Some(2)");
    let sum = "let s = 0; for x in p.imap([1, 2], |x| x) { s += x; } s";
    assert_eq!(work(sum), ["imap [1, 2] Input None", "3"]);
    assert_eq!(work("p.imap([1], |x| x, #{chunk: 2})")[0], "imap [1] Input Some(2)");
    assert_eq!(work("p.imap_unordered([1], |x| x)")[0], "imap_unordered [1] Arrival None");
    assert_eq!(
        work("p.imap_unordered([1], |x| x, #{chunk: 2})"),
        ["imap_unordered [1] Arrival Some(2)", "a stream"]
    );
    assert_eq!(work("p.apply(|| 1)"), ["apply [[]] single spread Some(1)", "[]"]);
    assert_eq!(work("p.apply(|x| x, [1])"), ["apply [[1]] single spread Some(1)", "[1]"]);
    assert_eq!(work("p.close(); p.terminate(); p.join()")[..3], ["close", "terminate", "join"]);
    assert_eq!(done("[1, 2].par_map(|x| x)").pop().unwrap(), "[1, 2]");
    assert_eq!(done("[1].par_map(|x| x, #{chunk: 3})")[0], "pool 1 Some(3) None false");
}

#[test]
fn a_job_is_asked_for_its_result() {
    assert_eq!(last("pool(2).apply_async(|| 1)"), "a job of a pool");
    assert_eq!(last("let j = pool(2).apply_async(|x| x, [5]); [j.get(), j.get(1)]"), "[[5], [5]]");
    assert_eq!(last("pool(2).map_async([1], |x| x).get()"), "[1]");
    assert_eq!(last("pool(2).map_async([1], |x| x, #{chunk: 2}).wait()"), "true");
    assert_eq!(last("pool(2).map_async([1], |x| x).get(0.25)"), "Timeout: the result was not there in time");
    assert_eq!(last("pool(2).map_async([1], |x| x).wait(0.25)"), "false");
    assert_eq!(last("let j = pool(2).map_async([1], |x| x); [j.ready, j.successful]"), "[true, true]");
    assert_eq!(last("let j = pool(2).map_async([\"bad\"], |x| x); [j.ready, j.successful]"), "[true, false]");
    assert_eq!(last("pool(2).map_async([1], |x| x).len"), "Type: a job of a pool has no member `len`");
}

#[test]
fn an_error_from_elsewhere_is_thrown_as_it_was_and_told_with_what_is_known_of_it() {
    assert_eq!(
        last("let r = 1; try { pool(2).map([\"bad\"], |x| x); } catch (e) { r = e; } r + \"!\""),
        "bad!"
    );
    assert_eq!(last("pool(2).map([\"bad\"], |x| x)"), "Thrown: bad, over there");
    assert_eq!(
        last("try { pool(2).map([\"bad\"], |x| x); } catch (e) { throw e; }"),
        "Thrown: bad, over there"
    );
    assert_eq!(last("try { pool(2).map([\"bad\"], |x| x); } catch (e) { throw \"bad\"; }"), "Thrown: bad");
}

fn prepared(text: &str, calls: usize) -> Vec<String> {
    let unit = Rc::new(unit_of(text));
    let mut engine = Tested::new(unit, Rc::new(MemorySurroundings::default()));
    let Ok(Value::Function(function)) = engine.run(0, vec![]) else { panic!("it gives no function") };
    let call = engine.prepare(&function).unwrap();
    let shown = |ending: Ending| match ending {
        Ending::Failed(failure) => failure.kind,
        other => format!("{other:?}"),
    };
    (0..calls).map(|n| call(vec![Value::Int(n as i64)]).map_or_else(shown, |v| v.to_string())).collect()
}

#[test]
fn a_prepared_function_does_not_remember_its_calls() {
    assert_eq!(prepared("let k = 3; |x| x * k", 3), ["0", "3", "6"]);
    assert_eq!(prepared("let k = [7]; |x| { let own = k; own.push(x); own }", 2), ["[7, 0]", "[7, 1]"]);
    assert_eq!(prepared("let n = 0; |x| { n += 1; n }", 1), ["ErrorAssignmentToConstant"]);
    assert_eq!(prepared("let a = []; |x| { a.push(x); a }", 1), ["ErrorNonPureMethodCallOnConstant"]);
    assert_eq!(prepared("let a = [1]; |x| { a[0] = x; a }", 1), ["ErrorAssignmentToConstant"]);
    assert_eq!(prepared("|x| if x == 1 { exit(3) } else { x }", 3), ["0", "Exit(3)", "2"]);
}

#[test]
fn a_function_of_the_unit_is_prepared_by_its_name() {
    let mut unit = unit_of("");
    unit.functions.push(function("double", &["x"], "x * 2", 1));
    let mut engine = Tested::new(Rc::new(unit), Rc::new(MemorySurroundings::default()));
    let double = Function { name: "double".into(), home: None, captured: vec![] };
    let call = engine.prepare(&double).unwrap();
    assert_eq!(call(vec![Value::Int(4)]).unwrap(), Value::Int(8));
}
