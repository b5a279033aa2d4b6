//! Values may be nested very deeply: what walks into one must not end with its stack.
//!
//! Only to free one takes the stack that there is, which is enough for a million levels.

use super::Value;

/// Values that are nested deeper are not given to those whose stack is not ours.
pub const NESTED_MAX: usize = 10_000;

/// A step needs less stack than this.
const ROOM_BYTES: usize = 128 << 10;

const MORE_BYTES: usize = 8 << 20;

/// Runs one step of a walk into a value, with more stack if there is little left.
pub(crate) fn deeper<T>(step: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(ROOM_BYTES, MORE_BYTES, step)
}

/// Whether there are only data within, and not too deep: such a value can be given to anybody.
pub(crate) fn is_plain(value: &Value) -> bool {
    visit(value, 0)
}

fn visit(value: &Value, depth: usize) -> bool {
    let within = depth < NESTED_MAX;
    match value {
        Value::Array(items) => within && deeper(|| items.iter().all(|item| visit(item, depth + 1))),
        Value::Map(map) => within && deeper(|| map.iter().all(|(_, value)| visit(value, depth + 1))),
        Value::Function(_) | Value::Variable(_) => false,
        _ => true,
    }
}

/// What is said of a value that is nested too deeply for something.
pub(crate) fn too_deep() -> String {
    format!("a value is nested deeper than {NESTED_MAX} levels, which is too deep for this")
}
