//! Waits for the first of several things: processes that end, queues that have an item or have ended.

use super::Supervisor;
use super::job::{Wait, WaitOn};
use super::queues::Asked;
use crate::wire::local::LocalSeen;
use crate::wire::message::{Answer, Patience};

impl Supervisor<'_> {
    /// Of queues between threads only the asking thread knows whether they have items: it is told when to look again.
    pub(super) fn wait_any(
        &mut self,
        id: u32,
        asked: Asked,
        (processes, queues): (Vec<u32>, Vec<u32>),
        seen: Vec<LocalSeen>,
        patience: &Patience,
    ) {
        self.listen_to(id, &queues);
        self.watch_for_items(&queues);
        let host = self.host_of(id);
        let locals = seen.iter().map(|seen| ((host, seen.local), seen.view.clock)).collect();
        let on = WaitOn::Any { processes, queues, locals };
        let indexes = self.ready_ones(id, &on);
        let at_once = *patience == Patience::No {};
        if !indexes.is_empty() || (at_once && seen.is_empty()) {
            return self.answer(id, asked.0, Answer::ReadyOnes { indexes }, Vec::new());
        }
        if seen.iter().any(|seen| self.local_has_changed((host, seen.local), seen.view.clock)) {
            return self.answer(id, asked.0, Answer::Done {}, Vec::new());
        }
        for LocalSeen { local, view } in seen {
            self.begin_local_wait(id, (host, local), view);
        }
        self.wait_for(id, asked, on, patience);
        if at_once {
            // The question is whether one of these streams has ended.
            self.judge();
            if let Some(wait) = self.take_wait(id) {
                self.answer(id, wait.number, Answer::ReadyOnes { indexes: Vec::new() }, Vec::new());
            }
        }
    }

    /// Which of the things are ready: by index, processes first, then queues between processes.
    fn ready_ones(&self, id: u32, on: &WaitOn) -> Vec<u32> {
        let WaitOn::Any { processes, queues, .. } = on else { return Vec::new() };
        let over = processes.iter().map(|&job| self.jobs.get(job as usize).is_none_or(super::Job::is_over));
        let full = queues.iter().map(|&queue| match self.queues.get(queue as usize) {
            Some(queue) => queue.len_for(id) > 0 || queue.end.is_some(),
            None => true,
        });
        over.chain(full).zip(0..).filter_map(|(ready, index)| ready.then_some(index)).collect()
    }

    /// Answers those for whom something is ready.
    pub(super) fn answer_any_waits(&mut self) {
        for id in self.lists.joiners() {
            let Some(Wait { on: on @ WaitOn::Any { queues, locals, .. }, .. }) = &self.job(id).wait else {
                continue;
            };
            self.watch_for_items(queues);
            let indexes = self.ready_ones(id, on);
            if indexes.is_empty()
                && !locals.iter().any(|&(local, since)| self.local_has_changed(local, since))
            {
                continue;
            }
            if let Some(wait) = self.take_wait(id) {
                self.answer(id, wait.number, Answer::ReadyOnes { indexes }, Vec::new());
            }
        }
    }
}
