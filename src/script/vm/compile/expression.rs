//! Expressions, each into a register.

use super::{Assembler, Made, refusal};
use crate::script::rhai::compile::is_closure;
use crate::script::rhai::paths;
use crate::script::vm::code::{GlobalSite, Op, Reg, Shape};
use crate::script::vm::run::as_constants;
use crate::value::{Function, Map, Text, Value};
use rhai::{Dynamic, Expr, Ident, Position};
use std::cell::OnceCell;
use std::rc::Rc;

/// So many values at a time become an array or a text.
const AT_ONCE: usize = 32;
/// Behind so many registers fewer are used at a time.
const ROOM: u16 = 128;

impl Assembler<'_, '_> {
    /// The value of an expression, in a register. A variable that is the target may be read by the expression
    /// only where [`Assembler::direct_into`] says so.
    pub(super) fn expression(&mut self, expression: &Expr, target: Reg) -> Made<()> {
        let next = self.next;
        match expression {
            Expr::Unit(_) => self.put(Op::Unit(target), expression),
            Expr::BoolConstant(bool, _) => self.put(Op::Bool(target, *bool), expression),
            Expr::IntegerConstant(int, position) => self.int(*int, target, *position)?,
            Expr::FloatConstant(float, _) => self.constant(Value::Float(**float), target)?,
            Expr::CharConstant(char, _) => self.constant(Value::Char(*char), target)?,
            Expr::StringConstant(text, _) => self.constant(Value::string(text.as_str()), target)?,
            Expr::DynamicConstant(value, position) => self.dynamic(value, target, *position)?,
            Expr::InterpolatedString(parts, position) => self.text(parts, target, *position)?,
            Expr::Array(items, position) => self.array(items, target, *position)?,
            Expr::Map(parts, _) => self.map(&parts.0, target)?,
            Expr::Variable(variable, _, position) if variable.2.is_empty() => {
                self.variable(&variable.1, target, *position)?;
            }
            Expr::ThisPtr(position) => {
                let this = self.this(*position)?;
                self.emit_at(Op::Copy(target, this), *position, 0);
            }
            Expr::Stmt(block) => self.block_value(block, target)?,
            Expr::FnCall(call, position) => self.call(call, *position, target)?,
            Expr::Dot(..) | Expr::Index(..) => self.chain(expression, target)?,
            Expr::And(parts, _) => self.logic(parts, target, false)?,
            Expr::Or(parts, _) => self.logic(parts, target, true)?,
            Expr::Coalesce(parts, _) => self.coalesce(parts, target)?,
            Expr::Custom(custom, position) => {
                match (custom.tokens.first().map(rhai::ImmutableString::as_str), &custom.inputs[..]) {
                    (Some("__turns" | "__copy" | "__guarded"), [inner]) => self.expression(inner, target)?,
                    (Some("__pass"), []) => self.put(Op::Unit(target), expression),
                    _ => return refusal("syntax that is not known", *position),
                }
            }
            Expr::Variable(_, _, position) => return refusal("a path to a variable", *position),
            other => return refusal("an expression that is not known", other.position()),
        }
        self.next = next;
        Ok(())
    }

    fn put(&mut self, op: Op, expression: &Expr) {
        self.emit_at(op, expression.start_position(), 0);
    }

    fn int(&mut self, int: i64, target: Reg, position: Position) -> Made<()> {
        match i32::try_from(int) {
            Ok(small) => {
                self.emit_at(Op::Int(target, small), position, 0);
                Ok(())
            }
            Err(_) => self.constant(Value::Int(int), target),
        }
    }

    pub(super) fn constant(&mut self, value: Value, target: Reg) -> Made<()> {
        let known = self.proto.constants.iter().position(|known| same(known, &value));
        let index = known.unwrap_or_else(|| {
            self.proto.constants.push(value);
            self.proto.constants.len() - 1
        });
        let index = self.number(index)?;
        self.emit(Op::Constant(target, index));
        Ok(())
    }

    fn dynamic(&mut self, value: &Dynamic, target: Reg, position: Position) -> Made<()> {
        let value = match self.whole.state.value(value.clone()) {
            Value::Function(function) if is_closure(&function.name) && function.captured.is_empty() => {
                return self.closure(&function.name, &[], target, position);
            }
            // All that it captures is constant.
            Value::Function(function) if is_closure(&function.name) => {
                let captured = as_constants(&function.captured);
                Value::Function(Rc::new(Function { captured, ..(*function).clone() }))
            }
            value => value,
        };
        self.functions_within(&value, position)?;
        self.constant(value, target)
    }

