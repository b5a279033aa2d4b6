//! Files: reading, writing, looking after them.

use super::arguments::{Arguments, type_error};
use super::definition::{Outcome, function};
use super::items::stream;
use super::options::Options;
use super::system::failed;
use super::unpack::Source;
use crate::script::fault::Fault;
use crate::script::objects::Stream;
use crate::script::registry::{Context, Native};
use crate::value::Value;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// A longer line is none.
const LINE_BYTES_MAX: usize = 256 << 20;

pub(super) const NATIVES: &[Native] = &[
    function(
        "read_text",
        &["path"],
        "A whole file as a string; gzip and zstd are unpacked. Throws `Io`, also for what is not UTF-8.",
        "read_text(\"notes.txt\")  // \"one two\\nthree\\n\"",
        read_text,
    ),
    function(
        "read_lines",
        &["path"],
        "The lines of a file without their ends, one by one as a loop asks for them; gzip and zstd are unpacked.",
        "for line in read_lines(\"notes.txt\") { print(line); }",
        read_lines,
    ),
    function(
        "read_bytes",
        &["path"],
        "A whole file as a blob; gzip and zstd are unpacked.",
        "read_bytes(\"notes.txt\").len  // 14",
        read_bytes,
    ),
    function(
        "read_bytes",
        &["path", "options"],
        "The same; with `raw: true` as it is in the file.",
        "read_bytes(\"notes.txt.gz\", #{raw: true})[0]  // 31",
        read_bytes,
    ),
    function(
        "write_text",
        &["path", "text"],
        "Makes a file of a string; one that is there is replaced.",
        "write_text(\"out.txt\", \"one\\n\");",
        write_text,
    ),
    function(
        "write_bytes",
        &["path", "bytes"],
        "Makes a file of a blob.",
        "write_bytes(\"out.bin\", blob(4, 0xff));",
        write_bytes,
    ),
    function(
        "append_text",
        &["path", "text"],
        "Adds to a file's end, by one write; makes the file when there is none.",
        "append_text(\"out.txt\", \"two\\n\");",
        append_text,
    ),
    function(
        "exists",
        &["path"],
        "Whether there is a file or folder.",
        "exists(\"nothing\")  // false",
        exists,
    ),
    function("is_dir", &["path"], "Whether there is a folder.", "is_dir(\"data\")  // true", is_dir),
    function(
        "file_size",
        &["path"],
        "The size of a file in bytes, as it is on the disk.",
        "file_size(\"notes.txt\")  // 14",
        file_size,
    ),
    function(
        "remove",
        &["path"],
        "Removes a file, or a folder with all in it.",
        "remove(\"notes.txt\");",
        remove,
    ),
    function(
        "rename",
        &["from", "to"],
        "Renames a file or folder; a file of the new name is replaced.",
        "rename(\"notes.txt\", \"old.txt\");",
        rename,
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
    let source = Source::open(Arguments::new("read_text", values).string(0, "path")?)?;
    let place = source.place().clone();
    String::from_utf8(source.rest()?).map(Value::string).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        place.no_text(valid.split(|&byte| byte == b'\n').count() as u64)
    })
}

fn read_bytes(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let mut arguments = Arguments::new("read_bytes", values);
    let raw = Options::new("read_bytes", arguments.take(1), &["raw"])?.bool("raw", false)?;
    if raw {
        return on_path("read_bytes", values, |path| fs::read(path)).map(Value::blob);
    }
    Source::open(arguments.string(0, "path")?)?.rest().map(Value::blob)
}

fn read_lines(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let source = Source::open(Arguments::new("read_lines", values).string(0, "path")?)?;
    Ok(stream(Lines { source, number: 0 }))
}

struct Lines {
    source: Source,
    number: u64,
}

impl Stream for Lines {
    fn next(&mut self) -> Result<Option<Value>, Fault> {
        let mut line = self.source.line(LINE_BYTES_MAX)?;
        if line.is_empty() {
            return Ok(None);
        }
        self.number += 1;
        if line.len() == LINE_BYTES_MAX {
            let what = format!("line {} is longer than {} MiB", self.number, LINE_BYTES_MAX >> 20);
            return Err(self.source.place().wrong(&what));
        }
        line.truncate(without_end(&line));
        let text = String::from_utf8(line).map_err(|_| self.source.place().no_text(self.number))?;
        Ok(Some(Value::string(text)))
    }
}

/// The length of a line without `\n` or `\r\n`.
fn without_end(line: &[u8]) -> usize {
    let text = line.strip_suffix(b"\n").map_or(line, |text| text.strip_suffix(b"\r").unwrap_or(text));
    text.len()
}

fn write_text(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let text = Arguments::new("write_text", values).string(1, "text")?.to_owned();
    on_path("write_text", values, |path| fs::write(path, text)).map(|()| Value::Unit)
}

fn write_bytes(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let bytes = match Arguments::new("write_bytes", values).take(1) {
        Value::Blob(bytes) => bytes,
        other => return Err(type_error("write_bytes", "bytes", "a blob", &other)),
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
    on_path("exists", values, |path| path.try_exists().map(Value::Bool))
}

fn is_dir(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    on_path("is_dir", values, |path| Ok(Value::Bool(path.is_dir())))
}

fn file_size(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    on_path("file_size", values, |path| fs::metadata(path)).map(|metadata| Value::Int(metadata.len() as i64))
}

fn remove(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let remove = |path: &Path| {
        let folder = fs::symlink_metadata(path)?.is_dir();
        if folder { fs::remove_dir_all(path) } else { fs::remove_file(path) }
    };
    on_path("remove", values, remove).map(|()| Value::Unit)
}

fn rename(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let arguments = Arguments::new("rename", values);
    let (from, to) = (arguments.string(0, "from")?, arguments.string(1, "to")?);
    fs::rename(from, to).map(|()| Value::Unit).map_err(|error| {
        // The system does not say which of the two it means.
        let both = format!("{from}` to `{to}");
        failed(&both, &error).with("path", Value::string(from))
    })
}
