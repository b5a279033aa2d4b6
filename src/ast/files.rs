//! The files that a program is made of: the script itself, and what it imports.

use super::{File, Import};
use crate::source::{SourceId, Span};
use std::collections::HashMap;

/// Trees of all files, each once. A file stands behind those that it imports, so the script itself is last.
#[derive(Clone, Debug, Default)]
pub struct Files {
    pub trees: Vec<File>,
    /// Which file an import means, by the place of its path.
    imported: HashMap<Span, SourceId>,
}

impl Files {
    /// A script that imports nothing.
    #[must_use]
    pub fn single(tree: File) -> Self {
        Files { trees: vec![tree], imported: HashMap::new() }
    }

    pub fn bind(&mut self, import: &Import, file: SourceId) {
        self.imported.insert(import.path_span, file);
    }

    #[must_use]
    pub fn imported(&self, import: &Import) -> Option<SourceId> {
        self.imported.get(&import.path_span).copied()
    }
}
