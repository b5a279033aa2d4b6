//! Statements. Each may be wanted for its value: the last of a block is the block's.

use super::{Assembler, Local, Made, refusal};
use crate::script::vm::code::{Handler, Op, Reg};
use rhai::{ASTFlags, Expr, FlowControl, Ident, Position, Stmt, StmtBlock};

impl Assembler<'_, '_> {
    /// Statements with a scope of their own.
    pub(super) fn block(&mut self, statements: &[Stmt], wanted: Option<Reg>) -> Made<()> {
        let (locals, next) = (self.locals.len(), self.next);
        self.statements(statements, wanted)?;
        self.locals.truncate(locals);
        self.next = next;
        Ok(())
    }

    pub(super) fn statements(&mut self, statements: &[Stmt], wanted: Option<Reg>) -> Made<()> {
        let Some((last, others)) = statements.split_last() else {
            self.unit(wanted);
            return Ok(());
        };
        if let Some((others, closure)) = statements.split_last_chunk::<2>()
            && let Some((name, captured)) = super::closure::captured(closure)
        {
            for statement in others {
                self.statement(statement, None)?;
            }
            let next = self.next;
            let target = self.target(wanted)?;
            self.closure(&name, &captured, target, closure[0].position())?;
            self.next = next;
            return Ok(());
        }
        for statement in others {
            self.statement(statement, None)?;
        }
        self.statement(last, wanted)
    }

    pub(super) fn unit(&mut self, wanted: Option<Reg>) {
        if let Some(wanted) = wanted {
            self.emit(Op::Unit(wanted));
        }
    }

    fn statement(&mut self, statement: &Stmt, wanted: Option<Reg>) -> Made<()> {
        self.position = statement.position();
        let next = self.next;
        match statement {
            // What it declares stays.
            Stmt::Var(parts, flags, position) => {
                self.declaration(&parts.0, &parts.1, flags.contains(ASTFlags::CONSTANT), *position)?;
                self.unit(wanted);
                return Ok(());
            }
            Stmt::Noop(_) | Stmt::Share(_) => self.unit(wanted),
            Stmt::Block(block) => self.block(block.statements(), wanted)?,
            Stmt::Expr(expression) => self.discard_or(expression, wanted)?,
            Stmt::FnCall(call, position) => {
                let target = self.target(wanted)?;
                self.call(call, *position, target)?;
            }
            Stmt::If(flow, _) => self.if_else(flow, wanted)?,
            Stmt::Switch(switch, position) => {
                let target = self.target(wanted)?;
                self.switch(&switch.0, &switch.1, target, *position)?;
            }
            Stmt::While(..) | Stmt::Do(..) | Stmt::For(..) => self.repeat(statement, wanted)?,
            Stmt::Assignment(parts) => {
                self.assignment(&parts.0, &parts.1)?;
                self.unit(wanted);
            }
            Stmt::BreakLoop(value, flags, position) => {
                self.leave_loop(value.as_deref(), flags.contains(ASTFlags::BREAK), *position)?;
            }
            Stmt::Return(value, flags, position) => {
                self.leave(value.as_deref(), flags.contains(ASTFlags::BREAK), *position)?;
            }
            Stmt::TryCatch(flow, _) => self.try_catch(flow, wanted)?,
            other => return refusal("a statement that is not known", other.position()),
        }
        self.next = next;
        Ok(())
    }

    /// A register for a value that may not be wanted.
    fn target(&mut self, wanted: Option<Reg>) -> Made<Reg> {
        wanted.map_or_else(|| self.register(), Ok)
    }

    fn discard_or(&mut self, expression: &Expr, wanted: Option<Reg>) -> Made<()> {
        let target = self.target(wanted)?;
        self.expression(expression, target)?;
        // A value that nobody wants must not be held: it may be shared.
        let may_be_shared = matches!(
            self.proto.code.last(),
            Some(Op::Index(..) | Op::Property(..) | Op::Copy(..) | Op::Read(..))
        );
        if wanted.is_none() && may_be_shared {
            self.emit(Op::Clear(target, 1));
        }
        Ok(())
    }

