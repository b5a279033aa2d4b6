//! The instructions that are not in the loop itself.

use super::Machine;
use super::execute::{takes_first, takes_second};
use super::register::store;
use crate::script::vm::code::{Op, Program, Proto, Reg, Special, THIRD, Window};
use crate::script::vm::trouble::{Kept, Run, Trouble, What};
use crate::value::{Access, Object, ObjectKind, Value, Variable};
use std::rc::Rc;

/// Stands where nothing is `this`.
struct NoThis;

impl ObjectKind for NoThis {
    fn kind(&self) -> &'static str {
        "nothing"
    }
}

impl Machine {
    #[inline(never)]
    pub(super) fn other(
        &self,
        op: Op,
        registers: &mut Window,
        (proto, next): (&Proto, &mut usize),
    ) -> Run<()> {
        let spot = proto.spots[*next - 1];
        match op {
            Op::Property(target, from, name) => {
                let value =
                    self.property(&registers[from as usize], &proto.names[name as usize], spot.position)?;
                if takes_first(spot.temporary) {
                    registers[from as usize] = Value::Unit;
                }
                registers[target as usize] = value;
            }
            Op::SetProperty(place, source, name) => {
                let value = Self::operand(registers, source, spot.temporary & THIRD != 0);
                let name = &proto.names[name as usize];
                return self.set_property(&mut registers[place as usize], name, value, spot.position);
            }
            Op::AssignProperty(operator, place, source, name) => {
                let value = Self::operand(registers, source, spot.temporary & THIRD != 0);
                let at = (spot.position, proto.places(*next - 1).second);
                let name = &proto.names[name as usize];
                return self.assign_property(operator, &mut registers[place as usize], (name, value), at);
            }
            Op::AssignIndex(operator, place, index, source) => {
                let value = Self::operand(registers, source, spot.temporary & THIRD != 0);
                let key = Self::operand(registers, index, takes_second(spot.temporary));
                let at = (spot.position, proto.places(*next - 1));
                return self.assign_item(operator, &mut registers[place as usize], (key, value), at);
            }
            Op::Binary(operator, target, a, b) => {
                return self.binary(operator, (registers, proto, *next), target, (a, b));
            }
            Op::Assign(operator, target, source) => {
                return self.assign(operator, (registers, proto, *next), (target, source));
            }
            Op::Not(target, a) | Op::Negate(target, a) | Op::Plus(target, a) => {
                let value = Self::operand(registers, a, takes_first(spot.temporary));
                registers[target as usize] = self.unary(op, value)?;
            }
            Op::Join(target, first, count) => {
                let values = &mut registers[first as usize..first as usize + count as usize];
                registers[target as usize] = self.join(values)?;
            }
            Op::Closure(target, index) => return self.closure(registers, proto, target, index),
            Op::Walk(walk) => return self.walk(registers, walk),
            Op::Switch(subject, index) => {
                *next = self.choose(&proto.switches[index as usize], &registers[subject as usize])?;
            }
            Op::InRange(target, subject, index) => {
                let within =
                    super::switch::is_within(&proto.ranges[index as usize], &registers[subject as usize]);
                registers[target as usize] = Value::Bool(within);
            }
            Op::ThrowOn(value, error) => {
                let value = registers[value as usize].clone();
                let Value::Object(kept) = &registers[error as usize] else { return Err(self.thrown(value)) };
                return Err(match (value, kept.downcast::<Kept>()) {
                    (Value::Unit, Some(Kept(trouble))) => self.thrown_on(trouble.clone(), spot.position),
                    (value, Some(Kept(trouble))) => self.thrown_in_catch(value, trouble),
                    (value, None) => self.thrown(value),
                });
            }
            other => return self.variable(registers, proto, other),
        }
        Ok(())
    }

    fn unary(&self, op: Op, value: Value) -> Run {
        match op {
            Op::Not(..) => self.not(value),
            Op::Negate(..) => self.negate(value),
            _ => self.rhai_value("+x0".to_owned(), vec![value]),
        }
    }

