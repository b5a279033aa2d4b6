//! What the threads of one process share, besides what they are given.

use super::client::Client;
use super::ends::{SharedBlocks, SharedRing};
use super::local::{self, Dead, LocalQueue, StreamEnd};
use super::portable::Passed;
use crate::runtime::connection::Item;
use crate::runtime::os::shared::Shared;
use crate::runtime::transport::blocks::{BLOCKS, Blocks, FILE_BYTES};
use crate::runtime::transport::ring::{self, Ring};
use crate::script::{Circumstances, Fault, Unit};
use crate::value::Value;
use crate::wire::codec;
use crate::wire::local::{LOCAL, LocalAsk};
use crate::wire::message::{Answer, Ask, Patience};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

/// An engine asks whether to go on once in so many operations.
const OPERATIONS_A_LOOK: u64 = 4096;

/// A process, as its threads see it.
#[derive(Default)]
pub struct Host {
    /// Set when main, and what runs in its process, is to end. Other processes are ended by signals.
    stop: Option<Arc<AtomicBool>>,
    /// Where it runs and within which limits.
    circumstances: OnceLock<Circumstances>,
    /// How often its engines may still ask whether to go on; not set: as often as they like.
    looks_left: OnceLock<AtomicU64>,
    /// The script's unit, encoded when the first thread starts.
    unit: OnceLock<Vec<u8>>,
    /// Threads that the process waits for at its end.
    threads: Mutex<Vec<u32>>,
    /// How many queues and cells were made between its threads, and how many of these are queues.
    locals: AtomicU32,
    queues_made: AtomicU32,
    /// The queues, by id.
    queues: Mutex<BTreeMap<u32, Weak<LocalQueue>>>,
    /// Those that nobody holds any more, and the supervisor does not know it yet.
    gone: Mutex<Vec<Gone>>,
    /// The rings that were asked for; nothing where there is none to be had.
    rings: Mutex<BTreeMap<u32, Option<Arc<SharedRing>>>>,
    /// The same of blocks.
    blocks: Mutex<BTreeMap<u32, Option<Arc<SharedBlocks>>>>,
    /// Ends that all threads hold; with it whether the end takes.
    passed: Mutex<BTreeSet<(u32, bool)>>,
}

/// One of these, and items of it that were never acknowledged.
pub(super) struct Gone {
    local: u32,
    queue: String,
    pub(super) lost: Vec<Dead>,
}

impl Host {
    #[must_use]
    pub fn new(stop: Option<Arc<AtomicBool>>) -> Self {
        Host { stop, ..Host::default() }
    }

    /// Whether it is the interpreter, in which main runs.
    pub fn is_of_main(&self) -> bool {
        self.stop.is_some()
    }

    /// Whether the run is stopping.
    pub fn is_stopped(&self) -> bool {
        self.stop.as_ref().is_some_and(|stop| stop.load(Ordering::Relaxed))
    }

    /// Remembers where the process runs, for the workers of its pools.
    pub fn runs_in(&self, circumstances: Circumstances) {
        // Said once, before the body begins.
        let _ = self.circumstances.set(circumstances);
    }

    /// Where the process runs, as a value to be sent.
    pub fn circumstances(&self) -> Value {
        self.circumstances.get().map_or_else(|| Circumstances::default().to_value(), Circumstances::to_value)
    }

    /// From now on the engines of all its threads together may do so many operations.
    pub fn limit_operations(&self, operations: Option<u64>) {
        if let Some(operations) = operations {
            // It is set once, before the body begins.
            let _ = self.looks_left.set(operations.div_ceil(OPERATIONS_A_LOOK).into());
        }
    }

    /// Whether an engine may go on.
    pub fn may_look(&self) -> bool {
        let less = |left: u64| left.checked_sub(1);
        self.looks_left
            .get()
            .is_none_or(|left| left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok())
    }

    /// Lets threads that start from now on find the unit here: what an engine holds belongs to one thread.
    pub fn share_unit(&self, unit: &Unit) {
        self.unit.get_or_init(|| {
            let mut bytes = Vec::new();
            // It came to this process encoded, so that it can be encoded.
            let _ = codec::encode(&unit.to_value(), &mut bytes);
            bytes
        });
    }

    /// A unit of the calling thread's own.
    pub fn unit(&self) -> Option<Unit> {
        Unit::from_value(&codec::decode(self.unit.get()?).ok()?)
    }

    /// The memory of a queue, mapped once for all threads.
    pub fn ring(&self, client: &Client, queue: u32) -> Result<Option<Arc<SharedRing>>, Fault> {
        if let Some(ring) = lock(&self.rings).get(&queue) {
            return Ok(ring.clone());
        }
        let ring = match client.ask(Ask::Ring { queue }, Vec::new()) {
            Ok(Answer::Ring { memory, capacity, arena }) => match client.open(memory) {
                Ok(Item::Shared { file, .. }) => {
                    Shared::open(&file, ring::memory::WORDS_BYTES, arena as usize)
                        .ok()
                        .map(|memory| Arc::new(Ring::new(memory, capacity, arena)))
                }
                _ => None,
            },
            Err(Fault::Stopped) => return Err(Fault::Stopped),
            _ => None,
        };
        Ok(lock(&self.rings).entry(queue).or_insert(ring).clone())
    }

