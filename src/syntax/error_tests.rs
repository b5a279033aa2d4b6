//! Scripts with syntax errors: what is said about them, and where.

use super::parse;
use crate::ast::File;
use crate::diagnostic::Diagnostic;
use crate::source::{Source, Sources};

fn read(text: &str) -> (File, Vec<Diagnostic>) {
    let mut sources = Sources::default();
    let id = sources.add(Source::new("test.proc", text));
    parse(&sources, id)
}

/// The problems of a script, each as `CODE TEXT: title`, where TEXT is what its place covers.
fn said(text: &str) -> Vec<String> {
    let describe = |problem: &Diagnostic| {
        let place = problem.primary.as_ref().and_then(|label| text.get(label.span.range())).unwrap_or("?");
        format!("{} {place}: {}", problem.code.name, problem.title)
    };
    read(text).1.iter().map(describe).collect()
}

#[track_caller]
fn says(text: &str, expected: &[&str]) {
    assert_eq!(said(text), expected, "{text}");
}

/// The help of the only problem of a script.
fn help(text: &str) -> String {
    let (_, problems) = read(text);
    assert_eq!(problems.len(), 1, "{text}\n{problems:#?}");
    problems[0].help.clone().unwrap_or_default()
}

/// A script after the edits of its only problem.
fn mended(text: &str) -> String {
    let (_, problems) = read(text);
    assert_eq!(problems.len(), 1, "{text}\n{problems:#?}");
    let mut mended = text.to_owned();
    for edit in &problems[0].edits {
        mended.replace_range(edit.span.range(), &edit.replacement);
    }
    mended
}

#[test]
fn what_was_expected_is_said_in_words() {
    says("const", &["P0001 t: expected a name, found the end of the file"]);
    says("const\nlock a", &["P0001 t: expected a name, found the end of the line"]);
    says("const x", &["P0001 x: expected `=`, found the end of the file"]);
    says("const x == 2", &["P0001 ==: expected `=`, found `==`"]);
    says("const x = 1, 2", &["P0001 ,: expected the end of the line, found `,`"]);
    says("const x = 1 +", &["P0001 +: nothing follows `+`"]);
    says("param x = 5s", &["P0001 5s: expected a value, found `5s`"]);
    says("fn f(a b) { }", &["P0001 b: expected `)` or `,`, found `b`"]);
    says("semaphore s 5", &["P0001 5: expected a number in brackets, found `5`"]);
    says("queue q order fofo", &["P0001 fofo: expected `fifo`, `lifo` or `priority`, found `fofo`"]);
    says("start f() for x 0..4", &["P0001 0: expected `in`, found `0`"]);
    says("process p(in q out r) {}", &["P0001 out: expected `)`, `,` or `=`, found `out`"]);
    says("pipe a() ->", &["P0001 >: expected a call, found the end of the file"]);
}

#[test]
fn words_of_other_languages_are_known() {
    says("let x = 1", &["P0002 let: `let` does not begin a declaration"]);
    assert_eq!(mended("function f() { }"), "fn f() { }");
    assert_eq!(mended("quue q"), "queue q");
    assert_eq!(mended("pipe a() => b()"), "pipe a() -> b()");
    assert_eq!(mended("import 'x.proc' as x"), "import \"x.proc\" as x");
    assert_eq!(help("while true { }"), "put it into `main { … }`");
    assert_eq!(help("x.put(1)"), "put it into `main { … }`");
    says("queue q = 5", &["P0001 =: a queue takes no `=`"]);
}

#[test]
fn values_that_begin_a_block_need_brackets() {
    says("param n = if x { 1 } else { 2 }", &["P0011 if: `if` as a value needs brackets"]);
    says("param n = { 1 }", &["P0011 {: `{` as a value needs brackets"]);
    says("process p() nice { }", &["P0001 {: expected a value, found `{`"]);
}

#[test]
fn what_is_never_closed_is_shown_where_it_opens() {
    says("param x = \"abc\nqueue q", &["P0003 \": a text is never closed"]);
    says("const c = 'a", &["P0003 ': a character is never closed"]);
    says("main { `a ${b} c }", &["P0003 `: a text in backticks is never closed"]);
    says("const r = #\"a\"", &["P0003 #: a raw text is never closed"]);
    says("lock a /* b /* */", &["P0003 /*: a comment is never closed"]);
    says("main { x(", &["P0004 (: `(` is never closed"]);
    says("main { ( ] }", &["P0004 ]: `(` is closed by `]`"]);
    says("main { } }", &["P0004 }: `}` closes nothing"]);
}

#[test]
fn an_open_brace_ends_before_the_next_declaration() {
    let text = "process p() {\n  if x {\n}\nqueue q\nlock l m\nevent e";
    says(text, &["P0004 {: `{` is never closed", "P0001 m: expected the end of the line, found `m`"]);
    let (file, problems) = read(text);
    assert_eq!(file.items.len(), 2, "{:?}", file.items);
    assert_eq!(text.get(problems[0].labels[0].span.range()), Some("queue"));
}

