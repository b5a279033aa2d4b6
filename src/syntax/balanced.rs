//! A look at the whole text before the grammar sees it: are texts, comments and brackets closed, and is the
//! nesting within bounds?
//!
//! The grammar could only say that something is missing at the end of the file; this scan points at what was
//! opened. It knows the same lexis as the last section of the grammar. Because of it the grammar never nests
//! deeper than [`NESTING_MAX`], whatever the text.

use std::ops::Range;

use super::declaration_line;

/// How deep brackets and comments may stand in each other.
pub const NESTING_MAX: usize = 200;

/// A declaration that the grammar need not be asked about, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    pub range: Range<usize>,
    pub fault: Fault,
}

/// What is wrong; places are bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A text or comment that is never closed; `what` are its opening characters.
    Unterminated {
        what: Kind,
        opened: usize,
    },
    /// A bracket that is never closed; perhaps it should have been before this declaration.
    Unclosed {
        opened: usize,
        before: Option<usize>,
    },
    /// A bracket that another kind closes.
    Mismatched {
        opened: usize,
        closed: usize,
    },
    /// A closing bracket that closes nothing.
    Stray {
        closed: usize,
    },
    TooDeep {
        opened: usize,
    },
}

/// What runs on to a mark of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    String,
    Character,
    Template,
    RawString,
    Comment,
}

/// At most this many broken declarations of a text, in their order; behind the last, everything is left out.
pub fn broken(text: &str, count_max: usize) -> Vec<Broken> {
    let mut scan = Scan { text, bytes: text.as_bytes(), at: 0, open: Vec::new(), declaration: 0 };
    let mut found = Vec::new();
    scan.shebang();
    while let Err(fault) = scan.pass_all() {
        let broken = scan.leave(fault);
        found.push(broken);
        if found.len() == count_max {
            break;
        }
    }
    if let Some(last) = found.last_mut().filter(|_| scan.at < text.len()) {
        last.range.end = text.len();
    }
    found
}

struct Scan<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    open: Vec<Open>,
    /// Where the declaration begins that the scan is in.
    declaration: usize,
}

#[derive(Clone, Copy)]
struct Open {
    bracket: u8,
    at: usize,
    /// The template that goes on when this bracket is closed.
    template: Option<usize>,
}

