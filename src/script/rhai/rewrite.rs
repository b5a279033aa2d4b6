//! Small changes to a piece's text before it is compiled, where Rhai alone would lose something.
//!
//! - `try { … }` becomes `try {__guarded { … }}`: the guard sees an error itself and hands `catch` what the
//!   language promises; Rhai would hand it the outermost call only.
//! - `for x in q` becomes `for x in __turns q`: the loop's line is known while it waits.
//! - `const f = |x| …` becomes `const f = __copy |x| …`: Rhai would put the closure in the place of the name, and then
//!   calls it without arguments;
//! - `curry(f, x)` becomes `curry(f, __copy x)`, as it is in `f.curry(x)`: Rhai would give `f` the variable itself when
//!   some closure has captured it;
//! - chains get brackets around their beginning, see [`super::chains`];
//! - names of imported files become those that they have in the unit, see [`super::edits`];
//! - `for x in q {}` gets `__pass` as its block: Rhai swallows errors of an empty one.
//!
//! A first parse finds the places; columns are put right again by [`Shifts`].

use super::edits::{self, Edit, Shifts};
use super::lines::{TextPosition, in_function, text_position};
use crate::script::unit::Piece;
use rhai::{Engine, Position, Token};
use std::cell::RefCell;
use std::rc::Rc;

pub(in crate::script) const GUARDED: &str = "__guarded";
pub(in crate::script) const TURNS: &str = "__turns";
pub(in crate::script) const COPY: &str = "__copy";
pub(in crate::script) const PASS: &str = "__pass";

/// The tokens of the text that is being compiled, when somebody wants them.
#[derive(Clone, Default)]
pub(super) struct Recorder(Rc<RefCell<Option<Marks>>>);

type Marks = Vec<(Mark, TextPosition)>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    Try,
    For,
    In,
    Const,
    Equals,
    /// On one side of what a closure takes, or an operator.
    Bar,
    /// `||`: the beginning of a closure that takes nothing, or an operator.
    Bars,
    Name,
    /// The word `curry`.
    Curry,
    /// `::`
    Path,
    Dot,
    Comma,
    OpenParen,
    CloseParen,
    /// `()`: a call without arguments, or the value.
    Empty,
    OpenBracket,
    CloseBracket,
    Open,
    OpenMap,
    Close,
    Literal,
    Other,
}

impl Mark {
    /// Whether an operator can stand behind it.
    fn ends_operand(self) -> bool {
        use Mark::{Close, CloseBracket, CloseParen, Curry, Empty, Literal, Name};
        matches!(self, Name | Curry | Literal | Empty | CloseParen | CloseBracket | Close)
    }
}

impl Recorder {
    #[allow(deprecated)] // Rhai's way to say "volatile".
    pub(super) fn install(&self, engine: &mut Engine) {
        let recorder = self.clone();
        engine.on_parse_token(move |token, position, _| {
            recorder.record(&token, position);
            token
        });
    }

    fn record(&self, token: &Token, position: Position) {
        if let Some(tokens) = &mut *self.0.borrow_mut()
            && let Some(position) = text_position(position)
        {
            tokens.push((mark(token), position));
        }
    }

    fn during(&self, parse: impl FnOnce()) -> Marks {
        *self.0.borrow_mut() = Some(Vec::new());
        parse();
        self.0.borrow_mut().take().unwrap_or_default()
    }
}

fn mark(token: &Token) -> Mark {
    match token {
        Token::Try => Mark::Try,
        Token::For => Mark::For,
        Token::In => Mark::In,
        Token::Const => Mark::Const,
        Token::Equals => Mark::Equals,
        Token::Pipe => Mark::Bar,
        Token::Or => Mark::Bars,
        Token::Identifier(..) => Mark::Name,
        Token::Reserved(word) if **word == "curry" => Mark::Curry,
        // Reserved are `this` and the like.
        Token::Reserved(_)
        | Token::IntegerConstant(_)
        | Token::FloatConstant(_)
        | Token::True
        | Token::False
        | Token::CharConstant(_)
        | Token::StringConstant(_) => Mark::Literal,
        Token::DoubleColon => Mark::Path,
        Token::Comma => Mark::Comma,
        Token::Period | Token::Elvis => Mark::Dot,
        Token::LeftParen => Mark::OpenParen,
        Token::Unit => Mark::Empty,
        Token::RightParen => Mark::CloseParen,
        Token::LeftBracket | Token::QuestionBracket => Mark::OpenBracket,
        Token::RightBracket => Mark::CloseBracket,
        Token::LeftBrace => Mark::Open,
        Token::MapStart => Mark::OpenMap,
        Token::RightBrace => Mark::Close,
        _ => Mark::Other,
    }
}

