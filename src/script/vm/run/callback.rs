//! Functions as values: what they mean, and calling them from within natives.

use super::Machine;
use crate::script::fault::Fault;
use crate::script::rhai::compile::is_closure;
use crate::script::rhai::kinds;
use crate::script::vm::bridge::variables;
use crate::script::vm::builtin;
use crate::script::vm::code::{Program, Site};
use crate::script::vm::trouble::{Run, Trouble, What};
use crate::value::{Access, Function, Value, Variable};
use rhai::Position;
use std::rc::Rc;

/// What a function value means.
pub(in crate::script::vm) enum Target {
    Closure {
        program: Rc<Program>,
        number: u16,
        captured: Vec<Value>,
    },
    /// By its name; which one, the number of arguments tells.
    Named {
        program: Rc<Program>,
        name: String,
        captured: Vec<Value>,
    },
    /// A closure that nobody knows, or that runs on Rhai.
    Elsewhere(Function),
}

impl Target {
    fn is_curried(&self) -> bool {
        matches!(self, Target::Named { captured, .. } if !captured.is_empty())
    }
}

/// What is in front of a closure's arguments: what it captured is variables that its calls share, also when it came from
/// another process; what was given to it by `curry` is values.
pub(super) fn in_front(given: &[Value], captured: usize, access: Access) -> Vec<Value> {
    let variable = |(index, value): (usize, &Value)| match value {
        Value::Variable(variable) if access == Access::Constant => Variable::shared(variable.get(), access),
        value if index < captured && !matches!(value, Value::Variable(_)) => {
            Variable::shared(value.clone(), access)
        }
        value => value.clone(),
    };
    given.iter().enumerate().map(variable).collect()
}

/// What a closure captured, as variables which no call can change.
pub(in crate::script::vm) fn as_constants(captured: &[Value]) -> Vec<Value> {
    in_front(captured, captured.len(), Access::Constant)
}

impl Machine {
    /// What a function means, seen from a program.
    pub(in crate::script::vm) fn target(&self, program: Option<&Rc<Program>>, function: &Function) -> Target {
        self.target_with(program, function, Access::Free)
    }

    /// The same; with `Constant`, no call can change what it captured.
    pub(in crate::script::vm) fn target_with(
        &self,
        program: Option<&Rc<Program>>,
        function: &Function,
        access: Access,
    ) -> Target {
        let name = &*function.name;
        if is_closure(name) {
            let found = |program: &Rc<Program>| {
                let number =
                    program.closures.get(name).filter(|number| !program.refused.contains_key(number));
                number.map(|&number| (program.clone(), number))
            };
            let known = program.and_then(found).or_else(|| self.home(function.home).as_ref().and_then(found));
            if let Some((program, number)) = known {
                let own = program.protos[number as usize].captured as usize;
                let captured = in_front(&function.captured, own, access);
                return Target::Closure { program, number, captured };
            }
            let captured = in_front(&function.captured, function.variables().len(), access);
            return Target::Elsewhere(Function {
                name: function.name.clone(),
                home: function.home,
                captured,
            });
        }
        match program.cloned().or_else(|| self.home(None)) {
            Some(program) => {
                Target::Named { program, name: name.to_owned(), captured: function.captured.clone() }
            }
            None => Target::Elsewhere(function.clone()),
        }
    }

    pub(in crate::script::vm) fn call_target(
        &self,
        target: &Target,
        mut arguments: Vec<Value>,
        this: Option<&mut Value>,
    ) -> Run {
        match target {
            Target::Closure { program, number, captured } => {
                let proto = &program.protos[*number as usize];
                if proto.params as usize != captured.len() + arguments.len() {
                    return Err(self.not_taken(&arguments));
                }
                self.enter((program, *number), captured, &mut arguments, this)
            }
            Target::Named { program, name, captured } => {
                let arguments: Vec<Value> = captured.iter().cloned().chain(arguments).collect();
                match program.function(name, arguments.len()) {
                    Some(number) => self.call_script(program, number, arguments, this),
                    None => self.call_name(program, name, arguments, this),
                }
            }
            Target::Elsewhere(function) => self.call_elsewhere(function, arguments, this),
        }
    }

    #[cold]
    pub(super) fn not_taken(&self, arguments: &[Value]) -> Trouble {
        let types: Vec<_> = arguments.iter().map(type_word).collect();
        let message = format!("the closure does not take ({})", types.join(", "));
        Trouble::mistake("ErrorFunctionNotFound", message)
    }

