//! Standard error, written without waiting for a reader who does not read: what tells of a run must not hold it up.
//!
//! What finds no room (`poll(2)`) is kept, up to a bound, and written with what comes next, or at the end.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

/// What is kept for a reader at most; what comes then is counted.
const KEPT_BYTES_MAX: usize = 1 << 20;
/// A pipe that is ready takes at least this much without blocking (`PIPE_BUF`, pipe(7)).
const CHUNK_BYTES: usize = 4096;
const NOW: Timespec = Timespec { tv_sec: 0, tv_nsec: 0 };
/// At the end a reader is waited for as long as he reads something within this time.
const PATIENCE: Timespec = Timespec { tv_sec: 2, tv_nsec: 0 };

/// Texts on their way out.
#[derive(Default)]
pub struct StandardError {
    kept: Vec<u8>,
    left_out: usize,
}

impl StandardError {
    /// Writes a text, now or later.
    pub fn write(&mut self, text: &str) {
        if self.kept.len() > KEPT_BYTES_MAX {
            self.left_out += 1;
        } else {
            self.tell_of_gap();
            self.kept.extend_from_slice(text.as_bytes());
        }
        while !self.kept.is_empty() && self.pass_on(&NOW) {}
    }

    fn tell_of_gap(&mut self) {
        let count = std::mem::take(&mut self.left_out);
        if count > 0 {
            let note = format!("note: {count} messages are left out here: nobody read standard error\n");
            self.kept.extend_from_slice(note.as_bytes());
        }
    }

    /// Writes a part as soon as there is room for it; false: there was none in time.
    fn pass_on(&mut self, patience: &Timespec) -> bool {
        let stderr = rustix::stdio::stderr();
        match poll(&mut [PollFd::from_borrowed_fd(stderr, PollFlags::OUT)], Some(patience)) {
            Ok(0) => return false,
            Err(Errno::INTR) => return true,
            // What cannot be waited for is written all the same.
            Ok(_) | Err(_) => {}
        }
        match rustix::io::write(stderr, &self.kept[..self.kept.len().min(CHUNK_BYTES)]) {
            Ok(count) => drop(self.kept.drain(..count)),
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => return false,
            // Nobody is left to tell when standard error itself is gone.
            Err(_) => self.kept.clear(),
        }
        true
    }
}

impl Drop for StandardError {
    fn drop(&mut self) {
        self.tell_of_gap();
        while !self.kept.is_empty() && self.pass_on(&PATIENCE) {}
    }
}
