//! Folders: what is in them, making them.

use super::arguments::Arguments;
use super::definition::{Outcome, function};
use super::items::stream;
use super::system::{failed, plain_reason};
use crate::script::fault::Fault;
use crate::script::objects::Stream;
use crate::script::registry::{Context, Native};
use crate::value::Value;
use std::fs;
use std::path::Path;

pub(super) const NATIVES: &[Native] = &[
    function(
        "list_dir",
        &["path"],
        "The names in a folder, sorted.",
        "list_dir(\"data\")  // [\"a.csv\", \"b.csv\"]",
        list_dir,
    ),
    function(
        "walk",
        &["path"],
        "The paths of all files in a folder and below it, folder by folder in order, as a loop asks for them. Links are not followed.",
        "for file in walk(\"data\") { print(file); }",
        walk,
    ),
    function(
        "glob",
        &["pattern"],
        "The paths that fit a pattern, sorted: `*`, `?`, `[a-z]`, and `**` for folders of any depth. Names with a leading dot only where the pattern has one.",
        "glob(\"data/*.csv\")  // [\"data/a.csv\", \"data/b.csv\"]",
        glob,
    ),
    function(
        "make_dir",
        &["path"],
        "Makes a folder, and those above it. One that is there is fine.",
        "make_dir(\"out/today\");",
        make_dir,
    ),
    function("temp_dir", &[], "The folder for temporary files.", "temp_dir()", temp_dir),
];

/// The name of a file, as text.
fn text(path: &Path) -> Result<String, Fault> {
    path.to_str().map(str::to_owned).ok_or_else(|| {
        let shown = path.to_string_lossy();
        Fault::error("Io", format!("`{shown}`: the name is not UTF-8")).with("path", Value::string(shown))
    })
}

fn list_dir(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let arguments = Arguments::new("list_dir", values);
    let path = arguments.string(0, "path")?;
    let refused = |error| failed(path, &error);
    let mut names = Vec::new();
    for entry in fs::read_dir(path).map_err(refused)? {
        names.push(text(Path::new(&entry.map_err(refused)?.file_name()))?);
    }
    names.sort();
    Ok(Value::array(names.into_iter().map(Value::string).collect()))
}

fn make_dir(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let arguments = Arguments::new("make_dir", values);
    let path = arguments.string(0, "path")?;
    fs::create_dir_all(path).map(|()| Value::Unit).map_err(|error| failed(path, &error))
}

fn temp_dir(_: &mut Context<'_>, _: &mut [Value]) -> Outcome {
    Ok(Value::string(text(&std::env::temp_dir())?))
}

fn walk(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let arguments = Arguments::new("walk", values);
    let path = arguments.string(0, "path")?;
    fs::metadata(path).map_err(|error| failed(path, &error))?;
    Ok(stream(Walk {
        path: path.to_owned(),
        entries: walkdir::WalkDir::new(path).sort_by_file_name().into_iter(),
    }))
}

struct Walk {
    path: String,
    entries: walkdir::IntoIter,
}

impl Stream for Walk {
    fn next(&mut self) -> Result<Option<Value>, Fault> {
        for entry in self.entries.by_ref() {
            let entry = entry.map_err(|error| {
                let path = error.path().map_or_else(|| self.path.clone(), |path| path.display().to_string());
                match error.io_error() {
                    Some(error) => failed(&path, error),
                    None => Fault::error("Io", format!("`{path}`: {error}")),
                }
            })?;
            if !entry.file_type().is_dir() {
                return text(entry.path()).map(|path| Some(Value::string(path)));
            }
        }
        Ok(None)
    }
}

fn glob(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let arguments = Arguments::new("glob", values);
    let pattern = arguments.string(0, "pattern")?;
    let paths = glob::glob(pattern).map_err(|error| {
        let place = pattern.chars().take(error.pos).count() + 1;
        let what = plain_reason(error.msg);
        Fault::error("Argument", format!("`glob`: `{pattern}` is no pattern: {what}, at character {place}"))
    })?;
    let mut found = Vec::new();
    for path in paths {
        let path = path.map_err(|error| failed(&error.path().display().to_string(), error.error()))?;
        let path = text(&path)?;
        if is_meant(pattern, &path) {
            found.push(path);
        }
    }
    found.sort();
    Ok(Value::array(found.into_iter().map(Value::string).collect()))
}

/// Whether a path has names with a leading dot only where the pattern has one. Behind a `**` nobody knows which
/// part of the pattern a name fits; there one that asks for any gets all.
fn is_meant(pattern: &str, path: &str) -> bool {
    let is_hidden = |name: &str| name.starts_with('.') && name != "." && name != "..";
    // `./a`, `a//b` and `/a` are told in other words by the paths.
    let names = |text: &'_ str| {
        text.split('/').filter(|part| !matches!(*part, "" | ".")).map(str::to_owned).collect()
    };
    let (parts, found): (Vec<String>, Vec<String>) = (names(pattern), names(path));
    if parts.iter().any(|part| part == "**") {
        return parts.iter().any(|part| is_hidden(part)) || !found.iter().any(|name| is_hidden(name));
    }
    found.iter().zip(&parts).all(|(name, part)| name == part || part.starts_with('.') == is_hidden(name))
}