    pub(super) fn call_script(
        &self,
        program: &Rc<Program>,
        number: u16,
        mut arguments: Vec<Value>,
        this: Option<&mut Value>,
    ) -> Run {
        if program.refused.contains_key(&number) {
            let name = program.protos[number as usize].name.to_string();
            let function = Function {
                name: crate::script::rhai::paths::outer(&name).into(),
                home: program.home,
                captured: Vec::new(),
            };
            return self.call_elsewhere(&function, arguments, this);
        }
        self.enter((program, number), &[], &mut arguments, this)
    }

    /// Calls by name what is no function of the script.
    fn call_name(
        &self,
        program: &Rc<Program>,
        name: &str,
        mut arguments: Vec<Value>,
        mut this: Option<&mut Value>,
    ) -> Run {
        if let Some(this) = &mut this {
            arguments.insert(0, this.take());
        }
        let count = arguments.len();
        let position = Position::NONE;
        let template = self.unit.templates.iter().position(|template| template.name == name);
        let site = Site {
            special: None,
            builtin: builtin::find(name, count),
            natives: self.natives.functions(name, count).into(),
            name: name.into(),
            arguments: count as u8,
            is_method: false,
            script: None,
            template,
            position,
            function: position,
            line: self.state.lines.borrow().line(self.called_at.get()),
        };
        let constant = this.is_some() && self.lends_constant.take();
        let result = self.change_by_name(program, &site, (&mut arguments, constant));
        if let Some(this) = this {
            *this = arguments.swap_remove(0);
        }
        result
    }

    /// Calls what a site means; the first of the values may be changed, if it is not constant.
    fn change_by_name(
        &self,
        program: &Rc<Program>,
        site: &Site,
        (values, constant): (&mut [Value], bool),
    ) -> Run {
        if constant && let [first, others @ ..] = values {
            self.not_constant(program, site, first, others)?;
        }
        if let Some(result) = self.builtin_of(program, site, values) {
            return result;
        }
        // A native takes what it is given.
        if !site.natives.is_empty() || site.template.is_some() {
            let mut given = values.to_vec();
            if let Some(result) = self.native_of(program, site, &mut given) {
                return result;
            }
        }
        let text = request(site, values.len(), constant);
        match values {
            [first, others @ ..] => self.rhai_change(text, first, others, constant),
            [] => self.rhai_value(text, Vec::new()),
        }
    }

    /// Calls what a site means, with all arguments in a row.
    pub(super) fn call_site(&self, program: &Rc<Program>, site: &Site, values: &mut [Value]) -> Run {
        let result = self.builtin_of(program, site, values).or_else(|| self.native_of(program, site, values));
        result.unwrap_or_else(|| {
            let text = request(site, values.len(), false);
            self.rhai_value(text, values.iter_mut().map(Value::take).collect())
        })
    }

    fn builtin_of(&self, program: &Rc<Program>, site: &Site, values: &mut [Value]) -> Option<Run> {
        let (first, others) = values.split_first_mut()?;
        (site.builtin?.run)(self, program, first, others)
    }

    /// A function that runs on Rhai, or that nobody has.
    fn call_elsewhere(&self, function: &Function, arguments: Vec<Value>, this: Option<&mut Value>) -> Run {
        use crate::script::{Ending, Engine};
        let Ok(mut rhai) = self.whole().try_borrow_mut() else {
            return Err(Trouble::mistake("Error", "a function that runs on Rhai calls back"));
        };
        let called = match this {
            Some(this) => rhai.call_on(function, (this, self.lends_constant.take()), arguments),
            None => rhai.call(function, arguments),
        };
        called.map_err(|ending| match ending {
            Ending::Exit(code) => Trouble::new(What::Exit(code)),
            Ending::Stopped => Trouble::new(What::Stopped),
            Ending::Failed(failure) if failure.kind == "ErrorStackOverflow" => Trouble::too_deep(),
            Ending::Failed(failure) => failed(*failure),
        })
    }

    /// As natives hear of an error.
    pub(super) fn as_fault(&self, trouble: &Trouble) -> Fault {
        match &trouble.0.what {
            What::Exit(code) => Fault::Exit(*code),
            What::Stopped => Fault::Stopped,
            _ => Fault::Thrown(self.caught(trouble)),
        }
    }

