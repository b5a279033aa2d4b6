//! What the compiler makes and the machine runs: instructions over registers, and the tables beside them.
//!
//! A function has at most 256 registers, so that a register is a byte and the window of a call an array of fixed
//! size: no access needs a check. An instruction is eight bytes.

use super::builtin::Builtin;
pub(super) use super::operator::{Numeric, Operator};
use crate::script::registry::Native;
use crate::value::{Map, Object, Text, Value};
use rhai::Position;
use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

pub(super) type Reg = u8;

/// The registers of one call.
pub(super) const WINDOW: usize = 256;
pub(super) type Window = [Value; WINDOW];

/// The first register is the one that is written, where one is. Distances of jumps count from the next instruction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Op {
    Unit(Reg),
    Bool(Reg, bool),
    Int(Reg, i32),
    Constant(Reg, u16),
    Copy(Reg, Reg),
    /// Moves; the source is `()` behind it.
    Take(Reg, Reg),
    /// So many registers from the first on become `()`.
    Clear(Reg, u8),
    /// The texts of so many registers, from the second on, in one.
    Join(Reg, Reg, u8),
    /// Takes so many registers, from the second on, into a new array.
    Array(Reg, Reg, u8),
    /// The same, behind the items of an array.
    Extend(Reg, Reg, u8),
    /// An empty map, with room for so many entries.
    Map(Reg, u8),
    /// Takes the second register into the map in the first.
    Entry(Reg, Reg, u16),
    /// A map that is written out: takes as many registers as it has keys, from the second on.
    MapOf(Reg, Reg, u16),
    /// The value becomes one that closures can share.
    Share(Reg),
    ShareConstant(Reg),
    Read(Reg, Reg),
    /// Takes the second register into the shared variable in the first.
    Write(Reg, Reg),
    Global(Reg, u16),
    /// A name that is not declared here is assigned to: always an error.
    AssignGlobal(u16),
    /// Nothing is `this` here.
    NoThis(Reg),
    NeedThis(Reg),
    /// `this` must not belong to a constant.
    ChangeThis(Reg),
    Add(Reg, Reg, Reg),
    Subtract(Reg, Reg, Reg),
    Multiply(Reg, Reg, Reg),
    Divide(Reg, Reg, Reg),
    Remainder(Reg, Reg, Reg),
    AddInt(Reg, Reg, i16),
    SubtractInt(Reg, Reg, i16),
    MultiplyInt(Reg, Reg, i16),
    DivideInt(Reg, Reg, i16),
    RemainderInt(Reg, Reg, i16),
    Binary(Operator, Reg, Reg, Reg),
    Not(Reg, Reg),
    Negate(Reg, Reg),
    Plus(Reg, Reg),
    Less(Reg, Reg, Reg),
    LessEqual(Reg, Reg, Reg),
    Greater(Reg, Reg, Reg),
    GreaterEqual(Reg, Reg, Reg),
    Equal(Reg, Reg, Reg),
    NotEqual(Reg, Reg, Reg),
    /// `+=` and `-=` of a variable and a register or a small int.
    AssignAdd(Reg, Reg),
    AssignAddInt(Reg, i16),
    /// `+=` of a product: does the work of the next two instructions, or nothing.
    AddProduct(Reg, Reg, Reg),
    Assign(Operator, Reg, Reg),
    Jump(i32),
    /// A jump back, at which the process is asked whether it is to end.
    Loop(i32),
    IfTrue(Reg, i32),
    IfFalse(Reg, i32),
    IfNotUnit(Reg, i32),
    IfUnit(Reg, i32),
    UnlessLess(Reg, Reg, i32),
    UnlessLessEqual(Reg, Reg, i32),
    UnlessGreater(Reg, Reg, i32),
    UnlessGreaterEqual(Reg, Reg, i32),
    UnlessEqual(Reg, Reg, i32),
    UnlessNotEqual(Reg, Reg, i32),
    UnlessLessInt(Reg, i16, i32),
    UnlessLessEqualInt(Reg, i16, i32),
    UnlessGreaterInt(Reg, i16, i32),
    UnlessGreaterEqualInt(Reg, i16, i32),
    UnlessEqualInt(Reg, i16, i32),
    UnlessNotEqualInt(Reg, i16, i32),
    /// At the end of a loop: jumps back while it holds, and asks as [`Op::Loop`] does.
    WhileLess(Reg, Reg, i32),
    WhileLessEqual(Reg, Reg, i32),
    WhileGreater(Reg, Reg, i32),
    WhileGreaterEqual(Reg, Reg, i32),
    WhileEqual(Reg, Reg, i32),
    WhileNotEqual(Reg, Reg, i32),
    WhileLessInt(Reg, i16, i32),
    WhileLessEqualInt(Reg, i16, i32),
    WhileGreaterInt(Reg, i16, i32),
    WhileGreaterEqualInt(Reg, i16, i32),
    WhileEqualInt(Reg, i16, i32),
    WhileNotEqualInt(Reg, i16, i32),
    /// A walk over the ints from one to another, which may be included: does the work of the next two instructions, or
    /// nothing.
    Span(Reg, Reg, Reg, bool),
    /// Makes of the value in a register a walk, for which it and the next register are used.
    Walk(Reg),
    /// The next item of the walk, two registers on; jumps when there is none.
    Next(Reg, i32),
    /// The same at the end of a loop: jumps back when there is one, and asks as [`Op::Loop`] does.
    Again(Reg, i32),
    Switch(Reg, u16),
    InRange(Reg, Reg, u16),
    Call(Reg, u16),
    /// Calls the function in a register with so many arguments behind it.
    CallValue(Reg, u8),
    Site(Reg, u16),
    Chain(Reg, u16),
    /// `array.push(value)`: does the work of the next instruction, or nothing.
    Push(Reg, Reg, Reg),
    /// A function of a number: does the work of the next instruction, or nothing.
    Number(Numeric, Reg, Reg),
    Closure(Reg, u16),
    /// An index into an index: does the work of the next two instructions, or nothing.
    IndexTwice(Reg, Reg, Reg, Reg),
    /// Whether the array is temporary and in no other way let go of: then the loop leaves it alone.
    Index(Reg, Reg, Reg, bool),
    Property(Reg, Reg, u16),
    SetIndex(Reg, Reg, Reg),
    AssignIndex(Operator, Reg, Reg, Reg),
    SetProperty(Reg, Reg, u16),
    AssignProperty(Operator, Reg, Reg, u16),
    Return(Reg),
    ReturnUnit,
    Throw(Reg),
    /// What is called by `call` must be a function.
    NeedFunction(Reg),
    /// `throw` in a `catch`: `()` in the first register throws on what the second holds.
    ThrowOn(Reg, Reg),
    Fail(u16),
}

