//! The guardian of a run: a process that does nothing until the interpreter is gone, killed by SIGKILL say, and then
//! ends whatever the run has left.
//!
//! Workers die with the interpreter by themselves, but not what their programs started and let go. The guardian
//! holds one end of a pipe whose other end only the interpreter has: its end of file is the sign. Killing the
//! guardian and the interpreter in the same instant is not covered.

use super::os::process::{self, WORKER_MARK};
use super::os::strays;
use rustix::fd::OwnedFd;
use std::io::{self, Read};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Set, to the mark of the run, in the environment of a guardian.
pub const GUARDIAN_MARK: &str = "PROCESSION_GUARDIAN";

/// It looks until nobody was found so many times in a row: who is being started is missed once.
const LOOKS: usize = 3;
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// The interpreter's side. Dropping it ends the guardian, whose work is done when the run is over.
pub struct Guardian {
    child: Child,
}

impl Guardian {
    /// Starts the guardian of the run with this mark.
    ///
    /// # Errors
    /// When no process can be started.
    pub fn start(mark: &str) -> io::Result<Guardian> {
        use std::os::unix::process::CommandExt;
        let mut command = Command::new("/proc/self/exe");
        command.arg0("guardian").env(GUARDIAN_MARK, mark).env_remove(WORKER_MARK);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        Ok(Guardian { child: command.spawn()? })
    }

    /// Becomes readable when it has ended.
    ///
    /// # Errors
    /// When no descriptor is left.
    pub fn descriptor(&self) -> io::Result<OwnedFd> {
        process::watch(self.child.id())
    }
}

impl Drop for Guardian {
    fn drop(&mut self) {
        // It may have been killed already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until the interpreter's end of the pipe is gone.
fn wait_for_the_end() {
    let mut buffer = [0; 64];
    loop {
        match io::stdin().read(&mut buffer) {
            Ok(0) => return,
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return,
        }
    }
}

/// The life of a guardian.
pub fn live(mark: &str) {
    process::set_command_name("guardian");
    // What ends the interpreter, or everybody of its name, is not to end its guardian.
    if super::os::signals::ignore().is_err() {
        return;
    }
    wait_for_the_end();
    let mut looks = 0;
    while looks < LOOKS {
        looks = if strays::kill_marked(mark) == 0 { looks + 1 } else { 0 };
        std::thread::sleep(BETWEEN_LOOKS);
    }
}
