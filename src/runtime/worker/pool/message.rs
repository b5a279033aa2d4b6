//! What the owner of a pool and its workers send each other, as values in queues.

use crate::runtime::reports;
use crate::script::{Failure, Frame, Place};
use crate::value::sendable;
use crate::value::{Function, Value};
use crate::wire::message::Report;
use std::rc::Rc;

/// Items for a worker to call a function with.
#[derive(Clone, Debug)]
pub struct Task {
    pub job: i64,
    pub chunk: i64,
    /// Each item is an array of arguments.
    pub spread: bool,
    /// The worker gives back what it has not come to in a while.
    pub hasty: bool,
    pub function: Rc<Function>,
    pub items: Rc<Vec<Value>>,
}

impl Task {
    pub fn to_value(&self) -> Value {
        Value::array(vec![
            Value::Int(self.job),
            Value::Int(self.chunk),
            Value::Bool(self.spread),
            Value::Bool(self.hasty),
            Value::Function(self.function.clone()),
            Value::Array(self.items.clone()),
        ])
    }

    pub fn from_value(value: &Value) -> Option<Task> {
        let [job, chunk, spread, hasty, Value::Function(function), Value::Array(items)] = value.as_array()?
        else {
            return None;
        };
        Some(Task {
            job: job.as_int()?,
            chunk: chunk.as_int()?,
            spread: matches!(spread, Value::Bool(true)),
            hasty: matches!(hasty, Value::Bool(true)),
            function: function.clone(),
            items: items.clone(),
        })
    }
}

/// What came of some items of a chunk, one after the other from `first` on.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    pub job: i64,
    pub chunk: i64,
    pub first: usize,
    /// So many items behind these the worker has yet to do; further ones are given back.
    pub keeps: usize,
    pub nanoseconds: u64,
    /// Where an item failed there is `()`.
    pub results: Vec<Value>,
    /// By place in `results`.
    pub failures: Vec<(usize, Failure)>,
}

impl Answer {
    pub fn into_value(self) -> Value {
        let failures = self.failures.into_iter().map(|(place, failure)| {
            let Failure { value, .. } = &failure;
            // A thrown value that cannot be sent is told by its text.
            let value = match sendable::check(value) {
                Ok(()) => value.clone(),
                Err(_) => Value::string(value.to_string()),
            };
            let report = reports::to_value(&super::super::report(failure));
            Value::array(vec![int(place), report, value])
        });
        Value::array(vec![
            Value::Int(self.job),
            Value::Int(self.chunk),
            int(self.first),
            int(self.keeps),
            Value::Int(i64::try_from(self.nanoseconds).unwrap_or(i64::MAX)),
            Value::array(failures.collect()),
            Value::array(self.results),
        ])
    }

    pub fn from_value(value: Value) -> Option<Answer> {
        let Value::Array(parts) = value else { return None };
        let mut parts = Rc::unwrap_or_clone(parts);
        let Some(Value::Array(results)) = parts.pop() else { return None };
        let [job, chunk, first, keeps, nanoseconds, failures] = parts.as_slice() else { return None };
        Some(Answer {
            job: job.as_int()?,
            chunk: chunk.as_int()?,
            first: usize::try_from(first.as_int()?).ok()?,
            keeps: usize::try_from(keeps.as_int()?).ok()?,
            nanoseconds: u64::try_from(nanoseconds.as_int()?).ok()?,
            results: Rc::unwrap_or_clone(results),
            failures: failures.as_array()?.iter().map(failure_at).collect::<Option<_>>()?,
        })
    }
}

fn int(number: usize) -> Value {
    Value::Int(i64::try_from(number).unwrap_or(i64::MAX))
}

fn failure_at(value: &Value) -> Option<(usize, Failure)> {
    let [place, report, thrown] = value.as_array()? else { return None };
    let failure = failure(reports::from_value(report)?, thrown.clone());
    Some((usize::try_from(place.as_int()?).ok()?, failure))
}

/// The failure of a report, with the value that was thrown.
pub fn failure(report: Report, value: Value) -> Failure {
    let place = |(source, line, column)| Place { source, line, column };
    let frame = |(function, at): (String, Option<_>)| Frame { function, called_at: at.map(place) };
    Failure {
        kind: report.kind,
        message: report.message,
        value,
        place: report.place.map(place),
        trace: report.trace.into_iter().map(frame).collect(),
    }
}

/// What comes out of the queue of results.
#[derive(Debug)]
pub enum Word {
    Answer(Answer),
    /// A task that took down every worker that had it; the last reason.
    Letter {
        task: Task,
        attempts: i64,
        last: String,
    },
    /// The pool has no workers and gets none.
    Broken(Failure),
}

impl Word {
    /// `None`: it is nothing that a pool knows.
    pub fn from_value(value: Value) -> Option<Word> {
        let Some(map) = value.as_map() else { return Answer::from_value(value).map(Word::Answer) };
        if let Some(report) = map.get("broken") {
            let report = reports::from_value(report)?;
            let thrown = [("kind", &report.kind), ("message", &report.message)];
            let thrown = Value::map(thrown.map(|(key, text)| (key, Value::string(text.clone()))));
            return Some(Word::Broken(failure(report, thrown)));
        }
        let task = Task::from_value(map.get("item")?)?;
        let last = map.get("last")?.as_str()?.to_owned();
        Some(Word::Letter { task, attempts: map.get("attempts")?.as_int()?, last })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_survives_its_journey() {
        let failure = Failure {
            value: Value::string("odd"),
            place: Some(Place { source: 0, line: 3, column: 7 }),
            trace: vec![Frame { function: "closure".into(), called_at: None }],
            ..Failure::new("Thrown", "odd")
        };
        let answer = Answer {
            job: 7,
            chunk: 9,
            first: 2,
            keeps: 1,
            nanoseconds: 1_000,
            results: vec![Value::Int(4), Value::Unit],
            failures: vec![(1, failure)],
        };
        assert_eq!(Answer::from_value(answer.clone().into_value()), Some(answer));
        assert!(Word::from_value(Value::Unit).is_none());
    }

    #[test]
    fn a_letter_tells_its_task() {
        let function = Rc::new(Function { name: "f".into(), home: None, captured: vec![] });
        let items = Rc::new(vec![Value::Int(1)]);
        let task = Task { job: 1, chunk: 2, spread: false, hasty: true, function, items };
        let letter = Value::map([
            ("item", task.to_value()),
            ("attempts", Value::Int(2)),
            ("last", Value::string("why")),
        ]);
        let Some(Word::Letter { task, attempts: 2, .. }) = Word::from_value(letter) else {
            panic!("it is a letter")
        };
        assert_eq!((task.job, task.chunk, task.items.len()), (1, 2, 1));
    }
}