/// Beside an instruction: where it stands in the text, and which of its operands nobody needs behind it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    pub(super) position: Position,
    pub(super) temporary: u8,
}

/// Where errors about a part of an instruction are.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Places {
    /// The sign in front of an index.
    pub(super) bracket: Position,
    /// The sign of an assignment, or the first argument of `call`.
    pub(super) second: Position,
}

pub(super) const FIRST: u8 = 1;
pub(super) const SECOND: u8 = 2;
pub(super) const THIRD: u8 = 4;

/// A `try`: an error between two instructions goes on at a third. Inner ones come first.
#[derive(Debug)]
pub(super) struct Handler {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) target: u32,
    /// Holds the error itself, for `throw;`. From here on registers are free.
    pub(super) error: Reg,
    /// The same of the `catch` around it, whose error it is that a mere `throw;` throws on.
    pub(super) outer: Option<Reg>,
    /// Receives what `catch` names.
    pub(super) variable: Option<Reg>,
}

/// What a name means that is known without a look at the values.
#[derive(Clone, Copy)]
pub(super) enum Special {
    Print,
    Debug,
    Curry,
    Call,
    /// Nothing else has this name and takes so many arguments.
    Native(&'static Native),
}

/// A call of something that is no function of the script.
pub(super) struct Site {
    pub(super) name: Box<str>,
    pub(super) special: Option<Special>,
    /// The receiver of a method included.
    pub(super) arguments: u8,
    pub(super) is_method: bool,
    /// The function of the script that a method means.
    pub(super) script: Option<u16>,
    pub(super) builtin: Option<&'static Builtin>,
    pub(super) natives: Box<[&'static Native]>,
    pub(super) template: Option<usize>,
    pub(super) position: Position,
    /// Of the first argument of `call`, which must be a function.
    pub(super) function: Position,
    /// The source and line.
    pub(super) line: Option<(u32, u32)>,
}

impl Site {
    /// What the library has for this object, where nothing of the script and nothing of Rhai's has the name.
    #[inline]
    pub(super) fn member_of(&self, object: &Object) -> Option<&'static Native> {
        if self.script.is_some() || self.special.is_some() {
            return None;
        }
        self.natives.iter().copied().find(|native| native.receiver.is(object))
    }
}

pub(super) enum Link {
    Index {
        index: Reg,
        temporary: bool,
        safe: bool,
        position: Position,
        bracket: Position,
    },
    Property {
        name: Text,
        safe: bool,
        position: Position,
    },
    /// The arguments are in registers from `base` on; the one before is free.
    Method {
        site: Site,
        base: Reg,
        safe: bool,
    },
}

impl Link {
    /// The same step for another walk on the same way: neither takes what it uses. A method has no other walk.
    pub(super) fn again(&mut self) -> Option<Link> {
        match self {
            Link::Index { index, temporary, safe, position, bracket } => {
                *temporary = false;
                let (index, safe, position, bracket) = (*index, *safe, *position, *bracket);
                Some(Link::Index { index, temporary: false, safe, position, bracket })
            }
            Link::Property { name, safe, position } => {
                Some(Link::Property { name: name.clone(), safe: *safe, position: *position })
            }
            Link::Method { .. } => None,
        }
    }
}

/// What a chain begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Root {
    /// A variable that can be changed through the chain.
    Place(Reg),
    Shared(Reg),
    /// One that a function may change which is called with it: that gets a copy while a closure has the variable.
    Lent(Reg),
    /// Nobody else has it.
    Temporary(Reg),
    /// A copy of something that must not change.
    Constant(Reg),
}

