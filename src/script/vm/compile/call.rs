//! Calls: functions of the script, of Rhai's library, of ours, and templates.

use super::{Assembler, Made, refusal};
use crate::script::registry::Receiver;
use crate::script::rhai::paths;
use crate::script::vm::builtin::{self, Builtin};
use crate::script::vm::code::{Link, Op, Reg, Root, Site, Special};
use rhai::{Expr, FnCallExpr, Position};

impl Assembler<'_, '_> {
    pub(super) fn call(&mut self, call: &FnCallExpr, position: Position, target: Reg) -> Made<()> {
        if let Some(parts) = super::operator::binary(call) {
            return self.binary(parts, target, position);
        }
        if self.unary(call, target, position)? {
            return Ok(());
        }
        if !call.namespace.is_empty() {
            return refusal("a path to a function", position);
        }
        if call.capture_parent_scope {
            return refusal("`!` in a call, which lends the function all variables", position);
        }
        match (call.name.as_str(), &call.args[..]) {
            ("is_shared" | "is_def_var" | "is_def_fn", _) => {
                refusal(format!("`{}`, which asks Rhai about itself", call.name), position)
            }
            ("tag" | "set_tag", _) => refusal(format!("`{}`: values have no tags", call.name), position),
            ("call", [function, arguments @ ..]) => {
                let base = self.base(target)?;
                let first = self.register_after(base)?;
                // The function is evaluated first, and held meanwhile.
                self.expression(function, base)?;
                self.emit_at(Op::NeedFunction(base), function.start_position(), 0);
                self.arguments_from(first, arguments)?;
                self.emit_at(Op::CallValue(base, arguments.len() as u8), position, 0);
                self.result(base, target);
                Ok(())
            }
            ("curry", [function, arguments @ ..]) if !arguments.is_empty() => {
                let base = self.base(target)?;
                let first = self.register_after(base)?;
                self.expression(function, base)?;
                self.emit_at(Op::NeedFunction(base), function.start_position(), 0);
                self.arguments_from(first, arguments)?;
                let site = self.any_site(&call.name, call.args.len(), false, position);
                self.call_site(base, site, position)?;
                self.result(base, target);
                Ok(())
            }
            ("Fn", [name]) => {
                if let Expr::StringConstant(name, _) = name {
                    self.mention_all(name);
                }
                self.site(call, name.start_position(), target)
            }
            _ => self.named(call, position, target),
        }
    }

    fn named(&mut self, call: &FnCallExpr, position: Position, target: Reg) -> Made<()> {
        let name = paths::outer(&call.name);
        let Some(number) = self.whole.program.function(&name, call.args.len()) else {
            return self.site(call, position, target);
        };
        self.proto.mentions.push(number);
        let base = self.base(target)?;
        self.arguments_by_name(base, &call.args)?;
        self.emit_at(Op::Call(base, number), position, 0);
        self.result(base, target);
        Ok(())
    }

    /// Where the arguments begin, and the result will be: the target, if it is the last register in use.
    pub(super) fn base(&mut self, target: Reg) -> Made<Reg> {
        let last = u16::from(target) + 1 == self.next && !self.is_variable(target);
        if last { Ok(target) } else { self.register() }
    }

    pub(super) fn register_after(&mut self, base: Reg) -> Made<Reg> {
        self.next = u16::from(base) + 1;
        self.register()?;
        self.next -= 1;
        Ok(base + 1)
    }

    pub(super) fn result(&mut self, base: Reg, target: Reg) {
        if base != target {
            self.emit(Op::Take(target, base));
        }
    }

    /// Evaluates arguments into registers in a row.
    pub(super) fn arguments(&mut self, arguments: &[Expr]) -> Made<Reg> {
        let base = self.next as Reg;
        self.arguments_from(base, arguments)?;
        Ok(base)
    }

    /// The same behind a free register.
    pub(super) fn arguments_of_method(&mut self, arguments: &[Expr]) -> Made<Reg> {
        self.register()?;
        self.arguments(arguments)
    }

    pub(super) fn arguments_from(&mut self, base: Reg, arguments: &[Expr]) -> Made<()> {
        self.arguments_in_order(base, arguments, false)
    }

    /// Those of a call by name: as Rhai does, a variable in front is read when all others are evaluated.
    fn arguments_by_name(&mut self, base: Reg, arguments: &[Expr]) -> Made<()> {
        let waits = matches!(arguments, [Expr::Variable(first, ..), others @ ..]
            if self.local(&first.1).is_none() || !others.iter().all(super::quiet::is_quiet));
        self.arguments_in_order(base, arguments, waits)
    }

