//! Programs of the operating system, run from bodies.

use super::arguments::{Arguments, type_error};
use super::options::Options;
use super::system::plain_reason;
use crate::diagnostic::words::{duration, signal};
use crate::script::fault::Fault;
use crate::script::objects::program::{Finished, NotFinished, Order};
use crate::script::registry::{Context, Native, Receiver, Shape};
use crate::value::{Map, Text, Value};
use std::rc::Rc;

type Outcome = Result<Value, Fault>;

const OPTIONS: &[&str] = &["stdin", "cwd", "env", "timeout", "check", "bytes"];
/// So much of what a failed program wrote to standard error goes with the error.
const STDERR_CHARS_MAX: usize = 4096;

pub(super) const NATIVES: &[Native] = &[
    Native {
        name: "exec",
        receiver: Receiver::None,
        shape: Shape::Function,
        params: &["command"],
        doc: "Runs a program to its end, without a shell: a map with `code`, `stdout` and `stderr`. Throws `Exec` when it fails.",
        example: "exec([\"echo\", \"hello\"]).stdout  // \"hello\\n\"",
        run: exec,
        host: None,
    },
    Native {
        name: "exec",
        receiver: Receiver::None,
        shape: Shape::Function,
        params: &["command", "options"],
        doc: "The same with `stdin` (string or blob), `cwd`, `env` (a map; `()` takes away), `timeout` in seconds (throws `Timeout`), `check: false` (a failure is no error), `bytes: true` (`stdout` is a blob).",
        example: "exec([\"sort\"], #{stdin: \"b\\na\\n\"}).stdout.lines()  // [\"a\", \"b\"]",
        run: exec,
        host: None,
    },
];

fn exec(context: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let mut arguments = Arguments::new("exec", values);
    let words = words(arguments.array(0, "command")?)?;
    let mut options = Options::new("exec", arguments.take(1), OPTIONS)?;
    let order = Order {
        words,
        stdin: stdin(options.take("stdin"))?,
        cwd: options.string("cwd")?,
        env: environment(options.map("env")?)?,
        timeout: options.number("timeout")?,
    };
    let (check, bytes) = (options.bool("check", true)?, options.bool("bytes", false)?);
    let finished = context.surroundings.run_program(&order).map_err(|reason| not_finished(&order, reason))?;
    if check && finished.code != 0 {
        return Err(failed(&order, &finished));
    }
    let stdout =
        if bytes { Value::blob(finished.stdout) } else { Value::string(text(&order, finished.stdout)?) };
    let stderr = Value::string(String::from_utf8_lossy(&finished.stderr));
    Ok(Value::map([("code", Value::Int(finished.code)), ("stdout", stdout), ("stderr", stderr)]))
}

fn argument_error(message: &str) -> Fault {
    Fault::error("Argument", format!("`exec`: {message}"))
}

/// The words of a command: strings, and what has one plain form as text.
fn words(items: Vec<Value>) -> Result<Vec<String>, Fault> {
    let word = |(index, item): (usize, Value)| match item {
        Value::String(_) | Value::Char(_) | Value::Int(_) | Value::Float(_) | Value::Bool(_) => {
            Ok(item.to_string())
        }
        other => Err(type_error("exec", &format!("command[{index}]"), "a string", &other)),
    };
    let words: Vec<String> = items.into_iter().enumerate().map(word).collect::<Result<_, _>>()?;
    if words.first().is_none_or(String::is_empty) {
        return Err(argument_error("`command` must begin with the name of a program"));
    }
    if words.iter().any(|word| word.contains('\0')) {
        return Err(argument_error("a word of `command` has a NUL in it"));
    }
    Ok(words)
}

fn stdin(value: Option<Value>) -> Result<Vec<u8>, Fault> {
    match value {
        None => Ok(Vec::new()),
        Some(Value::String(text)) => Ok(String::from(text).into_bytes()),
        Some(Value::Blob(bytes)) => Ok(Rc::unwrap_or_clone(bytes)),
        Some(other) => Err(type_error("exec", "stdin", "a string or a blob", &other)),
    }
}

fn environment(map: Map) -> Result<Vec<(String, Option<String>)>, Fault> {
    let variable = |(name, value): (Text, Value)| {
        let value = match value {
            Value::Unit => None,
            Value::Map(_) | Value::Array(_) | Value::Blob(_) | Value::Function(_) | Value::Object(_) => {
                return Err(type_error("exec", &format!("env.{name}"), "a string", &value));
            }
            plain => Some(plain.to_string()),
        };
        let invalid = name.is_empty() || name.contains(['=', '\0']);
        if invalid || value.as_ref().is_some_and(|value| value.contains('\0')) {
            return Err(argument_error(&format!("`env` cannot hold a variable `{}`", name.escape_debug())));
        }
        Ok((name.into(), value))
    };
    map.into_iter().map(variable).collect()
}

fn text(order: &Order, bytes: Vec<u8>) -> Result<String, Fault> {
    String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = valid.split(|&byte| byte == b'\n').count();
        let what =
            format!("printed what is not UTF-8, in line {line}; with `bytes: true` it comes as a blob");
        about(order, "Exec", &what)
    })
}

/// An error that names the command.
fn about(order: &Order, kind: &str, what: &str) -> Fault {
    let command = Value::array(order.words.iter().map(Value::string).collect());
    Fault::error(kind, format!("`{}` {what}", order.words.join(" "))).with("command", command)
}

fn not_finished(order: &Order, reason: NotFinished) -> Fault {
    match reason {
        NotFinished::Fault(fault) => fault,
        NotFinished::TimedOut => {
            let time = duration((order.timeout.unwrap_or(0.0).max(0.0) * 1000.0) as u64);
            about(order, "Timeout", &format!("did not end within {time} and was ended"))
        }
        NotFinished::TooMuch(bytes) => {
            about(order, "Exec", &format!("printed more than {} MiB and was ended", bytes >> 20))
        }
        NotFinished::NoFolder(reason) => {
            let folder = order.cwd.as_deref().unwrap_or_default();
            about(order, "Exec", &format!("cannot be run in `{folder}`: {}", plain_reason(&reason)))
        }
        NotFinished::NotStarted(reason) => {
            about(order, "Exec", &format!("cannot be run: {}", plain_reason(&reason)))
        }
    }
}

/// A program that ended by itself, but not well.
fn failed(order: &Order, finished: &Finished) -> Fault {
    let stderr = String::from_utf8_lossy(&finished.stderr);
    let how = match finished.code {
        code if code < 0 => format!("was ended by {}", signal(-code as i32)),
        code => format!("ended with code {code}"),
    };
    let last = stderr.lines().rfind(|line| !line.trim().is_empty());
    let what = last.map_or_else(|| how.clone(), |line| format!("{how}: {}", line.trim()));
    let fault = about(order, "Exec", &what).with("code", Value::Int(finished.code));
    fault.with("stderr", Value::string(tail(&stderr)))
}

fn tail(text: &str) -> &str {
    let cut = text.char_indices().rev().nth(STDERR_CHARS_MAX - 1);
    cut.map_or(text, |(at, _)| &text[at..])
}
