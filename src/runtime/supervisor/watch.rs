//! What starts processes and what sees to it that nobody is left: the zygote, which is also the guardian, the mark that
//! all processes of a run carry, and the search for strays at the end.

use super::timers::Due;
use super::{KEY_ZYGOTE, Supervisor, key};
use crate::observe::Event;
use crate::runtime::Start;
use crate::runtime::os::poll::Interest;
use crate::runtime::os::process::Child;
use crate::runtime::os::strays;
use crate::runtime::zygote::{Asked, NotBorn, Purpose, Zygote};
use crate::wire::zygote::Birth;
use rustix::fd::OwnedFd;
use std::io;
use std::time::{Duration, Instant};

/// A zygote that is killed is replaced so many times. From then on processes are executed anew.
const ZYGOTES: u32 = 5;

/// One that takes longer to get ready is stopped, or in trouble.
const READY_WITHIN: Duration = Duration::from_secs(10);

/// The watch over one run.
pub struct Watch {
    mark: String,
    /// The mark with those of the runs around this one.
    marked: String,
    guarded: bool,
    start: Start,
    zygote: Option<Zygote>,
    called: u32,
}

impl Watch {
    #[must_use]
    pub fn new(guarded: bool, start: Start) -> Self {
        let mark = strays::new_mark();
        if guarded {
            strays::adopt_orphans();
        }
        let marked = strays::marked_value(&mark);
        Watch { mark, marked, guarded, start, zygote: None, called: 0 }
    }

    /// What each process of the run carries in its environment.
    #[must_use]
    pub fn marked(&self) -> &str {
        &self.marked
    }

    /// Whether the zygote is not ready yet.
    #[must_use]
    pub fn is_awaited(&self) -> bool {
        self.zygote.as_ref().is_some_and(|zygote| zygote.makes().is_none())
    }

    /// Ends what programs of the run have left running. All workers have been reaped.
    pub fn kill_strays(&self) {
        if self.guarded {
            strays::kill_adopted(&self.mark, self.zygote.as_ref().map(Zygote::pid));
        }
    }
}

impl Supervisor<'_> {
    /// Whether processes can be started only later. The first one that is asked for calls the zygote.
    pub(super) fn is_zygote_awaited(&mut self) -> bool {
        if self.watch.called == 0 {
            self.call_zygote();
        }
        self.watch.is_awaited()
    }

    /// Calls a zygote: when the first process is to be started, and when the last one was killed.
    pub(super) fn call_zygote(&mut self) {
        let makes = self.watch.start == Start::Zygote;
        if !(makes || self.watch.guarded) || self.watch.called == ZYGOTES {
            return;
        }
        self.watch.called += 1;
        match self.new_zygote(makes) {
            Ok(zygote) => self.watch.zygote = Some(zygote),
            Err(error) => {
                let reason = super::limits::explain(&error);
                let event = Event::NotStarted { name: "zygote".to_owned(), reason };
                self.observer.event(&event);
            }
        }
    }

    fn new_zygote(&mut self, makes: bool) -> io::Result<Zygote> {
        let Watch { mark, marked, guarded, called, .. } = &self.watch;
        let unit = makes.then_some(&self.unit);
        let zygote = Zygote::start(&Purpose { mark, marked, guards: *guarded, unit })?;
        self.poll.add(zygote.ended(), key(0, KEY_ZYGOTE), Interest::Read)?;
        if zygote.makes().is_none() {
            self.poll.add(zygote.socket(), key(1, KEY_ZYGOTE), Interest::Read)?;
            self.timers.set(Instant::now() + READY_WITHIN, Due::Zygote { called: *called });
        }
        Ok(zygote)
    }

    /// The zygote says that it is ready; who waits for it gets his processes.
    pub(super) fn zygote_ready(&mut self) -> io::Result<()> {
        let Some(zygote) = self.watch.zygote.as_mut().filter(|zygote| zygote.makes().is_none()) else {
            return Ok(());
        };
        zygote.hear();
        self.poll.remove(zygote.socket())?;
        self.serve_held()
    }

    /// The zygote was killed: another takes its place.
    pub(super) fn zygote_ended(&mut self) -> io::Result<()> {
        if let Some(zygote) = self.watch.zygote.take() {
            // Closing it would take it off as well; a copy elsewhere would not.
            let _ = self.poll.remove(zygote.ended());
            if zygote.makes().is_none() {
                let _ = self.poll.remove(zygote.socket());
            }
        }
        self.call_zygote();
        if self.watch.is_awaited() { Ok(()) } else { self.serve_held() }
    }

    /// A zygote has had its time to get ready.
    pub(super) fn zygote_overdue(&mut self, called: u32) -> io::Result<()> {
        if self.watch.called == called && self.watch.is_awaited() { self.zygote_ended() } else { Ok(()) }
    }

    fn serve_held(&mut self) -> io::Result<()> {
        for (id, request) in std::mem::take(&mut self.held) {
            // It may have been killed while it waited.
            if self.job(id).connection.is_some() {
                self.ask(id, request)?;
            }
        }
        Ok(())
    }

    /// Whether processes come from the zygote.
    pub(super) fn has_zygote(&self) -> bool {
        self.watch.zygote.as_ref().is_some_and(|zygote| zygote.makes() == Some(true))
    }

    /// Asks the zygote, if there is one, for a worker.
    pub(super) fn ask_for_birth(&mut self, id: u32, descriptors: &[OwnedFd]) -> Option<Asked> {
        let birth = Birth { body: self.body_of(id) };
        Some(self.watch.zygote.as_mut()?.ask(&birth, &self.jobs[id as usize].name, descriptors))
    }

    /// What became of it; nothing: there is no zygote.
    pub(super) fn born(&mut self, asked: Option<Asked>) -> io::Result<Option<Child>> {
        let (Some(zygote), Some(asked)) = (&mut self.watch.zygote, asked) else { return Ok(None) };
        match zygote.made(asked) {
            Ok(pid) => Child::of(pid).map(Some),
            Err(NotBorn::Refused(error)) => Err(error),
            Err(NotBorn::NoZygote) => Ok(None),
        }
    }

    /// The body that a process runs; those of a pool mostly run functions that stand in that of its owner.
    fn body_of(&self, id: u32) -> Option<u32> {
        let job = self.job(id);
        match job.pool {
            Some(pool) => self.body_of(self.pools[pool].owner()),
            None if id == super::MAIN => self.graph.main,
            None => Some(self.graph.unit.templates.get(job.template as usize)?.body),
        }
    }
}