impl Scan<'_> {
    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn shebang(&mut self) {
        if self.text.trim_start_matches('\u{feff}').starts_with("#!") {
            self.line();
        }
    }

    /// Passes over the rest of the line.
    fn line(&mut self) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        self.at += rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len());
    }

    fn pass_all(&mut self) -> Result<(), Fault> {
        while let Some(&byte) = self.bytes.get(self.at) {
            match byte {
                b'"' => self.quoted(Kind::String)?,
                b'\'' => self.quoted(Kind::Character)?,
                b'`' => self.template(self.at, 1)?,
                b'#' => self.hash()?,
                b'/' if self.peek(1) == b'/' => self.line(),
                b'/' if self.peek(1) == b'*' => self.comment()?,
                b'(' | b'[' | b'{' => self.opens(None, 1)?,
                b')' | b']' | b'}' => self.closes(byte)?,
                b'\n' => self.new_line(),
                _ => self.at += 1,
            }
        }
        match self.open.last() {
            Some(open) => Err(Fault::Unclosed { opened: open.at, before: None }),
            None => Ok(()),
        }
    }

    fn new_line(&mut self) {
        self.at += 1;
        let rest = &self.text[self.at..];
        let line = rest.trim_start_matches([' ', '\t']);
        if self.open.is_empty() && declaration_line::begins(line) {
            self.declaration = self.at;
        }
    }

    /// A string or a character: both end on their line, but a backslash carries a string over its end.
    fn quoted(&mut self, what: Kind) -> Result<(), Fault> {
        let opened = self.at;
        let quote = self.bytes[opened];
        self.at += 1;
        while let Some(&byte) = self.bytes.get(self.at) {
            match (byte, self.peek(1)) {
                (b'\n', _) => break,
                (b'\\', b'\r') if self.peek(2) == b'\n' && what == Kind::String => self.at += 3,
                (b'\\', b'\n') if what == Kind::Character => break,
                (b'\\', _) => self.at += 2,
                _ => self.at += 1,
            }
            if byte == quote {
                return Ok(());
            }
        }
        Err(Fault::Unterminated { what, opened })
    }

    /// The text of a template, up to its end or to code in it; `skip` bytes belong to what was before.
    fn template(&mut self, opened: usize, skip: usize) -> Result<(), Fault> {
        self.at += skip;
        while let Some(&byte) = self.bytes.get(self.at) {
            match (byte, self.peek(1), self.peek(2)) {
                (b'`', ..) => {
                    self.at += 1;
                    return Ok(());
                }
                (b'\\', b'$', b'{') => self.at += 3,
                (b'$', b'{', _) => return self.opens(Some(opened), 2),
                _ => self.at += 1,
            }
        }
        Err(Fault::Unterminated { what: Kind::Template, opened })
    }

    /// A raw string (`#"…"#`, with as many signs at its end as at its beginning), or a sign alone.
    fn hash(&mut self) -> Result<(), Fault> {
        let opened = self.at;
        let rest = &self.text[opened..];
        let signs = rest.len() - rest.trim_start_matches('#').len();
        self.at += signs;
        if self.peek(0) != b'"' {
            return Ok(());
        }
        let end = format!("\"{}", &rest[..signs]);
        let inner = &rest[signs + 1..];
        let length = inner.find(&end).ok_or(Fault::Unterminated { what: Kind::RawString, opened })?;
        self.at += 1 + length + end.len();
        Ok(())
    }

    fn comment(&mut self) -> Result<(), Fault> {
        let opened = self.at;
        let mut depth = 0;
        while self.at < self.bytes.len() {
            match (self.peek(0), self.peek(1)) {
                (b'/', b'*') if depth == NESTING_MAX => return Err(Fault::TooDeep { opened: self.at }),
                (b'/', b'*') => depth += 1,
                (b'*', b'/') => depth -= 1,
                _ => {
                    self.at += 1;
                    continue;
                }
            }
            self.at += 2;
            if depth == 0 {
                return Ok(());
            }
        }
        Err(Fault::Unterminated { what: Kind::Comment, opened })
    }

    /// An opening bracket that is this many bytes long (two for `${`).
    fn opens(&mut self, template: Option<usize>, length: usize) -> Result<(), Fault> {
        if self.open.len() == NESTING_MAX {
            return Err(Fault::TooDeep { opened: self.at });
        }
        let bracket = self.peek(length - 1);
        self.open.push(Open { bracket, at: self.at, template });
        self.at += length;
        Ok(())
    }

    fn closes(&mut self, byte: u8) -> Result<(), Fault> {
        let Some(&open) = self.open.last() else { return Err(Fault::Stray { closed: self.at }) };
        if closing(open.bracket) != byte {
            return Err(Fault::Mismatched { opened: open.at, closed: self.at });
        }
        self.open.pop();
        if let Some(opened) = open.template {
            return self.template(opened, 1);
        }
        self.at += 1;
        Ok(())
    }

    /// Leaves a broken declaration: the scan goes on at the next line that begins with a declaration's word.
    fn leave(&mut self, fault: Fault) -> Broken {
        let (fault, place) = self.blame(fault);
        let start = if matches!(fault, Fault::Stray { .. }) { place } else { self.declaration.min(place) };
        let end = declaration_line::after(self.text, place).unwrap_or(self.text.len());
        self.open.clear();
        self.at = end;
        self.declaration = end;
        Broken { range: start..end, fault }
    }

    /// The place from which to look for the next declaration. When one begins a line while brackets are
    /// open, then the last of these is what was forgotten.
    fn blame(&self, fault: Fault) -> (Fault, usize) {
        let place = match fault {
            Fault::Unterminated { opened, .. } | Fault::TooDeep { opened } => opened,
            Fault::Unclosed { .. } => self.text.len(),
            Fault::Mismatched { closed, .. } | Fault::Stray { closed } => closed,
        };
        let Some(first) = self.open.first() else { return (fault, place) };
        let Some(before) = declaration_line::after(self.text, first.at).filter(|&line| line <= place) else {
            return (fault, place);
        };
        let opened = self.open.iter().rev().map(|open| open.at).find(|&at| at < before).unwrap_or(first.at);
        (Fault::Unclosed { opened, before: Some(before) }, opened)
    }
}

/// The bracket that closes this one.
pub fn closing(bracket: u8) -> u8 {
    match bracket {
        b'(' => b')',
        b'[' => b']',
        _ => b'}',
    }
}
