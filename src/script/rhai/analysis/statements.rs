//! The walk over statements.

use super::Walker;
use super::scope::Binding;
use crate::script::analysis::Access;
use crate::script::rhai::compile::captured_closure;
use rhai::{ASTFlags, Expr, FlowControl, Ident, Stmt, SwitchCasesCollection};

impl Walker<'_> {
    /// Statements with a scope of their own.
    pub(super) fn block(&mut self, statements: &[Stmt]) {
        self.scopes.enter();
        let mut shares = false;
        for statement in statements {
            match captured_closure(statement).filter(|_| shares) {
                Some((closure, call)) => self.closure(&closure, call.args.len() - 1),
                None => self.statement(statement),
            }
            shares = matches!(statement, Stmt::Share(_));
        }
        self.scopes.leave();
    }

    fn statement(&mut self, statement: &Stmt) {
        match statement {
            Stmt::If(flow, _) => {
                self.expression(&flow.expr);
                self.block(flow.body.statements());
                self.block(flow.branch.statements());
            }
            Stmt::Switch(switch, _) => self.switch(&switch.0, &switch.1),
            Stmt::While(flow, _) => self.repeat(flow, true),
            Stmt::Do(flow, ..) => self.repeat(flow, false),
            Stmt::For(parts, _) => self.for_loop(&parts.0, parts.1.as_ref(), &parts.2),
            Stmt::Var(parts, flags, _) => {
                self.expression(&parts.1);
                self.declare(&parts.0, flags.intersects(ASTFlags::CONSTANT));
            }
            Stmt::Assignment(parts) => {
                self.expression(&parts.1.rhs);
                self.assigned(&parts.1.lhs);
            }
            Stmt::FnCall(call, position) => self.call(call, *position),
            Stmt::Block(block) => self.block(block.statements()),
            Stmt::TryCatch(flow, _) => self.try_catch(flow),
            Stmt::Expr(expression) => self.expression(expression),
            Stmt::BreakLoop(value, flags, _) | Stmt::Return(value, flags, _) => {
                match statement {
                    Stmt::Return(..) => self.leave_loops(),
                    _ if flags.intersects(ASTFlags::BREAK) => self.leave_loop(),
                    _ => {}
                }
                if let Some(value) = value {
                    self.expression(value);
                }
            }
            // What a closure shares, its own body tells.
            _ => {}
        }
    }

    fn declare(&mut self, ident: &Ident, constant: bool) {
        let at = self.text.name(&ident.name, ident.pos);
        if constant {
            self.scopes.declare_constant(&ident.name, at);
        } else {
            self.scopes.declare(&ident.name, Some(at));
        }
    }

    fn switch(&mut self, value: &Expr, cases: &SwitchCasesCollection) {
        self.expression(value);
        for case in &cases.expressions {
            self.expression(&case.lhs);
            self.expression(&case.rhs);
        }
    }

    fn repeat(&mut self, flow: &FlowControl, condition_first: bool) {
        let endless = condition_first && matches!(flow.expr, Expr::Unit(_) | Expr::BoolConstant(true, _));
        self.endless_loops += usize::from(endless);
        self.expression(&flow.expr);
        self.left_loops.push(false);
        self.block(flow.body.statements());
        self.left_loops.pop();
        self.endless_loops -= usize::from(endless);
    }

    fn for_loop(&mut self, variable: &Ident, counter: Option<&Ident>, flow: &FlowControl) {
        self.expression(&flow.expr);
        let walked = self.free(&flow.expr);
        self.uses.iterated.extend(walked.clone());
        self.scopes.enter();
        if let Some(counter) = counter {
            self.scopes.declare(&counter.name, None);
        }
        self.scopes.declare(&variable.name, None);
        if let Some((walked, _)) = walked.clone() {
            self.scopes.begin_turn(walked);
        }
        self.left_loops.push(false);
        self.block(flow.body.statements());
        if let (Some(true), Some((walked, _))) = (self.left_loops.pop(), walked) {
            self.uses.left_early.push(walked);
        }
        self.scopes.leave();
    }

    fn leave_loop(&mut self) {
        if let Some(innermost) = self.left_loops.last_mut() {
            *innermost = true;
        }
    }

    pub(super) fn leave_loops(&mut self) {
        self.left_loops.fill(true);
    }

    fn try_catch(&mut self, flow: &FlowControl) {
        self.tries += 1;
        self.block(flow.body.statements());
        self.tries -= 1;
        self.scopes.enter();
        if let Expr::Variable(variable, ..) = &flow.expr {
            self.scopes.declare(&variable.1, None);
        }
        self.block(flow.branch.statements());
        self.scopes.leave();
    }

    fn assigned(&mut self, target: &Expr) {
        match target {
            Expr::Variable(variable, _, position) if variable.2.is_empty() => {
                self.scopes.changed(&variable.1);
                self.constant(&variable.1, *position, Access::Write);
                if self.scopes.find(&variable.1) == Binding::Free {
                    self.variable(&variable.1, *position, Access::Write);
                }
            }
            Expr::Variable(variable, _, position) => {
                self.path(&variable.2, &variable.1, *position, Access::Write);
            }
            Expr::Dot(..) | Expr::Index(..) => self.chain(target, Some(Access::Write)),
            other => self.expression(other),
        }
    }
}
