//! The functions that every body has without declaring them: natives of the registry, and Rhai's own.

use crate::script::builtins;
use crate::script::registry::{Native, Receiver, Registry, Shape};

/// The parameters of the functions of the registry of this name. Those of methods begin with the receiver; they
/// are named only where no plain function has this name.
pub(super) fn forms<'r>(
    registry: &'r Registry,
    name: &'r str,
) -> impl Iterator<Item = Vec<&'static str>> + use<'r> {
    let named = move |native: &&Native| native.name == name && native.shape == Shape::Function;
    let plain = registry.natives().any(|native| native.name == name && is_plain(native));
    registry
        .natives()
        .filter(named)
        .filter(move |native| !plain || is_plain(native))
        .map(|native| native.receiver.word().into_iter().chain(native.params.iter().copied()).collect())
}

fn is_plain(native: &Native) -> bool {
    native.receiver == Receiver::None && native.shape == Shape::Function
}

/// Whether the function can be called with so many arguments; `None` when there is none of this name.
/// Rhai's own take what they take: their calls are judged when they run. A method may be called as a
/// function too, with its receiver as the first argument, when that can be one.
pub(super) fn accepts(registry: &Registry, name: &str, arguments: usize, receiver: bool) -> Option<bool> {
    if builtins::contains(name) {
        return Some(true);
    }
    let functions =
        registry.natives().filter(|native| native.name == name && native.shape == Shape::Function);
    let functions = functions.filter(|native| receiver || is_plain(native));
    let counts = functions.map(|native| native.params.len() + usize::from(native.receiver != Receiver::None));
    counts.fold(None, |known, count| Some(known == Some(true) || count == arguments))
}

/// All names, for suggestions.
pub(super) fn names<'n>(registry: &'n Registry) -> impl Iterator<Item = &'n str> {
    registry
        .natives()
        .filter(|native| is_plain(native))
        .map(|native| native.name)
        .chain(builtins::names())
        .map(|name| -> &'n str { name })
}