pub(super) struct Chain {
    pub(super) root: Root,
    pub(super) name: Rc<str>,
    pub(super) root_position: Position,
    /// Whether it begins with `this`, which may belong to a constant.
    pub(super) is_this: bool,
    pub(super) links: Box<[Link]>,
    /// Whether something of it may change, so that places are needed and not only values.
    pub(super) changes: bool,
    /// The register whose value is assigned, and how.
    pub(super) assigned: Option<(Reg, bool, Option<Operator>)>,
    pub(super) position: Position,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Captured {
    Register(Reg),
    Constant(Reg),
    Global(u16),
}

pub(super) struct ClosureSite {
    pub(super) name: Box<str>,
    pub(super) home: Option<u32>,
    /// With the places of the variables.
    pub(super) captured: Box<[(Captured, Position)]>,
}

/// The cases of a `switch`: Rhai says which one a value means; what it said is remembered.
pub(super) struct Switch {
    pub(super) chooser: rhai::AST,
    /// By what the chooser gives: where to go on. The first is for none.
    pub(super) targets: Vec<u32>,
    pub(super) known: RefCell<HashMap<Key, u32>>,
    /// Texts that came before, in the piece of memory that they came in.
    pub(super) texts: RefCell<Vec<(Text, u32)>>,
}

/// A value that a `switch` looks at.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    Unit,
    Bool(bool),
    Int(i64),
    Float(u64),
    Char(char),
    String(Text),
}

/// The keys of maps that are written at one place.
pub(super) struct Shape {
    /// With the places of their values, which stand for these.
    pub(super) keys: Map,
    /// The same in the order of the keys: distances from the first register.
    pub(super) places: Box<[u8]>,
}

/// A name that is declared outside of a function.
pub(super) struct GlobalSite {
    pub(super) name: Box<str>,
    pub(super) value: OnceCell<Value>,
    /// A function of the script has this name.
    pub(super) is_function: bool,
}

