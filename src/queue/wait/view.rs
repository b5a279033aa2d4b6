//! A snapshot, and for each queue who is at it.

use super::{On, ProcessState, ProcessView, QueueView, SharedView, Snapshot};

pub(super) struct View<'a> {
    pub processes: &'a [ProcessView],
    pub queues: &'a [QueueView],
    pub shared: &'a [SharedView],
    /// By queue: the processes that hold its sending end, may take from it, have items of it in hand.
    pub holders: Vec<Vec<usize>>,
    pub takers: Vec<Vec<usize>>,
    pub lessees: Vec<Vec<usize>>,
    /// By queue: where its dead letters go.
    pub letters: Vec<Vec<usize>>,
    /// By shared object: the processes that can reach it, and those that hold a permit of it.
    pub reaching: Vec<Vec<usize>>,
    pub permit_holders: Vec<Vec<usize>>,
}

impl<'a> View<'a> {
    pub fn new(snapshot: &'a Snapshot) -> Self {
        let empty = || vec![Vec::new(); snapshot.queues.len()];
        let (mut holders, mut takers, mut lessees) = (empty(), empty(), empty());
        let mut reaching = vec![Vec::new(); snapshot.shared.len()];
        let mut permit_holders = reaching.clone();
        let present = |process: &&ProcessView| process.state != ProcessState::Ended;
        for process in snapshot.processes.iter().filter(present) {
            let lists = [
                (&process.holds, &mut holders),
                (&process.takes, &mut takers),
                (&process.leases, &mut lessees),
                (&process.shares, &mut reaching),
                (&process.permits, &mut permit_holders),
            ];
            for (ids, by_id) in lists {
                for &id in ids {
                    by_id[id as usize].push(process.id as usize);
                }
            }
        }
        let mut letters = empty();
        for queue in &snapshot.queues {
            queue.dead_letter_of.iter().for_each(|&served| letters[served as usize].push(queue.id as usize));
        }
        View {
            processes: &snapshot.processes,
            queues: &snapshot.queues,
            shared: &snapshot.shared,
            holders,
            takers,
            lessees,
            letters,
            reaching,
            permit_holders,
        }
    }

    pub fn is_over(&self, process: usize) -> bool {
        self.processes[process].state == ProcessState::Ended
    }

    /// Whether a wait of a process ends by itself.
    pub fn is_timed(&self, process: usize) -> bool {
        match &self.processes[process].state {
            ProcessState::Waiting(waits) => waits.iter().any(|wait| wait.timed),
            _ => false,
        }
    }

    /// Whether a process waits for nothing but a time.
    pub fn is_asleep(&self, process: usize) -> bool {
        let nothing = |on: &On| matches!(on, On::Any(list) if list.is_empty());
        match &self.processes[process].state {
            ProcessState::Waiting(waits) => waits.iter().all(|wait| wait.timed && nothing(&wait.on)),
            _ => false,
        }
    }

    /// Whether nothing of a queue can become a dead letter any more.
    pub fn is_settled(&self, queue: u32) -> bool {
        let view = &self.queues[queue as usize];
        view.ended && view.len == 0 && self.lessees[queue as usize].is_empty()
    }

    /// Whether a joinable queue goes on without producers: it has items, which may come back once taken, or
    /// somebody who does not wait for it has one in hand or is due for a restart.
    pub fn may_come_back(&self, queue: &QueueView) -> bool {
        let at = queue.id as usize;
        let is_due = |&process: &usize| self.processes[process].state == ProcessState::RestartDue;
        queue.joinable
            && (queue.len > 0
                || self.lessees[at].iter().any(|&process| !self.waits_to_get(process, queue.id))
                || self.takers[at].iter().any(is_due))
    }

    fn waits_to_get(&self, process: usize, queue: u32) -> bool {
        match &self.processes[process].state {
            ProcessState::Waiting(waits) => waits.iter().any(|wait| is_get_of(&wait.on, queue)),
            _ => false,
        }
    }

    /// Whether what a process waits for is there.
    pub fn is_there(&self, process: usize, on: &On) -> bool {
        let queue = |id: &u32| &self.queues[*id as usize];
        match on {
            On::Get(id) => self.has_item_for(process, queue(id)) || queue(id).ended,
            On::Put(id) => !queue(id).full || queue(id).ended,
            On::Acknowledged(id) => queue(id).unfinished == 0,
            On::Join(id) => self.is_over(*id as usize),
            // Who finds a permit, an event that is set or the last place of a barrier does not wait.
            On::Permit(_) | On::Event(_) | On::Barrier(_) => false,
            On::Any(list) => list.iter().any(|on| self.is_there(process, on)),
        }
    }

    fn has_item_for(&self, process: usize, queue: &QueueView) -> bool {
        match &queue.audience {
            Some(audience) => audience.unread.contains(&self.processes[process].id),
            None => queue.len > 0,
        }
    }

    /// Those who make room in a queue by taking from it: anyone of a plain queue; of a broadcast queue those who
    /// are behind, and only all of them together.
    pub fn holding_up(&self, queue: usize) -> Vec<usize> {
        match &self.queues[queue].audience {
            Some(audience) => audience.behind.iter().map(|&process| process as usize).collect(),
            None => self.takers[queue].clone(),
        }
    }
}

fn is_get_of(on: &On, queue: u32) -> bool {
    match on {
        On::Get(id) => *id == queue,
        On::Any(list) => list.iter().any(|on| is_get_of(on, queue)),
        On::Put(_) | On::Join(_) | On::Acknowledged(_) | On::Permit(_) | On::Event(_) | On::Barrier(_) => {
            false
        }
    }
}
