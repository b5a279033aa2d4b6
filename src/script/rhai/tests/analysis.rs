//! What a piece uses, and where it does not parse.

use super::piece;
use crate::script::analysis::{Access, At, PieceError, PieceKind, Uses, analyse};

fn uses(text: &str) -> Uses {
    analyse(&piece(text, 1, 1), &[], PieceKind::Body).unwrap_or_else(|error| panic!("{text}: {error:?}"))
}

fn problem(text: &str, kind: PieceKind) -> (String, String) {
    let PieceError { message, at, .. } = analyse(&piece(text, 1, 1), &[], kind).unwrap_err();
    (message, slice(text, at).to_owned())
}

fn slice(text: &str, at: At) -> &str {
    &text[at.start as usize..at.end as usize]
}

/// Each free variable with how it is used, and whether its place is right.
fn variables(text: &str) -> Vec<String> {
    let variables = uses(text).variables;
    variables
        .iter()
        .map(|variable| {
            assert_eq!(slice(text, variable.at), variable.name, "{text}");
            let mark = match variable.access {
                Access::Read => "",
                Access::Write => "=",
                Access::Change => "!",
            };
            format!("{}{mark}", variable.name)
        })
        .collect()
}

fn methods(text: &str) -> Vec<String> {
    let methods = uses(text).methods;
    methods
        .iter()
        .map(|method| {
            assert_eq!(slice(text, method.at), method.method, "{text}");
            let arguments = method.arguments.map_or(String::new(), |count| format!("/{count}"));
            let endless = if method.in_endless_loop { " endless" } else { "" };
            format!("{}.{}{arguments}{endless}", method.receiver, method.method)
        })
        .collect()
}

fn unused(text: &str) -> Vec<String> {
    let unused = uses(text).unused;
    unused.iter().map(|(name, at)| format!("{name}@{}", at.start)).collect()
}

#[test]
fn free_variables_are_those_that_nobody_declares() {
    assert_eq!(variables("let x = a; x + b"), ["a", "b"]);
    assert_eq!(variables("{ let x = 1; x } x"), ["x"]);
    assert_eq!(variables("for (v, i) in list { v + i + w } v"), ["list", "w", "v"]);
    assert_eq!(variables("try { a } catch (e) { e + b } e"), ["a", "b", "e"]);
    assert_eq!(variables("`ä${a}ö${#{k: b}}`; [c, #{k: d}]"), ["a", "b", "c", "d"]);
    assert_eq!(variables("switch a { 1 if b => c, 2..4 => d, _ => e }"), ["a", "b", "c", "d", "e"]);
    assert_eq!(variables("if a && b || !c { d } else { e ?? f }"), ["a", "b", "c", "d", "e", "f"]);
    assert_eq!(variables("fn helper(p) { p + q } let r = 1; helper(r)"), ["q"]);
    assert_eq!(variables("while a { do { b } until c } return d;"), ["a", "b", "c", "d"]);
}

#[test]
fn writes_and_changes_are_told_apart() {
    assert_eq!(
        variables("a = 1; b += c; d[i] = 2; e.f = 3; e.f[j] += 1"),
        ["a=", "b=", "c", "d=", "i", "e=", "e=", "j"]
    );
    assert_eq!(
        variables("a.push(b); c[0].push(1); d.e.clear(); f.len(); g.all(h).push(1)"),
        ["a!", "b", "c!", "d!", "f", "g", "h"]
    );
    assert_eq!(variables("let x = []; x.push(1); x[0] = a; x = b;"), ["a", "b"]);
}

#[test]
fn closures_are_looked_into() {
    assert_eq!(variables("let x = 1; let f = |y| x + y + z; f"), ["z"]);
    assert_eq!(variables("let f = |a| { let g = |b| a + b + c; g }; f"), ["c"]);
    assert_eq!(variables("[1].map(|y| q + y); q"), ["q", "q"]);
    assert_eq!(methods("let f = || { jobs.put(1); }; f.call()"), ["jobs.put/1"]);
    assert_eq!(
        methods("x.map(|v| out.put(v)); y.map(|v| out.put(v))"),
        ["x.map/1", "out.put/1", "y.map/1", "out.put/1"]
    );
    assert_eq!(methods("let k = 1; let f = |v| [v].map(|w| w + k); jobs.put(f)"), ["jobs.put/1"]);
}

#[test]
fn methods_of_free_variables_are_listed_with_their_surroundings() {
    assert_eq!(
        methods("jobs.len; jobs.put(1, 2); jobs.name.len(); parts[0].put(1)"),
        ["jobs.len", "jobs.put/2", "jobs.name"]
    );
    assert_eq!(
        methods("while true { jobs.get(); } loop { jobs.get(); } while x { jobs.get(); }"),
        ["jobs.get/0 endless", "jobs.get/0 endless", "jobs.get/0"]
    );
    assert_eq!(methods("let l = a; l.hold(1); p.name = 2;"), ["p.name"]);
}

