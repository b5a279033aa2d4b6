//! Rhai's functions that make things of a given size, with an error where there is no memory for it: Rhai's own
//! would abort the process.

use super::state::State;
use crate::script::fault::Fault;
use rhai::{Array, Blob, Dynamic, Engine, EvalAltResult};
use std::rc::Rc;

type Made<T> = Result<T, Box<EvalAltResult>>;

pub(super) fn install(engine: &mut Engine, state: &Rc<State>) {
    let of_blob = state.clone();
    engine.register_fn("blob", move |len: i64| blob(&of_blob, len, 0));
    let of_filled = state.clone();
    engine.register_fn("blob", move |len: i64, byte: i64| blob(&of_filled, len, byte));
    let of_array = state.clone();
    engine.register_fn("pad", move |array: &mut Array, len: i64, item: Dynamic| -> Made<()> {
        let len = size(len);
        reserve(&of_array, array, len, "array")?;
        if len > array.len() {
            array.resize(len, item);
        }
        Ok(())
    });
    let of_bytes = state.clone();
    engine.register_fn("pad", move |bytes: &mut Blob, len: i64, byte: i64| -> Made<()> {
        let len = size(len);
        reserve(&of_bytes, bytes, len, "blob")?;
        if len > bytes.len() {
            bytes.resize(len, byte as u8);
        }
        Ok(())
    });
}

fn blob(state: &State, len: i64, byte: i64) -> Made<Blob> {
    let mut bytes = Blob::new();
    let len = size(len);
    reserve(state, &mut bytes, len, "blob")?;
    bytes.resize(len, byte as u8);
    Ok(bytes)
}

/// A negative size is none, as in Rhai.
fn size(len: i64) -> usize {
    usize::try_from(len).unwrap_or(0)
}

fn reserve<T>(state: &State, items: &mut Vec<T>, len: usize, what: &str) -> Made<()> {
    let more = len.saturating_sub(items.len());
    items.try_reserve_exact(more).map_err(|_| {
        let message = format!(
            "there is no memory for {} {what} of size {len}",
            if what == "array" { "an" } else { "a" }
        );
        state.raise(Fault::error("Memory", message)).into()
    })
}
