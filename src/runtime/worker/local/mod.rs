//! What the threads of one process share without the supervisor: queues and cells. The supervisor is asked only
//! to wait.

mod cell;
mod end;
mod leases;
mod queue;
#[cfg(test)]
mod tests;

pub use cell::{HeldCell, LocalCell, pack};
pub use end::LocalEnd;
pub use leases::Dead;
pub use queue::{LocalQueue, StreamEnd};

use super::client::{Client, patience};
use super::deadline::Deadline;
use crate::script::{Fault, Wait};
use crate::wire::local::{LocalAsk, LocalOn, LocalView};
use crate::wire::message::{Answer, Ask};
use std::time::Duration;

/// So long a thread waits by itself. Most waits are shorter, and cost no message.
const MOMENT: Duration = Duration::from_millis(1);

/// A moment, or what is left of the time if that is less.
fn moment(deadline: Deadline) -> Duration {
    match deadline.left() {
        Wait::Seconds(seconds) => MOMENT.min(Duration::try_from_secs_f64(seconds).unwrap_or(MOMENT)),
        Wait::Forever => MOMENT,
        Wait::No => Duration::ZERO,
    }
}

/// How a wait at the supervisor ended.
enum Woken {
    Look,
    Late,
    Ended(StreamEnd),
}

/// Waits until it is worth looking again.
fn wait(client: &Client, local: u32, on: LocalOn, view: LocalView, wait: Wait) -> Result<Woken, Fault> {
    let ask = LocalAsk::Wait { local, on, view, patience: patience(wait) };
    Ok(match client.ask(Ask::Local { ask }, Vec::new())? {
        Answer::NotInTime { .. } => Woken::Late,
        Answer::Ended { cause, by } => Woken::Ended(StreamEnd { cause, by }),
        _ => Woken::Look,
    })
}

/// Tells the supervisor that those who wait are to look again.
pub fn tell_changed(client: &Client, local: u32, notice: Option<u64>) {
    if let Some(clock) = notice {
        // A supervisor that is gone wakes nobody, and nobody is left to be woken.
        let _ = client.tell(Ask::Local { ask: LocalAsk::Changed { local, clock } });
    }
}

/// Tells the supervisor of items that nobody acknowledged.
pub fn tell_dead(client: &Client, queue: &str, dead: Vec<Dead>, reason: &str) {
    for Dead { item, attempts } in dead {
        let item = crate::wire::message::clipped(item.shown());
        let (queue, reason) = (queue.to_owned(), reason.to_owned());
        // As above.
        let _ = client.tell(Ask::Local { ask: LocalAsk::ItemFailed { queue, item, attempts, reason } });
    }
}
