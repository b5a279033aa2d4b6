//! From Rhai's tree to code: one function after the other, each with its own registers.

mod assignment;
mod call;
mod chain;
mod closure;
mod condition;
mod constants;
mod expression;
mod operator;
mod quiet;
mod repeat;
mod statement;
pub(super) mod switch;
#[cfg(test)]
mod tests;

use super::builtin::Natives;
use super::code::{Op, Places, Program, Proto, Refusal, Reg, Spot, WINDOW};
use crate::script::rhai::compile::{Library, is_closure};
use crate::script::rhai::paths;
use crate::script::rhai::state::State;
use crate::value::Text;
use rhai::{AST, ASTNode, Module, Position, Stmt};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// So many functions and closures a program has at most: they have numbers of 16 bits. Tests need not make so many.
const FUNCTIONS_MAX: usize = if cfg!(test) { 1_000 } else { 65_000 };
const TOO_MANY: &str = "more functions than a program can have";

pub(super) type Made<T> = Result<T, Refusal>;

fn refusal<T>(what: impl Into<String>, position: Position) -> Made<T> {
    Err(Refusal { what: what.into(), position })
}

/// A function or closure in Rhai's tree.
#[derive(Clone)]
struct Source {
    params: Vec<String>,
    statements: Rc<Vec<Stmt>>,
    position: Position,
}

/// What the functions of a library share while they are compiled.
struct Whole<'a> {
    state: &'a State,
    natives: &'a Natives,
    sources: HashMap<String, Source>,
    program: Program,
}

/// The program of all functions of a unit.
pub(super) fn functions(state: &State, natives: &Natives, library: &Library) -> Program {
    let empty = Program {
        protos: Vec::new(),
        body: None,
        home: None,
        functions: HashMap::new(),
        closures: HashMap::new(),
        refused: HashMap::new(),
        too_many: None,
    };
    let mut whole = Whole { state, natives, sources: sources(&library.ast, |_| true), program: empty };
    let mut named: Vec<(String, Source)> = all_functions(&library.ast);
    named.sort_by(|(a, left), (b, right)| (a, left.params.len()).cmp(&(b, right.params.len())));
    whole.declare(&named);
    whole.spread_refusals();
    whole.program
}

/// The program of a body, which begins with that of the functions of its unit.
pub(super) fn body(
    (state, natives): (&State, &Natives),
    library: &Library,
    (index, params): (usize, &[String]),
    (unit, of_unit): (&Library, &Program),
) -> Made<Program> {
    let mut program = of_unit.clone();
    let mut own = own_functions(&library.ast, &unit.ast);
    if own.iter().any(|(name, source)| program.has(&paths::outer(name), source.params.len())) {
        // A function of the body stands in for that of the unit everywhere, so that all is compiled with it.
        own = all_functions(&library.ast);
        program.closures.clear();
    }
    let known = |name: &str| !program.closures.contains_key(name) && is_closure(name);
    let mut whole = Whole { state, natives, sources: sources(&library.ast, known), program };
    whole.declare(&own);
    let statements = Rc::new(library.ast.statements().to_vec());
    let source = Source { params: params.to_vec(), statements, position: Position::NONE };
    let mut made = whole.function("", &source, 0)?;
    made.is_body = true;
    let number = whole.next_number(Position::NONE)?;
    whole.program.protos.push(Rc::new(made));
    if let Some(refusal) = whole.program.too_many.take() {
        return Err(refusal);
    }
    (whole.program.body, whole.program.home) = (Some(number), u32::try_from(index).ok());
    whole.spread_refusals();
    whole.program.refused.get(&number).cloned().map_or(Ok(whole.program), Err)
}

/// Functions by their names in Rhai, without closures.
fn all_functions(ast: &AST) -> Vec<(String, Source)> {
    own_functions(ast, &AST::empty())
}

/// The functions of a body that are not those of its unit.
fn own_functions(ast: &AST, unit: &AST) -> Vec<(String, Source)> {
    let of_unit: HashSet<_> =
        unit.shared_lib().iter_script_fn_info().map(|(.., function)| Rc::as_ptr(function)).collect();
    let own = ast
        .shared_lib()
        .iter_script_fn_info()
        .filter(|(.., name, _, function)| !is_closure(name) && !of_unit.contains(&Rc::as_ptr(function)));
    own.map(|(.., name, _, function)| (name.to_owned(), source(function))).collect()
}

