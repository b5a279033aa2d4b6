//! Small insertions into a piece's text before it is compiled, where Rhai alone would lose something.
//!
//! - `try { … }` becomes `try {__guarded { … }}`: the guard sees an error itself and hands `catch` what the
//!   language promises; Rhai would hand it the outermost call only.
//! - `for x in q` becomes `for x in __turns q`: the loop's line is known while it waits.
//! - chains get brackets around their beginning, see [`super::chains`];
//! - `for x in q {}` gets `__pass` as its block: Rhai swallows errors of an empty one.
//!
//! A first parse finds the places; columns are put right again by [`Shifts`].

use super::lines::{TextPosition, text_position};
use rhai::{Engine, Position, Token};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

pub(super) const GUARDED: &str = "__guarded";
pub(super) const TURNS: &str = "__turns";
pub(super) const PASS: &str = "__pass";

/// The tokens of the text that is being compiled, when somebody wants them.
#[derive(Clone, Default)]
pub(super) struct Recorder(Rc<RefCell<Option<Marks>>>);

type Marks = Vec<(Mark, TextPosition)>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    Try,
    For,
    In,
    Name,
    Dot,
    OpenParen,
    CloseParen,
    /// `()`: a call without arguments, or the value.
    Empty,
    OpenBracket,
    CloseBracket,
    Open,
    OpenMap,
    Close,
    Other,
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
        Token::Identifier(..) => Mark::Name,
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
/// is; compiling it will say why.
pub(super) fn rewrite(engine: &Engine, recorder: &Recorder, text: &str, column: u32) -> (String, Shifts) {
    if !["try", "for", ")."].iter().any(|sign| text.contains(sign)) {
        return (text.to_owned(), Shifts::default());
    }
    let mut compiles = false;
    let tokens = recorder.during(|| compiles = engine.compile(text).is_ok());
    if !compiles {
        return (text.to_owned(), Shifts::default());
    }
    let mut insertions = Finder::default().find(&tokens);
    insertions.extend(super::chains::find(&tokens));
    insertions.sort_by_key(|insertion| insertion.at);
    let text = insert(text, &insertions);
    (text, Shifts::of(&insertions, column))
}

pub(super) struct Insertion {
    pub(super) at: TextPosition,
    pub(super) text: &'static str,
}

#[derive(Default)]
struct Finder {
    /// For each open brace whether it is the body of a `try`.
    open: Vec<bool>,
    try_begins: bool,
    for_begins: bool,
    /// The numbers of open braces at the headers of `for` loops whose body has not begun.
    headers: Vec<usize>,
    found: Vec<Insertion>,
}

impl Finder {
    fn find(mut self, tokens: &[(Mark, TextPosition)]) -> Vec<Insertion> {
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
                self.found.push(Insertion { at: (line, column + 2), text: " __turns " });
            }
            Mark::Open => self.open_brace((line, column + 1), next),
            Mark::OpenMap => self.open.push(false),
            Mark::Close if self.open.pop() == Some(true) => {
                self.found.push(Insertion { at: (line, column), text: "}" });
            }
            _ => {}
        }
    }

    fn open_brace(&mut self, inside: TextPosition, next: Option<Mark>) {
        let guarded = std::mem::take(&mut self.try_begins);
        if guarded {
            self.found.push(Insertion { at: inside, text: "__guarded {" });
        }
        if self.headers.last() == Some(&self.open.len()) {
            self.headers.pop();
            if next == Some(Mark::Close) {
                self.found.push(Insertion { at: inside, text: "__pass" });
            }
        }
        self.open.push(guarded);
    }
}

fn insert(text: &str, insertions: &[Insertion]) -> String {
    let mut result = String::with_capacity(text.len() + insertions.len() * 12);
    let mut left = insertions.iter().peekable();
    let (mut line, mut column) = (1, 1);
    for char in text.chars() {
        while let Some(insertion) = left.next_if(|insertion| insertion.at <= (line, column)) {
            result.push_str(insertion.text);
        }
        result.push(char);
        (line, column) = if char == '\n' { (line + 1, 1) } else { (line, column + 1) };
    }
    left.for_each(|insertion| result.push_str(insertion.text));
    result
}

/// By line of a piece: where, in original columns, and how many characters were inserted.
#[derive(Default)]
pub(super) struct Shifts(BTreeMap<usize, Vec<(usize, usize)>>);

impl Shifts {
    /// The first line of a piece begins at `column` of its file.
    fn of(insertions: &[Insertion], column: u32) -> Shifts {
        let mut lines: BTreeMap<usize, Vec<(usize, usize)>> = BTreeMap::new();
        for insertion in insertions {
            let (line, at) = insertion.at;
            let at = if line == 1 { at + column.saturating_sub(1) as usize } else { at };
            lines.entry(line).or_default().push((at, insertion.text.len()));
        }
        Shifts(lines)
    }

    /// The original column of a column of the rewritten text.
    pub(super) fn original(&self, line: usize, column: usize) -> usize {
        let mut inserted = 0;
        for &(at, length) in self.0.get(&line).into_iter().flatten() {
            if column < at + inserted {
                break;
            }
            if column < at + inserted + length {
                return at;
            }
            inserted += length;
        }
        column - inserted
    }
}
