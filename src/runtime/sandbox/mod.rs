//! Confines this process, and all that it starts, to what its `allow` names: Landlock for files, programs and ports,
//! seccomp for the ways around them. What cannot be enforced is an error, never left out.
//!
//! It holds for the thread that calls it and what comes from that one: it is called before a body begins, while a
//! worker has one thread. Descriptors that are open already stay usable, so queues and output are not concerned.

mod filter;
mod paths;
mod policy;
mod programs;

use crate::script::{Confinement, confinement};

/// Confines this process for ever, to what all of these allow. With each goes what an exec process is, which it may run.
///
/// # Errors
/// What cannot be enforced, or allowed, and why.
pub fn confine(confinements: &[(&Confinement, Option<&str>)]) -> Result<(), String> {
    let policies: Vec<_> = confinements.iter().map(|(it, program)| policy::of(it, *program)).collect();
    // All are made before one of them holds: making them reads the first lines of programs.
    let rules = policies.iter().map(paths::rules).collect::<Result<Vec<_>, _>>()?;
    rules.into_iter().try_for_each(paths::restrict)?;
    policies.iter().try_for_each(filter::install)?;
    if !confinements.is_empty() {
        confinement::has_begun();
    }
    Ok(())
}
