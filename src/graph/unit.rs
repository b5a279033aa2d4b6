//! The texts of a program as the unit that every process of its run holds.

use crate::ast::{Block, Direction};
use crate::check::Program;
use crate::script::unit::{
    Body, FunctionText, ParameterKind, Piece, Template, TemplateKind, TemplateParameter, Unit,
};
use crate::source::{Sources, Span};

/// Bodies of templates in their order, then main's; functions; templates without their defaults.
pub(super) fn texts(program: &Program) -> Unit {
    Unit {
        sources: program.sources.iter().map(|(_, source)| source.name().to_owned()).collect(),
        bodies: bodies(program),
        functions: functions(program),
        templates: templates(program),
        globals: crate::value::Map::new(),
    }
}

/// A text of a source and where it stands there.
pub(super) fn piece(sources: &Sources, text: &str, span: Span) -> Piece {
    let start = sources.get(span.source).line_column(span.start);
    Piece { text: text.to_owned(), source: span.source.0, line: start.line, column: start.column }
}

fn bodies(program: &Program) -> Vec<Body> {
    let body = |name: &str, params: Vec<String>, block: &Block| Body {
        name: name.to_owned(),
        params,
        piece: piece(&program.sources, &block.text, block.span),
    };
    let mut bodies: Vec<Body> = Vec::new();
    for template in program.templates.iter().map(|template| &template.node) {
        if let Some(block) = template.block() {
            let params = template.parameters.iter().map(|parameter| parameter.name.text.clone()).collect();
            bodies.push(body(&template.name.text, params, block));
        }
    }
    bodies.extend(program.main.as_ref().map(|block| body("main", Vec::new(), block)));
    bodies
}

fn functions(program: &Program) -> Vec<FunctionText> {
    let text = |function: &crate::ast::Function| FunctionText {
        name: function.name.text.clone(),
        params: function.params.iter().map(|param| param.text.clone()).collect(),
        piece: piece(&program.sources, &function.body.text, function.body.span),
    };
    program.functions.iter().map(|function| text(&function.node)).collect()
}

fn templates(program: &Program) -> Vec<Template> {
    let mut next_body = 0;
    let mut templates = Vec::new();
    for template in program.templates.iter().map(|template| &template.node) {
        templates.push(Template {
            name: template.name.text.clone(),
            kind: if template.is_thread() { TemplateKind::Thread } else { TemplateKind::Process },
            parameters: template.parameters.iter().map(parameter).collect(),
            body: next_body,
            daemon: super::elaborate::is_daemon(&template.clauses),
        });
        next_body += u32::from(template.block().is_some());
    }
    templates
}

fn parameter(parameter: &crate::ast::Parameter) -> TemplateParameter {
    let kind = match parameter.direction {
        None => ParameterKind::Plain,
        Some(Direction::In) => ParameterKind::In,
        Some(Direction::Out) => ParameterKind::Out,
    };
    TemplateParameter { name: parameter.name.text.clone(), kind, default: None }
}
