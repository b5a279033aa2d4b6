//! Explains text that is no declaration: the mistakes that people make first, then whatever else it is.

use super::declaration_line;
use super::grammar::Rule;
use super::junk::{Junk, shortened};
use super::words;
use crate::diagnostic::suggest::nearest;
use crate::diagnostic::words::names;
use crate::diagnostic::{Diagnostic, codes};

/// What is wrong with this text.
pub fn explain(junk: &Junk) -> Diagnostic {
    let known = [
        not_a_declaration,
        double_arrow,
        dangling_operator,
        foreign_letter,
        spaced_unit,
        missing_unit,
        bare_block_value,
        single_quotes,
        missing_arguments,
        unwanted_value,
        unknown_clause,
        missing_body,
    ];
    known.iter().find_map(|mistake| mistake(junk)).unwrap_or_else(|| unexpected(junk))
}

fn unexpected(junk: &Junk) -> Diagnostic {
    let found = junk.found_words();
    let expected = words::expected(&junk.expected);
    let title = match expected.as_slice() {
        [] => format!("{found} does not belong here"),
        [only] => format!("expected {only}, found {found}"),
        [first @ .., last] => format!("expected {} or {last}, found {found}", first.join(", ")),
    };
    let problem = Diagnostic::new(codes::P0001, title).at(junk.found_span(), "unexpected");
    if junk.expects(&[Rule::name]) && !junk.found().is_empty() {
        return problem
            .help("a name is made of the letters a to z, digits and `_`, and begins with a letter");
    }
    let words = expected.iter().flat_map(|words| words.split('`').skip(1).step_by(2));
    if let Some(near) = junk.found_word().and_then(|word| nearest(word, words)) {
        return problem.help(format!("did you mean `{near}`?")).edit(junk.found_span(), near);
    }
    problem.help(match expected.as_slice() {
        [] | ["the end of the line"] => "remove it".to_owned(),
        [only] => format!("write {only} here"),
        _ => "write one of them here".to_owned(),
    })
}

/// Words of other languages, and the word that says the same here.
const FOREIGN: [(&str, &str); 16] = [
    ("function", "fn"),
    ("func", "fn"),
    ("def", "fn"),
    ("proc", "process"),
    ("task", "process"),
    ("worker", "process"),
    ("spawn", "start"),
    ("run", "start"),
    ("launch", "start"),
    ("mutex", "lock"),
    ("channel", "queue"),
    ("chan", "queue"),
    ("use", "import"),
    ("include", "import"),
    ("arg", "param"),
    ("option", "param"),
];

/// Words that begin a statement.
const STATEMENTS: [&str; 16] = [
    "if", "for", "while", "loop", "do", "switch", "return", "throw", "try", "break", "continue", "print",
    "debug", "match", "else", "sleep",
];

fn not_a_declaration(junk: &Junk) -> Option<Diagnostic> {
    if junk.found.start != 0 {
        return None;
    }
    let word = junk.found();
    let shown = shortened(word);
    let problem = |label: &str| {
        Diagnostic::new(codes::P0002, format!("`{shown}` does not begin a declaration"))
            .at(junk.found_span(), label)
    };
    if ["let", "var", "static"].contains(&word) {
        return Some(problem("variables live in bodies").help(
            "declare it as `const NAME = VALUE`, or as `param NAME = VALUE`, or put it into `main { … }`",
        ));
    }
    if let Some((_, ours)) = FOREIGN.iter().find(|(foreign, _)| *foreign == word) {
        let help = format!("write `{ours}`");
        return Some(problem("a word of another language").help(help).edit(junk.found_span(), *ours));
    }
    if STATEMENTS.contains(&word) {
        return Some(problem("a statement").help("put it into `main { … }`"));
    }
    if let Some(near) = nearest(word, declaration_line::WORDS) {
        let help = format!("did you mean `{near}`?");
        return Some(problem("unknown").help(help).edit(junk.found_span(), near));
    }
    let behind = junk.text[word.len()..].trim_start();
    if junk.found_word().is_some() && behind.starts_with(['(', '=', '.', '[', '+', '-']) {
        return Some(problem("a statement").help("put it into `main { … }`"));
    }
    Some(problem("no declaration begins like this").help(
        "declarations begin with `param`, `const`, `fn`, `import`, `queue`, `process`, `start`, `pipe` or `main`",
    ))
}

fn double_arrow(junk: &Junk) -> Option<Diagnostic> {
    if junk.found() != "=>" || junk.head() != "pipe" {
        return None;
    }
    let problem =
        Diagnostic::new(codes::P0001, "expected `->`, found `=>`").at(junk.found_span(), "unexpected");
    Some(problem.help("write `->`").edit(junk.found_span(), "->"))
}

