//! Signals: as bytes of a stream, handed on to another process, and as the end of this one.

use rustix::fd::OwnedFd;
use rustix::process::{Resource, Rlimit, Signal, pidfd_send_signal, setrlimit};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::low_level::{emulate_default_handler, register};
use std::io::{self, Write};
use std::os::unix::net::UnixStream;
use std::sync::Arc;

/// Signals that ask the program to end do nothing from now on.
pub fn ignore() -> io::Result<()> {
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        signal_hook::flag::register(signal, Arc::default())?;
    }
    Ok(())
}

/// A stream that gives the number of each signal that asks the program to end.
pub fn stream() -> io::Result<UnixStream> {
    let (reader, writer) = UnixStream::pair()?;
    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        let mut writer = writer;
        for signal in signals.forever() {
            // The run is over when its reader is gone.
            if writer.write_all(&[u8::try_from(signal).unwrap_or(0)]).is_err() {
                break;
            }
        }
    })?;
    Ok(reader)
}

/// From now on SIGTERM does not end this process, but goes to the one of this descriptor.
#[allow(unsafe_code)]
pub fn hand_on_termination(process: &OwnedFd) -> io::Result<()> {
    let process = process.try_clone()?;
    let hand_on = move || {
        // It can have ended a moment ago; then there is nothing to do.
        let _ = pidfd_send_signal(&process, Signal::TERM);
    };
    // SAFETY: the handler makes one system call, which a signal handler may (signal-safety(7) allows `kill`).
    unsafe { register(SIGTERM, hand_on) }.map(drop)
}

/// Ends this process by a signal, as another one was ended. The code is for a signal that cannot end it.
pub fn die_by(signal: i32) -> u8 {
    // The other one has left its memory on disk already, if that was wanted.
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    let _ = emulate_default_handler(signal);
    u8::try_from(128 + signal).unwrap_or(1)
}
