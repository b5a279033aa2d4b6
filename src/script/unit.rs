//! The texts that the processes of one script share: plain data that can be sent to another process.

use crate::value::{Map, Value};

/// A piece of script text and where its first character stands (line and column from 1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub text: String,
    pub source: u32,
    pub line: u32,
    pub column: u32,
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

/// What bodies need to know of a template in order to make a process of it: `worker(args…)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    pub name: String,
    pub parameters: Vec<TemplateParameter>,
    /// The index of its body in [`Unit::bodies`].
    pub body: u32,
    pub daemon: bool,
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
}
