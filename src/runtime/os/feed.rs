//! The writing end of a pipe to a program, which tells how much of what was written the program has read.
//!
//! A pipe keeps what nobody has read as long as one of its ends is open, also when the program is gone. So it is
//! known to the byte what the program has not read.

use rustix::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::pipe::fcntl_setpipe_size;
use std::io;

/// The system rounds it up to a page. A pipe of one page is ready to be written only when it is empty.
const NARROW_BYTES: usize = 1;
/// What a pipe holds unless told otherwise (pipe(7)).
const WIDE_BYTES: usize = 64 * 1024;

/// What became of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    Bytes(usize),
    /// There is no room now.
    Full,
    /// Nobody can read it any more.
    Closed,
}

/// The writing end; writing never waits.
pub struct Feed {
    pipe: OwnedFd,
    written: u64,
    narrow: bool,
}

impl Feed {
    pub fn new(pipe: OwnedFd) -> io::Result<Feed> {
        rustix::io::ioctl_fionbio(&pipe, true)?;
        Ok(Feed { pipe, written: 0, narrow: false })
    }

    pub fn write(&mut self, bytes: &[u8]) -> io::Result<Written> {
        loop {
            return match rustix::io::write(&self.pipe, bytes) {
                Ok(count) => {
                    self.written += count as u64;
                    Ok(Written::Bytes(count))
                }
                Err(Errno::AGAIN) => Ok(Written::Full),
                Err(Errno::PIPE) => Ok(Written::Closed),
                Err(Errno::INTR) => continue,
                Err(error) => Err(error.into()),
            };
        }
    }

    /// How many bytes were written since the beginning.
    #[must_use]
    pub fn written(&self) -> u64 {
        self.written
    }

    /// How many of them were read.
    #[must_use]
    pub fn read(&self) -> u64 {
        read_of(self.written, Some(&self.pipe))
    }

    /// Makes the pipe so small that it is ready to be written exactly when all was read. False when it holds too
    /// much for that now.
    pub fn narrow(&mut self) -> bool {
        self.narrow = self.narrow || fcntl_setpipe_size(&self.pipe, NARROW_BYTES).is_ok();
        self.narrow
    }

    /// Makes the pipe as large as pipes are.
    pub fn widen(&mut self) {
        if self.narrow {
            // A user may hold too many large pipes (pipe(7)); a small one does the same, slower.
            self.narrow = fcntl_setpipe_size(&self.pipe, WIDE_BYTES).is_err();
        }
    }

    /// Ends the program's input. What was written before can still be read.
    #[must_use]
    pub fn finish(self) -> Rest {
        let path = format!("/proc/self/fd/{}", self.pipe.as_raw_fd());
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        // Where there is no /proc to be seen it is not known any more what was read.
        Rest { pipe: rustix::fs::open(path, flags, Mode::empty()).ok(), written: self.written }
    }
}

impl AsFd for Feed {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.pipe.as_fd()
    }
}

/// A pipe that nobody writes into any more, held open by a reading end that nobody reads from.
pub struct Rest {
    pipe: Option<OwnedFd>,
    written: u64,
}

impl Rest {
    /// How many bytes were read of all that were written.
    #[must_use]
    pub fn read(&self) -> u64 {
        read_of(self.written, self.pipe.as_ref())
    }
}

/// Without a pipe that tells, everything counts as read.
fn read_of(written: u64, pipe: Option<&OwnedFd>) -> u64 {
    let unread = pipe.and_then(|pipe| rustix::io::ioctl_fionread(pipe).ok());
    written.saturating_sub(unread.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use std::io::Read;

    fn pipe() -> (io::PipeReader, Feed) {
        let (reader, writer) = io::pipe().unwrap();
        (reader, Feed::new(writer.into()).unwrap())
    }

    fn is_ready(feed: &Feed) -> bool {
        let now = Timespec { tv_sec: 0, tv_nsec: 0 };
        let mut fds = [PollFd::new(feed, PollFlags::OUT)];
        poll(&mut fds, Some(&now)).unwrap();
        fds[0].revents().contains(PollFlags::OUT)
    }

    #[test]
    fn it_is_known_what_was_read() {
        let (mut reader, mut feed) = pipe();
        assert_eq!(feed.write(b"abcdef").unwrap(), Written::Bytes(6));
        reader.read_exact(&mut [0; 4]).unwrap();
        assert_eq!((feed.written(), feed.read()), (6, 4));
        drop(reader);
        assert_eq!(feed.write(b"g").unwrap(), Written::Closed);
        assert_eq!(feed.read(), 4);
    }

    #[test]
    fn it_is_known_after_the_end_too() {
        let (mut reader, mut feed) = pipe();
        feed.write(b"abc").unwrap();
        let rest = feed.finish();
        reader.read_exact(&mut [0; 1]).unwrap();
        assert_eq!(rest.read(), 1);
        let mut last = Vec::new();
        reader.read_to_end(&mut last).unwrap();
        assert_eq!((last.as_slice(), rest.read()), (&b"bc"[..], 3));
    }

    #[test]
    fn a_narrow_pipe_is_ready_when_all_was_read() {
        let (mut reader, mut feed) = pipe();
        assert!(feed.narrow() && is_ready(&feed));
        feed.write(b"ab").unwrap();
        reader.read_exact(&mut [0; 1]).unwrap();
        assert!(!is_ready(&feed));
        reader.read_exact(&mut [0; 1]).unwrap();
        assert!(is_ready(&feed));
        feed.widen();
        feed.write(&[0; 2 * 4096]).unwrap();
        assert!(is_ready(&feed));
        assert!(!feed.narrow());
    }
}
