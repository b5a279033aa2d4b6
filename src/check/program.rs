//! Files without errors as one [`Program`]: declarations by kind, those of imported files by the names that they
//! have in the program.

use super::links::{links, qualified};
use super::model::Model;
use super::needed::needed;
use super::{Documented, Global, Launch, Program};
use crate::ast::{Call, Const, Expr, Item, ItemKind, Name, Param};
use crate::source::Sources;
use std::collections::HashSet;
use std::rc::Rc;

/// `orders` has for each file its params and consts in the order of their evaluation.
pub(super) fn program(sources: &Sources, models: &[Rc<Model<'_>>], orders: &[Vec<Global>]) -> Program {
    let mut program = Program { sources: sources.clone(), ..Program::default() };
    for (model, order) in models.iter().zip(orders) {
        match model.word {
            Some(_) => import(&mut program, model, order, &needed(model, models)),
            None => add_script(&mut program, model, order),
        }
        for piece in &model.pieces {
            let links = links(model, piece);
            if !links.is_empty() {
                program.links.insert(piece.span, links);
            }
        }
    }
    program
}

/// The script itself.
fn add_script(program: &mut Program, model: &Model<'_>, order: &[Global]) {
    program.docs.clone_from(&model.file.docs);
    let imported_consts = program.consts.len();
    for item in &model.file.items {
        add(program, model, item.clone());
    }
    program.evaluation.extend(order.iter().map(|global| match *global {
        Global::Const(index) => Global::Const(index + imported_consts),
        Global::Param(index) => Global::Param(index),
    }));
}

fn add(program: &mut Program, model: &Model<'_>, item: Item) {
    let docs = item.docs;
    match item.kind {
        ItemKind::Param(node) => program.params.push(Documented { docs, node }),
        ItemKind::Const(node) => program.consts.push(Documented { docs, node }),
        ItemKind::Function(node) => program.functions.push(Documented { docs, node }),
        ItemKind::Queue(node) => program.queues.push(Documented { docs, node }),
        ItemKind::Shared(node) => program.shared.push(Documented { docs, node }),
        ItemKind::Process(node) => program.templates.push(Documented { docs, node }),
        ItemKind::Start(mut start) => {
            rename_module(model, &mut start.call);
            program.launches.push(Documented { docs, node: Launch::Start(start) });
        }
        ItemKind::Pipe(mut pipe) => {
            pipe.stages.iter_mut().for_each(|stage| rename_module(model, &mut stage.call));
            program.launches.push(Documented { docs, node: Launch::Pipe(pipe) });
        }
        ItemKind::Main(body) => program.main = Some(body),
        // An import is what it gives.
        ItemKind::Import(_) => {}
    }
}

/// One file may be imported under several names; in the program it has one.
fn rename_module(model: &Model<'_>, call: &mut Call) {
    if let Some(module) = &mut call.module
        && let Some(word) = model.home(Some(&module.text)).and_then(|home| home.word.clone())
    {
        module.text = word;
    }
}

/// What an imported file gives, with those of its consts and params that this needs.
fn import(program: &mut Program, model: &Model<'_>, order: &[Global], needed: &HashSet<&str>) {
    for item in &model.file.items {
        let docs = item.docs.clone();
        match &item.kind {
            ItemKind::Function(function) => {
                let node = crate::ast::Function { name: renamed(model, &function.name), ..function.clone() };
                program.functions.push(Documented { docs, node });
            }
            ItemKind::Process(template) => {
                let node = crate::ast::Process { name: renamed(model, &template.name), ..template.clone() };
                program.templates.push(Documented { docs, node });
            }
            _ => {}
        }
    }
    let globals = Globals::of(model);
    for global in order {
        let constant = match *global {
            Global::Param(index) => globals.params.get(index).and_then(|param| by_default(param)),
            Global::Const(index) => globals.consts.get(index).map(|constant| (*constant).clone()),
        };
        if let Some(constant) = constant.filter(|constant| needed.contains(&*constant.name.text)) {
            let node = Const { name: renamed(model, &constant.name), value: constant.value };
            program.evaluation.push(Global::Const(program.consts.len()));
            program.consts.push(Documented { docs: Vec::new(), node });
        }
    }
}

fn renamed(model: &Model<'_>, name: &Name) -> Name {
    Name { text: qualified(model, &name.text), span: name.span }
}

/// A param as a const: nobody gives it another value than its default.
fn by_default(param: &Param) -> Option<Const> {
    let empty = || Expr { text: "[]".to_owned(), span: param.name.span };
    let value = param.default.clone().or_else(|| param.rest.then(empty))?;
    Some(Const { name: param.name.clone(), value })
}

/// The params and consts of a file, each kind in the order of the text.
struct Globals<'a> {
    params: Vec<&'a Param>,
    consts: Vec<&'a Const>,
}

impl<'a> Globals<'a> {
    fn of(model: &Model<'a>) -> Self {
        let mut globals = Globals { params: Vec::new(), consts: Vec::new() };
        for item in &model.file.items {
            match &item.kind {
                ItemKind::Param(param) => globals.params.push(param),
                ItemKind::Const(constant) => globals.consts.push(constant),
                _ => {}
            }
        }
        globals
    }
}
