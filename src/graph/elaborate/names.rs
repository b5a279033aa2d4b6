//! Names of processes: `report`, `counter.3`.

use crate::ast::Start;
use crate::check::{Launch, Program};
use std::collections::HashMap;

/// Unnamed starts of one template are one group whose numbers go on from start to start. Whether a group
/// has numbers is decided by the text alone, so that a condition does not change the names of others.
#[derive(Default)]
pub(super) struct Names<'a> {
    groups: HashMap<&'a str, Group>,
}

#[derive(Default)]
struct Group {
    starts: usize,
    many: bool,
    made: usize,
}

/// What the processes of a start are called: by its own name, or by its template's.
pub(super) fn label(start: &Start) -> &str {
    start.name.as_ref().map_or(&start.call.template.text, |name| &name.text)
}

impl<'a> Names<'a> {
    pub fn of(program: &'a Program) -> Self {
        let mut names = Names::default();
        for launch in &program.launches {
            match &launch.node {
                Launch::Start(start) => names.count(start),
                Launch::Pipe(pipe) => pipe.stages.iter().for_each(|stage| names.count(stage)),
            }
        }
        names
    }

    fn count(&mut self, start: &'a Start) {
        let group = self.groups.entry(label(start)).or_default();
        group.starts += 1;
        group.many |= start.many.is_some();
    }

    /// The name of the next process that this start makes.
    pub fn next(&mut self, start: &'a Start) -> String {
        let label = label(start);
        let group = self.groups.entry(label).or_default();
        group.made += 1;
        if group.many || group.starts > 1 { format!("{label}.{}", group.made) } else { label.to_owned() }
    }
}
