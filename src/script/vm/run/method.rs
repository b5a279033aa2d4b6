//! What a name means that is called: a function in a map, of the script, of the library, a template.

use super::Machine;
use super::frame::clear;
use super::register::{receive, store};
use crate::script::fault::Fault;
use crate::script::objects::Surroundings;
use crate::script::registry::{Context, Native, Receiver};
use crate::script::rhai::convert::is_foreign;
use crate::script::vm::bridge::variables;
use crate::script::vm::code::{Program, Site, Special, Window};
use crate::script::vm::trouble::{Run, Trouble};
use crate::value::{Function, Value};
use rhai::Position;
use std::rc::Rc;

impl Machine {
    /// Calls something on a value; `constant` when it must not change. The first of the values is free, the others are
    /// the arguments.
    pub(super) fn method(
        &self,
        program: &Rc<Program>,
        site: &Site,
        (place, constant): (&mut Value, bool),
        values: &mut [Value],
    ) -> Run {
        self.called_at.set(site.position);
        let arguments = &mut values[1..];
        let has_own = matches!(place, Value::Map(_) | Value::Function(_))
            || site.script.is_some()
            || matches!(site.special, Some(Special::Call));
        if site.is_method && has_own {
            self.lends_constant.set(constant);
            let own = self.own_method(program, site, place, arguments);
            self.lends_constant.set(false);
            if let Some(result) = own {
                return result;
            }
        }
        if constant {
            self.not_constant(program, site, place, arguments)?;
        }
        if let Some(builtin) = site.builtin.filter(|builtin| !constant || !builtin.changes(place))
            && let Some(result) = (builtin.run)(self, program, place, arguments)
        {
            return result;
        }
        if let Some(result) = self.native_method(program, site, place, values) {
            return result;
        }
        let arguments = &mut values[1..];
        let others = variables(1, arguments.len() + 1);
        let is_own = matches!(place, Value::Map(map) if map.get(&site.name).is_some());
        let text = if site.is_method || (constant && !is_own) {
            format!("x0.{}({others})", site.name)
        } else if others.is_empty() {
            format!("{}(x0)", site.name)
        } else {
            format!("{}(x0, {others})", site.name)
        };
        self.rhai_change(text, place, arguments, constant)
    }

    /// Refuses to call what would change a constant.
    pub(super) fn not_constant(
        &self,
        program: &Rc<Program>,
        site: &Site,
        place: &Value,
        arguments: &[Value],
    ) -> Run<()> {
        let Some(builtin) = site.builtin.filter(|builtin| builtin.changes(place)) else { return Ok(()) };
        // Whether it takes these values is seen with copies.
        let mut arguments: Vec<_> = arguments.iter().map(without_effect).collect();
        if (builtin.run)(self, program, &mut place.clone(), &mut arguments).is_none() {
            return Ok(());
        }
        let message = format!("`{}` would change a constant; copy it with `let` first", site.name);
        Err(Trouble::mistake("ErrorNonPureMethodCallOnConstant", message))
    }

    /// What comes before all that the library has.
    fn own_method(
        &self,
        program: &Rc<Program>,
        site: &Site,
        place: &mut Value,
        arguments: &mut [Value],
    ) -> Option<Run> {
        match place {
            Value::Function(function) if matches!(site.special, Some(Special::Call)) => {
                let target = self.target(Some(program), function);
                return Some(self.call_target(
                    &target,
                    arguments.iter_mut().map(Value::take).collect(),
                    None,
                ));
            }
            Value::Function(function) if matches!(site.special, Some(Special::Curry)) => {
                return Some(Ok(curried(function, arguments.iter_mut().map(Value::take))));
            }
            Value::Map(map) if &*site.name != "call" => {
                if let Some(Value::Function(function)) = map.get(&site.name) {
                    let target = self.target(Some(program), function);
                    let arguments = arguments.iter_mut().map(Value::take).collect();
                    return Some(self.call_target(&target, arguments, Some(place)));
                }
            }
            _ => {}
        }
        if matches!(site.special, Some(Special::Call)) {
            let called = self.call_on(program, place, arguments);
            return Some(called.map_err(|trouble| match trouble.kind() {
                "ErrorMismatchDataType" if !arguments.is_empty() => self.placed(trouble, site.function),
                _ => trouble,
            }));
        }
        let script = site.script?;
        Some(self.call_script(program, script, arguments.iter_mut().map(Value::take).collect(), Some(place)))
    }

    /// `object.call(function, …)`: the object is `this`.
    fn call_on(&self, program: &Rc<Program>, place: &mut Value, arguments: &mut [Value]) -> Run {
        if let Some(Value::Function(function)) = arguments.first() {
            let target = self.target(Some(program), function);
            let arguments = arguments[1..].iter_mut().map(Value::take).collect();
            return self.call_target(&target, arguments, Some(place));
        }
        let text = format!("x0.call({})", variables(1, arguments.len() + 1));
        self.rhai_change(text, place, arguments, false)
    }

    fn native_method(
        &self,
        program: &Rc<Program>,
        site: &Site,
        place: &Value,
        values: &mut [Value],
    ) -> Option<Run> {
        if site.natives.is_empty() && site.template.is_none() {
            return None;
        }
        // To natives a receiver comes as a copy.
        store(&mut values[0], place.clone());
        let result = match place {
            Value::Object(object) => match site.natives.iter().find(|native| native.receiver.is(object)) {
                Some(native) => {
                    self.at_site(site);
                    Some(self.native(Some(program), native, values))
                }
                None => self.native_of(program, site, values),
            },
            _ => self.native_of(program, site, values),
        };
        clear(if result.is_some() { values } else { &mut values[..1] });
        result
    }

