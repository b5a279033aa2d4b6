//! Reports of errors as values, as they travel through the queues of pools.

use crate::value::Value;
use crate::wire::message::{Position, Report};

/// A report as a value.
#[must_use]
pub fn to_value(report: &Report) -> Value {
    let trace = report
        .trace
        .iter()
        .map(|(function, at)| Value::array(vec![Value::string(&**function), position_value(*at)]));
    Value::array(vec![
        Value::string(&*report.kind),
        Value::string(&*report.message),
        position_value(report.place),
        Value::array(trace.collect()),
    ])
}

/// The report of a value made by [`to_value`]; `None` when it is not one.
#[must_use]
pub fn from_value(value: &Value) -> Option<Report> {
    let [kind, message, place, trace] = value.as_array()? else { return None };
    let frame = |frame: &Value| {
        let [function, at] = frame.as_array()? else { return None };
        Some((function.as_str()?.to_owned(), position_of(at)?))
    };
    Some(Report {
        kind: kind.as_str()?.to_owned(),
        message: message.as_str()?.to_owned(),
        place: position_of(place)?,
        trace: trace.as_array()?.iter().map(frame).collect::<Option<_>>()?,
    })
}

fn position_value(position: Option<Position>) -> Value {
    position.map_or(Value::Unit, |(source, line, column)| {
        Value::array([source, line, column].map(|number| Value::Int(number.into())).into())
    })
}

/// `None`: it is not one; `Some(None)`: there is none.
#[allow(clippy::option_option)]
fn position_of(value: &Value) -> Option<Option<Position>> {
    if matches!(value, Value::Unit) {
        return Some(None);
    }
    let [source, line, column] = value.as_array()? else { return None };
    let number = |value: &Value| u32::try_from(value.as_int()?).ok();
    Some(Some((number(source)?, number(line)?, number(column)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_survives_its_journey() {
        let report = Report {
            kind: "Thrown".into(),
            message: "odd".into(),
            place: Some((0, 3, 7)),
            trace: vec![("f".into(), Some((0, 9, 1))), ("closure".into(), None)],
        };
        assert_eq!(from_value(&to_value(&report)), Some(report));
        assert_eq!(from_value(&Value::Int(1)), None);
    }
}
