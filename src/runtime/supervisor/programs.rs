//! Programs that processes run: where they belong, and how it looks from outside that a process waits for one.

use super::Supervisor;
use super::asks::refused;
use super::job::{Job, MAIN};
use crate::runtime::os::guard::Guard;
use crate::wire::message::{Answer, clipped};
use std::io;

impl Supervisor<'_> {
    /// A process is about to start a program. Until it has ended the process waits for it; to the judge of
    /// deadlocks it runs, since the program needs nobody.
    pub(super) fn program_starts(&mut self, id: u32, number: u32, name: String) {
        let answer = if self.stop.is_stopping() {
            Answer::Stopped {}
        } else {
            match self.group_for(id) {
                Ok(group) => {
                    self.job_mut(id).program = Some(clipped(name));
                    Answer::Group { id: group }
                }
                Err(error) => refused("Exec", &format!("no guard for programs could be started: {error}")),
            }
        };
        self.answer(id, number, answer, Vec::new());
    }

    /// Programs of a worker are in the worker's group, those of main in the guard's.
    fn group_for(&mut self, id: u32) -> io::Result<u32> {
        let host = self.job(id).host.unwrap_or(id);
        let worker = self.job(host).pid();
        let guard = match &mut self.guard {
            Some(guard) => guard,
            none => none.insert(Guard::start()?),
        };
        if host == MAIN {
            return Ok(guard.group());
        }
        guard.watch(worker);
        Ok(0)
    }

    /// A worker has ended and its group with it.
    pub(super) fn program_group_gone(&mut self, pid: u32) {
        if let Some(guard) = &mut self.guard {
            guard.forget(pid);
        }
    }

    /// What a process waits for: "get lines", "exec sort".
    pub(super) fn waiting_on(&self, job: &Job) -> Option<String> {
        let wait = job.wait.as_ref().map(|wait| self.describe(&wait.on));
        wait.or_else(|| job.program.as_ref().map(|name| format!("exec {name}")))
    }
}
