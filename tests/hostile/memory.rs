//! Workers that spoil the memory which they share with others, and end: nobody crashes, hangs or is not told.

use super::{Told, encoded, framed, graph_of};
use procession::observe::Event;
use procession::runtime::{self, Options, Start};
use procession::wire::message::Ask;
use rustix::fd::{BorrowedFd, OwnedFd};
use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendFlags};
use std::fs::File;
use std::io::IoSliceMut;
use std::mem::MaybeUninit;
use std::os::unix::fs::FileExt;
use std::sync::mpsc::channel;
use std::time::Duration;

/// What is spoilt.
pub enum Target {
    /// The memory of the queue.
    Ring,
    /// What the worker says of itself.
    Page,
}

pub struct Spoiling {
    pub name: &'static str,
    target: Target,
    spoils: fn(&File),
    /// All others go on as if nothing had happened.
    harmless: bool,
}

/// Where something lies (`docs/design/rings.md`); should it lie elsewhere one day, this is garbage all the same.
const END: u64 = 0;
const RETURNED: u64 = 4;
const LOCKS: [u64; 2] = [128, 384];
const TAIL: u64 = 256;
const HEAD: u64 = 512;
const BELLS: [u64; 4] = [640, 644, 768, 772];
const ARENA: u64 = 4096;

const NOBODY: u32 = 4711;

pub const SPOILINGS: &[Spoiling] = &[
    ring("all_of_it", false, |file| fill(file, 0, 64 * 1024, 0xEE)),
    ring("all_of_it_in_order", false, |file| {
        let bytes: Vec<u8> = (0..64 * 1024).map(|at| (at * 7 + at / 256) as u8).collect();
        write(file, 0, &bytes);
    }),
    ring("the_records", false, |file| fill(file, ARENA, 64 * 1024, 0xFF)),
    ring("lengths_of_records", false, |file| {
        (0..512).for_each(|at| word(file, ARENA + 16 * at, u32::MAX - 7));
    }),
    ring("no_more_tail", false, |file| fill(file, TAIL, 8, 0)),
    ring("a_tail_far_ahead", false, |file| fill(file, TAIL, 8, 0x7F)),
    ring("a_head_far_ahead", false, |file| fill(file, HEAD, 8, 0x7F)),
    ring("locks_of_nobody", true, |file| LOCKS.iter().for_each(|&lock| word(file, lock, NOBODY))),
    ring("locks_of_the_contended", true, |file| {
        LOCKS.iter().for_each(|&lock| word(file, lock, 1 << 31 | NOBODY));
    }),
    ring("an_end_too_early", true, |file| word(file, END, 1)),
    ring("items_given_back", true, |file| word(file, RETURNED, u32::MAX)),
    ring("bells", true, |file| BELLS.iter().for_each(|&bell| word(file, bell, 0))),
    Spoiling {
        name: "its_own_page",
        target: Target::Page,
        spoils: |file| fill(file, 0, 4096, 0xEE),
        harmless: true,
    },
    Spoiling {
        name: "its_own_page_and_what_is_in_hand",
        target: Target::Page,
        spoils: |file| fill(file, 0, 4096 + 32 * 4096, 0x02),
        harmless: false,
    },
];

const fn ring(name: &'static str, harmless: bool, spoils: fn(&File)) -> Spoiling {
    Spoiling { name, target: Target::Ring, spoils, harmless }
}

fn write(file: &File, at: u64, bytes: &[u8]) {
    file.write_all_at(bytes, at).expect("it is writable memory");
}

fn fill(file: &File, at: u64, count: usize, byte: u8) {
    write(file, at, &vec![byte; count]);
}

fn word(file: &File, at: u64, value: u32) {
    write(file, at, &value.to_ne_bytes());
}

/// The life of the worker: it gets hold of the memory, spoils it, and ends.
pub fn spoil(spoiling: &Spoiling) -> ! {
    let socket = rustix::stdio::stdin();
    let page = descriptor(socket);
    let file = match spoiling.target {
        Target::Page => page,
        Target::Ring => {
            let asks = framed(&encoded(Ask::Ring { queue: 0 }));
            rustix::net::send(socket, &asks, SendFlags::NOSIGNAL).expect("the supervisor listens");
            descriptor(socket)
        }
    };
    (spoiling.spoils)(&File::from(file));
    std::process::exit(3);
}

/// The first descriptor that comes with the next message.
fn descriptor(socket: BorrowedFd<'_>) -> OwnedFd {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(8))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut bytes = [0; 4096];
    let mut buffers = [IoSliceMut::new(&mut bytes)];
    rustix::net::recvmsg(socket, &mut buffers, &mut control, RecvFlags::CMSG_CLOEXEC).expect("a message");
    let files = control.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut files) => files.next(),
        _ => None,
    });
    files.expect("a descriptor comes along")
}

/// Fifty items lie there when it happens, and fifty more are put after it.
fn script(name: &str) -> String {
    format!(
        "joinable queue numbers\nqueue sums\n\
         process {name}(in numbers) {{ for n in numbers {{ print(n); }} }}\n\
         process adder(in numbers, out sums) on failure continue {{ let sum = 0; for n in numbers {{ sum += n; }} \
         sums.put(sum); }}\n\
         main {{\n\
         for i in 1..=50 {{ numbers.put(i); }}\n\
         let spoiler = {name}(numbers); spoiler.name = \"{name}\"; spoiler.start(); spoiler.join();\n\
         for i in 51..=100 {{ numbers.put(i, 5); }}\n\
         adder(numbers, sums).start(); numbers.close();\n\
         let sum = 0; for s in sums {{ sum += s; }}\n\
         if sum != 5050 {{ throw `the sum is ${{sum}}`; }} }}\n"
    )
}

pub fn run(spoiling: &'static Spoiling) -> Result<(), String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        // Who does not wait any more does not want to know.
        let _ = sender.send(outcome(spoiling));
    });
    receiver.recv_timeout(Duration::from_secs(60)).map_err(|_| "it hangs".to_owned())?
}

fn outcome(spoiling: &Spoiling) -> Result<(), String> {
    let mut told = Told::default();
    let options = Options { start: Start::Exec, ..Options::default() };
    let outcome = runtime::run(&graph_of(&script(spoiling.name))?, options, &mut told);
    let status = outcome.map_err(|error| error.to_string())?.status;
    let failed = told.0.iter().filter_map(|event| match event {
        Event::Failed { name, .. } => Some(name.as_str()),
        _ => None,
    });
    let failed: Vec<&str> = failed.collect();
    let others = failed.iter().any(|name| *name != spoiling.name);
    if status != 1 || !failed.contains(&spoiling.name) || (spoiling.harmless && others) {
        return Err(format!("status {status}: {:?}", told.0));
    }
    Ok(())
}
