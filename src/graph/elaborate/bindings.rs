//! What each parameter of a process is bound to: a value, a queue, or an array of queues.

use super::launches;
use super::queues::{Named, Queues};
use crate::ast::{Argument, Expr, Many, Parameter, Process, Start};
use crate::check::{match_arguments, queue_reference, shared_reference};
use crate::diagnostic::{Diagnostic, codes};
use crate::graph::evaluate::{Evaluator, wrong_type};
use crate::graph::{Binding, QueueId, SharedId};
use crate::value::{Map, Value};

/// The ends of a stage that its pipe binds, by the index of the parameter.
pub(super) type Piped = Vec<(usize, QueueId)>;

/// A start's arguments, laid out on its template's parameters.
pub(super) struct Layout<'a> {
    start: &'a Start,
    template: &'a Process,
    arguments: Vec<Option<&'a Argument>>,
    defaults: &'a [Option<Value>],
    piped: Piped,
}

impl<'a> Layout<'a> {
    pub fn new(
        start: &'a Start,
        template: &'a Process,
        defaults: &'a [Option<Value>],
        piped: Option<Piped>,
    ) -> Self {
        let arguments = match_arguments(template, &start.call, piped.is_some()).by_parameter;
        Layout { start, template, arguments, defaults, piped: piped.unwrap_or_default() }
    }

    pub fn bindings(
        &self,
        evaluator: &Evaluator<'_>,
        named: &launches::Named,
        locals: &Map,
    ) -> Result<Vec<Binding>, Diagnostic> {
        let parameters = self.template.parameters.iter().enumerate();
        parameters
            .map(|(index, parameter)| match (self.argument(index), parameter.direction) {
                (Some(argument), None) => match self.shared(argument, named) {
                    Some(id) => Ok(Binding::Shared(id)),
                    None => Ok(Binding::Value(evaluator.value(argument, locals)?)),
                },
                (Some(argument), Some(_)) => port(argument, evaluator, &named.queues, locals),
                (None, _) => self.not_given(index, parameter),
            })
            .collect()
    }

    fn argument(&self, index: usize) -> Option<&'a Expr> {
        self.arguments.get(index).copied().flatten().map(|argument| &argument.value)
    }

    /// The lock or the like that an argument names.
    fn shared(&self, argument: &Expr, named: &launches::Named) -> Option<SharedId> {
        let each = match &self.start.many {
            Some(Many::Each { variable, .. }) => Some(&*variable.text),
            _ => None,
        };
        named.shared.find(shared_reference(argument, each)?)
    }

    fn not_given(&self, index: usize, parameter: &Parameter) -> Result<Binding, Diagnostic> {
        if let Some((_, queue)) = self.piped.iter().find(|(piped, _)| *piped == index) {
            return Ok(Binding::Queue(*queue));
        }
        let default = self.defaults.get(index).cloned().flatten();
        default.map(Binding::Value).ok_or_else(|| {
            let title = format!("`{}` is not given", parameter.name.text);
            Diagnostic::new(codes::P0111, title)
                .at(self.start.call.span, "lacks an argument")
                .label(parameter.span, "declared here")
        })
    }
}

fn port(
    argument: &Expr,
    evaluator: &Evaluator<'_>,
    queues: &Queues,
    locals: &Map,
) -> Result<Binding, Diagnostic> {
    let reference = queue_reference(argument);
    let named = reference.as_ref().and_then(|reference| queues.find(&reference.name));
    match (named, reference.as_ref().and_then(|reference| reference.index.as_ref())) {
        (Some(Named::One(id)), None) => Ok(Binding::Queue(*id)),
        (Some(Named::Many(ids)), None) => Ok(Binding::Queues(ids.clone())),
        (Some(Named::Many(ids)), Some(index)) => {
            Ok(Binding::Queue(element(ids, index, &evaluator.value(index, locals)?)?))
        }
        _ => Err(Diagnostic::new(codes::P0112, "a port must be given a queue").at(argument.span, "no queue")),
    }
}

/// A negative index counts from the end, as it does in bodies.
fn element(ids: &[QueueId], expr: &Expr, index: &Value) -> Result<QueueId, Diagnostic> {
    let number = index.as_int().ok_or_else(|| wrong_type(expr, "an index", "an int", index))?;
    let length = i64::try_from(ids.len()).unwrap_or(i64::MAX);
    let from_start = if number < 0 { number.saturating_add(length) } else { number };
    let found = usize::try_from(from_start).ok().and_then(|at| ids.get(at).copied());
    found.ok_or_else(|| {
        Diagnostic::new(codes::P0353, format!("there is no queue {number} in an array of {length}"))
            .at(expr.span, format!("this is {number}"))
            .help(format!("give an int from 0 to {}", length - 1))
    })
}
