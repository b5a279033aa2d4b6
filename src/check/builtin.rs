//! The functions that every body has without declaring them: natives of the registry, and Rhai's own.

use crate::script::builtins;
use crate::script::registry::{Native, Receiver, Shape, natives};

pub(super) fn is_known(name: &str) -> bool {
    forms(name).next().is_some() || builtins::contains(name)
}

/// The plain functions of the registry of this name; they differ in their parameters.
pub(super) fn forms(name: &str) -> impl Iterator<Item = &'static Native> {
    natives().filter(move |native| {
        native.name == name && native.receiver == Receiver::None && native.shape == Shape::Function
    })
}

/// Whether the function can be called with so many arguments; `None` when there is none of this name.
/// Rhai's own take what they take: their calls are judged when they run. A method may be called as a
/// function too, with its receiver as the first argument.
pub(super) fn accepts(name: &str, arguments: usize) -> Option<bool> {
    if builtins::contains(name) {
        return Some(true);
    }
    let functions = natives().filter(|native| native.name == name && native.shape == Shape::Function);
    let counts = functions.map(|native| native.params.len() + usize::from(native.receiver != Receiver::None));
    counts.fold(None, |known, count| Some(known == Some(true) || count == arguments))
}

/// All names, for suggestions.
pub(super) fn names<'n>() -> impl Iterator<Item = &'n str> {
    let plain = |native: &&Native| native.receiver == Receiver::None && native.shape == Shape::Function;
    natives().filter(plain).map(|native| native.name).chain(builtins::names()).map(|name| -> &'n str { name })
}
