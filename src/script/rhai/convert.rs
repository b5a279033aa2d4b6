//! Rhai's values to ours and back. Values are taken, so that what is owned alone is not copied.

use super::cells;
use super::compile::is_closure;
use super::paths;
use super::state::State;
use super::steps::Steps;
use crate::script::fault::Fault;
use crate::value::nesting::{NESTED_MAX, deeper, too_deep};
use crate::value::{Access, Function, Map, Object, ObjectKind, Range, Value, Variable};
use rhai::{Dynamic, FnPtr, ImmutableString, ScriptFuncDef};
use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::{Range as Exclusive, RangeInclusive as Inclusive};
use std::rc::Rc;

thread_local! {
    /// Where the shared variables are whose values are being converted.
    static OPEN: RefCell<Vec<*const ()>> = const { RefCell::new(Vec::new()) };
    static LENT: RefCell<Option<Lent>> = const { RefCell::new(None) };
}

/// The closures that Rhai has been lent, by where the first of their captured variables is there, with that.
type Lent = HashMap<*const (), (Dynamic, Rc<Function>)>;

/// Closures that `work` gives to Rhai come back as those that they are, not as copies that share no variables any more.
pub(in crate::script) fn lending<T>(work: impl FnOnce() -> T) -> T {
    /// Also when the work panics.
    struct Outermost(bool);
    impl Drop for Outermost {
        fn drop(&mut self) {
            if self.0 {
                LENT.take();
            }
        }
    }
    let _outermost = Outermost(LENT.with_borrow_mut(|lent| {
        let outermost = lent.is_none();
        lent.get_or_insert_default();
        outermost
    }));
    work()
}

/// The closure that this is, if it was lent and got no more arguments since.
fn lent(pointer: &FnPtr, name: &str) -> Option<Rc<Function>> {
    LENT.with_borrow(|lent| {
        let cell = pointer.iter_curry().next().and_then(cell)?;
        let (_, function) = lent.as_ref()?.get(&cell)?;
        let is_it = function.name == name && function.captured.len() == pointer.iter_curry().count();
        is_it.then(|| function.clone())
    })
}

/// A value of Rhai that is none of the language: it can be held, not sent.
struct Foreign {
    kind: &'static str,
    value: Dynamic,
}

impl ObjectKind for Foreign {
    fn kind(&self) -> &'static str {
        self.kind
    }
}

impl State {
    pub(in crate::script) fn value(&self, dynamic: Dynamic) -> Value {
        let dynamic = dynamic.flatten();
        if let Ok(int) = dynamic.as_int() {
            Value::Int(int)
        } else if dynamic.is_string() {
            dynamic.into_string().map_or(Value::Unit, Value::string)
        } else if let Ok(float) = dynamic.as_float() {
            Value::Float(float)
        } else if let Ok(bool) = dynamic.as_bool() {
            Value::Bool(bool)
        } else if dynamic.is_unit() {
            Value::Unit
        } else if let Ok(char) = dynamic.as_char() {
            Value::Char(char)
        } else {
            deeper(|| self.container(dynamic))
        }
    }

    fn container(&self, dynamic: Dynamic) -> Value {
        if dynamic.is_array() {
            let items = dynamic.into_array().unwrap_or_default();
            return Value::array(items.into_iter().map(|item| self.value(item)).collect());
        }
        if dynamic.is_blob() {
            return Value::blob(dynamic.into_blob().unwrap_or_default());
        }
        if dynamic.is_timestamp() {
            return foreign("a timestamp", dynamic);
        }
        self.map(dynamic)
            .or_else(|dynamic| dynamic.try_cast_result::<Object>().map(Value::Object))
            .or_else(|dynamic| dynamic.try_cast_result::<FnPtr>().map(|pointer| self.function(pointer)))
            .or_else(range)
            .unwrap_or_else(|dynamic| foreign("an iterator", dynamic))
    }

    fn map(&self, dynamic: Dynamic) -> Result<Value, Dynamic> {
        let entries = dynamic.try_cast_result::<rhai::Map>()?;
        let entry =
            |(key, value): (rhai::Identifier, Dynamic)| (String::from(key.as_str()), self.value(value));
        Ok(Value::Map(Rc::new(entries.into_iter().map(entry).collect())))
    }

