//! What the broker does with the queues of a run: items in, items out, acknowledged, given back.

use super::job::{Wait, WaitOn, Wanted};
use super::queue_state::{Cause, QueueState};
use super::stored::weight;
use super::{Supervisor, launch};
use crate::diagnostic::words;
use crate::observe::Event;
use crate::queue::machine::{Dead, Returned};
use crate::queue::store::Offer;
use crate::runtime::connection::Item;
use crate::runtime::hooks::Point;
use crate::runtime::os::process::Exit;
use crate::runtime::parcel;
use crate::value::Value;
use crate::wire::message::{Answer, Delivery, Patience};
use std::collections::VecDeque;
use std::io;

/// One answer carries at most this many bytes of items, and this many shared files.
const ANSWER_BYTES: usize = 4 << 20;
const ANSWER_FILES: usize = 8;

/// A request's number and its place in the script.
pub type Asked = (u32, (u32, u32));

/// The number of a put for which room was granted: it is not answered.
const GRANTED: u32 = 0;

impl Supervisor<'_> {
    pub(super) fn put(
        &mut self,
        id: u32,
        asked: Asked,
        queue: u32,
        mut items: VecDeque<Item>,
        patience: Patience,
    ) -> io::Result<()> {
        self.reach(Point::SeesPut, id);
        let state = &mut self.queues[queue as usize];
        if state.end.is_some() {
            // An item put by a grant is as lost as one put just before the last consumer left.
            let answer = state.end_answer();
            if asked.0 != GRANTED {
                self.answer(id, asked.0, answer, Vec::new());
            }
            return Ok(());
        }
        let bytes = items.iter().map(weight).fold(0, u64::saturating_add);
        if let Err(refusal) = self.store(bytes) {
            self.answer(id, asked.0, refusal, Vec::new());
            return Ok(());
        }
        let state = &mut self.queues[queue as usize];
        let accepted = if state.putters.is_empty() { accept(state, &mut items) } else { 0 };
        self.jobs[id as usize].accepted += u64::from(accepted);
        if asked.0 == GRANTED {
            // Items given back may have taken the room that was granted: it is owed all the same.
            self.jobs[id as usize].accepted += items.len() as u64;
            items.into_iter().for_each(|item| state.put_beyond(item));
        } else if items.is_empty() {
            self.accepted(id, asked.0, queue);
        } else if let patience @ (Patience::Forever {} | Patience::Seconds { .. }) =
            state.patience_for(patience)
        {
            self.wait_for(id, asked, WaitOn::Put { queue, items, accepted }, &patience);
            self.queues[queue as usize].putters.push_back(id);
        } else {
            self.answer(id, asked.0, Answer::NotInTime { accepted }, Vec::new());
        }
        self.reach(Point::SeesPutKept, id);
        self.serve_queue(queue)
    }

    pub(super) fn get(
        &mut self,
        id: u32,
        asked: Asked,
        wanted: Wanted,
        patience: Patience,
    ) -> io::Result<()> {
        self.reach(Point::SeesGet, id);
        let queue = wanted.queue;
        let state = &mut self.queues[queue as usize];
        state.was_taken_from = true;
        // Who did not listen to a broadcast queue before does from now on.
        state.machine.join(id);
        state.fill_front();
        if state.available_to(id) > 0 {
            self.hand_out(id, asked.0, wanted)?;
            return self.serve_queue(queue);
        }
        let patience = state.patience_for(patience);
        let answer = if state.end.is_some() && state.len_for(id) == 0 {
            state.end_answer()
        } else if let Some(answer) = state.in_vain() {
            answer
        } else if matches!(patience, Patience::No {}) {
            Answer::NotInTime { accepted: 0 }
        } else {
            self.wait_for(id, asked, WaitOn::Get(wanted), &patience);
            self.queues[queue as usize].getters.push_back(id);
            return self.serve_queue(queue);
        };
        self.answer(id, asked.0, answer, Vec::new());
        Ok(())
    }

    /// Hands out up to `count` items that are there.
    fn hand_out(&mut self, id: u32, number: u32, wanted: Wanted) -> io::Result<()> {
        let Wanted { queue, count, ahead } = wanted;
        if ahead && self.is_sole_consumer(id, queue) && self.give_ahead(id, number, queue) {
            return Ok(());
        }
        let count = self.share_of_tasks(id, queue, count);
        let state = &mut self.queues[queue as usize];
        let (mut deliveries, mut descriptors, mut bytes) = (Vec::new(), Vec::new(), 0);
        let mut on_the_way = Vec::new();
        while deliveries.len() < count as usize && bytes < ANSWER_BYTES && descriptors.len() < ANSWER_FILES {
            state.fill_front();
            let Some(taken) = state.machine.take(id) else { break };
            if let Item::Inline(inline) = &taken.item {
                bytes += inline.len();
            }
            if taken.lease == 0 {
                on_the_way.push(taken.item.clone());
            }
            let parcel = taken.item.into_parcel(&mut descriptors)?;
            deliveries.push(Delivery { lease: taken.lease, attempt: taken.attempt, parcel });
        }
        self.is_on_its_way(id, number, queue, on_the_way);
        self.reach(Point::SeesHandedOut, id);
        self.jobs[id as usize].handed += deliveries.len() as u64;
        self.answer(id, number, Answer::Items { deliveries, ahead: false }, descriptors);
        Ok(())
    }

    /// Lets those go on who wait at a queue, as far as its items and its room allow.
    pub(super) fn serve_queue(&mut self, queue: u32) -> io::Result<()> {
        let mut looks = 0;
        loop {
            let state = &mut self.queues[queue as usize];
            if !state.getters.is_empty() {
                state.fill_front();
            }
            let state = &self.queues[queue as usize];
            let progress = match (state.next_getter(), state.putters.front().copied()) {
                (Some(getter), _) => self.serve_getter(getter)?,
                (_, Some(putter)) if !state.is_full() => {
                    self.room_is_worth_it(queue, putter) && self.serve_putter(queue, putter)
                }
                (_, Some(_)) if state.len() > state.machine.len() => {
                    self.look_for_room_later(queue);
                    false
                }
                _ => false,
            };
            // What has come since the first look is told of.
            looks += usize::from(!progress);
            if !progress && (looks > 2 || !self.watch_ring(queue)) {
                break;
            }
        }
        if self.queues[queue as usize].len() > 0 {
            self.answer_any_waits();
        }
        self.turn_away(queue);
        Ok(())
    }

    /// Those who wait for an item of a ring that somebody else has taken since, while the stream was ending.
    fn turn_away(&mut self, queue: u32) {
        let state = &self.queues[queue as usize];
        if state.ring.is_none() || state.getters.is_empty() {
            return;
        }
        let Some(answer) = state.in_vain() else { return };
        for id in state.getters.iter().copied().collect::<Vec<_>>() {
            if let Some(wait) = self.take_wait(id) {
                self.answer(id, wait.number, answer.clone(), Vec::new());
            }
        }
    }

    fn serve_getter(&mut self, getter: u32) -> io::Result<bool> {
        let Some(Wait { number, on: WaitOn::Get(wanted), .. }) = self.take_wait(getter) else {
            return Ok(false);
        };
        self.hand_out(getter, number, wanted)?;
        Ok(true)
    }

    pub(super) fn serve_putter(&mut self, queue: u32, putter: u32) -> bool {
        let state = &mut self.queues[queue as usize];
        let job = &mut self.jobs[putter as usize];
        let Some(Wait { on: WaitOn::Put { items, accepted, .. }, .. }) = &mut job.wait else {
            return false;
        };
        let count = accept(state, items);
        *accepted += count;
        job.accepted += u64::from(count);
        if items.is_empty()
            && let Some(wait) = self.take_wait(putter)
        {
            self.accepted(putter, wait.number, queue);
        }
        count > 0
    }

    pub(super) fn acknowledge(&mut self, id: u32, queue: u32, lease: u64) {
        self.reach(Point::SeesDone, id);
        // A lease that is not in hand was given back a moment ago, with the end of its process.
        if self.queues[queue as usize].machine.acknowledge(id, lease).is_ok() {
            self.reach(Point::SeesDoneKept, id);
            self.wake_drainers(queue);
        }
    }

    pub(super) fn drain(&mut self, id: u32, asked: Asked, queue: u32, patience: Patience) {
        self.queues[queue as usize].drainers.push(id);
        self.watch_for_done(queue);
        let answer = if self.unfinished(queue) == 0 {
            Answer::Done {}
        } else if matches!(patience, Patience::No {}) {
            Answer::NotInTime { accepted: 0 }
        } else {
            return self.wait_for(id, asked, WaitOn::Drain { queue }, &patience);
        };
        self.queues[queue as usize].drainers.retain(|&drainer| drainer != id);
        self.watch_for_done(queue);
        self.answer(id, asked.0, answer, Vec::new());
    }

    pub(super) fn wake_drainers(&mut self, queue: u32) {
        if self.unfinished(queue) > 0 {
            return;
        }
        for id in std::mem::take(&mut self.queues[queue as usize].drainers) {
            if let Some(wait) = self.take_wait(id) {
                self.answer(id, wait.number, Answer::Done {}, Vec::new());
            }
        }
        self.watch_for_done(queue);
        self.streams_changed();
    }

    /// `task_failed`: the item goes back to the front, or is dead.
    pub(super) fn give_back(&mut self, id: u32, queue: u32, lease: u64, reason: &str) -> io::Result<()> {
        match self.queues[queue as usize].machine.give_back(id, lease) {
            Ok(Returned::Redeliver) => self.serve_queue(queue),
            Ok(Returned::Dead(dead)) => self.bury(queue, dead, reason),
            // Given back before, with the end of its process.
            Err(_) => Ok(()),
        }
    }

    /// What a process had in hand when it ended goes back, in order: items, locks, permits.
    pub(super) fn give_back_all(&mut self, id: u32, exit: Exit) -> io::Result<()> {
        self.release_all(id);
        self.recover(id);
        self.return_to_sender(id);
        self.take_back_tasks(id);
        for queue in 0..self.queues.len() as u32 {
            self.take_back_ahead(id, queue)?;
            for dead in self.queues[queue as usize].machine.holder_ended(id) {
                let how = words::ended(exit.code());
                let reason = format!("process `{}` {how} before it acknowledged it", self.job(id).name);
                self.bury(queue, dead, &reason)?;
            }
            self.serve_queue(queue)?;
        }
        Ok(())
    }

    /// An item that was given back too often goes to the dead letter queue; without one the run fails.
    fn bury(&mut self, queue: u32, dead: Dead<Item>, reason: &str) -> io::Result<()> {
        self.wake_drainers(queue);
        if let Some(letters) = self.queues[queue as usize].dead_letter
            && self.queues[letters as usize].end.is_none()
            && self.queues[letters as usize].machine.is_heard()
        {
            let letter = Value::map([
                ("item", parcel::unpack(dead.item).unwrap_or(Value::Unit)),
                ("attempts", Value::Int(dead.attempts.into())),
                ("last", Value::string(reason)),
            ]);
            let letter = launch::encode(&letter)?;
            self.queues[letters as usize].put_beyond(letter);
            return self.serve_queue(letters);
        }
        if self.queues[queue as usize].of_pool {
            return Ok(());
        }
        self.item_failed(queue, dead, format!("the last time: {reason}"));
        Ok(())
    }

    fn item_failed(&mut self, queue: u32, dead: Dead<Item>, reason: String) {
        let name = self.queues[queue as usize].name.clone();
        let item = shown(dead.item);
        self.observer.event(&Event::ItemFailed { queue: name, item, attempts: dead.attempts, reason });
        self.stop_for_item();
    }

    /// Ends a stream: those who wait for it, or for room in it, go on.
    pub(super) fn end_queue(&mut self, queue: u32, cause: Option<Cause>) {
        let state = &mut self.queues[queue as usize];
        if state.end.is_some() {
            return;
        }
        let no_consumer = cause == Some(Cause::NoConsumer);
        state.end = Some(cause.unwrap_or_else(|| match state.failed_by.as_slice() {
            [] => Cause::Done,
            by => Cause::Failed(by.to_vec()),
        }));
        if let Some(state) = &state.ring {
            state.ring.end();
        }
        let answer = state.end_answer();
        // Where there are items, they are handed out first.
        let getters = state.getters.iter().filter(|_| state.len() == 0 || state.is_broadcast);
        let woken: Vec<u32> = getters.chain(&state.putters).copied().collect();
        for id in woken {
            if let Some(wait) = self.take_wait(id) {
                self.answer(id, wait.number, answer.clone(), Vec::new());
            }
        }
        if no_consumer {
            self.lost_consumers(queue);
        }
        self.streams_changed();
    }
}

