//! Script files to trees: reads a script and everything that it imports, each file once. This is the one place
//! of the front end that touches the file system.

mod read;

use crate::ast::{File, Files, Import};
use crate::diagnostic::{Diagnostic, codes};
use crate::source::{SourceId, Sources};
use crate::syntax::parse;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// A longer chain of imports is no design.
const DEPTH_MAX: usize = 100;

/// What was read, as far as it could be.
#[derive(Debug, Default)]
pub struct Loaded {
    pub sources: Sources,
    pub files: Files,
    pub problems: Vec<Diagnostic>,
}

/// Reads a script, or standard input for `-`, and its imports, which are named relative to the file that they
/// stand in.
#[must_use]
pub fn load(file: &Path) -> Loaded {
    let mut loader = Loader::default();
    match read::read(file, &mut loader.loaded.sources) {
        Ok(id) => loader.follow(id, file),
        Err(problem) => loader.loaded.problems.push(problem),
    }
    loader.loaded
}

/// The same of a text that is there already, as if a file of this name held it.
#[must_use]
pub fn load_text(name: &str, text: String) -> Loaded {
    let mut loader = Loader::default();
    match read::take(name, text, &mut loader.loaded.sources) {
        Ok(id) => loader.follow(id, Path::new(name)),
        Err(problem) => loader.loaded.problems.push(problem),
    }
    loader.loaded
}

#[derive(Default)]
struct Loader {
    loaded: Loaded,
    /// By canonical path, every file that was asked for; none for one that could not be read.
    known: HashMap<PathBuf, Option<SourceId>>,
    /// The files whose imports are being read, from the script on.
    open: Vec<(PathBuf, SourceId)>,
}

impl Loader {
    /// Parses a file and reads what it imports.
    fn follow(&mut self, id: SourceId, path: &Path) {
        let (tree, problems) = parse(&self.loaded.sources, id);
        self.loaded.problems.extend(problems);
        self.open.push((canonical(path), id));
        let folder = path.parent().unwrap_or(Path::new(""));
        for import in tree.imports() {
            if let Some(imported) = self.import(import, folder) {
                self.loaded.files.bind(import, imported);
            }
        }
        self.open.pop();
        self.add(tree);
    }

    fn add(&mut self, tree: File) {
        self.loaded.files.trees.push(tree);
    }

    fn import(&mut self, import: &Import, folder: &Path) -> Option<SourceId> {
        let path: PathBuf = folder.join(&import.path).components().collect();
        let key = canonical(&path);
        if let Some(start) = self.open.iter().position(|(open, _)| *open == key) {
            self.loaded.problems.push(self.cycle(import, start));
            return None;
        }
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        let read = self.read(import, &path);
        let id = read.map_err(|problem| self.loaded.problems.push(problem)).ok();
        self.known.insert(key, id);
        if let Some(id) = id {
            self.follow(id, &path);
        }
        id
    }

    fn read(&mut self, import: &Import, path: &Path) -> Result<SourceId, Diagnostic> {
        if self.open.len() >= DEPTH_MAX {
            let title = format!("imports are nested more than {DEPTH_MAX} deep");
            let problem = Diagnostic::new(codes::P0405, title).at(import.path_span, "one too deep");
            return Err(problem.help("import it from a file nearer to the script"));
        }
        read::read_import(path, &mut self.loaded.sources).map_err(|problem| match &problem.primary {
            Some(_) => problem.label(import.path_span, "imported here"),
            None => problem.at(import.path_span, "imported here"),
        })
    }

    fn cycle(&self, import: &Import, start: usize) -> Diagnostic {
        let name = |id: SourceId| format!("`{}`", self.loaded.sources.get(id).name());
        let chain: Vec<String> = self.open[start..].iter().map(|(_, id)| name(*id)).collect();
        let first = chain.first().cloned().unwrap_or_default();
        let problem = Diagnostic::new(codes::P0404, format!("{first} imports itself"))
            .at(import.path_span, "closes the cycle");
        let problem = match chain.len() {
            1 => problem,
            _ => problem.note([chain, vec![first]].concat().join(" imports ")),
        };
        problem.help("move what both need into a third file, and import that")
    }
}

/// One path for each file, however it is named; as named when there is no such file.
fn canonical(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests;
