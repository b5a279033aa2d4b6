//! `procession ps`: the runs that are going on, and what each of their processes does.

mod json;
mod table;

use super::args::{Ps, WatchFormat};
use super::exit::Exit;
use super::output::Output;
use super::runs::{self, Run};
use crate::runtime::watch::Told;
use crate::runtime::watch::usage::{self, Usage};
use crate::wire::watch::ProcessNow;
pub use table::{capacity, how, state_name};

#[must_use]
pub fn run(arguments: &Ps, output: Output) -> Exit {
    let (told, complaints) = match &arguments.run {
        None => runs::all(),
        Some(word) => match runs::one(word, output) {
            Ok(Run { id, now }) => (vec![Told { id, run: Ok(now) }], Vec::new()),
            Err(exit) => return exit,
        },
    };
    complaints.iter().for_each(|complaint| complaint.tell(output));
    let text = match arguments.format {
        WatchFormat::Text => table::text(&told, usage_of),
        WatchFormat::Json => json::text(&told, usage_of),
    };
    let printed = output.print(&text);
    if complaints.is_empty() { printed } else { Exit::Failed }
}

/// The usage of a process; that of a thread is part of its process's.
fn usage_of(process: &ProcessNow) -> Option<Usage> {
    if process.thread || process.pid == 0 { None } else { usage::of(process.pid) }
}
