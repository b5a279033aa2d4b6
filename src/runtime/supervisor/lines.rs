//! The place of each line in the output. What a process prints because of another's item must come behind what that
//! one printed before; but items go by shared memory, and lines by as many sockets as there are processes.
//!
//! Each line comes with the moment at which it was printed, by a clock that all share. When a line was heard, all that
//! was printed before it is at least in the sockets: so these are read once more, and then all lines up to it have
//! their place, in the order of their moments.

use super::{KEY_CONNECTION, KEY_OUTPUT, Supervisor, kind_of};
use crate::runtime::os::poll::{Interest, Ready};
use crate::runtime::os::socket::Read;
use std::io;
use std::time::Duration;

/// A socket holds less than is read so often.
const READS: usize = 16;
/// Its socket, its end, its standard error, and some of the loop's own.
const DESCRIPTORS_A_JOB: usize = 4;

/// A line that was heard.
pub struct Line {
    moment: u64,
    job: u32,
    text: Vec<u8>,
}

impl Supervisor<'_> {
    pub(super) fn heard_line(&mut self, job: u32, moment: u64, text: Vec<u8>) {
        self.job_mut(job).lines += 1;
        self.lines.push(Line { moment, job, text });
    }

    /// Finds the place of those lines that can have one now.
    pub(super) fn place_lines(&mut self, ready: &mut Vec<Ready>) -> io::Result<()> {
        let newest = self.lines.iter().map(|line| line.moment).max();
        let Some(newest) = newest.filter(|_| self.can_place_lines()) else { return Ok(()) };
        self.hear_all(ready)?;
        self.place_lines_until(newest);
        Ok(())
    }

    /// What those have printed who are not heard until there is room for it may belong before any line.
    pub(super) fn can_place_lines(&self) -> bool {
        !self.lines.is_empty() && !self.jobs.iter().any(|job| job.paused)
    }

    /// Reads what all sockets hold now. What is ready comes in turn; what is no socket is left for later and stays ready.
    fn hear_all(&mut self, ready: &mut Vec<Ready>) -> io::Result<()> {
        let descriptors = DESCRIPTORS_A_JOB * self.jobs.len();
        let mut seen = 0;
        loop {
            self.poll.wait(Some(Duration::ZERO), ready)?;
            seen += ready.len();
            let many = self.poll.is_filled_by(ready) && seen <= descriptors;
            for event in ready.iter().filter(|event| kind_of(event.key) == KEY_CONNECTION) {
                self.hear(event)?;
            }
            if !many {
                return Ok(());
            }
        }
    }

    fn hear(&mut self, event: &Ready) -> io::Result<()> {
        let id = super::id_of(event.key);
        if event.writable {
            self.send(id)?;
        }
        for _ in 0..READS {
            let Some(connection) = self.jobs[id as usize].connection.as_mut().filter(|_| event.readable)
            else {
                break;
            };
            let read = connection.read_by(&mut self.buffer);
            self.serve(id)?;
            match read {
                Ok(Read::Bytes(_)) => {}
                Ok(Read::Nothing) => break,
                Ok(Read::End) | Err(_) => return self.connection_ended(id),
            }
        }
        Ok(())
    }

    /// Nothing more will be heard: every line has its place.
    pub(super) fn place_all_lines(&mut self) {
        self.place_lines_until(u64::MAX);
    }

    fn place_lines_until(&mut self, newest: u64) {
        self.lines.sort_by_key(|line| line.moment);
        let count = self.lines.partition_point(|line| line.moment <= newest);
        let rest = self.lines.split_off(count);
        for Line { job, text, .. } in std::mem::replace(&mut self.lines, rest) {
            self.print(job, &text);
            self.job_mut(job).lines -= 1;
        }
    }

    /// Writes output as far as it goes, and lets those print again who had to wait for it.
    pub(super) fn flush_output(&mut self) -> io::Result<()> {
        if !self.output.is_empty() {
            self.output.flush();
        }
        if self.output.is_closed() {
            self.output_is_closed();
        }
        let watch = !self.output.is_empty();
        if watch != self.output_watched {
            let stdout = rustix::stdio::stdout();
            // What cannot be watched (a file, /dev/null) always has room.
            let done = if watch {
                self.poll.add(stdout, KEY_OUTPUT, Interest::Write).is_ok()
            } else {
                self.poll.remove(stdout).is_ok()
            };
            self.output_watched = watch && done;
        }
        if !self.output.is_crowded() {
            let paused: Vec<u32> = self.jobs.iter().filter(|job| job.paused).map(|job| job.id).collect();
            for id in paused {
                self.job_mut(id).paused = false;
                self.watch_connection(id)?;
            }
        }
        self.release_leaving()
    }
}
