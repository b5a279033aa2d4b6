//! From what pest has matched to the tree: names, expressions and bodies here, the rest in the modules below.
//!
//! The functions return `None` only where the grammar rules it out; what is wrong with a value (a size that
//! is too large) becomes a problem, and the tree goes on with a substitute.

mod clauses;
mod declarations;
mod documentation;
mod literals;
mod repeats;
mod types;

use std::ops::Range;

use super::grammar::{self, Pair, Parts, Rule};
use crate::ast::{Block, Expr, File, Item, Name};
use crate::diagnostic::Diagnostic;
use crate::source::{SourceId, Span};

/// What was read of a text.
pub struct Read {
    pub file: File,
    /// Where text stands that is no declaration.
    pub junk: Vec<Range<usize>>,
    pub problems: Vec<Diagnostic>,
}

/// The tree of a text.
pub fn file(source: SourceId, text: &str) -> Read {
    let mut lower = Lower { source, problems: Vec::new() };
    let mut file = File { source, docs: Vec::new(), items: Vec::new() };
    let mut junk = Vec::new();
    let mut docs = documentation::Pending::new(text);
    for part in grammar::file(text).into_iter().flatten() {
        match part.as_rule() {
            Rule::documentation => docs.line(&part),
            Rule::item => {
                docs.split_top(&mut file);
                file.items.extend(lower.item(part, docs.take()));
            }
            Rule::junk => {
                docs.split_top(&mut file);
                docs.take();
                junk.push(part.as_span().start()..part.as_span().end());
            }
            _ => {}
        }
    }
    docs.split_top(&mut file);
    Read { file, junk, problems: lower.problems }
}

/// What all lowering needs: where the text is, and the problems found so far.
pub struct Lower {
    source: SourceId,
    problems: Vec<Diagnostic>,
}

impl Lower {
    fn span(&self, pair: &Pair) -> Span {
        let span = pair.as_span();
        Span::new(self.source, span.start(), span.end())
    }

    fn item(&mut self, pair: Pair, docs: Vec<String>) -> Option<Item> {
        let declaration = Parts::of(pair).next()?;
        let span = self.span(&declaration);
        let kind = self.declaration(declaration)?;
        Some(Item { docs, span, kind })
    }

    fn name(&mut self, pair: Pair) -> Name {
        Name { text: pair.as_str().to_owned(), span: self.span(&pair) }
    }

    fn take_name(&mut self, parts: &mut Parts) -> Option<Name> {
        parts.next_of(Rule::name).map(|pair| self.name(pair))
    }

    fn names(&mut self, parts: &mut Parts) -> Vec<Name> {
        std::iter::from_fn(|| self.take_name(parts)).collect()
    }

    fn expression(&self, pair: &Pair) -> Expr {
        Expr { text: pair.as_str().to_owned(), span: self.span(pair) }
    }

    fn take_expression(&self, parts: &mut Parts) -> Option<Expr> {
        let pair = parts.next_of(Rule::expression).or_else(|| parts.next_of(Rule::inner_expression))?;
        Some(self.expression(&pair))
    }

    fn block(&self, pair: Pair) -> Option<Block> {
        let text = Parts::of(pair).next_of(Rule::block_text)?;
        Some(Block { text: text.as_str().to_owned(), span: self.span(&text) })
    }
}
