//! Constants that are operands within a loop: each is loaded once, in front of the outermost loop.

use super::operator::{binary, is_comparison, small_int, with_int};
use super::{Assembler, Made};
use crate::script::vm::code::Reg;
use rhai::{ASTNode, Expr, FnCallExpr, Stmt};

/// So many at most, and none behind so many registers: they are few.
const MOST: usize = 16;
const ROOM: u16 = 96;

/// A constant that is a number or a bool; floats by their bits.
#[derive(Clone, Copy, PartialEq)]
enum Constant {
    Int(i64),
    Float(u64),
    Bool(bool),
}

fn constant(expression: &Expr) -> Option<Constant> {
    match expression {
        Expr::IntegerConstant(int, _) => Some(Constant::Int(*int)),
        Expr::FloatConstant(float, _) => Some(Constant::Float((**float).to_bits())),
        Expr::BoolConstant(bool, _) => Some(Constant::Bool(*bool)),
        _ => None,
    }
}

/// The constants of a loop, and their registers.
#[derive(Default)]
pub(super) struct Loaded(Vec<(Constant, Reg)>);

impl Loaded {
    pub(super) fn register(&self, expression: &Expr) -> Option<Reg> {
        if self.0.is_empty() {
            return None;
        }
        let wanted = constant(expression)?;
        self.0.iter().find(|(constant, _)| *constant == wanted).map(|&(_, reg)| reg)
    }
}

impl Assembler<'_, '_> {
    /// Loads what a loop needs, if it is no loop within another one.
    pub(super) fn load_constants(&mut self, repeat: &Stmt) -> Made<()> {
        if !self.repeats.is_empty() {
            return Ok(());
        }
        let mut found: Vec<(Constant, Expr)> = Vec::new();
        repeat.walk(&mut Vec::new(), &mut |path: &[ASTNode<'_>]| {
            if let [.., user, ASTNode::Expr(expression)] = path
                && let Some(constant) = constant(expression)
                && is_operand(user, expression)
                && found.len() < MOST
                && found.iter().all(|(known, _)| *known != constant)
            {
                found.push((constant, (*expression).clone()));
            }
            true
        });
        for (constant, expression) in found {
            if self.next >= ROOM {
                break;
            }
            let reg = self.register()?;
            self.expression(&expression, reg)?;
            self.loaded.0.push((constant, reg));
        }
        Ok(())
    }
}

/// Whether a constant is in a register where it is used, and not a part of the instruction.
fn is_operand(user: &ASTNode<'_>, constant: &Expr) -> bool {
    match user {
        ASTNode::Expr(Expr::FnCall(call, _)) | ASTNode::Stmt(Stmt::FnCall(call, _)) => {
            is_operand_of_call(call, constant)
        }
        ASTNode::Expr(Expr::Index(..)) => true,
        ASTNode::Stmt(Stmt::Assignment(parts)) => {
            let (how, parts) = &**parts;
            !matches!(parts.lhs, Expr::Variable(..))
                || how.is_op_assignment()
                    && (how.get_op_assignment_info().is_none_or(|info| info.5 != "+")
                        || small_int(constant).is_none())
        }
        _ => false,
    }
}

fn is_operand_of_call(call: &FnCallExpr, constant: &Expr) -> bool {
    let Some((operator, _, right)) = binary(call) else { return false };
    let is_part = std::ptr::eq(right, constant)
        && small_int(right).is_some()
        && (with_int(operator).is_some() || is_comparison(operator));
    !is_part
}
