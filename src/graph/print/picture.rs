//! A graph as boxes and arrows: replicas are one box, an array of queues is one.

use super::shared::{SharedObject, shared};
use super::{circumstances, command};
use crate::ast::print::{item_type, size};
use crate::ast::{Order, QueueFlavour, WhenFull};
use crate::diagnostic::words;
use crate::graph::{Binding, Capacity, Graph, Node, NodeId, Policy, Queue, QueueId};
use crate::script::unit::ParameterKind;
use std::collections::{BTreeSet, HashMap, HashSet};

/// Processes that are drawn as one.
pub(super) struct Processes {
    /// What all of them are called, without their numbers.
    pub label: String,
    pub nodes: Vec<NodeId>,
    pub daemon: bool,
    /// `daemon`, `restarts 3 times`, …
    pub traits: Vec<String>,
    pub docs: Vec<String>,
    /// `counter.1 … counter.4`; nothing for a single process without a number.
    pub names: Option<String>,
}

/// Queues that are drawn as one.
pub(super) struct Queues {
    pub label: String,
    pub count: usize,
    pub joinable: bool,
    /// `4096 items`, `joinable`, …
    pub traits: Vec<String>,
    pub docs: Vec<String>,
}

/// A box, by its place in [`Picture::processes`] or [`Picture::queues`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum End {
    Process(usize),
    Queue(usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Meaning {
    /// Items go this way.
    Items,
    /// The second starts when the first has ended.
    After,
    /// Items that died in the first go to the second.
    Dead,
}

pub(super) struct Picture {
    pub processes: Vec<Processes>,
    pub queues: Vec<Queues>,
    pub shared: Vec<SharedObject>,
    pub arrows: Vec<(End, End, Meaning)>,
}

/// Which processes are drawn as one box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grouping {
    /// Those of one `start`.
    Start,
    /// Those that differ only in the number behind their name.
    Label,
}

/// The name of a process without its number.
pub(super) fn label(name: &str) -> &str {
    let numbered = name.rsplit_once('.').filter(|(_, number)| number.bytes().all(|c| c.is_ascii_digit()));
    numbered.map_or(name, |(label, _)| label)
}

impl Processes {
    /// `counter ×4`.
    pub fn title(&self) -> String {
        times(&self.label_alone(), self.nodes.len())
    }

    /// A single process is called by its name, number and all.
    fn label_alone(&self) -> String {
        match (&self.names, self.nodes.len()) {
            (Some(name), 1) => name.clone(),
            _ => self.label.clone(),
        }
    }
}

impl Queues {
    /// `parts ×4`.
    pub fn title(&self) -> String {
        times(&self.label, self.count)
    }
}

fn times(label: &str, count: usize) -> String {
    if count == 1 { label.to_owned() } else { format!("{label} ×{count}") }
}

impl Picture {
    pub fn of(graph: &Graph, grouping: Grouping) -> Self {
        let (processes, process_of) = processes(graph, grouping);
        let (queues, queue_of) = queues(graph);
        let shared = shared(graph, &process_of);
        let arrows = Arrows { graph, process_of, queue_of }.all();
        Picture { processes, queues, shared, arrows }
    }

    pub fn boxes(&self) -> impl Iterator<Item = End> {
        (0..self.processes.len()).map(End::Process).chain((0..self.queues.len()).map(End::Queue))
    }

    /// What stands in a box: its title, then what else is to be said.
    pub fn lines(&self, end: End) -> Vec<String> {
        let (title, names, traits) = match end {
            End::Process(index) => {
                let processes = &self.processes[index];
                let names = processes.names.clone().filter(|_| processes.nodes.len() > 1);
                (processes.title(), names, &processes.traits)
            }
            End::Queue(index) => (self.queues[index].title(), None, &self.queues[index].traits),
        };
        let traits = (!traits.is_empty()).then(|| traits.join(", "));
        [Some(title), names, traits].into_iter().flatten().collect()
    }

    /// The other ends of the arrows of this meaning that lead to the box, or away from it.
    pub fn before(&self, end: End, meaning: Meaning) -> impl Iterator<Item = End> {
        self.arrows.iter().filter(move |arrow| arrow.1 == end && arrow.2 == meaning).map(|arrow| arrow.0)
    }

    pub fn behind(&self, end: End, meaning: Meaning) -> impl Iterator<Item = End> {
        self.arrows.iter().filter(move |arrow| arrow.0 == end && arrow.2 == meaning).map(|arrow| arrow.1)
    }

    pub fn title(&self, end: End) -> String {
        match end {
            End::Process(index) => self.processes[index].title(),
            End::Queue(index) => self.queues[index].title(),
        }
    }
}

fn processes(graph: &Graph, grouping: Grouping) -> (Vec<Processes>, Vec<usize>) {
    let mut groups: Vec<Vec<NodeId>> = Vec::new();
    let mut found = HashMap::new();
    let mut process_of = Vec::with_capacity(graph.nodes.len());
    for (id, node) in (0..).map(NodeId).zip(&graph.nodes) {
        let span = (grouping == Grouping::Start).then_some(node.span);
        let index = *found.entry((label(&node.name), span)).or_insert(groups.len());
        if index == groups.len() {
            groups.push(Vec::new());
        }
        groups[index].push(id);
        process_of.push(index);
    }
    (groups.into_iter().map(|nodes| one_box(graph, nodes)).collect(), process_of)
}

fn one_box(graph: &Graph, nodes: Vec<NodeId>) -> Processes {
    let node = |id: &NodeId| &graph.nodes[id.0 as usize];
    let named: Vec<&Node> = nodes.iter().map(node).collect();
    let first = named[0];
    Processes {
        label: label(&first.name).to_owned(),
        daemon: first.daemon,
        traits: [process_traits(graph, first), circumstances::traits(&named)].concat(),
        docs: first.docs.clone(),
        names: names(&named),
        nodes,
    }
}

