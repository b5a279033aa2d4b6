//! Expressions of declarations: their values, and what goes wrong with them as diagnostics.

use crate::ast::Expr;
use crate::check::Program;
use crate::diagnostic::{Diagnostic, codes};
use crate::script::{self, Evaluation, Failure, Unit};
use crate::source::{LineColumn, SourceId, Span};
use crate::value::{Map, Value, sendable};
use std::collections::HashSet;

/// Evaluates expressions of one program. They see its functions, and the globals defined so far.
pub(super) struct Evaluator<'a> {
    program: &'a Program,
    unit: Unit,
    evaluation: Evaluation,
    /// What expressions may not mention to have a value yet: in a rehearsal the params that are not given, and all
    /// that reaches outside.
    open: HashSet<String>,
}

impl<'a> Evaluator<'a> {
    pub fn new(program: &'a Program) -> Self {
        let unit = super::unit::texts(program);
        let evaluation = Evaluation::new(&unit);
        Evaluator { program, unit, evaluation, open: HashSet::new() }
    }

    /// From here on an expression that mentions one of these words, or a function that does, has no value.
    pub fn leave_open<'w>(&mut self, words: impl IntoIterator<Item = &'w str>) {
        self.open.extend(words.into_iter().map(|word| last_segment(word).to_owned()));
        let functions: Vec<&crate::ast::Function> =
            self.program.functions.iter().map(|it| &it.node).collect();
        loop {
            let found = functions.iter().find(|function| {
                !self.open.contains(last_segment(&function.name.text)) && self.is_open(&function.body.text)
            });
            let Some(function) = found else { return };
            self.open.insert(last_segment(&function.name.text).to_owned());
        }
    }

    /// Whether something is left open.
    pub fn is_rehearsing(&self) -> bool {
        !self.open.is_empty()
    }

    fn is_open(&self, text: &str) -> bool {
        let mut words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        !self.open.is_empty() && words.any(|word| self.open.contains(word))
    }

    /// From here on expressions see this global.
    pub fn define(&mut self, name: &str, value: Value) {
        self.evaluation.define(name, value.clone());
        self.unit.globals.insert(name.to_owned(), value);
    }

    pub fn global(&self, name: &str) -> Option<&Value> {
        self.unit.globals.get(name)
    }

    pub fn globals(&self) -> &Map {
        &self.unit.globals
    }

    pub fn into_unit(self) -> Unit {
        self.unit
    }

    /// The value of the expression with these names bound besides the globals; one that can be sent to
    /// processes.
    pub fn value(&self, expr: &Expr, locals: &Map) -> Result<Value, Diagnostic> {
        if self.is_open(&expr.text) {
            return Err(Diagnostic::new(codes::P0301, "this needs what is not known yet"));
        }
        let piece = super::unit::piece(self.program, &expr.text, expr.span);
        let value = self.evaluation.evaluate(&piece, locals).map_err(|failure| self.failed(expr, failure))?;
        sendable::check(&value).map_err(|what| {
            let title = format!("this value cannot be given to processes: {what}");
            let help = if what.to_string().contains("closure") {
                "declare a function, `fn name(…) { … }`: its name is a value"
            } else {
                "give a value that can be copied to other processes"
            };
            Diagnostic::new(codes::P0350, title).at(expr.span, "evaluated here").help(help)
        })?;
        Ok(value)
    }

    /// An int of at least `least`.
    pub fn number(&self, expr: &Expr, what: &str, least: i64) -> Result<usize, Diagnostic> {
        let value = self.value(expr, &Map::new())?;
        let number = value.as_int().ok_or_else(|| wrong_type(expr, what, "an int", &value))?;
        usize::try_from(number).ok().filter(|_| number >= least).ok_or_else(|| {
            Diagnostic::new(codes::P0351, format!("{what} must be at least {least}, not {number}"))
                .at(expr.span, format!("this is {number}"))
                .help(format!("give an int from {least} up"))
        })
    }

    /// A condition's bool.
    pub fn truth(&self, expr: &Expr, locals: &Map) -> Result<bool, Diagnostic> {
        match self.value(expr, locals)? {
            Value::Bool(bool) => Ok(bool),
            other => Err(wrong_type(expr, "a condition", "a bool", &other)),
        }
    }

    fn failed(&self, expr: &Expr, failure: Failure) -> Diagnostic {
        let title = format!("this expression cannot be evaluated: {}", failure.message);
        let problem = Diagnostic::new(codes::P0350, title)
            .help("mend it: it is evaluated once, before anything starts");
        match failure.place.and_then(|place| self.span_of(place)) {
            Some(span) if covers(expr.span, span) => problem.at(span, "fails here"),
            Some(span) => problem.at(expr.span, "while this was evaluated").label(span, "fails here"),
            None => problem.at(expr.span, "fails here"),
        }
    }

    /// The token at a place of a failure.
    fn span_of(&self, place: script::Place) -> Option<Span> {
        let (id, source) = self.program.sources.iter().find(|(id, _)| id.0 == place.source)?;
        let start = source.offset(LineColumn { line: place.line, column: place.column }) as usize;
        let rest = source.text().get(start..)?;
        let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        let length = if word > 0 { word } else { rest.chars().next().map_or(0, char::len_utf8) };
        Some(Span::new(SourceId(id.0), start, start + length))
    }
}

/// Imported functions and consts are called `module::name`, and modules have other names elsewhere.
fn last_segment(name: &str) -> &str {
    name.rsplit("::").next().unwrap_or(name)
}

fn covers(outer: Span, inner: Span) -> bool {
    outer.source == inner.source && outer.start <= inner.start && inner.end <= outer.end
}

/// `what` must be `wanted` (with its article), and the value is something else.
pub(super) fn wrong_type(expr: &Expr, what: &str, wanted: &str, value: &Value) -> Diagnostic {
    Diagnostic::new(codes::P0352, format!("{what} must be {wanted}"))
        .at(expr.span, format!("this is of type `{}`", value.type_name()))
        .help(format!("give {wanted}"))
}
