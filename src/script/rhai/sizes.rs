//! Rhai's functions that make things of a given size, with an error where there is no memory for it: Rhai's own
//! would abort the process.

use super::state::State;
use crate::script::fault::Fault;
use rhai::{Array, Blob, Dynamic, Engine, EvalAltResult, FuncRegistration, ImmutableString};
use std::rc::Rc;

type Made<T> = Result<T, Box<EvalAltResult>>;

pub(super) fn install(engine: &mut Engine, state: &Rc<State>) {
    let of_blob = state.clone();
    engine.register_fn("blob", move |len: i64| blob(&of_blob, len, 0));
    let of_filled = state.clone();
    engine.register_fn("blob", move |len: i64, byte: i64| blob(&of_filled, len, byte));
    let of_array = state.clone();
    let of_items = move |array: &mut Array, len: i64, item: Dynamic| -> Made<()> {
        let len = size(len);
        reserve(&of_array, array, len, "an array")?;
        if len > array.len() {
            array.resize(len, item);
        }
        Ok(())
    };
    changing("pad").register_into_engine(engine, of_items);
    let of_bytes = state.clone();
    let of_blob = move |bytes: &mut Blob, len: i64, byte: i64| -> Made<()> {
        let len = size(len);
        reserve(&of_bytes, bytes, len, "a blob")?;
        if len > bytes.len() {
            bytes.resize(len, byte as u8);
        }
        Ok(())
    };
    changing("pad").register_into_engine(engine, of_blob);
    let of_text = state.clone();
    let with_char = move |text: &mut ImmutableString, len: i64, filler: char| -> Made<()> {
        pad(&of_text, text, len, filler.encode_utf8(&mut [0; 4]))
    };
    changing("pad").register_into_engine(engine, with_char);
    let of_texts = state.clone();
    let with_text = move |text: &mut ImmutableString, len: i64, filler: ImmutableString| -> Made<()> {
        pad(&of_texts, text, len, &filler)
    };
    changing("pad").register_into_engine(engine, with_text);
}

/// A function that Rhai does not call on a constant.
fn changing(name: &str) -> FuncRegistration {
    FuncRegistration::new(name).with_purity(false)
}

/// Adds a text again and again until there are `len` characters; the last one may be cut.
fn pad(state: &State, text: &mut ImmutableString, len: i64, filler: &str) -> Made<()> {
    let more = size(len).saturating_sub(text.chars().count());
    let width = filler.chars().count();
    if more == 0 || width == 0 {
        return Ok(());
    }
    let rest: String = filler.chars().take(more % width).collect();
    let bytes = (more / width).checked_mul(filler.len()).and_then(|bytes| bytes.checked_add(rest.len()));
    let mut filled = String::new();
    let fits = bytes.is_some_and(|bytes| filled.try_reserve_exact(text.len().saturating_add(bytes)).is_ok());
    if !fits {
        return no_memory(state, "a string", len);
    }
    filled.push_str(text);
    (0..more / width).for_each(|_| filled.push_str(filler));
    filled.push_str(&rest);
    *text = filled.into();
    Ok(())
}

fn no_memory<T>(state: &State, what: &str, len: i64) -> Made<T> {
    Err(state.raise(Fault::error("Memory", format!("there is no memory for {what} of size {len}"))).into())
}

fn blob(state: &State, len: i64, byte: i64) -> Made<Blob> {
    let mut bytes = Blob::new();
    let len = size(len);
    reserve(state, &mut bytes, len, "a blob")?;
    bytes.resize(len, byte as u8);
    Ok(bytes)
}

/// A negative size is none, as in Rhai.
fn size(len: i64) -> usize {
    usize::try_from(len).unwrap_or(0)
}

fn reserve<T>(state: &State, items: &mut Vec<T>, len: usize, what: &str) -> Made<()> {
    let more = len.saturating_sub(items.len());
    items.try_reserve_exact(more).or_else(|_| no_memory(state, what, len as i64))
}
