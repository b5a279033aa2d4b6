//! Confines this process, and all that it starts, to what its `allow` names: Landlock for files, programs and ports,
//! seccomp for the ways around them. What cannot be enforced is an error, never left out.
//!
//! It holds for the thread that calls it and what comes from that one: it is called before a body begins, while a
//! worker has one thread. Descriptors that are open already stay usable, so queues and output are not concerned.

mod filter;
mod paths;
mod policy;
mod programs;

use crate::script::Confinement;

/// Confines this process for ever. `program` is what an exec process is, which it may run.
///
/// # Errors
/// What cannot be enforced, or allowed, and why.
pub fn confine(confinement: &Confinement, program: Option<&str>) -> Result<(), String> {
    let policy = policy::of(confinement, program);
    paths::restrict(&policy)?;
    filter::install(&policy)
}
