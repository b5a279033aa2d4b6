//! JSON text to values and back.

use super::arguments::Arguments;
use super::options::Options;
use crate::script::fault::Fault;
use crate::script::registry::{Context, Native, Receiver, Shape};
use crate::value::Value;
use crate::value::nesting::{NESTED_MAX, deeper, too_deep};
use serde_json::{Map as JsonMap, Number, Value as Json};

pub(super) const NATIVES: &[Native] = &[
    Native {
        name: "parse_json",
        receiver: Receiver::None,
        shape: Shape::Function,
        params: &["text"],
        doc: "The value of a JSON text; null is `()`. Throws `Json`.",
        example: "parse_json(\"[1, 2.5, null]\")  // [1, 2.5, ()]",
        run: parse_text,
        host: None,
    },
    Native {
        name: "to_json",
        receiver: Receiver::None,
        shape: Shape::Function,
        params: &["value"],
        doc: "A value as JSON text in one line; a blob is an array of numbers. Throws `Json` for what JSON has not.",
        example: "to_json(#{a: [1, ()]})  // \"{\\\"a\\\":[1,null]}\"",
        run: print_value,
        host: None,
    },
    Native {
        name: "to_json",
        receiver: Receiver::None,
        shape: Shape::Function,
        params: &["value", "options"],
        doc: "The same; with `pretty: true` in several lines.",
        example: "to_json([1], #{pretty: true})  // \"[\\n  1\\n]\"",
        run: print_value,
        host: None,
    },
];

fn error(message: String) -> Fault {
    Fault::error("Json", message)
}

fn parse_text(_: &mut Context<'_>, values: &mut [Value]) -> Result<Value, Fault> {
    let arguments = Arguments::new("parse_json", values);
    let text = arguments.string(0, "text")?;
    let json = serde_json::from_str(text).map_err(|problem| error(format!("not JSON: {problem}")))?;
    Ok(from_json(json))
}

/// The value of one line of JSON; an error says what is wrong, and where in the line.
pub fn parse(line: &[u8]) -> Result<Value, String> {
    serde_json::from_slice(line).map(from_json).map_err(|problem| {
        let (text, column) = (problem.to_string(), problem.column());
        let what = text.split(" at line ").next().unwrap_or_default();
        format!("{what}, column {column}")
    })
}

/// A value as one line of JSON; an error says what JSON has not.
pub fn print(value: &Value) -> Result<String, String> {
    match to_json(value) {
        Ok(json) => Ok(json.to_string()),
        Err(Fault::Thrown(error)) => {
            let message = error.as_map().and_then(|map| map.get("message"));
            Err(message.map_or_else(|| error.to_string(), Value::to_string))
        }
        Err(_) => Err("it cannot be written".to_owned()),
    }
}

fn print_value(_: &mut Context<'_>, values: &mut [Value]) -> Result<Value, Fault> {
    let mut arguments = Arguments::new("to_json", values);
    let pretty = Options::new("to_json", arguments.take(1), &["pretty"])?.bool("pretty", false)?;
    let json = to_json(values.first().unwrap_or(&Value::Unit))?;
    Ok(Value::string(if pretty { format!("{json:#}") } else { json.to_string() }))
}

fn from_json(json: Json) -> Value {
    match json {
        Json::Null => Value::Unit,
        Json::Bool(bool) => Value::Bool(bool),
        Json::Number(number) => match number.as_i64() {
            Some(int) => Value::Int(int),
            None => Value::Float(number.as_f64().unwrap_or(f64::NAN)),
        },
        Json::String(text) => Value::string(text),
        Json::Array(items) => Value::array(items.into_iter().map(from_json).collect()),
        Json::Object(map) => Value::map(map.into_iter().map(|(key, value)| (key, from_json(value)))),
    }
}

fn to_json(value: &Value) -> Result<Json, Fault> {
    nested_json(value, 0)
}

/// JSON is written and given back by who knows no other stack than the present one.
fn nested_json(value: &Value, depth: usize) -> Result<Json, Fault> {
    if depth > NESTED_MAX {
        return Err(error(too_deep()));
    }
    let within = |value| nested_json(value, depth + 1);
    Ok(match value {
        Value::Unit => Json::Null,
        Value::Bool(bool) => Json::Bool(*bool),
        Value::Int(int) => Json::from(*int),
        Value::Float(float) => Json::Number(
            Number::from_f64(*float).ok_or_else(|| error(format!("{float} cannot be written as JSON")))?,
        ),
        Value::Char(char) => Json::String(char.to_string()),
        Value::String(text) => Json::String(text.to_string()),
        Value::Blob(bytes) => Json::Array(bytes.iter().map(|&byte| Json::from(byte)).collect()),
        Value::Array(items) => {
            deeper(|| items.iter().map(within).collect::<Result<_, _>>()).map(Json::Array)?
        }
        Value::Map(map) => {
            let entries = map.iter().map(|(key, value)| Ok((key.to_string(), within(value)?)));
            deeper(|| entries.collect::<Result<JsonMap<_, _>, Fault>>()).map(Json::Object)?
        }
        Value::Variable(variable) => nested_json(&variable.get(), depth)?,
        Value::Range(_) | Value::Function(_) | Value::Object(_) => {
            return Err(error(format!("{} cannot be written as JSON", value.type_name())));
        }
    })
}