    fn declaration(&mut self, ident: &Ident, value: &Expr, constant: bool, position: Position) -> Made<()> {
        let reg = self.register()?;
        self.expression(value, reg)?;
        self.next = u16::from(reg) + 1;
        self.position = position;
        self.declare(&ident.name, reg, constant);
        Ok(())
    }

    /// The value is in the register already.
    pub(super) fn declare(&mut self, name: &str, reg: Reg, constant: bool) {
        let shared = self.shared.contains(name);
        if shared {
            self.emit(if constant { Op::ShareConstant(reg) } else { Op::Share(reg) });
        }
        self.locals.push(Local { name: name.to_owned(), reg, shared, constant });
    }

    fn if_else(&mut self, flow: &FlowControl, wanted: Option<Reg>) -> Made<()> {
        let next = self.next;
        let otherwise = self.unless(&flow.expr)?;
        self.next = next;
        self.block(flow.body.statements(), wanted)?;
        if flow.branch.is_empty() && wanted.is_none() {
            self.land(otherwise);
            return Ok(());
        }
        let end = self.emit(Op::Jump(0));
        self.land(otherwise);
        self.block(flow.branch.statements(), wanted)?;
        self.land([end]);
        Ok(())
    }

    fn leave(&mut self, value: Option<&Expr>, throws: bool, position: Position) -> Made<()> {
        let value = match value {
            Some(value) => {
                let mut reg = self.operand(value)?.0;
                if !throws && self.proto.this == Some(reg) {
                    // What is returned is taken, and `this` goes back to where it came from.
                    let copy = self.register()?;
                    self.emit(Op::Copy(copy, reg));
                    reg = copy;
                }
                Some(reg)
            }
            None => None,
        };
        let op = match (value, throws) {
            (None, false) => Op::ReturnUnit,
            (Some(reg), false) => Op::Return(reg),
            (value, true) => {
                let reg = if let Some(reg) = value {
                    reg
                } else {
                    let reg = self.register()?;
                    self.emit(Op::Unit(reg));
                    reg
                };
                match self.caught.last() {
                    Some(&error) => Op::ThrowOn(reg, error),
                    None => Op::Throw(reg),
                }
            }
        };
        self.emit_at(op, position, 0);
        Ok(())
    }

    fn try_catch(&mut self, flow: &FlowControl, wanted: Option<Reg>) -> Made<()> {
        let error = self.register()?;
        let start = self.here() as u32;
        // `throw;` in here is caught by this `catch`; that it is in another one does not matter.
        let outer = std::mem::take(&mut self.caught);
        self.block(guarded(&flow.body), wanted)?;
        self.caught = outer;
        let end = self.here() as u32;
        let over = self.emit(Op::Jump(0));
        let target = self.here() as u32;
        let (locals, next) = (self.locals.len(), self.next);
        let variable = match &flow.expr {
            Expr::Variable(variable, ..) => {
                let reg = self.register()?;
                self.declare(&variable.1, reg, false);
                Some(reg)
            }
            _ => None,
        };
        let outer = self.caught.last().copied();
        self.proto.handlers.push(Handler { start, end, target, error, outer, variable });
        self.caught.push(error);
        self.block(flow.branch.statements(), None)?;
        self.caught.pop();
        self.unit(wanted);
        self.emit(Op::Clear(error, 1));
        self.locals.truncate(locals);
        self.next = next;
        self.land([over]);
        Ok(())
    }
}

/// The statements of a `try`, without the guard that Rhai needs around them.
fn guarded(block: &StmtBlock) -> &[Stmt] {
    match block.statements() {
        [Stmt::Expr(expression)] => match &**expression {
            Expr::Custom(custom, _) if custom.tokens.first().is_some_and(|it| it == "__guarded") => {
                match &custom.inputs[..] {
                    [Expr::Stmt(inner)] => inner.statements(),
                    _ => block.statements(),
                }
            }
            _ => block.statements(),
        },
        statements => statements,
    }
}
