//! The processes of a graph: what each `start` makes, in the order written.

use super::bindings::{Layout, Piped};
use super::circumstances;
use super::names::{Names, label};
use super::queues::Queues;
use super::rounds::rounds;
use super::settings::Settings;
use super::shared::SharedObjects;
use super::{Defaults, LIMIT};
use crate::ast::{Name, Process, Start};
use crate::check::{Documented, Program};
use crate::diagnostic::{Diagnostic, codes};
use crate::graph::evaluate::Evaluator;
use crate::graph::{Binding, Instance, Node, NodeId};
use std::collections::HashMap;

/// Every link is held in memory: those of `after`, and the queues of arrays that ports are bound to.
const LINKS_MAX: usize = 10_000_000;

pub(super) struct Launches<'a> {
    program: &'a Program,
    evaluator: &'a Evaluator<'a>,
    pub(super) named: Named,
    settings: Vec<Settings>,
    defaults: &'a Defaults,
    templates: HashMap<&'a str, usize>,
    names: Names<'a>,
    nodes: Vec<Node>,
    instances: Vec<(String, Instance)>,
    /// The processes that a name in `after` means.
    groups: HashMap<&'a str, Vec<NodeId>>,
    waits: Vec<(Vec<NodeId>, &'a [Name])>,
    links: usize,
}

/// What arguments may name besides values.
pub(super) struct Named {
    pub queues: Queues,
    pub shared: SharedObjects,
}

/// What all launches together have made.
pub(super) struct Parts {
    pub named: Named,
    pub nodes: Vec<Node>,
    pub instances: Vec<(String, Instance)>,
}

impl<'a> Launches<'a> {
    pub fn new(
        program: &'a Program,
        evaluator: &'a Evaluator<'a>,
        named: Named,
        settings: Vec<Settings>,
        defaults: &'a Defaults,
    ) -> Self {
        let templates = program.templates.iter().enumerate();
        Launches {
            program,
            evaluator,
            named,
            settings,
            defaults,
            templates: templates.map(|(index, template)| (&*template.node.name.text, index)).collect(),
            names: Names::of(program),
            nodes: Vec::new(),
            instances: Vec::new(),
            groups: HashMap::new(),
            waits: Vec::new(),
            links: 0,
        }
    }

    pub fn start(&mut self, start: &'a Start, docs: &[String]) -> Result<(), Diagnostic> {
        let made = self.launch(start, docs, None)?;
        if let Some(name) = &start.name {
            let instance = match (&start.many, made.first()) {
                (Some(_), _) => Some(Instance::Many(made)),
                (None, first) => first.copied().map(Instance::One),
            };
            // One that its condition left out has no process, and so no name in main.
            self.instances.extend(instance.map(|instance| (name.text.clone(), instance)));
        }
        Ok(())
    }

    /// The processes of a start, or of a stage whose pipe binds some of its ports.
    pub(super) fn launch(
        &mut self,
        start: &'a Start,
        docs: &[String],
        piped: Option<Piped>,
    ) -> Result<Vec<NodeId>, Diagnostic> {
        let index = self.template_index(start)?;
        let (evaluator, program) = (self.evaluator, self.program);
        let Documented { docs: of_template, node: template } = &program.templates[index];
        let settings = self.settings[index].with(&start.clauses, evaluator)?;
        let layout = Layout::new(start, template, &self.defaults[index], piped);
        let mut made = Vec::new();
        for round in rounds(start, evaluator)? {
            if self.nodes.len().saturating_add(round.count) > LIMIT {
                return Err(super::too_many("processes", start.call.span));
            }
            let bindings = layout.bindings(evaluator, &self.named, &round.locals)?;
            self.count_links(queues_bound(&bindings).saturating_mul(round.count), start)?;
            let circumstances =
                circumstances::of_node(template, &bindings, (start, &round.locals), evaluator)?;
            let node = Node {
                name: String::new(),
                docs: if docs.is_empty() { of_template.clone() } else { docs.to_vec() },
                template: u32::try_from(index).unwrap_or(u32::MAX),
                bindings,
                daemon: settings.daemon,
                after: Vec::new(),
                policy: settings.policy(),
                timeout_ms: settings.timeout_ms,
                circumstances,
                span: start.call.span,
            };
            for _ in 0..round.count {
                let name = self.names.next(start);
                made.push(self.add(Node { name, ..node.clone() }));
            }
        }
        self.groups.entry(label(start)).or_default().extend(&made);
        self.waits.push((made.clone(), &start.after));
        Ok(made)
    }

    fn add(&mut self, node: Node) -> NodeId {
        let id = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(node);
        id
    }

    fn template_index(&self, start: &Start) -> Result<usize, Diagnostic> {
        let call = &start.call;
        let name = match &call.module {
            Some(module) => format!("{}::{}", module.text, call.template.text),
            None => call.template.text.clone(),
        };
        self.templates.get(&*name).copied().ok_or_else(|| {
            let title = format!("there is no process template `{name}`");
            Diagnostic::new(codes::P0104, title).at(call.span, "not declared")
        })
    }

    pub(super) fn template(&self, start: &Start) -> Result<&'a Process, Diagnostic> {
        let program = self.program;
        self.template_index(start).map(|index| &program.templates[index].node)
    }

    /// Binds the names of every `after` to processes; they may stand behind the start that waits for them.
    /// A start that its `if` left out is not waited for: there is nothing that could end or fail.
    pub fn settle_after(&mut self) -> Result<(), Diagnostic> {
        for (waiting, names) in std::mem::take(&mut self.waits) {
            let Some(last) = names.last() else { continue };
            let groups = names.iter().filter_map(|name| self.groups.get(&*name.text));
            let mut awaited: Vec<NodeId> = groups.flatten().copied().collect();
            awaited.sort_unstable();
            awaited.dedup();
            self.links = self.links.saturating_add(waiting.len().saturating_mul(awaited.len()));
            if self.links > LINKS_MAX {
                return Err(too_many_links(last.span));
            }
            for id in waiting {
                if let Some(node) = self.nodes.get_mut(id.0 as usize) {
                    node.after.clone_from(&awaited);
                }
            }
        }
        Ok(())
    }

    fn count_links(&mut self, more: usize, start: &Start) -> Result<(), Diagnostic> {
        self.links = self.links.saturating_add(more);
        if self.links > LINKS_MAX { Err(too_many_links(start.call.span)) } else { Ok(()) }
    }

    pub fn into_parts(self) -> Parts {
        Parts { named: self.named, nodes: self.nodes, instances: self.instances }
    }
}

/// How many queues arrays bring in.
fn queues_bound(bindings: &[Binding]) -> usize {
    let bound = |binding: &Binding| if let Binding::Queues(ids) = binding { ids.len() } else { 0 };
    bindings.iter().map(bound).sum()
}

fn too_many_links(span: crate::source::Span) -> Diagnostic {
    Diagnostic::new(codes::P0355, format!("the graph has more than {LINKS_MAX} links between its parts"))
        .at(span, "too many with these")
        .help("make fewer processes or queues")
}
