//! `a.b[c].d()`: what hangs on a value. All indexes and arguments are evaluated before anything of the chain is
//! looked at, and a value that is no variable after them.

use super::{Assembler, Made};
use crate::script::vm::code::{Chain, FIRST, Link, Numeric, Op, Operator, Reg, Root, SECOND, Site, THIRD};
use crate::value::Text;
use rhai::{ASTFlags, BinaryExpr, Expr, FnCallExpr, Position};

#[derive(Clone, Copy)]
enum Part<'e> {
    Index(&'e Expr),
    Property(&'e str),
    Method(&'e FnCallExpr),
}

/// One step of a chain in the tree.
#[derive(Clone, Copy)]
struct Step<'e> {
    part: Part<'e>,
    safe: bool,
    position: Position,
    /// Of the bracket or the dot.
    sign: Position,
}

/// What a chain begins with, its name, and its place.
pub(super) type Beginning<'n> = (Root, &'n str, Position);
/// The register of an assigned value, whether it may be taken, and the operator.
pub(super) type Assigned = (Reg, bool, Option<Operator>);

impl Assembler<'_, '_> {
    pub(super) fn chain(&mut self, expression: &Expr, target: Reg) -> Made<()> {
        let (root, steps) = steps(expression);
        if let [first @ .., Step { part: Part::Method(call), position, .. }] = &steps[..]
            && call.name == "call"
            && first.iter().all(|step| !step.safe && !matches!(step.part, Part::Method(_)))
            && !steps.iter().any(|step| step.safe)
        {
            return self.call_value(root, first, (call, *position), target);
        }
        let plain = steps.iter().all(|step| !step.safe && !matches!(step.part, Part::Method(_)));
        let links = self.links(&steps, &[], root)?;
        let beginning = self.beginning(root, plain)?;
        if plain {
            return self.read(beginning.0, links, target);
        }
        self.chain_op(beginning, links, None, (target, root.start_position()))
    }

    /// The value of a member, one step after the other.
    fn read(&mut self, root: Root, links: Vec<Link>, target: Reg) -> Made<()> {
        let (mut from, mut temporary) = match root {
            Root::Place(reg) => (reg, false),
            Root::Shared(reg) | Root::Lent(reg) | Root::Temporary(reg) | Root::Constant(reg) => (reg, true),
        };
        let last = links.len().saturating_sub(1);
        let between = if last > 0 && self.is_variable(target) { self.register()? } else { target };
        if let [Link::Index { index: a, .. }, Link::Index { index: b, .. }, ..] = links[..]
            && !temporary
        {
            self.emit(Op::IndexTwice(if last == 1 { target } else { between }, from, a, b));
        }
        for (number, link) in links.into_iter().enumerate() {
            let to = if number == last { target } else { between };
            let first = if temporary { FIRST } else { 0 };
            match link {
                Link::Index { index, temporary, position, bracket, .. } => {
                    let flags = first | if temporary { SECOND } else { 0 };
                    self.note(bracket, Position::NONE);
                    self.emit_at(Op::Index(to, from, index, first != 0 && to != from), position, flags);
                }
                Link::Property { name, position, .. } => {
                    let name = self.name(&name)?;
                    self.emit_at(Op::Property(to, from, name), position, first);
                }
                Link::Method { .. } => {}
            }
            (from, temporary) = (to, true);
        }
        Ok(())
    }

