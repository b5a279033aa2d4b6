//! The loop over instructions. What is common and cheap is done here, all else in functions beside it.

use super::Machine;
use super::frame::{Frame, clear, handler, window};
use crate::script::vm::code::{FIRST, Op, Operator, Program, Proto, Reg, SECOND, Window};
use crate::script::vm::trouble::{Run, Trouble};
use crate::value::Value;
use std::rc::Rc;

#[inline]
fn at(registers: &Window, register: Reg) -> &Value {
    &registers[register as usize]
}

impl Machine {
    /// Runs from the first instruction, or behind the one that says that nothing is `this`.
    #[allow(clippy::too_many_lines)] // A table: one line for an instruction, or a few.
    pub(super) fn execute(
        &self,
        program: &Rc<Program>,
        entry: &Proto,
        stack: &mut Vec<Value>,
        start: usize,
    ) -> Run {
        let mut proto = entry;
        let mut frames: Vec<Frame<'_>> = Vec::new();
        let (mut next, mut base) = (start, 0_usize);
        let mut registers = window(stack, base);

        macro_rules! reg {
            ($register:expr) => {
                registers[$register as usize]
            };
        }
        macro_rules! jump {
            ($distance:expr) => {
                next = next.wrapping_add_signed($distance as isize)
            };
        }
        macro_rules! binary {
            ($operator:ident, $target:expr, $a:expr, $b:expr) => {
                self.binary(Operator::$operator, (registers, proto, next), $target, ($a, $b))
            };
        }
        macro_rules! binary_int {
            ($operator:ident, $target:expr, $a:expr, $int:expr) => {
                self.binary_int(Operator::$operator, (registers, proto, next), $target, ($a, $int))
            };
        }
        macro_rules! comparison {
            ($operator:ident, $target:expr, $a:expr, $b:expr) => {
                self.compare(Operator::$operator, (registers, proto, next), ($a, $b))
                    .map(|holds| reg!($target) = Value::Bool(holds))
            };
        }
        macro_rules! unless {
            ($distance:expr, $compared:expr) => {
                $compared.map(|holds| {
                    if !holds {
                        jump!($distance);
                    }
                })
            };
            ($operator:ident, $a:expr, $b:expr, $distance:expr) => {
                unless!($distance, self.compare(Operator::$operator, (registers, proto, next), ($a, $b)))
            };
        }
        macro_rules! unless_int {
            ($operator:ident, $a:expr, $int:expr, $distance:expr) => {
                unless!(
                    $distance,
                    self.compare_int(Operator::$operator, (registers, proto, next), ($a, $int))
                )
            };
        }

        loop {
            next = super::plain::run(proto, registers, next, &self.fuel);
            let op = proto.code[next];
            next += 1;
            let step: Run<()> = match op {
                Op::Add(target, a, b) => binary!(Add, target, a, b),
                Op::Subtract(target, a, b) => binary!(Subtract, target, a, b),
                Op::Multiply(target, a, b) => binary!(Multiply, target, a, b),
                Op::Divide(target, a, b) => binary!(Divide, target, a, b),
                Op::Remainder(target, a, b) => binary!(Remainder, target, a, b),
                Op::AddInt(target, a, int) => binary_int!(Add, target, a, int),
                Op::SubtractInt(target, a, int) => binary_int!(Subtract, target, a, int),
                Op::MultiplyInt(target, a, int) => binary_int!(Multiply, target, a, int),
                Op::DivideInt(target, a, int) => binary_int!(Divide, target, a, int),
                Op::RemainderInt(target, a, int) => binary_int!(Remainder, target, a, int),
                Op::AssignAdd(target, source) => {
                    self.assign(Operator::Add, (registers, proto, next), (target, source))
                }
                Op::AssignAddInt(target, int) => {
                    self.assign_value(Operator::Add, &mut reg!(target), Value::Int(int.into()))
                }
                Op::Less(target, a, b) => comparison!(Less, target, a, b),
                Op::LessEqual(target, a, b) => comparison!(LessEqual, target, a, b),
                Op::Greater(target, a, b) => comparison!(Greater, target, a, b),
                Op::GreaterEqual(target, a, b) => comparison!(GreaterEqual, target, a, b),
                Op::Equal(target, a, b) => comparison!(Equal, target, a, b),
                Op::NotEqual(target, a, b) => comparison!(NotEqual, target, a, b),
                Op::UnlessLess(a, b, to) => unless!(Less, a, b, to),
                Op::UnlessLessEqual(a, b, to) => unless!(LessEqual, a, b, to),
                Op::UnlessGreater(a, b, to) => unless!(Greater, a, b, to),
                Op::UnlessGreaterEqual(a, b, to) => unless!(GreaterEqual, a, b, to),
                Op::UnlessEqual(a, b, to) => unless!(Equal, a, b, to),
                Op::UnlessNotEqual(a, b, to) => unless!(NotEqual, a, b, to),
                Op::UnlessLessInt(a, int, to) => unless_int!(Less, a, int, to),
                Op::UnlessLessEqualInt(a, int, to) => unless_int!(LessEqual, a, int, to),
                Op::UnlessGreaterInt(a, int, to) => unless_int!(Greater, a, int, to),
                Op::UnlessGreaterEqualInt(a, int, to) => unless_int!(GreaterEqual, a, int, to),
                Op::UnlessEqualInt(a, int, to) => unless_int!(Equal, a, int, to),
                Op::UnlessNotEqualInt(a, int, to) => unless_int!(NotEqual, a, int, to),
                Op::Loop(distance) => self.poll().map(|()| jump!(distance)),
                Op::IfTrue(a, _) | Op::IfFalse(a, _) => Err(self.no_bool(at(registers, a))),
                Op::Next(walk, distance) => match self.next_item(registers, proto, (walk, next)) {
                    Ok(true) => continue,
                    Ok(false) => {
                        jump!(distance);
                        continue;
                    }
                    Err(trouble) => Err(trouble),
                },
                Op::Again(walk, distance) => {
                    match self.poll().and_then(|()| self.next_item(registers, proto, (walk, next))) {
                        Ok(true) => {
                            jump!(distance);
                            continue;
                        }
                        Ok(false) => continue,
                        Err(trouble) => Err(trouble),
                    }
                }
                Op::Index(target, from, index) => self.index(registers, (proto, next), target, (from, index)),
                Op::SetIndex(place, index, source) => {
                    self.set_index((registers, proto, next), place, (index, source))
                }
                Op::Call(arguments, number) => match self.sink().and_then(|()| self.poll()) {
                    Ok(()) => {
                        frames.push(Frame { proto, next, base });
                        proto = &program.protos[number as usize];
                        next = 0;
                        base += arguments as usize;
                        registers = window(stack, base);
                        continue;
                    }
                    Err(trouble) => Err(trouble),
                },
                Op::CallValue(function, count) => {
                    match self.prepare_call(program, (registers, proto, next), function, count) {
                        Ok(Some(number)) => {
                            frames.push(Frame { proto, next, base });
                            proto = &program.protos[number as usize];
                            next = 0;
                            base += function as usize;
                            registers = window(stack, base);
                            continue;
                        }
                        Ok(None) => continue,
                        Err(trouble) => Err(trouble),
                    }
                }
                Op::Return(_) | Op::ReturnUnit => {
                    let value = match op {
                        Op::Return(source) => reg!(source).take(),
                        _ => Value::Unit,
                    };
                    let Some(frame) = frames.pop() else { return Ok(value) };
                    clear(&mut registers[..proto.registers as usize]);
                    self.rise();
                    reg!(0) = value;
                    Frame { proto, next, base } = frame;
                    registers = window(stack, base);
                    continue;
                }
                other => match self.other(program, other, registers, (proto, &mut next)) {
                    Ok(()) => continue,
                    Err(trouble) => Err(trouble),
                },
            };
            let Err(trouble) = step else { continue };
            let mut trouble = self.placed(trouble, proto.spots[next - 1].position);
            loop {
                if let Some(handler) = handler(proto, next - 1)
                    && trouble.is_catchable()
                {
                    self.catch(handler, trouble, registers, proto.registers as usize);
                    next = handler.target as usize;
                    break;
                }
                trouble = match self.out_of_call(&mut frames, trouble, (registers, proto)) {
                    Ok((frame, trouble)) => {
                        Frame { proto, next, base } = frame;
                        registers = window(stack, base);
                        trouble
                    }
                    Err(trouble) => return Err(trouble),
                };
            }
        }
    }

