//! Bytes as text in base 64.

use super::arguments::{Arguments, type_error};
use super::definition::{Outcome, function};
use crate::script::fault::Fault;
use crate::script::registry::{Context, Native};
use crate::value::Value;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

pub(super) const NATIVES: &[Native] = &[
    function(
        "base64",
        &["data"],
        "A string or blob as base 64 text, with padding.",
        "base64(\"hello\")  // \"aGVsbG8=\"",
        encode,
    ),
    function(
        "base64_decode",
        &["text"],
        "The blob that a base 64 text stands for. Throws `Base64`.",
        "base64_decode(\"aGVsbG8=\").as_string()  // \"hello\"",
        decode,
    ),
];

fn encode(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    match values.first() {
        Some(Value::String(text)) => Ok(Value::string(BASE64_STANDARD.encode(text.as_bytes()))),
        Some(Value::Blob(bytes)) => Ok(Value::string(BASE64_STANDARD.encode(&**bytes))),
        other => Err(type_error("base64", "data", "a string or a blob", other.unwrap_or(&Value::Unit))),
    }
}

fn decode(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let text = Arguments::new("base64_decode", values);
    let bytes = BASE64_STANDARD.decode(text.string(0, "text")?);
    bytes.map(Value::blob).map_err(|error| {
        let reason = error.to_string().to_lowercase();
        Fault::error("Base64", format!("not base 64: {}", reason.trim_end_matches('.')))
    })
}
