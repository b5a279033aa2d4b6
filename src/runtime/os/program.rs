//! Programs that scripts run: each ends with the process that started it.

use super::limits;
use super::process::{Exit, exit_of, to_pid, watch};
use super::strays::RUN_MARK;
use rustix::fd::OwnedFd;
use rustix::process::{self, Pid, Signal};
use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};

/// Where a program belongs.
pub struct Place {
    /// What all processes of the run carry in their environment.
    pub mark: String,
    /// It leads a group of its own, as in the interpreter. Programs of a worker stay in the worker's group, which is
    /// ended as a whole.
    pub own_group: bool,
    /// What it may use; nothing is said: as much as this process.
    pub memory_bytes: Option<u64>,
}

/// A program that was started. Dropping it ends it.
pub struct Program {
    /// With its streams, as far as they are pipes; `None` once it was waited for.
    pub child: Child,
    pidfd: OwnedFd,
    over: bool,
}

impl Program {
    /// Starts a program. The kernel ends it when the calling thread ends.
    #[allow(unsafe_code)]
    pub fn start(mut command: Command, place: &Place) -> io::Result<Program> {
        command.env(RUN_MARK, &place.mark);
        if place.own_group {
            command.process_group(0);
        }
        let parent = std::process::id();
        let memory_bytes = place.memory_bytes;
        let prepare = move || {
            end_with(parent)?;
            super::terminal::leave();
            memory_bytes.map_or(Ok(()), limits::limit_memory_of_program)
        };
        // SAFETY: between fork and exec it makes a few system calls and touches no memory but its own copy.
        unsafe { command.pre_exec(prepare) };
        let mut child = command.spawn()?;
        match watch(child.id()) {
            Ok(pidfd) => Ok(Program { child, pidfd, over: false }),
            Err(error) => {
                // Without its descriptor it could not be watched.
                child.kill().and_then(|()| child.wait())?;
                Err(error)
            }
        }
    }

    /// Becomes readable when the program has ended.
    pub fn descriptor(&self) -> &OwnedFd {
        &self.pidfd
    }

    /// How it ended; waits for that.
    pub fn wait(&mut self) -> io::Result<Exit> {
        let exit = self.child.wait().map(exit_of)?;
        self.over = true;
        Ok(exit)
    }

    /// Ends it, and what it has started.
    pub fn kill(&self) {
        if let (false, Ok(pid)) = (self.over, to_pid(self.child.id())) {
            for pid in with_descendants(pid) {
                // It can have ended a moment ago.
                let _ = process::kill_process(pid, Signal::KILL);
            }
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if !self.over {
            self.kill();
            let _ = self.child.wait();
        }
    }
}

/// Runs in the new process, before it becomes the program.
fn end_with(parent: u32) -> io::Result<()> {
    process::set_parent_process_death_signal(Some(Signal::KILL))?;
    let still_there = process::getppid().is_some_and(|pid| pid.as_raw_nonzero().get() as u32 == parent);
    if still_there { Ok(()) } else { Err(io::ErrorKind::NotFound.into()) }
}

/// A process and all below it, each stopped before its children are looked up, so that no new ones come.
fn with_descendants(root: Pid) -> Vec<Pid> {
    let mut found = vec![root];
    let mut next = 0;
    while let Some(&pid) = found.get(next) {
        let _ = process::kill_process(pid, Signal::STOP);
        found.extend(children(pid));
        next += 1;
    }
    found
}

fn children(pid: Pid) -> Vec<Pid> {
    let threads = std::fs::read_dir(format!("/proc/{}/task", pid.as_raw_nonzero()));
    let of_thread = |thread: std::fs::DirEntry| std::fs::read_to_string(thread.path().join("children")).ok();
    let lists = threads.into_iter().flatten().flatten().filter_map(of_thread);
    let pid = |word: &str| Pid::from_raw(word.parse().ok()?);
    lists.flat_map(|list| list.split_whitespace().filter_map(pid).collect::<Vec<_>>()).collect()
}
