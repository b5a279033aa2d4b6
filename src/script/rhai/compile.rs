//! Pieces of text to code that runs: all functions of the unit at once, each body when it is needed.

use super::lines::frame;
use super::parse_errors;
use super::paths;
use super::rewrite::{PASS, rewrite};
use super::state::State;
use crate::script::analysis::PieceError;
use crate::script::fault::Failure;
use crate::script::unit::Piece;
use rhai::{
    AST, ASTNode, Expr, FnCallExpr, FnPtr, Module, ParseError, Position, ScriptFuncDef, Shared, Stmt,
};
use std::rc::Rc;

/// A compiled piece: its statements (none for a function), and everything that it can call by name.
pub(in crate::script) struct Library {
    pub(in crate::script) ast: AST,
}

impl Library {
    /// The function or closure of this name.
    pub(in crate::script) fn function(&self, name: &str) -> Option<Shared<ScriptFuncDef>> {
        let mut functions = self.ast.shared_lib().iter_script_fn_info();
        functions.find(|function| function.2 == name).map(|function| function.4.clone())
    }
}

/// The key of the library of all functions.
const FUNCTIONS: usize = usize::MAX;

impl State {
    /// The library of a piece of the unit, by its index there: bodies first, then functions.
    pub(in crate::script) fn library(&self, piece: usize) -> Result<Rc<Library>, Failure> {
        let key = if piece < self.unit.bodies.len() { piece } else { FUNCTIONS };
        if let Some(library) = self.libraries.borrow().get(&key) {
            return Ok(library.clone());
        }
        let library = match self.unit.bodies.get(key) {
            Some(body) => {
                let entry = self.unit.functions.len() + key;
                Rc::new(self.compile_piece(entry, &body.params, &body.piece, ("", ""))?)
            }
            None => Rc::new(self.compile_functions()?),
        };
        self.libraries.borrow_mut().insert(key, library.clone());
        Ok(library)
    }

    /// The library of all functions of the unit.
    pub(in crate::script) fn functions(&self) -> Result<Rc<Library>, Failure> {
        self.library(FUNCTIONS)
    }

    fn compile_functions(&self) -> Result<Library, Failure> {
        let mut text = String::new();
        for (entry, function) in self.unit.functions.iter().enumerate() {
            let name = paths::inner(&function.name);
            let header = format!("fn {name}({}) {{", function.params.join(", "));
            let inner = self.rewritten(entry, &function.piece, true);
            text.push_str(&frame(&header, &function.piece, &inner, "}"));
        }
        let ast = self.reader.compile(text).map_err(|error| self.failure(&error))?;
        self.settle(&ast)?;
        Ok(Library { ast })
    }

    /// Compiles a piece whose `params` will be the topmost variables of the scope that it runs in.
    pub(in crate::script) fn compile_piece(
        &self,
        entry: usize,
        params: &[String],
        piece: &Piece,
        (open, close): (&str, &str),
    ) -> Result<Library, Failure> {
        let functions = self.functions()?;
        let base = "\n".repeat(self.lines.borrow().base(entry));
        // Declared, the params get fixed slots in the stack of variables. The last statement of the header
        // keeps the optimizer from drawing a declaration and its use together.
        let declared: String = params.iter().flat_map(|name| ["let ", name, "=();"]).collect();
        let header = format!("{base}{declared}{PASS};{open}");
        let text = frame(&header, piece, &self.rewritten(entry, piece, false), close);
        let ast = self.reader.compile(text).map_err(|error| self.failure(&error))?;
        self.settle(&ast)?;
        let statements = ast.statements().iter().skip(params.len() + 1).cloned();
        let mut library = Module::new();
        for source in [&functions.ast, &ast] {
            for function in source.shared_lib().iter_script_fn_info() {
                library.set_script_fn(function.4.clone());
            }
        }
        Ok(Library { ast: AST::new(statements.collect::<Vec<_>>(), library) })
    }

    fn rewritten(&self, entry: usize, piece: &Piece, is_function: bool) -> String {
        let (text, shifts) = rewrite(&self.reader, &self.recorder, piece, is_function);
        self.lines.borrow_mut().set_shifts(entry, shifts);
        text
    }

    /// Remembers in which pieces the closures stand; those of a declaration's expression have no home.
    ///
    /// # Errors
    /// Assignments to what is in a constant.
    fn settle(&self, ast: &AST) -> Result<(), Failure> {
        let (lines, mut homes) = (self.lines.borrow(), self.homes.borrow_mut());
        let (bodies, functions) = (self.unit.bodies.len(), self.unit.functions.len());
        for (.., name, _, function) in ast.shared_lib().iter_script_fn_info() {
            let entry = lines.entry(function.body.start_position()).filter(|_| is_closure(name));
            let home = match entry {
                Some(entry) if entry < functions => Some(bodies + entry),
                Some(entry) if entry < functions + bodies => Some(entry - functions),
                _ => None,
            };
            if let Some(home) = home {
                homes.entry(name.to_owned()).or_insert(home as u32);
            }
        }
        changed_constant(ast).map_or(Ok(()), |position| {
            let message = "what is in a constant cannot be changed";
            Err(Failure {
                place: lines.place(position),
                ..Failure::new("ErrorAssignmentToConstant", message)
            })
        })
    }

    fn failure(&self, error: &ParseError) -> Failure {
        let PieceError { message, .. } = parse_errors::explain(error);
        Failure { place: self.place(error.position()), ..Failure::new("Syntax", message) }
    }
}

/// Where the first thing is assigned to that is no variable's: Rhai has put the value of a constant in the place of its
/// name, and could not go on when it comes there.
fn changed_constant(ast: &AST) -> Option<Position> {
    let mut found = None;
    ast.walk(&mut |path: &[ASTNode<'_>]| {
        if let Some(ASTNode::Stmt(Stmt::Assignment(parts))) = path.last() {
            let mut left = &parts.1.lhs;
            while let Expr::Dot(parts, ..) | Expr::Index(parts, ..) = left {
                left = &parts.lhs;
            }
            if !matches!(left, Expr::Variable(..) | Expr::ThisPtr(_)) {
                found = Some(left.start_position());
            }
        }
        found.is_none()
    });
    found
}

/// Whether Rhai made this name for a closure.
pub(in crate::script) fn is_closure(name: &str) -> bool {
    name.starts_with("anon$")
}

/// The name of a closure that captures, and the call that curries it with the variables. Rhai writes it behind a statement
/// that shares them; elsewhere such a call is one of the script.
pub(in crate::script) fn captured_closure(statement: &Stmt) -> Option<(String, &FnCallExpr)> {
    let call = match statement {
        Stmt::FnCall(call, _) => call,
        Stmt::Expr(expression) => match &**expression {
            Expr::FnCall(call, _) => call,
            _ => return None,
        },
        _ => return None,
    };
    match call.args.first().filter(|_| call.name == "curry" && call.op_token.is_none())? {
        Expr::DynamicConstant(value, _) => {
            let pointer = value.read_lock::<FnPtr>()?;
            is_closure(pointer.fn_name()).then(|| (pointer.fn_name().to_owned(), &**call))
        }
        _ => None,
    }
}
