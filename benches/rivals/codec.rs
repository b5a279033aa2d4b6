//! Values into bytes and back, again and again, for whoever counts instructions: `codec KIND ENCODED DECODED`.

use crate::native::Record;
use procession::value::Value;
use procession::wire::codec::{self, direct};
use std::hint::black_box;
use std::process::ExitCode;

pub fn run(words: &[String]) -> ExitCode {
    let number = |at: usize| words.get(at).and_then(|word| word.parse::<usize>().ok()).unwrap_or(0);
    if words.first().is_some_and(|kind| kind == "record") {
        return records(number(1).max(1), number(2));
    }
    let Some(value) = words.first().and_then(|kind| value(kind)) else { return ExitCode::FAILURE };
    let mut bytes = Vec::new();
    for _ in 0..number(1).max(1) {
        bytes.clear();
        if codec::encode(black_box(&value), &mut bytes).is_err() {
            return ExitCode::FAILURE;
        }
    }
    for _ in 0..number(2) {
        if black_box(codec::decode(black_box(&bytes))).is_err() {
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

/// The same of a type of Rust, without a value in between.
fn records(written: usize, read: usize) -> ExitCode {
    let (record, mut bytes) = (Record::default(), Vec::new());
    for _ in 0..written {
        bytes.clear();
        if direct::write(black_box(&record), &mut bytes).is_err() {
            return ExitCode::FAILURE;
        }
    }
    for _ in 0..read {
        if black_box(direct::read::<Record>(black_box(&bytes))).is_err() {
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn value(kind: &str) -> Option<Value> {
    Some(match kind {
        "int" => Value::Int(1000),
        "text" => Value::string("x".repeat(100)),
        "map" => Value::map([
            ("id".to_owned(), Value::Int(1)),
            ("name".to_owned(), Value::string("item")),
            ("ok".to_owned(), Value::Bool(true)),
            ("score".to_owned(), Value::Float(0.5)),
        ]),
        "ints" => Value::array((0..1000).map(Value::Int).collect()),
        _ => return None,
    })
}
