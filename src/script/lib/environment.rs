//! What surrounds the run: the environment, standard input, the log.

use super::arguments::Arguments;
use super::definition::{Outcome, function};
use super::items::stream;
use crate::script::fault::Fault;
use crate::script::objects::{ProcessObject, Stream, Surroundings};
use crate::script::registry::{Context, Native};
use crate::value::Value;
use std::rc::Rc;

pub(super) const NATIVES: &[Native] = &[
    function(
        "env",
        &["name"],
        "A variable of the environment, or `()`.",
        "env(\"NO_SUCH_NAME\") ?? \"none\"  // \"none\"",
        env,
    ),
    function(
        "stdin_lines",
        &[],
        "The lines of standard input, one by one. Standard input belongs to main: elsewhere there are none.",
        "for line in stdin_lines() { print(line); }",
        stdin_lines,
    ),
    function(
        "log_info",
        &["message"],
        "Writes a line to standard error, as `info [reader.1] 20 files left`: level, name of the process, message.",
        "log_info(\"20 files left\");",
        log_info,
    ),
    function("log_warn", &["message"], "The same as a warning.", "log_warn(\"slow\");", log_warn),
    function(
        "log_error",
        &["message"],
        "The same as an error; the process goes on.",
        "log_error(\"no answer\");",
        log_error,
    ),
];

fn env(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let arguments = Arguments::new("env", values);
    let name = arguments.string(0, "name")?;
    let invalid = name.is_empty() || name.contains(['=', '\0']);
    let value = if invalid { None } else { std::env::var_os(name) };
    match value.map(std::ffi::OsString::into_string) {
        None => Ok(Value::Unit),
        Some(Ok(text)) => Ok(Value::string(text)),
        Some(Err(_)) => Err(Fault::error("Env", format!("the variable `{name}` is not UTF-8"))),
    }
}

fn stdin_lines(context: &mut Context<'_>, _: &mut [Value]) -> Outcome {
    Ok(stream(StandardInput(context.surroundings.clone())))
}

struct StandardInput(Rc<dyn Surroundings>);

impl Stream for StandardInput {
    fn next(&mut self) -> Result<Option<Value>, Fault> {
        Ok(self.0.stdin_line()?.map(Value::string))
    }

    fn is_ready(&self) -> bool {
        self.0.stdin_is_ready()
    }
}

fn log_info(context: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    log(context, "info", values)
}

fn log_warn(context: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    log(context, "warn", values)
}

fn log_error(context: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    log(context, "error", values)
}

fn log(context: &mut Context<'_>, level: &str, values: &mut [Value]) -> Outcome {
    let message = values.first().map(ToString::to_string).unwrap_or_default();
    let process = match context.surroundings.current_process() {
        Value::Object(object) => object.downcast::<ProcessObject>().map(|process| process.0.name()),
        _ => None,
    };
    // In a declaration nothing runs yet.
    let name = process.as_deref().unwrap_or("script");
    context.surroundings.debug(&format!("{level} [{name}] {message}"))?;
    Ok(Value::Unit)
}