    /// What a closure captured by sharing is copied.
    fn function(&self, pointer: FnPtr) -> Value {
        let name = paths::outer(pointer.fn_name()).into_owned();
        if let Some(function) = lent(&pointer, &name) {
            return Value::Function(function);
        }
        let home = self.homes.borrow().get(&name).copied();
        if is_closure(&name) && home.is_none() {
            return foreign("a closure of a declaration", Dynamic::from(pointer));
        }
        let captured = pointer.iter_curry().map(|value| self.captured(value)).collect();
        Value::Function(Rc::new(Function { name, home, captured }))
    }

    fn captured(&self, value: &Dynamic) -> Value {
        match cell(value) {
            Some(place) => {
                if let Some(variable) = cells::at_place(place) {
                    return Value::Variable(variable);
                }
                let access = if value.is_read_only() { Access::Constant } else { Access::Free };
                let inner = once(place, || self.value(value.flatten_clone())).unwrap_or_default();
                let variable = Rc::new(Variable::new(inner, access));
                cells::add(&variable, value, place);
                Value::Variable(variable)
            }
            None => self.value(value.flatten_clone()),
        }
    }

    /// The same, unless it is nested too deeply: Rhai needs stack for each level, and may not find it.
    pub(in crate::script) fn whole(&self, value: Value) -> Result<Dynamic, Fault> {
        self.left_out.set(false);
        let dynamic = self.dynamic(value);
        if self.left_out.take() { Err(Fault::error("Type", too_deep())) } else { Ok(dynamic) }
    }

    /// The same for a function and what it captured.
    pub(super) fn whole_pointer(&self, function: &Function) -> Result<FnPtr, Fault> {
        self.left_out.set(false);
        let pointer = self.pointer(function);
        if self.left_out.take() { Err(Fault::error("Type", too_deep())) } else { Ok(pointer) }
    }

    /// A value as Rhai's. What is nested too deeply within it is left out.
    pub(in crate::script) fn dynamic(&self, value: Value) -> Dynamic {
        match value {
            Value::Unit => Dynamic::UNIT,
            Value::Bool(bool) => bool.into(),
            Value::Int(int) => int.into(),
            Value::Float(float) => float.into(),
            Value::Char(char) => char.into(),
            Value::String(text) => ImmutableString::from(text.as_str()).into(),
            Value::Blob(bytes) => Dynamic::from_blob(Rc::unwrap_or_clone(bytes)),
            Value::Range(range) if range.inclusive => Dynamic::from(range.start..=range.end),
            Value::Range(range) => Dynamic::from(range.start..range.end),
            Value::Object(object) => match object.downcast::<Foreign>() {
                Some(foreign) => foreign.value.clone(),
                None => Dynamic::from(object),
            },
            nested => self.nested(nested),
        }
    }

    fn nested(&self, value: Value) -> Dynamic {
        let depth = self.depth.get();
        if depth >= NESTED_MAX {
            self.left_out.set(true);
            return Dynamic::UNIT;
        }
        self.depth.set(depth + 1);
        let dynamic = deeper(|| match value {
            Value::Array(items) => {
                let items = Rc::unwrap_or_clone(items);
                Dynamic::from_array(items.into_iter().map(|item| self.dynamic(item)).collect())
            }
            Value::Map(map) => self.dynamic_map(Rc::unwrap_or_clone(map)),
            Value::Function(function) => self.lent_pointer(function),
            Value::Variable(variable) => self.variable(&variable),
            flat => self.dynamic(flat),
        });
        self.depth.set(depth);
        dynamic
    }

    /// A cell that all calls of the closures share which captured the variable.
    fn variable(&self, variable: &Rc<Variable>) -> Dynamic {
        if let Some(cell) = cells::of_variable(variable) {
            return cell;
        }
        let value = once(Rc::as_ptr(variable).cast(), || self.dynamic(variable.get()));
        let value = value.unwrap_or(Dynamic::UNIT);
        let is_constant = variable.access() == Access::Constant;
        let shared = if is_constant { value.into_read_only().into_shared() } else { value.into_shared() };
        if let Some(place) = cell(&shared) {
            cells::add(variable, &shared, place);
        }
        shared
    }

