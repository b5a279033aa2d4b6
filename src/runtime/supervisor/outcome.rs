//! What a run comes to: its status, and how each of its processes ended.

use super::Supervisor;
use super::job::{Job, MAIN};
use crate::graph::Policy;
use crate::runtime::{End, Outcome, ProcessOutcome, exit};

impl Supervisor<'_> {
    pub(super) fn outcome(&self) -> Outcome {
        let failed = self.jobs.iter().any(|job| self.fails_the_run(job));
        let status = match (self.stop.status(), self.main_exit) {
            (Some(status), _) => status,
            (None, Some(code)) if code != 0 => code,
            _ if self.main_failed || failed || self.stop.item_failed() || self.stop.output_failed() => {
                exit::FAILED
            }
            _ => exit::SUCCESS,
        };
        let end = self.stop.end().unwrap_or(if status == exit::SUCCESS { End::Done } else { End::Failed });
        let jobs = self.jobs.iter().filter(|job| job.id != MAIN || self.graph.main.is_some());
        let jobs = jobs.filter(|job| !self.is_hosted(job));
        Outcome { status, end, processes: jobs.map(|job| self.outcome_of(job)).collect() }
    }

    fn fails_the_run(&self, job: &Job) -> bool {
        let main_forgives = self.main_exit == Some(0);
        job.failed && job.policy != Policy::Ignore && !(main_forgives && job.joined_by_main)
    }

    fn outcome_of(&self, job: &Job) -> ProcessOutcome {
        ProcessOutcome {
            name: job.name.clone(),
            exit: job.exitcode().and_then(|code| i32::try_from(code).ok()),
            failed: self.fails_the_run(job) || (job.id == MAIN && self.main_failed),
            error: job.report.as_ref().map(|report| report.message.clone()),
            restarts: job.attempts.saturating_sub(1),
            items_in: job.items_in(),
            items_out: job.items_out(),
        }
    }
}
