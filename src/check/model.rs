//! The script as the rules see it: names, starts with their arguments laid out, and what bodies use.

use super::names::{Declared, Names};
use super::nodes::{Node, nodes};
use super::pieces::{Owner, Piece, pieces};
use crate::ast::{self, File, ItemKind};
use crate::script::analysis::Uses;
use crate::source::Sources;
use std::collections::HashMap;

pub(super) struct Model<'a> {
    pub sources: &'a Sources,
    pub file: &'a File,
    pub names: Names<'a>,
    pub nodes: Vec<Node<'a>>,
    pub pieces: Vec<Piece<'a>>,
    /// The words of the pieces' texts, each with the pieces that it stands in.
    words: HashMap<&'a str, Vec<usize>>,
}

impl<'a> Model<'a> {
    pub fn new(sources: &'a Sources, file: &'a File) -> Self {
        let names = Names::of(file);
        let nodes = nodes(file, &names);
        let pieces = pieces(sources, file, &names, &nodes);
        let words = words(sources, &pieces);
        Model { sources, file, names, nodes, pieces, words }
    }

    pub fn queues(&self) -> impl Iterator<Item = &'a ast::Queue> {
        self.file.items.iter().filter_map(|item| match &item.kind {
            ItemKind::Queue(queue) => Some(queue),
            _ => None,
        })
    }

    pub fn shared(&self) -> impl Iterator<Item = &'a ast::Shared> {
        self.file.items.iter().filter_map(|item| match &item.kind {
            ItemKind::Shared(shared) => Some(shared),
            _ => None,
        })
    }

    pub fn templates(&self) -> impl Iterator<Item = &'a ast::Process> {
        self.file.items.iter().filter_map(|item| match &item.kind {
            ItemKind::Process(template) => Some(template),
            _ => None,
        })
    }

    /// What the body of a template uses, when it is a block that compiles.
    pub fn body(&self, template: &ast::Process) -> Option<&Uses> {
        let own = |owner: Owner<'_>| matches!(owner, Owner::Process(other) if std::ptr::eq(other, template));
        self.pieces.iter().find(|piece| own(piece.owner)).and_then(Piece::used)
    }

    /// The piece's text in the file.
    pub fn text(&self, piece: &Piece<'_>) -> &'a str {
        self.sources.get(piece.span.source).slice(piece.span)
    }

    /// Whether this word stands in the text of a piece whose owner is another.
    pub fn mentioned_elsewhere(&self, word: &str, own: impl Fn(Owner<'_>) -> bool) -> bool {
        let pieces = self.words.get(word).into_iter().flatten();
        pieces.filter_map(|&piece| self.pieces.get(piece)).any(|piece| !own(piece.owner))
    }

    /// Whether the piece sees a variable of this name that is declared outside of it.
    pub fn sees(&self, piece: &Piece<'_>, name: &str) -> bool {
        piece.owner.params().iter().any(|param| param == name)
            || match self.names.find(name) {
                Some(Declared::Param(_) | Declared::Const(_) | Declared::Function(_)) => true,
                Some(Declared::Queue(_) | Declared::Instance(_) | Declared::Shared(_)) => {
                    matches!(piece.owner, Owner::Main)
                }
                Some(Declared::Template(_)) => piece.is_body(),
                Some(Declared::Later(..)) | None => false,
            }
    }
}

fn words<'a>(sources: &'a Sources, pieces: &[Piece<'_>]) -> HashMap<&'a str, Vec<usize>> {
    let mut words: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, piece) in pieces.iter().enumerate() {
        let text = sources.get(piece.span.source).slice(piece.span);
        for word in text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_') {
            let places = words.entry(word).or_default();
            if places.last() != Some(&index) {
                places.push(index);
            }
        }
    }
    words
}
