//! Calls within the machine: windows of registers, and the way back out of an error.

use super::Machine;
use crate::script::vm::code::{Handler, Program, Proto, WINDOW, Window};
use crate::script::vm::trouble::{Kept, Run, Trouble};
use crate::value::{Object, Value};
use std::rc::Rc;

/// A call that waits for another one.
pub(super) struct Frame<'p> {
    pub(super) proto: &'p Proto,
    pub(super) next: usize,
    pub(super) base: usize,
}

/// The registers of a call. The stack is always long enough for them.
#[inline]
pub(super) fn window(stack: &mut Vec<Value>, base: usize) -> &mut Window {
    if stack.len() < base + WINDOW {
        let longer = (stack.len() * 2).max(base + WINDOW);
        stack.resize(longer, Value::Unit);
    }
    match (&mut stack[base..base + WINDOW]).try_into() {
        Ok(window) => window,
        Err(_) => unreachable!("a slice of so many values is a window"),
    }
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
        for (register, value) in stack.iter_mut().zip(captured) {
            *register = value.clone();
        }
        for (register, argument) in stack.iter_mut().skip(captured.len()).zip(arguments) {
            *register = argument.take();
        }
        let lent = match (proto.this, &this) {
            (Some(register), Some(_)) => Some(register as usize),
            _ => None,
        };
        if let (Some(register), Some(this)) = (lent, &this) {
            // The value itself is lent; whoever lends it sees to it that nobody else looks for it.
            stack[register] = (**this).clone();
            stack[register + 1] = Value::Bool(constant);
        }
        let mut this = this;
        if let (Some(_), Some(this)) = (lent, &mut this) {
            **this = Value::Unit;
        }
        let result = self.execute(program, proto, &mut stack, usize::from(lent.is_some()));
        if let (Some(register), Some(this)) = (lent, this) {
            *this = stack[register].take();
        }
        clear(&mut stack[..proto.registers as usize]);
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
