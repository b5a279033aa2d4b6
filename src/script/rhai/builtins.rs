//! The names of the functions that Rhai brings along, for whoever has to know which names are known.

const NAMES: &[&str] = &[];

/// Whether Rhai has a function of this name.
#[must_use]
pub fn contains(name: &str) -> bool {
    NAMES.binary_search(&name).is_ok()
}

/// Every name, sorted.
pub fn names() -> impl Iterator<Item = &'static str> {
    NAMES.iter().copied()
}
