//! Tables as text: CSV, read and written row by row.

use super::arguments::{Arguments, type_error};
use super::definition::{Outcome, function};
use super::items::{Items, stream};
use super::options::Options;
use super::system::failed;
use super::unpack::{Place, Source};
use crate::diagnostic::words::count;
use crate::script::fault::Fault;
use crate::script::objects::Stream;
use crate::script::registry::{Context, Native};
use crate::value::{Map, Value};
use csv::{ErrorKind, StringRecord};
use std::fs::File;
use std::rc::Rc;

pub(super) const NATIVES: &[Native] = &[
    function(
        "read_csv",
        &["path"],
        "The rows of a CSV file, one by one as a loop asks for them: maps of strings by the names in the first line. gzip and zstd are unpacked. Throws `Csv`, with file and line.",
        "read_csv(\"data/a.csv\").to_array()  // [#{\"id\": \"1\", \"name\": \"x\"}, #{\"id\": \"2\", \"name\": \"y\"}]",
        read,
    ),
    function(
        "read_csv",
        &["path", "options"],
        "The same with `header: false` (rows are arrays), `columns` (names, where the file has none), `delimiter`, `quote` (a character, or false), `comment` (lines that begin with it are left out), `trim: true`.",
        "read_csv(\"data/a.csv\", #{header: false}).take(1)  // [[\"id\", \"name\"]]",
        read,
    ),
    function(
        "write_csv",
        &["path", "rows"],
        "Makes a CSV file of rows, maps or arrays, from an array, a stream or a queue; gives how many there were. The names of a map's keys, in order, are the first line. Throws `Csv`.",
        "write_csv(\"out.csv\", [#{id: 1, name: \"x\"}])  // 1",
        write,
    ),
    function(
        "write_csv",
        &["path", "rows", "options"],
        "The same with `columns` (which, in which order), `header: false`, `delimiter`.",
        "write_csv(\"out.csv\", [[1, 2]], #{columns: [\"a\", \"b\"], delimiter: \";\"})  // 1",
        write,
    ),
];

fn error(path: &str, what: &str) -> Fault {
    Fault::error("Csv", format!("`{path}`: {what}")).with("path", Value::string(path))
}

/// One character of an option, which is one byte of the file.
fn byte(function: &'static str, options: &mut Options, name: &str) -> Result<Option<u8>, Fault> {
    let Some(value) = options.take(name) else { return Ok(None) };
    let text = value.to_string();
    match text.as_bytes() {
        [byte] if byte.is_ascii() && !matches!(byte, b'\n' | b'\r') => Ok(Some(*byte)),
        _ => Err(type_error(function, name, "one character of ASCII", &value)),
    }
}

fn columns(function: &'static str, options: &mut Options) -> Result<Option<Vec<String>>, Fault> {
    match options.take("columns") {
        None => Ok(None),
        Some(Value::Array(names)) => Ok(Some(names.iter().map(ToString::to_string).collect())),
        Some(other) => Err(type_error(function, "columns", "an array of names", &other)),
    }
}

fn read(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let mut arguments = Arguments::new("read_csv", values);
    let known = ["header", "columns", "delimiter", "quote", "comment", "trim"];
    let mut options = Options::new("read_csv", arguments.take(1), &known)?;
    let mut builder = csv::ReaderBuilder::new();
    // Rows of another length are told of by us, with their line.
    builder.has_headers(false).flexible(true);
    builder.delimiter(byte("read_csv", &mut options, "delimiter")?.unwrap_or(b','));
    match options.take("quote") {
        Some(Value::Bool(quoting)) => {
            builder.quoting(quoting);
        }
        Some(other) => {
            let mut quote = Options::new("read_csv", Value::map([("quote", other)]), &["quote"])?;
            builder.quote(byte("read_csv", &mut quote, "quote")?.unwrap_or(b'"'));
        }
        None => {}
    }
    builder.comment(byte("read_csv", &mut options, "comment")?);
    builder.trim(if options.bool("trim", false)? { csv::Trim::All } else { csv::Trim::None });
    let columns = columns("read_csv", &mut options)?;
    let header = options.bool("header", columns.is_none())?;
    let source = Source::open(arguments.string(0, "path")?)?;
    let place = source.place().clone();
    let reader = builder.from_reader(source);
    let mut rows = Rows { reader, place, columns: None, width: None, row: StringRecord::new() };
    let first = if header { rows.header()? } else { None };
    rows.name(columns.or(first))?;
    Ok(stream(rows))
}

struct Rows {
    reader: csv::Reader<Source>,
    place: Place,
    columns: Option<Vec<String>>,
    /// How many fields a row has.
    width: Option<usize>,
    row: StringRecord,
}

impl Rows {
    /// Reads a row; false at the end.
    fn advance(&mut self) -> Result<bool, Fault> {
        self.reader.read_record(&mut self.row).map_err(|problem| match problem.kind() {
            ErrorKind::Io(error) => self.place.failed(error),
            ErrorKind::Utf8 { pos, .. } => self.place.no_text(pos.as_ref().map_or(0, csv::Position::line)),
            _ => error(&self.place.path, &problem.to_string()),
        })
    }

