//! Exec processes whose input never ends. A program is never known to be idle, so what holds the input of one open
//! is not asked whether it is: not a cycle that leads back to it, and not main while it waits for the outcome.

use super::super::flow::{Flow, declared};
use super::super::model::Model;
use super::super::names::Declared;
use super::super::nodes::Node;
use super::super::pieces::{Owner, Piece};
use crate::ast::{Direction, Process, ProcessBody};
use crate::diagnostic::{Diagnostic, codes};
use crate::script::analysis::{At, CallUse, Uses};
use crate::source::Span;
use std::collections::BTreeSet;

pub(super) fn check(model: &Model<'_>, _flow: &Flow<'_>, problems: &mut Vec<Diagnostic>) {
    let main = model.pieces.iter().find(|piece| matches!(piece.owner, Owner::Main));
    let mut told = BTreeSet::new();
    for program in programs(model, main) {
        let Some(queue) = &program.takes else { continue };
        let problem =
            feeds_itself(model, &program, queue).or_else(|| kept_by_main(model, main?, &program, queue));
        if problem.is_some() && told.insert((program.name.clone(), queue.clone())) {
            problems.extend(problem);
        }
    }
}

/// An exec process, with the single queues that its ports are bound to.
struct Program {
    name: String,
    takes: Option<String>,
    puts: BTreeSet<String>,
    span: Span,
    /// What main calls it.
    instance: Option<String>,
}

/// Those of the graph, and those that main makes.
fn programs(model: &Model<'_>, main: Option<&Piece<'_>>) -> Vec<Program> {
    let of_graph = model.nodes.iter().filter_map(|node| of_node(node));
    let calls = main.and_then(Piece::used).map_or(&[][..], |uses| &uses.calls);
    let of_main = calls.iter().filter_map(|call| of_call(model, main?, call));
    of_graph.chain(of_main).collect()
}

fn exec(template: Option<&Process>) -> Option<&Process> {
    template.filter(|template| matches!(template.body, ProcessBody::Exec { .. }))
}

fn of_node(node: &Node<'_>) -> Option<Program> {
    let template = exec(node.template)?;
    Some(Program {
        name: template.name.text.clone(),
        takes: queues(node, Direction::In).into_iter().next(),
        puts: queues(node, Direction::Out),
        span: node.start.call.span,
        instance: node.start.name.as_ref().map(|name| name.text.clone()),
    })
}

fn of_call(model: &Model<'_>, main: &Piece<'_>, call: &CallUse) -> Option<Program> {
    let template = exec(model.names.template(&call.name).filter(|_| call.module.is_none()))?;
    let given = |direction| {
        let ports = template.parameters.iter().zip(&call.plain_arguments);
        let of_direction = ports.filter(move |(port, _)| port.direction == Some(direction));
        of_direction.filter_map(|(_, given)| given.clone()).collect::<BTreeSet<String>>()
    };
    Some(Program {
        name: template.name.text.clone(),
        takes: given(Direction::In).into_iter().next(),
        puts: given(Direction::Out),
        span: main.place(call.at),
        instance: None,
    })
}

/// The single queues that the ports of a direction are bound to by name.
fn queues(node: &Node<'_>, direction: Direction) -> BTreeSet<String> {
    let ports = node.ports().filter(|(_, port, _)| *port == direction);
    ports
        .filter_map(|(.., given)| given.filter(|given| given.index.is_none()))
        .map(|given| given.name)
        .collect()
}

fn feeds_itself(model: &Model<'_>, program: &Program, queue: &str) -> Option<Diagnostic> {
    if !reached(model, program).contains(queue) {
        return None;
    }
    let title =
        format!("`{queue}` never ends: what the program of `{}` prints comes back to it", program.name);
    let problem = Diagnostic::new(codes::P0216, title)
        .at(program.span, "goes on until its input ends")
        .help("let another process of the cycle close its end: `QUEUE.close()`");
    Some(problem)
}

/// Main waits for what comes of the program, and does not close what the program waits for.
fn kept_by_main(model: &Model<'_>, main: &Piece<'_>, program: &Program, queue: &str) -> Option<Diagnostic> {
    let uses = main.used()?;
    let calls = |receiver: &str, method: &str| {
        uses.methods.iter().any(|used| used.receiver == receiver && used.method == method)
    };
    let is_queue = matches!(declared(model, main, queue), Some(Declared::Queue(_)));
    if !is_queue || calls(queue, "close") {
        return None;
    }
    let held = first_use(uses, queue)?;
    let outcome = reached(model, program);
    let walks = uses.iterated.iter().any(|(walked, _)| outcome.contains(walked));
    let joins = program.instance.as_ref().is_some_and(|instance| calls(instance, "join"));
    if !walks && !joins {
        return None;
    }
    let title = format!("main waits for the end of `{}`, whose input `{queue}` it keeps open", program.name);
    let problem = Diagnostic::new(codes::P0219, title)
        .at(main.place(held), "main could still put into it")
        .label(program.span, "goes on until its input ends")
        .help(format!("say that no more comes: `{queue}.close();`"));
    Some(problem)
}

fn first_use(uses: &Uses, name: &str) -> Option<At> {
    let variable = uses.variables.iter().find(|variable| variable.name == name);
    variable.map(|variable| variable.at)
}

/// The queues that what a program prints leads to, by way of processes that close nothing.
fn reached(model: &Model<'_>, program: &Program) -> BTreeSet<String> {
    let mut reached = program.puts.clone();
    loop {
        let before = reached.len();
        for other in model.nodes.iter().filter(|other| !closes(model, other)) {
            if !queues(other, Direction::In).is_disjoint(&reached) {
                reached.extend(queues(other, Direction::Out));
            }
        }
        if reached.len() == before {
            return reached;
        }
    }
}

fn closes(model: &Model<'_>, node: &Node<'_>) -> bool {
    let uses = node.template.and_then(|template| model.body(template));
    uses.is_some_and(|uses| uses.methods.iter().any(|method| method.method == "close"))
}