    /// Calls something that is no function of the script; all arguments are in a row.
    pub(super) fn site(
        &self,
        program: &Rc<Program>,
        registers: &mut Window,
        proto: &Proto,
        (base, index): (Reg, u16),
    ) -> Run<()> {
        let (site, _) = &proto.sites[index as usize];
        self.called_at.set(site.position);
        let first = base as usize;
        if let Some(Special::Native(native)) = site.special {
            return self.native_of_registers((program, site), native, registers, (first, first));
        }
        let values = &mut registers[first..first + site.arguments as usize];
        let value = match (site.special, &mut *values) {
            (Some(Special::Print), [value]) => self.print(value, false)?,
            (Some(Special::Debug), [value]) => self.print(value, true)?,
            (Some(Special::Curry), [Value::Function(function), others @ ..]) => {
                super::method::curried(function, others.iter_mut().map(Value::take))
            }
            _ => self.call_site(program, site, values)?,
        };
        store(&mut registers[first], value);
        clear_behind(registers, first, site.arguments);
        Ok(())
    }

    fn print(&self, value: &Value, debug: bool) -> Run {
        let result = if debug {
            let text = self.rhai_value("to_debug(x0)".to_owned(), vec![value.clone()])?;
            self.state.surroundings().debug(text.as_str().unwrap_or_default())
        } else if let Value::String(text) = value {
            self.state.surroundings().print(text)
        } else {
            self.state.surroundings().print(&self.text_of(value)?)
        };
        match result {
            Ok(()) => Ok(Value::Unit),
            Err(crate::script::Fault::Exit(code)) => Err(Trouble::new(What::Exit(code))),
            Err(_) => Err(Trouble::new(What::Stopped)),
        }
    }

    /// What has to do with shared variables, globals, `this` and errors.
    fn variable(&self, registers: &mut Window, proto: &Proto, op: Op) -> Run<()> {
        match op {
            Op::Share(reg) => {
                let value = registers[reg as usize].take();
                registers[reg as usize] = Variable::shared(value, Access::Free);
            }
            Op::ShareConstant(reg) => {
                let value = registers[reg as usize].take();
                registers[reg as usize] = Variable::shared(value, Access::Constant);
            }
            Op::Read(target, source) => {
                let value = match &registers[source as usize] {
                    Value::Variable(variable) if variable.access() == Access::Busy => {
                        return Err(self.busy(""));
                    }
                    Value::Variable(variable) => variable.get(),
                    value => value.clone(),
                };
                registers[target as usize] = value;
            }
            Op::Write(target, source) => {
                let value = registers[source as usize].take();
                if let Value::Variable(variable) = &registers[target as usize] {
                    variable.replace(value);
                } else {
                    registers[target as usize] = Variable::shared(value, Access::Free);
                }
            }
            Op::Global(target, index) => registers[target as usize] = self.global(proto, index)?,
            Op::AssignGlobal(index) => return Err(self.no_assignment(proto, index)),
            Op::NoThis(this) => registers[this as usize] = Value::Object(Object::new(NoThis)),
            Op::ChangeThis(this)
                if matches!(registers[this as usize + 1], Value::Bool(true))
                    && !matches!(registers[this as usize], Value::Object(_)) =>
            {
                let message = "`this` is constant and cannot be changed";
                return Err(Trouble::mistake("ErrorAssignmentToConstant", message));
            }
            Op::NeedThis(this) => {
                if matches!(&registers[this as usize], Value::Object(it) if it.is::<NoThis>()) {
                    return Err(Trouble::mistake("ErrorUnboundThis", "`this` is not bound here"));
                }
            }
            Op::NeedFunction(reg) if !matches!(&registers[reg as usize], Value::Function(_)) => {
                return Err(self.rhai_error("call(x0)".to_owned(), vec![registers[reg as usize].clone()]));
            }
            Op::Throw(value) => return Err(self.thrown(registers[value as usize].clone())),
            Op::Fail(index) => {
                let (kind, message) = &proto.failures[index as usize];
                return Err(Trouble::mistake(kind, message.clone()));
            }
            _ => {}
        }
        Ok(())
    }
}

fn clear_behind(registers: &mut Window, first: usize, count: u8) {
    let count = count as usize;
    if count > 1 {
        super::frame::clear(&mut registers[first + 1..first + count]);
    }
}
