//! Asking runs that are going on, from outside. Each run listens on a socket in a private folder of its user;
//! both sides see to it that the other belongs to the same user, or to root.

mod folder;
pub mod usage;

use super::os::socket;
use crate::wire::codec;
use crate::wire::frame::{self, Decoder};
use crate::wire::watch::{Answer, Question, RunNow, VERSION};
pub use folder::Listener;
use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Runs have this long to answer, all together.
const PATIENCE: Duration = Duration::from_secs(2);

/// The socket of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The pid of its interpreter, for a second run of one program with a number behind it.
    pub id: String,
    path: PathBuf,
}

/// What a run answered.
#[derive(Clone, Debug)]
pub struct Told {
    pub id: String,
    pub run: Result<RunNow, Mute>,
}

/// Why a run that is there did not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mute {
    /// Not in time: it is stopped, or very busy.
    Silent,
    /// It belongs to another version of this program.
    OtherVersion,
}

/// The sockets of this user's runs, by pid, and the folders that are not to be trusted.
#[must_use]
pub fn addresses() -> (Vec<Address>, Vec<io::Error>) {
    let (mut addresses, mut refused) = (Vec::new(), Vec::new());
    for place in folder::places() {
        match folder::check_private(&place).and_then(|()| listed(&place)) {
            Ok(found) => addresses.extend(found),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => refused.push(error),
        }
    }
    addresses.sort_by_key(|address| (pid_of(&address.id), address.id.clone()));
    (addresses, refused)
}

fn listed(folder: &Path) -> io::Result<Vec<Address>> {
    let names = std::fs::read_dir(folder)?.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    let ids = names.filter(|name| pid_of(name).is_some());
    Ok(ids.map(|id| Address { path: folder.join(&id), id }).collect())
}

fn pid_of(id: &str) -> Option<u32> {
    id.split('.').next()?.parse().ok()
}

/// Asks these runs all at once. Those that have ended are left out, and their sockets removed.
#[must_use]
pub fn ask(addresses: &[Address]) -> Vec<Told> {
    let deadline = Instant::now() + PATIENCE;
    let asked: Vec<_> = addresses.iter().map(|address| (address, put_question(address))).collect();
    let told = asked.into_iter().filter_map(|(address, stream)| {
        let run = match stream {
            Ok(Some(stream)) => listen(stream, deadline),
            Ok(None) => return None,
            Err(mute) => Err(mute),
        };
        // One that ends at this moment has not answered, and is none that goes on.
        let is_gone = run == Err(Mute::Silent) && !address.path.exists();
        (!is_gone).then(|| Told { id: address.id.clone(), run })
    });
    told.collect()
}

/// Connects and asks; `None` when there is no run that is to be trusted.
fn put_question(address: &Address) -> Result<Option<UnixStream>, Mute> {
    let mut stream = match socket::connect_at_once(&address.path) {
        Ok(stream) => stream,
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            remove_stale(address);
            return Ok(None);
        }
        // More callers wait than it may have: it does not take them.
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Err(Mute::Silent),
        Err(_) => return Ok(None),
    };
    if !socket::is_trusted(&stream) {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    frame::write(&codec::to_bytes(&Question { version: VERSION }), &mut bytes);
    // A new socket has room for a few bytes.
    stream.write_all(&bytes).map_err(|_| Mute::Silent)?;
    Ok(Some(stream))
}

/// A run that was killed leaves its socket. One that is about to listen is alive.
fn remove_stale(address: &Address) {
    let is_alive = pid_of(&address.id).is_some_and(|pid| Path::new(&format!("/proc/{pid}")).exists());
    if !is_alive {
        // Somebody else may have removed it a moment ago.
        let _ = std::fs::remove_file(&address.path);
    }
}

fn listen(mut stream: UnixStream, deadline: Instant) -> Result<RunNow, Mute> {
    let mut decoder = Decoder::new();
    let mut buffer = vec![0; 64 * 1024];
    stream.set_nonblocking(false).map_err(|_| Mute::Silent)?;
    loop {
        // No time at all would mean to wait for ever.
        let left = deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
        let count = stream.set_read_timeout(Some(left)).and_then(|()| stream.read(&mut buffer));
        match count {
            Ok(0) => return Err(Mute::Silent),
            Ok(count) => decoder.push(&buffer[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return Err(Mute::Silent),
        }
        match decoder.next_payload() {
            Ok(Some(payload)) => return understand(payload),
            Ok(None) if Instant::now() >= deadline => return Err(Mute::Silent),
            Ok(None) => {}
            Err(_) => return Err(Mute::OtherVersion),
        }
    }
}

fn understand(payload: &[u8]) -> Result<RunNow, Mute> {
    match codec::from_bytes(payload) {
        Ok(Answer::Run { run }) => Ok(run),
        Ok(Answer::OtherVersion { .. }) | Err(_) => Err(Mute::OtherVersion),
    }
}
