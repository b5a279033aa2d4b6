//! A closure that a native calls for one item after the other: it is looked up once, and its stack stays.

use super::Machine;
use super::callback::Target;
use super::frame::{Calls, Frame, Stack, clear, window};
use super::register::{copy, set_int, store};
use crate::script::vm::code::Program;
use crate::script::vm::trouble::Run;
use crate::value::{Function, Value};
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
        let registers = window(&mut self.stack.registers, 0);
        let mut next = 0;
        for value in &self.captured {
            store(&mut registers[next], value.clone());
            next += 1;
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

/// The function that a native called last, since it mostly calls it again. In a box: most natives call none, and then
/// there is but a word to look at.
pub(super) struct Known<'m> {
    function: Function,
    target: Target,
    repeated: Option<Repeated<'m>>,
}

impl Machine {
    /// Calls a function for a native.
    pub(super) fn call_back<'m>(
        &'m self,
        program: Option<&Rc<Program>>,
        known: &mut Option<Box<Known<'m>>>,
        (function, mut arguments): (&Function, Vec<Value>),
    ) -> Run {
        let known = match known {
            Some(known) if is_same(&known.function, function) => known,
            _ => {
                let target = self.target(program, function);
                let repeated = Repeated::new(self, &target);
                known.insert(Box::new(Known { function: function.clone(), target, repeated }))
            }
        };
        match (&mut known.repeated, &mut arguments[..]) {
            (Some(repeated), [item]) if repeated.takes() == 1 => repeated.call(None, item, None),
            (Some(repeated), [first, item]) if repeated.takes() == 2 => {
                repeated.call(Some(first.take()), item, None)
            }
            _ => self.call_target(&known.target, arguments, None),
        }
    }
}

/// Whether a function is the very same: it has the same name, and captured the same variables.
fn is_same(known: &Function, function: &Function) -> bool {
    let same = |(a, b): (&Value, &Value)| match (a, b) {
        (Value::Variable(a), Value::Variable(b)) => Rc::ptr_eq(a, b),
        _ => false,
    };
    known.name == function.name
        && known.home == function.home
        && known.captured.len() == function.captured.len()
        && known.captured.iter().zip(&function.captured).all(same)
}

impl Drop for Repeated<'_> {
    fn drop(&mut self) {
        self.machine.give_back(std::mem::take(&mut self.stack));
    }
}
