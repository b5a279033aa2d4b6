//! A walk over every place of a tree: to erase the spans, or to look at the texts that they cover.

use procession::ast::*;
use procession::source::Span;

/// What the walk meets: a place, and the text that it covers where the tree keeps that text.
type Visit<'a> = dyn FnMut(&mut Span, Option<&str>) + 'a;

/// Sets every span of a tree to nothing.
pub fn spans(file: &mut File) {
    walk(file, &mut |span, _| *span = Span::default());
}

/// All texts that the tree holds, with their spans.
pub fn texts(file: &File) -> Vec<(String, Span)> {
    let mut texts = Vec::new();
    walk(&mut file.clone(), &mut |span, text| texts.extend(text.map(|text| (text.to_owned(), *span))));
    texts
}

fn walk(file: &mut File, visit: &mut Visit) {
    for item in &mut file.items {
        visit(&mut item.span, None);
        declaration(&mut item.kind, visit);
    }
}

fn declaration(kind: &mut ItemKind, visit: &mut Visit) {
    match kind {
        ItemKind::Param(param) => {
            name(&mut param.name, visit);
            param.default.iter_mut().for_each(|default| expr(default, visit));
        }
        ItemKind::Const(constant) => {
            name(&mut constant.name, visit);
            expr(&mut constant.value, visit);
        }
        ItemKind::Function(function) => {
            name(&mut function.name, visit);
            function.params.iter_mut().for_each(|param| name(param, visit));
            block(&mut function.body, visit);
        }
        ItemKind::Import(import) => {
            visit(&mut import.path_span, None);
            name(&mut import.alias, visit);
        }
        ItemKind::Queue(declared) => queue(declared, visit),
        ItemKind::Process(declared) => process(declared, visit),
        ItemKind::Shared(shared) => {
            name(&mut shared.name, visit);
            shared.value.iter_mut().for_each(|value| expr(value, visit));
        }
        ItemKind::Start(declared) => start(declared, visit),
        ItemKind::Pipe(pipe) => pipe.stages.iter_mut().for_each(|stage| start(stage, visit)),
        ItemKind::Main(body) => block(body, visit),
    }
}

fn name(name: &mut Name, visit: &mut Visit) {
    visit(&mut name.span, Some(&name.text));
}

fn expr(expr: &mut Expr, visit: &mut Visit) {
    visit(&mut expr.span, Some(&expr.text));
}

fn block(block: &mut Block, visit: &mut Visit) {
    visit(&mut block.span, Some(&block.text));
}

fn queue(queue: &mut Queue, visit: &mut Visit) {
    name(&mut queue.name, visit);
    queue.array.iter_mut().for_each(|size| expr(size, visit));
    for clause in &mut queue.clauses {
        visit(&mut clause.span, None);
        match &mut clause.kind {
            QueueClause::Capacity(Capacity::Items(value)) | QueueClause::Redeliver(value) => {
                expr(value, visit);
            }
            QueueClause::DeadLetter(queue) => name(queue, visit),
            _ => {}
        }
    }
}

fn process(process: &mut Process, visit: &mut Visit) {
    name(&mut process.name, visit);
    process.parameters.iter_mut().for_each(|declared| parameter(declared, visit));
    process.clauses.iter_mut().for_each(|declared| clause(declared, visit));
    match &mut process.body {
        ProcessBody::Block(body) | ProcessBody::Thread(body) => block(body, visit),
        ProcessBody::Native(span) => visit(span, Some("native")),
        ProcessBody::Exec { command, span, .. } => {
            visit(span, None);
            expr(command, visit);
        }
    }
}

fn parameter(parameter: &mut Parameter, visit: &mut Visit) {
    visit(&mut parameter.span, None);
    name(&mut parameter.name, visit);
    parameter.default.iter_mut().for_each(|value| expr(value, visit));
}

fn clause(clause: &mut Clause<ProcessClause>, visit: &mut Visit) {
    visit(&mut clause.span, None);
    match &mut clause.kind {
        ProcessClause::OnFailure(OnFailure::Restart { times: value, .. })
        | ProcessClause::Nice(value)
        | ProcessClause::Cwd(value) => expr(value, visit),
        ProcessClause::Env(variables) => variables.iter_mut().for_each(|(_, value)| expr(value, visit)),
        ProcessClause::Allow(allowed) => {
            for allowance in allowed {
                visit(&mut allowance.span, None);
            }
        }
        _ => {}
    }
}

fn start(start: &mut Start, visit: &mut Visit) {
    start.name.iter_mut().for_each(|instance| name(instance, visit));
    visit(&mut start.call.span, None);
    start.call.module.iter_mut().for_each(|module| name(module, visit));
    name(&mut start.call.template, visit);
    for argument in &mut start.call.arguments {
        argument.name.iter_mut().for_each(|label| name(label, visit));
        expr(&mut argument.value, visit);
    }
    match &mut start.many {
        Some(Many::Times(count)) => expr(count, visit),
        Some(Many::Each { variable, values }) => {
            name(variable, visit);
            expr(values, visit);
        }
        None => {}
    }
    start.condition.iter_mut().for_each(|condition| expr(condition, visit));
    start.after.iter_mut().for_each(|other| name(other, visit));
    start.clauses.iter_mut().for_each(|declared| clause(declared, visit));
}
