//! What a process writes to standard error: passed on in whole lines, the last of them kept for its obituary.

use super::Supervisor;
use crate::observe::Event;
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read, Write};

/// So many lines are kept, each up to so many characters.
const LINES_KEPT: usize = 5;
const LINE_CHARACTERS: usize = 400;
/// A line that is longer is passed on in parts.
const LINE_BYTES_MAX: usize = 64 * 1024;

/// The standard error of one process.
pub struct LastWords {
    pipe: File,
    /// The beginning of a line whose end has not come.
    begun: Vec<u8>,
    lines: VecDeque<String>,
}

impl LastWords {
    /// `pipe` is the reading end and does not block.
    #[must_use]
    pub fn new(pipe: File) -> Self {
        LastWords { pipe, begun: Vec::new(), lines: VecDeque::new() }
    }

    #[must_use]
    pub fn pipe(&self) -> &File {
        &self.pipe
    }

    /// Reads what is there and writes its whole lines to `to`; false at the end of the pipe.
    fn pass_on(&mut self, to: &mut impl Write) -> io::Result<bool> {
        let mut buffer = [0; 16 * 1024];
        loop {
            let count = match self.pipe.read(&mut buffer) {
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(true),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            self.hear(&buffer[..count], to);
            if count < buffer.len() {
                return Ok(count > 0);
            }
        }
    }

    fn hear(&mut self, bytes: &[u8], to: &mut impl Write) {
        self.begun.extend_from_slice(bytes);
        let whole = match self.begun.iter().rposition(|&byte| byte == b'\n') {
            Some(newline) => newline + 1,
            None if self.begun.len() > LINE_BYTES_MAX => self.begun.len(),
            None => return,
        };
        let rest = self.begun.split_off(whole);
        let lines = std::mem::replace(&mut self.begun, rest);
        self.tell(&lines, to);
    }

    fn tell(&mut self, lines: &[u8], to: &mut impl Write) {
        // Nobody is left to tell when standard error itself is gone.
        let _ = to.write_all(lines);
        for line in lines.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()) {
            self.keep(&String::from_utf8_lossy(line));
        }
    }

    /// Keeps a line as one of the last.
    pub fn keep(&mut self, line: &str) {
        if self.lines.len() == LINES_KEPT {
            self.lines.pop_front();
        }
        self.lines.push_back(line.chars().take(LINE_CHARACTERS).collect());
    }

    /// The last lines, when nothing more can come; a line without an end gets one.
    fn conclude(mut self, to: &mut impl Write) -> Vec<String> {
        // What cannot be read is no reason to hold up the end of a process.
        let _ = self.pass_on(to);
        let mut rest = std::mem::take(&mut self.begun);
        if !rest.is_empty() {
            rest.push(b'\n');
            self.tell(&rest, to);
        }
        self.lines.into()
    }
}

impl Supervisor<'_> {
    /// A process has written to standard error.
    pub(super) fn pass_on_words(&mut self, id: u32) -> io::Result<()> {
        let Some(words) = self.jobs[id as usize].last_words.as_mut() else { return Ok(()) };
        let mut told = Vec::new();
        // At the end, or broken: nothing more comes, what was heard stays known.
        if !words.pass_on(&mut told).unwrap_or(false) {
            self.poll.remove(words.pipe())?;
        }
        self.log_words(id, &told);
        Ok(())
    }

    /// Everything that a process that has ended wrote last.
    pub(super) fn take_last_words(&mut self, id: u32) -> Vec<String> {
        let Some(words) = self.job_mut(id).last_words.take() else { return Vec::new() };
        let mut told = Vec::new();
        let last = words.conclude(&mut told);
        self.log_words(id, &told);
        last
    }

    fn log_words(&mut self, id: u32, told: &[u8]) {
        for line in told.split_inclusive(|&byte| byte == b'\n') {
            let line = String::from_utf8_lossy(line.strip_suffix(b"\n").unwrap_or(line)).into_owned();
            let name = self.job(id).name.clone();
            self.observer.event(&Event::Logged { name, line });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words() -> (LastWords, File) {
        let (reader, writer) = crate::runtime::os::pipe::without_waiting().unwrap();
        (LastWords::new(reader), File::from(writer))
    }

    #[test]
    fn whole_lines_are_passed_on_and_the_last_are_kept() {
        let (mut words, mut writer) = words();
        let mut told = Vec::new();
        writer.write_all(b"a\nb\nhalf").unwrap();
        assert!(words.pass_on(&mut told).unwrap());
        assert_eq!(told, b"a\nb\n");
        writer.write_all(b" done\nc\nd\ne\nno end").unwrap();
        assert_eq!(words.conclude(&mut told), ["half done", "c", "d", "e", "no end"]);
        assert_eq!(told, b"a\nb\nhalf done\nc\nd\ne\nno end\n");
    }

    #[test]
    fn a_line_without_end_is_passed_on_in_parts() {
        let (mut words, _writer) = words();
        let mut told = Vec::new();
        words.hear(&vec![b'x'; LINE_BYTES_MAX + 1], &mut told);
        assert_eq!((told.len(), words.lines[0].len()), (LINE_BYTES_MAX + 1, LINE_CHARACTERS));
    }

    #[test]
    fn the_end_of_the_pipe_is_seen() {
        let (mut words, writer) = words();
        drop(writer);
        assert!(!words.pass_on(&mut Vec::new()).unwrap());
    }
}
