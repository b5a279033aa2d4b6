//! The names that are declared where the walk stands.

use crate::script::analysis::{At, KeyUse};

struct Local {
    name: String,
    /// Where it was declared, if nobody reading it is worth a word.
    reported_at: Option<At>,
    /// Where it was declared, if it is constant.
    constant_at: Option<At>,
    read: bool,
    turn: Option<Turn>,
}

/// Of the variable of a `for`: what is walked, and which keys of the item are read.
struct Turn {
    walked: String,
    keys: Vec<(String, At)>,
    /// It may have become something else than the item.
    changed: bool,
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
    /// Keys of items, of turns that have left their scope.
    pub(super) keys: Vec<KeyUse>,
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
            if let Some(turn) = local.turn.filter(|turn| !turn.changed) {
                let walked = turn.walked;
                let keys = turn.keys.into_iter();
                self.keys.extend(keys.map(|(key, at)| KeyUse { walked: walked.clone(), key, at }));
            }
        }
    }

    /// The variable that was declared last stands for the items of what is walked.
    pub(super) fn begin_turn(&mut self, walked: String) {
        if let Some(local) = self.locals.last_mut() {
            local.turn = Some(Turn { walked, keys: Vec::new(), changed: false });
        }
    }

    pub(super) fn key_read(&mut self, name: &str, key: &str, at: At) {
        if let Some(turn) = self.turn(name) {
            turn.keys.push((key.to_owned(), at));
        }
    }

    pub(super) fn changed(&mut self, name: &str) {
        if let Some(turn) = self.turn(name) {
            turn.changed = true;
        }
    }

    fn turn(&mut self, name: &str) -> Option<&mut Turn> {
        match self.find(name) {
            Binding::Local(index) => self.locals[index].turn.as_mut(),
            Binding::Free => None,
        }
    }

    pub(super) fn declare(&mut self, name: &str, at: Option<At>) {
        let reported_at = at.filter(|_| !name.starts_with('_'));
        let name = name.to_owned();
        self.locals.push(Local { name, reported_at, constant_at: None, read: false, turn: None });
    }

    pub(super) fn declare_constant(&mut self, name: &str, at: At) {
        self.declare(name, Some(at));
        if let Some(local) = self.locals.last_mut() {
            local.constant_at = Some(at);
        }
    }

    /// Where a constant of this name was declared.
    pub(super) fn constant(&self, name: &str) -> Option<At> {
        match self.find(name) {
            Binding::Local(index) => self.locals[index].constant_at,
            Binding::Free => None,
        }
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
