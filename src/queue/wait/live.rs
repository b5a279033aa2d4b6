//! Who can still go on: who runs, waits with a timeout, waits for something that is there, or for something that
//! one who can go on may still provide. It is the least such set: it begins with those who need nobody and
//! spreads to those who wait for them, each process and each place at a queue once.

use super::view::View;
use super::{On, ProcessState, QueueView};
use std::collections::VecDeque;

/// For each process, whether it can go on.
pub(super) fn live(view: &View<'_>) -> Vec<bool> {
    let mut spread = Spread::new(view);
    for process in 0..view.processes.len() {
        if !spread.begin(process) && view.is_timed(process) {
            spread.rise(process);
        }
    }
    spread.run();
    spread.live
}

/// Who is to be told when something can be provided: by queue or by process.
type Hopes = Vec<Vec<usize>>;

pub(super) struct Spread<'a> {
    view: &'a View<'a>,
    pub live: Vec<bool>,
    /// Of those who need others: what came first that lets them go on, and from whom.
    pub told: Vec<Option<(On, usize)>>,
    /// Known to be live; what they provide was not looked at yet.
    fresh: VecDeque<usize>,
    items: Hopes,
    room: Hopes,
    acknowledgements: Hopes,
    ends: Hopes,
    /// By shared object: who waits for a permit of it, for the event, at the barrier.
    permits: Hopes,
    events: Hopes,
    barriers: Hopes,
    /// By queue: whether the readers of its dead letters were told.
    letters_told: Vec<bool>,
    /// By broadcast queue: how many of those who hold its producers up are not known to go on. One is not enough.
    behind: Vec<usize>,
    /// By process: the broadcast queues whose producers it holds up.
    holds_up: Hopes,
    /// Of a process that is not started: how many of those that it comes after still hold it up.
    held_up_by: Vec<usize>,
    followers: Hopes,
}

impl<'a> Spread<'a> {
    pub fn new(view: &'a View<'a>) -> Self {
        let by_queue = || vec![Vec::new(); view.queues.len()];
        let by_process = || vec![Vec::new(); view.processes.len()];
        let mut holds_up = by_process();
        for queue in view.queues.iter().filter(|queue| queue.audience.is_some()) {
            for process in view.holding_up(queue.id as usize) {
                holds_up[process].push(queue.id as usize);
            }
        }
        let behind = |queue: &QueueView| queue.audience.as_ref().map_or(0, |audience| audience.behind.len());
        let by_shared = || vec![Vec::new(); view.shared.len()];
        Spread {
            view,
            live: vec![false; view.processes.len()],
            told: vec![None; view.processes.len()],
            fresh: VecDeque::new(),
            items: by_queue(),
            room: by_queue(),
            acknowledgements: by_queue(),
            ends: by_process(),
            permits: by_shared(),
            events: by_shared(),
            barriers: by_shared(),
            letters_told: vec![false; view.queues.len()],
            behind: view.queues.iter().map(behind).collect(),
            holds_up,
            held_up_by: vec![0; view.processes.len()],
            followers: by_process(),
        }
    }

