//! Command lines and what they become.

use super::{Parsed, parse};
use crate::check::Program;
use crate::diagnostic::Diagnostic;
use crate::graph::test_program::program;
use crate::value::{Map, Value};

const SCRIPT: &str = r#"
/// Fetch pages.
/// Politely.

/// Where from.
param url
/// Where to.
param target
/// More pages.
param pages...
/// How many at once.
param workers = 1 + 1
param out_dir = "out"
param ratio = 0.5
param verbose = false
/// Colours.
param color = true
param tags = ["a"]
param sizes = [1]
"#;

fn parsed(program: &Program, words: &[&str]) -> Result<Parsed, Vec<Diagnostic>> {
    let words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
    parse(program, &words)
}

fn values(script: &str, words: &[&str]) -> Map {
    match parsed(&program(script), words) {
        Ok(Parsed::Run(values)) => values,
        other => panic!("{other:?}"),
    }
}

/// The values of the script above with its two required params given.
fn given(words: &[&str]) -> Map {
    values(SCRIPT, &[&["from", "to"], words].concat())
}

/// Codes, titles and help of the problems.
fn problems(script: &str, words: &[&str]) -> Vec<String> {
    let problems = match parsed(&program(script), words) {
        Err(problems) => problems,
        other => panic!("{other:?}"),
    };
    let line = |problem: &Diagnostic| {
        format!("{:?} {} | {}", problem.code, problem.title, problem.help.as_deref().unwrap_or("-"))
    };
    problems.iter().map(line).collect()
}

fn wrong(words: &[&str]) -> Vec<String> {
    problems(SCRIPT, &[&["from", "to"], words].concat())
}

fn help(script: &str, words: &[&str]) -> String {
    match parsed(&program(script), words) {
        Ok(Parsed::Help(text)) => text,
        other => panic!("{other:?}"),
    }
}

fn texts(items: &[&str]) -> Value {
    Value::array(items.iter().map(|&item| Value::string(item)).collect())
}

#[test]
fn defaults_hold_where_nothing_is_given() {
    let values = given(&[]);
    assert_eq!(*values.get("url").unwrap(), Value::string("from"));
    assert_eq!(*values.get("target").unwrap(), Value::string("to"));
    assert_eq!(*values.get("pages").unwrap(), texts(&[]));
    assert_eq!(*values.get("workers").unwrap(), Value::Int(2));
    assert_eq!(*values.get("color").unwrap(), Value::Bool(true));
    assert_eq!(*values.get("tags").unwrap(), texts(&["a"]));
}

#[test]
fn options_have_the_type_of_their_default() {
    let values = given(&["--workers", "8", "--ratio=2", "--out-dir", "x y", "--sizes", "3", "--sizes=-4"]);
    assert_eq!(*values.get("workers").unwrap(), Value::Int(8));
    assert_eq!(*values.get("ratio").unwrap(), Value::Float(2.0));
    assert_eq!(*values.get("out_dir").unwrap(), Value::string("x y"));
    assert_eq!(*values.get("sizes").unwrap(), Value::array(vec![Value::Int(3), Value::Int(-4)]));
}

#[test]
fn both_spellings_of_a_name_are_known() {
    assert_eq!(*given(&["--out_dir=a"]).get("out_dir").unwrap(), Value::string("a"));
    assert_eq!(*given(&["--out-dir=a=b"]).get("out_dir").unwrap(), Value::string("a=b"));
    assert_eq!(*given(&["--out-dir="]).get("out_dir").unwrap(), Value::string(""));
}

#[test]
fn flags_are_switched_on_and_off() {
    let values = given(&["--verbose", "page", "--no-color"]);
    assert_eq!(*values.get("verbose").unwrap(), Value::Bool(true));
    assert_eq!(*values.get("color").unwrap(), Value::Bool(false));
    assert_eq!(*values.get("pages").unwrap(), texts(&["page"]));
    assert_eq!(*given(&["--verbose=false"]).get("verbose").unwrap(), Value::Bool(false));
    assert_eq!(*given(&["--no-color", "--color"]).get("color").unwrap(), Value::Bool(true));
}

#[test]
fn negative_numbers_are_values() {
    assert_eq!(*given(&["--workers", "-3"]).get("workers").unwrap(), Value::Int(-3));
    assert_eq!(*given(&["--ratio", "-.5"]).get("ratio").unwrap(), Value::Float(-0.5));
    assert_eq!(*given(&["-7", "-"]).get("pages").unwrap(), texts(&["-7", "-"]));
}

#[test]
fn positions_fill_what_no_option_gave() {
    let values = values(SCRIPT, &["--target", "t", "u", "p1", "p2"]);
    assert_eq!(*values.get("url").unwrap(), Value::string("u"));
    assert_eq!(*values.get("target").unwrap(), Value::string("t"));
    assert_eq!(*values.get("pages").unwrap(), texts(&["p1", "p2"]));
}

#[test]
fn two_dashes_end_the_options() {
    let values = values(SCRIPT, &["u", "--workers", "3", "--", "--target", "--", "-h"]);
    assert_eq!(*values.get("workers").unwrap(), Value::Int(3));
    assert_eq!(*values.get("target").unwrap(), Value::string("--target"));
    assert_eq!(*values.get("pages").unwrap(), texts(&["--", "-h"]));
}

#[test]
fn an_unknown_option_offers_the_nearest() {
    let near = "P0300 there is no option `--wrokers` | did you mean `--workers`?";
    assert_eq!(wrong(&["--wrokers", "3"]), [near]);
    assert_eq!(
        wrong(&["--zzz=1", "-x"]),
        [
            "P0300 there is no option `--zzz` | run it with `--help` to see the options that it has",
            "P0300 there is no option `-x` | write `-- -x` if it is not meant as an option",
        ]
    );
    for option in ["--no-workers", "--no-color=1", "--pages=1"] {
        let name = option.split('=').next().unwrap();
        let title = format!("P0300 there is no option `{name}` |");
        assert!(wrong(&[option])[0].starts_with(&title), "{option}");
    }
}