    fn arguments_in_order(&mut self, base: Reg, arguments: &[Expr], first_waits: bool) -> Made<()> {
        if arguments.len() > 32 {
            return refusal("more than 32 arguments", self.position);
        }
        self.next = u16::from(base);
        for _ in arguments {
            self.register()?;
        }
        for (index, argument) in arguments.iter().enumerate().skip(usize::from(first_waits)) {
            self.expression(argument, base + index as u8)?;
        }
        if first_waits && let Some(first) = arguments.first() {
            self.expression(first, base)?;
        }
        Ok(())
    }

    /// A function that is not of the script. If it may change its first argument, that is lent to it; natives and `print` never do.
    fn site(&mut self, call: &FnCallExpr, position: Position, target: Reg) -> Made<()> {
        let site = self.any_site(&call.name, call.args.len(), false, position);
        let is_native = matches!(site.special, Some(Special::Native(_) | Special::Print | Special::Debug));
        let is_this = matches!(call.args.first(), Some(Expr::ThisPtr(_)));
        let changes = |builtin: &Builtin| builtin.others_change || (is_this && builtin.may_change());
        let lends = !is_native && site.builtin.is_none_or(changes);
        if let (true, Some((first, others))) = (lends, call.args.split_first())
            && let Some((name, at)) = self.lent(first)
        {
            let root = match self.local(name).filter(|_| !matches!(first, Expr::ThisPtr(_))) {
                Some((reg, true, _)) => Root::Lent(reg),
                Some((reg, ..)) => Root::Place(reg),
                None => Root::Place(self.this(at)?),
            };
            let base = self.arguments_of_method(others)?;
            let link = Link::Method { site, base, safe: false };
            return self.chain_op((root, name, at), vec![link], None, (target, position));
        }
        let base = self.base(target)?;
        self.arguments_by_name(base, &call.args)?;
        if call.args.is_empty() {
            self.next = self.next.max(u16::from(base) + 1);
        }
        self.call_site(base, site, position)?;
        self.result(base, target);
        Ok(())
    }

    /// The name and place of what a function may change that is given it: a variable, or `this`.
    fn lent<'e>(&self, argument: &'e Expr) -> Option<(&'e str, Position)> {
        match argument {
            Expr::Variable(variable, _, at) => {
                let is_changed = matches!(self.local(&variable.1), Some((_, _, false)));
                is_changed.then_some((variable.1.as_str(), *at))
            }
            Expr::ThisPtr(at) => Some(("this", *at)),
            _ => None,
        }
    }

    /// The call of a site whose arguments are in their registers.
    fn call_site(&mut self, base: Reg, site: Site, position: Position) -> Made<()> {
        if let Some(numeric) = super::chain::numeric(&site) {
            self.emit(Op::Number(numeric, base, base));
        }
        self.proto.sites.push((site, base));
        let index = self.number(self.proto.sites.len() - 1)?;
        self.emit_at(Op::Site(base, index), position, 0);
        Ok(())
    }

    pub(super) fn method_site(&mut self, call: &FnCallExpr, position: Position) -> Made<Site> {
        if matches!(call.name.as_str(), "is_shared" | "tag" | "set_tag") {
            return refusal(format!("`{}`, which asks Rhai about itself", call.name), position);
        }
        let mut site = self.any_site(&call.name, call.args.len() + 1, true, position);
        let name = paths::outer(&call.name);
        site.function = call.args.first().map_or(Position::NONE, Expr::position);
        site.script = self.whole.program.function(&name, call.args.len());
        self.proto.mentions.extend(site.script);
        Ok(site)
    }

    fn any_site(&self, name: &str, arguments: usize, is_method: bool, position: Position) -> Site {
        let outer = paths::outer(name);
        let templates = &self.whole.state.unit.templates;
        let template = templates.iter().position(|template| template.name == *outer);
        let builtin = builtin::find(&outer, arguments);
        let natives = self.whole.natives.functions(&outer, arguments);
        let special = match (&*outer, natives) {
            ("print", _) => Some(Special::Print),
            ("debug", _) => Some(Special::Debug),
            ("curry", _) if is_method || arguments > 1 => Some(Special::Curry),
            ("call", _) => Some(Special::Call),
            (_, [native]) if !is_method && builtin.is_none() && template.is_none() => {
                Some(Special::Native(native)).filter(|_| native.receiver == Receiver::None)
            }
            _ => None,
        };
        Site {
            special,
            builtin,
            natives: natives.into(),
            name: (*outer).into(),
            arguments: arguments as u8,
            is_method,
            script: None,
            template,
            position,
            function: Position::NONE,
            line: self.whole.state.lines.borrow().line(position),
        }
    }
}
