//! Regular expressions, compiled once for each pattern.

use super::arguments::{Arguments, type_error};
use super::definition::{Names, Outcome, Run, function};
use super::system::plain_reason;
use crate::script::fault::Fault;
use crate::script::registry::{Context, Native, Receiver, Shape};
use crate::value::{Function, Map, Object, ObjectKind, Value};
use regex::{Captures, Regex};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// So many patterns are kept; a script that makes more of them at run time begins again.
const CACHED_MAX: usize = 256;

const fn method(
    name: &'static str,
    params: Names,
    doc: &'static str,
    example: &'static str,
    run: Run,
) -> Native {
    Native { name, receiver: Receiver::Regex, shape: Shape::Function, params, doc, example, run, host: None }
}

pub(super) const FUNCTIONS: &[Native] = &[function(
    "regex",
    &["pattern"],
    "A compiled regular expression; `(?i)` at its begin ignores case. Throws `Regex`. It cannot be sent to another process: send the pattern.",
    "regex(`\\d+`).find(\"item 42\")  // \"42\"",
    compile,
)];

pub(super) const MEMBERS: &[Native] = &[
    method(
        "is_match",
        &["text"],
        "Whether it is found in a text.",
        "r.is_match(\"key=value\")  // true",
        is_match,
    ),
    method(
        "find",
        &["text"],
        "The first text that it is found as, or `()`.",
        "r.find(\"a=1 b=2\")  // \"a=1\"",
        find,
    ),
    method(
        "find_all",
        &["text"],
        "All texts that it is found as.",
        "r.find_all(\"a=1 b=2\")  // [\"a=1\", \"b=2\"]",
        find_all,
    ),
    method(
        "captures",
        &["text"],
        "The groups of the first place where it is found, or `()`: a map with each group by its number, `\"0\"` for the whole, and by its name.",
        "r.captures(\"a=1\").key  // \"a\"",
        captures,
    ),
    method(
        "replace",
        &["text", "with"],
        "The text with all places replaced: by a string, in which `$1` or `${name}` stands for a group, or by what a function makes of the groups.",
        "r.replace(\"a=1 b=2\", \"$value\")  // \"1 2\"",
        replace,
    ),
    method(
        "split",
        &["text"],
        "What stands between the places where it is found.",
        "regex(\", *\").split(\"a, b,c\")  // [\"a\", \"b\", \"c\"]",
        split,
    ),
    Native {
        name: "pattern",
        receiver: Receiver::Regex,
        shape: Shape::Property,
        params: &[],
        doc: "The pattern that it was made of.",
        example: "regex(\"a+\").pattern  // \"a+\"",
        run: pattern,
        host: None,
    },
];

/// A compiled pattern as a value.
pub(in crate::script) struct RegexObject(Regex);

impl ObjectKind for RegexObject {
    fn kind(&self) -> &'static str {
        "a compiled regex"
    }
    fn label(&self) -> String {
        format!("`{}`", self.0.as_str())
    }
}

thread_local! {
    static CACHE: RefCell<HashMap<String, Regex>> = RefCell::default();
}

fn compile(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let arguments = Arguments::new("regex", values);
    let pattern = arguments.string(0, "pattern")?;
    let known = CACHE.with_borrow(|cache| cache.get(pattern).cloned());
    let regex = known.map_or_else(|| compiled(pattern), Ok)?;
    Ok(Value::Object(Object::new(RegexObject(regex))))
}

fn compiled(pattern: &str) -> Result<Regex, Fault> {
    let regex = Regex::new(pattern).map_err(|error| {
        let text = error.to_string();
        // The crate draws the pattern, which may have many lines; its last line has the reason.
        let reason = text.lines().next_back().unwrap_or_default();
        let reason = plain_reason(reason.trim_start_matches("error: ").trim_end_matches('.'));
        Fault::error("Regex", format!("`{pattern}` is no regular expression: {reason}"))
    })?;
    CACHE.with_borrow_mut(|cache| {
        if cache.len() >= CACHED_MAX {
            cache.clear();
        }
        cache.insert(pattern.to_owned(), regex.clone());
    });
    Ok(regex)
}

/// The receiver, and the text that is the first argument.
fn on_text<T>(
    function: &'static str,
    values: &[Value],
    run: impl FnOnce(&Regex, &str) -> T,
) -> Result<T, Fault> {
    let (receiver, text) = (values.first().unwrap_or(&Value::Unit), values.get(1).unwrap_or(&Value::Unit));
    let regex = match receiver {
        Value::Object(object) => object.downcast::<RegexObject>(),
        _ => None,
    };
    let regex = regex.ok_or_else(|| type_error(function, "the receiver", "a regex", receiver))?;
    match text.as_str() {
        Some(text) => Ok(run(&regex.0, text)),
        None => Err(type_error(function, "text", "a string", text)),
    }
}

fn is_match(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    on_text("is_match", values, |regex, text| Value::Bool(regex.is_match(text)))
}

fn find(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    on_text("find", values, |regex, text| {
        regex.find(text).map_or(Value::Unit, |found| Value::string(found.as_str()))
    })
}

fn find_all(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    on_text("find_all", values, |regex, text| {
        Value::array(regex.find_iter(text).map(|found| Value::string(found.as_str())).collect())
    })
}

fn captures(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    on_text("captures", values, |regex, text| {
        regex.captures(text).map_or(Value::Unit, |found| groups(regex, &found))
    })
}

/// Each group by its number and by its name; `()` for one that takes no part.
fn groups(regex: &Regex, found: &Captures<'_>) -> Value {
    let mut map = Map::new();
    for (number, name) in regex.capture_names().enumerate() {
        let text = found.get(number).map_or(Value::Unit, |group| Value::string(group.as_str()));
        if let Some(name) = name {
            map.insert(name.to_owned(), text.clone());
        }
        map.insert(number.to_string(), text);
    }
    Value::Map(Rc::new(map))
}

fn replace(context: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    match values.get(2) {
        Some(Value::String(with)) => {
            on_text("replace", values, |regex, text| Value::string(regex.replace_all(text, with.as_str())))
        }
        Some(Value::Function(make)) => {
            let make = make.clone();
            on_text("replace", values, |regex, text| replaced(context, regex, text, &make))?
        }
        other => {
            let found = other.unwrap_or(&Value::Unit);
            Err(type_error("replace", "with", "a string or a function", found))
        }
    }
}

fn replaced(context: &mut Context<'_>, regex: &Regex, text: &str, make: &Function) -> Outcome {
    let mut result = String::with_capacity(text.len());
    let mut end = 0;
    for found in regex.captures_iter(text) {
        let Some(whole) = found.get(0) else { continue };
        result.push_str(&text[end..whole.start()]);
        result.push_str(&(context.call)(make, vec![groups(regex, &found)])?.to_string());
        end = whole.end();
    }
    result.push_str(&text[end..]);
    Ok(Value::string(result))
}

fn split(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    on_text("split", values, |regex, text| Value::array(regex.split(text).map(Value::string).collect()))
}

fn pattern(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let object = match values.first() {
        Some(Value::Object(object)) => object.downcast::<RegexObject>(),
        _ => None,
    };
    Ok(object.map_or(Value::Unit, |regex| Value::string(regex.0.as_str())))
}