/// `const x = 1 +` with nothing behind it.
fn dangling_operator(junk: &Junk) -> Option<Diagnostic> {
    let operator = junk.found();
    let rest = &junk.text[junk.found.end..];
    let binary = ["+", "-", "*", "/", "%", "<", ">", "&", "|", "^", "&&", "||", "==", "!=", ".", "in"];
    if !junk.expects(&[Rule::end]) || !binary.contains(&operator) || !rest.trim().is_empty() {
        return None;
    }
    let problem = Diagnostic::new(codes::P0001, format!("nothing follows `{operator}`"))
        .at(junk.found_span(), "a value is expected behind it");
    Some(problem.help("write the missing value, or remove the operator"))
}

/// `queue größe`: the letters of a name go on in a way that names cannot.
fn foreign_letter(junk: &Junk) -> Option<Diagnostic> {
    let first = junk.found().chars().next().filter(|c| !c.is_ascii() && c.is_alphabetic())?;
    if junk.found.start == 0 || !(junk.expects(&[Rule::name]) || junk.before().len() == junk.found.start) {
        return None;
    }
    let problem = Diagnostic::new(codes::P0001, format!("`{first}` cannot stand in a name"));
    Some(problem.at(junk.found_span(), "unexpected").help(NAME_HELP))
}

const NAME_HELP: &str = "a name is made of the letters a to z, digits and `_`, and begins with a letter";

/// The units of sizes and durations.
const UNITS: [&str; 13] = ["B", "KiB", "MiB", "GiB", "TiB", "KB", "MB", "GB", "TB", "ms", "s", "m", "h"];

/// `64 KiB`, where the unit must follow at once.
fn spaced_unit(junk: &Junk) -> Option<Diagnostic> {
    let unit = junk.found_word().filter(|word| UNITS.contains(word))?;
    let before = junk.before();
    let number = before.rsplit(|c: char| !c.is_ascii_digit() && c != '.' && c != '_').next()?;
    if !number.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let gap = junk.span(before.len()..junk.found.start);
    let problem = Diagnostic::new(codes::P0009, format!("a space between `{number}` and its unit"))
        .at(junk.span(before.len() - number.len()..junk.found.end), "the unit follows the number at once")
        .help(format!("write `{number}{unit}`"));
    Some(problem.edit(gap, ""))
}

fn missing_unit(junk: &Junk) -> Option<Diagnostic> {
    if !junk.expects(&[Rule::quantity]) || junk.expects(&[Rule::expression]) {
        return None;
    }
    let (what, example) =
        if last_word(junk.before()) == "memory" { ("size", "MiB") } else { ("duration", "s") };
    let number = junk.found();
    let title = format!("expected a {what}, found {}", junk.found_words());
    let problem =
        Diagnostic::new(codes::P0009, title).at(junk.found_span(), "a number with its unit is expected");
    if number.bytes().all(|byte| byte.is_ascii_digit()) && !number.is_empty() {
        return Some(
            problem.help(format!("write the unit behind it, as in `{}{example}`", shortened(number))),
        );
    }
    Some(problem.help(format!("write it as in `5{example}`")))
}

fn last_word(text: &str) -> &str {
    text.rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or("")
}

/// `param n = if x { 1 } else { 2 }`
fn bare_block_value(junk: &Junk) -> Option<Diagnostic> {
    if !junk.expects(&[Rule::expression]) {
        return None;
    }
    let found = junk.found_word().filter(|word| STATEMENTS[..9].contains(word));
    let found = found.or_else(|| Some(junk.found()).filter(|found| *found == "{"))?;
    let before_is_head = junk.before().ends_with('=') || found != "{";
    let problem = Diagnostic::new(codes::P0011, format!("`{found}` as a value needs brackets"))
        .at(junk.found_span(), "begins a block");
    Some(match (found, before_is_head) {
        ("{", true) => problem.help("put the block into brackets, `({ … })`; a map is written `#{ … }`"),
        ("{", false) => Diagnostic::new(codes::P0001, "expected a value, found `{`")
            .at(junk.found_span(), "a value is missing before it")
            .help("write the value before the body"),
        _ => problem.help(format!("put it into brackets: `({found} …)`")),
    })
}

