//! Programs that processes run, as they look from outside.

use super::Supervisor;
use super::job::Job;
use crate::wire::message::{Answer, clipped};

impl Supervisor<'_> {
    /// A process is about to start a program. Until it has ended the process waits for it; to the judge of
    /// deadlocks it runs, since the program needs nobody.
    pub(super) fn program_starts(&mut self, id: u32, number: u32, name: String) {
        let answer = if self.stop.is_stopping() {
            Answer::Stopped {}
        } else {
            self.job_mut(id).program = Some(clipped(name));
            Answer::Mark { mark: self.watch.marked().to_owned() }
        };
        self.answer(id, number, answer, Vec::new());
    }

    /// What a process waits for: "get lines", "exec sort".
    pub(super) fn waiting_on(&self, job: &Job) -> Option<String> {
        let wait = self.waiting(job).map(|wait| self.describe(&wait.on));
        wait.or_else(|| job.program.as_ref().map(|name| format!("exec {name}")))
    }
}
