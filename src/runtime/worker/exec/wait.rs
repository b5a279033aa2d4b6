//! Waiting for one of a few descriptors (`poll(2)`).

use rustix::event::{PollFd, Timespec, poll};
use rustix::io::Errno;
use std::io;

/// Waits for one of these, or for so long.
pub fn wait(fds: &mut [PollFd<'_>], time: Option<&Timespec>) -> io::Result<()> {
    loop {
        match poll(fds, time) {
            Ok(_) => return Ok(()),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}
