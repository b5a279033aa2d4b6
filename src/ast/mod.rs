//! The syntax tree of a script: every declaration of the language, every node with its span.
//!
//! Bodies and expressions stay text with their place; [`crate::script`] compiles them.

mod files;
pub mod print;

pub use files::Files;

use crate::source::{SourceId, Span};

/// A whole script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    pub source: SourceId,
    /// The `///` block at the top that an empty line follows: it documents the script.
    pub docs: Vec<String>,
    pub items: Vec<Item>,
}

impl File {
    pub fn imports(&self) -> impl Iterator<Item = &Import> {
        self.items.iter().filter_map(|item| match &item.kind {
            ItemKind::Import(import) => Some(import),
            _ => None,
        })
    }
}

/// A declaration with its `///` lines (without the slashes and one leading space).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    pub docs: Vec<String>,
    /// From the first word to the last character of the declaration, docs not included.
    pub span: Span,
    pub kind: ItemKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ItemKind {
    Param(Param),
    Const(Const),
    Function(Function),
    Import(Import),
    Queue(Queue),
    Process(Process),
    Shared(Shared),
    Start(Start),
    Pipe(Pipe),
    Main(Block),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Name {
    pub text: String,
    pub span: Span,
}

/// An expression: Rhai text, trimmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expr {
    pub text: String,
    pub span: Span,
}

/// A body: the Rhai text between the braces, without them, untrimmed; `span` covers exactly `text`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    pub text: String,
    pub span: Span,
}

/// `param NAME`, `param NAME = EXPR`, `param NAME...`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Param {
    pub name: Name,
    pub default: Option<Expr>,
    pub rest: bool,
}

/// `const NAME = EXPR`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Const {
    pub name: Name,
    pub value: Expr,
}

/// `fn NAME(A, B) { … }`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    pub name: Name,
    pub params: Vec<Name>,
    pub body: Block,
}

/// `import "PATH" as NAME`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    pub path: String,
    pub path_span: Span,
    pub alias: Name,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueueFlavour {
    Plain,
    Joinable,
    Broadcast,
    Host,
}

/// `[joinable|broadcast|host] queue NAME[EXPR] clauses`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queue {
    pub flavour: QueueFlavour,
    pub name: Name,
    /// The number of queues, for an array of them.
    pub array: Option<Expr>,
    pub clauses: Vec<Clause<QueueClause>>,
}

/// A clause and where it stands, from its first word to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause<K> {
    pub kind: K,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QueueClause {
    Of(ItemType),
    Capacity(Capacity),
    Order(Order),
    WhenFull(WhenFull),
    Redeliver(Expr),
    DeadLetter(Name),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Capacity {
    Items(Expr),
    Bytes(u64),
    Unbounded,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    Fifo,
    Lifo,
    Priority,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenFull {
    Wait,
    DropOldest,
    DropNewest,
}

/// What an item must be: `of TYPE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ItemType {
    Int,
    Float,
    Bool,
    String,
    Blob,
    Map,
    Any,
    ArrayOf(Box<ItemType>),
    /// `#{id: int, name: string?}`; the flag says that the key may be missing.
    Record(Vec<(String, ItemType, bool)>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    In,
    Out,
}

/// A port (`in NAME`, `out NAME`) or a plain parameter with its default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    pub direction: Option<Direction>,
    pub name: Name,
    pub default: Option<Expr>,
    pub span: Span,
}

/// `process NAME(PARAMETERS) clauses BODY`, or `thread NAME(PARAMETERS) { … }`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    pub name: Name,
    pub parameters: Vec<Parameter>,
    pub clauses: Vec<Clause<ProcessClause>>,
    pub body: ProcessBody,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProcessBody {
    Block(Block),
    /// `exec ARRAY [as FORMAT]`; the span covers all of it.
    Exec {
        command: Expr,
        format: ExecFormat,
        span: Span,
    },
    Native(Span),
    /// The block of a thread.
    Thread(Block),
}

impl Process {
    #[must_use]
    pub fn is_thread(&self) -> bool {
        matches!(self.body, ProcessBody::Thread(_))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExecFormat {
    Lines,
    Json,
    Bytes,
    Nul,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProcessClause {
    Daemon,
    OnFailure(OnFailure),
    /// `timeout DURATION`, in milliseconds.
    Timeout(u64),
    Nice(Expr),
    /// `memory SIZE`, in bytes.
    Memory(u64),
    /// `cpu DURATION`, in milliseconds.
    Cpu(u64),
    Cwd(Expr),
    Env(Vec<(String, Expr)>),
    /// Empty: `allow nothing`.
    Allow(Vec<Allowance>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OnFailure {
    Stop,
    Continue,
    Ignore,
    Restart { times: Expr, backoff_ms: Option<u64> },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowance {
    pub what: AllowKind,
    pub value: String,
    pub span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AllowKind {
    Read,
    Write,
    Run,
    Net,
}

/// `lock NAME`, `semaphore NAME(EXPR)`, `event NAME`, `barrier NAME(EXPR)`, `counter NAME [= EXPR]`, `table NAME`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shared {
    pub kind: SharedKind,
    pub name: Name,
    pub value: Option<Expr>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SharedKind {
    Lock,
    Semaphore,
    Event,
    Barrier,
    Counter,
    Table,
}

impl SharedKind {
    /// The word that declares it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            SharedKind::Lock => "lock",
            SharedKind::Semaphore => "semaphore",
            SharedKind::Event => "event",
            SharedKind::Barrier => "barrier",
            SharedKind::Counter => "counter",
            SharedKind::Table => "table",
        }
    }

    /// The same with its article.
    #[must_use]
    pub fn what(self) -> &'static str {
        match self {
            SharedKind::Lock => "a lock",
            SharedKind::Semaphore => "a semaphore",
            SharedKind::Event => "an event",
            SharedKind::Barrier => "a barrier",
            SharedKind::Counter => "a counter",
            SharedKind::Table => "a table",
        }
    }
}

/// `TEMPLATE(ARGUMENTS)`, the template possibly of an import: `m::worker(…)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    pub module: Option<Name>,
    pub template: Name,
    pub arguments: Vec<Argument>,
    pub span: Span,
}

/// `EXPR`, or `NAME: EXPR`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Argument {
    pub name: Option<Name>,
    pub value: Expr,
}

/// How many processes a `start` makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Many {
    /// `* EXPR`
    Times(Expr),
    /// `for ID in EXPR`
    Each { variable: Name, values: Expr },
}

/// `start [NAME =] CALL [* EXPR | for ID in EXPR] [if EXPR] [after NAMES] clauses`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    pub name: Option<Name>,
    pub call: Call,
    pub many: Option<Many>,
    pub condition: Option<Expr>,
    pub after: Vec<Name>,
    pub clauses: Vec<Clause<ProcessClause>>,
}

/// `pipe STAGE -> STAGE -> …`: each stage is a start without a name; `after` and `if` are not allowed in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pipe {
    pub stages: Vec<Start>,
}
