//! Whatever text is given to `check` and `run`: they end soon, by themselves, and say what is wrong.

#[path = "faults/run.rs"]
#[allow(dead_code)]
mod run;

use run::{Ended, Run};

const MANY: usize = 100_000;

/// Both commands refuse the text, with this in what they say, shortly.
fn refused(text: &str, said: &str) {
    for command in ["check", "run"] {
        let ended = ended(command, text);
        assert_eq!(ended.status, 2, "{command}: {}", begin(text));
        assert!(ended.stderr.contains(said) || joined(&ended).contains(said), "{}", shown(&ended));
        assert!(ended.stderr.len() < 20_000, "{command} says too much of {}", begin(text));
    }
}

fn ended(command: &str, text: &str) -> Ended {
    let ended = Run::start_by(&[command], text).finish_input().end();
    assert!(!ended.stderr.contains("panicked"), "{}", shown(&ended));
    ended
}

fn joined(ended: &Ended) -> String {
    ended.lines.iter().map(|line| format!("{line}\n")).collect()
}

fn begin(text: &str) -> String {
    text.chars().take(60).collect()
}

fn shown(ended: &Ended) -> String {
    format!("stdout:\n{}\nstderr:\n{}", begin(&joined(ended)), ended.stderr)
}

/// A run of a text that checks: its status, and what it says on either stream.
fn ran(text: &str) -> (i32, String) {
    let ended = ended("run", text);
    (ended.status, joined(&ended) + &ended.stderr)
}

/// A run that ends with status 1 and this in its message.
fn fails(text: &str, said: &str) {
    let (status, seen) = ran(text);
    assert_eq!(status, 1, "{text}: {seen}");
    assert!(seen.contains(said), "{text}: {seen}");
}

fn nested(open: &str, close: &str) -> String {
    format!("{}1{}", open.repeat(MANY), close.repeat(MANY))
}

#[test]
fn deep_nesting_is_refused_wherever_it_stands() {
    for (open, close) in [("(", ")"), ("[", "]"), ("{", "}"), ("#{a: ", "}"), ("`${", "}`"), ("f(", ")")] {
        let deep = nested(open, close);
        let too_deep = "nested more than 200 levels deep";
        refused(&format!("const A = {deep}\n"), too_deep);
        refused(&format!("main {{ let a = {deep}; print(a); }}\n"), too_deep);
        refused(&format!("process p(a) {{ print(a); }}\nstart p({deep})\n"), too_deep);
        refused(&format!("main {{ {}", open.repeat(MANY)), too_deep);
        refused(&open.repeat(MANY), if open == "f(" { "error[P" } else { too_deep });
    }
    refused(&format!("{}{}", "/*".repeat(MANY), "*/".repeat(MANY)), "nested more than 200 levels deep");
    refused(&format!("queue q of {}int{}\n", "[".repeat(MANY), "]".repeat(MANY)), "nested more than 200");
}

#[test]
fn chains_of_operators_are_refused() {
    for (first, next) in
        [("|a| ", "|a| "), ("!", "!"), ("1", "+1"), ("1", ".a"), ("1", " ?? 1"), ("1", " ** 1")]
    {
        let chain = format!("{first}{}", next.repeat(MANY));
        let chain = if next.ends_with('1') || next == ".a" { chain } else { format!("{chain}1") };
        refused(&format!("const A = {chain}\n"), "error[P");
        refused(&format!("main {{ let a = {chain}; print(a); }}\n"), "error[P");
    }
    let steps = " else if true { }".repeat(MANY);
    refused(&format!("main {{ if true {{ }}{steps} }}\n"), "nested too deeply");
}

#[test]
fn what_is_never_closed_is_pointed_at() {
    for (open, what) in [
        ("\"abc", "a text is never closed"),
        ("`abc", "a text in backticks is never closed"),
        ("`a ${ 1 `", "is never closed"),
        ("#\"abc\"", "a raw text is never closed"),
        ("'a", "a character is never closed"),
        ("/* abc", "a comment is never closed"),
        ("(1", "is never closed"),
    ] {
        refused(&format!("const A = {open}\n"), what);
        refused(&format!("main {{ print({open}); }}\n"), "error[P0");
    }
    for close in [")", "]", "}"] {
        refused(&close.repeat(MANY), "closes nothing");
    }
}

#[test]
fn odd_characters_are_refused_or_harmless() {
    refused("main { print(1); }\0\n", "NUL");
    refused("main { print(\"\0\"); }\n", "NUL");
    refused("main { \u{feff}print(1); }\n", "is not expected here");
    for text in ["\u{feff}main { print(1); }\n", "main {\r\n  print(1);\r\n}\r\n", "main { print(1); }"] {
        assert_eq!(ran(text), (0, "1\n".to_owned()));
    }
    refused(&"@ ".repeat(MANY), "does not begin a declaration");
}

#[test]
fn a_text_without_declarations_does_nothing() {
    for text in ["", "\n", "// only\n/* comments */\n", &" \n".repeat(MANY)] {
        for command in ["check", "run"] {
            let ended = ended(command, text);
            assert_eq!((ended.status, ended.stderr.as_str(), ended.lines.len()), (0, "", 0), "{command}");
        }
    }
}

#[test]
fn long_lines_are_only_long() {
    let text = "x".repeat(1 << 20);
    let length = format!("{}\n", 1 << 20);
    assert_eq!(ran(&format!("const A = \"{text}\"\nmain {{ print(A.len()); }}\n")), (0, length.clone()));
    assert_eq!(ran(&format!("main {{ let a = \"{text}\"; print(a.len()); }}\n")), (0, length));
    let steps = "let a = 1; print(a); ".repeat(20_000);
    assert_eq!(ended("check", &format!("main {{ {steps}}}\n")).status, 0);
    refused(&text, "does not begin a declaration");
}