impl Supervisor<'_> {
    /// Nobody is left to take what is in a queue. What was given back fails the run, unless it is of a pool.
    fn lost_consumers(&mut self, queue: u32) {
        let state = &mut self.queues[queue as usize];
        if state.of_pool {
            state.machine.clear();
        } else if let Some(dead) = state.machine.take_returned() {
            self.item_failed(queue, dead, "nobody is left who could take it".to_owned());
        }
    }
}

/// An item as messages show it.
pub(super) fn shown(item: Item) -> String {
    shortened(parcel::unpack(item).unwrap_or(Value::Unit).quoted())
}

/// At most so much of a text that it can stand in a message.
pub(super) fn shortened(text: String) -> String {
    if text.chars().count() > 200 { text.chars().take(200).chain("…".chars()).collect() } else { text }
}

/// Accepts items as long as there is room; gives how many.
fn accept(state: &mut QueueState, items: &mut VecDeque<Item>) -> u32 {
    let mut accepted = 0;
    while !(state.works_ahead && state.is_full())
        && let Some(item) = items.pop_front()
    {
        match state.offer(item) {
            Offer::Accepted | Offer::Dropped => accepted += 1,
            Offer::Full(item) => {
                items.push_front(item);
                break;
            }
        }
    }
    accepted
}
