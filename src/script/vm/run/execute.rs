//! The loop over instructions. What is common and cheap is done here, all else in functions beside it.

use super::Machine;
use super::compare::{float_equal, float_less, float_less_equal};
use super::frame::{Frame, clear, handler, window};
use crate::script::vm::code::{FIRST, Op, Operator, Program, Proto, Reg, SECOND, Window};
use crate::script::vm::trouble::{Run, Trouble};
use crate::value::Value;
use std::rc::Rc;

/// Writes an int where an int is, without looking at what else there could be.
#[inline]
fn set_int(register: &mut Value, int: i64) {
    match register {
        Value::Int(old) => *old = int,
        other => *other = Value::Int(int),
    }
}

#[inline]
fn set_float(register: &mut Value, float: f64) {
    match register {
        Value::Float(old) => *old = float,
        other => *other = Value::Float(float),
    }
}

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
        let mut code = &proto.code[..];
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
        macro_rules! arithmetic {
            ($target:expr, $a:expr, $b:expr, $checked:ident, $sign:tt, $operator:ident) => {
                match (at(registers, $a), at(registers, $b)) {
                    (Value::Int(a), Value::Int(b)) => match a.$checked(*b) {
                        Some(int) => {
                            set_int(&mut reg!($target), int);
                            continue;
                        }
                        None => self.binary(Operator::$operator, (registers, proto, next), $target, ($a, $b)),
                    },
                    (Value::Float(a), Value::Float(b)) => {
                        let float = a $sign b;
                        set_float(&mut reg!($target), float);
                        continue;
                    }
                    _ => self.binary(Operator::$operator, (registers, proto, next), $target, ($a, $b)),
                }
            };
        }
        macro_rules! with_int {
            ($target:expr, $a:expr, $int:expr, $checked:ident, $sign:tt, $operator:ident) => {
                match at(registers, $a) {
                    Value::Int(a) => match a.$checked(i64::from($int)) {
                        Some(int) => {
                            set_int(&mut reg!($target), int);
                            continue;
                        }
                        None => self.binary_int(Operator::$operator, (registers, proto, next), $target, ($a, $int)),
                    },
                    Value::Float(a) => {
                        let float = a $sign f64::from($int);
                        set_float(&mut reg!($target), float);
                        continue;
                    }
                    _ => self.binary_int(Operator::$operator, (registers, proto, next), $target, ($a, $int)),
                }
            };
        }
        macro_rules! compared {
            ($a:expr, $b:expr, $sign:tt, $float:expr, $operator:ident) => {
                match (at(registers, $a), at(registers, $b)) {
                    (Value::Int(a), Value::Int(b)) => Ok(a $sign b),
                    (Value::Float(a), Value::Float(b)) => Ok($float(*a, *b)),
                    _ => self.compare(Operator::$operator, (registers, proto, next), ($a, $b)),
                }
            };
        }
        macro_rules! comparison {
            ($target:expr, $a:expr, $b:expr, $sign:tt, $float:expr, $operator:ident) => {
                match compared!($a, $b, $sign, $float, $operator) {
                    Ok(bool) => {
                        reg!($target) = Value::Bool(bool);
                        continue;
                    }
                    Err(trouble) => Err(trouble),
                }
            };
        }
        macro_rules! unless {
            ($distance:expr, $compared:expr) => {
                match $compared {
                    Ok(true) => continue,
                    Ok(false) => {
                        jump!($distance);
                        continue;
                    }
                    Err(trouble) => Err(trouble),
                }
            };
        }
        macro_rules! unless_int {
            ($a:expr, $int:expr, $distance:expr, $sign:tt, $operator:ident) => {
                unless!($distance, match at(registers, $a) {
                    Value::Int(a) => Ok(*a $sign i64::from($int)),
                    _ => self.compare_int(Operator::$operator, (registers, proto, next), ($a, $int)),
                })
            };
        }

        loop {
            let op = code[next];
            next += 1;
            let step: Run<()> = match op {
                Op::Unit(target) => {
                    reg!(target) = Value::Unit;
                    continue;
                }
                Op::Bool(target, bool) => {
                    reg!(target) = Value::Bool(bool);
                    continue;
                }
                Op::Int(target, int) => {
                    set_int(&mut reg!(target), int.into());
                    continue;
                }
                Op::Constant(target, index) => {
                    reg!(target) = proto.constants[index as usize].clone();
                    continue;
                }
                Op::Copy(target, source) => {
                    reg!(target) = at(registers, source).clone();
                    continue;
                }
                Op::Take(target, source) => {
                    reg!(target) = reg!(source).take();
                    continue;
                }
                Op::Clear(first, count) => {
                    let first = first as usize;
                    clear(&mut registers[first..first + count as usize]);
                    continue;
                }
                Op::Add(target, a, b) => arithmetic!(target, a, b, checked_add, +, Add),
                Op::Subtract(target, a, b) => arithmetic!(target, a, b, checked_sub, -, Subtract),
                Op::Multiply(target, a, b) => arithmetic!(target, a, b, checked_mul, *, Multiply),
                Op::Divide(target, a, b) => arithmetic!(target, a, b, checked_div, /, Divide),
                Op::Remainder(target, a, b) => arithmetic!(target, a, b, checked_rem, %, Remainder),
                Op::AddInt(target, a, int) => with_int!(target, a, int, checked_add, +, Add),
                Op::SubtractInt(target, a, int) => with_int!(target, a, int, checked_sub, -, Subtract),
                Op::AssignAdd(target, source) => match (at(registers, target), at(registers, source)) {
                    (Value::Int(a), Value::Int(b)) => match a.checked_add(*b) {
                        Some(int) => {
                            set_int(&mut reg!(target), int);
                            continue;
                        }
                        None => self.assign(Operator::Add, (registers, proto, next), (target, source)),
                    },
                    (Value::Float(a), Value::Float(b)) => {
                        let float = a + b;
                        set_float(&mut reg!(target), float);
                        continue;
                    }
                    _ => self.assign(Operator::Add, (registers, proto, next), (target, source)),
                },
                Op::AssignAddInt(target, int) => match &mut reg!(target) {
                    Value::Int(a) => match a.checked_add(int.into()) {
                        Some(sum) => {
                            *a = sum;
                            continue;
                        }
                        None => self.assign_value(Operator::Add, &mut reg!(target), Value::Int(int.into())),
                    },
                    Value::Float(a) => {
                        *a += f64::from(int);
                        continue;
                    }
                    place => self.assign_value(Operator::Add, place, Value::Int(int.into())),
                },
                Op::Less(target, a, b) => comparison!(target, a, b, <, float_less, Less),
                Op::LessEqual(target, a, b) => comparison!(target, a, b, <=, float_less_equal, LessEqual),
                Op::Greater(target, a, b) => comparison!(target, a, b, >, |a, b| float_less(b, a), Greater),
                Op::GreaterEqual(target, a, b) => {
                    comparison!(target, a, b, >=, |a, b| float_less_equal(b, a), GreaterEqual)
                }
                Op::Equal(target, a, b) => comparison!(target, a, b, ==, float_equal, Equal),
                Op::NotEqual(target, a, b) => {
                    comparison!(target, a, b, !=, super::compare::float_not_equal, NotEqual)
                }
                Op::UnlessLess(a, b, to) => unless!(to, compared!(a, b, <, float_less, Less)),
                Op::UnlessLessEqual(a, b, to) => {
                    unless!(to, compared!(a, b, <=, float_less_equal, LessEqual))
                }
                Op::UnlessGreater(a, b, to) => {
                    unless!(to, compared!(a, b, >, |a, b| float_less(b, a), Greater))
                }
                Op::UnlessGreaterEqual(a, b, to) => {
                    unless!(to, compared!(a, b, >=, |a, b| float_less_equal(b, a), GreaterEqual))
                }
                Op::UnlessEqual(a, b, to) => unless!(to, compared!(a, b, ==, float_equal, Equal)),
                Op::UnlessNotEqual(a, b, to) => {
                    unless!(to, compared!(a, b, !=, super::compare::float_not_equal, NotEqual))
                }
                Op::UnlessLessInt(a, int, to) => unless_int!(a, int, to, <, Less),
                Op::UnlessLessEqualInt(a, int, to) => unless_int!(a, int, to, <=, LessEqual),
                Op::UnlessGreaterInt(a, int, to) => unless_int!(a, int, to, >, Greater),
                Op::UnlessGreaterEqualInt(a, int, to) => unless_int!(a, int, to, >=, GreaterEqual),
                Op::UnlessEqualInt(a, int, to) => unless_int!(a, int, to, ==, Equal),
                Op::UnlessNotEqualInt(a, int, to) => unless_int!(a, int, to, !=, NotEqual),
                Op::Jump(distance) => {
                    jump!(distance);
                    continue;
                }
                Op::Loop(distance) => match self.poll() {
                    Ok(()) => {
                        jump!(distance);
                        continue;
                    }
                    Err(trouble) => Err(trouble),
                },
                Op::IfTrue(a, distance) => match at(registers, a) {
                    Value::Bool(true) => {
                        jump!(distance);
                        continue;
                    }
                    Value::Bool(false) => continue,
                    other => Err(self.no_bool(other)),
                },
                Op::IfFalse(a, distance) => match at(registers, a) {
                    Value::Bool(false) => {
                        jump!(distance);
                        continue;
                    }
                    Value::Bool(true) => continue,
                    other => Err(self.no_bool(other)),
                },
                Op::IfNotUnit(a, distance) => {
                    if !matches!(at(registers, a), Value::Unit) {
                        jump!(distance);
                    }
                    continue;
                }
                Op::Next(walk, distance) => match super::walk::next_plain(registers, walk) {
                    Some(true) => continue,
                    Some(false) => {
                        jump!(distance);
                        continue;
                    }
                    None => match self.next_item(registers, proto, (walk, next)) {
                        Ok(true) => continue,
                        Ok(false) => {
                            jump!(distance);
                            continue;
                        }
                        Err(trouble) => Err(trouble),
                    },
                },
                Op::Index(target, from, index) => match (at(registers, from), at(registers, index)) {
                    (Value::Array(items), Value::Int(int)) => {
                        let item = usize::try_from(*int).ok().and_then(|int| items.get(int));
                        match item {
                            Some(item) if target == from || proto.spots[next - 1].temporary & FIRST == 0 => {
                                let item = item.clone();
                                reg!(target) = item;
                                continue;
                            }
                            _ => self.index(registers, (proto, next), target, (from, index)),
                        }
                    }
                    _ => self.index(registers, (proto, next), target, (from, index)),
                },
                Op::SetIndex(place, index, source) => {
                    match self.set_index((registers, proto, next), place, (index, source)) {
                        Ok(()) => continue,
                        Err(trouble) => Err(trouble),
                    }
                }
                Op::Call(arguments, number) => match self.sink().and_then(|()| self.poll()) {
                    Ok(()) => {
                        frames.push(Frame { proto, next, base });
                        proto = &program.protos[number as usize];
                        code = &proto.code;
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
                            code = &proto.code;
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
                    code = &proto.code;
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
                        code = &proto.code;
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