#[test]
fn huge_numbers_are_refused_where_they_count() {
    let end = "process r(in q) { for x in q { print(x); } }\nprocess p(out q) { q.put(1); }\nstart r(q)\nstart p(q)\n";
    for (text, said) in [
        ("queue q capacity 99999999999999999999\n".to_owned() + end, "must be an int"),
        ("queue q[9223372036854775807]\nmain { print(q.len()); }\n".to_owned(), "more than 100000 queues"),
        ("process p() { print(1); }\nstart p() * 9223372036854775807\n".to_owned(), "100000 processes"),
        (
            "process p(i) { print(i); }\nstart p(i) for i in 0..9223372036854775807\n".to_owned(),
            "100000 processes",
        ),
        ("process p() timeout 9223372036854775807h { print(1); }\nstart p()\n".to_owned(), "too large"),
        ("process p() restart 99999999999999999999 { print(1); }\nstart p()\n".to_owned(), "must be an int"),
    ] {
        let (status, seen) = ran(&text);
        assert_eq!(status, 2, "{text}: {seen}");
        assert!(seen.contains(said), "{text}: {seen}");
    }
}

#[test]
fn a_hundred_thousand_declarations_are_many() {
    let consts: String = (0..MANY).map(|i| format!("const _A{i} = {i}\n")).collect();
    assert_eq!(ran(&format!("{consts}main {{ print(_A99999); }}\n")), (0, "99999\n".to_owned()));
    let functions: String = (0..20_000).map(|i| format!("fn _f{i}() {{ {i} }}\n")).collect();
    assert_eq!(ran(&format!("{functions}main {{ print(_f19999()); }}\n")), (0, "19999\n".to_owned()));
}

#[test]
fn endless_recursion_is_an_error_with_its_line() {
    let calls = "fn f(n) { if n == 0 { 0 } else { 1 + f(n - 1) } }\n";
    assert_eq!(ran(&format!("{calls}main {{ print(f(1000)); }}\n")), (0, "1000\n".to_owned()));
    assert_eq!(ran(&format!("{calls}const A = f(1000)\nmain {{ print(A); }}\n")), (0, "1000\n".to_owned()));
    fails("fn f(n) {\n  1 + f(n + 1)\n}\nmain { print(f(0)); }\n", "a.proc:4:14");
    let (status, seen) = ran("fn f(n) {\n  1 + f(n + 1)\n}\nconst A = f(0)\nmain { print(A); }\n");
    assert_eq!(status, 2, "{seen}");
    assert!(seen.contains("calls are nested too deeply") && seen.contains("a.proc:4:"), "{seen}");
}

#[test]
fn expressions_of_declarations_end_by_themselves() {
    let endless = "fn f() { loop { } }\n";
    for use_of_it in ["const A = f()\nmain { print(A); }\n", "process p() { print(1); }\nstart p() * f()\n"] {
        let (status, seen) = ran(&format!("{endless}{use_of_it}"));
        assert_eq!(status, 2, "{seen}");
        assert!(seen.contains("does it ever end?"), "{seen}");
    }
    for text in ["const A = B\nconst B = A\nmain { print(A); }\n", "param a = a + 1\nmain { print(a); }\n"] {
        refused(text, "error[P");
    }
    let (status, seen) = ran("const A = sleep(1000000)\nmain { print(A); }\n");
    assert_eq!(status, 2, "{seen}");
}

/// The files that are none: what the command says names the reason.
#[test]
fn what_cannot_be_read_is_said() {
    let said = |line: &str| {
        let ended = Run::start_in_shell(line, "main { }\n").end();
        (ended.status, joined(&ended) + &ended.stderr)
    };
    for command in ["check", "run"] {
        for (line, reason) in [
            (".", "is a directory"),
            ("nowhere.proc", "no such file or directory"),
            ("a.proc/b", "not a directory"),
            ("/dev/zero", "more than 64 megabytes"),
        ] {
            let (status, seen) = said(&format!("exec \"$0\" {command} {line}"));
            assert_eq!(status, 2, "{seen}");
            assert!(seen.contains(reason), "{line}: {seen}");
        }
        let (status, seen) =
            said(&format!("printf 'main {{ \\377 }}' > b.proc; exec \"$0\" {command} b.proc"));
        assert_eq!(status, 2, "{seen}");
        assert!(seen.contains("not UTF-8"), "{seen}");
    }
}

#[test]
fn a_deep_value_can_be_printed_but_not_sent() {
    let deep = "let a = []; for i in 0..1500 { a = [a]; }";
    let printed = format!("{}{}\n", "[".repeat(1501), "]".repeat(1501));
    assert_eq!(ran(&format!("main {{ {deep} print(a); }}\n")), (0, printed));
    let queue = "queue q\nprocess r(in q) { for x in q { print(1); } }\nstart r(q)\n";
    fails(&format!("{queue}main {{ {deep} q.put(a); }}\n"), "nested deeper than");
    let process = "process p(a) { print(a); }\n";
    fails(&format!("{process}main {{ {deep} p(a).start(); }}\n"), "nested deeper than");
    let (status, seen) = ran(&format!("fn f() {{ {deep} a }}\nconst A = f()\nmain {{ print(A.len()); }}\n"));
    assert_eq!(status, 2, "{seen}");
    assert!(seen.contains("nested deeper than"), "{seen}");
}