    /// Rhai makes a constant of an array or a map of closures that capture nothing.
    fn functions_within(&mut self, value: &Value, position: Position) -> Made<()> {
        match value {
            Value::Function(function) if is_closure(&function.name) => {
                let number = self.whole.closure(&function.name, function.captured.len(), position)?;
                self.proto.mentions.push(number);
            }
            Value::Function(function) => self.mention_all(&function.name),
            Value::Array(items) => items.iter().try_for_each(|item| self.functions_within(item, position))?,
            Value::Map(map) => map.values().try_for_each(|item| self.functions_within(item, position))?,
            _ => {}
        }
        Ok(())
    }

    /// All functions of this name may be called from here.
    pub(super) fn mention_all(&mut self, name: &str) {
        let numbers = self.whole.program.functions.get(name).into_iter().flatten();
        let numbers: Vec<u16> = numbers.map(|&(_, number)| number).collect();
        self.proto.mentions.extend(numbers);
    }

    fn text(&mut self, parts: &[Expr], target: Reg, position: Position) -> Made<()> {
        let base = self.register()?;
        for chunk in parts.chunks(AT_ONCE) {
            let is_first = std::ptr::eq(chunk.as_ptr(), parts.as_ptr());
            let from = if is_first { base } else { self.register()? };
            for (index, part) in chunk.iter().enumerate() {
                let reg = if index == 0 { from } else { self.register()? };
                self.expression(part, reg)?;
            }
            let (first, count) = if is_first { (base, chunk.len()) } else { (base, chunk.len() + 1) };
            self.emit_at(Op::Join(base, first, count as u8), position, 0);
            self.next = u16::from(base) + 1;
        }
        if parts.is_empty() {
            self.constant(Value::string(""), base)?;
        }
        self.emit(Op::Take(target, base));
        Ok(())
    }

    fn array(&mut self, items: &[Expr], target: Reg, position: Position) -> Made<()> {
        let array = self.register()?;
        let mut is_first = true;
        for chunk in items.chunks(AT_ONCE) {
            let base = self.next as Reg;
            for item in chunk {
                let reg = self.register()?;
                self.expression(item, reg)?;
            }
            let count = chunk.len() as u8;
            let op = if is_first { Op::Array(array, base, count) } else { Op::Extend(array, base, count) };
            self.emit_at(op, position, 0);
            self.next = u16::from(base);
            is_first = false;
        }
        if is_first {
            self.emit(Op::Array(array, array, 0));
        }
        self.emit(Op::Take(target, array));
        Ok(())
    }

    fn map(&mut self, entries: &[(Ident, Expr)], target: Reg) -> Made<()> {
        let map = self.register()?;
        // Where there are registers for all values at a time.
        if (1..=AT_ONCE).contains(&entries.len()) && self.next < ROOM {
            self.values(entries, map)?;
        } else {
            self.emit(Op::Map(map, u8::try_from(entries.len()).unwrap_or(u8::MAX)));
            for (key, value) in entries {
                let reg = self.register()?;
                self.expression(value, reg)?;
                let name = self.name(&key.name)?;
                self.emit(Op::Entry(map, reg, name));
                self.next = u16::from(reg);
            }
        }
        self.emit(Op::Take(target, map));
        Ok(())
    }

    fn values(&mut self, entries: &[(Ident, Expr)], map: Reg) -> Made<()> {
        let base = self.next as Reg;
        let mut keys = Map::with_capacity(entries.len());
        for (place, (key, value)) in entries.iter().enumerate() {
            let reg = self.register()?;
            self.expression(value, reg)?;
            keys.insert(Text::of_key(&key.name), Value::Int(place as i64));
        }
        let places = keys.values().filter_map(Value::as_int).map(|place| place as u8).collect();
        self.proto.shapes.push(Shape { keys, places });
        let shape = self.number(self.proto.shapes.len() - 1)?;
        self.emit(Op::MapOf(map, base, shape));
        self.next = u16::from(base);
        Ok(())
    }

