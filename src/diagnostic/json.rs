//! Problems as JSON, for programs: an array with an object for each.

use super::place::place;
use super::{Diagnostic, Edit, Label};
use crate::source::{Sources, Span};
use serde_json::{Map, Value, json};

/// All problems as one array.
#[must_use]
pub fn json(problems: &[Diagnostic], sources: &Sources) -> Value {
    problems.iter().map(|problem| Value::Object(object(problem, sources))).collect()
}

fn object(problem: &Diagnostic, sources: &Sources) -> Map<String, Value> {
    let mut object = Map::new();
    object.insert("code".into(), problem.code.name.into());
    object.insert("severity".into(), problem.severity.name().into());
    object.insert("title".into(), problem.title.clone().into());
    object.append(&mut location(problem.primary.as_ref().map(|label| label.span), sources));
    object.insert("label".into(), json!(problem.primary.as_ref().map(|label| &label.text)));
    object.insert("labels".into(), problem.labels.iter().map(|each| label(each, sources)).collect());
    object.insert("notes".into(), json!(problem.notes));
    object.insert("help".into(), json!(problem.help));
    object.insert("edits".into(), problem.edits.iter().map(|each| edit(each, sources)).collect());
    object
}

fn label(label: &Label, sources: &Sources) -> Value {
    let mut object = location(Some(label.span), sources);
    object.insert("text".into(), label.text.clone().into());
    Value::Object(object)
}

fn edit(edit: &Edit, sources: &Sources) -> Value {
    let mut object = location(Some(edit.span), sources);
    object.insert("replacement".into(), edit.replacement.clone().into());
    Value::Object(object)
}

/// The file and both ends of a span; every value is null when there is no such place.
fn location(span: Option<Span>, sources: &Sources) -> Map<String, Value> {
    let at = span.and_then(|span| place(sources, span));
    let entries = [
        ("file", json!(at.as_ref().map(|at| at.file))),
        ("line", json!(at.as_ref().map(|at| at.start.line))),
        ("column", json!(at.as_ref().map(|at| at.start.column))),
        ("end_line", json!(at.as_ref().map(|at| at.end.line))),
        ("end_column", json!(at.as_ref().map(|at| at.end.column))),
    ];
    entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::codes;
    use crate::source::{Source, Span};

    #[test]
    fn everything_that_a_problem_holds_is_written() {
        let mut sources = Sources::default();
        let id = sources.add(Source::new("a.proc", "queue q\nstart w(q)\n"));
        let problem = Diagnostic::new(codes::P0101, "unknown template `w`")
            .at(Span::new(id, 14, 15), "not declared")
            .label(Span::new(id, 6, 7), "a queue")
            .note("a note")
            .help("declare it")
            .edit(Span::new(id, 14, 15), "v");
        let expected = json!([{
            "code": "P0101", "severity": "error", "title": "unknown template `w`",
            "file": "a.proc", "line": 2, "column": 7, "end_line": 2, "end_column": 8,
            "label": "not declared",
            "labels": [{
                "file": "a.proc", "line": 1, "column": 7, "end_line": 1, "end_column": 8, "text": "a queue",
            }],
            "notes": ["a note"], "help": "declare it",
            "edits": [{
                "file": "a.proc", "line": 2, "column": 7, "end_line": 2, "end_column": 8, "replacement": "v",
            }],
        }]);
        assert_eq!(json(&[problem], &sources), expected);
    }

    #[test]
    fn a_problem_without_a_place_has_nulls() {
        let value = json(&[Diagnostic::new(codes::P0101, "x")], &Sources::default());
        assert_eq!(value[0]["line"], Value::Null);
        assert_eq!(value[0]["label"], Value::Null);
        assert_eq!(value[0]["labels"], json!([]));
    }
}
