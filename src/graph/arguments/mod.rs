//! The command line of a script: its words become values of its params, or its own help.

mod help;
mod options;
#[cfg(test)]
mod tests;

use super::Arguments;
use super::evaluate::Evaluator;
use super::globals::{self, global, kind_of};
use super::kind::{Kind, Scalar};
use crate::ast::{Expr, Name, Param};
use crate::check::{Global, Program};
use crate::diagnostic::{Diagnostic, codes};
use crate::value::{Map, Value};
use options::{Given, Options, option_name};
use std::collections::{HashMap, HashSet};

/// What a command line asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Parsed {
    Run(Arguments),
    /// `--help`: the script's own help, to be printed.
    Help(String),
}

/// Reads the words behind the script's name.
///
/// # Errors
/// All problems of the command line, of which the last one shows the usage; or one of an expression.
pub fn parse(program: &Program, words: &[String]) -> Result<Parsed, Vec<Diagnostic>> {
    let options = Options::of(program);
    let mut reader = Reader::new(program);
    if options.ask_for_help(words) {
        reader.evaluate_early(&HashSet::new(), false);
        return Ok(Parsed::Help(help::text(program, |param| reader.kind(param))));
    }
    reader.evaluate_early(&options.mentioned(words), true);
    reader.given = options.read(words, |param| reader.kind(param));
    reader.place_positions();
    reader.evaluate_late();
    if reader.given.problems.is_empty() {
        return Ok(Parsed::Run(reader.evaluator.globals().clone()));
    }
    Err(with_usage(program, reader.given.problems))
}

fn with_usage(program: &Program, mut problems: Vec<Diagnostic>) -> Vec<Diagnostic> {
    crate::diagnostic::sort(&mut problems);
    if let Some(last) = problems.last_mut().filter(|last| last.code < codes::P0306) {
        last.notes.push(help::usage(program));
    }
    problems
}

/// Params get their types by evaluating their defaults, which may use params that the command line gives.
/// So first everything is evaluated that does not depend on the command line, then its words are read, then
/// the rest is evaluated. Nothing that succeeds is evaluated twice.
struct Reader<'a> {
    program: &'a Program,
    evaluator: Evaluator<'a>,
    /// The defaults of params that the command line gives: only their types matter.
    overridden: HashMap<usize, Value>,
    given: Given,
}

impl<'a> Reader<'a> {
    fn new(program: &'a Program) -> Self {
        Reader {
            program,
            evaluator: Evaluator::new(program),
            overridden: HashMap::new(),
            given: Given::default(),
        }
    }

    /// The type of a param, as far as it is known yet.
    fn kind(&self, param: usize) -> Option<Kind> {
        let node = &self.program.params.get(param)?.node;
        if node.default.is_none() {
            return Some(if node.rest { Kind::Many(Scalar::Text) } else { Kind::One(Scalar::Text) });
        }
        let default = self.overridden.get(&param).or_else(|| self.evaluator.global(&node.name.text))?;
        Kind::of(default)
    }

    /// What fails here uses a param that is not known yet, or fails again later and is told then.
    fn evaluate_early(&mut self, mentioned: &HashSet<usize>, consts: bool) {
        for &it in &self.program.evaluation {
            let Some((name, Some(expr))) = global(self.program, it) else { continue };
            match it {
                Global::Const(_) if !consts => {}
                Global::Const(_) => {
                    if let Ok(value) = self.evaluator.value(expr, &Map::new()) {
                        self.evaluator.define(&name.text, value);
                    }
                }
                Global::Param(index) => {
                    let Ok(value) = self.evaluator.value(expr, &Map::new()) else { continue };
                    if mentioned.contains(&index) {
                        self.overridden.insert(index, value);
                    } else if Kind::of(&value).is_some() {
                        self.evaluator.define(&name.text, value);
                    }
                }
            }
        }
    }

    /// Positions go to the params without default that no option gave, in order; the rest param takes what
    /// is left.
    fn place_positions(&mut self) {
        let mut words = std::mem::take(&mut self.given.positions).into_iter();
        let mut missing = Vec::new();
        for (index, param) in self.required() {
            if self.given.texts.contains_key(&index) {
                continue;
            }
            match words.next() {
                Some(word) => {
                    self.given.texts.insert(index, vec![word]);
                }
                None => missing.push(not_given(param)),
            }
        }
        self.given.problems.append(&mut missing);
        let rest = self.program.params.iter().position(|param| param.node.rest);
        match (rest, words.next()) {
            (Some(rest), Some(first)) => {
                self.given.texts.insert(rest, std::iter::once(first).chain(words).collect());
            }
            // What stands behind an unknown option is perhaps its value.
            (None, Some(first)) if self.given.problems.is_empty() => {
                self.given.problems.push(self.unexpected(&first));
            }
            _ => {}
        }
    }

