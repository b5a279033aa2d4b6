//! Locks, tables and the like, with their counts evaluated.

use super::LIMIT;
use crate::ast::{self, SharedKind};
use crate::check::{Documented, Program};
use crate::diagnostic::Diagnostic;
use crate::graph::evaluate::{Evaluator, wrong_type};
use crate::graph::{Shared, SharedId, SharedState};
use crate::value::Map;
use std::collections::HashMap;

#[derive(Default)]
pub(super) struct SharedObjects {
    pub all: Vec<Shared>,
    named: HashMap<String, SharedId>,
}

impl SharedObjects {
    /// All that the program declares, in order.
    pub fn declared(program: &Program, evaluator: &Evaluator<'_>, problems: &mut Vec<Diagnostic>) -> Self {
        let mut objects = SharedObjects::default();
        for declaration in &program.shared {
            let name = &declaration.node.name;
            if objects.all.len() >= LIMIT {
                problems.push(super::too_many("shared objects", name.span));
                break;
            }
            match described(declaration, evaluator) {
                Ok(object) => {
                    let id = SharedId(u32::try_from(objects.all.len()).unwrap_or(u32::MAX));
                    objects.named.insert(name.text.clone(), id);
                    objects.all.push(object);
                }
                Err(problem) => problems.push(problem),
            }
        }
        objects
    }

    pub fn find(&self, name: &str) -> Option<SharedId> {
        self.named.get(name).copied()
    }
}

fn described(declaration: &Documented<ast::Shared>, evaluator: &Evaluator<'_>) -> Result<Shared, Diagnostic> {
    let node = &declaration.node;
    let count = |what: &str| match &node.value {
        Some(value) => evaluator.number(value, what, 1),
        None => Ok(1),
    };
    let state = match node.kind {
        SharedKind::Lock => SharedState::Lock,
        SharedKind::Semaphore => SharedState::Semaphore { permits: count("the number of permits")? },
        SharedKind::Event => SharedState::Event,
        SharedKind::Barrier => SharedState::Barrier { parties: count("the number of parties")? },
        SharedKind::Counter => SharedState::Counter { start: start(node, evaluator)? },
        SharedKind::Table => SharedState::Table,
    };
    Ok(Shared { name: node.name.text.clone(), docs: declaration.docs.clone(), state, span: node.name.span })
}

/// A counter begins at 0 if nothing is said.
fn start(node: &ast::Shared, evaluator: &Evaluator<'_>) -> Result<i64, Diagnostic> {
    let Some(expr) = &node.value else { return Ok(0) };
    let value = evaluator.value(expr, &Map::new())?;
    value.as_int().ok_or_else(|| wrong_type(expr, "the start of a counter", "an int", &value))
}
