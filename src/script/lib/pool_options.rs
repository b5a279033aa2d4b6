//! Options of pools: `#{chunk: 64, max_tasks_per_worker: 100, initializer: || …}`.

use super::arguments::type_error;
use super::process::processors;
use crate::diagnostic::suggest::nearest;
use crate::diagnostic::words;
use crate::script::fault::Fault;
use crate::script::objects::pool::PoolSettings;
use crate::value::Value;

/// Those of a pool.
pub(super) const OF_POOL: &[&str] = &["chunk", "max_tasks_per_worker", "initializer"];
/// Those of one call.
pub(super) const OF_CALL: &[&str] = &["chunk"];

/// What is set where nothing is said.
pub(super) fn none() -> PoolSettings {
    PoolSettings { workers: processors(), chunk: None, max_tasks: None, initializer: None }
}

/// The options of a call of `function`, which has those that are `known`.
pub(super) fn read(
    function: &str,
    known: &'static [&'static str],
    given: &Value,
) -> Result<PoolSettings, Fault> {
    let Some(map) = given.as_map() else { return Err(type_error(function, "options", "a map", given)) };
    if let Some(name) = map.keys().find(|name| !known.contains(&name.as_str())) {
        return Err(unknown(function, name, known));
    }
    let mut settings = none();
    if let Some(value) = map.get("chunk") {
        settings.chunk = Some(at_least_one(function, "chunk", value)?);
    }
    if let Some(value) = map.get("max_tasks_per_worker") {
        settings.max_tasks = Some(at_least_one(function, "max_tasks_per_worker", value)? as u64);
    }
    match map.get("initializer") {
        None => {}
        Some(Value::Function(initializer)) => settings.initializer = Some(initializer.clone()),
        Some(other) => return Err(type_error(function, "initializer", "a function", other)),
    }
    Ok(settings)
}

fn unknown(function: &str, name: &str, known: &'static [&'static str]) -> Fault {
    let hint = match nearest(name, known.iter().copied()) {
        Some(near) => format!("; did you mean `{near}`?"),
        None => format!("; it has {}", words::names(known)),
    };
    Fault::error("Argument", format!("`{function}` has no option `{name}`{hint}"))
}

fn at_least_one(function: &str, option: &str, value: &Value) -> Result<usize, Fault> {
    let Some(int) = value.as_int() else { return Err(type_error(function, option, "an int", value)) };
    usize::try_from(int).ok().filter(|&number| number > 0).ok_or_else(|| {
        Fault::error("Argument", format!("`{function}`: `{option}` must be at least 1, but is {int}"))
    })
}
