//! A closure that a native calls for one item after the other: it is looked up once, and its stack stays.

use super::Machine;
use super::callback::Target;
use super::frame::{Calls, Frame, Stack, clear, window};
use super::register::{copy, set_int, store};
use crate::script::vm::code::Program;
use crate::script::vm::trouble::Run;
use crate::value::Value;
use std::rc::Rc;

pub(in crate::script::vm) struct Repeated<'m> {
    machine: &'m Machine,
    program: Rc<Program>,
    number: u16,
    captured: Vec<Value>,
    stack: Stack,
}

impl<'m> Repeated<'m> {
    /// None for what is no closure of the script.
    pub(in crate::script::vm) fn new(machine: &'m Machine, target: &Target) -> Option<Self> {
        let Target::Closure { program, number, captured } = target else { return None };
        let (program, captured) = (program.clone(), captured.clone());
        Some(Repeated { machine, program, number: *number, captured, stack: machine.stack() })
    }

    /// How many arguments it takes, besides what it captured.
    #[inline]
    pub(in crate::script::vm) fn takes(&self) -> usize {
        let params = self.program.protos[self.number as usize].params as usize;
        params.saturating_sub(self.captured.len())
    }

    /// Calls it with an item, maybe with a value before it and a number behind it, as many as it takes. See
    /// [`Machine::enter`].
    #[inline]
    pub(in crate::script::vm) fn call(
        &mut self,
        before: Option<Value>,
        item: &Value,
        behind: Option<usize>,
    ) -> Run {
        let machine = self.machine;
        let registers = window(&mut self.stack.registers, 0);
        let mut next = 0;
        if !self.captured.is_empty() {
            machine.free(&self.captured)?;
            for value in &self.captured {
                store(&mut registers[next], value.clone());
                next += 1;
            }
        }
        if let Some(before) = before {
            store(&mut registers[next], before);
            next += 1;
        }
        copy(&mut registers[next], item);
        if let Some(index) = behind {
            set_int(&mut registers[next + 1], index as i64);
        }
        self.run()
    }

    fn run(&mut self) -> Run {
        let machine = self.machine;
        machine.sink()?;
        if let Err(trouble) = machine.poll() {
            machine.rise();
            return Err(trouble);
        }
        let (depth, called_at) = (machine.depth.get(), machine.called_at.get());
        let now = Frame { number: self.number, next: 0, base: 0 };
        let calls = Calls { program: &self.program, stack: &mut self.stack, now };
        let result = super::plain::run(machine, calls);
        let proto = &self.program.protos[self.number as usize];
        clear(&mut self.stack.registers[..proto.registers as usize]);
        machine.depth.set(depth - 1);
        machine.called_at.set(called_at);
        result.map_err(|trouble| machine.through(trouble, &proto.name, called_at))
    }
}

impl Drop for Repeated<'_> {
    fn drop(&mut self) {
        self.machine.give_back(std::mem::take(&mut self.stack));
    }
}
