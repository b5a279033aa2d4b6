//! Values may be nested very deeply: what walks into one must not end with its stack.
//!
//! Only to free one takes the stack that there is, which is enough for a million levels.

/// Values that are nested deeper are not given to those whose stack is not ours.
pub const NESTED_MAX: usize = 10_000;

/// A step needs less stack than this.
const ROOM_BYTES: usize = 128 << 10;

const MORE_BYTES: usize = 8 << 20;

/// Runs one step of a walk into a value, with more stack if there is little left.
pub(crate) fn deeper<T>(step: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(ROOM_BYTES, MORE_BYTES, step)
}

/// What is said of a value that is nested too deeply for something.
pub(crate) fn too_deep() -> String {
    format!("a value is nested deeper than {NESTED_MAX} levels, which is too deep for this")
}