    /// A function of the registry, or a template, that takes these values; none when no such takes them.
    pub(super) fn native_of(&self, program: &Rc<Program>, site: &Site, values: &mut [Value]) -> Option<Run> {
        let first = values.first();
        // Members of objects hide functions of the same name.
        let are_members = matches!(first, Some(Value::Object(_)))
            && site.natives.iter().any(|native| native.receiver != Receiver::None);
        let fits = |native: &&&'static Native| match (native.receiver, first) {
            (Receiver::None, _) => !are_members,
            (receiver, Some(Value::Object(object))) => receiver.is(object),
            _ => false,
        };
        let native = site.natives.iter().find(fits);
        let takes = |template: &usize| values.len() <= self.unit.templates[*template].parameters.len();
        // A template hides a function of its name, but no member.
        let template = site.template.filter(takes).filter(|_| native.is_none() || !are_members);
        if native.is_some() || template.is_some() {
            self.at_site(site);
        }
        match (template, native) {
            (Some(template), _) => return Some(self.create(template, values)),
            (None, Some(native)) => return Some(self.native(Some(program), native, values)),
            (None, None) => {}
        }
        match first {
            Some(Value::Object(object)) if are_members && !is_foreign(object) => {
                let message = format!("{} has no member `{}`", object.kind(), site.name);
                Some(Err(self.fault(Fault::error("Type", message))))
            }
            _ => None,
        }
    }

    /// The surroundings, which now know which line calls.
    #[inline]
    fn at_site(&self, site: &Site) -> &Rc<dyn Surroundings> {
        let surroundings = self.state.surroundings();
        if let Some((source, line)) = site.line {
            surroundings.at(source, line);
        }
        surroundings
    }

    fn create(&self, template: usize, given: &mut [Value]) -> Run {
        let missing = self.unit.templates[template].parameters.len() - given.len();
        let given = given.iter_mut().map(|value| Some(value.take()));
        let arguments = given.chain(std::iter::repeat_n(None, missing)).collect();
        self.state.surroundings().create(template, arguments).map_err(|fault| self.fault(fault))
    }

    /// Calls a native. What a function that it calls throws goes on as it is.
    pub(super) fn native(&self, program: Option<&Rc<Program>>, native: &Native, values: &mut [Value]) -> Run {
        let (mut failed, mut known) = (None, None);
        let mut call = |function: &Function, arguments: Vec<Value>| {
            self.call_back(program, &mut known, (function, arguments)).map_err(|trouble| {
                let fault = self.as_fault(&trouble);
                failed = Some(trouble);
                fault
            })
        };
        let mut context = Context { surroundings: self.state.surroundings(), call: &mut call };
        let result = native.invoke(&mut context, values);
        result.map_err(|fault| self.native_failed(fault, failed))
    }

    /// Calls a native with so many registers from one on, which are free behind it; what it gives goes to another. A value
    /// that is handed on from function to function is copied each time, which costs as much as the call.
    #[inline(always)]
    #[allow(clippy::inline_always)] // It has two callers, and what it is given is much of what it does.
    pub(super) fn native_of_registers(
        &self,
        (program, site): (&Rc<Program>, &Site),
        native: &Native,
        registers: &mut Window,
        (first, target): (usize, usize),
    ) -> Run<()> {
        let surroundings = self.at_site(site);
        let (mut failed, mut known) = (None, None);
        let mut call = |function: &Function, arguments: Vec<Value>| {
            self.call_back(Some(program), &mut known, (function, arguments)).map_err(|trouble| {
                let fault = self.as_fault(&trouble);
                failed = Some(trouble);
                fault
            })
        };
        let mut context = Context { surroundings, call: &mut call };
        let values = &mut registers[first..first + site.arguments as usize];
        let mut result = native.invoke(&mut context, values);
        clear(values);
        if let Ok(value) = &mut result {
            receive(&mut registers[target], value);
            // Nothing is in it any more that is to be dropped.
            std::mem::forget(result);
            return Ok(());
        }
        result.map(drop).map_err(|fault| self.native_failed(fault, failed))
    }

    #[cold]
    fn native_failed(&self, fault: Fault, failed: Option<Trouble>) -> Trouble {
        match (fault, failed) {
            (Fault::Thrown(_) | Fault::Elsewhere(_), Some(trouble)) => trouble,
            (fault, _) => self.fault(fault),
        }
    }

    /// The same, of a place whose line is looked up once.
    pub(super) fn at(&self, position: Position) {
        let (told, mut line) = self.told.get();
        if told != position {
            line = self.state.lines.borrow().line(position);
            self.told.set((position, line));
        }
        if let Some((source, line)) = line {
            self.state.surroundings().at(source, line);
        }
    }
}

/// A function with more arguments in front.
pub(super) fn curried(function: &Rc<Function>, arguments: impl Iterator<Item = Value>) -> Value {
    let mut function = function.clone();
    Rc::make_mut(&mut function).captured.extend(arguments);
    Value::Function(function)
}

/// The same value, but a function, also one that a text names, is one that changes nothing.
fn without_effect(value: &Value) -> Value {
    match value {
        Value::Function(_) => {
            let function = Function { name: "type_of".to_owned(), home: None, captured: Vec::new() };
            Value::Function(Rc::new(function))
        }
        Value::String(_) => Value::string("type_of"),
        value => value.clone(),
    }
}
