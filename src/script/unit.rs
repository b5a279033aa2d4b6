//! The texts that the processes of one script share: plain data that can be sent to another process.

use super::registry::Registry;
use crate::value::{Map, Value};

/// A piece of script text and where its first character stands (line and column from 1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Piece {
    pub text: String,
    pub source: u32,
    pub line: u32,
    pub column: u32,
    /// In the order of the text.
    pub links: Vec<Link>,
}

/// A name in a piece (a range of bytes of its text, in one line) that stands for another: for `words::longest`,
/// by which the unit has what the imported file `words` declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub start: u32,
    pub end: u32,
    pub name: String,
}

/// A body (`main`, a process's block) with the names that are bound when it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    /// "main", or the template's name: how traces call it.
    pub name: String,
    pub params: Vec<String>,
    pub piece: Piece,
}

/// A `fn` of the script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionText {
    pub name: String,
    pub params: Vec<String>,
    pub piece: Piece,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterKind {
    Plain,
    In,
    Out,
}

/// A parameter of a template; its default was evaluated when the graph was made.
#[derive(Clone, Debug, PartialEq)]
pub struct TemplateParameter {
    pub name: String,
    pub kind: ParameterKind,
    pub default: Option<Value>,
}

/// How the items of an exec node look on its standard input and output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Lines,
    Json,
    Bytes,
    Nul,
}

/// What is made of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TemplateKind {
    Process,
    /// A thread of the process that starts it.
    Thread,
    /// A process that runs a program; the template's body gives the command, an array.
    Exec(Format),
    /// A process whose body is code of the host; the template's body is empty, and stands where it is declared.
    Native,
}

/// What bodies need to know of a template in order to make a process of it: `worker(args…)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    pub name: String,
    pub kind: TemplateKind,
    pub parameters: Vec<TemplateParameter>,
    /// The index of its body in [`Unit::bodies`].
    pub body: u32,
    pub daemon: bool,
}

impl Template {
    /// What its processes are called, wherever it is declared.
    #[must_use]
    pub fn label(&self) -> &str {
        self.name.rsplit("::").next().unwrap_or(&self.name)
    }
}

/// Who runs bodies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EngineKind {
    Vm,
    #[default]
    Rhai,
}

/// Everything that an engine needs, whichever process it runs in. The index of a piece of text (the
/// `home` of a closure) counts the bodies first, then the functions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Unit {
    /// The names of the sources, for messages.
    pub sources: Vec<String>,
    pub bodies: Vec<Body>,
    pub functions: Vec<FunctionText>,
    pub templates: Vec<Template>,
    /// Params and consts: visible, read-only, in every body and function.
    pub globals: Map,
    pub engine: EngineKind,
    /// What can be called besides.
    pub registry: Registry,
}

impl Unit {
    /// The unit as a value, to be sent.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let list = |items: Vec<Value>| Value::array(items);
        let strings = |names: &[String]| list(names.iter().map(Value::string).collect());
        let bodies = self.bodies.iter().map(|body| text_value(&body.name, &body.params, &body.piece));
        let functions = self.functions.iter().map(|f| text_value(&f.name, &f.params, &f.piece));
        Value::map([
            ("sources", strings(&self.sources)),
            ("bodies", list(bodies.collect())),
            ("functions", list(functions.collect())),
            ("templates", list(self.templates.iter().map(template_value).collect())),
            ("globals", Value::Map(std::rc::Rc::new(self.globals.clone()))),
            ("rhai", Value::Bool(self.engine == EngineKind::Rhai)),
            ("registry", self.registry.to_value()),
        ])
    }

    /// The unit of a value made by [`Unit::to_value`]; `None` when it is not one.
    #[must_use]
    pub fn from_value(value: &Value) -> Option<Unit> {
        let map = value.as_map()?;
        let texts = |key: &str| map.get(key)?.as_array()?.iter().map(text_of).collect::<Option<Vec<_>>>();
        Some(Unit {
            sources: strings_of(map.get("sources")?)?,
            bodies: texts("bodies")?
                .into_iter()
                .map(|(name, params, piece)| Body { name, params, piece })
                .collect(),
            functions: texts("functions")?
                .into_iter()
                .map(|(name, params, piece)| FunctionText { name, params, piece })
                .collect(),
            templates: map.get("templates")?.as_array()?.iter().map(template_of).collect::<Option<_>>()?,
            globals: map.get("globals")?.as_map()?.clone(),
            engine: match map.get("rhai")? {
                Value::Bool(true) => EngineKind::Rhai,
                _ => EngineKind::Vm,
            },
            registry: Registry::from_value(map.get("registry")?)?,
        })
    }
}

