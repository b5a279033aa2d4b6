//! Pipes whose reading end never waits.

use rustix::fd::OwnedFd;
use std::fs::File;
use std::io;

/// A pipe; reading where nothing is there gives `WouldBlock`. Both ends are closed by `execve(2)`.
pub fn without_waiting() -> io::Result<(File, OwnedFd)> {
    let (reader, writer) = io::pipe()?;
    let reader = OwnedFd::from(reader);
    rustix::io::ioctl_fionbio(&reader, true)?;
    Ok((File::from(reader), OwnedFd::from(writer)))
}