    fn variable(&mut self, name: &str, target: Reg, position: Position) -> Made<()> {
        match self.local(name) {
            Some((reg, true, _)) => self.emit_at(Op::Read(target, reg), position, 0),
            Some((reg, false, _)) if reg == target => return Ok(()),
            Some((reg, false, _)) => self.emit_at(Op::Copy(target, reg), position, 0),
            None => {
                let global = self.global(name)?;
                self.emit_at(Op::Global(target, global), position, 0)
            }
        };
        Ok(())
    }

    /// A name that is declared elsewhere: a param, a const, a template, a function, or nothing at all.
    pub(super) fn global(&mut self, name: &str) -> Made<u16> {
        let name = paths::outer(name);
        self.mention_all(&name);
        let known = self.proto.globals.iter().position(|known| *known.name == *name);
        let index = known.unwrap_or_else(|| {
            let is_function = self.whole.program.functions.contains_key(&*name);
            self.proto.globals.push(GlobalSite { name: (*name).into(), value: OnceCell::new(), is_function });
            self.proto.globals.len() - 1
        });
        self.number(index)
    }

    pub(super) fn this(&mut self, position: Position) -> Made<Reg> {
        let Some(this) = self.proto.this else { return refusal("`this` at this place", position) };
        self.emit_at(Op::NeedThis(this), position, 0);
        Ok(this)
    }

    /// Where a value can be read: a variable's own register if `later`, which is evaluated before it is used,
    /// leaves it alone, else a new one. Says whether it is a new one.
    pub(super) fn operand_before(&mut self, expression: &Expr, later: &[&Expr]) -> Made<(Reg, bool)> {
        if let Some(reg) = self.loaded.register(expression) {
            return Ok((reg, false));
        }
        match expression {
            Expr::Variable(variable, ..) if variable.2.is_empty() => {
                if let Some((reg, false, _)) = self.local(&variable.1)
                    && later.iter().all(|later| super::quiet::leaves_alone(later, &variable.1))
                {
                    return Ok((reg, false));
                }
            }
            Expr::ThisPtr(position) if later.iter().all(|later| super::quiet::is_quiet(later)) => {
                return Ok((self.this(*position)?, false));
            }
            _ => {}
        }
        let reg = self.register()?;
        self.expression(expression, reg)?;
        Ok((reg, true))
    }

    pub(super) fn operand(&mut self, expression: &Expr) -> Made<(Reg, bool)> {
        self.operand_before(expression, &[])
    }

    fn block_value(&mut self, block: &rhai::StmtBlock, target: Reg) -> Made<()> {
        if let Some((name, captured)) = super::closure::captured(block.statements()) {
            return self.closure(&name, &captured, target, block.position());
        }
        self.by_fresh(target, |this, target| this.block(block.statements(), Some(target)))
    }

    /// Evaluates into a register that is no variable's, since the variable may be read on the way.
    pub(super) fn by_fresh(
        &mut self,
        target: Reg,
        make: impl FnOnce(&mut Self, Reg) -> Made<()>,
    ) -> Made<()> {
        if !self.is_variable(target) {
            return make(self, target);
        }
        let fresh = self.register()?;
        make(self, fresh)?;
        self.emit(Op::Take(target, fresh));
        Ok(())
    }

    fn logic(&mut self, parts: &[Expr], target: Reg, until: bool) -> Made<()> {
        self.by_fresh(target, |this, target| {
            let mut ends = Vec::new();
            for part in parts {
                this.expression(part, target)?;
                let op = if until { Op::IfTrue(target, 0) } else { Op::IfFalse(target, 0) };
                ends.push(this.emit_at(op, part.position(), 0));
            }
            this.land(ends);
            Ok(())
        })
    }

    fn coalesce(&mut self, parts: &[Expr], target: Reg) -> Made<()> {
        self.by_fresh(target, |this, target| {
            let mut ends = Vec::new();
            for part in parts {
                this.expression(part, target)?;
                ends.push(this.emit(Op::IfNotUnit(target, 0)));
            }
            this.land(ends);
            Ok(())
        })
    }
}

/// Whether one constant can stand for another.
fn same(known: &Value, value: &Value) -> bool {
    match (known, value) {
        (Value::String(known), Value::String(value)) => known == value,
        (Value::Float(known), Value::Float(value)) => known.to_bits() == value.to_bits(),
        (Value::Int(known), Value::Int(value)) => known == value,
        _ => false,
    }
}
