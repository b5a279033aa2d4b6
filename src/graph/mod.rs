//! The elaborated graph: the whole run on paper, for given arguments, before anything starts.

pub mod arguments;
pub mod elaborate;
mod evaluate;
mod globals;
mod hosted;
mod item_type;
mod kind;
pub mod plan;
pub mod print;
#[cfg(test)]
mod test_program;
mod unit;

pub use elaborate::{elaborate, rehearse};
pub use hosted::unheld;
pub use unit::texts;

use crate::ast::{self, Order, QueueFlavour, SharedKind, WhenFull};
use crate::script::{Circumstances, Unit};
use crate::source::{Sources, Span};
use crate::value::{Map, Value};

/// The index of a queue in [`Graph::queues`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct QueueId(pub u32);

/// The index of a node in [`Graph::nodes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub u32);

/// One queue. An array of queues is several of these, and an entry in [`Graph::arrays`].
#[derive(Clone, Debug)]
pub struct Queue {
    /// `lines`, `parts[2]`, or for the queue between two stages of a pipe `list -> resize`.
    pub name: String,
    pub docs: Vec<String>,
    pub flavour: QueueFlavour,
    /// What an item must be, as declared; see [`Queue::takes`].
    pub item_type: Option<ast::ItemType>,
    pub capacity: Capacity,
    pub order: Order,
    pub when_full: WhenFull,
    /// How often an item is given back before it is dead (joinable queues).
    pub redeliver: u32,
    pub dead_letter: Option<QueueId>,
    pub span: Span,
}

/// How much may wait in a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capacity {
    Unbounded,
    Items(usize),
    /// The encoded items together.
    Bytes(u64),
}

impl Queue {
    /// Whether its items must be acknowledged.
    #[must_use]
    pub fn is_joinable(&self) -> bool {
        self.flavour == QueueFlavour::Joinable
    }
}

/// The index of a lock, a table or the like in [`Graph::shared`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SharedId(pub u32);

/// A lock, a semaphore, an event, a barrier, a counter or a table.
#[derive(Clone, Debug)]
pub struct Shared {
    pub name: String,
    pub docs: Vec<String>,
    pub state: SharedState,
    pub span: Span,
}

/// What a shared object is when the run begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SharedState {
    Lock,
    Semaphore { permits: usize },
    Event,
    Barrier { parties: usize },
    Counter { start: i64 },
    Table,
}

impl SharedState {
    #[must_use]
    pub fn kind(self) -> SharedKind {
        match self {
            SharedState::Lock => SharedKind::Lock,
            SharedState::Semaphore { .. } => SharedKind::Semaphore,
            SharedState::Event => SharedKind::Event,
            SharedState::Barrier { .. } => SharedKind::Barrier,
            SharedState::Counter { .. } => SharedKind::Counter,
            SharedState::Table => SharedKind::Table,
        }
    }
}

/// What a parameter of a template is bound to.
#[derive(Clone, Debug, PartialEq)]
pub enum Binding {
    Value(Value),
    Queue(QueueId),
    /// A port bound to an array of queues.
    Queues(Vec<QueueId>),
    Shared(SharedId),
}

/// What happens when a process fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    Stop,
    Continue,
    Ignore,
    Restart { times: u32, backoff_ms: u64 },
}

/// One process to be.
#[derive(Clone, Debug)]
pub struct Node {
    /// `report`, `counter.3`, unique in the graph.
    pub name: String,
    /// Of its start, or else of its template.
    pub docs: Vec<String>,
    /// The index of its template in [`Unit::templates`].
    pub template: u32,
    /// One for each parameter of the template, in order; defaults filled in.
    pub bindings: Vec<Binding>,
    pub daemon: bool,
    /// Starts when all of these have ended with success.
    pub after: Vec<NodeId>,
    pub policy: Policy,
    pub timeout_ms: Option<u64>,
    pub circumstances: Circumstances,
    /// The `start` or stage that made it.
    pub span: Span,
}

/// A name that main sees: a named instance, alone or (with `*` or `for`) an array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Instance {
    One(NodeId),
    Many(Vec<NodeId>),
}

/// A whole run on paper.
#[derive(Clone, Debug)]
pub struct Graph {
    pub sources: Sources,
    /// The script's name: its file name without the folder.
    pub name: String,
    pub docs: Vec<String>,
    pub queues: Vec<Queue>,
    /// Arrays of queues by name.
    pub arrays: Vec<(String, Vec<QueueId>)>,
    pub shared: Vec<Shared>,
    pub nodes: Vec<Node>,
    pub instances: Vec<(String, Instance)>,
    /// The index of main's body in [`Unit::bodies`].
    pub main: Option<u32>,
    /// What every process of the run needs: texts, templates, and the values of params and consts.
    pub unit: Unit,
    /// For each template of the unit: the defaults of a process that a body starts.
    pub template_policies: Vec<TemplatePolicy>,
    /// For each template of the unit: where a process that a body starts runs, and what it may use.
    pub template_circumstances: Vec<Circumstances>,
}

/// Clauses of a template, as they hold for processes that bodies start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TemplatePolicy {
    /// `Continue` unless the template says otherwise.
    pub policy: Policy,
    pub timeout_ms: Option<u64>,
}

/// Values of globals by name that are known before the graph is made: of the params that the command line
/// gives, already of the param's type, and of what was evaluated in order to read it. Elaboration evaluates
/// the others.
pub type Arguments = Map;