    /// Finds out whether a process needs others to go on, and notes which; false when it does.
    pub fn begin(&mut self, process: usize) -> bool {
        let view = self.view;
        match &view.processes[process].state {
            ProcessState::Ended => return true,
            ProcessState::Running | ProcessState::RestartDue => self.rise(process),
            ProcessState::Waiting(waits) => {
                if waits.iter().any(|wait| view.is_there(process, &wait.on)) {
                    self.rise(process);
                } else {
                    waits.iter().for_each(|wait| self.hope(process, &wait.on));
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
        self.live[process]
    }

    /// Spreads from all that are known to be live, the nearest first.
    pub fn run(&mut self) {
        while let Some(process) = self.fresh.pop_front() {
            self.provide(process);
        }
    }

    fn hope(&mut self, process: usize, on: &On) {
        match on {
            On::Get(queue) => self.items[*queue as usize].push(process),
            On::Put(queue) => self.room[*queue as usize].push(process),
            On::Acknowledged(queue) => self.acknowledgements[*queue as usize].push(process),
            On::Join(other) => self.ends[*other as usize].push(process),
            On::Permit(lock) => self.permits[*lock as usize].push(process),
            On::Event(event) => self.events[*event as usize].push(process),
            On::Barrier(barrier) => self.barriers[*barrier as usize].push(process),
            On::Any(list) => list.iter().for_each(|on| self.hope(process, on)),
        }
    }

    pub fn rise(&mut self, process: usize) {
        if !std::mem::replace(&mut self.live[process], true) {
            self.fresh.push_back(process);
        }
    }

    /// Tells those who hope for a thing that `by` can provide it. Each list is emptied by this: the second
    /// provider of a thing changes nothing.
    fn tell(&mut self, on: On, by: usize) {
        let hopes = match &on {
            On::Get(queue) => &mut self.items[*queue as usize],
            On::Put(queue) => &mut self.room[*queue as usize],
            On::Acknowledged(queue) => &mut self.acknowledgements[*queue as usize],
            On::Join(other) => &mut self.ends[*other as usize],
            On::Permit(lock) => &mut self.permits[*lock as usize],
            On::Event(event) => &mut self.events[*event as usize],
            On::Barrier(barrier) => &mut self.barriers[*barrier as usize],
            On::Any(_) => return,
        };
        for process in std::mem::take(hopes) {
            self.tell_one(process, &on, by);
        }
    }

    fn tell_one(&mut self, process: usize, on: &On, by: usize) {
        if !self.live[process] {
            self.told[process] = Some((on.clone(), by));
            self.rise(process);
        }
    }

    /// What a live process may do: put, take and so make room, acknowledge or give back what it has in hand or
    /// will take, release what it holds, set an event or come to a barrier that it can reach, end.
    fn provide(&mut self, process: usize) {
        let view = self.view;
        let of = &view.processes[process];
        for &queue in &of.holds {
            self.tell(On::Get(queue), process);
            self.tell_readers_of_letters(queue, process);
        }
        for queue in std::mem::take(&mut self.holds_up[process]) {
            self.behind[queue] -= 1;
            if self.behind[queue] == 0 {
                self.tell(On::Put(queue as u32), process);
            }
        }
        for &queue in &of.takes {
            if view.queues[queue as usize].audience.is_none() {
                self.tell(On::Put(queue), process);
            }
            self.tell(On::Acknowledged(queue), process);
            self.tell_readers_of_letters(queue, process);
            // Until it is restarted the stream cannot end; then it can.
            if of.state == ProcessState::RestartDue && view.queues[queue as usize].joinable {
                self.tell(On::Get(queue), process);
            }
        }
        for &queue in &of.leases {
            self.tell(On::Get(queue), process);
            self.tell(On::Acknowledged(queue), process);
            self.tell_readers_of_letters(queue, process);
        }
        for &lock in &of.permits {
            self.tell(On::Permit(lock), process);
        }
        for &place in &of.shares {
            self.tell(On::Event(place), process);
            self.tell(On::Barrier(place), process);
        }
        self.tell(On::Join(of.id), process);
        for follower in std::mem::take(&mut self.followers[process]) {
            self.held_up_by[follower] -= 1;
            if self.held_up_by[follower] == 0 {
                self.tell_one(follower, &On::Join(of.id), process);
            }
        }
    }

    /// Dead letters may come, or their stream may end, as long as somebody is at the queue that they come from.
    fn tell_readers_of_letters(&mut self, queue: u32, by: usize) {
        let view = self.view;
        let mut open = vec![queue];
        while let Some(queue) = open.pop() {
            if view.is_settled(queue) || std::mem::replace(&mut self.letters_told[queue as usize], true) {
                continue;
            }
            for &letters in &view.letters[queue as usize] {
                self.tell(On::Get(letters as u32), by);
                open.push(letters as u32);
            }
        }
    }
}
