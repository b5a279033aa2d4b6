//! Random numbers: good enough for simulations and sampling, not for secrets.

use super::arguments::Arguments;
use super::definition::{Outcome, function};
use crate::script::fault::Fault;
use crate::script::registry::{Context, Native};
use crate::value::Value;
use std::cell::Cell;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};

pub(super) const NATIVES: &[Native] = &[
    function("rand", &[], "A float from 0 up to but not 1.", "rand()", rand),
    function(
        "rand_int",
        &["low", "high"],
        "An int from `low` to `high`, both included.",
        "rand_int(1, 6)",
        rand_int,
    ),
    function("seed", &["number"], "Makes what follows the same in every run.", "seed(42);", seed),
];

thread_local! {
    /// The state, and the process that it was seeded in: a forked process must not go on with its parent's.
    static STATE: Cell<(u32, u64)> = const { Cell::new((0, 0)) };
}

/// The next 64 bits: splitmix64, which any state suits.
fn next() -> u64 {
    let (owner, state) = STATE.get();
    let process = std::process::id();
    let state = if owner == process { state } else { fresh(process) };
    let state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    STATE.set((process, state));
    let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// A seed from the system's randomness, the process and the clock.
fn fresh(process: u32) -> u64 {
    let mut hasher = RandomState::new().build_hasher();
    hasher.write_u32(process);
    let since = std::time::SystemTime::now().duration_since(std::time::SystemTime::UNIX_EPOCH);
    hasher.write_u128(since.map_or(0, |since| since.as_nanos()));
    hasher.finish()
}

fn rand(_: &mut Context<'_>, _: &mut [Value]) -> Outcome {
    Ok(Value::Float((next() >> 11) as f64 / (1_u64 << 53) as f64))
}

fn rand_int(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let arguments = Arguments::new("rand_int", values);
    let (low, high) = (arguments.int(0, "low")?, arguments.int(1, "high")?);
    if low > high {
        return Err(Fault::error("Argument", format!("`rand_int`: {low} is above {high}")));
    }
    let span = (i128::from(high) - i128::from(low) + 1) as u128;
    let offset = (u128::from(next()) * span) >> 64;
    Ok(Value::Int((i128::from(low) + offset as i128) as i64))
}

fn seed(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let number = Arguments::new("seed", values).int(0, "number")?;
    STATE.set((std::process::id(), number as u64));
    Ok(Value::Unit)
}