fn sources(ast: &AST, wanted: impl Fn(&str) -> bool) -> HashMap<String, Source> {
    let closures = ast.shared_lib().iter_script_fn_info().filter(|info| is_closure(info.2) && wanted(info.2));
    closures.map(|(.., name, _, function)| (name.to_owned(), source(function))).collect()
}

/// Rhai shows the statements of a function only to a walk over a whole tree.
fn source(function: &rhai::Shared<rhai::ScriptFuncDef>) -> Source {
    let mut module = Module::new();
    module.set_script_fn(function.clone());
    let mut statements = Vec::new();
    AST::new([], module).walk(&mut |path: &[ASTNode<'_>]| {
        if let [ASTNode::Stmt(statement)] = path {
            statements.push((*statement).clone());
        }
        true
    });
    let params = function.params.iter().map(ToString::to_string).collect();
    Source { params, statements: Rc::new(statements), position: function.body.start_position() }
}

/// Stands where a function is not compiled, or not yet.
fn nothing(name: &str) -> Proto {
    Proto {
        name: name.into(),
        params: 0,
        captured: 0,
        this: None,
        is_body: false,
        code: vec![Op::Fail(0)],
        spots: vec![Spot { position: Position::NONE, temporary: 0 }],
        registers: 1,
        constants: Vec::new(),
        names: Vec::new(),
        shapes: Vec::new(),
        globals: Vec::new(),
        sites: Vec::new(),
        chains: Vec::new(),
        closures: Vec::new(),
        switches: Vec::new(),
        ranges: Vec::new(),
        failures: vec![("Error", format!("`{name}` is not compiled"))],
        places: Vec::new(),
        objects: Vec::new(),
        handlers: Vec::new(),
        mentions: Vec::new(),
    }
}

impl Whole<'_> {
    /// Compiles functions, which may call each other.
    fn declare(&mut self, functions: &[(String, Source)]) {
        let first = self.program.protos.len();
        if first + functions.len() > FUNCTIONS_MAX {
            let position = functions.last().map_or(Position::NONE, |(_, source)| source.position);
            self.program.too_many = Some(Refusal { what: TOO_MANY.into(), position });
            return;
        }
        for (index, (name, source)) in functions.iter().enumerate() {
            let number = (first + index) as u16;
            let known = self.program.functions.entry(paths::outer(name).into()).or_default();
            known.retain(|(count, _)| *count != source.params.len());
            known.push((source.params.len(), number));
            self.program.protos.push(Rc::new(nothing(name)));
        }
        for (index, (name, source)) in functions.iter().enumerate() {
            let made = self.function(&paths::outer(name), source, 0);
            self.settle((first + index) as u16, made);
        }
    }

    fn next_number(&self, position: Position) -> Made<u16> {
        match self.program.protos.len() {
            count @ 0..FUNCTIONS_MAX => Ok(count as u16),
            _ => refusal(TOO_MANY, position),
        }
    }

    fn settle(&mut self, number: u16, made: Made<Proto>) {
        match made {
            Ok(proto) => self.program.protos[number as usize] = Rc::new(proto),
            Err(refusal) => {
                self.program.refused.insert(number, refusal);
            }
        }
    }

    fn function(&mut self, name: &str, source: &Source, captured: usize) -> Made<Proto> {
        if source.params.len() >= WINDOW / 2 {
            return refusal("more parameters than there are registers", source.position);
        }
        let mut assembler = Assembler::new(self, name, source, captured);
        assembler.begin(source)?;
        let statements = source.statements.clone();
        assembler.whole_body(&statements)?;
        Ok(assembler.finish())
    }

    /// The number of a closure; it is compiled when it is first met.
    fn closure(&mut self, name: &str, captured: usize, position: Position) -> Made<u16> {
        if let Some(&number) = self.program.closures.get(name) {
            return self.program.refused.get(&number).cloned().map_or(Ok(number), Err);
        }
        let Some(source) = self.sources.get(name).cloned() else {
            return refusal("a closure that Rhai does not show", position);
        };
        let number = self.next_number(position)?;
        self.program.protos.push(Rc::new(nothing(name)));
        self.program.closures.insert(name.into(), number);
        let made = self.function("closure", &source, captured);
        self.settle(number, made);
        self.program.refused.get(&number).cloned().map_or(Ok(number), Err)
    }

    /// Refuses also what mentions something that is refused: who runs on Rhai takes along whom it calls.
    fn spread_refusals(&mut self) {
        let Program { protos, refused, .. } = &mut self.program;
        let mut more = !refused.is_empty();
        while more {
            more = false;
            for (number, proto) in (0..).zip(&*protos) {
                let reason = proto.mentions.iter().find_map(|mention| refused.get(mention)).cloned();
                if let Some(reason) = reason.filter(|_| !refused.contains_key(&number)) {
                    refused.insert(number, reason);
                    more = true;
                }
            }
        }
    }
}

