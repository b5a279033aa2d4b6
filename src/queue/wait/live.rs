//! Who can still go on: who runs, waits with a timeout, waits for something that is there, or for something that
//! one who can go on may still provide. It is the least such set: it begins with those who need nobody and
//! spreads to those who wait for them, each process and each place at a queue once.

use super::view::View;
use super::{On, ProcessState};

/// For each process, whether it can go on.
pub(super) fn live(view: &View<'_>) -> Vec<bool> {
    let mut spread = Spread::new(view);
    for process in 0..view.processes.len() {
        spread.begin(process);
    }
    while let Some(process) = spread.fresh.pop() {
        spread.provide(process);
    }
    spread.live
}

/// Who is to be told when something can be provided: by queue or by process.
type Hopes = Vec<Vec<usize>>;

struct Spread<'a> {
    view: &'a View<'a>,
    live: Vec<bool>,
    /// Known to be live; what they provide was not looked at yet.
    fresh: Vec<usize>,
    items: Hopes,
    room: Hopes,
    acknowledgements: Hopes,
    ends: Hopes,
    /// By shared object: who waits for a permit of it; who waits for the event or at the barrier.
    permits: Hopes,
    meetings: Hopes,
    /// By queue: whether the readers of its dead letters were told.
    letters_told: Vec<bool>,
    /// Of a process that is not started: how many of those that it comes after still hold it up.
    held_up_by: Vec<usize>,
    followers: Hopes,
}

impl<'a> Spread<'a> {
    fn new(view: &'a View<'a>) -> Self {
        let by_queue = || vec![Vec::new(); view.queues.len()];
        let by_process = || vec![Vec::new(); view.processes.len()];
        let by_shared = || vec![Vec::new(); view.shared.len()];
        Spread {
            view,
            live: vec![false; view.processes.len()],
            fresh: Vec::new(),
            items: by_queue(),
            room: by_queue(),
            acknowledgements: by_queue(),
            ends: by_process(),
            permits: by_shared(),
            meetings: by_shared(),
            letters_told: vec![false; view.queues.len()],
            held_up_by: vec![0; view.processes.len()],
            followers: by_process(),
        }
    }

    /// Finds out whether a process needs others to go on, and notes which.
    fn begin(&mut self, process: usize) {
        let view = self.view;
        match &view.processes[process].state {
            ProcessState::Ended => {}
            ProcessState::Running | ProcessState::RestartDue => self.rise(process),
            ProcessState::Waiting(waits) => {
                if waits.iter().any(|wait| wait.timed || view.is_there(&wait.on)) {
                    self.rise(process);
                } else {
                    for wait in waits {
                        self.hope(process, &wait.on);
                    }
                }
            }
            ProcessState::NotStarted(after) => {
                for other in after.iter().map(|&other| other as usize).filter(|&other| !view.is_over(other)) {
                    self.held_up_by[process] += 1;
                    self.followers[other].push(process);
                }
                if self.held_up_by[process] == 0 {
                    self.rise(process);
                }
            }
        }
    }

    fn hope(&mut self, process: usize, on: &On) {
        match on {
            On::Get(queue) => self.items[*queue as usize].push(process),
            On::Put(queue) => self.room[*queue as usize].push(process),
            On::Acknowledged(queue) => self.acknowledgements[*queue as usize].push(process),
            On::Join(other) => self.ends[*other as usize].push(process),
            On::Permit(lock) => self.permits[*lock as usize].push(process),
            On::Event(place) | On::Barrier(place) => self.meetings[*place as usize].push(process),
            On::Any(list) => list.iter().for_each(|on| self.hope(process, on)),
        }
    }

    fn rise(&mut self, process: usize) {
        if !std::mem::replace(&mut self.live[process], true) {
            self.fresh.push(process);
        }
    }

    /// Each list is emptied when it is told: the second provider of a thing changes nothing.
    fn tell(&mut self, hopes: impl Fn(&mut Self) -> &mut Vec<usize>) {
        for process in std::mem::take(hopes(self)) {
            self.rise(process);
        }
    }

    /// What a live process may do: put, take and so make room, acknowledge or give back what it has in hand or
    /// will take, release what it holds, set an event or come to a barrier that it can reach, end.
    fn provide(&mut self, process: usize) {
        let view = self.view;
        let of = &view.processes[process];
        for queue in of.holds.iter().map(|&queue| queue as usize) {
            self.tell(|spread| &mut spread.items[queue]);
            self.tell_readers_of_letters(queue);
        }
        for queue in of.takes.iter().map(|&queue| queue as usize) {
            self.tell(|spread| &mut spread.room[queue]);
            self.tell(|spread| &mut spread.acknowledgements[queue]);
            self.tell_readers_of_letters(queue);
            // Until it is restarted the stream cannot end; then it can.
            if of.state == ProcessState::RestartDue && view.queues[queue].joinable {
                self.tell(|spread| &mut spread.items[queue]);
            }
        }
        for queue in of.leases.iter().map(|&queue| queue as usize) {
            self.tell(|spread| &mut spread.items[queue]);
            self.tell(|spread| &mut spread.acknowledgements[queue]);
            self.tell_readers_of_letters(queue);
        }
        for lock in of.permits.iter().map(|&lock| lock as usize) {
            self.tell(|spread| &mut spread.permits[lock]);
        }
        for place in of.shares.iter().map(|&place| place as usize) {
            self.tell(|spread| &mut spread.meetings[place]);
        }
        self.tell(|spread| &mut spread.ends[process]);
        for follower in std::mem::take(&mut self.followers[process]) {
            self.held_up_by[follower] -= 1;
            if self.held_up_by[follower] == 0 {
                self.rise(follower);
            }
        }
    }

    /// Dead letters may come, or their stream may end, as long as somebody is at the queue that they come from.
    fn tell_readers_of_letters(&mut self, queue: usize) {
        let view = self.view;
        let mut open = vec![queue];
        while let Some(queue) = open.pop() {
            if view.is_settled(view.queues[queue].id)
                || std::mem::replace(&mut self.letters_told[queue], true)
            {
                continue;
            }
            for &letters in &view.letters[queue] {
                self.tell(|spread| &mut spread.items[letters]);
                open.push(letters);
            }
        }
    }
}