/// Up to three names are listed; of more, the first and the last.
fn names(nodes: &[&Node]) -> Option<String> {
    match nodes {
        [only] => (label(&only.name) != only.name).then(|| only.name.clone()),
        [first, .., last] if nodes.len() > 3 => Some(format!("{} … {}", first.name, last.name)),
        few => Some(few.iter().map(|node| &*node.name).collect::<Vec<_>>().join(", ")),
    }
}

fn process_traits(graph: &Graph, node: &Node) -> Vec<String> {
    let template = graph.unit.templates.get(node.template as usize);
    let command = template.and_then(|template| command::of(graph, template)).map(|command| command.title());
    let template = template.map(|template| &*template.name);
    let template = template.filter(|name| *name != label(&node.name)).map(|name| format!("runs {name}"));
    let daemon = node.daemon.then(|| "daemon".to_owned());
    let timeout = node.timeout_ms.map(|ms| format!("timeout {}", words::duration(ms)));
    [template, command, daemon, policy(node.policy), timeout].into_iter().flatten().collect()
}

/// What is said of a policy; nothing of the usual one.
fn policy(policy: Policy) -> Option<String> {
    match policy {
        Policy::Stop => None,
        Policy::Continue => Some("on failure continue".to_owned()),
        Policy::Ignore => Some("on failure ignore".to_owned()),
        Policy::Restart { times, .. } => Some(format!("restart {times}")),
    }
}

fn queues(graph: &Graph) -> (Vec<Queues>, Vec<usize>) {
    let mut array_of: HashMap<QueueId, (&str, usize)> = HashMap::new();
    for (name, ids) in &graph.arrays {
        array_of.extend(ids.iter().map(|id| (*id, (&**name, ids.len()))));
    }
    let mut queues: Vec<Queues> = Vec::new();
    let mut queue_of = Vec::with_capacity(graph.queues.len());
    for (id, queue) in (0..).map(QueueId).zip(&graph.queues) {
        let (label, count) = array_of.get(&id).copied().unwrap_or((&queue.name, 1));
        let same_array = array_of.contains_key(&id) && queues.last().is_some_and(|last| last.label == label);
        if !same_array {
            queues.push(Queues {
                label: label.to_owned(),
                count,
                joinable: queue.is_joinable(),
                traits: queue_traits(queue),
                docs: queue.docs.clone(),
            });
        }
        queue_of.push(queues.len() - 1);
    }
    (queues, queue_of)
}

fn queue_traits(queue: &Queue) -> Vec<String> {
    let capacity = match queue.capacity {
        Capacity::Unbounded => "unbounded".to_owned(),
        Capacity::Items(items) => words::count(items, "item"),
        Capacity::Bytes(bytes) => size(bytes),
    };
    let item_type = queue.item_type.as_ref().map(|declared| format!("of {}", item_type(declared)));
    let flavour = match queue.flavour {
        QueueFlavour::Plain => None,
        QueueFlavour::Joinable => Some("joinable".to_owned()),
        QueueFlavour::Broadcast => Some("broadcast".to_owned()),
        QueueFlavour::Host => Some("host".to_owned()),
    };
    let order = match queue.order {
        Order::Fifo => None,
        Order::Lifo => Some("lifo".to_owned()),
        Order::Priority => Some("priority".to_owned()),
    };
    let drops = match queue.when_full {
        WhenFull::Wait => None,
        WhenFull::DropOldest => Some("drops oldest".to_owned()),
        WhenFull::DropNewest => Some("drops newest".to_owned()),
    };
    [Some(capacity), item_type, flavour, order, drops].into_iter().flatten().collect()
}

struct Arrows<'a> {
    graph: &'a Graph,
    process_of: Vec<usize>,
    queue_of: Vec<usize>,
}

impl Arrows<'_> {
    /// In the order of the boxes, each once.
    fn all(&self) -> Vec<(End, End, Meaning)> {
        let mut arrows = BTreeSet::new();
        let mut told = HashSet::new();
        for (index, node) in self.graph.nodes.iter().enumerate() {
            let process = End::Process(self.process_of[index]);
            self.ports(node, process, &mut arrows);
            // All processes of a start wait for the same ones: once is enough.
            if told.insert(node.span) {
                let before = |id: &NodeId| End::Process(self.process_of[id.0 as usize]);
                arrows.extend(node.after.iter().map(|id| (before(id), process, Meaning::After)));
            }
        }
        for (index, queue) in self.graph.queues.iter().enumerate() {
            if let Some(dead) = queue.dead_letter {
                arrows.insert((self.queue(QueueId(index as u32)), self.queue(dead), Meaning::Dead));
            }
        }
        arrows.into_iter().collect()
    }

    fn ports(&self, node: &Node, process: End, arrows: &mut BTreeSet<(End, End, Meaning)>) {
        let template = self.graph.unit.templates.get(node.template as usize);
        let parameters = template.map_or(&[][..], |template| &template.parameters);
        for (parameter, binding) in parameters.iter().zip(&node.bindings) {
            let bound = match binding {
                Binding::Value(_) | Binding::Shared(_) => &[][..],
                Binding::Queue(id) => std::slice::from_ref(id),
                Binding::Queues(ids) => ids,
            };
            for &id in bound {
                arrows.insert(match parameter.kind {
                    ParameterKind::In => (self.queue(id), process, Meaning::Items),
                    _ => (process, self.queue(id), Meaning::Items),
                });
            }
        }
    }

    fn queue(&self, id: QueueId) -> End {
        End::Queue(self.queue_of[id.0 as usize])
    }
}
