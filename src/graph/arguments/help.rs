//! The help of a script: what it says of itself, its usage, and its params in columns.

use super::options::option_name;
use crate::ast::Param;
use crate::check::{Documented, Program};
use crate::graph::kind::{Kind, Scalar};
use crate::source::SourceId;

/// Names wider than this have their text on the next line.
const LEFT_MAX: usize = 30;

/// A line of a table: what to type, and what it does.
struct Row {
    left: String,
    right: Vec<String>,
}

/// `usage: procession run wc.proc [OPTIONS] URL [FILES]...`
pub(super) fn usage(program: &Program) -> String {
    let source = program.sources.iter().find(|(id, _)| *id == SourceId(0));
    let file = source.map_or("SCRIPT", |(_, source)| source.name());
    let mut usage = format!("usage: procession run {file}");
    if params(program).any(|(_, param)| param.node.default.is_some()) {
        usage.push_str(" [OPTIONS]");
    }
    for (_, param) in params(program).filter(|(_, param)| !param.node.rest && param.node.default.is_none()) {
        usage.push_str(&format!(" {}", placeholder(&param.node)));
    }
    for (_, param) in params(program).filter(|(_, param)| param.node.rest) {
        usage.push_str(&format!(" {}", placeholder(&param.node)));
    }
    usage
}

/// The whole help; `kind` gives the type of a param, as far as it is known without running the script.
pub(super) fn text(program: &Program, kind: impl Fn(usize) -> Option<Kind>) -> String {
    let mut text = String::new();
    for line in &program.docs {
        text.push_str(&format!("{line}\n"));
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(&format!("{}\n", usage(program)));
    let by_position = params(program).filter(|(_, param)| param.node.default.is_none());
    let arguments: Vec<Row> = by_position
        .map(|(_, param)| Row { left: placeholder(&param.node), right: param.docs.clone() })
        .collect();
    let with_default = params(program).filter(|(_, param)| param.node.default.is_some());
    let mut options: Vec<Row> = with_default.map(|(index, param)| option(param, kind(index))).collect();
    let own_help = params(program).any(|(_, param)| param.node.name.text == "help");
    let left = if own_help { "-h" } else { "-h, --help" };
    options.push(Row { left: left.to_owned(), right: vec!["Print this help.".to_owned()] });
    table("Arguments", &arguments, &mut text);
    table("Options", &options, &mut text);
    text
}

fn params(program: &Program) -> impl Iterator<Item = (usize, &Documented<Param>)> {
    program.params.iter().enumerate()
}

fn placeholder(param: &Param) -> String {
    let name = param.name.text.to_uppercase();
    if param.rest { format!("[{name}]...") } else { name }
}

fn option(param: &Documented<Param>, kind: Option<Kind>) -> Row {
    let name = option_name(&param.node);
    let default = param.node.default.as_ref().map_or("", |default| &*default.text);
    let mut right = param.docs.clone();
    let left = match kind {
        Some(Kind::FLAG) if default == "true" => format!("--no-{name}"),
        Some(Kind::FLAG) => format!("--{name}"),
        Some(Kind::Many(scalar)) => format!("--{name} {}...", scalar.placeholder()),
        Some(Kind::One(scalar)) => format!("--{name} {}", scalar.placeholder()),
        None => format!("--{name} VALUE"),
    };
    match kind {
        Some(Kind::FLAG) if default == "true" => note(&mut right, &format!("[--{name} is the default]")),
        Some(Kind::FLAG) if default == "false" => {}
        Some(Kind::Many(_)) => {
            note(&mut right, &format!("[default: {}; may be repeated]", one_line(default)));
        }
        Some(Kind::One(Scalar::Text)) if default == "()" => {}
        _ => note(&mut right, &format!("[default: {}]", one_line(default))),
    }
    Row { left, right }
}

/// Adds a remark behind the last line.
fn note(lines: &mut Vec<String>, remark: &str) {
    match lines.last_mut() {
        Some(last) => last.push_str(&format!(" {remark}")),
        None => lines.push(remark.to_owned()),
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn table(title: &str, rows: &[Row], text: &mut String) {
    if rows.is_empty() {
        return;
    }
    text.push_str(&format!("\n{title}:\n"));
    let width = |row: &Row| row.left.chars().count();
    let column = rows.iter().map(width).filter(|&width| width <= LEFT_MAX).max().unwrap_or(0);
    for row in rows {
        let mut lines = row.right.iter();
        let fits = width(row) <= column;
        let first = if fits { lines.next().map_or("", |line| &**line) } else { "" };
        text.push_str(format!("  {:column$}  {first}", row.left).trim_end());
        text.push('\n');
        for line in lines {
            text.push_str(format!("  {:column$}  {line}", "").trim_end());
            text.push('\n');
        }
    }
}
