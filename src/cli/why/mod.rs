//! `procession why`: what processes of a run wait for, and who holds them up.

mod chains;
mod json;
#[cfg(test)]
mod tests;
mod words;

use super::args::{WatchFormat, Why};
use super::exit::Exit;
use super::output::Output;
use super::runs::{self, Complaint, Run};
use crate::diagnostic::printable;
use crate::diagnostic::suggest::nearest;
use crate::wire::watch::RunNow;

#[must_use]
pub fn run(arguments: &Why, output: Output) -> Exit {
    let Run { id, now } = match runs::one(&arguments.run, output) {
        Ok(run) => run,
        Err(exit) => return exit,
    };
    let chains = match &arguments.name {
        None => chains::all(&now),
        Some(name) => {
            // Of several that bodies gave one name, the last.
            let Some(index) = now.processes.iter().rposition(|process| process.name == *name) else {
                unknown(&id, &now, name).tell(output);
                return Exit::Rejected;
            };
            vec![chains::of(&now, index)]
        }
    };
    let text = match arguments.format {
        WatchFormat::Text => words::text(&now, &chains),
        WatchFormat::Json => json::text(&id, &now, &chains),
    };
    output.print(&text)
}

fn unknown(id: &str, run: &RunNow, name: &str) -> Complaint {
    let names = run.processes.iter().map(|process| process.name.as_str());
    let help = match nearest(name, names) {
        Some(near) => format!("the nearest is `{}`", printable(near)),
        None => format!("list its processes with `procession ps {id}`"),
    };
    Complaint::new(format!("run {id} has no process `{}`", printable(name))).help(help)
}
