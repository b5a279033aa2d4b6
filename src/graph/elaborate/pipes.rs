//! `pipe a() -> b() -> c()`: stages joined by queues of their own.

use super::bindings::Piped;
use super::launches::Launches;
use crate::ast::{Direction, Pipe, Process, Start};
use crate::check::match_arguments;
use crate::diagnostic::Diagnostic;

impl<'a> Launches<'a> {
    /// The stages in order; each but the last puts into the queue that the next takes from.
    pub fn pipe(&mut self, pipe: &'a Pipe) -> Result<(), Diagnostic> {
        let mut before = None;
        for (index, stage) in pipe.stages.iter().enumerate() {
            let template = self.template(stage)?;
            let mut piped = Piped::new();
            piped.extend(free_port(template, stage, Direction::In).zip(before.take()));
            if let Some(next) = pipe.stages.get(index + 1) {
                let queue = self.named.queues.between(&stage.call, &next.call)?;
                piped.extend(free_port(template, stage, Direction::Out).map(|port| (port, queue)));
                before = Some(queue);
            }
            self.launch(stage, &[], Some(piped))?;
        }
        Ok(())
    }
}

/// The port of this direction that no argument is given for.
fn free_port(template: &Process, stage: &Start, direction: Direction) -> Option<usize> {
    let given = match_arguments(template, &stage.call, true).by_parameter;
    let ports = template.parameters.iter().zip(given).enumerate();
    ports
        .filter(|(_, (parameter, argument))| parameter.direction == Some(direction) && argument.is_none())
        .map(|(index, _)| index)
        .next()
}
