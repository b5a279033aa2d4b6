//! `switch`: Rhai keeps only hashes of the cases, so a tree of Rhai's own chooses, with numbers in the place of
//! the cases' code.

use super::{Assembler, Made};
use crate::script::vm::code::{Op, Reg, Switch};
use rhai::{AST, BinaryExpr, Expr, Module, Position, Stmt, SwitchCasesCollection};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// The variable that the chooser looks at.
pub(in crate::script::vm) const SUBJECT: &str = "x";

impl Assembler<'_, '_> {
    pub(super) fn switch(
        &mut self,
        value: &Expr,
        cases: &SwitchCasesCollection,
        target: Reg,
        position: Position,
    ) -> Made<()> {
        self.by_fresh(target, |this, target| this.switch_by(value, cases, target, position))
    }

    fn switch_by(
        &mut self,
        value: &Expr,
        cases: &SwitchCasesCollection,
        target: Reg,
        position: Position,
    ) -> Made<()> {
        let subject = self.register()?;
        self.expression(value, subject)?;
        let (chooser, groups) = chooser(cases);
        let index = self.proto.switches.len();
        self.proto.switches.push(Switch {
            chooser,
            targets: Vec::new(),
            known: RefCell::default(),
            texts: RefCell::default(),
        });
        let number = self.number(index)?;
        self.emit_at(Op::Switch(subject, number), position, 0);
        let mut blocks = Blocks::new();
        let (mut targets, mut others) = (vec![0], Vec::new());
        for group in groups {
            targets.push(self.here() as u32);
            if !self.group(&group, cases, &mut blocks)? {
                others.push(self.emit(Op::Jump(0)));
            }
        }
        targets[0] = self.here() as u32;
        self.land(others);
        let mut ends = Vec::new();
        if !self.ranges(cases, subject, &mut blocks)? {
            if let Some(block) = cases.def_case {
                blocks.entry(block).or_default().push(self.emit(Op::Jump(0)));
            } else {
                self.emit(Op::Unit(target));
                ends.push(self.emit(Op::Jump(0)));
            }
        }
        for (block, jumps) in blocks {
            self.land(jumps);
            self.expression(&cases.expressions[block].rhs, target)?;
            ends.push(self.emit(Op::Jump(0)));
        }
        self.land(ends);
        self.proto.switches[index].targets = targets;
        Ok(())
    }

    /// Looks for the first case of a group whose condition holds. Says whether one surely does.
    fn group(&mut self, group: &[usize], cases: &SwitchCasesCollection, blocks: &mut Blocks) -> Made<bool> {
        for &block in group {
            let condition = &cases.expressions[block].lhs;
            match condition {
                Expr::BoolConstant(false, _) => {}
                Expr::BoolConstant(true, _) => {
                    blocks.entry(block).or_default().push(self.emit(Op::Jump(0)));
                    return Ok(true);
                }
                condition => {
                    let next = self.next;
                    let (reg, _) = self.operand(condition)?;
                    self.next = next;
                    let jump = self.emit_at(Op::IfTrue(reg, 0), condition.position(), 0);
                    blocks.entry(block).or_default().push(jump);
                }
            }
        }
        Ok(false)
    }

    /// Looks for the first range that holds the value and whose condition holds.
    fn ranges(&mut self, cases: &SwitchCasesCollection, subject: Reg, blocks: &mut Blocks) -> Made<bool> {
        for range in &cases.ranges {
            self.proto.ranges.push(range.clone());
            let index = self.number(self.proto.ranges.len() - 1)?;
            let within = self.register()?;
            self.emit(Op::InRange(within, subject, index));
            let skip = self.emit(Op::IfFalse(within, 0));
            self.group(&[range.index()], cases, blocks)?;
            self.land([skip]);
        }
        Ok(false)
    }
}

/// The jumps to the code of each case.
type Blocks = BTreeMap<usize, Vec<usize>>;

/// A tree that gives a number for a value, and for each number the cases to look at, in order.
fn chooser(cases: &SwitchCasesCollection) -> (AST, Vec<Vec<usize>>) {
    let mut numbered = cases.clone();
    let (mut groups, mut expressions): (Vec<Vec<usize>>, Vec<BinaryExpr>) = (Vec::new(), Vec::new());
    for case in numbered.cases.values_mut() {
        groups.push(case.blocks.iter().copied().collect());
        case.blocks.clear();
        case.blocks.push(expressions.len());
        let rhs = Expr::IntegerConstant(groups.len() as i64, Position::NONE);
        expressions.push(BinaryExpr { lhs: Expr::BoolConstant(true, Position::NONE), rhs });
    }
    numbered.expressions = expressions.into_iter().collect();
    numbered.ranges.clear();
    numbered.def_case = None;
    let subject =
        Expr::Variable((None, SUBJECT.into(), rhai::Namespace::NONE, 0).into(), None, Position::NONE);
    let switch = Stmt::Switch((subject, numbered).into(), Position::NONE);
    (AST::new([switch], Module::new()), groups)
}
