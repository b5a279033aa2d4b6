//! The processes of the graph as they are written: each `start` and each stage of a `pipe`.

use super::arguments::{Matched, match_arguments};
use super::model::Modules;
use super::names::Names;
use super::reference::{Reference, queue_reference};
use crate::ast::{Direction, File, ItemKind, Pipe, Process, ProcessClause, Start};

/// A `start` or a stage. `template` is missing when its name is unknown.
#[derive(Debug)]
pub(super) struct Node<'a> {
    pub start: &'a Start,
    pub template: Option<&'a Process>,
    pub matched: Matched<'a>,
    /// The pipe that it is a stage of.
    pub pipe: Option<Stage<'a>>,
}

/// A place in a pipe.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stage<'a> {
    pub pipe: &'a Pipe,
    pub index: usize,
}

impl Stage<'_> {
    /// Whether another stage stands on this side of it.
    pub fn joins(self, direction: Direction) -> bool {
        match direction {
            Direction::In => self.index > 0,
            Direction::Out => self.index + 1 < self.pipe.stages.len(),
        }
    }
}

pub(super) fn nodes<'a>(file: &'a File, names: &Names<'a>, modules: &Modules<'a>) -> Vec<Node<'a>> {
    let mut nodes = Vec::new();
    let template = |start: &'a Start| {
        let home = match &start.call.module {
            None => Some(names),
            Some(module) => modules.get(&*module.text).map(|model| &model.names),
        };
        home.and_then(|names| names.process(&start.call.template.text))
    };
    for item in &file.items {
        match &item.kind {
            ItemKind::Start(start) => nodes.push(Node::new(start, template(start), None)),
            ItemKind::Pipe(pipe) => {
                let stages = pipe.stages.iter().enumerate();
                nodes
                    .extend(stages.map(|(index, stage)| {
                        Node::new(stage, template(stage), Some(Stage { pipe, index }))
                    }));
            }
            _ => {}
        }
    }
    nodes
}

impl<'a> Node<'a> {
    fn new(start: &'a Start, template: Option<&'a Process>, pipe: Option<Stage<'a>>) -> Self {
        let matched = template
            .map(|template| match_arguments(template, &start.call, pipe.is_some()))
            .unwrap_or_default();
        Node { start, template, matched, pipe }
    }

    /// The ports, as indexes of the template's parameters, with what each was given.
    pub fn ports(&self) -> impl Iterator<Item = (usize, Direction, Option<Reference>)> {
        let parameters = self.template.map_or(&[][..], |template| &template.parameters);
        parameters.iter().enumerate().filter_map(|(index, parameter)| {
            let argument = self.matched.by_parameter.get(index).copied().flatten();
            Some((index, parameter.direction?, argument.and_then(|given| queue_reference(&given.value))))
        })
    }

    /// The ports of this direction that no argument was given for.
    pub fn free_ports(&self, direction: Direction) -> impl Iterator<Item = usize> {
        self.ports().filter_map(move |(index, port, _)| {
            (port == direction && self.matched.by_parameter[index].is_none()).then_some(index)
        })
    }

    pub fn is_daemon(&self) -> bool {
        let clauses = self.template.map_or(&[][..], |template| &template.clauses);
        let mut all = clauses.iter().chain(&self.start.clauses);
        all.any(|clause| clause.kind == ProcessClause::Daemon)
    }
}
