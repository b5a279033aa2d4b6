//! The walk over expressions.

use super::Walker;
use super::scope::Binding;
use crate::script::analysis::{Access, At, CallUse, FreeVariable, MethodUse, PathUse};
use crate::script::rhai::chains::READING;
use crate::script::rhai::compile::is_closure;
use rhai::{ASTFlags, BinaryExpr, Expr, FnCallExpr, FnPtr, Namespace, Position};

/// Methods that change their receiver in place.
const CHANGING: &[&str] = &[
    "append",
    "chop",
    "clear",
    "crop",
    "dedup",
    "drain",
    "extract",
    "fill_with",
    "insert",
    "make_lower",
    "make_upper",
    "mixin",
    "pad",
    "pop",
    "push",
    "remove",
    "replace",
    "retain",
    "reverse",
    "set",
    "shift",
    "sort",
    "sort_by",
    "sort_desc",
    "splice",
    "split_rev",
    "trim",
    "truncate",
];

/// One step of `a.b[c].d()`.
enum Link<'e> {
    Index(&'e Expr),
    Property(&'e str, Position),
    Method(&'e FnCallExpr, Position),
}

impl Walker<'_> {
    pub(super) fn expression(&mut self, expression: &Expr) {
        match expression {
            Expr::Variable(variable, _, position) if variable.2.is_empty() => {
                self.variable(&variable.1, *position, Access::Read);
            }
            Expr::Variable(variable, _, position) => {
                self.path(&variable.2, &variable.1, *position, Access::Read);
            }
            Expr::InterpolatedString(parts, _) | Expr::Array(parts, _) => self.all(parts),
            Expr::And(parts, _) | Expr::Or(parts, _) | Expr::Coalesce(parts, _) => self.all(parts),
            Expr::Map(parts, _) => parts.0.iter().for_each(|(_, value)| self.expression(value)),
            Expr::Stmt(block) => self.block(block.statements()),
            Expr::FnCall(call, position) => self.call(call, *position),
            Expr::Dot(..) | Expr::Index(..) => self.chain(expression, None),
            Expr::DynamicConstant(value, _) => {
                if let Some(pointer) = value.read_lock::<FnPtr>() {
                    self.closure(pointer.fn_name(), 0);
                }
            }
            _ => {}
        }
    }

    fn all(&mut self, expressions: &[Expr]) {
        for expression in expressions {
            self.expression(expression);
        }
    }

    /// Rhai puts a parameter for each captured variable before those that are written; the captured ones are
    /// found by their names where the closure stands.
    pub(super) fn closure(&mut self, name: &str, captured: usize) {
        let functions = self.functions.clone();
        if let Some(closure) = functions.get(name).filter(|_| is_closure(name)).and_then(|all| all.first()) {
            self.scopes.enter();
            closure.params.iter().skip(captured).for_each(|param| self.scopes.declare(param, None));
            self.block(&closure.statements);
            self.scopes.leave();
        }
    }

    pub(super) fn variable(&mut self, name: &str, position: Position, access: Access) {
        let binding = self.scopes.read(name);
        let at = self.text.name(name, position);
        if self.receivers.iter().any(|receiver| receiver.0 == name && receiver.1 == binding) {
            self.uses.own_closures.push((name.to_owned(), at));
        }
        if binding == Binding::Free {
            self.uses.variables.push(FreeVariable { name: name.to_owned(), at, access });
        }
    }

    /// Remembers what changes a constant.
    pub(super) fn constant(&mut self, name: &str, position: Position, access: Access) {
        if let Some(declared) = self.scopes.constant(name).filter(|_| access != Access::Read) {
            let at = self.text.name(name, position);
            self.uses.constants.push((FreeVariable { name: name.to_owned(), at, access }, declared));
        }
    }

    /// The name and place of a variable that is not declared here.
    pub(super) fn free(&self, expression: &Expr) -> Option<(String, At)> {
        match expression {
            Expr::Variable(variable, _, position)
                if variable.2.is_empty() && self.scopes.find(&variable.1) == Binding::Free =>
            {
                Some((variable.1.to_string(), self.text.name(&variable.1, *position)))
            }
            _ => None,
        }
    }

    pub(super) fn call(&mut self, call: &FnCallExpr, position: Position) {
        let plain = |argument| self.free(argument).map(|(name, _)| name);
        let plain_arguments = call.args.iter().map(plain).collect();
        self.all(&call.args);
        // A function that is called with a variable in front may change it.
        if let (None, Some(Expr::Variable(variable, ..))) = (&call.op_token, call.args.first()) {
            self.scopes.changed(&variable.1);
        }
        self.named(call);
        if call.name.as_str() == "exit" {
            self.leave_loops();
        }
        let module = module(&call.namespace);
        let at = self.path_place(&call.namespace, &call.name, position);
        if module.is_some() || (call.op_token.is_none() && self.text.begins_with(&call.name, position)) {
            let (name, arguments) = (call.name.to_string(), call.args.len());
            let given = call.args.iter().map(|argument| self.seen(argument)).collect();
            self.uses.calls.push(CallUse { module, name, arguments, at, plain_arguments, given });
        }
    }

    /// The function that `Fn("name")` names.
    fn named(&mut self, call: &FnCallExpr) {
        if let ("Fn", [Expr::StringConstant(name, position)]) = (call.name.as_str(), &*call.args) {
            self.uses.named.extend(self.text.within_quotes(name, *position).map(|at| (name.to_string(), at)));
        }
    }

    pub(super) fn path(&mut self, namespace: &Namespace, name: &str, position: Position, access: Access) {
        let Some(module) = module(namespace) else { return };
        let at = self.path_place(namespace, name, position);
        self.uses.paths.push(PathUse { module, name: name.to_owned(), at, access });
    }

    /// From the first name of a path to its last.
    fn path_place(&self, namespace: &Namespace, name: &str, position: Position) -> At {
        let last = self.text.name(name, position);
        let first = namespace.path.first().map(|first| self.text.name(&first.name, first.pos));
        At { start: first.map_or(last.start, |first| first.start), end: last.end }
    }

    /// `a.b[c].d()`; an access when the end of it is assigned to.
    pub(super) fn chain(&mut self, expression: &Expr, assigned: Option<Access>) {
        let (root, links) = links(expression);
        let free = self.free(root);
        let access = assigned.unwrap_or(if changes(&links) { Access::Change } else { Access::Read });
        match root {
            Expr::Variable(variable, _, position) if variable.2.is_empty() => {
                self.variable(&variable.1, *position, access);
                self.constant(&variable.1, *position, access);
                self.turn_use(&variable.1, access, links.first());
            }
            Expr::Variable(variable, _, position) => {
                self.path(&variable.2, &variable.1, *position, access);
            }
            other => self.expression(other),
        }
        if let Some((receiver, _)) = free {
            self.method(receiver, links.first());
        }
        // The first call holds the variable; what it gives is a value of its own.
        let mut receiver = self.receiver(root);
        for link in &links {
            self.link(link, receiver.as_ref());
            receiver = receiver.filter(|_| !matches!(link, Link::Method(..)));
        }
    }

    /// A use of the variable of a loop: reading a key of it, or what may change it.
    fn turn_use(&mut self, name: &str, access: Access, link: Option<&Link<'_>>) {
        match (access, link) {
            (Access::Read, Some(Link::Property(key, position))) => {
                let at = self.text.name(key, *position);
                self.scopes.key_read(name, key, at);
            }
            (Access::Read, Some(Link::Index(_))) => {}
            _ => self.scopes.changed(name),
        }
    }

    fn receiver(&self, root: &Expr) -> Option<(String, Binding)> {
        match root {
            Expr::Variable(variable, ..) if variable.2.is_empty() => {
                Some((variable.1.to_string(), self.scopes.find(&variable.1)))
            }
            _ => None,
        }
    }

    fn method(&mut self, receiver: String, link: Option<&Link<'_>>) {
        let (method, arguments, position, given) = match link {
            Some(Link::Property(name, position)) => (*name, None, *position, Vec::new()),
            Some(Link::Method(call, position)) => {
                let given = call.args.iter().map(|argument| self.seen(argument)).collect();
                (call.name.as_str(), Some(call.args.len()), *position, given)
            }
            _ => return,
        };
        self.uses.methods.push(MethodUse {
            receiver,
            method: method.to_owned(),
            arguments,
            at: self.text.name(method, position),
            in_endless_loop: self.endless_loops > 0,
            in_try: self.tries > 0,
            given,
        });
    }

    fn link(&mut self, link: &Link<'_>, receiver: Option<&(String, Binding)>) {
        match link {
            Link::Index(index) => self.expression(index),
            Link::Property(..) => {}
            Link::Method(call, _) => {
                let depth = self.receivers.len();
                // Those that only read are called on a copy.
                let receiver = receiver.filter(|_| !READING.contains(&call.name.as_str()));
                for argument in &call.args {
                    self.receivers.extend(receiver.filter(|_| is_closure_argument(argument)).cloned());
                    self.expression(argument);
                    self.receivers.truncate(depth);
                }
            }
        }
    }
}

/// All names of a path but the last.
fn module(namespace: &Namespace) -> Option<String> {
    let names: Vec<&str> = namespace.path.iter().map(|part| part.name.as_str()).collect();
    (!names.is_empty()).then(|| names.join("::"))
}

fn is_closure_argument(argument: &Expr) -> bool {
    match argument {
        Expr::DynamicConstant(value, _) => value.is_fnptr(),
        Expr::Stmt(block) => matches!(block.statements().first(), Some(rhai::Stmt::Share(_))),
        _ => false,
    }
}

/// Whether a chain ends by changing what it began with: only indexes and properties lie between.
fn changes(links: &[Link<'_>]) -> bool {
    let first_call = links.iter().find_map(|link| match link {
        Link::Method(call, _) => Some(call.name.as_str()),
        _ => None,
    });
    first_call.is_some_and(|name| CHANGING.contains(&name))
}

/// A chain leans to the right in Rhai's tree: `a.(b[(c).d()])`; a flag marks its end.
fn links(expression: &Expr) -> (&Expr, Vec<Link<'_>>) {
    let Some((mut parts, mut is_dot, mut ends)) = parts(expression) else {
        return (expression, Vec::new());
    };
    let root = &parts.lhs;
    let mut links = Vec::new();
    while let Some((next, next_is_dot, next_ends)) = parts_unless(ends, &parts.rhs) {
        links.push(link(&next.lhs, is_dot));
        (parts, is_dot, ends) = (next, next_is_dot, next_ends);
    }
    links.push(link(&parts.rhs, is_dot));
    (root, links)
}

type Parts<'e> = (&'e BinaryExpr, bool, bool);

fn parts(expression: &Expr) -> Option<Parts<'_>> {
    match expression {
        Expr::Dot(parts, flags, _) => Some((parts, true, flags.contains(ASTFlags::BREAK))),
        Expr::Index(parts, flags, _) => Some((parts, false, flags.contains(ASTFlags::BREAK))),
        _ => None,
    }
}

fn parts_unless(ended: bool, expression: &Expr) -> Option<Parts<'_>> {
    if ended { None } else { parts(expression) }
}

fn link(expression: &Expr, is_dot: bool) -> Link<'_> {
    match expression {
        Expr::Property(property, position) if is_dot => Link::Property(&property.2, *position),
        Expr::MethodCall(call, position) if is_dot => Link::Method(call, *position),
        other => Link::Index(other),
    }
}
