//! Which streams have ended: those without producers, and, when nobody around them can go on, the smallest set of
//! empty queues whose holders all wait to get from this set, or to join processes that do.
//!
//! The second is a question about a directed graph. Its nodes are the queues and the processes; a queue points to
//! those who could still put into it, a process to the queues that it waits to get from and to the processes that
//! it joins. A set that ends together is a strongly connected component that nothing leads out of: who waits
//! inside it waits for nobody else. One walk after Tarjan finds all of them.
//!
//! Two things keep a stage of a pipe from losing what it puts when its own stream has ended. Main holds every queue
//! that it sees and does not have to close what it puts into: while it waits for items or joins, its ends hold
//! nothing up. And within a set that ends together those who only join do not count, if one of its queues can end
//! first without them; then it is looked again.

use super::view::View;
use super::{On, ProcessState};

/// Queues whose sending ends are all gone, and to which nothing can come back.
pub(super) fn abandoned(view: &View<'_>) -> Vec<u32> {
    let abandoned = view.queues.iter().filter(|queue| {
        !queue.ended
            && view.holders[queue.id as usize].is_empty()
            && !view.may_come_back(queue)
            && queue.dead_letter_of.iter().all(|&served| view.is_settled(served))
    });
    abandoned.map(|queue| queue.id).collect()
}

/// The smallest set of queues that end together; ties go to the lowest id.
pub(super) fn smallest(view: &View<'_>, live: &[bool], stuck: &[usize]) -> Option<Vec<u32>> {
    let waited_for: Vec<u32> = stuck.iter().flat_map(|&process| gets_of(view, process)).collect();
    let together = Search::new(view, live, Joins::Count).smallest_from(&waited_for)?;
    let first = Search::new(view, live, Joins::DoNotCount).smallest_from(&together);
    Some(first.unwrap_or(together))
}

/// The queues that a process waits to get from.
fn gets_of(view: &View<'_>, process: usize) -> Vec<u32> {
    let mut gets = Vec::new();
    if let ProcessState::Waiting(waits) = &view.processes[process].state {
        for wait in waits {
            collect_gets(&wait.on, &mut gets);
        }
    }
    gets
}

fn collect_gets(on: &On, gets: &mut Vec<u32>) {
    match on {
        On::Get(queue) => gets.push(*queue),
        On::Any(list) => list.iter().for_each(|on| collect_gets(on, gets)),
        On::Put(_) | On::Join(_) | On::Acknowledged(_) | On::Permit(_) | On::Event(_) | On::Barrier(_) => {}
    }
}

/// Whether who joins a process counts as somebody who may put later.
#[derive(Clone, Copy, PartialEq)]
enum Joins {
    Count,
    DoNotCount,
}

/// A node: the index of a process, or behind all processes that of a queue.
type Node = usize;

/// A node on the way from the root, and where it leads that was not looked at yet.
struct Frame {
    node: Node,
    ahead: Vec<Node>,
}

struct Search<'a> {
    view: &'a View<'a>,
    live: &'a [bool],
    joins: Joins,
    /// Of those who hold their ends implicitly: whether these hold nothing up.
    waits_for_streams: Vec<bool>,
    /// When a node was come to, from 1; 0: not yet.
    order: Vec<usize>,
    /// The earliest node that it leads back to.
    low: Vec<usize>,
    /// Nodes whose component is not complete, in the order in which they were come to.
    open: Vec<Node>,
    is_open: Vec<bool>,
    /// Whether something leads out of its component, or it waits for what is no end of a stream.
    leaks: Vec<bool>,
    /// Queues that have ended and get nothing back from anybody who counts: to lead to them is to lead nowhere.
    is_done: Vec<bool>,
    clock: usize,
    smallest: Option<Vec<u32>>,
}

impl<'a> Search<'a> {
    fn new(view: &'a View<'a>, live: &'a [bool], joins: Joins) -> Self {
        let nodes = view.processes.len() + view.queues.len();
        let mut search = Search {
            view,
            live,
            joins,
            waits_for_streams: vec![false; view.processes.len()],
            order: vec![0; nodes],
            low: vec![0; nodes],
            open: Vec::new(),
            is_open: vec![false; nodes],
            leaks: vec![false; nodes],
            is_done: vec![false; nodes],
            clock: 0,
            smallest: None,
        };
        for process in (0..view.processes.len()).filter(|&process| view.processes[process].implicit) {
            search.waits_for_streams[process] = search.waits_for_streams(process);
        }
        search
    }

    fn smallest_from(mut self, queues: &[u32]) -> Option<Vec<u32>> {
        for root in queues.iter().map(|&queue| self.node_of(queue)).collect::<Vec<_>>() {
            if self.order[root] == 0 {
                self.walk(root);
            }
        }
        self.smallest
    }

    /// Walks everything that a node leads to; without recursion, as chains may be long.
    fn walk(&mut self, root: Node) {
        let mut way = vec![self.enter(root)];
        while let Some(frame) = way.last_mut() {
            let node = frame.node;
            match frame.ahead.pop() {
                Some(next) if self.order[next] == 0 => way.push(self.enter(next)),
                Some(next) if self.is_open[next] => self.low[node] = self.low[node].min(self.order[next]),
                Some(next) => self.leaks[node] |= !self.is_done[next],
                None => {
                    way.pop();
                    let is_complete = self.low[node] == self.order[node];
                    if is_complete {
                        self.close(node);
                    }
                    if let Some(Frame { node: before, .. }) = way.last() {
                        self.low[*before] = self.low[*before].min(self.low[node]);
                        self.leaks[*before] |= is_complete && !self.is_done[node];
                    }
                }
            }
        }
    }

