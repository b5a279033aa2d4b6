//! Loops. Their value is that of `break`.

use super::constants::Loaded;
use super::{Assembler, Made, Repeat, refusal};
use crate::script::vm::code::{Op, Operator, Reg};
use rhai::{ASTFlags, Expr, FlowControl, Ident, Position, Stmt};
use std::ops::Range;

impl Assembler<'_, '_> {
    fn enter(&mut self, wanted: Option<Reg>) {
        self.repeats.push(Repeat { breaks: Vec::new(), continues: Vec::new(), wanted });
    }

    fn last_repeat(&mut self) -> Repeat {
        self.repeats.pop().unwrap_or(Repeat { breaks: Vec::new(), continues: Vec::new(), wanted: None })
    }

    pub(super) fn repeat(&mut self, statement: &Stmt, wanted: Option<Reg>) -> Made<()> {
        self.load_constants(statement)?;
        match statement {
            Stmt::While(flow, _) => self.while_loop(flow, wanted)?,
            Stmt::Do(flow, flags, _) => self.do_loop(flow, flags.contains(ASTFlags::NEGATED), wanted)?,
            Stmt::For(parts, _) => self.for_loop(&parts.0, parts.1.as_ref(), &parts.2, wanted)?,
            _ => {}
        }
        if self.repeats.is_empty() {
            self.loaded = Loaded::default();
        }
        Ok(())
    }

    fn while_loop(&mut self, flow: &FlowControl, wanted: Option<Reg>) -> Made<()> {
        let endless = matches!(flow.expr, Expr::Unit(_) | Expr::BoolConstant(true, _));
        let top = self.here();
        let next = self.next;
        let mut ends = if endless { Vec::new() } else { self.unless(&flow.expr)? };
        let begin = self.here();
        self.next = next;
        self.enter(wanted);
        self.block(flow.body.statements(), None)?;
        let repeat = self.last_repeat();
        self.land(repeat.continues);
        if self.can_be_repeated(top..begin, &ends) {
            ends.extend(self.repeated(top..begin, &ends));
        } else {
            let back = self.emit(Op::Loop(0));
            self.direct(back, top);
        }
        self.land(ends);
        self.unit(wanted);
        self.land(repeat.breaks);
        Ok(())
    }

    /// Whether a condition is simple, and a comparison its end: then it can stand at the end of its loop as well.
    fn can_be_repeated(&self, condition: Range<usize>, ends: &[usize]) -> bool {
        let Some((last, others)) = self.proto.code[condition.clone()].split_last() else { return false };
        let is_simple = |op: &Op| {
            matches!(op, Op::Int(..) | Op::Constant(..) | Op::Copy(..) | Op::Read(..) | Op::Chain(..))
                || matches!(op, Op::Add(..) | Op::Subtract(..) | Op::Multiply(..) | Op::Divide(..))
                || matches!(op, Op::Remainder(..) | Op::AddInt(..) | Op::SubtractInt(..))
                || matches!(op, Op::MultiplyInt(..) | Op::DivideInt(..) | Op::RemainderInt(..))
                || op.turned().is_some()
        };
        ends.last() == Some(&(condition.end - 1)) && last.turned().is_some() && others.iter().all(is_simple)
    }

    /// A condition once more, with a jump back at its end. Gives the jumps that leave the loop.
    fn repeated(&mut self, condition: Range<usize>, ends: &[usize]) -> Vec<usize> {
        let moved = self.here() - condition.start;
        let begin = condition.end;
        for at in condition {
            let (op, spot) = (self.proto.code[at], self.proto.spots[at]);
            let op = if at + 1 == begin { op.turned().unwrap_or(op) } else { op };
            self.emit_at(op, spot.position, spot.temporary);
        }
        let back = self.here() - 1;
        self.direct(back, begin);
        ends.iter().map(|end| end + moved).filter(|end| *end != back).collect()
    }

    fn do_loop(&mut self, flow: &FlowControl, until: bool, wanted: Option<Reg>) -> Made<()> {
        let top = self.here();
        self.enter(wanted);
        self.block(flow.body.statements(), None)?;
        let repeat = self.last_repeat();
        // As in Rhai, `continue` goes to the top, not to the condition.
        let next = self.next;
        let (reg, _) = self.operand(&flow.expr)?;
        self.next = next;
        let op = if until { Op::IfTrue(reg, 0) } else { Op::IfFalse(reg, 0) };
        let end = self.emit_at(op, flow.expr.position(), 0);
        self.land(repeat.continues);
        let back = self.emit(Op::Loop(0));
        self.direct(back, top);
        self.land([end]);
        self.unit(wanted);
        self.land(repeat.breaks);
        Ok(())
    }

