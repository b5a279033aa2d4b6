//! The interpreter's side of its zygote: a copy of this program, started once, that has compiled the script and makes
//! workers by copying itself. It is also the guardian of the run.
//!
//! What is started here is asked for one worker at a time and answers at once. One that does not is killed; whether it
//! had made the worker is known all the same ([`SharedPid`]), so that no worker is made twice.

use super::connection::Item;
use super::os::fork::SharedPid;
use super::os::memory::anonymous_file;
use super::os::process::{self, WORKER_MARK};
use super::os::socket::{self, Read};
use super::os::strays::RUN_MARK;
use super::os::title;
use crate::wire::codec;
use crate::wire::zygote::{Beginning, Birth, PACKET_BYTES_MAX, Word};
use rustix::fd::OwnedFd;
use std::collections::VecDeque;
use std::io::{self, Write};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Set in the environment of a zygote.
pub const ZYGOTE_MARK: &str = "PROCESSION_ZYGOTE";

/// A zygote that takes longer for one worker is stopped, or in trouble.
const PATIENCE: Duration = Duration::from_secs(2);

/// Names of processes are cut to so many bytes for it.
const NAME_BYTES_MAX: usize = 256;

/// What it is for.
pub struct Purpose<'a> {
    /// The mark of the run.
    pub mark: &'a str,
    /// The mark with those of the runs around it, as all processes of the run carry it.
    pub marked: &'a str,
    /// Whether to end what the run leaves when this program is gone.
    pub guards: bool,
    /// The script's unit; without it no workers are made.
    pub unit: Option<&'a Item>,
}

/// Why there is no worker.
pub enum NotBorn {
    /// The system refuses another process.
    Refused(io::Error),
    /// The zygote cannot, or is gone.
    NoZygote,
}

/// A zygote was asked for a worker; false: it does not hear.
pub struct Asked(bool);

/// A zygote. Dropping it ends it; the workers stay.
pub struct Zygote {
    child: Child,
    ended: OwnedFd,
    socket: OwnedFd,
    pid: SharedPid,
    /// Whether it makes workers; `None` until it has said so.
    makes: Option<bool>,
}

impl Zygote {
    /// Starts one; it is ready later.
    ///
    /// # Errors
    /// When no process can be started.
    pub fn start(purpose: &Purpose<'_>) -> io::Result<Zygote> {
        use std::os::unix::process::CommandExt;
        let (ours, theirs) = socket::packets(PATIENCE)?;
        let (pid, word) = SharedPid::create()?;
        let mut descriptors = vec![word];
        let unit = purpose.unit.map(|unit| in_a_file(unit, &mut descriptors)).transpose()?;
        let beginning = Beginning {
            mark: purpose.mark.to_owned(),
            parent: std::process::id(),
            guards: purpose.guards,
            unit,
        };
        socket::send(&ours, &codec::to_bytes(&beginning), &descriptors)?;
        let mut command = Command::new("/proc/self/exe");
        // Its workers have their names in the same place.
        command.arg0(format!("{:1$}", "zygote", title::LEN)).stdin(Stdio::from(theirs));
        command.env(ZYGOTE_MARK, "1").env_remove(WORKER_MARK).env(RUN_MARK, purpose.marked);
        let child = command.process_group(0).spawn()?;
        let ended = process::watch(child.id())?;
        Ok(Zygote { child, ended, socket: ours, pid, makes: unit.is_none().then_some(false) })
    }

    /// Becomes readable when it has ended.
    #[must_use]
    pub fn ended(&self) -> &OwnedFd {
        &self.ended
    }

    /// Becomes readable when it is ready.
    #[must_use]
    pub fn socket(&self) -> &OwnedFd {
        &self.socket
    }

    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Whether it makes workers; `None`: it is not ready yet.
    #[must_use]
    pub fn makes(&self) -> Option<bool> {
        self.makes
    }

    /// Hears that it is ready, or is not going to be.
    pub fn hear(&mut self) {
        self.makes = Some(matches!(self.word(), Some(Word::Ready { makes: true })));
    }

    /// Asks for a worker. What it is told can be said while it is being made.
    pub fn ask(&mut self, birth: &Birth, name: &str, descriptors: &[OwnedFd]) -> Asked {
        if self.makes != Some(true) {
            return Asked(false);
        }
        let border = (0..=NAME_BYTES_MAX).rev().find(|&at| name.is_char_boundary(at));
        let mut packet = codec::to_bytes(birth);
        packet.extend_from_slice(&name.as_bytes()[..border.unwrap_or(0).min(name.len())]);
        self.pid.take();
        let sent = socket::send(&self.socket, &packet, descriptors);
        Asked(sent.is_ok_and(|sent| sent > 0))
    }

    /// The worker that was asked for: its pid.
    ///
    /// # Errors
    /// When the system refuses it, or the zygote cannot.
    pub fn made(&mut self, Asked(asked): Asked) -> Result<u32, NotBorn> {
        if self.makes != Some(true) {
            return Err(NotBorn::NoZygote);
        }
        match asked.then(|| self.word()).flatten() {
            Some(Word::Refused { errno }) => Err(self.refused(io::Error::from_raw_os_error(errno))),
            Some(Word::Born {}) => self.pid.take().ok_or(NotBorn::NoZygote),
            Some(Word::Ready { .. }) | None => {
                self.makes = Some(false);
                self.kill();
                // From here on the word does not change any more.
                self.pid.take().ok_or(NotBorn::NoZygote)
            }
        }
    }

    /// A limit is a limit for everybody. Else the kernel does not let it copy itself (a filter of system calls, say).
    fn refused(&mut self, error: io::Error) -> NotBorn {
        use rustix::io::Errno;
        let limits = [Errno::AGAIN, Errno::NOMEM].map(Errno::raw_os_error);
        if error.raw_os_error().is_some_and(|errno| limits.contains(&errno)) {
            return NotBorn::Refused(error);
        }
        self.makes = Some(false);
        NotBorn::NoZygote
    }

    fn word(&self) -> Option<Word> {
        let mut buffer = [0; PACKET_BYTES_MAX];
        match socket::receive(&self.socket, &mut buffer, &mut VecDeque::new()).ok()? {
            Read::Bytes(count) => codec::from_bytes(&buffer[..count]).ok(),
            Read::Nothing | Read::End => None,
        }
    }

    fn kill(&mut self) {
        // It may have been killed already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Zygote {
    fn drop(&mut self) {
        self.kill();
    }
}

/// An item as a file, which is added to the descriptors; gives its length.
fn in_a_file(item: &Item, descriptors: &mut Vec<OwnedFd>) -> io::Result<u64> {
    let file = match item {
        Item::Shared { file, .. } => file.try_clone()?,
        Item::Inline(bytes) => {
            let mut file = anonymous_file("unit")?;
            file.write_all(bytes)?;
            OwnedFd::from(file)
        }
    };
    descriptors.push(file);
    Ok(item.bytes())
}
