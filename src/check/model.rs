//! A file as the rules see it: names, starts with their arguments laid out, what bodies use, and its imports.

use super::names::{Declared, Names};
use super::nodes::{Node, nodes};
use super::pieces::{Owner, Piece, pieces};
use crate::ast::{self, File, ItemKind};
use crate::script::analysis::{CallUse, Uses};
use crate::script::registry::Registry;
use crate::source::Sources;
use std::collections::HashMap;
use std::rc::Rc;

pub(super) struct Model<'a> {
    pub sources: &'a Sources,
    /// What there is to be called besides.
    pub registry: &'a Registry,
    pub file: &'a File,
    /// What the names of an imported file are led by in the program; none for the script itself.
    pub word: Option<String>,
    /// The files that this one imports, by their names in it.
    pub modules: Modules<'a>,
    /// All files that it imports, also by way of others, each once.
    pub beneath: Vec<Rc<Model<'a>>>,
    pub names: Names<'a>,
    pub nodes: Vec<Node<'a>>,
    pub pieces: Vec<Piece<'a>>,
    /// The words of the pieces' texts, each with the pieces that it stands in.
    words: HashMap<&'a str, Vec<usize>>,
}

pub(super) type Modules<'a> = HashMap<&'a str, Rc<Model<'a>>>;

impl<'a> Model<'a> {
    pub fn new(
        (sources, registry): (&'a Sources, &'a Registry),
        file: &'a File,
        modules: Modules<'a>,
        word: Option<String>,
    ) -> Self {
        let names = Names::of(file);
        let nodes = nodes(file, &names, &modules);
        let pieces = pieces(sources, file, &names, &nodes);
        let words = words(sources, &pieces);
        let beneath = beneath(&modules);
        Model { sources, registry, file, word, modules, beneath, names, nodes, pieces, words }
    }

    /// The file that a name stands in: this one, or the one that it imports under the name before `::`.
    pub fn home(&self, module: Option<&str>) -> Option<&Model<'a>> {
        match module {
            None => Some(self),
            Some(alias) => self.modules.get(alias).map(|model| &**model),
        }
    }

    /// The template that a call makes a process or a thread of.
    pub fn template(&self, call: &CallUse) -> Option<&'a ast::Process> {
        self.home(call.module.as_deref())?.names.template(&call.name)
    }

    /// The same, of processes only.
    pub fn process(&self, call: &CallUse) -> Option<&'a ast::Process> {
        self.template(call).filter(|template| !template.is_thread())
    }

    /// This file, then all that it imports.
    pub fn with_imported(&self) -> impl Iterator<Item = &Model<'a>> {
        std::iter::once(self).chain(self.beneath.iter().map(|model| &**model))
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

    /// The pieces that a run of this file can run, each with its file: main of an imported file is none of them.
    pub fn running(&self) -> impl Iterator<Item = (&Model<'a>, &Piece<'a>)> {
        let all = self.with_imported().flat_map(|home| home.pieces.iter().map(move |piece| (home, piece)));
        all.filter(|(home, piece)| std::ptr::eq(*home, self) || !matches!(piece.owner, Owner::Main))
    }

    /// What the body of a template uses, when it is a block that compiles.
    pub fn body(&self, template: &ast::Process) -> Option<&Uses> {
        let own = |owner: Owner<'_>| matches!(owner, Owner::Process(other) if std::ptr::eq(other, template));
        let mut pieces = self.with_imported().flat_map(|model| &model.pieces);
        pieces.find(|piece| own(piece.owner)).and_then(Piece::used)
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
                Some(Declared::Import(_)) | None => false,
            }
    }
}

fn beneath<'a>(modules: &Modules<'a>) -> Vec<Rc<Model<'a>>> {
    let mut found: Vec<Rc<Model<'_>>> = Vec::new();
    for model in modules.values() {
        for model in std::iter::once(model).chain(&model.beneath) {
            if !found.iter().any(|known| Rc::ptr_eq(known, model)) {
                found.push(model.clone());
            }
        }
    }
    found.sort_by_key(|model| model.file.source);
    found
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
