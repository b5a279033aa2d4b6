//! Errors of Rhai's parser in the words of our users.

use crate::script::analysis::{At, PieceError};
use rhai::{LexError, ParseError, ParseErrorType as Kind};

/// The message and help of an error; its place is filled in by who knows the text.
pub(super) fn explain(error: &ParseError) -> PieceError {
    let (message, help) = words(error.err_type());
    PieceError { message, at: At::default(), help: help.map(str::to_owned) }
}

fn words(kind: &Kind) -> (String, Option<&'static str>) {
    match kind {
        Kind::UnexpectedEOF => ("the text ends too early".into(), Some("close what is open")),
        Kind::BadInput(error) => lexical(error),
        Kind::UnknownOperator(operator) => (format!("`{operator}` is not an operator"), None),
        Kind::MissingToken(token, _) => missing(token),
        Kind::MismatchedType(wanted, found) => (format!("expected {wanted}, found {found}"), None),
        Kind::ExprExpected(_) => ("an expression is expected here".into(), None),
        Kind::VariableExpected => ("the name of a variable is expected here".into(), None),
        Kind::PropertyExpected => ("the name of a property is expected here".into(), None),
        Kind::Reserved(word) => reserved(word),
        Kind::AssignmentToConstant(name) => {
            (format!("`{name}` is constant and cannot be assigned to"), Some("declare it with `let`"))
        }
        Kind::AssignmentToInvalidLHS(_) => (
            "this cannot be assigned to".into(),
            Some("compare with `==`; assign to a variable, an index or a property"),
        ),
        Kind::LoopBreak => ("`break` and `continue` belong in a loop".into(), None),
        Kind::ExprTooDeep => {
            ("the expression is nested too deeply".into(), Some("give parts of it names with `let`"))
        }
        other => structure(other),
    }
}

fn structure(kind: &Kind) -> (String, Option<&'static str>) {
    match kind {
        Kind::WrongFnDefinition => {
            ("a `fn` cannot stand inside another function or a block".into(), Some("declare it outside"))
        }
        Kind::FnDuplicatedDefinition(name, _) => (format!("the function `{name}` is declared twice"), None),
        Kind::FnDuplicatedParam(_, name) => (format!("the parameter `{name}` is declared twice"), None),
        Kind::FnMissingName => ("a function needs a name".into(), None),
        Kind::FnMissingParams(_) => ("a function needs a list of parameters".into(), Some("write `()`")),
        Kind::FnMissingBody(_) => ("a function needs a body".into(), Some("write `{ … }`")),
        Kind::DuplicatedProperty(name) => (format!("the key `{name}` is given twice"), None),
        Kind::DuplicatedVariable(name) => (format!("`{name}` is given twice"), None),
        Kind::WrongSwitchDefaultCase => ("the case `_` must be the last".into(), None),
        Kind::WrongSwitchCaseCondition => ("this case cannot have a condition".into(), None),
        Kind::WrongSwitchIntegerCase => ("a number cannot follow a range in a `switch`".into(), None),
        Kind::ModuleUndefined(name) => (format!("there is no module `{name}`"), None),
        Kind::VariableUndefined(name) => (format!("there is no variable `{name}`"), None),
        Kind::MalformedIndexExpr(_) => ("this cannot be used as an index".into(), None),
        other => (lower(&other.to_string()), None),
    }
}

fn lexical(error: &LexError) -> (String, Option<&'static str>) {
    match error {
        LexError::UnexpectedInput(text) => (format!("`{text}` is not expected here"), None),
        LexError::UnterminatedString => ("the string is not closed".into(), Some("add the closing quote")),
        LexError::MalformedEscapeSequence(text) => {
            (format!("`{text}` is not an escape sequence"), Some("write `\\\\` for a backslash"))
        }
        LexError::MalformedNumber(text) => (format!("`{text}` is not a number"), None),
        LexError::MalformedChar(text) => {
            (format!("`{text}` is not one character"), Some("write strings in double quotes"))
        }
        LexError::ImproperSymbol(symbol, _) => reserved(symbol),
        LexError::MalformedIdentifier(text) => (format!("`{text}` is not a name"), None),
        other => (lower(&other.to_string()), None),
    }
}

fn missing(token: &str) -> (String, Option<&'static str>) {
    let help = match token {
        ";" => Some("end the statement before this with `;`"),
        ")" | "]" | "}" => Some("close the bracket, or mend what stands here"),
        _ => None,
    };
    (format!("`{token}` is expected here"), help)
}

fn reserved(word: &str) -> (String, Option<&'static str>) {
    match word {
        "eval" => ("`eval` is not available".into(), Some("use a `fn` or a closure")),
        "import" | "export" => {
            (format!("`{word}` cannot stand in a body"), Some("import scripts outside, with a declaration"))
        }
        "===" => ("`===` is not an operator".into(), Some("write `==`")),
        "!==" => ("`!==` is not an operator".into(), Some("write `!=`")),
        "->" => ("`->` has no meaning here".into(), Some("write `=>` in a `switch`, nothing before a body")),
        "++" | "--" => (format!("`{word}` is not an operator"), Some("write `+= 1` or `-= 1`")),
        _ if word.starts_with(|char: char| char.is_alphabetic()) => {
            (format!("`{word}` is a reserved word"), Some("choose another name"))
        }
        _ => (format!("`{word}` is not an operator"), None),
    }
}

fn lower(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|first| first.to_lowercase().collect::<String>());
    format!("{}{}", first.unwrap_or_default(), chars.as_str()).replace('\'', "`")
}
