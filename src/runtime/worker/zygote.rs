//! The life of a zygote: it compiles the script, makes workers by copying itself, and guards the run.
//!
//! It has one thread and stays small, since a copy costs what its tables of memory cost. A worker goes on with the
//! engine and with everything that was compiled before; both share the memory that neither changes.

use crate::runtime::connection::new_buffer;
use crate::runtime::guardian;
use crate::runtime::os::fork::{Fork, SharedPid, Side};
use crate::runtime::os::memory::Mapping;
use crate::runtime::os::socket::{self, Read};
use crate::runtime::os::title::Title;
use crate::runtime::os::{process, signals, terminal, text};
use crate::script::{self, Engine, Unit};
use crate::wire::codec::{self, Decode};
use crate::wire::zygote::{BIRTH_BYTES_MAX, Beginning, Birth, PACKET_BYTES_MAX, Word};
use rustix::fd::OwnedFd;
use std::collections::{BTreeSet, VecDeque};
use std::io;
use std::os::unix::net::UnixStream;
use std::rc::Rc;

/// A script made ready to run.
pub struct Script {
    pub unit: Rc<Unit>,
    pub engine: Box<dyn Engine>,
}

/// What a worker has from its zygote. It writes to as few pages of the memory that it shares as can be: the first time
/// costs it a copy.
pub struct Ready {
    pub script: Script,
    /// For its control socket.
    pub buffer: Box<[u8]>,
}

/// Who has made so many workers makes more of them, for which it prepares itself.
const MANY: u32 = 128;

/// What becomes of a zygote.
enum Fate {
    /// The interpreter is gone: nobody asks any more.
    Alone,
    /// This is a copy: a worker with its control socket.
    Worker(UnixStream),
    /// This is a copy whose interpreter is gone.
    Lost,
}

/// What makes workers, and where their pids go.
struct Maker {
    fork: Fork,
    title: Option<Title>,
    parent: u32,
    ready: Ready,
    /// The bodies that are compiled.
    compiled: BTreeSet<Option<u32>>,
    /// What it says when a worker is born.
    born: Vec<u8>,
}

/// The descriptors that come with a request: a control socket and a standard error.
#[derive(Default)]
struct Along([Option<OwnedFd>; 2]);

impl Extend<OwnedFd> for Along {
    fn extend<I: IntoIterator<Item = OwnedFd>>(&mut self, descriptors: I) {
        self.0
            .iter_mut()
            .filter(|place| place.is_none())
            .zip(descriptors)
            .for_each(|(place, it)| *place = Some(it));
    }
}

/// The life of a zygote, and of each worker that comes out of it; gives the exit code.
pub fn live() -> u8 {
    signals::hold();
    process::set_command_name("zygote");
    terminal::leave();
    let Ok(socket) = process::take_control_socket() else { return super::LOST };
    script::on_big_stack(|| begin(OwnedFd::from(socket)).unwrap_or(super::LOST))
}

fn begin(socket: OwnedFd) -> io::Result<u8> {
    let Some((beginning, mut descriptors)) = hear::<Beginning>(&socket)? else { return Ok(0) };
    let Some(word) = descriptors.pop_front() else { return Err(io::ErrorKind::InvalidData.into()) };
    let pids = SharedPid::open(&word)?;
    pids.keep_from_copies()?;
    drop(word);
    let unit = beginning.unit.zip(descriptors.pop_front());
    let maker = unit.and_then(|(len, file)| Maker::new(beginning.parent, len, &file).ok());
    // When nobody hears it, nobody asks either.
    let _ = tell(&socket, &Word::Ready { makes: maker.is_some() });
    if let Some(mut maker) = maker {
        match maker.serve(socket, pids) {
            // Not even the copy's stack is cleared away, nor what the program has for its end done: all that is the
            // zygote's.
            Fate::Worker(stream) => process::end_now(super::run_process(stream, Some(maker.ready))),
            Fate::Lost => process::end_now(super::LOST),
            Fate::Alone => {}
        }
    } else {
        // Nothing is asked of it; what comes is the end.
        while let Ok(Read::Bytes(_)) =
            socket::receive(&socket, &mut [0; BIRTH_BYTES_MAX], &mut Along::default())
        {}
    }
    if beginning.guards {
        guardian::end_everybody(&beginning.mark);
    }
    Ok(0)
}