    /// The memory for long items of a queue, mapped once for all threads.
    pub fn blocks(&self, client: &Client, queue: u32) -> Result<Option<Arc<SharedBlocks>>, Fault> {
        if let Some(blocks) = lock(&self.blocks).get(&queue) {
            return Ok(blocks.clone());
        }
        let memory = match client.ask(Ask::Blocks { queue }, Vec::new()) {
            Ok(Answer::Blocks { memory }) => match client.open(memory) {
                Ok(Item::Shared { file, .. }) => Shared::open(&file, FILE_BYTES, 0).ok(),
                _ => None,
            },
            Err(Fault::Stopped) => return Err(Fault::Stopped),
            _ => None,
        };
        let blocks = memory.map(|memory| Arc::new(Blocks::new(memory, BLOCKS)));
        Ok(lock(&self.blocks).entry(queue).or_insert(blocks).clone())
    }

    /// From now on the process waits for this thread at its end.
    pub fn wait_for(&self, thread: u32) {
        lock(&self.threads).push(thread);
    }

    /// The body of the process is over: its ends are given up, and its threads are waited for.
    pub fn settle(&self, client: &Client) -> Result<(), Fault> {
        // The list is looked at again after each: a thread may have started others.
        let mut next = lock(&self.threads).pop();
        if next.is_some() {
            client.at(0, 0);
            client.tell(Ask::BodyEnded {}).map_err(|_| Fault::Stopped)?;
        }
        while let Some(process) = next {
            client.ask(Ask::Join { process, patience: Patience::Forever {} }, Vec::new())?;
            next = lock(&self.threads).pop();
        }
        self.tell_gone(client);
        Ok(())
    }
}

/// Queues and cells between the threads.
impl Host {
    /// The number of a new one.
    pub fn next_local(&self) -> u32 {
        self.locals.fetch_add(1, Ordering::Relaxed) | LOCAL
    }

    pub fn next_queue_name(&self) -> String {
        format!("local_queue.{}", self.queues_made.fetch_add(1, Ordering::Relaxed) + 1)
    }

    pub fn add_queue(&self, queue: &Arc<LocalQueue>) {
        lock(&self.queues).insert(queue.id, Arc::downgrade(queue));
    }

    /// The supervisor says that a stream has ended.
    pub fn ended(&self, local: u32, cause: String, by: Vec<String>) {
        let queue = lock(&self.queues).get(&local).and_then(Weak::upgrade);
        if let Some(queue) = queue {
            queue.set_end(StreamEnd { cause, by });
        }
    }

    /// Nobody holds it any more.
    pub fn is_gone(&self, local: u32, queue: &str, lost: Vec<Dead>) {
        lock(&self.queues).remove(&local);
        lock(&self.passed).remove(&(local, true));
        lock(&self.gone).push(Gone { local, queue: queue.to_owned(), lost });
    }

    pub(super) fn take_gone(&self) -> Vec<Gone> {
        std::mem::take(&mut *lock(&self.gone))
    }

    /// Tells the supervisor of what is gone.
    pub fn tell_gone(&self, client: &Client) {
        for Gone { local, queue, lost } in self.take_gone() {
            // A supervisor that is gone too needs no word.
            let _ = client.tell(Ask::Local { ask: LocalAsk::Gone { local } });
            local::tell_dead(client, &queue, lost, "nobody is left who could take it");
        }
    }

    /// A thread, or the body of the process, is over: what it has in hand goes back.
    pub fn leave(&self, client: &Client) {
        let queues: Vec<_> = lock(&self.queues).values().filter_map(Weak::upgrade).collect();
        let reason = format!("the last time: thread `{}` ended before it acknowledged it", client.me.name);
        for queue in queues.iter().filter(|queue| queue.joinable) {
            let (dead, notice) = queue.holder_ended(client.me.id);
            local::tell_changed(client, queue.id, notice);
            local::tell_dead(client, &queue.name, dead, &reason);
        }
        drop(queues);
        self.tell_gone(client);
    }

    /// Those of the ends that not all threads hold yet.
    pub fn not_passed_yet(&self, passed: Passed) -> Option<Passed> {
        if passed == Passed::default() {
            return None;
        }
        let passed_on = lock(&self.passed);
        let Passed { mut takes, mut puts } = passed;
        takes.retain(|&queue| !passed_on.contains(&(queue, true)));
        puts.retain(|&queue| !passed_on.contains(&(queue, false)));
        (!takes.is_empty() || !puts.is_empty()).then_some(Passed { takes, puts })
    }

    /// All threads hold these ends now.
    pub fn are_passed(&self, takes: &[u32], puts: &[u32]) {
        let takes = takes.iter().map(|&queue| (queue, true));
        lock(&self.passed).extend(takes.chain(puts.iter().map(|&queue| (queue, false))));
    }
}

/// A panic of another thread leaves nothing half done here: each change is one assignment or one push.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
