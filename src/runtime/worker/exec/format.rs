//! How items look on a program's standard input and output.

use crate::script::lib::json;
use crate::script::unit::Format;
use crate::value::Value;
use std::borrow::Cow;

/// So much of an item or of a line of output stands in a message.
const CHARACTERS_SHOWN: usize = 80;

/// What divides items; raw chunks are not divided.
#[must_use]
pub fn delimiter(format: Format) -> Option<u8> {
    match format {
        Format::Lines | Format::Json => Some(b'\n'),
        Format::Nul => Some(0),
        Format::Bytes => None,
    }
}

/// An item's bytes, without the delimiter; an error says what it is instead.
pub fn encode(format: Format, item: &Value) -> Result<Cow<'_, [u8]>, String> {
    match format {
        Format::Lines => text(item, '\n', "newline", "`as nul` and `as json` can carry it"),
        Format::Nul => text(item, '\0', "NUL", "`as json` can carry it"),
        Format::Json => json::print(item)
            .map(|text| Cow::Owned(text.into_bytes()))
            .map_err(|why| format!("is no JSON: {why}")),
        Format::Bytes => match item {
            Value::Blob(bytes) => Ok(Cow::Borrowed(bytes)),
            Value::String(text) => Ok(Cow::Borrowed(text.as_bytes())),
            other => Err(format!("is neither a blob nor a string: {}", shown(other))),
        },
    }
}

/// A string, or what has one plain form as text, without the delimiter in it.
fn text<'v>(item: &'v Value, delimiter: char, name: &str, help: &str) -> Result<Cow<'v, [u8]>, String> {
    match item {
        Value::String(text) if text.contains(delimiter) => {
            Err(format!("has a {name} in it: {}; {help}", shown(item)))
        }
        Value::String(text) => Ok(Cow::Borrowed(text.as_bytes())),
        Value::Char(char) if *char == delimiter => Err(format!("is a {name}; {help}")),
        Value::Char(_) | Value::Int(_) | Value::Float(_) | Value::Bool(_) => {
            Ok(Cow::Owned(item.to_string().into_bytes()))
        }
        other => Err(format!("is no text: {}; `as json` can carry it", shown(other))),
    }
}

/// The item of some bytes of output, without their delimiter; none for a line without JSON. An error says what
/// is wrong with them.
pub fn decode(format: Format, bytes: &[u8]) -> Result<Option<Value>, String> {
    match format {
        Format::Lines | Format::Nul => match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Some(Value::string(text))),
            Err(_) => Err(format!("is not UTF-8: {}", excerpt(bytes))),
        },
        Format::Json if bytes.trim_ascii().is_empty() => Ok(None),
        Format::Json => {
            json::parse(bytes).map(Some).map_err(|why| format!("is not JSON ({why}): {}", excerpt(bytes)))
        }
        Format::Bytes => Ok(Some(Value::blob(bytes.to_vec()))),
    }
}

/// What an item of output is called in messages.
#[must_use]
pub fn unit(format: Format) -> &'static str {
    match format {
        Format::Lines | Format::Json => "line",
        Format::Nul => "text",
        Format::Bytes => "chunk",
    }
}

/// An item as it would be typed, cut. A long text is cut before it is written out.
fn shown(item: &Value) -> String {
    match item {
        Value::String(text) => Value::string(cut(text)).quoted(),
        other => cut(&other.quoted()).into_owned(),
    }
}

fn excerpt(bytes: &[u8]) -> String {
    let start = &bytes[..bytes.len().min(4 * CHARACTERS_SHOWN)];
    let text = String::from_utf8_lossy(start);
    let shown = cut(&text);
    let more = if start.len() < bytes.len() && !shown.ends_with('…') { "…" } else { "" };
    format!("`{shown}{more}`")
}

fn cut(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(CHARACTERS_SHOWN) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(item: &Value) -> Result<String, String> {
        encode(Format::Lines, item).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    #[test]
    fn plain_values_are_written_as_text() {
        let items =
            [Value::string("ä\r"), Value::Int(-1), Value::Float(0.5), Value::Bool(true), Value::Char('x')];
        let lines: Vec<_> = items.iter().map(|item| line(item).unwrap()).collect();
        assert_eq!(lines, ["ä\r", "-1", "0.5", "true", "x"]);
    }

    #[test]
    fn what_would_be_two_lines_is_an_error() {
        let error = line(&Value::string(format!("a\n{}", "b".repeat(100)))).unwrap_err();
        assert!(error.starts_with("has a newline in it: \"a\\nbbb"), "{error}");
        assert!(error.len() < 200, "{error}");
        assert!(line(&Value::Char('\n')).is_err());
        assert!(line(&Value::Unit).unwrap_err().starts_with("is no text: ()"));
        assert!(encode(Format::Nul, &Value::string("a\nb")).is_ok());
        assert!(encode(Format::Nul, &Value::string("a\0b")).is_err());
    }

    #[test]
    fn bytes_are_blobs_or_strings() {
        assert_eq!(encode(Format::Bytes, &Value::blob(vec![0, 10])).unwrap().as_ref(), [0, 10]);
        assert_eq!(encode(Format::Bytes, &Value::string("a")).unwrap().as_ref(), b"a");
        assert!(encode(Format::Bytes, &Value::Int(1)).is_err());
    }

    #[test]
    fn output_is_checked() {
        assert_eq!(decode(Format::Lines, b"a\r"), Ok(Some(Value::string("a\r"))));
        assert_eq!(decode(Format::Lines, b"caf\xe9"), Err("is not UTF-8: `caf\u{fffd}`".to_owned()));
        assert_eq!(decode(Format::Json, b" [1] "), Ok(Some(Value::array(vec![Value::Int(1)]))));
        assert_eq!(decode(Format::Json, b" "), Ok(None));
        let error = decode(Format::Json, format!("x{}", " ".repeat(500)).as_bytes()).unwrap_err();
        assert!(error.starts_with("is not JSON (expected value, column 1): `x"), "{error}");
        assert!(error.ends_with("…`"), "{error}");
    }
}
