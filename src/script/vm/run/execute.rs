//! The instructions that the plain loop leaves alone, with all rules: one at a time.

use super::Machine;
use super::frame::{Calls, Frame, clear, handler, window};
use crate::script::vm::code::{FIRST, Op, Operator, Reg, SECOND, Window};
use crate::script::vm::trouble::{Run, Trouble};
use crate::value::Value;

#[inline]
fn at(registers: &Window, register: Reg) -> &Value {
    &registers[register as usize]
}

impl Machine {
    /// Does the instruction before the next one, with all rules. What it leaves is where to go on: behind an error that
    /// is caught, that is elsewhere.
    #[inline(never)]
    #[allow(clippy::too_many_lines)] // A table: one line for an instruction, or a few.
    pub(super) fn step(&self, calls: &mut Calls<'_>) -> Run<()> {
        let program = calls.program;
        let Frame { number, mut next, base } = calls.now;
        let proto = &*program.protos[number as usize];
        let registers = window(&mut calls.stack.registers, base);

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

        macro_rules! again {
            ($distance:expr, $compared:expr) => {
                self.poll().and_then(|()| $compared).map(|holds| {
                    if holds {
                        jump!($distance);
                    }
                })
            };
        }

        let done: Run<()> = match proto.code[next - 1] {
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
            Op::WhileLess(a, b, to) => {
                again!(to, self.compare(Operator::Less, (registers, proto, next), (a, b)))
            }
            Op::WhileLessEqual(a, b, to) => {
                again!(to, self.compare(Operator::LessEqual, (registers, proto, next), (a, b)))
            }
            Op::WhileGreater(a, b, to) => {
                again!(to, self.compare(Operator::Greater, (registers, proto, next), (a, b)))
            }
            Op::WhileGreaterEqual(a, b, to) => {
                again!(to, self.compare(Operator::GreaterEqual, (registers, proto, next), (a, b)))
            }
            Op::WhileEqual(a, b, to) => {
                again!(to, self.compare(Operator::Equal, (registers, proto, next), (a, b)))
            }
            Op::WhileNotEqual(a, b, to) => {
                again!(to, self.compare(Operator::NotEqual, (registers, proto, next), (a, b)))
            }
            Op::WhileLessInt(a, int, to) => {
                again!(to, self.compare_int(Operator::Less, (registers, proto, next), (a, int)))
            }
            Op::WhileLessEqualInt(a, int, to) => {
                again!(to, self.compare_int(Operator::LessEqual, (registers, proto, next), (a, int)))
            }
            Op::WhileGreaterInt(a, int, to) => {
                again!(to, self.compare_int(Operator::Greater, (registers, proto, next), (a, int)))
            }
            Op::WhileGreaterEqualInt(a, int, to) => {
                again!(to, self.compare_int(Operator::GreaterEqual, (registers, proto, next), (a, int)))
            }
            Op::WhileEqualInt(a, int, to) => {
                again!(to, self.compare_int(Operator::Equal, (registers, proto, next), (a, int)))
            }
            Op::WhileNotEqualInt(a, int, to) => {
                again!(to, self.compare_int(Operator::NotEqual, (registers, proto, next), (a, int)))
            }
            Op::Loop(distance) => self.poll().map(|()| jump!(distance)),
            Op::IfTrue(a, _) | Op::IfFalse(a, _) => Err(self.no_bool(at(registers, a))),
            Op::Next(walk, distance) => self.next_item(registers, proto, (walk, next)).map(|is_there| {
                if !is_there {
                    jump!(distance);
                }
            }),
            Op::Again(walk, distance) => {
                let item = self.poll().and_then(|()| self.next_item(registers, proto, (walk, next)));
                item.map(|is_there| {
                    if is_there {
                        jump!(distance);
                    }
                })
            }
            Op::Index(target, from, index, _) => self.index(registers, (proto, next), target, (from, index)),
            Op::SetIndex(place, index, source) => {
                self.set_index((registers, proto, next), place, (index, source))
            }
            Op::Call(arguments, number) => self.sink().and_then(|()| self.poll()).map(|()| {
                calls.call(number, arguments);
                next = 0;
            }),
            Op::CallValue(function, count) => {
                let called = self.prepare_call(program, (registers, proto, next), function, count);
                called.map(|called| {
                    if let Some(number) = called {
                        calls.call(number, function);
                        next = 0;
                    }
                })
            }
            Op::Site(base, index) => self.site(program, registers, proto, (base, index)),
            Op::Chain(target, index) => self.chain(program, registers, &proto.chains[index as usize], target),
            other => self.other(other, registers, (proto, &mut next)),
        };
        let Err(trouble) = done else {
            calls.now.next = next;
            return Ok(());
        };
        self.fail(calls, trouble)
    }

    /// An error came up in the instruction before the next one.
    #[cold]
    pub(super) fn fail(&self, calls: &mut Calls<'_>, trouble: Trouble) -> Run<()> {
        let proto = &*calls.program.protos[calls.now.number as usize];
        self.out(calls, self.placed(trouble, proto.spots[calls.now.next - 1].position))
    }

    /// Goes on where an error is caught, or lets it out of all calls.
    #[cold]
    fn out(&self, calls: &mut Calls<'_>, mut trouble: Trouble) -> Run<()> {
        loop {
            let Frame { number, next, base } = calls.now;
            let proto = &*calls.program.protos[number as usize];
            let registers = window(&mut calls.stack.registers, base);
            if let Some(handler) = handler(proto, next - 1)
                && trouble.is_catchable()
            {
                self.catch(handler, trouble, registers, proto.registers as usize);
                calls.now.next = handler.target as usize;
                return Ok(());
            }
            let Some(frame) = calls.stack.waiting.pop() else { return Err(trouble) };
            clear(&mut registers[..proto.registers as usize]);
            self.rise();
            let caller = &calls.program.protos[frame.number as usize];
            trouble = self.through(trouble, &proto.name, caller.spots[frame.next - 1].position);
            calls.now = frame;
        }
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
