//! The queues of a graph: those declared, arrays laid out, and those between the stages of pipes.

use super::LIMIT;
use crate::ast::{self, Expr, Order, QueueClause, QueueFlavour, WhenFull};
use crate::check::{Documented, Program};
use crate::diagnostic::Diagnostic;
use crate::graph::evaluate::Evaluator;
use crate::graph::{Capacity, Queue, QueueId};
use crate::source::Span;
use std::collections::{HashMap, HashSet};

const CAPACITY: usize = 1024;
const REDELIVER: u32 = 3;

/// What a name of a queue stands for.
#[derive(Clone, Debug)]
pub(super) enum Named {
    One(QueueId),
    Many(Vec<QueueId>),
}

#[derive(Default)]
pub(super) struct Queues {
    pub all: Vec<Queue>,
    pub arrays: Vec<(String, Vec<QueueId>)>,
    named: HashMap<String, Named>,
    names: HashSet<String>,
}

impl Queues {
    /// All queues that the program declares, in order.
    pub fn declared(program: &Program, evaluator: &Evaluator<'_>, problems: &mut Vec<Diagnostic>) -> Self {
        let mut queues = Queues::default();
        for declaration in &program.queues {
            if let Err(problem) = queues.declare(declaration, evaluator) {
                problems.push(problem);
            }
        }
        for declaration in &program.queues {
            queues.bind_dead_letter(&declaration.node);
        }
        queues
    }

    pub fn find(&self, name: &str) -> Option<&Named> {
        self.named.get(name)
    }

    /// The queue between two stages. Two pipes may have the same pair of stages.
    pub fn between(&mut self, from: &ast::Call, to: &ast::Call) -> Result<QueueId, Diagnostic> {
        let pair = format!("{} -> {}", from.template.text, to.template.text);
        let mut name = pair.clone();
        for number in 2.. {
            if !self.names.contains(&name) {
                break;
            }
            name = format!("{pair} #{number}");
        }
        self.add(Queue { name, ..plain(from.span.to(to.span)) })
    }

    fn declare(
        &mut self,
        declaration: &Documented<ast::Queue>,
        evaluator: &Evaluator<'_>,
    ) -> Result<(), Diagnostic> {
        let queue = described(declaration, evaluator)?;
        let name = &declaration.node.name.text;
        let named = match &declaration.node.array {
            None => Named::One(self.add(queue)?),
            Some(size) => {
                let ids = self.add_array(name, &queue, size, evaluator)?;
                self.arrays.push((name.clone(), ids.clone()));
                Named::Many(ids)
            }
        };
        self.named.insert(name.clone(), named);
        Ok(())
    }

    fn add_array(
        &mut self,
        name: &str,
        queue: &Queue,
        size: &Expr,
        evaluator: &Evaluator<'_>,
    ) -> Result<Vec<QueueId>, Diagnostic> {
        let size = evaluator.number(size, "the size of an array of queues", 1)?;
        (0..size).map(|index| self.add(Queue { name: format!("{name}[{index}]"), ..queue.clone() })).collect()
    }

    fn add(&mut self, queue: Queue) -> Result<QueueId, Diagnostic> {
        if self.all.len() >= LIMIT {
            return Err(super::too_many("queues", queue.span));
        }
        let id = QueueId(u32::try_from(self.all.len()).unwrap_or(u32::MAX));
        self.names.insert(queue.name.clone());
        self.all.push(queue);
        Ok(id)
    }

    /// Dead letter queues may be declared behind those that they serve.
    fn bind_dead_letter(&mut self, declaration: &ast::Queue) {
        let target = declaration.clauses.iter().find_map(|clause| match &clause.kind {
            QueueClause::DeadLetter(name) => Some(&name.text),
            _ => None,
        });
        let Some(&Named::One(target)) = target.and_then(|target| self.named.get(target)) else { return };
        let ids = match self.named.get(&declaration.name.text) {
            Some(Named::One(id)) => vec![*id],
            Some(Named::Many(ids)) => ids.clone(),
            None => Vec::new(),
        };
        for id in ids {
            if let Some(queue) = self.all.get_mut(id.0 as usize) {
                queue.dead_letter = Some(target);
            }
        }
    }
}

fn plain(span: Span) -> Queue {
    Queue {
        name: String::new(),
        docs: Vec::new(),
        flavour: QueueFlavour::Plain,
        item_type: None,
        capacity: Capacity::Items(CAPACITY),
        order: Order::Fifo,
        when_full: WhenFull::Wait,
        redeliver: REDELIVER,
        dead_letter: None,
        span,
    }
}

/// The queue that a declaration describes; of an array, each of them.
fn described(declaration: &Documented<ast::Queue>, evaluator: &Evaluator<'_>) -> Result<Queue, Diagnostic> {
    let node = &declaration.node;
    let mut queue = Queue {
        name: node.name.text.clone(),
        docs: declaration.docs.clone(),
        flavour: node.flavour,
        ..plain(node.name.span)
    };
    for clause in &node.clauses {
        match &clause.kind {
            QueueClause::Of(item_type) => queue.item_type = Some(item_type.clone()),
            QueueClause::Capacity(given) => queue.capacity = capacity(given, evaluator)?,
            QueueClause::Order(order) => queue.order = *order,
            QueueClause::WhenFull(when_full) => queue.when_full = *when_full,
            QueueClause::Redeliver(times) => {
                let times = evaluator.number(times, "the number of redeliveries", 0)?;
                queue.redeliver = u32::try_from(times).unwrap_or(u32::MAX);
            }
            QueueClause::DeadLetter(_) => {}
        }
    }
    Ok(queue)
}

fn capacity(given: &ast::Capacity, evaluator: &Evaluator<'_>) -> Result<Capacity, Diagnostic> {
    Ok(match given {
        ast::Capacity::Unbounded => Capacity::Unbounded,
        ast::Capacity::Items(items) => Capacity::Items(evaluator.number(items, "a capacity", 1)?),
        ast::Capacity::Bytes(bytes) => Capacity::Bytes(*bytes),
    })
}
