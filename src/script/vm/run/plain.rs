//! The instructions that numbers, jumps and items need, over values as they mostly are.
//!
//! What is here is done without a call where it can be, so that the loop keeps what it works on in the processor's
//! registers. An instruction whose values are others than expected is left to [`Machine::step`].

use super::float;
use super::frame::{Calls, Frame, clear, window};
use super::literal::collect;
use super::register::{
    add_product, assign, assign_entry, begin, copy_of_other, entry, function_of_number, item,
    number as number_of, place, push, put, read, set_bool, set_entry, set_float, set_int, set_item, set_unit,
    span, step, take,
};
use super::switch::known_case;
use super::{CALLS_MAX, Machine};
use crate::script::vm::code::{FIRST, Op, Program, SECOND};
use crate::script::vm::trouble::Run;
use crate::value::Value;

/// Runs instructions until the call that it began with returns. Fuel is taken at each jump back and each call.
#[allow(clippy::too_many_lines)] // A table: one line for an instruction, or a few.
#[inline(never)]
pub(super) fn run(machine: &Machine, mut calls: Calls<'_>) -> Run {
    let program: &Program = calls.program;
    let (fuel, depth) = (&machine.fuel, &machine.depth);
    // The loop changes only its number of the next instruction: what it holds at hand is to be little.
    let mut next = calls.now.next;
    let mut proto = &*program.protos[calls.now.number as usize];
    let mut code = &proto.code[..];
    let mut registers = window(&mut calls.stack.registers, calls.now.base);

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
        ($target:expr, $a:expr, $b:expr, $checked:ident, $sign:tt) => {
            match (&reg!($a), &reg!($b)) {
                (Value::Int(a), Value::Int(b)) => {
                    if let Some(int) = a.$checked(*b) {
                        set_int(&mut reg!($target), int);
                        continue;
                    }
                }
                (Value::Float(a), Value::Float(b)) => {
                    let float = a $sign b;
                    set_float(&mut reg!($target), float);
                    continue;
                }
                _ => {}
            }
        };
    }
    macro_rules! with_int {
        ($target:expr, $a:expr, $int:expr, $checked:ident, $sign:tt) => {
            match &reg!($a) {
                Value::Int(a) => {
                    if let Some(int) = a.$checked(i64::from($int)) {
                        set_int(&mut reg!($target), int);
                        continue;
                    }
                }
                Value::Float(a) => {
                    let float = a $sign f64::from($int);
                    set_float(&mut reg!($target), float);
                    continue;
                }
                _ => {}
            }
        };
    }
    macro_rules! compared {
        ($a:expr, $b:expr, $sign:tt, $float:expr, |$holds:ident| $then:expr) => {
            match (&reg!($a), &reg!($b)) {
                (Value::Int(a), Value::Int(b)) => {
                    let $holds = a $sign b;
                    $then;
                    continue;
                }
                (Value::Float(a), Value::Float(b)) => {
                    let $holds = $float(*a, *b);
                    $then;
                    continue;
                }
                _ => {}
            }
        };
    }
    macro_rules! comparison {
        ($target:expr, $a:expr, $b:expr, $sign:tt, $float:expr) => {
            compared!($a, $b, $sign, $float, |holds| set_bool(&mut reg!($target), holds))
        };
    }
    macro_rules! unless {
        ($a:expr, $b:expr, $distance:expr, $sign:tt, $float:expr) => {
            compared!($a, $b, $sign, $float, |holds| if !holds {
                jump!($distance)
            })
        };
    }
    macro_rules! unless_int {
        ($a:expr, $int:expr, $distance:expr, $sign:tt) => {
            if let Value::Int(a) = &reg!($a) {
                if !(*a $sign i64::from($int)) {
                    jump!($distance);
                }
                continue;
            }
        };
    }
    macro_rules! again {
        ($a:expr, $b:expr, $distance:expr, $sign:tt, $float:expr) => {
            if fuel.get() > 0 {
                compared!($a, $b, $sign, $float, |holds| {
                    fuel.set(fuel.get() - 1);
                    if holds {
                        jump!($distance)
                    }
                })
            }
        };
    }
    macro_rules! again_int {
        ($a:expr, $int:expr, $distance:expr, $sign:tt) => {
            if fuel.get() > 0
                && let Value::Int(a) = &reg!($a)
            {
                fuel.set(fuel.get() - 1);
                if *a $sign i64::from($int) {
                    jump!($distance);
                }
                continue;
            }
        };
    }
    // Copies a value; mostly a number.
    macro_rules! copy {
        ($target:expr, $value:expr) => {
            match $value {
                Value::Int(int) => {
                    let int = *int;
                    set_int(&mut reg!($target), int);
                }
                Value::Float(float) => {
                    let float = *float;
                    set_float(&mut reg!($target), float);
                }
                Value::Bool(bool) => {
                    let bool = *bool;
                    set_bool(&mut reg!($target), bool);
                }
                other => {
                    let value = copy_of_other(other);
                    put(&mut reg!($target), value);
                }
            }
        };
    }
    macro_rules! enter {
        ($frame:expr) => {
            calls.now = $frame;
            next = calls.now.next;
            proto = &program.protos[calls.now.number as usize];
            code = &proto.code[..];
            registers = window(&mut calls.stack.registers, calls.now.base);
        };
    }
    macro_rules! attempt {
        ($done:expr) => {
            if let Err(trouble) = $done {
                calls.now.next = next;
                machine.fail(&mut calls, trouble)?;
                enter!(calls.now);
            }
            continue;
        };
    }

    loop {
        let op = code[next];
        next += 1;
        match op {
            Op::Unit(target) => {
                set_unit(&mut reg!(target));
                continue;
            }
            Op::Bool(target, bool) => {
                set_bool(&mut reg!(target), bool);
                continue;
            }
            Op::Int(target, int) => {
                set_int(&mut reg!(target), int.into());
                continue;
            }
            Op::Constant(target, index) => {
                copy!(target, &proto.constants[index as usize]);
                continue;
            }
            Op::Copy(target, source) => {
                copy!(target, &reg!(source));
                continue;
            }
            Op::Take(target, source) => {
                take(registers, target, source);
                continue;
            }
            Op::Add(target, a, b) => arithmetic!(target, a, b, checked_add, +),
            Op::Subtract(target, a, b) => arithmetic!(target, a, b, checked_sub, -),
            Op::Multiply(target, a, b) => arithmetic!(target, a, b, checked_mul, *),
            Op::Divide(target, a, b) => arithmetic!(target, a, b, checked_div, /),
            Op::Remainder(target, a, b) => arithmetic!(target, a, b, checked_rem, %),
            Op::AddInt(target, a, int) => with_int!(target, a, int, checked_add, +),
            Op::SubtractInt(target, a, int) => with_int!(target, a, int, checked_sub, -),
            Op::MultiplyInt(target, a, int) => with_int!(target, a, int, checked_mul, *),
            Op::DivideInt(target, a, int) => with_int!(target, a, int, checked_div, /),
            Op::RemainderInt(target, a, int) => with_int!(target, a, int, checked_rem, %),
            Op::AssignAdd(target, source) => arithmetic!(target, target, source, checked_add, +),
            Op::AssignAddInt(target, int) => with_int!(target, target, int, checked_add, +),
            Op::AddProduct(target, a, b) => {
                if add_product(registers, target, (a, b)) {
                    next += 2;
                }
                continue;
            }
            Op::Assign(operator, target, source) => {
                if let Some(value) = number_of(&reg!(source))
                    && assign(operator, &mut reg!(target), value)
                {
                    continue;
                }
            }
            Op::Not(target, a) => {
                if let Value::Bool(bool) = reg!(a) {
                    set_bool(&mut reg!(target), !bool);
                    continue;
                }
            }
            Op::Read(target, source) if read(registers, target, source) => continue,
            Op::Less(target, a, b) => comparison!(target, a, b, <, float::less),
            Op::LessEqual(target, a, b) => comparison!(target, a, b, <=, float::less_equal),
            Op::Greater(target, a, b) => comparison!(target, a, b, >, |a, b| float::less(b, a)),
            Op::GreaterEqual(target, a, b) => comparison!(target, a, b, >=, |a, b| float::less_equal(b, a)),
            Op::Equal(target, a, b) => comparison!(target, a, b, ==, float::equal),
            Op::NotEqual(target, a, b) => comparison!(target, a, b, !=, float::not_equal),
            Op::UnlessLess(a, b, to) => unless!(a, b, to, <, float::less),
            Op::UnlessLessEqual(a, b, to) => unless!(a, b, to, <=, float::less_equal),
            Op::UnlessGreater(a, b, to) => unless!(a, b, to, >, |a, b| float::less(b, a)),
            Op::UnlessGreaterEqual(a, b, to) => unless!(a, b, to, >=, |a, b| float::less_equal(b, a)),
            Op::UnlessEqual(a, b, to) => unless!(a, b, to, ==, float::equal),
            Op::UnlessNotEqual(a, b, to) => unless!(a, b, to, !=, float::not_equal),
            Op::UnlessLessInt(a, int, to) => unless_int!(a, int, to, <),
            Op::UnlessLessEqualInt(a, int, to) => unless_int!(a, int, to, <=),
            Op::UnlessGreaterInt(a, int, to) => unless_int!(a, int, to, >),
            Op::UnlessGreaterEqualInt(a, int, to) => unless_int!(a, int, to, >=),
            Op::UnlessEqualInt(a, int, to) => unless_int!(a, int, to, ==),
            Op::UnlessNotEqualInt(a, int, to) => unless_int!(a, int, to, !=),
            Op::WhileLess(a, b, to) => again!(a, b, to, <, float::less),
            Op::WhileLessEqual(a, b, to) => again!(a, b, to, <=, float::less_equal),
            Op::WhileGreater(a, b, to) => again!(a, b, to, >, |a, b| float::less(b, a)),
            Op::WhileGreaterEqual(a, b, to) => again!(a, b, to, >=, |a, b| float::less_equal(b, a)),
            Op::WhileEqual(a, b, to) => again!(a, b, to, ==, float::equal),
            Op::WhileNotEqual(a, b, to) => again!(a, b, to, !=, float::not_equal),
            Op::WhileLessInt(a, int, to) => again_int!(a, int, to, <),
            Op::WhileLessEqualInt(a, int, to) => again_int!(a, int, to, <=),
            Op::WhileGreaterInt(a, int, to) => again_int!(a, int, to, >),
            Op::WhileGreaterEqualInt(a, int, to) => again_int!(a, int, to, >=),
            Op::WhileEqualInt(a, int, to) => again_int!(a, int, to, ==),
            Op::WhileNotEqualInt(a, int, to) => again_int!(a, int, to, !=),
            Op::Jump(distance) => {
                jump!(distance);
                continue;
            }
            Op::Loop(distance) => {
                let left = fuel.get();
                if left > 0 {
                    fuel.set(left - 1);
                    jump!(distance);
                    continue;
                }
            }
            Op::IfTrue(a, distance) => {
                if let Value::Bool(bool) = reg!(a) {
                    if bool {
                        jump!(distance);
                    }
                    continue;
                }
            }
            Op::IfFalse(a, distance) => {
                if let Value::Bool(bool) = reg!(a) {
                    if !bool {
                        jump!(distance);
                    }
                    continue;
                }
            }
            Op::IfNotUnit(a, distance) => {
                if !matches!(reg!(a), Value::Unit) {
                    if proto.spots[next - 1].temporary & FIRST != 0 {
                        set_unit(&mut reg!(a));
                    }
                    jump!(distance);
                }
                continue;
            }
            Op::IfUnit(a, distance) => {
                if matches!(reg!(a), Value::Unit) {
                    jump!(distance);
                } else if proto.spots[next - 1].temporary & FIRST != 0 {
                    set_unit(&mut reg!(a));
                }
                continue;
            }
            Op::Clear(first, count) => {
                let cleared = first as usize..first as usize + count as usize;
                registers[cleared].iter_mut().for_each(set_unit);
                continue;
            }
            Op::Span(walk, first, end, inclusive) => {
                if span(registers, walk, (first, end, inclusive)) {
                    next += 2;
                }
                continue;
            }
            Op::Walk(walk) if begin(registers, walk) => continue,
            Op::Next(walk, distance) => match step(registers, walk) {
                Some(true) => continue,
                Some(false) => {
                    jump!(distance);
                    continue;
                }
                None => {}
            },
            Op::Again(walk, distance) => {
                let left = fuel.get();
                if left > 0
                    && let Some(is_there) = step(registers, walk)
                {
                    fuel.set(left - 1);
                    if is_there {
                        jump!(distance);
                    }
                    continue;
                }
            }
            Op::Call(arguments, called) => {
                let (left, deep) = (fuel.get(), depth.get());
                if left > 0 && deep < CALLS_MAX {
                    fuel.set(left - 1);
                    depth.set(deep + 1);
                    let base = calls.now.base + arguments as usize;
                    calls.stack.waiting.push(Frame { next, ..calls.now });
                    enter!(Frame { number: called, next: 0, base });
                    continue;
                }
            }
            Op::Return(source) => {
                let Some(frame) = calls.stack.waiting.pop() else { return Ok(reg!(source).take()) };
                // The value is where the arguments began.
                if let Value::Int(int) = reg!(source) {
                    clear(&mut registers[..proto.registers as usize]);
                    set_int(&mut reg!(0), int);
                } else {
                    let value = std::mem::take(&mut reg!(source));
                    clear(&mut registers[..proto.registers as usize]);
                    put(&mut reg!(0), value);
                }
                depth.set(depth.get() - 1);
                enter!(frame);
                continue;
            }
            Op::ReturnUnit => {
                let Some(frame) = calls.stack.waiting.pop() else { return Ok(Value::Unit) };
                clear(&mut registers[..proto.registers as usize]);
                set_unit(&mut reg!(0));
                depth.set(depth.get() - 1);
                enter!(frame);
                continue;
            }
            Op::IndexTwice(target, from, first, second) => {
                if let Some(inner) = item(&reg!(from), &reg!(first))
                    && let Some(item) = item(inner, &reg!(second))
                {
                    copy!(target, item);
                    next += 2;
                }
                continue;
            }
            Op::Index(target, from, index, false) => {
                if let Some(item) = item(&reg!(from), &reg!(index)) {
                    copy!(target, item);
                    continue;
                }
                if let Some(value) = entry(&reg!(from), &reg!(index)) {
                    if proto.spots[next - 1].temporary & SECOND != 0 {
                        put(&mut reg!(index), Value::Unit);
                    }
                    put(&mut reg!(target), value);
                    continue;
                }
            }
            Op::SetIndex(array, index, source) => {
                if set_item(registers, array, (index, source)) {
                    continue;
                }
                let temporary = proto.spots[next - 1].temporary;
                if matches!(reg!(index), Value::String(_))
                    && set_entry(registers, array, (index, source), temporary)
                {
                    continue;
                }
            }
            Op::AssignIndex(operator, array, index, source) => {
                if let Value::Int(index) = reg!(index) {
                    if let Some(value) = number_of(&reg!(source))
                        && let Some(item) = place(&mut reg!(array), index)
                        && assign(operator, item, value)
                    {
                        continue;
                    }
                } else if matches!(reg!(index), Value::String(_))
                    && assign_entry(registers, operator, array, (index, source))
                {
                    continue;
                }
            }
            Op::Push(target, array, source) => {
                let value = std::mem::take(&mut reg!(source));
                match push(&mut reg!(array), value) {
                    None => {
                        set_unit(&mut reg!(target));
                        next += 1;
                    }
                    Some(value) => reg!(source) = value,
                }
                continue;
            }
            Op::Number(numeric, target, source) => {
                if function_of_number(registers, numeric, (target, source)) {
                    next += 1;
                }
                continue;
            }
            Op::Property(target, from, name) => {
                if let Value::Map(map) = &reg!(from)
                    && (target == from || proto.spots[next - 1].temporary & FIRST == 0)
                {
                    match map.get_shared(&proto.names[name as usize]) {
                        Some(value) => copy!(target, value),
                        None => set_unit(&mut reg!(target)),
                    }
                    continue;
                }
            }
            Op::Array(..) | Op::Extend(..) | Op::Map(..) | Op::Entry(..) | Op::MapOf(..) => {
                collect(registers, proto, op);
                continue;
            }
            Op::Switch(subject, index) => {
                if let Some(target) = known_case(&proto.switches[index as usize], &reg!(subject)) {
                    next = target;
                    continue;
                }
            }
            Op::Site(base, index) => {
                attempt!(machine.site(calls.program, registers, proto, (base, index)));
            }
            Op::Chain(target, index) => {
                let chain = &proto.chains[index as usize];
                attempt!(machine.chain(calls.program, registers, chain, target));
            }
            // Each is named: so the compiler knows that there are no others.
            #[rustfmt::skip]
            Op::Join(..) | Op::Share(..) | Op::ShareConstant(..) | Op::Write(..) | Op::Global(..) | Op::AssignGlobal(..) | Op::NoThis(..)
            | Op::NeedThis(..) | Op::ChangeThis(..) | Op::Binary(..) | Op::Negate(..) | Op::Plus(..)
            | Op::InRange(..) | Op::CallValue(..) | Op::Closure(..) | Op::SetProperty(..) | Op::AssignProperty(..)
            | Op::Throw(..) | Op::NeedFunction(..) | Op::ThrowOn(..) | Op::Fail(..)
            | Op::Read(..) | Op::Walk(..) | Op::Index(..) => {}
        }
        calls.now.next = next;
        machine.step(&mut calls)?;
        enter!(calls.now);
    }
}
