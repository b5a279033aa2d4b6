//! The library of functions, called as scripts call them.

use super::*;
use crate::value::sendable;

/// Runs a body that finds the path of an empty folder in `dir`.
fn in_folder(text: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = Value::string(folder.path().to_string_lossy());
    let unit = Unit { bodies: vec![body(&["dir"], text)], ..Unit::default() };
    match run_unit(unit, vec![("dir", path)]) {
        Ok(value) => value.to_string(),
        Err(Ending::Failed(failure)) => format!("{}: {}", failure.kind, failure.message),
        Err(other) => format!("{other:?}"),
    }
}

#[test]
fn files_are_written_and_read() {
    assert_eq!(
        in_folder(
            "let f = dir + \"/a\"; write_text(f, \"ä\\n\"); append_text(f, \"b\"); [read_text(f), file_size(f)]"
        ),
        r#"["ä\nb", 4]"#
    );
    assert_eq!(in_folder("let f = dir + \"/a\"; write_bytes(f, blob(2, 65)); read_bytes(f)"), "[4141]");
    assert_eq!(
        in_folder(
            "let f = dir + \"/a\"; write_text(f, \"x\\r\\ny\\n\\nz\"); let l = []; for x in read_lines(f) { l.push(x); } l"
        ),
        r#"["x", "y", "", "z"]"#
    );
    assert_eq!(
        in_folder(
            "make_dir(dir + \"/b/c\"); write_text(dir + \"/a\", \"\"); rename(dir + \"/a\", dir + \"/z\"); list_dir(dir)"
        ),
        r#"["b", "z"]"#
    );
    assert_eq!(
        in_folder(
            "make_dir(dir + \"/b/c\"); let was = exists(dir + \"/b\"); remove(dir + \"/b\"); [was, exists(dir + \"/b\")]"
        ),
        "[true, false]"
    );
}

#[test]
fn errors_of_files_name_the_file_and_the_reason() {
    let missing = "Io: `/nowhere/a`: no such file or directory";
    for function in ["read_text", "read_bytes", "read_lines", "file_size", "list_dir", "remove"] {
        assert_eq!(in_folder(&format!("{function}(\"/nowhere/a\")")), missing);
    }
    assert_eq!(in_folder("read_text(1)"), "Type: `read_text`: `path` must be a string, not int");
    assert_eq!(in_folder("for l in read_lines(dir) { }").split(": ").next(), Some("Io"));
}

