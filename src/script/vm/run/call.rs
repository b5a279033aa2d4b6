//! `f.call(…)`: the arguments are put where the function looks for them.

use super::Machine;
use super::arithmetic::Here;
use super::callback::Target;
use crate::script::rhai::compile::is_closure;
use crate::script::vm::code::{Program, Reg, Root, WINDOW, Window};
use crate::script::vm::trouble::Run;
use crate::value::{Function, Value};
use std::rc::Rc;

impl Machine {
    /// Makes ready a call of the function in a register, behind which are its arguments. Gives the number of the
    /// function where it is of this program; else the call is made, and its value is in the register.
    pub(super) fn prepare_call(
        &self,
        program: &Rc<Program>,
        (registers, proto, next): Here<'_, '_>,
        base: Reg,
        count: u8,
    ) -> Run<Option<u16>> {
        self.called_at.set(proto.spots[next - 1].position);
        let first = base as usize;
        let arguments = first + 1..first + 1 + count as usize;
        let Value::Function(function) = &registers[first] else {
            if let Some(object) = proto.object(next - 1)
                && let Some(Value::Function(_)) = registers.get(first + 1)
            {
                if !matches!(object.root, Root::Constant(_)) {
                    registers[first] = Value::Unit;
                }
                return self.chain(program, registers, object, base).map(|()| None);
            }
            let called = self.call_of_no_function(program, registers, first, count as usize);
            return called.map(|()| None).map_err(|trouble| match trouble.kind() {
                "ErrorMismatchDataType" => self.placed(trouble, proto.places(next - 1).second),
                _ => trouble,
            });
        };
        let function = function.clone();
        let closure = is_closure(&function.name).then(|| program.closures.get(&*function.name).copied());
        let own = closure.flatten().map_or(0, |number| program.protos[number as usize].captured as usize);
        let captured = function.captured.len();
        let room = first + captured + (count as usize) + proto.registers as usize / WINDOW < WINDOW
            && function.captured.iter().take(own).all(|it| matches!(it, Value::Variable(_)));
        let number = closure.unwrap_or_else(|| program.function(&function.name, captured + count as usize));
        let Some(number) = number.filter(|it| room && !program.refused.contains_key(it)) else {
            let target = self.target(Some(program), &function);
            let arguments = registers[arguments].iter_mut().map(Value::take).collect();
            registers[first] = self.call_target(&target, arguments, None)?;
            return Ok(None);
        };
        if program.protos[number as usize].params as usize != captured + count as usize {
            return Err(self.not_taken(&registers[arguments]));
        }
        spread(registers, &function, first, count as usize);
        self.sink()?;
        self.poll()?;
        Ok(Some(number))
    }

    /// `object.call(function, …)`, or an error.
    fn call_of_no_function(
        &self,
        program: &Rc<Program>,
        registers: &mut Window,
        first: usize,
        count: usize,
    ) -> Run<()> {
        let mut object = registers[first].take();
        let arguments = &mut registers[first + 1..first + 1 + count];
        let result = if let Some(Value::Function(function)) = arguments.first() {
            let target: Target = self.target(Some(program), function);
            let arguments = arguments[1..].iter_mut().map(Value::take).collect();
            self.call_target(&target, arguments, Some(&mut object))
        } else {
            let text = format!("x0.call({})", crate::script::vm::bridge::variables(1, count + 1));
            self.rhai_change(text, &mut object, arguments, false)
        };
        registers[first] = result?;
        Ok(())
    }
}

/// Puts what was captured in the place of the function, and the arguments behind it.
fn spread(registers: &mut Window, function: &Function, first: usize, count: usize) {
    let captured = function.captured.len();
    if captured == 0 {
        for index in first..first + count {
            registers[index] = registers[index + 1].take();
        }
        if count == 0 {
            registers[first] = Value::Unit;
        }
        return;
    }
    for index in (0..count).rev() {
        registers[first + captured + index] = registers[first + 1 + index].take();
    }
    for (register, value) in registers[first..].iter_mut().zip(&function.captured) {
        *register = value.clone();
    }
}
