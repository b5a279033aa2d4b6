//! What a piece uses, from a walk over Rhai's tree. Names are resolved here, lexically, because a tree keeps the
//! names of closures' captured variables only as parameters that Rhai added.

mod expressions;
mod scope;
mod shape;
mod statements;
mod text;

use super::lines::FRAME;
use super::{parse_errors, settings};
use crate::script::analysis::{Access, At, PieceError, PieceKind, Uses};
use crate::script::unit::Piece;
use rhai::{AST, ASTNode, Engine, Module, ParseError, ParseErrorType, Stmt};
use scope::{Binding, Scopes};
use std::collections::HashMap;
use std::rc::Rc;
use text::Text;

thread_local! {
    static PARSER: Engine = settings::parser();
}

/// See [`crate::script::analysis::analyse`]. Parameters are declared outside the text, so they come out as free.
pub(in crate::script) fn analyse(
    piece: &Piece,
    _params: &[String],
    kind: PieceKind,
) -> Result<Uses, PieceError> {
    let text = Text::new(&piece.text, kind);
    let ast = PARSER.with(|parser| parser.compile(text.to_compile()));
    let ast = ast.map_err(|error| explain(&text, kind, &error))?;
    let mut functions = functions(&ast);
    let function = functions.remove(FRAME).and_then(|mut frames| frames.pop());
    let statements = function.as_ref().map_or(ast.statements(), |function| &function.statements);
    let mut walker = Walker::new(&text, functions);
    walker.body(statements);
    if kind == PieceKind::Expression {
        walker.uses.value = walker.shape(ast.statements());
    }
    Ok(walker.finish())
}

fn explain(text: &Text<'_>, kind: PieceKind, error: &ParseError) -> PieceError {
    let mut explained = parse_errors::explain(error);
    explained.at = text.token(error.position());
    if kind != PieceKind::Expression {
        return explained;
    }
    // A bracket that is missing, or a text that is, is the one that we put around the expression.
    let closing = matches!(error.err_type(), ParseErrorType::MissingToken(token, _) if token == ")");
    let found = text.slice(explained.at);
    if found.is_empty() {
        let message = "the expression ends too early".to_owned();
        let help = Some("write what is missing at its end".to_owned());
        return PieceError { message, help, ..explained };
    }
    if closing {
        let message = format!("`{found}` is not expected in an expression");
        let help = Some("write an operator before it, or remove it".to_owned());
        return PieceError { message, help, ..explained };
    }
    explained
}

/// A function or closure of the piece.
struct FunctionBody {
    params: Vec<String>,
    statements: Vec<Stmt>,
}

/// By name: several take different numbers of arguments.
type Functions = HashMap<String, Vec<FunctionBody>>;

struct Walker<'a> {
    text: &'a Text<'a>,
    functions: Rc<Functions>,
    scopes: Scopes,
    uses: Uses,
    endless_loops: usize,
    tries: usize,
    /// For each loop that we are in, whether something in it leaves it.
    left_loops: Vec<bool>,
    /// The receivers of the methods whose arguments hold the closures that we are in.
    receivers: Vec<(String, Binding)>,
}

impl<'a> Walker<'a> {
    fn new(text: &'a Text<'a>, functions: Functions) -> Self {
        Walker {
            text,
            functions: Rc::new(functions),
            scopes: Scopes::default(),
            uses: Uses::default(),
            endless_loops: 0,
            tries: 0,
            left_loops: Vec::new(),
            receivers: Vec::new(),
        }
    }

    /// The piece itself, then the functions that it declares: they see nothing of it.
    fn body(&mut self, statements: &[Stmt]) {
        self.block(statements);
        let functions = self.functions.clone();
        let declared = functions.iter().filter(|(name, _)| !super::compile::is_closure(name));
        for function in declared.flat_map(|(_, functions)| functions) {
            let outer = std::mem::take(&mut self.scopes);
            self.function(function);
            let inner = std::mem::replace(&mut self.scopes, outer);
            self.scopes.unused.extend(inner.unused);
            self.scopes.keys.extend(inner.keys);
        }
    }

    fn function(&mut self, function: &FunctionBody) {
        self.scopes.enter();
        function.params.iter().for_each(|name| self.scopes.declare(name, None));
        self.block(&function.statements);
        self.scopes.leave();
    }

    /// In the order of the text, each once: a closure's tree can be met more than once.
    fn finish(self) -> Uses {
        let mut uses = self.uses;
        uses.unused = self.scopes.unused;
        uses.keys = self.scopes.keys;
        let functions = self.functions;
        // A function that the piece declares is a value too.
        uses.variables.retain(|it| it.access != Access::Read || !functions.contains_key(&it.name));
        uses.calls.retain(|call| call.module.is_some() || !functions.contains_key(&call.name));
        in_order(&mut uses.variables, |variable| variable.at);
        in_order(&mut uses.constants, |constant| constant.0.at);
        in_order(&mut uses.calls, |call| call.at);
        in_order(&mut uses.methods, |method| method.at);
        in_order(&mut uses.paths, |path| path.at);
        in_order(&mut uses.named, |named| named.1);
        in_order(&mut uses.iterated, |iterated| iterated.1);
        in_order(&mut uses.keys, |key| key.at);
        in_order(&mut uses.unused, |unused| unused.1);
        in_order(&mut uses.own_closures, |variable| variable.1);
        uses
    }
}

fn in_order<T: PartialEq>(items: &mut Vec<T>, at: impl Fn(&T) -> At) {
    items.sort_by_key(|item| at(item).start);
    items.dedup();
}

/// Functions and closures. Rhai shows their bodies only to a walk over a whole tree, so each gets one.
fn functions(ast: &AST) -> Functions {
    let mut functions = Functions::new();
    for (.., name, _, function) in ast.shared_lib().iter_script_fn_info() {
        let mut module = Module::new();
        module.set_script_fn(function.clone());
        let mut statements = Vec::new();
        AST::new([], module).walk(&mut |path: &[ASTNode<'_>]| {
            if let [ASTNode::Stmt(statement)] = path {
                statements.push((*statement).clone());
            }
            true
        });
        let params = function.params.iter().map(ToString::to_string).collect();
        functions.entry(name.to_owned()).or_default().push(FunctionBody { params, statements });
    }
    functions
}
