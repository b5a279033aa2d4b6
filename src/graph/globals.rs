//! The values of params and consts, each evaluated once, in the order of their dependencies.

use super::evaluate::Evaluator;
use super::kind::Kind;
use crate::ast::{Expr, Name};
use crate::check::{Global, Program};
use crate::diagnostic::{Diagnostic, codes};
use crate::value::{Map, Value};
use std::collections::HashSet;

/// The name of a global, and the expression that it has; none for a param without default.
pub(super) fn global(program: &Program, global: Global) -> Option<(&Name, Option<&Expr>)> {
    match global {
        Global::Param(index) => {
            program.params.get(index).map(|param| (&param.node.name, param.node.default.as_ref()))
        }
        Global::Const(index) => {
            program.consts.get(index).map(|constant| (&constant.node.name, Some(&constant.node.value)))
        }
    }
}

/// The type of a param's default.
pub(super) fn kind_of(name: &Name, default: &Expr, value: &Value) -> Result<Kind, Diagnostic> {
    Kind::of(value).ok_or_else(|| {
        let title =
            format!("the default of the param `{}` has a type that no command line can give", name.text);
        Diagnostic::new(codes::P0306, title)
            .at(default.span, format!("this is of type `{}`", value.type_name()))
            .help("use an int, a float, a bool, a string or an array of one of these; or make it a `const`")
    })
}

/// Defines every global that is not among the arguments.
pub(super) fn complete(
    program: &Program,
    evaluator: &mut Evaluator<'_>,
    arguments: super::Arguments,
) -> Result<(), Diagnostic> {
    let names: HashSet<&str> = program
        .evaluation
        .iter()
        .filter_map(|&it| global(program, it))
        .map(|(name, _)| &*name.text)
        .collect();
    for (name, value) in arguments {
        if !names.contains(&*name) {
            return Err(Diagnostic::new(codes::P0300, format!("the script has no param `{name}`")));
        }
        evaluator.define(&name, value);
    }
    program.evaluation.iter().try_for_each(|&it| define(program, evaluator, it))
}

pub(super) fn define(program: &Program, evaluator: &mut Evaluator<'_>, it: Global) -> Result<(), Diagnostic> {
    let Some((name, expr)) = global(program, it) else { return Ok(()) };
    if evaluator.global(&name.text).is_some() {
        return Ok(());
    }
    let value = match (it, expr) {
        (Global::Param(index), None) => without_default(program, index, name)?,
        (_, None) => return Ok(()),
        (Global::Const(_), Some(expr)) => evaluator.value(expr, &Map::new())?,
        (Global::Param(_), Some(expr)) => {
            let value = evaluator.value(expr, &Map::new())?;
            kind_of(name, expr, &value)?;
            value
        }
    };
    evaluator.define(&name.text, value);
    Ok(())
}

/// A rest param may be empty; any other must be given.
fn without_default(program: &Program, index: usize, name: &Name) -> Result<Value, Diagnostic> {
    if program.params.get(index).is_some_and(|param| param.node.rest) {
        return Ok(Value::array(Vec::new()));
    }
    Err(missing(name))
}

/// A param that must be given and is not.
pub(super) fn missing(name: &Name) -> Diagnostic {
    Diagnostic::new(codes::P0301, format!("the param `{}` is not given", name.text))
        .at(name.span, "has no default")
}
