//! What Rhai does for us: whatever is rare enough that its own functions, over its own values, will do.
//!
//! Each request is a small script over the variables `x0`, `x1`, …; it is compiled once. So a rare case has Rhai's
//! value, Rhai's error and Rhai's words, whatever they are.

use super::run::Machine;
use super::trouble::{Run, Trouble};
use crate::script::rhai::convert::lending;
use crate::value::Value;
use crate::value::nesting::is_plain;
use rhai::{AST, Dynamic, Scope};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// Names of functions may be made while a body runs; so many requests are remembered.
const REQUESTS_MAX: usize = 1000;

/// What a request may do with its first value.
#[derive(Clone, Copy, PartialEq)]
enum First {
    Read,
    Change,
    /// Nothing but to read it: it is a constant.
    Constant,
}

#[derive(Default)]
pub(super) struct Requests(RefCell<HashMap<String, Rc<AST>>>);

impl Machine {
    fn request(&self, text: String) -> Run<Rc<AST>> {
        if let Some(ast) = self.requests.0.borrow().get(&text) {
            return Ok(ast.clone());
        }
        let ast = self.engine().compile(&text);
        let ast = Rc::new(ast.map_err(|error| Trouble::mistake("Syntax", error.to_string()))?);
        let mut requests = self.requests.0.borrow_mut();
        if requests.len() >= REQUESTS_MAX {
            requests.clear();
        }
        requests.insert(text, ast.clone());
        Ok(ast)
    }

    /// Runs a request with values; gives its value, and the first of them as it is then if it may be changed. That is
    /// none if it could not be given to Rhai.
    fn ask_rhai(&self, text: String, values: Vec<Value>, first: First) -> (Run, Option<Value>) {
        match self.request(text) {
            Ok(ast) => lending(|| self.run_request(&ast, values, first)),
            Err(trouble) => (Err(trouble), values.into_iter().next()),
        }
    }

    fn run_request(&self, ast: &AST, values: Vec<Value>, first: First) -> (Run, Option<Value>) {
        let mut scope = Scope::new();
        let mut values = values.into_iter();
        let changed = values.next();
        for (index, value) in (1..).zip(values) {
            match self.state.whole(value) {
                Ok(value) => scope.push_dynamic(format!("x{index}"), value),
                Err(fault) => return (Err(self.fault(fault)), changed),
            };
        }
        match changed.map(|value| self.state.whole(value)).transpose() {
            Ok(None) => {}
            Ok(Some(value)) if first == First::Constant => drop(scope.push_constant_dynamic("x0", value)),
            Ok(Some(value)) => drop(scope.push_dynamic("x0", value)),
            Err(fault) => return (Err(self.fault(fault)), None),
        }
        let result = self.engine().eval_ast_with_scope::<Dynamic>(&mut scope, ast);
        let result = result.map(|value| self.state.value(value)).map_err(|error| self.rhai_trouble(&error));
        let changed = scope.remove::<Dynamic>("x0").filter(|_| first == First::Change);
        (result, changed.map(|value| self.state.value(value)))
    }

    /// The value of a request that changes nothing.
    #[cold]
    pub(super) fn rhai_value(&self, text: String, values: Vec<Value>) -> Run {
        self.ask_rhai(text, values, First::Read).0
    }

    /// A request that may change its first value. When it fails, what it had done until then stays done, as in Rhai.
    #[cold]
    pub(super) fn rhai_change(
        &self,
        text: String,
        place: &mut Value,
        others: &mut [Value],
        constant: bool,
    ) -> Run {
        let others = others.iter_mut().map(Value::take);
        if constant {
            let values = std::iter::once(place.clone()).chain(others).collect();
            return self.ask_rhai(text, values, First::Constant).0;
        }
        // A value that nobody else holds need not be copied to change it. But it is kept if Rhai may not take it.
        let kept = (!is_plain(place)).then(|| place.clone());
        let values = std::iter::once(place.take()).chain(others).collect();
        let (result, changed) = self.ask_rhai(text, values, First::Change);
        *place = changed.or(kept).unwrap_or_default();
        result
    }

    /// The error that a request makes.
    #[cold]
    pub(super) fn rhai_error(&self, text: String, values: Vec<Value>) -> Trouble {
        match self.rhai_value(text, values) {
            Err(trouble) => trouble,
            Ok(value) => Trouble::mistake("Error", format!("{} does not fit here", value.type_name())),
        }
    }
}

/// `x1, x2, …`, as many as there are.
pub(super) fn variables(from: usize, to: usize) -> String {
    (from..to).map(|index| format!("x{index}")).collect::<Vec<_>>().join(", ")
}
