//! Functions over text, beside Rhai's own.

use super::arguments::Arguments;
use super::definition::{Outcome, function};
use crate::script::registry::{Context, Native};
use crate::value::Value;

pub(super) const NATIVES: &[Native] = &[
    function(
        "words",
        &["text"],
        "The words of a text: what stands between white space.",
        "\"to be  or not\".words()  // [\"to\", \"be\", \"or\", \"not\"]",
        words,
    ),
    function(
        "lines",
        &["text"],
        "The lines of a text, without their ends.",
        "\"one\\ntwo\\n\".lines()  // [\"one\", \"two\"]",
        lines,
    ),
    function(
        "trimmed",
        &["text"],
        "The text without white space at both ends; Rhai's `trim` changes the variable instead.",
        "\" a b\\n\".trimmed()  // \"a b\"",
        trimmed,
    ),
];

fn words(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let arguments = Arguments::new("words", values);
    let words = arguments.string(0, "text")?.split_whitespace().map(Value::string);
    Ok(Value::array(words.collect()))
}

fn lines(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let arguments = Arguments::new("lines", values);
    let lines = arguments.string(0, "text")?.lines().map(Value::string);
    Ok(Value::array(lines.collect()))
}

fn trimmed(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    Ok(Value::string(Arguments::new("trimmed", values).string(0, "text")?.trim()))
}
