//! How many processes a `start` makes, and which value each has: `*`, `for` and `if`.

use super::LIMIT;
use crate::ast::{Expr, Many, Name, Start};
use crate::diagnostic::Diagnostic;
use crate::graph::evaluate::{Evaluator, wrong_type};
use crate::value::{Map, Range, Value};

/// Processes with the same arguments.
pub(super) struct Round {
    /// The variable of `for`.
    pub locals: Map,
    pub count: usize,
}

/// The processes to be; none where the condition does not hold.
pub(super) fn rounds(start: &Start, evaluator: &Evaluator<'_>) -> Result<Vec<Round>, Diagnostic> {
    match &start.many {
        Some(Many::Each { variable, values }) => each(start, variable, values, evaluator),
        many => {
            if !holds(start, &Map::new(), evaluator)? {
                return Ok(Vec::new());
            }
            let count = match many {
                Some(Many::Times(times)) => evaluator.number(times, "the number of processes", 1)?,
                _ => 1,
            };
            Ok(vec![Round { locals: Map::new(), count }])
        }
    }
}

fn each(
    start: &Start,
    variable: &Name,
    values: &Expr,
    evaluator: &Evaluator<'_>,
) -> Result<Vec<Round>, Diagnostic> {
    let mut rounds = Vec::new();
    for value in list(values, evaluator)? {
        let locals = Map::from([(&variable.text, value)]);
        if holds(start, &locals, evaluator)? {
            rounds.push(Round { locals, count: 1 });
        }
    }
    Ok(rounds)
}

fn holds(start: &Start, locals: &Map, evaluator: &Evaluator<'_>) -> Result<bool, Diagnostic> {
    start.condition.as_ref().map_or(Ok(true), |condition| evaluator.truth(condition, locals))
}

fn list(values: &Expr, evaluator: &Evaluator<'_>) -> Result<Vec<Value>, Diagnostic> {
    let value = evaluator.value(values, &Map::new())?;
    match &value {
        Value::Array(items) if items.len() <= LIMIT => Ok(items.to_vec()),
        Value::Range(range) if length(**range) <= LIMIT as i128 => Ok(ints(**range)),
        Value::Array(_) | Value::Range(_) => Err(super::too_many("processes", values.span)),
        other => Err(wrong_type(values, "what `for` walks", "an array or a range", other)),
    }
}

/// The difference of two 64 bit numbers needs more than 64 bits.
fn length(range: Range) -> i128 {
    i128::from(range.end) - i128::from(range.start) + i128::from(range.inclusive)
}

fn ints(range: Range) -> Vec<Value> {
    let values: Vec<i64> = if range.inclusive {
        (range.start..=range.end).collect()
    } else {
        (range.start..range.end).collect()
    };
    values.into_iter().map(Value::Int).collect()
}