    /// Registers: the walk (two), the item; then the counter and the variables.
    fn for_loop(
        &mut self,
        variable: &Ident,
        counter: Option<&Ident>,
        flow: &FlowControl,
        wanted: Option<Reg>,
    ) -> Made<()> {
        let (locals, next) = (self.locals.len(), self.next);
        let walk = self.register()?;
        let (_, item) = (self.register()?, self.register()?);
        self.expression(&flow.expr, walk)?;
        let walked = walked(&flow.expr);
        self.span();
        self.emit_at(Op::Walk(walk), flow.expr.start_position(), 0);
        let counting = self.counter(counter)?;
        let shares_item = self.shared.contains(&*variable.name);
        let variable_reg = if shares_item { self.register()? } else { item };
        if shares_item {
            self.emit(Op::Unit(variable_reg));
        }
        self.declare_item(variable, variable_reg);
        let first = self.emit_at(Op::Next(walk, 0), walked.position(), 0);
        let top = self.here();
        if shares_item {
            self.emit(Op::Write(variable_reg, item));
        }
        self.count(counting);
        self.enter(wanted);
        self.block(real(flow.body.statements()), None)?;
        let repeat = self.last_repeat();
        self.land(repeat.continues);
        let again = self.emit_at(Op::Again(walk, 0), walked.position(), 0);
        self.direct(again, top);
        self.land([first]);
        self.unit(wanted);
        self.land(repeat.breaks);
        self.emit(Op::Clear(walk, 3));
        self.locals.truncate(locals);
        self.next = next;
        Ok(())
    }

    /// A range that was just made to be walked: mostly it needs not be made.
    fn span(&mut self) {
        let op = match self.proto.code.last() {
            Some(&Op::Binary(Operator::Range, walk, first, end)) => Op::Span(walk, first, end, false),
            Some(&Op::Binary(Operator::RangeInclusive, walk, first, end)) => Op::Span(walk, first, end, true),
            _ => return,
        };
        self.emit_before_last(op);
    }

    /// The register that counts, and the variable's.
    fn counter(&mut self, counter: Option<&Ident>) -> Made<Option<(Reg, Reg, bool)>> {
        let Some(counter) = counter else { return Ok(None) };
        let (count, reg) = (self.register()?, self.register()?);
        self.emit(Op::Int(count, -1));
        self.emit(Op::Int(reg, 0));
        let shared = self.shared.contains(&*counter.name);
        self.declare(&counter.name, reg, false);
        Ok(Some((count, reg, shared)))
    }

    fn count(&mut self, counting: Option<(Reg, Reg, bool)>) {
        let Some((count, reg, shared)) = counting else { return };
        self.emit(Op::AssignAddInt(count, 1));
        if shared {
            let copy = self.next as Reg;
            self.proto.registers = self.proto.registers.max(self.next + 1);
            self.emit(Op::Copy(copy, count));
            self.emit(Op::Write(reg, copy));
        } else {
            self.emit(Op::Copy(reg, count));
        }
    }

    fn declare_item(&mut self, variable: &Ident, reg: Reg) {
        self.declare(&variable.name, reg, false);
    }

    pub(super) fn leave_loop(&mut self, value: Option<&Expr>, breaks: bool, position: Position) -> Made<()> {
        let Some(wanted) = self.repeats.last().map(|repeat| repeat.wanted) else {
            return refusal("`break` or `continue` outside of a loop", position);
        };
        match (value, wanted, breaks) {
            (Some(value), Some(target), true) => self.expression(value, target)?,
            (Some(value), ..) => {
                let reg = self.register()?;
                self.expression(value, reg)?;
                self.emit(Op::Clear(reg, 1));
            }
            (None, Some(target), true) => {
                self.emit(Op::Unit(target));
            }
            (None, ..) => {}
        }
        let jump = self.emit_at(Op::Jump(0), position, 0);
        if let Some(repeat) = self.repeats.last_mut() {
            let jumps = if breaks { &mut repeat.breaks } else { &mut repeat.continues };
            jumps.push(jump);
        }
        Ok(())
    }
}

/// What a loop walks, without the mark that Rhai needs before it.
fn walked(expression: &Expr) -> &Expr {
    match expression {
        Expr::Custom(custom, _) => custom.inputs.first().unwrap_or(expression),
        expression => expression,
    }
}

/// The statements of a loop without the one that Rhai needs in an empty one.
fn real(statements: &[Stmt]) -> &[Stmt] {
    match statements {
        [Stmt::Expr(expression)] => match &**expression {
            Expr::Custom(custom, _) if custom.tokens.first().is_some_and(|it| it == "__pass") => &[],
            _ => statements,
        },
        _ => statements,
    }
}
