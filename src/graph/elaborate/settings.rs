//! Clauses of processes: what a template says, and what a `start` says over it.

use crate::ast::{Clause, OnFailure, ProcessClause};
use crate::diagnostic::Diagnostic;
use crate::graph::evaluate::Evaluator;
use crate::graph::{Policy, TemplatePolicy};

/// The first pause before a restart, unless `backoff` says otherwise.
const BACKOFF_MS: u64 = 100;

/// What the clauses say, as far as they say something.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Settings {
    pub daemon: bool,
    policy: Option<Policy>,
    pub timeout_ms: Option<u64>,
}

pub(in crate::graph) fn is_daemon(clauses: &[Clause<ProcessClause>]) -> bool {
    clauses.iter().any(|clause| clause.kind == ProcessClause::Daemon)
}

impl Settings {
    /// These clauses over those of `self`.
    pub fn with(
        self,
        clauses: &[Clause<ProcessClause>],
        evaluator: &Evaluator<'_>,
    ) -> Result<Settings, Diagnostic> {
        let mut settings = Settings { daemon: self.daemon || is_daemon(clauses), ..self };
        for clause in clauses {
            match &clause.kind {
                ProcessClause::OnFailure(on_failure) => {
                    settings.policy = Some(policy(on_failure, evaluator)?);
                }
                ProcessClause::Timeout(ms) => settings.timeout_ms = Some(*ms),
                _ => {}
            }
        }
        Ok(settings)
    }

    /// A process of the graph stops the run when it fails, unless a clause says otherwise.
    pub fn policy(&self) -> Policy {
        self.policy.unwrap_or(Policy::Stop)
    }

    /// As they hold for a process that a body starts: whoever started it looks at its exit code.
    pub fn of_started(&self) -> TemplatePolicy {
        TemplatePolicy { policy: self.policy.unwrap_or(Policy::Continue), timeout_ms: self.timeout_ms }
    }
}

fn policy(on_failure: &OnFailure, evaluator: &Evaluator<'_>) -> Result<Policy, Diagnostic> {
    Ok(match on_failure {
        OnFailure::Stop => Policy::Stop,
        OnFailure::Continue => Policy::Continue,
        OnFailure::Ignore => Policy::Ignore,
        OnFailure::Restart { times, backoff_ms } => Policy::Restart {
            times: u32::try_from(evaluator.number(times, "the number of restarts", 0)?).unwrap_or(u32::MAX),
            backoff_ms: backoff_ms.unwrap_or(BACKOFF_MS),
        },
    })
}
