//! Functions made ready to be called many times, each call as if it were the first.

use super::{RhaiEngine, failed, settled};
use crate::script::Prepared;
use crate::script::fault::Ending;
use crate::value::{Function, Value};
use rhai::Dynamic;

impl RhaiEngine {
    pub(super) fn made_ready(&self, function: &Function) -> Result<Prepared, Ending> {
        let home = function.home.map_or(usize::MAX, |home| home as usize);
        let library = self.state.library(home).map_err(failed)?;
        let mut pointer = self.state.pointer(function);
        pointer.set_curry(function.captured.iter().map(|value| {
            // What it captured is converted once. A call that changes it would be seen by the next one.
            let value = if let Value::Variable(variable) = value { variable.get() } else { value.clone() };
            self.state.dynamic(value).into_read_only().into_shared()
        }));
        let (state, engine) = (self.state.clone(), self.engine.clone());
        Ok(Box::new(move |arguments| {
            let arguments: Vec<Dynamic> = arguments.into_iter().map(|value| state.dynamic(value)).collect();
            settled(&state, || pointer.call::<Dynamic>(&engine, &library.ast, arguments))
        }))
    }
}