    /// Calls a function for an item of a container as Rhai's own functions do: with as many of the arguments as it
    /// takes, or with the item as `this`. `own` are the arguments before the item.
    pub(in crate::script::vm) fn call_for_item(
        &self,
        target: &Target,
        item: &mut Value,
        own: &mut [Value],
        (index, moves): (Option<i64>, bool),
    ) -> Run {
        if let Some(result) = self.call_closure(target, item, own, moves) {
            return result;
        }
        let own: Vec<Value> = own.iter_mut().map(Value::take).collect();
        let with_index = |mut arguments: Vec<Value>| {
            arguments.extend(index.map(Value::Int));
            arguments
        };
        let with_item = |item: &Value| own.iter().cloned().chain([item.clone()]).collect::<Vec<_>>();
        let count = own.len();
        match self.params(target, count + 2) {
            Some(params) if params == count => self.call_target(target, own, Some(item)),
            Some(params) if moves && params == count + 1 => self.call_target(target, with_item(item), None),
            Some(params) if !moves && params == count + 1 => {
                self.call_target(target, with_index(own), Some(item))
            }
            Some(_) if !moves && matches!(target, Target::Closure { .. }) => {
                Err(self.not_taken(&with_index(with_item(item))))
            }
            Some(_) if !moves => self.call_target(target, with_index(own), Some(item)),
            Some(_) => self.call_target(target, with_index(with_item(item)), None),
            // Of the library, or of nobody.
            None => {
                // Behind what it got before, it has a copy of the item.
                let mut in_place = |arguments: Vec<Value>| {
                    if target.is_curried() {
                        self.call_target(target, [item.clone()].into_iter().chain(arguments).collect(), None)
                    } else {
                        self.call_target(target, arguments, Some(item))
                    }
                };
                let mut result = in_place(own.clone());
                if !moves && is_missing(&result) {
                    result = in_place(with_index(own.clone()));
                }
                if moves && is_missing(&result) {
                    result = self.call_target(target, with_item(item), None);
                }
                // An error names the most that could be given.
                if moves && is_missing(&result) {
                    result = self.call_target(target, with_index(with_item(item)), None);
                }
                result
            }
        }
    }

    /// Calls a function with what it is given or, if it does not take that, with an index too.
    pub(in crate::script::vm) fn call_with_index(
        &self,
        target: &Target,
        arguments: Vec<Value>,
        index: usize,
    ) -> Run {
        let result = self.call_target(target, arguments.clone(), None);
        if !is_missing(&result) {
            return result;
        }
        let index = [Value::Int(index as i64)];
        self.call_target(target, arguments.into_iter().chain(index).collect(), None)
    }

    /// The common cases of [`Machine::call_for_item`], without lists of arguments; see [`super::Repeated`] for those
    /// of arrays.
    fn call_closure(&self, target: &Target, item: &mut Value, own: &mut [Value], moves: bool) -> Option<Run> {
        let Target::Closure { program, number, captured } = target else { return None };
        let params = (program.protos[*number as usize].params as usize).checked_sub(captured.len())?;
        let called = (program, *number);
        let count = params.checked_sub(own.len())?;
        Some(match (own, count, moves) {
            (own, 0, _) => self.enter(called, captured, own, Some(item)),
            ([own], 1, true) => self.enter(called, captured, &mut [own.take(), item.clone()], None),
            _ => return None,
        })
    }

    /// How many arguments a function takes; of a named one the fewest that there is, up to `most`. None for what
    /// is no function of the script.
    fn params(&self, target: &Target, most: usize) -> Option<usize> {
        match target {
            Target::Closure { program, number, captured } => {
                Some((program.protos[*number as usize].params as usize).saturating_sub(captured.len()))
            }
            Target::Named { program, name, captured } => {
                let taken = |count: &usize| program.function(name, count + captured.len()).is_some();
                (0..=most).find(taken)
            }
            Target::Elsewhere(function) => {
                let library = self.state.library(function.home? as usize).ok()?;
                let known = library.function(&function.name)?;
                Some(known.params.len().saturating_sub(function.captured.len()))
                    .filter(|count| *count <= most)
            }
        }
    }
}

fn failed(failure: crate::script::Failure) -> Trouble {
    Trouble::new(What::Elsewhere(Box::new(failure)))
}

/// Whether nobody has a function that takes these arguments.
fn is_missing(result: &Run) -> bool {
    let missing = |trouble: &Trouble| trouble.kind() == "ErrorFunctionNotFound" && trouble.0.place.is_none();
    result.as_ref().is_err_and(missing)
}

/// A type as messages about calls say it.
fn type_word(value: &Value) -> String {
    match value {
        Value::Object(object) => kinds::without_article(object.kind()).to_owned(),
        Value::Range(range) if range.inclusive => "range=".to_owned(),
        value => value.type_name().to_owned(),
    }
}

/// What Rhai is asked where a site means none of ours. As a method, a function does not get a copy of a constant.
fn request(site: &Site, count: usize, as_method: bool) -> String {
    match crate::script::vm::code::Operator::of(&site.name) {
        Some(operator) if count == 2 => format!("x0 {} x1", operator.sign()),
        _ if as_method => format!("x0.{}({})", site.name, variables(1, count)),
        _ => format!("{}({})", crate::script::rhai::paths::inner(&site.name), variables(0, count)),
    }
}
