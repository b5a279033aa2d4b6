//! What the threads of one process share, besides what they are given.

use super::client::Client;
use crate::script::{Fault, Unit};
use crate::wire::codec;
use crate::wire::message::{Ask, Patience};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// A process, as its threads see it.
#[derive(Default)]
pub struct Host {
    /// Set when main, and what runs in its process, is to end. Other processes are ended by signals.
    stop: Option<Arc<AtomicBool>>,
    /// The script's unit, encoded when the first thread starts.
    unit: OnceLock<Vec<u8>>,
    /// Threads that the process waits for at its end.
    threads: Mutex<Vec<u32>>,
}

impl Host {
    #[must_use]
    pub fn new(stop: Option<Arc<AtomicBool>>) -> Self {
        Host { stop, ..Host::default() }
    }

    /// Whether the run is stopping.
    pub fn is_stopped(&self) -> bool {
        self.stop.as_ref().is_some_and(|stop| stop.load(Ordering::Relaxed))
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
        Ok(())
    }
}

/// A panic of another thread leaves nothing half done here: each change is one assignment or one push.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
