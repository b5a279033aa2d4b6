//! A process that ends groups of processes when the interpreter is gone, however it went.
//!
//! The kernel ends a worker, and a program that it runs, when their parent dies. What such a program has started
//! itself it does not. The guard holds the reading end of a pipe whose writing end only the interpreter has. At
//! its end it kills the groups that it was told of, then its own, in which the programs of main are.

use super::process::{Exit, exit_of, set_command_name, to_pid};
use rustix::process::{Signal, kill_current_process_group, kill_process_group};
use std::collections::BTreeSet;
use std::io::{self, Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Command, Stdio};

/// Set in the environment of a guard.
pub const GUARD_MARK: &str = "PROCESSION_GUARD";

const WATCH: u8 = b'+';
const FORGET: u8 = b'-';
/// What to do, and a group's number.
const RECORD_BYTES: usize = 5;

/// The guard, as the interpreter sees it. Dropping it ends the guard and its group.
pub struct Guard {
    child: Child,
    pipe: Option<ChildStdin>,
    watched: BTreeSet<u32>,
}

impl Guard {
    pub fn start() -> io::Result<Guard> {
        let mut command = Command::new("/proc/self/exe");
        command.arg0("procession-guard").env(GUARD_MARK, "").process_group(0).current_dir("/");
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn()?;
        let pipe = child.stdin.take();
        if let Some(pipe) = &pipe {
            rustix::io::ioctl_fionbio(pipe, true)?;
        }
        Ok(Guard { child, pipe, watched: BTreeSet::new() })
    }

    /// The group that it leads. A process that joins it ends with it.
    pub fn group(&self) -> u32 {
        self.child.id()
    }

    /// This group is to end with the interpreter.
    pub fn watch(&mut self, group: u32) {
        if self.watched.insert(group) {
            self.tell(WATCH, group);
        }
    }

    /// This group is gone.
    pub fn forget(&mut self, group: u32) {
        if self.watched.remove(&group) {
            self.tell(FORGET, group);
        }
    }

    fn tell(&mut self, what: u8, group: u32) {
        let [a, b, c, d] = group.to_le_bytes();
        if let Some(pipe) = &mut self.pipe {
            // A guard that somebody has killed needs no word.
            let _ = pipe.write_all(&[what, a, b, c, d]);
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Ok(group) = to_pid(self.child.id()) {
            // It can have been killed before; its group is gone then.
            let _ = kill_process_group(group, Signal::KILL);
        }
        let _: Result<Exit, _> = self.child.wait().map(exit_of);
    }
}

/// The life of a guard.
pub fn run() {
    set_command_name("guard");
    let mut pipe = io::stdin().lock();
    let mut record = [0; RECORD_BYTES];
    let mut groups = BTreeSet::new();
    while pipe.read_exact(&mut record).is_ok() {
        let [what, a, b, c, d] = record;
        let group = u32::from_le_bytes([a, b, c, d]);
        if what == WATCH {
            groups.insert(group);
        } else {
            groups.remove(&group);
        }
    }
    for group in groups.into_iter().filter_map(|group| to_pid(group).ok()) {
        // Most are gone already: the kernel ends the workers.
        let _ = kill_process_group(group, Signal::KILL);
    }
    let _ = kill_current_process_group(Signal::KILL);
}
