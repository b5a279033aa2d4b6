//! The program around the run as a job: it holds the other ends of host queues, each by a connection of its own, which
//! are threads of this job. It always runs, is nobody's child, and the run does not wait for it.

use super::Supervisor;
use super::job::{Ends, Job, State};
use crate::ast::QueueFlavour;
use crate::runtime::connection::{Connection, Item};
use crate::runtime::hosted::{Left, Leftovers};
use std::collections::VecDeque;
use std::io;
use std::os::unix::net::UnixStream;
use std::rc::Rc;

impl Supervisor<'_> {
    /// The program joins the run; it puts into what processes take from, and takes what they put.
    pub(super) fn add_host(&mut self, socket: Option<UnixStream>) -> io::Result<()> {
        let Some(socket) = socket else { return Ok(()) };
        let id = self.jobs.len() as u32;
        let mut ends = Ends::default();
        for (queue, _) in
            (0..).zip(&self.graph.queues).filter(|(_, queue)| queue.flavour == QueueFlavour::Host)
        {
            let (puts, takes) = self.graph_holds(queue);
            // Of one that nobody of the graph holds, a body may be given either end.
            if takes || !puts {
                ends.puts.insert(queue);
            }
            if puts || !takes {
                ends.takes.insert(queue);
            }
        }
        let mut job = Job::new(id, "host".to_owned(), 0);
        (job.host, job.host_pid, job.daemon) = (Some(id), std::process::id(), true);
        job.threads.push(id);
        (job.state, job.ends) = (State::Running, ends);
        self.jobs.push(job);
        self.host_job = Some(id);
        self.connect(id, Connection::without_waiting(socket)?)
    }

    /// Whether a process of the graph, or main, can put into a queue, and whether one can take from it.
    fn graph_holds(&self, queue: u32) -> (bool, bool) {
        let holds = |of: fn(&Ends) -> &std::collections::BTreeSet<u32>| {
            self.jobs.iter().any(|job| of(&job.ends).contains(&queue))
        };
        (holds(|ends| &ends.puts), holds(|ends| &ends.takes))
    }

    /// Whether a job is an end in the hands of the program.
    pub(super) fn is_hosted(&self, job: &Job) -> bool {
        job.host.is_some() && job.host == self.host_job
    }

    /// What is left in the queues that the program takes from: it may have it when the run is over.
    pub(super) fn leave_to_host(&mut self, leftovers: &Leftovers) {
        let Some(host) = self.host_job else { return };
        for queue in 0..self.graph.queues.len() as u32 {
            let takes = |job: &&Job| job.host == Some(host) && job.ends.takes.contains(&queue);
            let Some(taker) = self.jobs.iter().find(takes).map(|job| job.id) else { continue };
            let machine = &mut self.queues[queue as usize].machine;
            let items: VecDeque<Left> =
                std::iter::from_fn(|| machine.take(taker)).filter_map(|taken| left(taken.item)).collect();
            leftovers.put(queue, items);
        }
    }
}

/// An item for another thread.
fn left(item: Item) -> Option<Left> {
    Some(match item {
        Item::Inline(bytes) => Left::Bytes(Rc::unwrap_or_clone(bytes)),
        Item::Shared { file, len } => {
            Left::File(Rc::try_unwrap(file).or_else(|file| file.try_clone()).ok()?, len)
        }
    })
}