#[test]
fn missing_params_are_all_named_and_the_usage_is_shown_once() {
    assert_eq!(
        problems(SCRIPT, &[]),
        [
            "P0301 the param `url` is not given | give it by position, or as `--url TEXT`",
            "P0301 the param `target` is not given | give it by position, or as `--target TEXT`",
        ]
    );
    let all = parsed(&program(SCRIPT), &[]).unwrap_err();
    let notes: Vec<_> = all.iter().flat_map(|problem| &problem.notes).collect();
    assert_eq!(notes, ["usage: procession run folder/test.proc [OPTIONS] URL TARGET [PAGES]..."]);
}

#[test]
fn a_wrong_type_names_the_param() {
    assert_eq!(
        wrong(&["--workers", "many", "--ratio=x", "--verbose=maybe", "--sizes=1", "--sizes=b"]),
        [
            "P0302 the param `workers` must be an int, not `many` | give an int: `--workers INT`",
            "P0302 the param `ratio` must be a float, not `x` | give a float: `--ratio FLOAT`",
            "P0302 the param `verbose` must be `true` or `false`, not `maybe` | write `--verbose` or `--no-verbose`",
            "P0302 the param `sizes` must be an int, not `b` | give an int: `--sizes INT`",
        ]
    );
}

#[test]
fn an_option_needs_its_value() {
    let needs = |name: &str| format!("P0303 the option `--{name}` needs a value | write `--{name}=VALUE`");
    assert_eq!(wrong(&["--out-dir"]), [needs("out-dir")]);
    assert_eq!(wrong(&["--out-dir", "--workers", "3"]), [needs("out-dir")]);
    assert_eq!(wrong(&["--out-dir", "--", "x"]), [needs("out-dir")]);
}

#[test]
fn a_single_value_is_given_once() {
    let title = "P0304 the param `out_dir` is given more than once: `a` and `b`";
    let help = "give it once, or make its default an array";
    assert_eq!(wrong(&["--out-dir=a", "--out-dir=b"]), [format!("{title} | {help}")]);
}

#[test]
fn surplus_positions_are_refused_without_a_rest_param() {
    assert_eq!(
        problems("param a\nmain { print(a); }", &["1", "2", "3"]),
        ["P0305 the argument `2` is one too many | it takes 1 argument by position"]
    );
    assert_eq!(
        problems("main { print(1); }", &["1"]),
        ["P0305 the argument `1` is one too many | give values to its params by name, as `--name VALUE`"]
    );
}

#[test]
fn a_default_may_use_what_the_command_line_gives() {
    let script = "param doubled = once * 2\nparam once = 3\nparam name\nparam file = name + ext\nconst ext = \".txt\"\n";
    let defaults = values(script, &["n"]);
    assert_eq!(*defaults.get("doubled").unwrap(), Value::Int(6));
    assert_eq!(*defaults.get("file").unwrap(), Value::string("n.txt"));
    assert_eq!(*values(script, &["--once", "5", "n"]).get("doubled").unwrap(), Value::Int(10));
    assert_eq!(*values(script, &["--doubled", "1", "n"]).get("doubled").unwrap(), Value::Int(1));
}

#[test]
fn a_flag_whose_default_is_computed_is_a_flag() {
    let script = "param file\nconst base = 1\nparam many = base > 2\nparam all = !many\n";
    let values = values(script, &["--many", "f"]);
    assert_eq!(*values.get("many").unwrap(), Value::Bool(true));
    assert_eq!(*values.get("all").unwrap(), Value::Bool(false));
    assert_eq!(*values.get("file").unwrap(), Value::string("f"));
}

#[test]
fn defaults_have_types_that_a_command_line_can_give() {
    let problems = problems("param a = #{}\n", &[]);
    assert!(problems[0].starts_with("P0306 the default of the param `a` has a type"), "{problems:?}");
}

#[test]
fn a_default_that_fails_is_told_only_when_the_words_are_right() {
    let script = "param a\nparam b = 1 / 0\nparam c = b\n";
    assert!(problems(script, &["x"])[0].starts_with("P0350"));
    assert_eq!(problems(script, &["x"]).len(), 1);
    assert!(problems(script, &[])[0].starts_with("P0301"));
    assert_eq!(problems(script, &[]).len(), 1);
}

#[test]
fn help_is_the_scripts_own() {
    let expected = "\
Fetch pages.
Politely.

usage: procession run folder/test.proc [OPTIONS] URL TARGET [PAGES]...

Arguments:
  URL         Where from.
  TARGET      Where to.
  [PAGES]...  More pages.

Options:
  --workers INT   How many at once. [default: 1 + 1]
  --out-dir TEXT  [default: \"out\"]
  --ratio FLOAT   [default: 0.5]
  --verbose
  --no-color      Colours. [--color is the default]
  --tags TEXT...  [default: [\"a\"]; may be repeated]
  --sizes INT...  [default: [1]; may be repeated]
  -h, --help      Print this help.
";
    assert_eq!(help(SCRIPT, &["--help"]), expected);
    assert_eq!(help(SCRIPT, &["--nonsense", "-h"]), expected);
}

#[test]
fn a_param_called_help_is_the_scripts() {
    let script = "param help = \"none\"\n";
    assert_eq!(*values(script, &["--help", "me"]).get("help").unwrap(), Value::string("me"));
    assert!(help(script, &["-h"]).contains("--help TEXT"));
    assert!(help(script, &["-h"]).ends_with("  -h           Print this help.\n"));
}
