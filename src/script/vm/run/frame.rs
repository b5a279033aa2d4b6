//! Calls within the machine: windows of registers, and the way back out of an error.

use super::Machine;
use crate::script::vm::code::{Handler, Program, Proto, Reg, WINDOW, Window};
use crate::script::vm::trouble::{Kept, Run, Trouble};
use crate::value::{Object, Value};
use std::rc::Rc;

/// A call: the function, the next instruction, and where its registers begin.
#[derive(Clone, Copy)]
pub(super) struct Frame {
    pub(super) number: u16,
    pub(super) next: usize,
    pub(super) base: usize,
}

/// Registers, and the calls that wait for others.
#[derive(Default)]
pub(super) struct Stack {
    pub(super) registers: Vec<Value>,
    pub(super) waiting: Vec<Frame>,
}

impl Stack {
    /// With the first window on it.
    pub(super) fn ready() -> Stack {
        Stack { registers: vec![Value::Unit; 2 * WINDOW], waiting: Vec::new() }
    }
}

/// What runs on a stack.
pub(super) struct Calls<'p> {
    pub(super) program: &'p Rc<Program>,
    pub(super) stack: &'p mut Stack,
    pub(super) now: Frame,
}

impl Calls<'_> {
    /// Goes on in another function, whose arguments begin at a register.
    pub(super) fn call(&mut self, number: u16, arguments: Reg) {
        self.stack.waiting.push(self.now);
        self.now = Frame { number, next: 0, base: self.now.base + arguments as usize };
    }
}

/// The registers of a call. The stack is always long enough for them.
#[inline]
pub(super) fn window(stack: &mut Vec<Value>, base: usize) -> &mut Window {
    if stack.len() < base + WINDOW {
        lengthen(stack, base + WINDOW);
    }
    match (&mut stack[base..base + WINDOW]).try_into() {
        Ok(window) => window,
        Err(_) => unreachable!("a slice of so many values is a window"),
    }
}

#[cold]
fn lengthen(stack: &mut Vec<Value>, least: usize) {
    let longer = (stack.len() * 2).max(least);
    stack.resize(longer, Value::Unit);
}

/// Lets go of what registers hold.
#[inline]
pub(super) fn clear(registers: &mut [Value]) {
    for value in registers {
        if !is_plain(value) {
            *value = Value::Unit;
        }
    }
}

/// Whether a value holds nothing that could be shared.
#[inline]
pub(super) fn is_plain(value: &Value) -> bool {
    matches!(value, Value::Unit | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Char(_))
}

pub(super) fn handler(proto: &Proto, at: usize) -> Option<&Handler> {
    let at = at as u32;
    proto.handlers.iter().find(|handler| handler.start <= at && at < handler.end)
}

impl Machine {
    /// Runs a function on a stack of its own, with what it captured and with arguments, which are taken. `this` is
    /// lent to it.
    pub(super) fn enter(
        &self,
        (program, number): (&Rc<Program>, u16),
        captured: &[Value],
        arguments: &mut [Value],
        this: Option<&mut Value>,
    ) -> Run {
        let constant = self.lends_constant.take();
        self.sink()?;
        if let Err(trouble) = self.poll() {
            self.rise();
            return Err(trouble);
        }
        let (depth, called_at) = (self.depth.get(), self.called_at.get());
        let proto = &*program.protos[number as usize];
        let mut stack = self.stack();
        let registers = &mut stack.registers;
        for (register, value) in registers.iter_mut().zip(captured) {
            *register = value.clone();
        }
        for (register, argument) in registers.iter_mut().skip(captured.len()).zip(arguments) {
            *register = argument.take();
        }
        let lent = match (proto.this, &this) {
            (Some(register), Some(_)) => Some(register as usize),
            _ => None,
        };
        if let (Some(register), Some(this)) = (lent, &this) {
            // The value itself is lent; whoever lends it sees to it that nobody else looks for it.
            registers[register] = (**this).clone();
            registers[register + 1] = Value::Bool(constant);
        }
        let mut this = this;
        if let (Some(_), Some(this)) = (lent, &mut this) {
            **this = Value::Unit;
        }
        // Behind the instruction that says that nothing is `this`.
        let now = Frame { number, next: usize::from(lent.is_some()), base: 0 };
        let result = super::plain::run(self, Calls { program, stack: &mut stack, now });
        if let (Some(register), Some(this)) = (lent, this) {
            *this = stack.registers[register].take();
        }
        clear(&mut stack.registers[..proto.registers as usize]);
        self.give_back(stack);
        self.depth.set(depth - 1);
        self.called_at.set(called_at);
        result.map_err(
            |trouble| {
                if proto.is_body { trouble } else { self.through(trouble, &proto.name, called_at) }
            },
        )
    }

    /// Goes on where an error is caught.
    pub(super) fn catch(&self, handler: &Handler, trouble: Trouble, registers: &mut Window, used: usize) {
        let first = handler.error as usize;
        clear(&mut registers[first..used.max(first)]);
        if let Some(variable) = handler.variable {
            registers[variable as usize] = self.caught(&trouble);
        }
        registers[first] = match handler.outer {
            Some(outer) if trouble.is_nothing() => registers[outer as usize].clone(),
            _ => Value::Object(Object::new(Kept(trouble))),
        };
    }
}
