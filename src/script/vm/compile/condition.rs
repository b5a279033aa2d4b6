//! Conditions: comparing and jumping are one instruction where they can be.

use super::operator::{binary, flags, is_comparison, small_int};
use super::{Assembler, Made};
use crate::script::vm::code::{Op, Operator};
use rhai::Expr;

impl Assembler<'_, '_> {
    /// Code that goes on when the condition holds; gives the jumps that are taken when it does not.
    pub(super) fn unless(&mut self, condition: &Expr) -> Made<Vec<usize>> {
        match condition {
            Expr::BoolConstant(true, _) => return Ok(Vec::new()),
            Expr::And(parts, _) => {
                let mut jumps = Vec::new();
                for part in &***parts {
                    jumps.extend(self.unless(part)?);
                }
                return Ok(jumps);
            }
            Expr::FnCall(call, position) => {
                if let Some((operator, left, right)) = binary(call)
                    && let Some(jump) = self.compare((operator, left, right), *position)?
                {
                    return Ok(vec![jump]);
                }
            }
            _ => {}
        }
        let next = self.next;
        let (reg, _) = self.operand(condition)?;
        self.next = next;
        Ok(vec![self.emit_at(Op::IfFalse(reg, 0), condition.position(), 0)])
    }

    fn compare(
        &mut self,
        (operator, left, right): (Operator, &Expr, &Expr),
        position: rhai::Position,
    ) -> Made<Option<usize>> {
        if !is_comparison(operator) {
            return Ok(None);
        }
        let next = self.next;
        let (a, a_new) = self.operand_before(left, &[right])?;
        if let Some(int) = small_int(right) {
            let op = match operator {
                Operator::Less => Op::UnlessLessInt(a, int, 0),
                Operator::LessEqual => Op::UnlessLessEqualInt(a, int, 0),
                Operator::Greater => Op::UnlessGreaterInt(a, int, 0),
                Operator::GreaterEqual => Op::UnlessGreaterEqualInt(a, int, 0),
                Operator::Equal => Op::UnlessEqualInt(a, int, 0),
                _ => Op::UnlessNotEqualInt(a, int, 0),
            };
            self.next = next;
            return Ok(Some(self.emit_at(op, position, flags(a_new, false))));
        }
        if matches!(right, Expr::Unit(_)) && matches!(operator, Operator::Equal | Operator::NotEqual) {
            let op = if operator == Operator::Equal { Op::IfNotUnit(a, 0) } else { Op::IfUnit(a, 0) };
            self.next = next;
            return Ok(Some(self.emit_at(op, position, flags(a_new, false))));
        }
        let (b, b_new) = self.operand(right)?;
        let op = match operator {
            Operator::Less => Op::UnlessLess(a, b, 0),
            Operator::LessEqual => Op::UnlessLessEqual(a, b, 0),
            Operator::Greater => Op::UnlessGreater(a, b, 0),
            Operator::GreaterEqual => Op::UnlessGreaterEqual(a, b, 0),
            Operator::Equal => Op::UnlessEqual(a, b, 0),
            _ => Op::UnlessNotEqual(a, b, 0),
        };
        self.next = next;
        Ok(Some(self.emit_at(op, position, flags(a_new, b_new))))
    }
}
