//! The files of a program as models, each with those that it imports.

use super::model::{Model, Modules};
use crate::ast::{File, Files};
use crate::script::registry::Registry;
use crate::source::{SourceId, Sources};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// In the order of the trees: the script itself is last.
pub(super) fn models<'a>(
    sources: &'a Sources,
    files: &'a Files,
    registry: &'a Registry,
) -> Vec<Rc<Model<'a>>> {
    let words = words(files);
    let mut models: HashMap<SourceId, Rc<Model<'_>>> = HashMap::new();
    let mut ordered = Vec::new();
    for tree in &files.trees {
        let mut modules = Modules::new();
        for import in tree.imports() {
            let model = files.imported(import).and_then(|file| models.get(&file));
            if let Some(model) = model {
                modules.entry(&import.alias.text).or_insert_with(|| model.clone());
            }
        }
        let word = words.get(&tree.source).cloned();
        let model = Rc::new(Model::new((sources, registry), tree, modules, word));
        models.insert(tree.source, model.clone());
        ordered.push(model);
    }
    ordered
}

/// What the names of each imported file are led by: the name that it is imported under, from the script on. When
/// two files are imported under one name in two places, the later one gets a number.
fn words(files: &Files) -> HashMap<SourceId, String> {
    let mut words = HashMap::new();
    let mut taken = HashSet::new();
    for import in files.trees.iter().rev().flat_map(File::imports) {
        let Some(file) = files.imported(import).filter(|file| !words.contains_key(file)) else { continue };
        let plain = plain(&import.alias.text);
        let numbered = (2..).map(|number| format!("{plain}{number}"));
        let word = std::iter::once(plain.clone()).chain(numbered).find(|word| taken.insert(word.clone()));
        words.extend(word.map(|word| (file, word)));
    }
    words
}

/// Without underscores at its ends or side by side: the engine makes one name of this and another, with two of
/// them between, and both are to be told apart again.
fn plain(alias: &str) -> String {
    let parts: Vec<&str> = alias.split('_').filter(|part| !part.is_empty()).collect();
    match parts.join("_") {
        word if word.starts_with(|first: char| first.is_ascii_alphabetic()) => word,
        word => format!("m{word}"),
    }
}
