//! Children: starting a copy of this program, watching it, ending it.

use super::reaped;
use super::strays::RUN_MARK;
use rustix::fd::OwnedFd;
use rustix::process::{self, Pid, Signal, WaitIdOptions};
use std::io;
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, ExitStatus, Stdio};

/// Set, to the pid of the interpreter, in the environment of a worker; the worker removes it at once.
pub const WORKER_MARK: &str = "PROCESSION_WORKER";

/// A running child: a worker that leads a process group of its own.
pub struct Child {
    pub pid: u32,
    pidfd: OwnedFd,
}

/// How a child ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    Code(u8),
    Signal(i32),
}

impl Exit {
    /// 0, a positive code, or minus the signal's number.
    #[must_use]
    pub fn code(self) -> i32 {
        match self {
            Exit::Code(code) => i32::from(code),
            Exit::Signal(signal) => -signal,
        }
    }
}

/// How a child of the standard library's ended.
pub(super) fn exit_of(status: ExitStatus) -> Exit {
    match (status.code(), status.signal()) {
        (Some(code), _) => Exit::Code(code as u8),
        (None, signal) => Exit::Signal(signal.unwrap_or(0)),
    }
}

impl Child {
    /// Starts a copy of this program as a worker whose standard input is its control socket.
    ///
    /// The descriptor travels as standard input so that nothing else needs to be inherited, and the
    /// standard library can use `posix_spawn(3)`, whose cost does not grow with our memory.
    pub fn spawn(name: &str, socket: OwnedFd, stderr: OwnedFd, mark: &str) -> io::Result<Child> {
        let mut command = Command::new("/proc/self/exe");
        command
            .arg0(name)
            .stdin(Stdio::from(socket))
            .stderr(Stdio::from(stderr))
            .env(WORKER_MARK, std::process::id().to_string())
            .env(RUN_MARK, mark)
            .process_group(0);
        Child::of(command.spawn()?.id())
    }

    /// A child that was started already, and not waited for.
    pub fn of(pid: u32) -> io::Result<Child> {
        let pidfd = watch(pid).map_err(|error| match error.raw_os_error() {
            Some(libc::ESRCH) => taken(pid),
            _ => error,
        })?;
        Ok(Child { pid, pidfd })
    }

    /// Becomes readable when the child has ended.
    #[must_use]
    pub fn descriptor(&self) -> &OwnedFd {
        &self.pidfd
    }

    /// How the child ended, if it has; it is reaped by this. The program around the run may have reaped it before:
    /// newer kernels tell of it all the same.
    ///
    /// # Errors
    /// When that is not known any more, with what the program is to do.
    pub fn try_wait(&self) -> io::Result<Option<Exit>> {
        use rustix::fd::AsFd;
        let id = process::WaitId::PidFd(self.pidfd.as_fd());
        let status = match process::waitid(id, WaitIdOptions::EXITED | WaitIdOptions::NOHANG) {
            Ok(Some(status)) => status,
            Ok(None) => return Ok(None),
            Err(rustix::io::Errno::CHILD) => {
                return reaped::exit_of(&self.pidfd).map(Some).ok_or_else(|| taken(self.pid));
            }
            Err(error) => return Err(error.into()),
        };
        Ok(Some(match (status.exit_status(), status.terminating_signal()) {
            (Some(code), _) => Exit::Code(code as u8),
            (None, Some(signal)) => Exit::Signal(signal),
            (None, None) => return Ok(None),
        }))
    }

    /// Asks it to end (SIGTERM).
    pub fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    /// Ends it, and whatever it started in its group (SIGKILL).
    pub fn kill(&self) {
        self.signal(Signal::KILL);
        self.kill_group();
    }

    /// Ends what is left of its group. A child that has ended already is no error.
    pub fn kill_group(&self) {
        if let Ok(pid) = to_pid(self.pid) {
            let _ = process::kill_process_group(pid, Signal::KILL);
        }
    }

    /// Ends it, and returns when it is dead; it is not reaped.
    #[cfg(debug_assertions)]
    pub fn kill_and_wait(&self) {
        use rustix::event::{PollFd, PollFlags, poll};
        self.signal(Signal::KILL);
        // What interrupts the wait does so once.
        let _ = poll(&mut [PollFd::new(&self.pidfd, PollFlags::IN)], None);
    }

    fn signal(&self, signal: Signal) {
        // It can have ended a moment ago; then there is nothing to do.
        let _ = process::pidfd_send_signal(&self.pidfd, signal);
    }
}

/// Somebody else has waited for a child.
fn taken(pid: u32) -> io::Error {
    io::Error::other(format!(
        "this program has taken the end of a process of the run, {pid}, for that of a child of its own: let it wait for its \
         children by their pids, not by `waitpid(-1)`, and not ignore SIGCHLD"
    ))
}

/// A descriptor that becomes readable when a child has ended (`pidfd_open(2)`).
pub fn watch(pid: u32) -> io::Result<OwnedFd> {
    Ok(process::pidfd_open(to_pid(pid)?, process::PidfdFlags::empty())?)
}

pub(super) fn to_pid(pid: u32) -> io::Result<Pid> {
    Pid::from_raw(pid as i32).ok_or_else(|| io::Error::other("the child has no pid"))
}

/// Removes a mark from the environment, so that programs which this process starts do not take it for theirs.
#[allow(unsafe_code)]
pub fn forget_mark(mark: &str) {
    // SAFETY: called first in `main`, when the process has one thread.
    unsafe { std::env::remove_var(mark) };
}

