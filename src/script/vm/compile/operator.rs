//! Operators between values.

use super::{Assembler, Made};
use crate::script::vm::code::{FIRST, Op, Operator, Reg, SECOND};
use rhai::{Expr, FnCallExpr, Position};

/// The operator of a call with two operands; some that are written as operators are not marked so.
pub(super) fn binary(call: &FnCallExpr) -> Option<(Operator, &Expr, &Expr)> {
    if !call.namespace.is_empty() {
        return None;
    }
    let operator = Operator::of(&call.name)?;
    match &call.args[..] {
        [left, right] => Some((operator, left, right)),
        _ => None,
    }
}

pub(super) fn is_comparison(operator: Operator) -> bool {
    use Operator::{Equal, Greater, GreaterEqual, Less, LessEqual, NotEqual};
    matches!(operator, Less | LessEqual | Greater | GreaterEqual | Equal | NotEqual)
}

pub(super) fn small_int(expression: &Expr) -> Option<i16> {
    match expression {
        Expr::IntegerConstant(int, _) => i16::try_from(*int).ok(),
        _ => None,
    }
}

impl Assembler<'_, '_> {
    pub(super) fn binary(
        &mut self,
        (operator, left, right): (Operator, &Expr, &Expr),
        target: Reg,
        position: Position,
    ) -> Made<()> {
        let next = self.next;
        let (a, a_new) = self.operand_before(left, &[right])?;
        if let Some(int) = small_int(right)
            && let Some(op) = with_int(operator)
        {
            let op = op(target, a, int);
            self.emit_at(op, position, flags(a_new, false));
            self.next = next;
            return Ok(());
        }
        let (b, b_new) = self.operand(right)?;
        let op = match operator {
            Operator::Add => Op::Add(target, a, b),
            Operator::Subtract => Op::Subtract(target, a, b),
            Operator::Multiply => Op::Multiply(target, a, b),
            Operator::Divide => Op::Divide(target, a, b),
            Operator::Remainder => Op::Remainder(target, a, b),
            Operator::Less => Op::Less(target, a, b),
            Operator::LessEqual => Op::LessEqual(target, a, b),
            Operator::Greater => Op::Greater(target, a, b),
            Operator::GreaterEqual => Op::GreaterEqual(target, a, b),
            Operator::Equal => Op::Equal(target, a, b),
            Operator::NotEqual => Op::NotEqual(target, a, b),
            other => Op::Binary(other, target, a, b),
        };
        self.emit_at(op, position, flags(a_new, b_new));
        self.next = next;
        Ok(())
    }

    /// `!a`, `-a`, `+a`; nothing when it is none of them.
    pub(super) fn unary(&mut self, call: &FnCallExpr, target: Reg, position: Position) -> Made<bool> {
        let [operand] = &call.args[..] else { return Ok(false) };
        let make = match call.name.as_str() {
            "!" => Op::Not,
            "-" => Op::Negate,
            "+" => Op::Plus,
            _ => return Ok(false),
        };
        let next = self.next;
        let (reg, new) = self.operand(operand)?;
        self.emit_at(make(target, reg), position, flags(new, false));
        self.next = next;
        Ok(true)
    }
}

/// The instruction of an operator whose right side is a small int.
pub(super) fn with_int(operator: Operator) -> Option<fn(Reg, Reg, i16) -> Op> {
    Some(match operator {
        Operator::Add => Op::AddInt,
        Operator::Subtract => Op::SubtractInt,
        Operator::Multiply => Op::MultiplyInt,
        Operator::Divide => Op::DivideInt,
        Operator::Remainder => Op::RemainderInt,
        _ => return None,
    })
}

pub(super) fn flags(first: bool, second: bool) -> u8 {
    (if first { FIRST } else { 0 }) | (if second { SECOND } else { 0 })
}
