//! What a piece of body text uses: free names, calls, methods on variables, loops. `check` reads this.

use super::unit::Piece;

/// A place in a piece: byte range within the piece's text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct At {
    pub start: u32,
    pub end: u32,
}

/// A variable that the piece does not declare itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FreeVariable {
    pub name: String,
    pub at: At,
    pub access: Access,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Read,
    /// Assigned to, also through an index or a property.
    Write,
    /// The receiver of a method that changes it in place (`LIST.push(3)`).
    Change,
}

/// `module::name` that is not called: a const, or a function or template as a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathUse {
    /// All that stands before the last `::`.
    pub module: String,
    pub name: String,
    pub at: At,
    pub access: Access,
}

/// `name(…)`, `module::name(…)`; operators and methods are not listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallUse {
    /// All that stands before the last `::`.
    pub module: Option<String>,
    pub name: String,
    pub arguments: usize,
    pub at: At,
    /// The free variables given as whole arguments, by position.
    pub plain_arguments: Vec<Option<String>>,
    /// What is given, as far as the text shows it.
    pub given: Vec<Seen>,
}

/// `variable.method(…)` or `variable.property`, the variable being one that the piece does not declare
/// (a parameter of the body, a queue of main).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MethodUse {
    pub receiver: String,
    pub method: String,
    /// `None` for a property.
    pub arguments: Option<usize>,
    pub at: At,
    /// Within `while true { }` or `loop { }`.
    pub in_endless_loop: bool,
    /// Within `try { }`: an error that it throws is caught.
    pub in_try: bool,
    /// What is given, as far as the text shows it.
    pub given: Vec<Seen>,
}

/// `item.key`, where the item is of a `for item in variable` whose turns only read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyUse {
    /// The variable that is walked, which the piece does not declare.
    pub walked: String,
    pub key: String,
    pub at: At,
}

/// Everything that a piece uses, in the order of the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Uses {
    pub variables: Vec<FreeVariable>,
    /// Changes of what is in constants of the piece itself, with the places of those: `const M = #{}; M.a = 1`.
    pub constants: Vec<(FreeVariable, At)>,
    pub calls: Vec<CallUse>,
    pub methods: Vec<MethodUse>,
    pub paths: Vec<PathUse>,
    /// Functions named by a text, `Fn("name")`; the place is that of the name.
    pub named: Vec<(String, At)>,
    /// Free variables that a `for x in variable` walks.
    pub iterated: Vec<(String, At)>,
    /// Those of them whose loop may end before the stream does: by `break`, `return`, `throw` or `exit`.
    pub left_early: Vec<String>,
    pub keys: Vec<KeyUse>,
    /// `let` names that are never read (those that begin with `_` not included). A `for` needs its name.
    pub unused: Vec<(String, At)>,
    /// Uses of a variable, declared or not, in a closure that is given to a method of that same variable.
    pub own_closures: Vec<(String, At)>,
    /// Of an expression: its value, as far as its text shows it.
    pub value: Shape,
}

/// What is known of a value before it is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Shape {
    #[default]
    Unknown,
    /// A value of this type.
    Of(&'static str),
    Array(Vec<Seen>),
    Map(Vec<(String, Seen)>),
}

/// A value before it is there: what is known of it, and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub at: At,
    pub shape: Shape,
}

impl Shape {
    /// The name of its type, where it is known.
    #[must_use]
    pub fn type_name(&self) -> Option<&'static str> {
        match self {
            Shape::Unknown => None,
            Shape::Of(name) => Some(name),
            Shape::Array(_) => Some("array"),
            Shape::Map(_) => Some("map"),
        }
    }
}

/// A problem that Rhai's parser found; there is at most one for a piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PieceError {
    /// In user's words: lower case, no internals of Rhai.
    pub message: String,
    pub at: At,
    pub help: Option<String>,
}

/// What kind of text a piece is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PieceKind {
    Body,
    /// The body of a `fn`: it has a `this`, and holds no functions of its own.
    Function,
    Expression,
}

/// Compiles a piece and lists what it uses. `params` are the names bound when it runs (parameters of the
/// template or function); they count as declared outside, so that uses of them are listed as free.
///
/// # Errors
/// The first syntax error.
pub fn analyse(piece: &Piece, params: &[String], kind: PieceKind) -> Result<Uses, PieceError> {
    super::rhai::analyse(piece, params, kind)
}
