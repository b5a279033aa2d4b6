//! Scripts with syntax errors, and what is said about them.

use super::parse;
use crate::source::{Source, Sources};

/// The problems of a script, each as `CODE START-END title / label / help`.
fn problems(text: &str) -> Vec<String> {
    let mut sources = Sources::default();
    let id = sources.add(Source::new("test.proc", text));
    let (_, problems) = parse(&sources, id);
    let describe = |problem: &crate::diagnostic::Diagnostic| {
        let primary = problem.primary.as_ref().map(|label| (label.span.start, label.span.end, &*label.text));
        let (start, end, label) = primary.unwrap_or_default();
        let help = problem.help.as_deref().unwrap_or("-");
        format!("{} {start}-{end} {} / {label} / {help}", problem.code.name, problem.title)
    };
    problems.iter().map(describe).collect()
}

#[test]
fn show() {
    for text in [
        "let x = 1",
        "function f(a) { }",
        "def f(): pass",
        "queue q = 5",
        "start worker",
        "queue q capacity",
        "while true { x }",
        "pipe a() => b()",
        "import 'x' as y",
        "param x = \"abc\nqueue q",
        "process p() {\n  if x {\n}\nqueue q\nlock l m",
        "/* abc\nlock l",
        "process p()",
        "process p() restart",
        "process p() restrat 3 { }",
        "queue q daemon",
        "queue q cap 5",
        "queue q capacity 64 KiB",
        "process p() timeout 5 { }",
        "process p() timeout { }",
        "process p() memory x { }",
        "param n = if x { 1 } else { 2 }",
        "param n = { 1 }",
        "const",
        "const x",
        "const x = ",
        "const x = 1 +",
        "fn f(a b) { }",
        "fn f { }",
        "process p { }",
        "main() { }",
        "quue x",
        "print(1)",
        "x = 5",
        "x.y()",
        "5",
        "}",
        "queue größe",
        "queue 5a",
        "semaphore s",
        "semaphore s 5",
        "queue q of",
        "queue q of 5",
        "queue q of [int",
        "queue q order lifofo",
        "queue q when fu",
        "queue q when full drp",
        "process p() on failure restrt 3 { }",
        "process p() exec [1] as jsn",
        "process p() native restart 3",
        "start f() * ",
        "start f() for x 0..4",
        "start f() after",
        "start f(",
        "start f(a, , b)",
        "start f() tmeout 5s",
        "pipe a()",
        "pipe a() -> ",
        "process p(in) {}",
        "process p(in q out r) {}",
        "process p(a = ) {}",
        "process p() allow \"x\" {}",
        "process p() allow read x {}",
        "process p() env { A: 1 } {}",
        "process p() env #{ A 1 } {}",
        "queue q of #{a int}",
        "import \"x\"",
        "import x as y",
        "joinable q",
        "queue in joinable",
        "start p = ",
        "start 5",
        "param x = 5s",
        "const x = 'abc'",
        "thread t() native",
        "thread t()",
        "param x = (1 + 2\nqueue q[4\n",
        "counter c 5",
        "param x...y",
        ";",
        "lock a,",
        "const x = 1, 2",
        "const x == 2",
        "start w(a) * 2 * 3 ->",
        "param x = \u{1}",
        "param a = é",
        "éa",
        "fn f() { ' }\nlock b",
        "fn f() { `${ }` ",
        "fn f() { ( ]",
        "joinable",
        "event e = 4",
        "process p() nice { }",
        "process p() { } daemon",
        "lock a // c\nlock b /* c */ c\nlock d",
    ] {
        println!("{text:?}");
        for problem in problems(text) {
            println!("      {problem}");
        }
    }
}
