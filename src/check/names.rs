//! Who is called what: every declaration that has a name, and the one namespace that they share.

use crate::ast::{self, File, ItemKind, Name};
use std::collections::HashMap;

/// A declaration that has a name.
#[derive(Clone, Copy, Debug)]
pub(super) enum Declared<'a> {
    Param(&'a ast::Param),
    Const(&'a ast::Const),
    Function(&'a ast::Function),
    Queue(&'a ast::Queue),
    Template(&'a ast::Process),
    Instance(&'a Name),
    Import(&'a ast::Import),
    Shared(&'a ast::Shared),
}

impl<'a> Declared<'a> {
    pub fn name(self) -> &'a Name {
        match self {
            Declared::Param(param) => &param.name,
            Declared::Const(constant) => &constant.name,
            Declared::Function(function) => &function.name,
            Declared::Queue(queue) => &queue.name,
            Declared::Template(template) => &template.name,
            Declared::Import(import) => &import.alias,
            Declared::Shared(shared) => &shared.name,
            Declared::Instance(name) => name,
        }
    }

    /// What it is, with its article, for messages.
    pub fn what(self) -> &'static str {
        match self {
            Declared::Param(_) => "a param",
            Declared::Const(_) => "a const",
            Declared::Function(_) => "a function",
            Declared::Queue(_) => "a queue",
            Declared::Template(template) if template.is_thread() => "a thread template",
            Declared::Template(_) => "a process template",
            Declared::Instance(_) => "a process of the graph",
            Declared::Import(_) => "an import",
            Declared::Shared(shared) => shared.kind.what(),
        }
    }

    fn of(item: &'a ItemKind) -> Option<Declared<'a>> {
        Some(match item {
            ItemKind::Param(param) => Declared::Param(param),
            ItemKind::Const(constant) => Declared::Const(constant),
            ItemKind::Function(function) => Declared::Function(function),
            ItemKind::Queue(queue) => Declared::Queue(queue),
            ItemKind::Process(template) => Declared::Template(template),
            ItemKind::Start(start) => Declared::Instance(start.name.as_ref()?),
            ItemKind::Import(import) => Declared::Import(import),
            ItemKind::Shared(shared) => Declared::Shared(shared),
            ItemKind::Pipe(_) | ItemKind::Main(_) => return None,
        })
    }
}

/// All declarations with a name, in the order of the text, and by name: the first of a name counts.
#[derive(Debug, Default)]
pub(super) struct Names<'a> {
    pub all: Vec<Declared<'a>>,
    first: HashMap<&'a str, Declared<'a>>,
    functions: HashMap<&'a str, Vec<&'a ast::Function>>,
}

impl<'a> Names<'a> {
    pub fn of(file: &'a File) -> Self {
        let all: Vec<Declared<'a>> = file.items.iter().filter_map(|item| Declared::of(&item.kind)).collect();
        let mut first = HashMap::new();
        let mut functions: HashMap<_, Vec<_>> = HashMap::new();
        for &declared in &all {
            let name = &*declared.name().text;
            first.entry(name).or_insert(declared);
            if let Declared::Function(function) = declared {
                functions.entry(name).or_default().push(function);
            }
        }
        Names { all, first, functions }
    }

    pub fn find(&self, name: &str) -> Option<Declared<'a>> {
        self.first.get(name).copied()
    }

    /// A template of processes or of threads.
    pub fn template(&self, name: &str) -> Option<&'a ast::Process> {
        if let Some(Declared::Template(template)) = self.find(name) { Some(template) } else { None }
    }

    /// A template of processes.
    pub fn process(&self, name: &str) -> Option<&'a ast::Process> {
        self.template(name).filter(|template| !template.is_thread())
    }

    pub fn queue(&self, name: &str) -> Option<&'a ast::Queue> {
        if let Some(Declared::Queue(queue)) = self.find(name) { Some(queue) } else { None }
    }

    pub fn shared(&self, name: &str) -> Option<&'a ast::Shared> {
        if let Some(Declared::Shared(shared)) = self.find(name) { Some(shared) } else { None }
    }

    /// All functions of this name; they differ in the number of their parameters.
    pub fn functions(&self, name: &str) -> impl Iterator<Item = &'a ast::Function> {
        self.functions.get(name).into_iter().flatten().copied()
    }
}
