//! Threads of this process: each with a control socket of its own, so that it asks and waits for itself.

use super::client::Client;
use super::host::Host;
use crate::runtime::connection::{Connection, Item};
use crate::runtime::os::limits;
use crate::runtime::transport::page::Page;
use crate::script::{Fault, STACK_BYTES, on_big_stack};
use crate::wire::message::{Answer, Ask, ProcessFacts, Request};
use rustix::fd::OwnedFd;
use std::io;
use std::os::unix::net::UnixStream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::thread::JoinHandle;

/// The stack on which a thread begins, and what the system adds to it.
const SMALL_STACK_BYTES: usize = 4 << 20;

/// What the supervisor is told of a thread when it starts.
pub struct NewThread {
    pub name: String,
    pub daemon: bool,
    /// The queues that it may take from, and put into.
    pub takes: Vec<u32>,
    pub puts: Vec<u32>,
    /// The starting one gives these ends away.
    pub hands_over: bool,
}

/// Starts a thread; `run` gives its exit code. The thread's facts come with its handle.
///
/// # Errors
/// When the system has no thread or no descriptor left, or the run is stopping.
pub fn start(
    client: &Client,
    new: NewThread,
    run: impl FnOnce(Rc<Client>) -> u8 + Send + 'static,
) -> Result<(ProcessFacts, JoinHandle<()>), Fault> {
    let refused = |error: io::Error| Fault::error("Process", format!("no thread could be started: {error}"));
    let (ours, theirs) = UnixStream::pair().map_err(refused)?;
    let host = client.host.clone();
    // The thread comes first: one that the supervisor knows of must exist.
    let (tell, told) = std::sync::mpsc::channel::<(ProcessFacts, OwnedFd)>();
    // A limit of memory is meant for what the script has, not for the stacks of its threads.
    let room = limits::Room::new((STACK_BYTES + SMALL_STACK_BYTES) as u64);
    let thread = std::thread::Builder::new().name(new.name.replace('\0', "")).spawn(move || {
        let _room = room;
        if let Ok((process, page)) = told.recv() {
            live(Connection::new(ours), process, &page, host, run);
        }
    });
    let thread = thread.map_err(refused)?;
    for queue in new.takes.iter().chain(&new.puts) {
        client.void(*queue);
    }
    let NewThread { name, daemon, takes, puts, hands_over } = new;
    let ask = Ask::StartThread { name, daemon, takes, puts, hands_over };
    let Answer::ThreadStarted { process, page } = client.ask(ask, vec![OwnedFd::from(theirs)])? else {
        return Err(Fault::Stopped);
    };
    let Ok(Item::Shared { file, .. }) = client.open(page) else { return Err(Fault::Stopped) };
    let file = Rc::into_inner(file).ok_or(Fault::Stopped)?;
    // It waits for this and cannot have gone.
    let _ = tell.send((process.clone(), file));
    Ok((process, thread))
}

/// The life of a thread, up to its last word.
fn live(
    connection: Connection,
    process: ProcessFacts,
    page: &OwnedFd,
    host: Arc<Host>,
    run: impl FnOnce(Rc<Client>) -> u8,
) {
    let Ok(page) = Page::open(page) else {
        let mut connection = connection;
        connection.queue(&Request { number: 0, at: (0, 0), ask: Ask::ThreadEnded { code: 1 } }, Vec::new());
        let _ = connection.flush();
        return;
    };
    let client = Rc::new(Client::new(connection, process, page, host));
    let ran = catch_unwind(AssertUnwindSafe(|| on_big_stack(|| run(client.clone()))));
    // A panic is ours, or there was no memory for the stack: its text went to standard error.
    let code = u32::from(ran.unwrap_or(1));
    // A supervisor that is gone needs no word.
    let _ = client.tell(Ask::ThreadEnded { code });
}
