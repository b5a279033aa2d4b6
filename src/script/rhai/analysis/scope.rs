//! The names that are declared where the walk stands.

use crate::script::analysis::At;

struct Local {
    name: String,
    /// Where it was declared, if nobody reading it is worth a word.
    reported_at: Option<At>,
    read: bool,
}

#[derive(Default)]
pub(super) struct Scopes {
    locals: Vec<Local>,
    /// The number of locals at the beginning of each open scope.
    starts: Vec<usize>,
    /// Locals that left their scope without having been read.
    pub(super) unused: Vec<(String, At)>,
}

impl Scopes {
    pub(super) fn enter(&mut self) {
        self.starts.push(self.locals.len());
    }

    pub(super) fn leave(&mut self) {
        let start = self.starts.pop().unwrap_or_default();
        for local in self.locals.drain(start..) {
            if let Some(at) = local.reported_at.filter(|_| !local.read) {
                self.unused.push((local.name, at));
            }
        }
    }

    pub(super) fn declare(&mut self, name: &str, at: Option<At>) {
        let reported_at = at.filter(|_| !name.starts_with('_'));
        self.locals.push(Local { name: name.to_owned(), reported_at, read: false });
    }

    /// Whether the name is declared here. Reading it is remembered.
    pub(super) fn read(&mut self, name: &str) -> bool {
        let local = self.locals.iter_mut().rfind(|local| local.name == name);
        local.map(|local| local.read = true).is_some()
    }

    pub(super) fn declares(&self, name: &str) -> bool {
        self.locals.iter().any(|local| local.name == name)
    }
}