#[test]
fn calls_are_listed_without_operators() {
    let text = "work(jobs, 1 + 2, x); m::go_on(); !a in b; f(g(c)); fn f(x) { x }";
    let calls = uses(text).calls;
    let shown: Vec<_> =
        calls.iter().map(|call| (slice(text, call.at), call.module.as_deref(), call.arguments)).collect();
    assert_eq!(shown, [("work", None, 3), ("m::go_on", Some("m"), 0), ("g", None, 1)]);
    assert_eq!(calls[0].plain_arguments, [Some("jobs".to_owned()), None, Some("x".to_owned())]);
    assert_eq!(uses("let y = 1; work(y)").calls[0].plain_arguments, [None]);
}

#[test]
fn loops_over_free_variables_are_listed() {
    let iterated =
        uses("for x in lines { x } let own = []; for y in own { y } for z in lines.sorted() { z }").iterated;
    assert_eq!(iterated, [("lines".to_owned(), At { start: 9, end: 14 })]);
}

#[test]
fn what_is_never_read_is_unused() {
    assert_eq!(unused("let a = 1; let _b = 2; let c = 3; c"), ["a@4"]);
    assert_eq!(unused("for x in 0..3 { } for (y, i) in 0..3 { let z = y; }"), ["z@43"]);
    assert_eq!(
        unused("let n = 0; n = 1; let m = 0; m += 1; let l = []; l.push(1); let k = 1; let f = || k; f"),
        ["n@4", "m@22"]
    );
    assert_eq!(unused("fn h(p) { let q = 1; }"), ["q@14"]);
}

#[test]
fn errors_are_in_user_words_at_their_token() {
    let body = |text| problem(text, PieceKind::Body);
    let expression = |text| problem(text, PieceKind::Expression);
    assert_eq!(body("let é = 1;"), ("`é` is not expected here".into(), "é".into()));
    assert_eq!(
        body("let s = \"ä\"; let = 1;"),
        ("the name of a variable is expected here".into(), "=".into())
    );
    assert_eq!(body("foo(1, 2"), ("`)` is expected here".into(), String::new()));
    assert_eq!(body("let x = 1 let y"), ("`;` is expected here".into(), "let".into()));
    assert_eq!(body("import \"x\" as y;").0, "`import` cannot stand in a body");
    assert_eq!(body("x = \"abc"), ("the string is not closed".into(), "\"abc".into()));
    assert_eq!(expression("1; 2"), ("`;` is not expected in an expression".into(), ";".into()));
    assert_eq!(expression("1 +"), ("the expression ends too early".into(), String::new()));
    assert_eq!(expression("(1"), ("the expression ends too early".into(), String::new()));
    assert_eq!(expression("a b"), ("`b` is not expected in an expression".into(), "b".into()));
}

#[test]
fn expressions_may_hold_blocks_and_closures() {
    let text = "(if a { b } else { [c].map(|x| x + d) })";
    let uses = analyse(&piece(text, 1, 1), &[], PieceKind::Expression).unwrap();
    let names: Vec<_> = uses.variables.iter().map(|variable| slice(text, variable.at)).collect();
    assert_eq!(names, ["a", "b", "c", "d"]);
}

#[test]
fn hostile_texts_are_errors_and_nothing_worse() {
    let many = |part: &str| part.repeat(20_000);
    for text in [
        many("("),
        many("["),
        many("{"),
        many("#{a:"),
        many("|x|"),
        many("!"),
        many("-"),
        many("1+"),
        many("a."),
        many("a["),
        many("if a {} else "),
        many("`${"),
        format!("1{}", many("+1")),
        format!("a{}", many(".b")),
        format!("a{}", many("[0]")),
        format!("a{}", many("()")),
        format!("x={}1", many("x=")),
        format!("if a {{}} {}", many("else if a {}")),
        many("switch a { 1 => "),
        many("fn f() {"),
        many("\u{0}"),
    ] {
        for kind in [PieceKind::Body, PieceKind::Expression] {
            let _ = analyse(&piece(&text, 1, 1), &[], kind);
        }
    }
}

fn own_closures(text: &str) -> Vec<String> {
    uses(text).own_closures.into_iter().map(|(name, at)| format!("{name}@{}", at.start)).collect()
}

#[test]
fn a_closure_that_uses_the_receiver_of_its_method_is_found() {
    assert_eq!(own_closures("l.hold(|| l.release()); l.hold(|| m.release())"), ["l@10"]);
    assert_eq!(own_closures("let a = [1]; a.retain(|x| x == a[0])"), ["a@31"]);
    assert_eq!(own_closures("a.b.retain(|x| [1].map(|y| y + a.c))"), ["a@31"]);
    assert_eq!(own_closures("let a = [1]; a.filter(|x| x == a[0])"), [""; 0]);
    assert_eq!(own_closures("a.filter(|a| a == 1); a.keys().filter(|x| a[x])"), [""; 0]);
    assert_eq!(own_closures("let a = b; a.map(|x| { let a = 1; a + x })"), [""; 0]);
}