    fn enter(&mut self, node: Node) -> Frame {
        self.clock += 1;
        (self.order[node], self.low[node]) = (self.clock, self.clock);
        self.open.push(node);
        self.is_open[node] = true;
        let ahead = self.ahead(node);
        self.leaks[node] = ahead.is_none();
        Frame { node, ahead: ahead.unwrap_or_default() }
    }

    /// Completes the component that began with this node.
    fn close(&mut self, first: Node) {
        let start = self.open.iter().rposition(|&node| node == first).unwrap_or(0);
        let component = self.open.split_off(start);
        let leaks = component.iter().any(|&node| self.leaks[node]);
        for &node in &component {
            self.is_open[node] = false;
        }
        let behind = self.view.processes.len();
        let has_ended = |node: &Node| node.checked_sub(behind).is_some_and(|at| self.view.queues[at].ended);
        if !leaks && component.iter().all(has_ended) {
            component.iter().for_each(|&node| self.is_done[node] = true);
        }
        let queues = component.iter().filter_map(|node| self.view.queues.get(node.checked_sub(behind)?));
        let mut ending: Vec<u32> = queues.filter(|queue| !queue.ended).map(|queue| queue.id).collect();
        ending.sort_unstable();
        let is_smaller = |best: &Vec<u32>| (ending.len(), ending.first()) < (best.len(), best.first());
        // Processes that only join each other are no stream.
        if !leaks && !ending.is_empty() && self.smallest.as_ref().is_none_or(is_smaller) {
            self.smallest = Some(ending);
        }
    }

    /// Where a node leads; `None` when it waits for what no end of a stream can give, or does not wait.
    fn ahead(&self, node: Node) -> Option<Vec<Node>> {
        match node.checked_sub(self.view.processes.len()) {
            Some(queue) => self.ahead_of_queue(queue),
            None => self.ahead_of_process(node),
        }
    }

    fn ahead_of_queue(&self, at: usize) -> Option<Vec<Node>> {
        let (view, queue) = (self.view, &self.view.queues[at]);
        if queue.len > 0 || (!queue.ended && view.may_come_back(queue)) {
            return None;
        }
        let served = queue.dead_letter_of.iter().filter(|&&served| !view.is_settled(served));
        let mut ahead: Vec<Node> = served.map(|&served| self.node_of(served)).collect();
        if queue.ended {
            // It is come to only by way of its dead letters: they come from those with items in hand.
            ahead.extend(view.lessees[at].iter().filter(|&&process| self.counts(process)));
            return Some(ahead);
        }
        for &process in &view.holders[at] {
            if self.live[process] {
                return None;
            }
            if view.processes[process].implicit && !queue.expressly_held {
                self.waits_for_streams[process].then_some(())?;
            } else if self.counts(process) {
                ahead.push(process);
            }
        }
        Some(ahead)
    }

    fn counts(&self, process: usize) -> bool {
        match &self.view.processes[process].state {
            ProcessState::Waiting(_) => self.joins == Joins::Count || !gets_of(self.view, process).is_empty(),
            _ => true,
        }
    }

    /// Whether a process waits for items, or for the ends of such that do; for nothing else.
    fn waits_for_streams(&self, process: usize) -> bool {
        let mut seen = vec![false; self.view.processes.len()];
        let mut open = vec![process];
        while let Some(process) = open.pop() {
            if std::mem::replace(&mut seen[process], true) {
                continue;
            }
            let Some(ahead) = self.ahead_of_process(process) else { return false };
            open.extend(ahead.into_iter().filter(|&node| node < self.view.processes.len()));
        }
        true
    }

    fn ahead_of_process(&self, process: usize) -> Option<Vec<Node>> {
        if self.live[process] {
            return None;
        }
        let mut ahead = Vec::new();
        match &self.view.processes[process].state {
            ProcessState::Waiting(waits) => {
                waits.iter().try_for_each(|wait| self.add_ahead(&wait.on, &mut ahead))?;
            }
            ProcessState::NotStarted(after) => ahead.extend(after.iter().map(|&other| other as usize)),
            ProcessState::Running | ProcessState::RestartDue | ProcessState::Ended => {}
        }
        ahead.retain(|&node| node >= self.view.processes.len() || !self.view.is_over(node));
        Some(ahead)
    }

    /// Of several things that are waited for each must lead into the set: none of them can come otherwise.
    fn add_ahead(&self, on: &On, ahead: &mut Vec<Node>) -> Option<()> {
        match on {
            On::Get(queue) => ahead.push(self.node_of(*queue)),
            On::Join(process) if self.joins == Joins::Count => ahead.push(*process as usize),
            On::Join(_) => {}
            On::Any(list) => list.iter().try_for_each(|on| self.add_ahead(on, ahead))?,
            On::Put(_) | On::Acknowledged(_) | On::Permit(_) | On::Event(_) | On::Barrier(_) => return None,
        }
        Some(())
    }

    fn node_of(&self, queue: u32) -> Node {
        self.view.processes.len() + queue as usize
    }
}
