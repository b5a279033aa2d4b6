//! Closures: which variables they share, and the code that makes one.

use super::{Assembler, Made, refusal};
use crate::script::rhai::compile::captured_closure;
use crate::script::rhai::paths;
use crate::script::vm::code::{Captured, ClosureSite, Op, Reg};
use rhai::{ASTNode, Expr, Position, Stmt};
use std::collections::HashSet;

/// The variables that closures of these statements share.
pub(super) fn shared_names(statements: &[Stmt]) -> HashSet<String> {
    let mut names = HashSet::new();
    walk(statements, &mut |node| {
        if let ASTNode::Stmt(Stmt::Share(shared)) = node {
            names.extend(shared.iter().map(|(ident, _)| ident.name.to_string()));
        }
    });
    names
}

pub(super) fn mentions_this(statements: &[Stmt]) -> bool {
    let mut found = false;
    walk(statements, &mut |node| found |= matches!(node, ASTNode::Expr(Expr::ThisPtr(_))));
    if found {
        return true;
    }
    // Rhai's walk does not look at the left sides of assignments.
    walk(statements, &mut |node| {
        if let ASTNode::Stmt(Stmt::Assignment(parts)) = node {
            let mut left = &parts.1.lhs;
            while let Expr::Dot(parts, ..) | Expr::Index(parts, ..) = left {
                left = &parts.lhs;
            }
            found |= matches!(left, Expr::ThisPtr(_));
        }
    });
    found
}

fn walk(statements: &[Stmt], look: &mut dyn FnMut(&ASTNode<'_>)) {
    for statement in statements {
        statement.walk(&mut Vec::new(), &mut |path: &[ASTNode<'_>]| {
            path.last().into_iter().for_each(|node| visit(node, look));
            true
        });
    }
}

/// Rhai's walk does not enter the value of a `break`.
fn visit(node: &ASTNode<'_>, look: &mut dyn FnMut(&ASTNode<'_>)) {
    look(node);
    if let ASTNode::Stmt(Stmt::BreakLoop(Some(value), ..)) = node {
        value.walk(&mut Vec::new(), &mut |path: &[ASTNode<'_>]| {
            path.last().into_iter().for_each(|node| visit(node, look));
            true
        });
    }
}

/// What a closure captures: a variable and its place, or what Rhai has put in the place of a constant's name.
pub(super) enum Outer<'e> {
    Variable(&'e str, Position),
    Constant(&'e Expr),
}

/// The name of a closure that captures, and the variables: Rhai writes it as a statement that shares the variables
/// and one that curries it, in a block of their own or at the end of one.
pub(super) fn captured(statements: &[Stmt]) -> Option<(String, Vec<Outer<'_>>)> {
    let [Stmt::Share(shared), made] = statements else { return None };
    let (name, call) = captured_closure(made)?;
    let outer = call.args.iter().skip(1).map(|argument| match argument {
        Expr::Variable(variable, _, position) => {
            let found = shared.iter().find(|(ident, _)| *ident.name == *variable.1);
            Outer::Variable(&variable.1, found.map_or(*position, |(ident, _)| ident.pos))
        }
        constant => Outer::Constant(constant),
    });
    Some((name, outer.collect()))
}

impl Assembler<'_, '_> {
    pub(super) fn closure(
        &mut self,
        name: &str,
        outer: &[Outer<'_>],
        target: Reg,
        position: Position,
    ) -> Made<()> {
        let number = self.whole.closure(name, outer.len(), position)?;
        self.proto.mentions.push(number);
        let next = self.next;
        let mut captured = Vec::new();
        for outer in outer {
            captured.push(match outer {
                Outer::Variable(name, at) => match self.local(name) {
                    Some((_, false, false)) => return refusal("a closure that Rhai does not show", *at),
                    Some((reg, ..)) => (Captured::Register(reg), *at),
                    None => (Captured::Global(self.global(name)?), *at),
                },
                Outer::Constant(value) => {
                    let reg = self.register()?;
                    self.expression(value, reg)?;
                    (Captured::Constant(reg), value.start_position())
                }
            });
        }
        self.next = next;
        let home = self.whole.state.homes.borrow().get(name).copied();
        let name = paths::outer(name).into();
        self.proto.closures.push(ClosureSite { name, home, captured: captured.into() });
        let index = self.number(self.proto.closures.len() - 1)?;
        self.emit_at(Op::Closure(target, index), position, 0);
        Ok(())
    }
}