    fn required(&self) -> impl Iterator<Item = (usize, &'a Param)> + use<'a> {
        let params = self.program.params.iter().map(|param| &param.node).enumerate();
        params.filter(|(_, param)| param.default.is_none() && !param.rest)
    }

    fn unexpected(&self, word: &str) -> Diagnostic {
        let taken = self.required().count();
        let help = match taken {
            0 => "give values to its params by name, as `--name VALUE`".to_owned(),
            _ => format!("it takes {} by position", crate::diagnostic::words::count(taken, "argument")),
        };
        Diagnostic::new(codes::P0305, format!("the argument `{word}` is one too many")).help(help)
    }

    /// An error of an expression stops the rest, which may depend on it; it is told only when the words
    /// themselves are right.
    fn evaluate_late(&mut self) {
        for &it in &self.program.evaluation {
            let Some((name, expr)) = global(self.program, it) else { continue };
            if self.evaluator.global(&name.text).is_some() {
                continue;
            }
            let outcome = match (it, expr) {
                (Global::Param(index), expr) => self.param(index, name, expr),
                (Global::Const(_), Some(expr)) => self.evaluator.value(expr, &Map::new()).map(Some),
                (Global::Const(_), None) => Ok(None),
            };
            match outcome {
                Ok(Some(value)) => self.evaluator.define(&name.text, value),
                Ok(None) => {}
                Err(problem) if self.given.problems.is_empty() => return self.given.problems.push(problem),
                Err(_) => return,
            }
        }
    }

    /// The value of a param; `None` when the words for it are wrong, which is then among the problems.
    fn param(
        &mut self,
        index: usize,
        name: &Name,
        default: Option<&Expr>,
    ) -> Result<Option<Value>, Diagnostic> {
        let value = match default {
            Some(expr) => Some(self.default(index, expr)?),
            None => None,
        };
        let kind = match (&value, default) {
            (Some(value), Some(expr)) => Some(kind_of(name, expr, value)?),
            _ => self.kind(index),
        };
        let Some(texts) = self.given.texts.remove(&index) else {
            let empty = matches!(kind, Some(Kind::Many(_))).then(|| Value::array(Vec::new()));
            return Ok(value.or(empty));
        };
        let Some(param) = self.program.params.get(index) else { return Ok(None) };
        match convert(&param.node, kind.unwrap_or(Kind::One(Scalar::Text)), &texts) {
            Ok(value) => Ok(Some(value)),
            Err(problem) => {
                self.given.problems.push(problem);
                // What depends on it is evaluated with the default, so that nothing is told twice.
                Ok(value)
            }
        }
    }

    fn default(&mut self, index: usize, expr: &Expr) -> Result<Value, Diagnostic> {
        match self.overridden.remove(&index) {
            Some(value) => Ok(value),
            None => self.evaluator.value(expr, &Map::new()),
        }
    }
}

fn convert(param: &Param, kind: Kind, texts: &[String]) -> Result<Value, Diagnostic> {
    let scalar = kind.scalar();
    let mut values = Vec::with_capacity(texts.len());
    for text in texts {
        values.push(scalar.read(text).ok_or_else(|| wrong_type(param, kind, text))?);
    }
    match kind {
        Kind::Many(_) => Ok(Value::array(values)),
        // `--x --no-x`: the later word wins, so that a wrapper's flags can be taken back.
        Kind::One(scalar) if values.len() == 1 || scalar == Scalar::Bool => {
            Ok(values.pop().unwrap_or(Value::Unit))
        }
        Kind::One(_) => Err(given_twice(param, texts)),
    }
}

fn not_given(param: &Param) -> Diagnostic {
    let option = option_name(param);
    globals::missing(&param.name).help(format!("give it by position, or as `--{option} TEXT`"))
}

fn wrong_type(param: &Param, kind: Kind, text: &str) -> Diagnostic {
    let wanted = kind.scalar().name();
    let option = option_name(param);
    let help = match kind.scalar() {
        Scalar::Bool => format!("write `--{option}` or `--no-{option}`"),
        other => format!("give {wanted}: `--{option} {}`", other.placeholder()),
    };
    let title = format!("the param `{}` must be {wanted}, not `{text}`", param.name.text);
    let declared = param.default.as_ref().map_or(param.name.span, |default| default.span);
    Diagnostic::new(codes::P0302, title).at(declared, "its type comes from this default").help(help)
}

fn given_twice(param: &Param, texts: &[String]) -> Diagnostic {
    let times = crate::diagnostic::words::names(texts);
    Diagnostic::new(codes::P0304, format!("the param `{}` is given more than once: {times}", param.name.text))
        .at(param.name.span, "takes one value")
        .help("give it once, or make its default an array")
}
