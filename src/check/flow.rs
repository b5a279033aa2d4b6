//! Which queues reach which ports, and who puts into and takes from each queue, as far as it can be seen.

use super::model::Model;
use super::names::Declared;
use super::pieces::{Owner, Piece};
use crate::ast::{Direction, Process, Queue, QueueClause, QueueFlavour};
use crate::script::analysis::{CallUse, Uses};
use crate::source::Span;
use std::collections::{BTreeSet, HashMap};

/// What a port may be bound to in all the processes of its template.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Reach<'a> {
    pub queues: BTreeSet<&'a str>,
    /// A whole array of queues is given: the body sees an array of ends.
    pub array: bool,
    /// The queue between two stages of a pipe is given.
    pub piped: bool,
    /// Something is given that cannot be seen here.
    pub unseen: bool,
}

impl Reach<'_> {
    /// Whether that was anything new.
    fn add(&mut self, other: &Self) -> bool {
        let before = (self.queues.len(), self.array, self.piped, self.unseen);
        self.queues.extend(&other.queues);
        self.array |= other.array;
        self.piped |= other.piped;
        self.unseen |= other.unseen;
        before != (self.queues.len(), self.array, self.piped, self.unseen)
    }
}

/// A port: where its template is declared, and its name.
type Port<'a> = (Span, &'a str);

#[derive(Debug, Default)]
pub(super) struct Flow<'a> {
    reach: HashMap<Port<'a>, Reach<'a>>,
    pub puts: BTreeSet<&'a str>,
    pub takes: BTreeSet<&'a str>,
    /// Queues that main also uses in ways that are not understood.
    pub unseen: BTreeSet<&'a str>,
}

/// Methods that put, and methods that take.
pub(super) const PUTS: &[&str] = &["put", "try_put", "put_many"];
pub(super) const TAKES: &[&str] = &["get", "try_get", "get_many"];
/// Methods of what was taken from a joinable queue.
pub(super) const ACKNOWLEDGES: &[&str] = &["task_done", "task_failed"];
/// Members of a queue that neither put nor take.
const LOOKS: &[&str] =
    &["len", "is_empty", "is_full", "capacity", "name", "ended", "close", "join", "task_done", "task_failed"];

impl<'a> Flow<'a> {
    pub fn of(model: &Model<'a>) -> Self {
        let mut flow = Flow::default();
        flow.launches(model);
        let passed = flow.calls(model);
        flow.settle(&passed);
        for template in model.with_imported().flat_map(Model::templates) {
            flow.template(template);
        }
        flow.main(model);
        for queue in model.queues() {
            flow.puts.extend(dead_letter(queue));
        }
        flow
    }

