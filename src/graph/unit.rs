//! The texts of a program as the unit that every process of its run holds.

use crate::ast::{Direction, ExecFormat, Parameter, Process, ProcessBody};
use crate::check::Program;
use crate::script::Circumstances;
use crate::script::unit::{
    Body, Format, FunctionText, ParameterKind, Piece, Template, TemplateKind, TemplateParameter, Unit,
};
use crate::source::Span;

/// Bodies of templates in their order, then main's; functions; templates without their defaults.
#[must_use]
pub fn texts(program: &Program) -> Unit {
    Unit {
        sources: program.sources.iter().map(|(_, source)| source.name().to_owned()).collect(),
        bodies: bodies(program),
        functions: functions(program),
        templates: templates(program),
        globals: crate::value::Map::new(),
        engine: crate::script::EngineKind::default(),
        registry: program.registry.clone(),
    }
}

/// A text of a source and where it stands there.
pub(super) fn piece(program: &Program, text: &str, span: Span) -> Piece {
    let start = program.sources.get(span.source).line_column(span.start);
    let links = program.links.get(&span).cloned().unwrap_or_default();
    Piece { text: text.to_owned(), source: span.source.0, line: start.line, column: start.column, links }
}

fn bodies(program: &Program) -> Vec<Body> {
    let body = |name: &str, params: Vec<String>, text: &str, span: Span| Body {
        name: name.to_owned(),
        params,
        piece: piece(program, text, span),
    };
    let mut bodies: Vec<Body> = Vec::new();
    for template in program.templates.iter().map(|template| &template.node) {
        let (text, span) = match &template.body {
            ProcessBody::Block(block) | ProcessBody::Thread(block) => (&block.text, block.span),
            ProcessBody::Exec { command, .. } => (&command.text, command.span),
            // Nothing of it is text; errors have its place.
            ProcessBody::Native(span) => (&String::new(), *span),
        };
        bodies.push(body(&template.name.text, params(template), text, span));
    }
    bodies.extend(program.main.as_ref().map(|block| body("main", Vec::new(), &block.text, block.span)));
    bodies
}

/// The names that are bound when the body runs: a command sees no ports.
fn params(template: &Process) -> Vec<String> {
    let is_exec = matches!(template.body, ProcessBody::Exec { .. });
    let bound = template.parameters.iter().filter(|parameter| !is_exec || parameter.direction.is_none());
    bound.map(|parameter| parameter.name.text.clone()).collect()
}

/// What the clauses of each template say. Their expressions become bodies of their own, behind all others: a process
/// that a body starts evaluates them itself.
pub(super) fn add_circumstances(program: &Program, unit: &mut Unit) -> Vec<Circumstances> {
    let mut all = Vec::with_capacity(unit.templates.len());
    for template in program.templates.iter().map(|template| &template.node) {
        let mut circumstances = super::elaborate::written(&template.clauses);
        let plain = template.parameters.iter().filter(|parameter| parameter.direction.is_none());
        let params: Vec<String> = plain.map(|parameter| parameter.name.text.clone()).collect();
        for (given, expr) in super::elaborate::expressions(&template.clauses) {
            circumstances.open.push((given, u32::try_from(unit.bodies.len()).unwrap_or(u32::MAX)));
            let piece = piece(program, &expr.text, expr.span);
            unit.bodies.push(Body { name: template.name.text.clone(), params: params.clone(), piece });
        }
        all.push(circumstances);
    }
    all.resize(unit.templates.len(), Circumstances::default());
    all
}

fn functions(program: &Program) -> Vec<FunctionText> {
    let text = |function: &crate::ast::Function| FunctionText {
        name: function.name.text.clone(),
        params: function.params.iter().map(|param| param.text.clone()).collect(),
        piece: piece(program, &function.body.text, function.body.span),
    };
    program.functions.iter().map(|function| text(&function.node)).collect()
}

fn templates(program: &Program) -> Vec<Template> {
    let numbered = (0..).zip(program.templates.iter().map(|template| &template.node));
    let templates = numbered.map(|(body, template)| Template {
        name: template.name.text.clone(),
        kind: kind(template),
        parameters: template.parameters.iter().map(parameter).collect(),
        body,
        daemon: super::elaborate::is_daemon(&template.clauses),
    });
    templates.collect()
}

fn kind(template: &Process) -> TemplateKind {
    match &template.body {
        ProcessBody::Block(_) => TemplateKind::Process,
        ProcessBody::Native(_) => TemplateKind::Native,
        ProcessBody::Thread(_) => TemplateKind::Thread,
        ProcessBody::Exec { format, .. } => TemplateKind::Exec(match format {
            ExecFormat::Lines => Format::Lines,
            ExecFormat::Json => Format::Json,
            ExecFormat::Bytes => Format::Bytes,
            ExecFormat::Nul => Format::Nul,
        }),
    }
}

fn parameter(parameter: &Parameter) -> TemplateParameter {
    let kind = match parameter.direction {
        None => ParameterKind::Plain,
        Some(Direction::In) => ParameterKind::In,
        Some(Direction::Out) => ParameterKind::Out,
    };
    TemplateParameter { name: parameter.name.text.clone(), kind, default: None }
}