/// The text to compile, and how its columns differ from the original's. Text that does not parse stays as it
/// is; compiling it will say why. `is_function`: it is the body of one, and may speak of `this`.
pub(super) fn rewrite(
    engine: &Engine,
    recorder: &Recorder,
    piece: &Piece,
    is_function: bool,
) -> (String, Shifts) {
    let text = &*piece.text;
    if piece.links.is_empty() && !["try", "for", "|", ")."].iter().any(|sign| text.contains(sign)) {
        return (text.to_owned(), Shifts::default());
    }
    let mut compiles = false;
    let tokens = if is_function {
        let framed = recorder.during(|| compiles = engine.compile(in_function(text)).is_ok());
        let last = text.split('\n').count();
        let inside = |(mark, (line, column))| Some((mark, (usize::checked_sub(line, 1)?, column)));
        let inside = framed.into_iter().filter_map(inside);
        inside.filter(|&(_, (line, _))| (1..=last).contains(&line)).collect()
    } else {
        recorder.during(|| compiles = engine.compile(text).is_ok())
    };
    if !compiles {
        return (text.to_owned(), Shifts::default());
    }
    let mut edits = Finder::default().find(&tokens);
    edits.extend(constant_closures(&tokens));
    edits.extend(given_to_curry(&tokens));
    edits.extend(super::chains::find(text, &tokens));
    // Behind the others: what is inserted before a name stays before what the name becomes.
    edits.extend(edits::of_links(piece));
    edits.sort_by_key(|edit| edit.at);
    (edits::apply(text, &edits), Shifts::of(&edits, piece.column))
}

fn constant_closures(tokens: &[(Mark, TextPosition)]) -> impl Iterator<Item = Edit> {
    tokens.windows(4).filter_map(|four| match four {
        [(Mark::Const, _), (Mark::Name, _), (Mark::Equals, _), (Mark::Bar | Mark::Bars, at)] => {
            Some(Edit::insertion(*at, " __copy "))
        }
        _ => None,
    })
}

/// Behind each comma of a `curry(…)`.
fn given_to_curry(tokens: &[(Mark, TextPosition)]) -> Vec<Edit> {
    let mark = |index: Option<usize>| index.and_then(|index| tokens.get(index)).map(|token| token.0);
    // For each open bracket whether it is that of a `curry(…)`.
    let mut open = Vec::new();
    let mut in_parameters = false;
    let mut found = Vec::new();
    for (index, &(here, (line, column))) in tokens.iter().enumerate() {
        let last = mark(index.checked_sub(1));
        match here {
            Mark::OpenParen => {
                let is_method = mark(index.checked_sub(2)) == Some(Mark::Dot);
                open.push(last == Some(Mark::Curry) && !is_method);
            }
            Mark::OpenBracket | Mark::Open | Mark::OpenMap => open.push(false),
            Mark::CloseParen | Mark::CloseBracket | Mark::Close => drop(open.pop()),
            Mark::Bar => in_parameters = !in_parameters && !last.is_some_and(Mark::ends_operand),
            // Behind the last argument there may be one too.
            Mark::Comma
                if open.last() == Some(&true)
                    && !in_parameters
                    && mark(Some(index + 1)) != Some(Mark::CloseParen) =>
            {
                found.push(Edit::insertion((line, column + 1), " __copy "));
            }
            _ => {}
        }
    }
    found
}

#[derive(Default)]
struct Finder {
    /// For each open brace whether it is the body of a `try`.
    open: Vec<bool>,
    try_begins: bool,
    for_begins: bool,
    /// The numbers of open braces at the headers of `for` loops whose body has not begun.
    headers: Vec<usize>,
    found: Vec<Edit>,
}

impl Finder {
    fn find(mut self, tokens: &[(Mark, TextPosition)]) -> Vec<Edit> {
        for (index, &(mark, at)) in tokens.iter().enumerate() {
            let next = tokens.get(index + 1).map(|next| next.0);
            self.step(mark, at, next);
        }
        self.found
    }

    fn step(&mut self, mark: Mark, (line, column): TextPosition, next: Option<Mark>) {
        match mark {
            Mark::Try => self.try_begins = true,
            Mark::For => self.for_begins = true,
            Mark::In if std::mem::take(&mut self.for_begins) => {
                self.headers.push(self.open.len());
                self.found.push(Edit::insertion((line, column + 2), " __turns "));
            }
            Mark::Open => self.open_brace((line, column + 1), next),
            Mark::OpenMap => self.open.push(false),
            Mark::Close if self.open.pop() == Some(true) => {
                self.found.push(Edit::insertion((line, column), "}"));
            }
            _ => {}
        }
    }

    fn open_brace(&mut self, inside: TextPosition, next: Option<Mark>) {
        let guarded = std::mem::take(&mut self.try_begins);
        if guarded {
            self.found.push(Edit::insertion(inside, "__guarded {"));
        }
        if self.headers.last() == Some(&self.open.len()) {
            self.headers.pop();
            if next == Some(Mark::Close) {
                self.found.push(Edit::insertion(inside, "__pass"));
            }
        }
        self.open.push(guarded);
    }
}