fn single_quotes(junk: &Junk) -> Option<Diagnostic> {
    if !junk.expects(&[Rule::text]) || !junk.found().starts_with('\'') {
        return None;
    }
    let inner = junk.found().trim_matches('\'');
    let problem = Diagnostic::new(codes::P0001, "expected a text in double quotes")
        .at(junk.found_span(), "single quotes hold one character")
        .help("write it in double quotes");
    Some(problem.edit(junk.found_span(), format!("\"{inner}\"")))
}

/// `start worker` without brackets.
fn missing_arguments(junk: &Junk) -> Option<Diagnostic> {
    if !junk.expects(&[Rule::arguments]) {
        return None;
    }
    let name = shortened(last_word(junk.before()));
    let problem = Diagnostic::new(codes::P0015, format!("`{name}` is named, but not called"))
        .at(junk.span(0..junk.before().len()), "the arguments are missing")
        .help(format!("write the arguments in brackets, or none: `{name}()`"));
    let end = junk.span(junk.before().len()..junk.before().len());
    Some(problem.edit(end, "()"))
}

/// `queue q = …`
fn unwanted_value(junk: &Junk) -> Option<Diagnostic> {
    let head = junk.head();
    let (help, named) = match head {
        "queue" => ("say what it is with clauses, as in `queue q capacity 10`", "a queue"),
        "lock" | "event" | "table" => ("remove the value", "this"),
        "semaphore" | "barrier" => ("write its number in brackets, as in `semaphore slots(4)`", "this"),
        "process" | "fn" | "thread" => {
            ("write its parameters in brackets and its body in braces", "a template")
        }
        _ => return None,
    };
    if junk.found() != "=" || junk.expects(&[Rule::equals]) {
        return None;
    }
    let title = format!("{named} takes no `=`");
    Some(Diagnostic::new(codes::P0001, title).at(junk.found_span(), "unexpected").help(help))
}

const QUEUE_CLAUSES: [&str; 6] = ["of", "capacity", "order", "when", "redeliver", "dead"];
const PROCESS_CLAUSES: [&str; 10] =
    ["daemon", "on", "restart", "timeout", "nice", "memory", "cpu", "cwd", "env", "allow"];
const START_PARTS: [&str; 3] = ["for", "if", "after"];

/// The clauses of the declaration that begins with this word.
fn clauses_of(head: &str) -> Vec<&'static str> {
    match head {
        "queue" => QUEUE_CLAUSES.to_vec(),
        "process" => PROCESS_CLAUSES.to_vec(),
        "start" | "pipe" => [PROCESS_CLAUSES.as_slice(), &START_PARTS].concat(),
        _ => Vec::new(),
    }
}

fn unknown_clause(junk: &Junk) -> Option<Diagnostic> {
    let word = junk.found_word()?;
    let at_clause = junk.expected.iter().any(|&rule| words::is_clause(rule));
    if !at_clause && !junk.expects(&[Rule::end]) {
        return None;
    }
    let head = junk.head();
    let own = clauses_of(head);
    let shown = shortened(word);
    let problem =
        |title: String, label: &str| Diagnostic::new(codes::P0008, title).at(junk.found_span(), label);
    if own.contains(&word) && head == "process" {
        let title = format!("`{word}` stands behind the body");
        return Some(problem(title, "too late").help("write it before the body"));
    }
    let elsewhere = [("queue", &QUEUE_CLAUSES[..]), ("process", &PROCESS_CLAUSES), ("start", &START_PARTS)];
    if let Some((owner, _)) = elsewhere.iter().find(|(_, clauses)| clauses.contains(&word)) {
        let title = format!("`{word}` is not a clause of `{head}`");
        return Some(problem(title, &format!("belongs to `{owner}`")).help("remove it"));
    }
    if own.is_empty() {
        return None;
    }
    let unknown = problem(format!("there is no clause `{shown}`"), "unknown");
    Some(match nearest(word, own.iter().copied()) {
        Some(near) => unknown.help(format!("did you mean `{near}`?")).edit(junk.found_span(), near),
        None => unknown.help(format!("the clauses of `{head}` are {}", names(own))),
    })
}

fn missing_body(junk: &Junk) -> Option<Diagnostic> {
    if !junk.expects(&[Rule::block]) {
        return None;
    }
    let head = junk.head();
    let title = format!("expected the body of `{head}`, found {}", junk.found_words());
    let problem = Diagnostic::new(codes::P0010, title).at(junk.found_span(), "a body is missing");
    Some(match head {
        "process" => problem.help("write a body in braces, or `exec [\"command\"]`, or `native`"),
        "main" if junk.found() == "(" => problem.help("remove the brackets: `main { … }`"),
        _ => problem.help("write a body in braces: `{ … }`"),
    })
}
