//! Signals: as bytes of a stream, handed on to another process, and as the end of this one.

use rustix::fd::{AsFd, OwnedFd};
use rustix::process::{
    Resource, Rlimit, Signal, WaitId, WaitIdOptions, pidfd_send_signal, setrlimit, waitid,
};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::low_level::{emulate_default_handler, register};
use std::io::{self, Write};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, Ordering};

/// From now on writes the number of each signal that asks the program to end.
pub fn tell(mut writer: UnixStream) -> io::Result<()> {
    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        for signal in signals.forever() {
            // The run is over when its reader is gone.
            if writer.write_all(&[u8::try_from(signal).unwrap_or(0)]).is_err() {
                break;
            }
        }
    })?;
    Ok(())
}

/// Whether SIGTERM was handed on.
static HANDED_ON: AtomicBool = AtomicBool::new(false);

/// From now on SIGTERM goes to the child of this descriptor. Only when that has ended it ends this process.
#[allow(unsafe_code)]
pub fn hand_on_termination(child: &OwnedFd) -> io::Result<()> {
    let child = child.try_clone()?;
    let hand_on = move || {
        HANDED_ON.store(true, Ordering::Relaxed);
        if has_ended(&child) || pidfd_send_signal(&child, Signal::TERM).is_err() {
            let _ = emulate_default_handler(SIGTERM);
        }
    };
    // SAFETY: the handler makes system calls that are allowed to it (signal-safety(7)), by thin wrappers that
    // neither allocate nor lock, and stores to an atomic.
    unsafe { register(SIGTERM, hand_on) }.map(drop)
}

/// Whether this process was asked to end, and has handed that on.
pub fn was_handed_on() -> bool {
    HANDED_ON.load(Ordering::Relaxed)
}

/// Whether a child has ended; it stays to be waited for.
fn has_ended(child: &OwnedFd) -> bool {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    // One that was waited for is not there any more.
    !matches!(waitid(WaitId::PidFd(child.as_fd()), options), Ok(None))
}

/// Signals do to this process what they do by default, also those that the program around the run ignores: a process
/// ends when it is asked to, and can wait for its own children.
#[allow(unsafe_code)]
pub fn as_by_default() {
    for signal in [SIGTERM, libc::SIGCHLD] {
        // SAFETY: no handler is installed, one is taken away; with a known signal it does not fail.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
}

/// Ends this process by a signal, as another one was ended. The code is for a signal that cannot end it.
pub fn die_by(signal: i32) -> u8 {
    // The other one has left its memory on disk already, if that was wanted.
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    let _ = emulate_default_handler(signal);
    u8::try_from(128 + signal).unwrap_or(1)
}

/// Signals that ask this process to end are kept back from now on; those for a copy of it are not lost.
pub fn hold() {
    change_asking_to_end(libc::SIG_BLOCK);
}

/// Lets them through again.
pub fn let_through() {
    change_asking_to_end(libc::SIG_UNBLOCK);
}

/// What the kernel takes for a set is a word: the library's functions would only be more pages to run through.
#[allow(unsafe_code)]
fn change_asking_to_end(how: i32) {
    let set = [SIGINT, SIGTERM, SIGHUP].iter().fold(0_u64, |set, signal| set | 1 << (signal - 1));
    let none = std::ptr::null_mut::<u64>();
    // SAFETY: it reads a set. With known signals and a known way it does not fail.
    unsafe { libc::syscall(libc::SYS_rt_sigprocmask, how, &raw const set, none, size_of::<u64>()) };
}