    /// Lets an error out of the call that it came up in.
    #[cold]
    fn out_of_call<'p>(
        &self,
        frames: &mut Vec<Frame<'p>>,
        trouble: Trouble,
        (registers, proto): (&mut Window, &Proto),
    ) -> Result<(Frame<'p>, Trouble), Trouble> {
        let Some(frame) = frames.pop() else { return Err(trouble) };
        clear(&mut registers[..proto.registers as usize]);
        self.rise();
        let called_at = frame.proto.spots[frame.next - 1].position;
        let trouble = self.through(trouble, &proto.name, called_at);
        Ok((frame, trouble))
    }

    #[cold]
    fn no_bool(&self, value: &Value) -> Trouble {
        self.rhai_error("if x0 { 1 } else { 2 }".to_owned(), vec![value.clone()])
    }

    /// A value that an instruction uses: taken where nobody needs it any more.
    #[inline]
    pub(super) fn operand(registers: &mut Window, register: Reg, taken: bool) -> Value {
        if taken { registers[register as usize].take() } else { at(registers, register).clone() }
    }
}

pub(super) const fn takes_first(temporary: u8) -> bool {
    temporary & FIRST != 0
}

pub(super) const fn takes_second(temporary: u8) -> bool {
    temporary & SECOND != 0
}