impl Maker {
    fn new(parent: u32, len: u64, file: &OwnedFd) -> io::Result<Maker> {
        let fork = Fork::prepare()?;
        let bytes = Mapping::new(file, usize::try_from(len).unwrap_or(usize::MAX))?;
        let value = codec::decode(bytes.bytes()).map_err(io::Error::other)?;
        let unit =
            Unit::from_value(&value).ok_or_else(|| io::Error::other("the zygote was given no unit"))?;
        let unit = Rc::new(unit);
        let engine = script::outside(unit.clone());
        Ok(Maker {
            fork,
            title: Title::find(),
            parent,
            ready: Ready { script: Script { unit, engine }, buffer: new_buffer() },
            compiled: BTreeSet::new(),
            born: codec::to_bytes(&Word::Born {}),
        })
    }

    /// Makes workers until nobody asks any more. In a worker it returns.
    ///
    /// Each copy takes all pages from it that it wrote to, so that it has to copy them itself to write there again: it
    /// allocates nothing between one worker and the next, and all it writes to is its stack.
    fn serve(&mut self, socket: OwnedFd, pids: SharedPid) -> Fate {
        let mut made = 0;
        let mut packet = [0; BIRTH_BYTES_MAX];
        loop {
            let mut along = Along::default();
            let Ok(Read::Bytes(count)) = socket::receive(&socket, &mut packet, &mut along) else { break };
            let Ok((Birth { body }, name)) = codec::first_of(&packet[..count]) else { break };
            let [Some(control), Some(words)] = along.0 else { break };
            if !self.compiled.contains(&body) {
                self.compile(body);
            }
            let told = match self.fork.copy(&pids) {
                Ok(Side::Copy) => {
                    // Nobody but the zygote has anything to do with these; the word for pids is not here.
                    drop(socket);
                    std::mem::forget(pids);
                    return self.begin_worker(&String::from_utf8_lossy(name), control, &words);
                }
                Ok(Side::Original) => socket::send(&socket, &self.born, &[]).map(drop),
                Err(error) => {
                    tell(&socket, &Word::Refused { errno: error.raw_os_error().unwrap_or_default() })
                }
            };
            if told.is_err() {
                break;
            }
            made += 1;
            if made == MANY {
                // Refused, copies are made as before.
                let _ = text::take();
            }
        }
        Fate::Alone
    }

    fn compile(&mut self, body: Option<u32>) {
        self.compiled.insert(body);
        if self.ready.script.engine.compile(body.map_or(usize::MAX, |body| body as usize)) {
            // For so much memory the allocator tidies up, which each worker would have to do otherwise.
            self.ready.buffer = new_buffer();
        }
    }

    /// From a copy of the zygote to a process of its own.
    fn begin_worker(&self, name: &str, control: OwnedFd, words: &OwnedFd) -> Fate {
        let begun = process::lead_a_group()
            .and_then(|()| process::die_with_parent(self.parent))
            .and_then(|has_parent| process::write_errors_to(words).map(|()| has_parent));
        if !begun.unwrap_or(false) {
            return Fate::Lost;
        }
        if let Some(title) = &self.title {
            title.set(name);
        }
        signals::let_through();
        Fate::Worker(UnixStream::from(control))
    }
}

/// The next packet and what came along; `None`: the interpreter is gone.
fn hear<M: Decode<()>>(socket: &OwnedFd) -> io::Result<Option<(M, VecDeque<OwnedFd>)>> {
    let mut buffer = [0; PACKET_BYTES_MAX];
    let mut descriptors = VecDeque::new();
    match socket::receive(socket, &mut buffer, &mut descriptors)? {
        Read::Bytes(count) => {
            let message = codec::from_bytes(&buffer[..count]).map_err(io::Error::other)?;
            Ok(Some((message, descriptors)))
        }
        Read::Nothing | Read::End => Ok(None),
    }
}

fn tell(socket: &OwnedFd, word: &Word) -> io::Result<()> {
    socket::send(socket, &codec::to_bytes(word), &[]).map(drop)
}
