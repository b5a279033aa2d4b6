//! Every piece of text that the script engine compiles, bodies and expressions, and what each uses.

use super::names::Names;
use super::nodes::Node;
use super::reference::{queue_reference, shared_reference};
use crate::ast::{
    Block, Capacity, Clause, Expr, File, Function, ItemKind, Many, OnFailure, Parameter, Process,
    ProcessBody, ProcessClause, Queue, QueueClause,
};
use crate::script::analysis::{At, FreeVariable, MethodUse, PieceError, PieceKind, Uses, analyse};
use crate::script::unit;
use crate::source::{Sources, Span};

/// Where a piece stands: it decides what names the piece sees.
#[derive(Clone, Copy, Debug)]
pub(super) enum Owner<'a> {
    Main,
    Process(&'a Process),
    /// An expression of a clause of a template, which sees the plain parameters.
    Clause(&'a Process),
    /// The command of an exec process: it sees the plain parameters, the program has the ports.
    Command(&'a Process),
    Function(&'a Function),
    /// The default of a param or the value of a const.
    Global(&'a str),
    /// What a plain parameter is given, with the variable of the `for` of its start.
    Argument(&'a Parameter, Option<&'a str>),
    /// Another expression of a declaration, with the variable of its `for`.
    Expression(Option<&'a str>),
}

/// A piece; `uses` is an error when it does not compile.
#[derive(Debug)]
pub(super) struct Piece<'a> {
    pub owner: Owner<'a>,
    pub span: Span,
    pub uses: Result<Uses, PieceError>,
}

impl<'a> Piece<'a> {
    fn body(sources: &Sources, owner: Owner<'a>, block: &Block) -> Self {
        let kind = match owner {
            Owner::Function(_) => PieceKind::Function,
            _ => PieceKind::Body,
        };
        Piece { owner, span: block.span, uses: uses(sources, owner, block.span, kind) }
    }

    fn expression(sources: &Sources, owner: Owner<'a>, expr: &Expr) -> Self {
        Piece { owner, span: expr.span, uses: uses(sources, owner, expr.span, PieceKind::Expression) }
    }

    /// The place in the file of a place in the piece.
    pub fn place(&self, at: At) -> Span {
        let start = self.span.start.saturating_add(at.start).min(self.span.end);
        let end = self.span.start.saturating_add(at.end).clamp(start, self.span.end);
        Span { source: self.span.source, start, end }
    }

    /// The place of `receiver.method`, or, when something stands between the two, of the method.
    pub fn member(&self, method: &MethodUse) -> Span {
        let before =
            |variable: &&FreeVariable| variable.name == method.receiver && variable.at.end < method.at.start;
        let receiver = self.used().and_then(|uses| uses.variables.iter().rfind(before));
        let close = receiver.filter(|receiver| method.at.start - receiver.at.end == 1);
        self.place(close.map_or(method.at, |receiver| At { start: receiver.at.start, end: method.at.end }))
    }

    /// What it uses; nothing when it does not compile.
    pub fn used(&self) -> Option<&Uses> {
        self.uses.as_ref().ok()
    }

    /// Whether it is a body of statements, not an expression of a declaration.
    pub fn is_body(&self) -> bool {
        matches!(self.owner, Owner::Main | Owner::Process(_) | Owner::Function(_))
    }
}

impl Owner<'_> {
    /// The names that are bound when the piece runs, besides params and consts.
    pub fn params(self) -> Vec<String> {
        match self {
            Owner::Process(template) => template.parameters.iter().map(|p| p.name.text.clone()).collect(),
            Owner::Command(template) | Owner::Clause(template) => {
                let plain = template.parameters.iter().filter(|parameter| parameter.direction.is_none());
                plain.map(|parameter| parameter.name.text.clone()).collect()
            }
            Owner::Function(function) => function.params.iter().map(|name| name.text.clone()).collect(),
            Owner::Argument(_, variable) | Owner::Expression(variable) => {
                variable.map(str::to_owned).into_iter().collect()
            }
            Owner::Main | Owner::Global(_) => Vec::new(),
        }
    }
}

fn uses(sources: &Sources, owner: Owner<'_>, span: Span, kind: PieceKind) -> Result<Uses, PieceError> {
    let source = sources.get(span.source);
    let place = source.line_column(span.start);
    let piece = unit::Piece {
        text: source.slice(span).to_owned(),
        source: span.source.0,
        line: place.line,
        column: place.column,
        links: Vec::new(),
    };
    analyse(&piece, &owner.params(), kind)
}

/// Analyses every piece of the file.
pub(super) fn pieces<'a>(
    sources: &Sources,
    file: &'a File,
    names: &Names<'a>,
    nodes: &[Node<'a>],
) -> Vec<Piece<'a>> {
    let mut found = Found { sources, names, pieces: Vec::new() };
    for item in &file.items {
        found.item(&item.kind);
    }
    for node in nodes {
        found.node(node);
    }
    found.pieces
}

struct Found<'a, 's> {
    sources: &'s Sources,
    names: &'s Names<'a>,
    pieces: Vec<Piece<'a>>,
}

impl<'a> Found<'a, '_> {
    fn body(&mut self, owner: Owner<'a>, block: &Block) {
        self.pieces.push(Piece::body(self.sources, owner, block));
    }

    fn expression(&mut self, owner: Owner<'a>, expr: &Expr) {
        self.pieces.push(Piece::expression(self.sources, owner, expr));
    }

    fn item(&mut self, item: &'a ItemKind) {
        match item {
            ItemKind::Param(param) => {
                if let Some(default) = &param.default {
                    self.expression(Owner::Global(&param.name.text), default);
                }
            }
            ItemKind::Const(constant) => self.expression(Owner::Global(&constant.name.text), &constant.value),
            ItemKind::Function(function) => self.body(Owner::Function(function), &function.body),
            ItemKind::Queue(queue) => self.queue(queue),
            ItemKind::Process(template) => self.template(template),
            ItemKind::Main(block) => self.body(Owner::Main, block),
            ItemKind::Shared(shared) => {
                if let Some(value) = &shared.value {
                    self.expression(Owner::Expression(None), value);
                }
            }
            // Starts and pipes come with the nodes, imports from their own files.
            _ => {}
        }
    }

    fn queue(&mut self, queue: &'a Queue) {
        let clauses = queue.clauses.iter().filter_map(|clause| match &clause.kind {
            QueueClause::Capacity(Capacity::Items(expr)) | QueueClause::Redeliver(expr) => Some(expr),
            _ => None,
        });
        for expr in queue.array.iter().chain(clauses) {
            self.expression(Owner::Expression(None), expr);
        }
    }

    fn template(&mut self, template: &'a Process) {
        let plain = template.parameters.iter().filter(|parameter| parameter.direction.is_none());
        for default in plain.filter_map(|parameter| parameter.default.as_ref()) {
            self.expression(Owner::Expression(None), default);
        }
        self.clauses(&template.clauses, Owner::Clause(template));
        match &template.body {
            ProcessBody::Block(block) | ProcessBody::Thread(block) => {
                self.body(Owner::Process(template), block);
            }
            ProcessBody::Exec { command, .. } => self.expression(Owner::Command(template), command),
            ProcessBody::Native(_) => {}
        }
    }

    /// `owner` is that of what the process itself has: its folder, its environment, its priority.
    fn clauses(&mut self, clauses: &'a [Clause<ProcessClause>], owner: Owner<'a>) {
        for clause in clauses {
            match &clause.kind {
                ProcessClause::OnFailure(OnFailure::Restart { times, .. }) => {
                    self.expression(Owner::Expression(None), times);
                }
                ProcessClause::Nice(expr) | ProcessClause::Cwd(expr) => self.expression(owner, expr),
                ProcessClause::Env(variables) => {
                    variables.iter().for_each(|(_, expr)| self.expression(owner, expr));
                }
                _ => {}
            }
        }
    }

    fn node(&mut self, node: &Node<'a>) {
        let mut each = None;
        match &node.start.many {
            Some(Many::Times(count)) => self.expression(Owner::Expression(None), count),
            Some(Many::Each { variable, values }) => {
                self.expression(Owner::Expression(None), values);
                each = Some(&*variable.text);
            }
            None => {}
        }
        if let Some(condition) = &node.start.condition {
            self.expression(Owner::Expression(each), condition);
        }
        self.clauses(&node.start.clauses, Owner::Expression(each));
        self.arguments(node, each);
    }

    /// Arguments for plain parameters, and the indexes of queues given to ports.
    fn arguments(&mut self, node: &Node<'a>, each: Option<&'a str>) {
        let Some(template) = node.template else { return };
        for (parameter, argument) in template.parameters.iter().zip(&node.matched.by_parameter) {
            let Some(argument) = argument else { continue };
            if parameter.direction.is_none() {
                let named = shared_reference(&argument.value, each);
                if named.is_some_and(|name| self.names.shared(name).is_some()) {
                    continue;
                }
                self.expression(Owner::Argument(parameter, each), &argument.value);
            } else if let Some(index) = queue_reference(&argument.value).and_then(|found| found.index) {
                self.expression(Owner::Expression(each), &index);
            }
        }
    }
}