    fn dynamic_map(&self, map: Map) -> Dynamic {
        Dynamic::from_map(
            map.into_iter().map(|(key, value)| (key.as_str().into(), self.dynamic(value))).collect(),
        )
    }

    fn lent_pointer(&self, function: Rc<Function>) -> Dynamic {
        let pointer = self.pointer(&function);
        LENT.with_borrow_mut(|lent| {
            let first = pointer.iter_curry().next();
            if let (Some(lent), Some(first)) = (lent, first)
                && let Some(cell) = cell(first)
            {
                lent.insert(cell, (first.clone(), function));
            }
        });
        Dynamic::from(pointer)
    }

    /// A function value as scripts call it. One that this unit does not have fails when it is called.
    pub(in crate::script) fn pointer(&self, function: &Function) -> FnPtr {
        let mut pointer = self.known(function).unwrap_or_else(|| nowhere(&function.name));
        pointer.set_curry(function.captured.iter().map(|value| match value {
            Value::Variable(variable) => self.variable(variable),
            value => self.dynamic(value.clone()),
        }));
        pointer
    }

    fn known(&self, function: &Function) -> Option<FnPtr> {
        let Some(home) = function.home else {
            return FnPtr::new(&*paths::inner(&function.name)).ok();
        };
        let library = self.library(home as usize).ok()?;
        library.function(&paths::inner(&function.name)).map(FnPtr::from)
    }
}

/// Where the value of a shared variable is.
fn cell(value: &Dynamic) -> Option<*const ()> {
    // The lock ends before the value is looked at; only where it is counts.
    let at = value.read_lock::<Dynamic>().map(|inner| (&raw const *inner).cast());
    at.filter(|_| value.is_shared())
}

/// Converts what is in a shared variable; none if that is being done already. A closure may hold the variable that it
/// is in: there it sees `()`.
fn once<T>(variable: *const (), convert: impl FnOnce() -> T) -> Option<T> {
    if OPEN.with_borrow(|open| open.contains(&variable)) {
        return None;
    }
    OPEN.with_borrow_mut(|open| open.push(variable));
    let value = convert();
    OPEN.with_borrow_mut(Vec::pop);
    Some(value)
}

/// Whether an object holds a value of Rhai's own.
pub(in crate::script) fn is_foreign(object: &Object) -> bool {
    object.is::<Foreign>()
}

/// What such an object walks, if it is a range with a step.
pub(in crate::script) fn steps(object: &Object) -> Option<Box<dyn Iterator<Item = Value>>> {
    let value = &object.downcast::<Foreign>()?.value;
    if let Some(steps) = value.read_lock::<Steps<i64>>() {
        return Some(Box::new(steps.clone().map(Value::Int)));
    }
    let steps = value.read_lock::<Steps<f64>>()?;
    Some(Box::new(steps.clone().map(Value::Float)))
}

fn foreign(kind: &'static str, value: Dynamic) -> Value {
    Value::Object(Object::new(Foreign { kind, value }))
}

fn range(dynamic: Dynamic) -> Result<Value, Dynamic> {
    let range = |start, end, inclusive| Value::Range(Rc::new(Range { start, end, inclusive }));
    dynamic
        .try_cast_result::<Exclusive<i64>>()
        .map(|exclusive| range(exclusive.start, exclusive.end, false))
        .or_else(|dynamic| {
            let inclusive = dynamic.try_cast_result::<Inclusive<i64>>()?;
            Ok(range(*inclusive.start(), *inclusive.end(), true))
        })
}

/// A pointer to a function that does not exist.
fn nowhere(name: &str) -> FnPtr {
    thread_local! {
        static TEMPLATE: Option<ScriptFuncDef> = {
            let ast = rhai::Engine::new_raw().compile("fn f() {}").ok();
            ast.and_then(|ast| ast.shared_lib().iter_script_fn_info().next().map(|f| (**f.4).clone()))
        };
    }
    TEMPLATE.with(|template| match template {
        Some(template) => FnPtr::from(ScriptFuncDef { name: name.into(), ..template.clone() }),
        None => FnPtr::new("f").unwrap_or_else(|_| unreachable!("`f` is a name")),
    })
}