    fn header(&mut self) -> Result<Option<Vec<String>>, Fault> {
        Ok(self.advance()?.then(|| self.row.iter().map(str::to_owned).collect()))
    }

    /// From now on rows are maps with these keys.
    fn name(&mut self, columns: Option<Vec<String>>) -> Result<(), Fault> {
        let Some(columns) = columns else { return Ok(()) };
        let twice = columns.iter().enumerate().find(|(at, name)| columns[..*at].contains(name));
        if let Some((_, name)) = twice {
            return Err(error(&self.place.path, &format!("two columns have the name `{name}`")));
        }
        self.width = Some(columns.len());
        self.columns = Some(columns);
        Ok(())
    }
}

impl Stream for Rows {
    fn next(&mut self) -> Result<Option<Value>, Fault> {
        if !self.advance()? {
            return Ok(None);
        }
        let (found, wanted) = (self.row.len(), *self.width.get_or_insert(self.row.len()));
        if found != wanted {
            let line = self.row.position().map_or(0, csv::Position::line);
            let what = format!("line {line} has {}, not {wanted}", count(found, "field"));
            return Err(error(&self.place.path, &what).with("line", Value::Int(line as i64)));
        }
        let fields = self.row.iter().map(Value::string);
        Ok(Some(match &self.columns {
            Some(columns) => Value::map(columns.iter().map(String::as_str).zip(fields)),
            None => Value::array(fields.collect()),
        }))
    }
}

fn write(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let mut arguments = Arguments::new("write_csv", values);
    let known = ["columns", "header", "delimiter"];
    let mut options = Options::new("write_csv", arguments.take(2), &known)?;
    let mut builder = csv::WriterBuilder::new();
    builder.flexible(true);
    builder.delimiter(byte("write_csv", &mut options, "delimiter")?.unwrap_or(b','));
    let columns = columns("write_csv", &mut options)?;
    let header = options.bool("header", true)?;
    let mut rows = arguments.items_named(1, "rows")?;
    let path = arguments.string(0, "path")?.to_owned();
    let file = File::create(&path).map_err(|problem| failed(&path, &problem))?;
    let mut table = Table { writer: builder.from_writer(file), path, columns, header, rows: 0 };
    table.begin()?;
    table.fill(&mut rows)?;
    Ok(Value::Int(table.rows))
}

struct Table {
    writer: csv::Writer<File>,
    path: String,
    columns: Option<Vec<String>>,
    /// The first line is still to be written, once the columns are known.
    header: bool,
    rows: i64,
}

impl Table {
    fn begin(&mut self) -> Result<(), Fault> {
        match (&self.columns, self.header) {
            (Some(columns), true) => self.put(columns.clone()),
            _ => Ok(()),
        }
    }

    fn fill(&mut self, rows: &mut Items) -> Result<(), Fault> {
        while let Some(row) = rows.next()? {
            self.rows += 1;
            let fields = match row {
                Value::Array(fields) => self.of_array(&fields)?,
                Value::Map(map) => self.of_map(&map)?,
                other => {
                    let what = format!("row {} is no map or array, but {}", self.rows, other.type_name());
                    return Err(error(&self.path, &what));
                }
            };
            self.put(fields)?;
        }
        self.writer.flush().map_err(|problem| failed(&self.path, &problem))
    }

    fn put(&mut self, fields: Vec<String>) -> Result<(), Fault> {
        self.writer.write_record(fields).map_err(|problem| match problem.kind() {
            ErrorKind::Io(problem) => failed(&self.path, problem),
            _ => error(&self.path, &problem.to_string()),
        })
    }

    fn of_array(&mut self, fields: &Rc<Vec<Value>>) -> Result<Vec<String>, Fault> {
        if let Some(columns) = self.columns.as_ref().filter(|columns| columns.len() != fields.len()) {
            let what =
                format!("row {} has {}, not {}", self.rows, count(fields.len(), "field"), columns.len());
            return Err(error(&self.path, &what));
        }
        fields.iter().enumerate().map(|(at, field)| self.text(field, &format!("field {}", at + 1))).collect()
    }

    fn of_map(&mut self, map: &Map) -> Result<Vec<String>, Fault> {
        let chosen = self.columns.is_some();
        let columns =
            self.columns.get_or_insert_with(|| map.keys().map(ToString::to_string).collect()).clone();
        if !chosen && self.header {
            self.put(columns.clone())?;
        }
        let missing = columns.iter().find(|name| !map.contains_key(name));
        if let Some(name) = missing {
            return Err(error(&self.path, &format!("row {} has no `{name}`", self.rows)));
        }
        columns
            .iter()
            .map(|name| self.text(map.get(name).unwrap_or(&Value::Unit), &format!("`{name}`")))
            .collect()
    }

    fn text(&self, field: &Value, place: &str) -> Result<String, Fault> {
        match field {
            Value::Unit => Ok(String::new()),
            Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Char(_) | Value::String(_) => {
                Ok(field.to_string())
            }
            other => {
                let what = format!("row {}, {place}: {} is no text", self.rows, other.type_name());
                Err(error(&self.path, &what))
            }
        }
    }
}
