//! Who listens to broadcast queues: the processes of the graph from the first item on, those that bodies start from
//! their start on, main and others from the first time that they ask for an item.

use super::Supervisor;
use std::io;

impl Supervisor<'_> {
    /// A process gets every item from now on of each broadcast queue that it takes from; where it does already, it
    /// goes on where it is.
    pub(super) fn listen(&mut self, id: u32) {
        let takes: Vec<u32> = self.job(id).ends.takes.iter().copied().collect();
        self.listen_to(id, &takes);
    }

    /// The same, of these queues.
    pub(super) fn listen_to(&mut self, id: u32, queues: &[u32]) {
        for &queue in queues {
            if let Some(queue) = self.queues.get_mut(queue as usize) {
                queue.machine.join(id);
            }
        }
    }

    /// What was handed over to a thread falls back to its process: when that is started again it goes on where the
    /// thread was.
    pub(super) fn return_listening(&mut self, thread: u32) {
        if let (Some(host), true) = (self.job(thread).host, self.job(thread).borrows) {
            let takes: Vec<u32> = self.job(thread).ends.takes.iter().copied().collect();
            self.hand_over_listening(thread, host, &takes);
        }
    }

    /// A process is over: it holds no producers up any more.
    pub(super) fn stop_listening(&mut self, id: u32) {
        self.queues.iter_mut().for_each(|queue| queue.machine.leave(id));
    }

    /// Another goes on where a process is that gives its ends away.
    pub(super) fn hand_over_listening(&mut self, from: u32, to: u32, queues: &[u32]) {
        for &queue in queues {
            self.queues[queue as usize].machine.hand_over(from, to);
        }
    }

    /// Those who wait for room go on when the ones who held them up are gone.
    pub(super) fn serve_held_up(&mut self) -> io::Result<()> {
        let held_up = |queue: &&super::QueueState| queue.is_broadcast && !queue.putters.is_empty();
        let held_up: Vec<u32> = self.queues.iter().filter(held_up).map(|queue| queue.id).collect();
        held_up.into_iter().try_for_each(|queue| self.serve_queue(queue))
    }

    /// How many items full queues have dropped, and whose.
    pub(super) fn report_drops(&mut self) {
        for queue in &self.queues {
            for (consumer, items) in queue.machine.dropped().into_iter().filter(|(_, items)| *items > 0) {
                let consumer = consumer.map(|id| self.jobs[id as usize].name.clone());
                let queue = queue.name.clone();
                self.observer.event(&crate::observe::Event::Dropped { queue, consumer, items });
            }
        }
    }
}
