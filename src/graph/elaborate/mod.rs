//! Program and arguments to graph: counts, conditions, ranges and arguments are evaluated once, on paper.

mod bindings;
mod circumstances;
mod launches;
mod names;
mod pipes;
mod queues;
mod rehearsal;
mod rounds;
mod settings;
mod shared;
#[cfg(test)]
mod tests;

use super::evaluate::Evaluator;
use super::{Arguments, Graph, TemplatePolicy};
use crate::check::{Launch, Program};
use crate::diagnostic::{self, Diagnostic, codes};
use crate::source::{SourceId, Sources, Span};
use crate::value::{Map, Value};
pub(super) use circumstances::{expressions, written};
use launches::Launches;
use queues::Queues;
use settings::Settings;
pub(super) use settings::is_daemon;
use shared::SharedObjects;

/// More processes or queues than this are a slip of the pen, not a plan for one machine.
pub(super) const LIMIT: usize = 100_000;

/// The whole run on paper.
///
/// # Errors
/// Expressions that cannot be evaluated, and numbers and types that do not fit where they stand.
pub fn elaborate(program: &Program, arguments: Arguments) -> Result<Graph, Vec<Diagnostic>> {
    let mut evaluator = Evaluator::new(program);
    super::globals::complete(program, &mut evaluator, arguments).map_err(|problem| vec![problem])?;
    let LaidOut { launched, defaults, policies } = lay_out(program, &evaluator)?;
    Ok(assemble(program, evaluator, launched, defaults, policies))
}

/// The same without arguments: what fails whatever they are, or with the defaults of all params. What depends on a
/// param that must be given, or reaches outside of the script, is left open.
#[must_use]
pub fn rehearse(program: &Program) -> Vec<Diagnostic> {
    let mut evaluator = Evaluator::new(program);
    evaluator.leave_open(rehearsal::outside());
    evaluator.leave_open(rehearsal::not_given(program));
    let mut problems = Vec::new();
    for &it in &program.evaluation {
        let outcome = super::globals::define(program, &mut evaluator, it);
        if let (Err(problem), Some((name, _))) = (outcome, super::globals::global(program, it)) {
            evaluator.leave_open([&*name.text]);
            problems.push(problem);
        }
    }
    problems.extend(lay_out(program, &evaluator).err().into_iter().flatten());
    problems.retain(rehearsal::is_certain);
    sorted(problems)
}

/// Queues and processes of a graph, with what its templates say.
struct LaidOut {
    launched: launches::Parts,
    defaults: Defaults,
    policies: Vec<TemplatePolicy>,
}

fn lay_out(program: &Program, evaluator: &Evaluator<'_>) -> Result<LaidOut, Vec<Diagnostic>> {
    let mut problems = Vec::new();
    let defaults = template_defaults(program, evaluator, &mut problems);
    let settings = template_settings(program, evaluator, &mut problems);
    let queues = Queues::declared(program, evaluator, &mut problems);
    let shared = SharedObjects::declared(program, evaluator, &mut problems);
    // A run goes no further: what follows would fail because of these. A rehearsal sorts that out.
    if !problems.is_empty() && !evaluator.is_rehearsing() {
        return Err(sorted(problems));
    }
    let policies = settings.iter().map(Settings::of_started).collect();
    let named = launches::Named { queues, shared };
    let mut launches = Launches::new(program, evaluator, named, settings, &defaults);
    for launch in &program.launches {
        let outcome = match &launch.node {
            Launch::Start(start) => launches.start(start, &launch.docs),
            Launch::Pipe(pipe) => launches.pipe(pipe),
        };
        problems.extend(outcome.err());
    }
    problems.extend(launches.settle_after().err());
    if !problems.is_empty() {
        return Err(sorted(problems));
    }
    let launched = launches.into_parts();
    Ok(LaidOut { launched, defaults, policies })
}

fn too_many(what: &str, span: Span) -> Diagnostic {
    Diagnostic::new(codes::P0355, format!("the graph has more than {LIMIT} {what}"))
        .at(span, "too many with these")
        .help(format!("make fewer {what}"))
}

fn sorted(mut problems: Vec<Diagnostic>) -> Vec<Diagnostic> {
    diagnostic::sort(&mut problems);
    problems
}

/// For each template, the value of each parameter's default.
type Defaults = Vec<Vec<Option<Value>>>;

fn template_defaults(
    program: &Program,
    evaluator: &Evaluator<'_>,
    problems: &mut Vec<Diagnostic>,
) -> Defaults {
    let mut default = |parameter: &crate::ast::Parameter| {
        let expr = parameter.default.as_ref()?;
        evaluator.value(expr, &Map::new()).map_err(|problem| problems.push(problem)).ok()
    };
    let templates = program.templates.iter();
    templates.map(|template| template.node.parameters.iter().map(&mut default).collect()).collect()
}

fn template_settings(
    program: &Program,
    evaluator: &Evaluator<'_>,
    problems: &mut Vec<Diagnostic>,
) -> Vec<Settings> {
    let mut settings = |template: &crate::ast::Process| {
        let settings = Settings::default().with(&template.clauses, evaluator);
        settings.map_err(|problem| problems.push(problem)).unwrap_or_default()
    };
    program.templates.iter().map(|template| settings(&template.node)).collect()
}

fn assemble(
    program: &Program,
    evaluator: Evaluator<'_>,
    launched: launches::Parts,
    defaults: Defaults,
    template_policies: Vec<TemplatePolicy>,
) -> Graph {
    let mut unit = evaluator.into_unit();
    for (template, defaults) in unit.templates.iter_mut().zip(defaults) {
        for (parameter, default) in template.parameters.iter_mut().zip(defaults) {
            parameter.default = default;
        }
    }
    let last_body = u32::try_from(unit.bodies.len()).unwrap_or(u32::MAX).checked_sub(1);
    let main = program.main.as_ref().and(last_body);
    let template_circumstances = super::unit::add_circumstances(program, &mut unit);
    Graph {
        sources: program.sources.clone(),
        name: script_name(&program.sources),
        docs: program.docs.clone(),
        queues: launched.named.queues.all,
        arrays: launched.named.queues.arrays,
        shared: launched.named.shared.all,
        nodes: launched.nodes,
        instances: launched.instances,
        main,
        unit,
        template_policies,
        template_circumstances,
    }
}

/// The file name of the script, without the folder.
fn script_name(sources: &Sources) -> String {
    let first = sources.iter().find(|(id, _)| *id == SourceId(0));
    let path = first.map_or("", |(_, source)| source.name());
    path.rsplit(['/', '\\']).next().unwrap_or(path).to_owned()
}