/// Raises the soft limit of open descriptors to the hard one: a process of the graph costs two.
pub fn raise_descriptor_limit() {
    let mut limit = process::getrlimit(process::Resource::Nofile);
    limit.current = limit.maximum;
    // Failing leaves the limit as it was; running out of descriptors is reported where it happens.
    let _ = process::setrlimit(process::Resource::Nofile, limit);
}

/// Whether a child has ended, or will as soon as it gets the processor: a signal that it does not block is pending, or
/// the kernel takes it apart. What is not known counts as no.
#[must_use]
pub fn is_dying(pid: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let field =
        |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim();
    let mask = |name: &str| u64::from_str_radix(field(name), 16).unwrap_or_default();
    let pending = (mask("SigPnd:") | mask("ShdPnd:")) & !mask("SigBlk:");
    let has_ended = field("State:").starts_with(['Z', 'X']);
    pending != 0 || has_ended || is_exiting(pid)
}

/// The kernel's flag of a process that it takes apart, the ninth field of `/proc/PID/stat`.
fn is_exiting(pid: u32) -> bool {
    const PF_EXITING: u64 = 4;
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The name, in brackets, may have anything in it.
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let flags = after_name.split_whitespace().nth(6).and_then(|flags| flags.parse::<u64>().ok());
    flags.is_some_and(|flags| flags & PF_EXITING != 0)
}

/// How many descriptors this process may have open; `None`: as many as it likes.
#[must_use]
pub fn descriptor_limit() -> Option<u64> {
    process::getrlimit(process::Resource::Nofile).current
}

/// How many processes the user may have.
#[must_use]
pub fn process_limit() -> Option<u64> {
    process::getrlimit(process::Resource::Nproc).current
}

/// Makes a worker end when the interpreter does, however that ends. False: it has ended already.
pub fn die_with_parent(parent: u32) -> io::Result<bool> {
    process::set_parent_process_death_signal(Some(Signal::KILL))?;
    Ok(process::getppid().is_some_and(|pid| pid.as_raw_nonzero().get() as u32 == parent))
}

/// Ends this process, or its interpreter and then this one, as SIGKILL does: at once, in this very instruction.
#[cfg(debug_assertions)]
pub fn die(with_interpreter: bool) {
    if with_interpreter && let Some(parent) = process::getppid() {
        let _ = process::kill_process(parent, Signal::KILL);
        // The kernel does the rest, or the guardian.
        loop {
            std::thread::park();
        }
    }
    let _ = process::kill_process(process::getpid(), Signal::KILL);
}

/// Ends this process at once: nothing that a program does at its end is done.
#[allow(unsafe_code)]
pub fn end_now(code: u8) -> ! {
    // SAFETY: the first does not come back either; by way of `_exit` it would run through pages of its own.
    unsafe {
        libc::syscall(libc::SYS_exit_group, libc::c_long::from(code));
        libc::_exit(code.into())
    }
}

/// Makes this process the first of a group of its own.
pub fn lead_a_group() -> io::Result<()> {
    Ok(process::setpgid(None, None)?)
}

/// What this process writes to standard error goes there from now on.
pub fn write_errors_to(file: &OwnedFd) -> io::Result<()> {
    Ok(rustix::stdio::dup2_stderr(file)?)
}

/// Sets the command name of this process as `ps` shows it; the kernel keeps 15 bytes.
pub fn set_command_name(name: &str) {
    let mut bytes = [0; 16];
    bytes.iter_mut().take(15).zip(name.bytes().filter(|&byte| byte != 0)).for_each(|(to, byte)| *to = byte);
    if let Ok(name) = std::ffi::CStr::from_bytes_until_nul(&bytes) {
        // Only cosmetic: a kernel that refuses leaves the old name.
        let _ = rustix::thread::set_name(name);
    }
}

/// Takes the control socket that came as standard input and puts `/dev/null` in its place.
pub fn take_control_socket() -> io::Result<UnixStream> {
    let socket = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), 3)?;
    let null = std::fs::File::open("/dev/null")?;
    rustix::stdio::dup2_stdin(&null)?;
    Ok(UnixStream::from(socket))
}

/// Standard output goes nowhere from now on.
pub fn silence_output() -> io::Result<()> {
    let null = std::fs::File::options().write(true).open("/dev/null")?;
    Ok(rustix::stdio::dup2_stdout(&null)?)
}

/// The pid of this process.
#[must_use]
pub fn own_pid() -> u32 {
    process::getpid().as_raw_nonzero().get() as u32
}

/// The pid of the parent of this process.
#[must_use]
pub fn parent_pid() -> u32 {
    process::getppid().map_or(0, |pid| pid.as_raw_nonzero().get() as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_that_somebody_else_has_waited_for_is_told_of() {
        let mut child = Command::new("sh").args(["-c", "exit 3"]).spawn().unwrap();
        let watched = Child::of(child.id()).unwrap();
        child.wait().unwrap();
        match watched.try_wait() {
            Ok(exit) => assert_eq!(exit, Some(Exit::Code(3))),
            // An older kernel.
            Err(error) => assert!(error.to_string().contains("`waitpid(-1)`"), "{error}"),
        }
        let gone = Child::of(child.id()).err().unwrap();
        assert!(gone.to_string().contains("SIGCHLD"), "{gone}");
    }
}