fn text_value(name: &str, params: &[String], piece: &Piece) -> Value {
    Value::array(vec![
        Value::string(name),
        Value::array(params.iter().map(Value::string).collect()),
        Value::string(piece.text.clone()),
        Value::Int(piece.source.into()),
        Value::Int(piece.line.into()),
        Value::Int(piece.column.into()),
        Value::array(piece.links.iter().flat_map(link_values).collect()),
    ])
}

fn link_values(link: &Link) -> [Value; 3] {
    [Value::Int(link.start.into()), Value::Int(link.end.into()), Value::string(&*link.name)]
}

fn link_of(values: &[Value]) -> Option<Link> {
    let [start, end, name] = values else { return None };
    Some(Link { start: number(start)?, end: number(end)?, name: name.as_str()?.to_owned() })
}

fn number(value: &Value) -> Option<u32> {
    u32::try_from(value.as_int()?).ok()
}

fn text_of(value: &Value) -> Option<(String, Vec<String>, Piece)> {
    let [name, params, text, source, line, column, links] = value.as_array()? else { return None };
    let piece = Piece {
        text: text.as_str()?.to_owned(),
        source: number(source)?,
        line: number(line)?,
        column: number(column)?,
        links: links.as_array()?.chunks(3).map(link_of).collect::<Option<_>>()?,
    };
    Some((name.as_str()?.to_owned(), strings_of(params)?, piece))
}

fn strings_of(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|name| name.as_str().map(str::to_owned)).collect()
}

/// A kind travels as its index.
const KINDS: [TemplateKind; 7] = [
    TemplateKind::Process,
    TemplateKind::Thread,
    TemplateKind::Exec(Format::Lines),
    TemplateKind::Exec(Format::Json),
    TemplateKind::Exec(Format::Bytes),
    TemplateKind::Exec(Format::Nul),
    TemplateKind::Native,
];

fn template_value(template: &Template) -> Value {
    let parameters = template.parameters.iter().map(|parameter| {
        Value::array(vec![
            Value::string(&*parameter.name),
            Value::Int(parameter.kind as i64),
            Value::array(parameter.default.iter().cloned().collect()),
        ])
    });
    Value::array(vec![
        Value::string(&*template.name),
        Value::Int(KINDS.iter().position(|kind| *kind == template.kind).unwrap_or(0) as i64),
        Value::array(parameters.collect()),
        Value::Int(template.body.into()),
        Value::Bool(template.daemon),
    ])
}

fn template_of(value: &Value) -> Option<Template> {
    let [name, kind, parameters, body, daemon] = value.as_array()? else { return None };
    let parameters = parameters.as_array()?.iter().map(|parameter| {
        let [name, kind, default] = parameter.as_array()? else { return None };
        let kind = match kind.as_int()? {
            0 => ParameterKind::Plain,
            1 => ParameterKind::In,
            2 => ParameterKind::Out,
            _ => return None,
        };
        let default = default.as_array()?.first().cloned();
        Some(TemplateParameter { name: name.as_str()?.to_owned(), kind, default })
    });
    Some(Template {
        name: name.as_str()?.to_owned(),
        kind: *KINDS.get(usize::try_from(kind.as_int()?).ok()?)?,
        parameters: parameters.collect::<Option<_>>()?,
        body: u32::try_from(body.as_int()?).ok()?,
        daemon: matches!(daemon, Value::Bool(true)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::capability::Capability;

    #[test]
    fn a_unit_survives_its_journey() {
        let link = Link { start: 0, end: 4, name: "m::X".into() };
        let piece = Piece { text: "m::X + 1".into(), source: 0, line: 3, column: 7, links: vec![link] };
        let parameter =
            TemplateParameter { name: "jobs".into(), kind: ParameterKind::In, default: Some(Value::Unit) };
        let unit = Unit {
            sources: vec!["a.proc".into()],
            bodies: vec![Body { name: "main".into(), params: vec!["x".into()], piece: piece.clone() }],
            functions: vec![FunctionText { name: "f".into(), params: vec![], piece }],
            templates: vec![Template {
                name: "w".into(),
                kind: TemplateKind::Exec(Format::Nul),
                parameters: vec![parameter],
                body: 0,
                daemon: true,
            }],
            globals: Map::from([("n", Value::Int(4))]),
            engine: EngineKind::Rhai,
            registry: Registry { withheld: Capability::ALL.into(), ..Registry::default() },
        };
        assert_eq!(Unit::from_value(&unit.to_value()), Some(unit));
    }
}
