//! Options of pools: `#{chunk: 64, max_tasks_per_worker: 100, initializer: || …}`.

use super::arguments::type_error;
use super::options::Options;
use super::process::processors;
use crate::script::fault::Fault;
use crate::script::objects::pool::PoolSettings;
use crate::value::Value;

/// Those of a pool.
const OF_POOL: &[&str] = &["chunk", "max_tasks_per_worker", "initializer"];
/// Those of one call.
const OF_CALL: &[&str] = &["chunk"];

/// The settings that the options of a pool give; `()`: there are none.
pub(super) fn of_pool(function: &'static str, given: Value) -> Result<PoolSettings, Fault> {
    let mut options = Options::new(function, given, OF_POOL)?;
    let initializer = match options.take("initializer") {
        None => None,
        Some(Value::Function(initializer)) => Some(initializer),
        Some(other) => return Err(type_error(function, "initializer", "a function", &other)),
    };
    Ok(PoolSettings {
        workers: processors(),
        chunk: at_least_one(function, "chunk", &mut options)?,
        max_tasks: at_least_one(function, "max_tasks_per_worker", &mut options)?.map(|most| most as u64),
        initializer,
    })
}

/// The size of the chunks that the options of a call give; `()`: there are none.
pub(super) fn chunk_of_call(function: &'static str, given: Value) -> Result<Option<usize>, Fault> {
    at_least_one(function, "chunk", &mut Options::new(function, given, OF_CALL)?)
}

fn at_least_one(function: &str, name: &str, options: &mut Options) -> Result<Option<usize>, Fault> {
    let Some(value) = options.take(name) else { return Ok(None) };
    let Some(int) = value.as_int() else { return Err(type_error(function, name, "an int", &value)) };
    let number = usize::try_from(int).ok().filter(|&number| number > 0);
    number.map(Some).ok_or_else(|| {
        Fault::error("Argument", format!("`{function}`: `{name}` must be at least 1, but is {int}"))
    })
}