#[test]
fn json_is_parsed_and_printed() {
    assert_eq!(
        shown(r##"parse_json(#"{"b": [1, 2.5, null, true], "a": "x"}"#)"##),
        r#"#{"a": "x", "b": [1, 2.5, (), true]}"#
    );
    assert_eq!(shown("parse_json(\"5\") + 1"), "6");
    assert_eq!(shown("to_json(#{a: [1, 2.5, ()], b: 'c'})"), r#"{"a":[1,2.5,null],"b":"c"}"#);
    assert_eq!(shown("[[1], #{}].to_json()"), "[[1],{}]");
    assert_eq!(failure("parse_json(\"{\")").kind, "Json");
    assert_eq!(failure("to_json(|| 1)").message, "function cannot be written as JSON");
}

#[test]
fn arrays_are_ordered() {
    assert_eq!(shown("[3, 1, 2].sorted()"), "[1, 2, 3]");
    assert_eq!(shown("[2.5, 1, \"a\"].take(2).sorted()"), "[1, 2.5]");
    assert_eq!(shown("[[2, 1], [1, 9], [1]].sorted()"), "[[1], [1, 9], [2, 1]]");
    assert_eq!(shown("[3, 1, 2].sorted_by(|a, b| b - a)"), "[3, 2, 1]");
    assert_eq!(shown("[3, 1, 2].sorted_by(|a, b| a < b)"), "[1, 2, 3]");
    assert_eq!(shown("[\"bb\", \"a\", \"cc\"].sorted_by(|a, b| a.len < b.len)"), r#"["a", "bb", "cc"]"#);
    assert_eq!(failure("[1, \"a\"].sorted()").message, "`sorted` cannot compare int with string");
    let failed = failure("[2, 1].sorted_by(|a, b| nothing)");
    assert_eq!((failed.kind.as_str(), failed.place.unwrap().column), ("ErrorVariableNotFound", 25));
    assert_eq!(failure("[2, 1].sorted_by(|a, b| \"x\")").kind, "Type");
    assert_eq!(shown("let k = [3, 1]; let c = 0; k.sorted_by(|a, b| { c += 1; a - b }); c"), "1");
    assert_eq!(shown("let k = [3, 1]; k.sorted(); k"), "[3, 1]");
}

#[test]
fn arrays_are_taken_apart() {
    assert_eq!(shown("[1, 2, 3].take(2)"), "[1, 2]");
    assert_eq!(shown("[1].take(5)"), "[1]");
    assert_eq!(shown("[[1, 2].sum(), [1, 0.5].sum(), [].sum()]"), "[3, 1.5, 0]");
    assert_eq!(
        shown("[[2, 1, 3].min(), [\"a\", \"b\"].max(), [].min(), min(1, 2), max(2.5, 1.0)]"),
        r#"[1, "b", (), 1, 2.5]"#
    );
    assert_eq!(shown("[1, 2, 3].group_by(|x| x % 2)"), r#"#{"0": [2], "1": [1, 3]}"#);
    assert_eq!(shown("[1, 2].zip([\"a\"])"), r#"[[1, "a"]]"#);
    assert_eq!(shown("[1, 2, 3].chunks(2)"), "[[1, 2], [3]]");
    assert_eq!(failure("[1].chunks(0)").kind, "Argument");
    assert_eq!(failure("[9223372036854775807, 1].sum()").kind, "ErrorArithmetic");
    assert_eq!(shown("\" to  be\\nor \".words()"), r#"["to", "be", "or"]"#);
}

#[test]
fn functions_of_the_language_of_the_same_name_still_work() {
    assert_eq!(shown("let a = [1, 2]; [take(a), a]"), "[[1, 2], ()]");
    assert_eq!(shown("[1, 2].zip([3, 4], |x, y| x + y)"), "[4, 6]");
    assert_eq!(shown("let a = [1, 2]; [a.remove(0), a.get(0), a.len]"), "[1, 2, 1]");
    assert_eq!(shown("#{a: 1}.to_json()"), r#"{"a":1}"#);
}

#[test]
fn random_numbers_are_in_range_and_repeatable() {
    assert_eq!(shown("for i in 0..1000 { let x = rand_int(-1, 1); if x < -1 || x > 1 { throw x; } } 1"), "1");
    assert_eq!(shown("for i in 0..1000 { let x = rand(); if x < 0.0 || x >= 1.0 { throw x; } } 1"), "1");
    let ends = "let seen = #{}; for i in 0..200 { seen[rand_int(1, 3).to_string()] = 1; } seen.keys()";
    assert_eq!(shown(ends), r#"["1", "2", "3"]"#);
    let series = "seed(5); [rand_int(0, 1000000), rand_int(0, 1000000)]";
    assert_eq!(shown(series), shown(series));
    assert_eq!(failure("rand_int(2, 1)").kind, "Argument");
}

#[test]
fn the_environment_is_read() {
    assert_eq!(shown("env(\"SURELY_NOT_SET_ANYWHERE\")"), "");
    assert_eq!(shown("env(\"PATH\").len > 0"), "true");
    assert_eq!(shown("env(\"a=b\")"), "");
    assert_eq!(shown("now() > 1.7e9"), "true");
    let surroundings = MemorySurroundings::default();
    surroundings.input.borrow_mut().extend(["a".to_owned(), "b".to_owned()]);
    let value =
        run_in(unit_of("let l = []; for x in stdin_lines() { l.push(x); } l"), Rc::new(surroundings), vec![]);
    assert_eq!(value.unwrap().to_string(), r#"["a", "b"]"#);
}

#[test]
fn what_is_no_data_can_be_held_and_not_sent() {
    let value = run_unit(unit_of("#{a: [1, timestamp()], p: current_process()}"), vec![]).unwrap();
    assert_eq!(sendable::check(&value).unwrap_err().to_string(), ".a[1] is a timestamp");
    let value = run_unit(unit_of("let t = timestamp(); || t"), vec![]).unwrap();
    assert_eq!(sendable::check(&value).unwrap_err().to_string(), ".captured[0] is a timestamp");
    assert_eq!(shown("let t = timestamp(); [t].zip([1])[0][0].elapsed >= 0.0"), "true");
}
