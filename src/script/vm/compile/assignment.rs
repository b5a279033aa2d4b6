//! Assignments to variables; those to members are chains.

use super::{Assembler, Made, refusal};
use crate::script::vm::code::{Op, Operator, Reg, Root};
use rhai::{BinaryExpr, Expr, OpAssignment, Position};

impl Assembler<'_, '_> {
    pub(super) fn assignment(&mut self, how: &OpAssignment, parts: &BinaryExpr) -> Made<()> {
        let position = how.position();
        let operator = match how.get_op_assignment_info() {
            Some(info) => match Operator::of(info.5) {
                Some(operator) => Some(operator),
                None => return refusal(format!("the operator `{}`", info.3), position),
            },
            None => None,
        };
        match &parts.lhs {
            Expr::Variable(variable, _, at) if variable.2.is_empty() => {
                self.assign_variable(&variable.1, *at, operator, &parts.rhs, position)
            }
            Expr::ThisPtr(at) => {
                let this = self.this(*at)?;
                let (new, temporary) = self.operand(&parts.rhs)?;
                self.emit_at(Op::ChangeThis(this), *at, 0);
                self.assign_operand(this, operator, (new, temporary), position);
                Ok(())
            }
            Expr::Index(..) | Expr::Dot(..) => self.assign_member(&parts.lhs, operator, &parts.rhs, position),
            other => refusal("an assignment to what is no place", other.start_position()),
        }
    }

    fn assign_variable(
        &mut self,
        name: &str,
        at: Position,
        operator: Option<Operator>,
        value: &Expr,
        position: Position,
    ) -> Made<()> {
        match self.local(name) {
            Some((reg, false, false)) => return self.assign_register(reg, operator, value, position),
            Some((reg, true, false)) => {
                let (new, temporary) = self.fresh_operand(value)?;
                let assigned = Some((new, temporary, operator));
                let root = (Root::Shared(reg), name, at);
                return self.chain_op(root, Vec::new(), assigned, (new, position));
            }
            Some((.., true)) => {
                self.operand(value)?;
                let message = format!("`{name}` is constant and cannot be changed");
                self.fail("ErrorAssignmentToConstant", message, at)?;
            }
            None => {
                self.operand(value)?;
                let global = self.global(name)?;
                self.emit_at(Op::AssignGlobal(global), at, 0);
            }
        }
        Ok(())
    }

    fn fail(&mut self, kind: &'static str, message: String, at: Position) -> Made<()> {
        self.proto.failures.push((kind, message));
        let index = self.number(self.proto.failures.len() - 1)?;
        self.emit_at(Op::Fail(index), at, 0);
        Ok(())
    }

    /// A value in a register that may be taken.
    pub(super) fn fresh_operand(&mut self, value: &Expr) -> Made<(Reg, bool)> {
        let reg = self.register()?;
        self.expression(value, reg)?;
        Ok((reg, true))
    }

    fn assign_register(
        &mut self,
        reg: Reg,
        operator: Option<Operator>,
        value: &Expr,
        position: Position,
    ) -> Made<()> {
        let Some(operator) = operator else { return self.expression(value, reg) };
        if let (Operator::Add, Some(int)) = (operator, super::operator::small_int(value)) {
            self.emit_at(Op::AssignAddInt(reg, int), position, 0);
            return Ok(());
        }
        let (new, temporary) = self.operand(value)?;
        if let (Operator::Add, Some(&Op::Multiply(product, a, b))) = (operator, self.proto.code.last())
            && product == new
            && temporary
        {
            self.emit_before_last(Op::AddProduct(reg, a, b));
        }
        self.assign_operand(reg, Some(operator), (new, temporary), position);
        Ok(())
    }

    fn assign_operand(
        &mut self,
        reg: Reg,
        operator: Option<Operator>,
        (new, temporary): (Reg, bool),
        position: Position,
    ) {
        let op = match operator {
            None if temporary => Op::Take(reg, new),
            None => Op::Copy(reg, new),
            Some(Operator::Add) => Op::AssignAdd(reg, new),
            Some(other) => Op::Assign(other, reg, new),
        };
        self.emit_at(op, position, super::operator::flags(false, temporary));
    }
}
