//! What a process does before its body begins: it goes where it is to run, and takes the limits that it has.

use super::host::Host;
use crate::runtime::os::limits;
use crate::runtime::sandbox;
use crate::script::{Circumstances, Ending, Engine, Failure, Place, Unit};
use crate::value::Value;
use std::io;

/// The kind of an error of a process that cannot be confined as it should be.
pub const CONFINEMENT: &str = "Confinement";

/// Evaluates what is still open; the parameters of the template are among the arguments.
pub fn settle(
    mut circumstances: Circumstances,
    engine: &mut dyn Engine,
    unit: &Unit,
    arguments: &[(String, Value)],
) -> Result<Circumstances, Ending> {
    for (given, body) in std::mem::take(&mut circumstances.open) {
        let value = engine.run(body as usize, arguments.to_vec())?;
        circumstances.set(&given, &value).map_err(|message| {
            let piece = unit.bodies.get(body as usize).map(|body| &body.piece);
            let place = piece.map(|it| Place { source: it.source, line: it.line, column: it.column });
            Ending::Failed(Box::new(Failure { place, ..Failure::new("Type", message) }))
        })?;
    }
    Ok(circumstances)
}

/// Evaluates what is open and applies all of it.
pub fn apply(
    circumstances: Circumstances,
    (engine, unit): (&mut dyn Engine, &Unit),
    arguments: &[(String, Value)],
    host: &Host,
) -> Result<(), Ending> {
    let circumstances = settle(circumstances, engine, unit, arguments)?;
    enter(&circumstances)?;
    limit(circumstances, host)
}

/// Applies what a program that is run has from its process.
pub fn enter(circumstances: &Circumstances) -> Result<(), Ending> {
    for (name, value) in &circumstances.variables {
        limits::set_variable(name, value.as_deref());
    }
    if let Some(folder) = &circumstances.folder {
        let what = || format!("cannot run in the folder `{folder}`");
        limits::set_folder(folder).map_err(|error| failed(&what(), &error))?;
    }
    if let Some(nice) = circumstances.nice {
        limits::add_nice(nice).map_err(|error| failed(&format!("cannot run with `nice {nice}`"), &error))?;
    }
    if let Some(ms) = circumstances.cpu_ms {
        limits::limit_cpu(ms).map_err(|error| failed("its time on processors cannot be limited", &error))?;
    }
    Ok(())
}

/// Limits what the body can have besides what the process needs for itself, and what it can reach.
pub fn limit(circumstances: Circumstances, host: &Host) -> Result<(), Ending> {
    host.limit_operations(circumstances.operations);
    if circumstances.quiet && !host.is_of_main() {
        crate::runtime::os::process::silence_output()
            .map_err(|error| failed("its standard output cannot be closed", &error))?;
    }
    if let Some(bytes) = circumstances.memory_bytes {
        limits::limit_memory(bytes).map_err(|error| failed("its memory cannot be limited", &error))?;
    }
    let failed = |message| Ending::Failed(Box::new(Failure::new(CONFINEMENT, message)));
    sandbox::confine(&circumstances.confinements(None)).map_err(failed)?;
    host.runs_in(circumstances);
    Ok(())
}

fn failed(what: &str, error: &io::Error) -> Ending {
    let reason = error.to_string();
    let reason = reason.split(" (os error").next().unwrap_or_default().to_lowercase();
    Ending::Failed(Box::new(Failure::new("Io", format!("{what}: {reason}"))))
}