/// A declared variable.
struct Local {
    name: String,
    reg: Reg,
    /// Closures share it, so it is behind a reference.
    shared: bool,
    constant: bool,
}

/// A loop that is being compiled.
struct Repeat {
    breaks: Vec<usize>,
    continues: Vec<usize>,
    /// Where the value of `break` goes.
    wanted: Option<Reg>,
}

/// Makes the code of one function.
struct Assembler<'a, 'w> {
    whole: &'w mut Whole<'a>,
    proto: Proto,
    locals: Vec<Local>,
    /// The first register that is free.
    next: u16,
    repeats: Vec<Repeat>,
    /// The constants of the loops that we are in.
    loaded: constants::Loaded,
    /// The registers that hold the errors of the `catch` blocks that we are in.
    caught: Vec<Reg>,
    /// The names of variables that closures share.
    shared: HashSet<String>,
    position: Position,
    /// The last instruction that something jumps to.
    landed: usize,
}

impl<'a, 'w> Assembler<'a, 'w> {
    fn new(whole: &'w mut Whole<'a>, name: &str, source: &Source, captured: usize) -> Self {
        let mut proto = nothing(name);
        proto.code.clear();
        proto.spots.clear();
        proto.params = source.params.len() as u8;
        proto.captured = captured as u8;
        Assembler {
            whole,
            proto,
            locals: Vec::new(),
            next: 0,
            repeats: Vec::new(),
            loaded: constants::Loaded::default(),
            caught: Vec::new(),
            shared: closure::shared_names(&source.statements),
            position: source.position,
            landed: 0,
        }
    }

    /// Parameters are in the first registers, then `this`, and whether it belongs to a constant.
    fn begin(&mut self, source: &Source) -> Made<()> {
        for (index, name) in source.params.iter().enumerate() {
            let reg = self.register()?;
            let captured = index < self.proto.captured as usize;
            let shared = captured || self.shared.contains(name);
            self.locals.push(Local { name: name.clone(), reg, shared, constant: false });
        }
        if closure::mentions_this(&source.statements) {
            let (this, _) = (self.register()?, self.register()?);
            self.proto.this = Some(this);
            self.emit(Op::NoThis(this));
        }
        for index in self.proto.captured as usize..source.params.len() {
            if self.locals[index].shared {
                self.emit(Op::Share(index as Reg));
            }
        }
        Ok(())
    }

    fn whole_body(&mut self, statements: &[Stmt]) -> Made<()> {
        let result = self.register()?;
        self.statements(statements, Some(result))?;
        self.emit(Op::Return(result));
        Ok(())
    }

    fn finish(mut self) -> Proto {
        self.shorten_returns();
        self.proto
    }

    /// What is only moved to be returned, maybe by way of a jump, is returned from where it is.
    fn shorten_returns(&mut self) {
        for at in 0..self.proto.code.len().saturating_sub(1) {
            let (Op::Copy(target, source) | Op::Take(target, source)) = self.proto.code[at] else { continue };
            let next = match self.proto.code[at + 1] {
                Op::Jump(distance) => (at + 2).checked_add_signed(distance as isize),
                _ => Some(at + 1),
            };
            let is_returned = next.and_then(|next| self.proto.code.get(next)) == Some(&Op::Return(target));
            // What is `this` goes back to where it came from.
            if is_returned && self.proto.this != Some(source) {
                self.proto.code[at] = Op::Return(source);
            }
        }
    }

