//! Errors of Rhai's parser in the words of our users.

use crate::script::analysis::{At, PieceError};
use rhai::{LexError, ParseError, ParseErrorType as Kind};

/// The message and help of an error; its place is filled in by who knows the text.
pub(super) fn explain(error: &ParseError) -> PieceError {
    let (message, help) = words(error.err_type());
    PieceError { message, at: At::default(), help: help.map(str::to_owned) }
}

const ANOTHER_NAME: &str = "give one of them another name";
const MEND: &str = "mend what stands here";

fn words(kind: &Kind) -> (String, Option<&'static str>) {
    match kind {
        Kind::UnexpectedEOF => ("the text ends too early".into(), Some("close what is open")),
        Kind::BadInput(error) => lexical(error),
        Kind::UnknownOperator(operator) => {
            (format!("`{operator}` is not an operator"), Some("write one of the operators of Rhai"))
        }
        Kind::MissingToken(token, _) => missing(token),
        Kind::MismatchedType(wanted, found) => {
            (format!("expected {wanted}, found {found}"), Some("give a value of the type that is expected"))
        }
        Kind::ExprExpected(_) => ("an expression is expected here".into(), Some("write a value here")),
        Kind::VariableExpected => {
            ("the name of a variable is expected here".into(), Some("write a name, as in `let x = …;`"))
        }
        Kind::PropertyExpected => {
            ("the name of a property is expected here".into(), Some("write a name behind the dot"))
        }
        Kind::Reserved(word) => reserved(word),
        Kind::AssignmentToConstant(name) => {
            (format!("`{name}` is constant and cannot be assigned to"), Some("declare it with `let`"))
        }
        Kind::AssignmentToInvalidLHS(_) => (
            "this cannot be assigned to".into(),
            Some("compare with `==`; assign to a variable, an index or a property"),
        ),
        Kind::LoopBreak => (
            "`break` and `continue` belong in a loop".into(),
            Some("write `return` to leave a body or a function"),
        ),
        Kind::ExprTooDeep => {
            ("the expression is nested too deeply".into(), Some("give parts of it names with `let`"))
        }
        other => structure(other),
    }
}

fn structure(kind: &Kind) -> (String, Option<&'static str>) {
    match kind {
        Kind::WrongFnDefinition => (
            "a `fn` cannot stand inside another function or a block".into(),
            Some("declare it outside, or make it a closure: `let inner = |x| x + 1;`"),
        ),
        Kind::FnDuplicatedDefinition(name, _) => {
            (format!("the function `{name}` is declared twice"), Some(ANOTHER_NAME))
        }
        Kind::FnDuplicatedParam(_, name) => {
            (format!("the parameter `{name}` is declared twice"), Some(ANOTHER_NAME))
        }
        Kind::FnMissingName => {
            ("a function needs a name".into(), Some("write `fn name(…) { … }`, or a closure `|x| …`"))
        }
        Kind::FnMissingParams(_) => ("a function needs a list of parameters".into(), Some("write `()`")),
        Kind::FnMissingBody(_) => ("a function needs a body".into(), Some("write `{ … }`")),
        Kind::DuplicatedProperty(name) => {
            (format!("the key `{name}` is given twice"), Some("remove one of them"))
        }
        Kind::DuplicatedVariable(name) => (format!("`{name}` is given twice"), Some(ANOTHER_NAME)),
        Kind::WrongSwitchDefaultCase => {
            ("the case `_` must be the last".into(), Some("move it behind the others"))
        }
        Kind::WrongSwitchCaseCondition => {
            ("this case cannot have a condition".into(), Some("ask with `if` behind the arrow"))
        }
        Kind::WrongSwitchIntegerCase => (
            "a number cannot follow a range in a `switch`".into(),
            Some("move the case before those with a range"),
        ),
        Kind::ModuleUndefined(name) => {
            (format!("there is no module `{name}`"), Some("import a script under this name"))
        }
        Kind::VariableUndefined(name) => {
            (format!("there is no variable `{name}`"), Some("declare it with `let`"))
        }
        Kind::MalformedIndexExpr(_) => {
            ("this cannot be used as an index".into(), Some("give an int, a range or a string"))
        }
        other => (lower(&other.to_string()), Some(MEND)),
    }
}

fn lexical(error: &LexError) -> (String, Option<&'static str>) {
    match error {
        LexError::UnexpectedInput(text) if text == ";" => {
            ("`;` is not expected here".into(), Some("write what is missing before it"))
        }
        LexError::UnexpectedInput(text) => {
            (format!("`{text}` is not expected here"), Some("remove it, or put it into a string"))
        }
        LexError::UnterminatedString => ("the string is not closed".into(), Some("add the closing quote")),
        LexError::MalformedEscapeSequence(text) => {
            (format!("`{text}` is not an escape sequence"), Some("write `\\\\` for a backslash"))
        }
        LexError::MalformedNumber(text) => {
            (format!("`{text}` is not a number"), Some("write it as in `12`, `1.5` or `0xff`"))
        }
        LexError::MalformedChar(text) => {
            (format!("`{text}` is not one character"), Some("write strings in double quotes"))
        }
        LexError::ImproperSymbol(symbol, _) => reserved(symbol),
        LexError::MalformedIdentifier(text) => {
            (format!("`{text}` is not a name"), Some("a name is made of the letters a to z, digits and `_`"))
        }
        other => (lower(&other.to_string()), Some(MEND)),
    }
}

fn missing(token: &str) -> (String, Option<&'static str>) {
    let help = match token {
        ";" => "end the statement before this with `;`",
        ")" | "]" | "}" => "close the bracket, or mend what stands here",
        "," => "part the values by commas, or mend what stands here",
        "in" => "write `for x in values { … }`",
        "{" => "put what follows into braces",
        _ => "write it here, or mend what stands here",
    };
    (format!("`{token}` is expected here"), Some(help))
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
        _ => (format!("`{word}` is not an operator"), Some("write one of the operators of Rhai")),
    }
}

fn lower(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|first| first.to_lowercase().collect::<String>());
    format!("{}{}", first.unwrap_or_default(), chars.as_str()).replace('\'', "`")
}
