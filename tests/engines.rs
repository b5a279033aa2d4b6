//! The chapters of Rhai's reference as small programs: both engines must see the same value, error, place, trace
//! and output.

#[path = "engines/both.rs"]
mod both;

use both::{run, unit};
use procession::script::unit::EngineKind;

const FUNCTIONS: &[(&str, &[&str], &str)] = &[
    ("twice", &["x"], "x * 2"),
    ("fib", &["n"], "if n < 2 { n } else { fib(n - 1) + fib(n - 2) }"),
    ("down", &["n"], "if n == 0 { throw \"bottom\" } else { down(n - 1) }"),
    ("grow", &[], "this.push(1); this.len()"),
    ("adder", &["n"], "|x| x + n"),
    ("early", &["n"], "for i in 0..n { if i == 3 { return i } } -1"),
    ("changed", &["list"], "list.push(9); list"),
    ("deep", &["n"], "1 + deep(n + 1)"),
];

/// Programs, one a paragraph of these texts.
const CHAPTERS: &[(&str, &str)] = &[
    ("values", include_str!("engines/values.rhai")),
    ("operators", include_str!("engines/operators.rhai")),
    ("statements", include_str!("engines/statements.rhai")),
    ("functions", include_str!("engines/functions.rhai")),
    ("errors", include_str!("engines/errors.rhai")),
    ("containers", include_str!("engines/containers.rhai")),
    ("reference", include_str!("engines/reference.rhai")),
    // Where several instructions are one.
    ("fused", include_str!("engines/fused.rhai")),
    // What generated programs have found.
    ("found", include_str!("engines/found.rhai")),
];

#[test]
fn both_engines_mean_the_same() {
    let mut wrong = Vec::new();
    for (chapter, text) in CHAPTERS {
        for program in text.split("\n\n").map(str::trim).filter(|program| !program.is_empty()) {
            let unit = unit(program, FUNCTIONS);
            let (vm, rhai) = (run(&unit, EngineKind::Vm, None), run(&unit, EngineKind::Rhai, None));
            if vm != rhai {
                wrong.push(format!("{chapter}:\n{program}\n  vm   {vm:?}\n  rhai {rhai:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} differ\n{}", wrong.len(), wrong.join("\n\n"));
}

/// By the register machine alone: Rhai needs minutes to make such a value, and more stack than there is to leave it.
#[test]
fn values_are_nested_deeply() {
    let program = "
        let a = (); let b = (); let x = [];
        for i in 0..100000 { a = #{next: a, v: i}; b = #{next: b, v: i}; x = [x]; }
        let y = x; y.push(1);
        print([a == b, a != b, [a].contains(#{v: 1}), x == y, `${a}`.len() == `${b}`.len(), [a, b].unique().len()]);
        print([x.flatten().len(), x.to_string().len(), [x, y, x].sorted().len()]);
        let f = || a;
        let whats = [|| a.to_json(), || { a -= 1; }, || b.nope(), || x.get_bit(1), || x < y, || `${[f]}`];
        for what in whats { try { what.call(); print(\"?\") } catch (e) { print(e.message) } }";
    let seen = run(&unit(program, FUNCTIONS), EngineKind::Vm, None);
    let too_deep = "a value is nested deeper than 10000 levels, which is too deep for this";
    let mut printed = vec!["[true, false, false, false, true, 1]", "[1, 200002, 3]"];
    printed.extend([too_deep; 6]);
    assert_eq!(seen.printed, printed);
}

/// What cannot be given to a function that Rhai runs is left as it was.
#[test]
fn a_deep_variable_that_a_closure_captured_keeps_all_its_levels() {
    let program = "fn own(f) { is_def_var(\"f\"); f.call() }
        let name = \"own\"; let x = []; for i in 0..12000 { x = [x]; }
        let f = || x.len();
        try { print(Fn(name).call(f)); } catch (e) { print(e.message) }
        let levels = 0; while x.len() > 0 { x = x[0]; levels += 1; }
        levels";
    let seen = run(&unit(program, FUNCTIONS), EngineKind::Vm, None);
    let too_deep = "a value is nested deeper than 10000 levels, which is too deep for this";
    assert_eq!((seen.printed, &*seen.end), (vec![too_deep.to_owned()], "gives 12000"));
}

/// What the register machine does in another way than Rhai: docs/design/engine.md lists it. One that is the same now
/// belongs into its chapter.
#[test]
fn what_is_known_to_differ_does() {
    for program in include_str!("engines/different.rhai").split("\n\n").map(str::trim) {
        let unit = unit(program, FUNCTIONS);
        assert_ne!(run(&unit, EngineKind::Vm, None), run(&unit, EngineKind::Rhai, None), "{program}");
    }
}

#[test]
fn nearly_all_of_it_runs_on_the_machine() {
    for (chapter, text) in CHAPTERS {
        for program in text.split("\n\n").map(str::trim).filter(|program| !program.is_empty()) {
            let explained = procession::script::explain(&unit(program, FUNCTIONS));
            for body in explained.unwrap_or_default() {
                assert_eq!(body.refused, None, "{chapter}: {program}");
            }
        }
    }
}

/// Rhai's number of operations goes back when such a function returns. Without an end it would take a while, and give a value.
#[test]
fn a_run_that_calls_back_can_be_ended() {
    let program = "fn f(n) { [1, 2, 3, 4].map(|x| if n > 0 { f(n - 1); x }) }\nf(8)";
    for kind in [EngineKind::Vm, EngineKind::Rhai] {
        assert_eq!(run(&unit(program, FUNCTIONS), kind, Some(5)).end, "Stopped", "{kind:?}");
    }
}