    /// What a port may be bound to; nothing when no process of its template is made.
    pub fn reach(&self, template: &Process, port: &str) -> Reach<'a> {
        self.reach.get(&(template.name.span, port)).cloned().unwrap_or_default()
    }

    fn port(&mut self, template: &'a Process, index: usize) -> Option<&mut Reach<'a>> {
        let parameter = template.parameters.get(index)?;
        parameter.direction?;
        Some(self.reach.entry((template.name.span, &parameter.name.text)).or_default())
    }

    fn launches(&mut self, model: &Model<'a>) {
        for node in &model.nodes {
            let Some(template) = node.template else { continue };
            for (index, direction, reference) in node.ports() {
                let joined = node.pipe.is_some_and(|stage| stage.joins(direction));
                let Some(reach) = self.port(template, index) else { continue };
                match reference.and_then(|found| Some((model.names.queue(&found.name)?, found.index))) {
                    Some((queue, index)) => {
                        reach.queues.insert(&queue.name.text);
                        reach.array |= queue.array.is_some() && index.is_none();
                    }
                    None if joined => reach.piped = true,
                    None => reach.unseen = true,
                }
            }
        }
    }

    /// Templates that bodies call; gives the ports that are passed on from one process to another.
    fn calls(&mut self, model: &Model<'a>) -> Vec<(Port<'a>, Port<'a>)> {
        model.running().flat_map(|(home, piece)| self.calls_of(home, piece)).collect()
    }

    fn calls_of(&mut self, home: &Model<'a>, piece: &Piece<'a>) -> Vec<(Port<'a>, Port<'a>)> {
        let Some(uses) = piece.used() else { return Vec::new() };
        let plain = uses.variables.iter().map(|variable| (None, &variable.name));
        let paths = uses.paths.iter().map(|path| (Some(&*path.module), &path.name));
        for (module, name) in plain.chain(paths) {
            if let Some(template) = home.home(module).and_then(|home| home.names.template(name)) {
                self.hide(template);
            }
        }
        uses.calls.iter().flat_map(|call| self.call(home, piece, call)).collect()
    }

    fn call(&mut self, model: &Model<'a>, piece: &Piece<'a>, call: &CallUse) -> Vec<(Port<'a>, Port<'a>)> {
        let mut passed = Vec::new();
        let Some(template) = model.process(call) else { return passed };
        for (index, parameter) in template.parameters.iter().enumerate() {
            let given = call.plain_arguments.get(index).cloned().flatten();
            let Some(reach) = self.port(template, index) else { continue };
            let own = given.as_deref().and_then(|name| own_port(piece.owner, name));
            let queue = given.as_deref().and_then(|name| model.names.queue(name));
            match (piece.owner, own, queue) {
                (Owner::Process(_), Some(port), _) => {
                    passed.push((port, (template.name.span, &parameter.name.text)));
                }
                (Owner::Main, _, Some(queue)) => {
                    reach.queues.insert(&queue.name.text);
                    reach.array |= queue.array.is_some();
                }
                _ => reach.unseen = true,
            }
        }
        passed
    }

    /// A template that is used as a value may be given anything.
    fn hide(&mut self, template: &'a Process) {
        for index in 0..template.parameters.len() {
            if let Some(reach) = self.port(template, index) {
                reach.unseen = true;
            }
        }
    }

    /// Carries what ports are bound to along the calls that pass them on, until nothing changes: a port is
    /// looked at again only when something new has come to it.
    fn settle(&mut self, passed: &[(Port<'a>, Port<'a>)]) {
        let mut next: HashMap<Port<'a>, Vec<Port<'a>>> = HashMap::new();
        for (from, to) in passed {
            next.entry(*from).or_default().push(*to);
        }
        let mut changed: Vec<Port<'a>> = next.keys().copied().collect();
        while let Some(port) = changed.pop() {
            let from = self.reach.get(&port).cloned().unwrap_or_default();
            for to in next.get(&port).into_iter().flatten() {
                if self.reach.entry(*to).or_default().add(&from) {
                    changed.push(*to);
                }
            }
        }
    }

    fn template(&mut self, template: &'a Process) {
        for parameter in &template.parameters {
            let queues = self.reach(template, &parameter.name.text).queues;
            match parameter.direction {
                Some(Direction::In) => self.takes.extend(queues),
                Some(Direction::Out) => self.puts.extend(queues),
                None => {}
            }
        }
    }

    /// Main holds both ends of every queue: what counts is what it does with each.
    fn main(&mut self, model: &Model<'a>) {
        let mains = model.pieces.iter().filter(|piece| matches!(piece.owner, Owner::Main));
        for uses in mains.filter_map(|piece| piece.used()) {
            for queue in model.queues() {
                self.main_queue(model, uses, queue);
            }
        }
    }

    fn main_queue(&mut self, model: &Model<'a>, uses: &Uses, queue: &'a Queue) {
        let name = &*queue.name.text;
        let mut understood = uses.iterated.iter().filter(|(iterated, _)| iterated == name).count();
        if understood > 0 {
            self.takes.insert(name);
        }
        for method in uses.methods.iter().filter(|method| method.receiver == name) {
            let puts = PUTS.contains(&&*method.method);
            let takes = TAKES.contains(&&*method.method);
            if puts {
                self.puts.insert(name);
            }
            if takes {
                self.takes.insert(name);
            }
            understood += usize::from(puts || takes || LOOKS.contains(&&*method.method));
        }
        let to_process = |call: &&CallUse| model.process(call).is_some();
        let given = uses.calls.iter().filter(to_process).flat_map(|call| &call.plain_arguments);
        understood += given.filter(|given| given.as_deref() == Some(name)).count();
        let seen = uses.variables.iter().filter(|variable| variable.name == name).count();
        if seen > understood || (queue.array.is_some() && seen > 0) {
            self.unseen.insert(name);
        }
    }
}

fn dead_letter(queue: &Queue) -> Option<&str> {
    queue.clauses.iter().find_map(|clause| match &clause.kind {
        QueueClause::DeadLetter(name) => Some(&*name.text),
        _ => None,
    })
}

/// The port of this name of the template whose body this is.
fn own_port<'a>(owner: Owner<'a>, name: &str) -> Option<Port<'a>> {
    let Owner::Process(template) = owner else { return None };
    let port = template.parameters.iter().find(|parameter| parameter.name.text == name)?;
    port.direction.map(|_| (template.name.span, &*port.name.text))
}

/// The queues of a reach when they are all that the port can be bound to, and each a single queue.
pub(super) fn all_seen<'a>(model: &Model<'a>, reach: &Reach<'a>) -> Option<Vec<&'a Queue>> {
    if reach.array || reach.unseen || reach.queues.is_empty() {
        return None;
    }
    reach.queues.iter().map(|name| model.names.queue(name)).collect()
}

pub(super) fn is_joinable(queue: &Queue) -> bool {
    queue.flavour == QueueFlavour::Joinable
}

/// The declaration that a variable of the piece stands for, unless a parameter hides it.
pub(super) fn declared<'a>(model: &Model<'a>, piece: &Piece<'a>, name: &str) -> Option<Declared<'a>> {
    let hidden = piece.owner.params().iter().any(|param| param == name);
    if hidden { None } else { model.names.find(name) }
}