    /// Evaluates the indexes and arguments of steps. The arguments of `later` are evaluated behind them.
    fn links(&mut self, steps: &[Step<'_>], later: &[Expr], root: &Expr) -> Made<Vec<Link>> {
        let mut links = Vec::new();
        for (number, step) in steps.iter().enumerate() {
            let Step { safe, position, sign, .. } = *step;
            links.push(match step.part {
                Part::Index(index) => {
                    let (index, temporary) = self.index(index, (&steps[number + 1..], later), root)?;
                    Link::Index { index, temporary, safe, position, bracket: sign }
                }
                Part::Property(name) => Link::Property { name: Text::of_key(name), safe, position },
                Part::Method(call) => {
                    let base = self.arguments_of_method(&call.args)?;
                    let site = self.method_site(call, position)?;
                    Link::Method { site, base, safe }
                }
            });
        }
        Ok(links)
    }

    fn index(
        &mut self,
        index: &Expr,
        (steps, later): (&[Step<'_>], &[Expr]),
        root: &Expr,
    ) -> Made<(Reg, bool)> {
        let mut expressions: Vec<&Expr> = later.iter().collect();
        for step in steps {
            match step.part {
                Part::Index(index) => expressions.push(index),
                Part::Method(call) => expressions.extend(&call.args),
                Part::Property(_) => {}
            }
        }
        let is_root = match (index, root) {
            (Expr::Variable(name, ..), Expr::Variable(root, ..)) => name.1 == root.1,
            (Expr::ThisPtr(_), Expr::ThisPtr(_)) => true,
            _ => false,
        };
        if is_root {
            return self.fresh_operand(index);
        }
        if !matches!(root, Expr::Variable(..)) {
            expressions.push(root);
        }
        self.operand_before(index, &expressions)
    }

    /// What the chain begins with; `plain` when it is only read.
    fn beginning<'n>(&mut self, root: &'n Expr, plain: bool) -> Made<Beginning<'n>> {
        let at = root.start_position();
        Ok(match root {
            Expr::Variable(variable, ..) if variable.2.is_empty() => {
                let name = variable.1.as_str();
                match self.local(name) {
                    Some((reg, false, false)) => (Root::Place(reg), name, at),
                    Some((reg, true, false)) if !plain => (Root::Shared(reg), name, at),
                    _ => {
                        let reg = self.register()?;
                        self.expression(root, reg)?;
                        let root = if plain { Root::Temporary(reg) } else { Root::Constant(reg) };
                        (root, name, at)
                    }
                }
            }
            Expr::ThisPtr(position) => (Root::Place(self.this(*position)?), "this", at),
            other => {
                let reg = self.register()?;
                self.expression(other, reg)?;
                (Root::Temporary(reg), "", at)
            }
        })
    }

    /// One instruction for a whole chain.
    pub(super) fn chain_op(
        &mut self,
        (root, name, root_position): Beginning<'_>,
        links: Vec<Link>,
        assigned: Option<Assigned>,
        (target, position): (Reg, Position),
    ) -> Made<()> {
        let links = links.into_boxed_slice();
        let changes = assigned.is_some() || links.iter().any(may_change);
        let is_this = name == "this";
        if let (Root::Place(array), [Link::Method { site, base, safe: false }]) = (root, &*links)
            && &*site.name == "push"
            && site.arguments == 2
            && site.script.is_none()
            && !is_this
        {
            self.emit(Op::Push(target, array, *base));
        }
        if let [Link::Method { site, safe: false, .. }] = &*links
            && let Some(numeric) = numeric(site)
            && let Root::Place(reg) | Root::Temporary(reg) | Root::Constant(reg) = root
        {
            self.emit(Op::Number(numeric, target, reg));
        }
        let name = name.into();
        let chain = Chain { root, name, root_position, is_this, links, changes, assigned, position };
        self.proto.chains.push(chain);
        let index = self.number(self.proto.chains.len() - 1)?;
        self.emit_at(Op::Chain(target, index), position, 0);
        Ok(())
    }

    /// `a[i] = value`, `a.b += value`, …
    pub(super) fn assign_member(
        &mut self,
        member: &Expr,
        operator: Option<Operator>,
        value: &Expr,
        position: Position,
    ) -> Made<()> {
        let (root, steps) = steps(member);
        let mut later: Vec<&Expr> = vec![root];
        for step in &steps {
            match step.part {
                Part::Index(index) => later.push(index),
                Part::Method(call) => later.extend(&call.args),
                Part::Property(_) => {}
            }
        }
        let (new, temporary) = match value {
            Expr::Variable(name, ..) if root_name(root) == Some(&name.1) => self.fresh_operand(value)?,
            value => self.operand_before(value, &later)?,
        };
        let links = self.links(&steps, &[], root)?;
        let beginning = self.beginning(root, false)?;
        if let (Root::Place(place), [link]) = (beginning.0, &links[..])
            && !steps[0].safe
        {
            if let Expr::ThisPtr(at) = root {
                self.emit_at(Op::ChangeThis(place), *at, 0);
            }
            return self.set(place, link, operator, (new, temporary), position);
        }
        self.chain_op(beginning, links, Some((new, temporary, operator)), (new, position))
    }

    fn set(
        &mut self,
        place: Reg,
        link: &Link,
        operator: Option<Operator>,
        (new, temporary): (Reg, bool),
        position: Position,
    ) -> Made<()> {
        let third = if temporary { THIRD } else { 0 };
        match (link, operator) {
            (Link::Index { index, temporary, position: at, bracket, .. }, operator) => {
                let flags = third | if *temporary { SECOND } else { 0 };
                self.note(*bracket, position);
                let op = match operator {
                    None => Op::SetIndex(place, *index, new),
                    Some(operator) => Op::AssignIndex(operator, place, *index, new),
                };
                self.emit_at(op, *at, flags)
            }
            (Link::Property { name, position: at, .. }, operator) => {
                let name = self.name(name)?;
                self.note(Position::NONE, position);
                let op = match operator {
                    None => Op::SetProperty(place, new, name),
                    Some(operator) => Op::AssignProperty(operator, place, new, name),
                };
                self.emit_at(op, *at, third)
            }
            (Link::Method { .. }, _) => 0,
        };
        Ok(())
    }

    /// `f.call(arguments)`.
    fn call_value(
        &mut self,
        root: &Expr,
        steps: &[Step<'_>],
        (call, position): (&FnCallExpr, Position),
        target: Reg,
    ) -> Made<()> {
        let mut links = self.links(steps, &call.args, root)?;
        let base = self.base(target)?;
        let function = self.register_after(base)?;
        self.arguments_from(function, &call.args)?;
        let object = self.object_call(root, &mut links, (call, function), position)?;
        let beginning = self.beginning(root, true)?;
        if links.is_empty() {
            let (Root::Place(reg)
            | Root::Shared(reg)
            | Root::Lent(reg)
            | Root::Temporary(reg)
            | Root::Constant(reg)) = beginning.0;
            let is_temporary = !matches!(beginning.0, Root::Place(_));
            self.emit(if is_temporary { Op::Take(base, reg) } else { Op::Copy(base, reg) });
        } else {
            self.read(beginning.0, links, base)?;
        }
        if let Some(argument) = call.args.first() {
            self.note(Position::NONE, argument.position());
        }
        let at = self.emit_at(Op::CallValue(base, call.args.len() as u8), position, 0);
        self.proto.objects.extend(object.map(|chain| (at as u32, chain)));
        self.result(base, target);
        Ok(())
    }

    /// If it is no function that is called, but an object that has a place: `object.call(function, …)` lends it to the
    /// function. Gives the chain that does so.
    fn object_call(
        &mut self,
        root: &Expr,
        links: &mut [Link],
        (call, base): (&FnCallExpr, Reg),
        position: Position,
    ) -> Made<Option<u16>> {
        let mut is_constant = false;
        let (place, name) = match root {
            Expr::Variable(variable, ..) if variable.2.is_empty() => match self.local(&variable.1) {
                Some((reg, false, false)) => (Root::Place(reg), variable.1.as_str()),
                Some((reg, true, false)) => (Root::Shared(reg), variable.1.as_str()),
                // A constant, or what is in it, is where the function would be.
                _ => {
                    is_constant = true;
                    (Root::Constant(base - 1), variable.1.as_str())
                }
            },
            Expr::ThisPtr(position) => (Root::Place(self.this(*position)?), "this"),
            _ => return Ok(None),
        };
        if call.args.is_empty()
            || (is_constant && links.iter().any(|link| matches!(link, Link::Method { .. })))
        {
            return Ok(None);
        }
        let on_the_way = links.iter_mut().filter(|_| !is_constant);
        let mut way: Vec<Link> = on_the_way.filter_map(Link::again).collect();
        way.push(Link::Method { site: self.method_site(call, position)?, base, safe: false });
        self.proto.chains.push(Chain {
            root: place,
            name: name.into(),
            root_position: root.start_position(),
            is_this: name == "this",
            links: way.into(),
            changes: true,
            assigned: None,
            position,
        });
        self.number(self.proto.chains.len() - 1).map(Some)
    }
}

/// A function of numbers, if nothing else can be meant where it is called on a number.
pub(super) fn numeric(site: &Site) -> Option<Numeric> {
    let is_known =
        site.arguments == 1 && site.script.is_none() && site.natives.is_empty() && site.template.is_none();
    Numeric::of(&site.name).filter(|_| is_known)
}

/// A method may change its receiver, unless all that its name can mean does not.
fn may_change(link: &Link) -> bool {
    match link {
        Link::Method { site, .. } => {
            site.script.is_some() || site.builtin.is_none_or(|builtin| builtin.others_change)
        }
        _ => false,
    }
}

fn root_name(root: &Expr) -> Option<&str> {
    match root {
        Expr::Variable(variable, ..) => Some(&variable.1),
        _ => None,
    }
}

/// A chain leans to the right in Rhai's tree: `a.(b[(c).d()])`; a flag marks its end.
fn steps(expression: &Expr) -> (&Expr, Vec<Step<'_>>) {
    let Some((mut parts, mut dot, mut flags, mut sign)) = opened(expression) else {
        return (expression, Vec::new());
    };
    let root = &parts.lhs;
    let mut steps = Vec::new();
    loop {
        let safe = flags.contains(ASTFlags::NEGATED);
        let next = if flags.contains(ASTFlags::BREAK) { None } else { opened(&parts.rhs) };
        let part = next.map_or(&parts.rhs, |(next, ..)| &next.lhs);
        steps.push(step(part, dot, safe, sign));
        match next {
            Some(next) => (parts, dot, flags, sign) = next,
            None => return (root, steps),
        }
    }
}

fn opened(expression: &Expr) -> Option<(&BinaryExpr, bool, ASTFlags, Position)> {
    match expression {
        Expr::Dot(parts, flags, sign) => Some((parts, true, *flags, *sign)),
        Expr::Index(parts, flags, sign) => Some((parts, false, *flags, *sign)),
        _ => None,
    }
}

fn step(expression: &Expr, dot: bool, safe: bool, sign: Position) -> Step<'_> {
    let (part, position) = match expression {
        Expr::Property(property, position) if dot => (Part::Property(&property.2), *position),
        Expr::MethodCall(call, position) if dot => (Part::Method(call), *position),
        other => (Part::Index(other), other.start_position()),
    };
    Step { part, safe, position, sign }
}