    fn register(&mut self) -> Made<Reg> {
        let reg = self.next;
        if reg as usize >= WINDOW - 2 {
            return refusal("more variables at a time than there are registers", self.position);
        }
        self.next += 1;
        self.proto.registers = self.proto.registers.max(self.next);
        Ok(reg as Reg)
    }

    fn emit(&mut self, op: Op) -> usize {
        self.emit_at(op, self.position, 0)
    }

    fn emit_at(&mut self, op: Op, position: Position, temporary: u8) -> usize {
        self.proto.code.push(op);
        self.proto.spots.push(Spot { position, temporary });
        self.proto.code.len() - 1
    }

    /// Puts an instruction in front of the last one, which has no places of its own. What jumped to that one comes to
    /// this. Where something jumps behind it, it is not the only way to get here, and nothing is done.
    fn emit_before_last(&mut self, op: Op) {
        if self.landed == self.here() {
            return;
        }
        let last = self.proto.code.len().saturating_sub(1);
        self.proto.code.insert(last, op);
        self.proto.spots.insert(last, self.proto.spots[last]);
    }

    /// What else is to be known of the next instruction.
    fn note(&mut self, bracket: Position, second: Position) {
        self.proto.places.push((self.here() as u32, Places { bracket, second }));
    }

    fn here(&self) -> usize {
        self.proto.code.len()
    }

    /// Lets a jump go to an instruction.
    fn direct(&mut self, jump: usize, target: usize) {
        self.landed = self.landed.max(target);
        let distance = target as i32 - (jump as i32 + 1);
        set_distance(&mut self.proto.code[jump], distance);
    }

    fn land(&mut self, jumps: impl IntoIterator<Item = usize>) {
        let here = self.here();
        jumps.into_iter().for_each(|jump| self.direct(jump, here));
    }

    fn local(&self, name: &str) -> Option<(Reg, bool, bool)> {
        let local = self.locals.iter().rev().find(|local| local.name == name)?;
        Some((local.reg, local.shared, local.constant))
    }

    /// Whether a register is that of a variable.
    fn is_variable(&self, reg: Reg) -> bool {
        self.locals.iter().any(|local| local.reg == reg) || self.proto.this == Some(reg)
    }

    fn name(&mut self, name: &str) -> Made<u16> {
        let found = self.proto.names.iter().position(|known| **known == *name);
        let index = found.unwrap_or_else(|| {
            self.proto.names.push(Text::of_key(name));
            self.proto.names.len() - 1
        });
        self.number(index)
    }

    /// An index into one of the tables.
    fn number(&self, index: usize) -> Made<u16> {
        u16::try_from(index).or_else(|_| refusal("more code than a function can have", self.position))
    }
}

fn set_distance(op: &mut Op, to: i32) {
    match op {
        Op::Jump(distance)
        | Op::Loop(distance)
        | Op::IfTrue(_, distance)
        | Op::IfFalse(_, distance)
        | Op::IfNotUnit(_, distance)
        | Op::IfUnit(_, distance)
        | Op::Next(_, distance)
        | Op::Again(_, distance)
        | Op::UnlessLess(.., distance)
        | Op::UnlessLessEqual(.., distance)
        | Op::UnlessGreater(.., distance)
        | Op::UnlessGreaterEqual(.., distance)
        | Op::UnlessEqual(.., distance)
        | Op::UnlessNotEqual(.., distance)
        | Op::UnlessLessInt(.., distance)
        | Op::UnlessLessEqualInt(.., distance)
        | Op::UnlessGreaterInt(.., distance)
        | Op::UnlessGreaterEqualInt(.., distance)
        | Op::UnlessEqualInt(.., distance)
        | Op::UnlessNotEqualInt(.., distance)
        | Op::WhileLess(.., distance)
        | Op::WhileLessEqual(.., distance)
        | Op::WhileGreater(.., distance)
        | Op::WhileGreaterEqual(.., distance)
        | Op::WhileEqual(.., distance)
        | Op::WhileNotEqual(.., distance)
        | Op::WhileLessInt(.., distance)
        | Op::WhileLessEqualInt(.., distance)
        | Op::WhileGreaterInt(.., distance)
        | Op::WhileGreaterEqualInt(.., distance)
        | Op::WhileEqualInt(.., distance)
        | Op::WhileNotEqualInt(.., distance) => *distance = to,
        _ => {}
    }
}