#[test]
fn documentation_of_a_broken_declaration_is_not_given_to_the_next() {
    let (file, _) = read("lock a\n/// of b\nqueue b[\n\nlock c");
    assert!(file.items[1].docs.is_empty(), "{:?}", file.items[1]);
}

#[test]
fn a_nul_character_is_no_text() {
    let (file, problems) = read("lock a\n\0");
    assert!(file.items.is_empty());
    assert_eq!(problems[0].code.name, "P0006");
}

#[test]
fn parts_stand_once() {
    says("queue q capacity 1 capacity 2", &["P0007 capacity 2: `capacity` is given twice"]);
    says("start f() * 2 for i in 0..3", &["P0007 for i in 0..3: how many to start is given twice"]);
    says(
        "process p() restart 1 on failure stop { }",
        &["P0007 on failure stop: what to do on failure is given twice"],
    );
    let (file, _) = read("queue q capacity 1 capacity 2");
    assert_eq!(crate::ast::print::print(&file), "queue q capacity 1\n");
}

#[test]
fn clauses_are_looked_up_in_their_declaration() {
    assert_eq!(mended("process p() restrat 3 { }"), "process p() restart 3 { }");
    says("queue q daemon", &["P0008 daemon: `daemon` is not a clause of `queue`"]);
    says("process p() native restart 3", &["P0008 restart: `restart` stands behind the body"]);
    says("start f() quickly", &["P0008 quickly: there is no clause `quickly`"]);
}

#[test]
fn sizes_and_durations_need_a_known_unit() {
    assert_eq!(mended("queue q capacity 64 KiB"), "queue q capacity 64KiB");
    says("queue q capacity 5s", &["P0009 5s: `s` is not a unit of a size"]);
    assert_eq!(help("start f() timeout 5sec"), "did you mean `s`?");
    assert_eq!(help("start f() timeout 5"), "write the unit behind it, as in `5s`");
    says("queue q capacity 99999999TiB", &["P0009 99999999TiB: the size `99999999TiB` is too large"]);
    says("start f() timeout 0.0001s", &["P0009 0.0001s: the duration `0.0001s` is too fine"]);
    says("start f() memory all", &["P0009 all: expected a size, found `all`"]);
}

#[test]
fn bodies_arguments_escapes_types_and_pipes() {
    says("process p()", &["P0010 ): expected the body of `process`, found the end of the file"]);
    says("main() { }", &["P0010 (: expected the body of `main`, found `(`"]);
    says("import \"a\\q\" as a", &["P0012 \\q: the escape `\\q` means nothing"]);
    says("import \"a\\x4\" as a", &["P0012 \\x4: the escape `\\x4` means nothing"]);
    says("queue q of [strin]", &["P0013 strin: there is no type `strin`"]);
    says("pipe a() if x -> b()", &["P0014 if x: a pipe does not take `if`"]);
    assert_eq!(mended("start worker * 4"), "start worker() * 4");
}

#[test]
fn names_are_of_plain_letters() {
    says("queue größe", &["P0001 öße: `ö` cannot stand in a name"]);
    says("queue 5a", &["P0001 5a: expected a name, found `5a`"]);
}

#[test]
fn many_errors_are_reported_up_to_a_limit() {
    assert_eq!(said(&"lock 5\n".repeat(7)).len(), 7);
    assert_eq!(said(&"lock 5\n".repeat(50)).len(), 20);
    assert_eq!(said(&"queue q[\n".repeat(50)).len(), 20);
}

#[test]
fn nesting_has_a_limit() {
    let nested = |depth: usize| format!("const x = {}1{}", "(".repeat(depth), ")".repeat(depth));
    assert!(said(&nested(200)).is_empty());
    assert_eq!(said(&nested(201)).len(), 1);
    let types = format!("queue q of {}int{}", "[".repeat(200), "]".repeat(200));
    assert!(said(&types).is_empty());
    for opening in ["(", "{", "[", "#{", "/*", "`${", "({["] {
        let problems = said(&format!("const x = {}", opening.repeat(100_000)));
        assert_eq!(problems.len(), 1, "{opening}");
        assert!(problems[0].starts_with("P0005"), "{problems:?}");
    }
}

/// Each of these would take hours if any part of it were read again from each of its places.
#[test]
fn long_texts_are_read_once() {
    let repeated = |text: &str| text.repeat(100_000 / text.len());
    for text in [
        "a",
        "#",
        "\"",
        "`",
        "|",
        "-",
        ")",
        "\n",
        ";",
        "lock a;",
        "lock 5\n",
        "const a = b +\n",
        "const x = |\n",
    ] {
        let _ = said(&repeated(text));
    }
    assert!(said(&format!("const x = 1{}", repeated("+1"))).is_empty());
    assert!(said(&format!("start f({})", repeated("a, "))).is_empty());
    assert!(said(&format!("main {{ {} }}", repeated("x(1, \"a\"); "))).is_empty());
    assert!(said(&format!("main {{ {} }}", repeated("#"))).is_empty());
}