/// A function, a closure, or a body.
pub(super) struct Proto {
    /// As traces call it.
    pub(super) name: Box<str>,
    /// With those that were captured, which come first.
    pub(super) params: u8,
    pub(super) captured: u8,
    /// Where `this` is, if it is used; whether it belongs to a constant is in the next register.
    pub(super) this: Option<Reg>,
    pub(super) is_body: bool,
    pub(super) code: Vec<Op>,
    pub(super) spots: Vec<Spot>,
    /// How many registers are used.
    pub(super) registers: u16,
    pub(super) constants: Vec<Value>,
    pub(super) names: Vec<Text>,
    pub(super) shapes: Vec<Shape>,
    pub(super) globals: Vec<GlobalSite>,
    pub(super) sites: Vec<(Site, Reg)>,
    pub(super) chains: Vec<Chain>,
    pub(super) closures: Vec<ClosureSite>,
    pub(super) switches: Vec<Switch>,
    pub(super) ranges: Vec<rhai::RangeCase>,
    pub(super) failures: Vec<(&'static str, String)>,
    /// For calls of values that may be no functions: the chain that lends the value to a function.
    pub(super) objects: Vec<(u32, u16)>,
    /// More places of some instructions, in their order.
    pub(super) places: Vec<(u32, Places)>,
    pub(super) handlers: Vec<Handler>,
    /// The functions and closures that it mentions.
    pub(super) mentions: Vec<u16>,
}

/// A piece with all functions, compiled. All programs of a unit begin with the functions of the unit, in the same
/// order, so that a function's number is the same in all of them.
#[derive(Clone)]
pub(super) struct Program {
    pub(super) protos: Vec<Rc<Proto>>,
    pub(super) body: Option<u16>,
    /// The index of the body in its unit, if it is one.
    pub(super) home: Option<u32>,
    /// By name, with the number of parameters.
    pub(super) functions: HashMap<Box<str>, Vec<(usize, u16)>>,
    pub(super) closures: HashMap<Box<str>, u16>,
    /// Why some of them do not run here.
    pub(super) refused: HashMap<u16, Refusal>,
    /// There is no room for its functions: all of it runs on Rhai.
    pub(super) too_many: Option<Refusal>,
}

/// What the compiler does not make code of, and where it is.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    pub(super) what: String,
    pub(super) position: Position,
}

impl Op {
    /// A comparison that leaves a loop at its top, as one that goes on with it at its end.
    pub(super) fn turned(self) -> Option<Op> {
        Some(match self {
            Op::UnlessLess(a, b, to) => Op::WhileLess(a, b, to),
            Op::UnlessLessEqual(a, b, to) => Op::WhileLessEqual(a, b, to),
            Op::UnlessGreater(a, b, to) => Op::WhileGreater(a, b, to),
            Op::UnlessGreaterEqual(a, b, to) => Op::WhileGreaterEqual(a, b, to),
            Op::UnlessEqual(a, b, to) => Op::WhileEqual(a, b, to),
            Op::UnlessNotEqual(a, b, to) => Op::WhileNotEqual(a, b, to),
            Op::UnlessLessInt(a, int, to) => Op::WhileLessInt(a, int, to),
            Op::UnlessLessEqualInt(a, int, to) => Op::WhileLessEqualInt(a, int, to),
            Op::UnlessGreaterInt(a, int, to) => Op::WhileGreaterInt(a, int, to),
            Op::UnlessGreaterEqualInt(a, int, to) => Op::WhileGreaterEqualInt(a, int, to),
            Op::UnlessEqualInt(a, int, to) => Op::WhileEqualInt(a, int, to),
            Op::UnlessNotEqualInt(a, int, to) => Op::WhileNotEqualInt(a, int, to),
            _ => return None,
        })
    }
}

impl Proto {
    /// The chain that a call of no function means.
    pub(super) fn object(&self, instruction: usize) -> Option<&Chain> {
        let found = self.objects.binary_search_by_key(&(instruction as u32), |(instruction, _)| *instruction);
        found.ok().map(|found| &self.chains[self.objects[found].1 as usize])
    }

    /// The other places of an instruction.
    pub(super) fn places(&self, instruction: usize) -> Places {
        let found = self.places.binary_search_by_key(&(instruction as u32), |(instruction, _)| *instruction);
        found.map_or_else(|_| Places::default(), |found| self.places[found].1)
    }
}

impl Program {
    pub(super) fn has(&self, name: &str, params: usize) -> bool {
        self.function(name, params).is_some()
    }

    pub(super) fn function(&self, name: &str, params: usize) -> Option<u16> {
        let known = self.functions.get(name)?;
        known.iter().find(|(count, _)| *count == params).map(|&(_, proto)| proto)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instruction_is_eight_bytes() {
        assert!(size_of::<Op>() <= 8, "{}", size_of::<Op>());
    }
}
