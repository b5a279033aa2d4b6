//! Files, folders, the environment, the clock and standard input.

use super::arguments::Arguments;
use super::system::failed;
use crate::script::fault::Fault;
use crate::script::objects::{Stream, StreamObject, Surroundings};
use crate::script::registry::{Context, Native, Receiver, Shape};
use crate::value::{Object, Value};
use std::cell::RefCell;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::rc::Rc;
use std::time::SystemTime;

type Outcome = Result<Value, Fault>;
type Run = fn(&mut Context<'_>, &mut [Value]) -> Outcome;

const fn function(
    name: &'static str,
    params: &'static [&'static str],
    doc: &'static str,
    example: &'static str,
    run: Run,
) -> Native {
    Native { name, receiver: Receiver::None, shape: Shape::Function, params, doc, example, run }
}

pub(super) const NATIVES: &[Native] = &[
    function(
        "read_text",
        &["path"],
        "A whole file as a string. Throws `Io`.",
        "read_text(\"a.txt\")",
        read_text,
    ),
    function("read_bytes", &["path"], "A whole file as a blob.", "read_bytes(\"a.png\")", read_bytes),
    function(
        "read_lines",
        &["path"],
        "The lines of a file, one by one as a loop asks for them, without their ends.",
        "for line in read_lines(\"a.txt\") { print(line); }",
        read_lines,
    ),
    function(
        "write_text",
        &["path", "text"],
        "Makes a file of a string.",
        "write_text(\"a\", \"b\");",
        write_text,
    ),
    function(
        "write_bytes",
        &["path", "bytes"],
        "Makes a file of a blob.",
        "write_bytes(\"a\", b);",
        write_bytes,
    ),
    function(
        "append_text",
        &["path", "text"],
        "Adds to a file's end.",
        "append_text(\"a\", \"b\");",
        append_text,
    ),
    function("exists", &["path"], "Whether there is a file or folder.", "exists(\"a\")", exists),
    function("file_size", &["path"], "The size of a file in bytes.", "file_size(\"a\")", file_size),
    function("list_dir", &["path"], "The names in a folder, sorted.", "list_dir(\".\")", list_dir),
    function("make_dir", &["path"], "Makes a folder, and those above it.", "make_dir(\"a/b\");", make_dir),
    function("remove", &["path"], "Removes a file, or a folder with all in it.", "remove(\"a\");", remove),
    function("rename", &["from", "to"], "Renames a file or folder.", "rename(\"a\", \"b\");", rename),
    function("temp_dir", &[], "The folder for temporary files.", "temp_dir()", temp_dir),
    function("env", &["name"], "A variable of the environment, or `()`.", "env(\"HOME\")", env),
    function("now", &[], "Seconds since 1970, with fractions.", "now()", now),
    function(
        "stdin_lines",
        &[],
        "The lines of standard input; in main only.",
        "for l in stdin_lines() {}",
        stdin_lines,
    ),
];

/// Runs something on the file that the first argument names.
fn on_path<T>(
    function: &'static str,
    values: &mut [Value],
    run: impl FnOnce(&Path) -> io::Result<T>,
) -> Result<T, Fault> {
    let arguments = Arguments::new(function, values);
    let path = arguments.string(0, "path")?;
    run(Path::new(path)).map_err(|error| failed(path, &error))
}

fn read_text(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    on_path("read_text", values, |path| fs::read_to_string(path)).map(Value::string)
}

fn read_bytes(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    on_path("read_bytes", values, |path| fs::read(path)).map(Value::blob)
}

fn read_lines(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let file = on_path("read_lines", values, |path| File::open(path))?;
    let path = Arguments::new("read_lines", values).string(0, "path")?.to_owned();
    Ok(stream(Lines { reader: BufReader::with_capacity(1 << 16, file), path }))
}

fn stream(stream: impl Stream + 'static) -> Value {
    Value::Object(Object::new(StreamObject(RefCell::new(Box::new(stream)))))
}

struct Lines {
    reader: BufReader<File>,
    path: String,
}

impl Stream for Lines {
    fn next(&mut self) -> Result<Option<Value>, Fault> {
        let mut line = String::new();
        let length = self.reader.read_line(&mut line).map_err(|error| failed(&self.path, &error))?;
        line.truncate(without_end(&line));
        Ok((length > 0).then(|| Value::string(line)))
    }
}

/// The length of a line without `\n` or `\r\n`.
fn without_end(line: &str) -> usize {
    let text = line.strip_suffix('\n').map_or(line, |text| text.strip_suffix('\r').unwrap_or(text));
    text.len()
}

fn write_text(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let text = Arguments::new("write_text", values).string(1, "text")?.to_owned();
    on_path("write_text", values, |path| fs::write(path, text)).map(|()| Value::Unit)
}

fn write_bytes(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let bytes = match values.get_mut(1).map(Value::take) {
        Some(Value::Blob(bytes)) => bytes,
        other => {
            let found = other.unwrap_or(Value::Unit);
            return Err(super::arguments::type_error("write_bytes", "bytes", "a blob", &found));
        }
    };
    on_path("write_bytes", values, |path| fs::write(path, &*bytes)).map(|()| Value::Unit)
}

fn append_text(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let text = Arguments::new("append_text", values).string(1, "text")?.to_owned();
    let append =
        |path: &Path| OpenOptions::new().append(true).create(true).open(path)?.write_all(text.as_bytes());
    on_path("append_text", values, append).map(|()| Value::Unit)
}

fn exists(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    on_path("exists", values, |path| Ok(Value::Bool(path.exists())))
}

fn file_size(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    on_path("file_size", values, |path| fs::metadata(path)).map(|metadata| Value::Int(metadata.len() as i64))
}

fn list_dir(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let list = |path: &Path| -> io::Result<Vec<String>> {
        fs::read_dir(path)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
    };
    let mut names = on_path("list_dir", values, list)?;
    names.sort();
    Ok(Value::array(names.into_iter().map(Value::string).collect()))
}

fn make_dir(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    on_path("make_dir", values, |path| fs::create_dir_all(path)).map(|()| Value::Unit)
}

fn remove(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let remove = |path: &Path| {
        let folder = fs::symlink_metadata(path)?.is_dir();
        if folder { fs::remove_dir_all(path) } else { fs::remove_file(path) }
    };
    on_path("remove", values, remove).map(|()| Value::Unit)
}

fn rename(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let to = Arguments::new("rename", values).string(1, "to")?.to_owned();
    on_path("rename", values, |path| fs::rename(path, to)).map(|()| Value::Unit)
}

fn temp_dir(_: &mut Context<'_>, _: &mut [Value]) -> Outcome {
    Ok(Value::string(std::env::temp_dir().to_string_lossy()))
}

fn env(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let arguments = Arguments::new("env", values);
    let name = arguments.string(0, "name")?;
    let invalid = name.is_empty() || name.contains(['=', '\0']);
    let value = if invalid { None } else { std::env::var_os(name) };
    Ok(value.map_or(Value::Unit, |value| Value::string(value.to_string_lossy())))
}

fn now(_: &mut Context<'_>, _: &mut [Value]) -> Outcome {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    Ok(Value::Float(since.map_or(0.0, |since| since.as_secs_f64())))
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
