//! The names that are declared where the walk stands.

use crate::script::analysis::At;

struct Local {
    name: String,
    /// Where it was declared, if nobody reading it is worth a word.
    reported_at: Option<At>,
    read: bool,
}

/// What a name means at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Binding {
    /// A variable of the text, by its number among those that are open.
    Local(usize),
    /// Not declared in the text.
    Free,
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

    /// What the name means here. Reading it is remembered.
    pub(super) fn read(&mut self, name: &str) -> Binding {
        let binding = self.find(name);
        if let Binding::Local(index) = binding {
            self.locals[index].read = true;
        }
        binding
    }

    pub(super) fn find(&self, name: &str) -> Binding {
        self.locals.iter().rposition(|local| local.name == name).map_or(Binding::Free, Binding::Local)
    }
}
