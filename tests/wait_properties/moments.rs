//! Moments of a run, at random.

use procession::queue::broadcast::Audience;
use procession::queue::wait::{On, ProcessState, ProcessView, QueueView, SharedView, Snapshot, Waits};
use proptest::prelude::*;
use proptest::sample::subsequence;

/// The number of shared objects; each may be taken for a lock, an event and a barrier.
pub const SHARED: u32 = 3;

fn ids(count: u32) -> impl Strategy<Value = Vec<u32>> {
    subsequence((0..count).collect::<Vec<_>>(), 0..=count as usize)
}

fn one_wait(processes: u32, queues: u32) -> impl Strategy<Value = On> {
    let single = prop_oneof![
        5 => (0..queues).prop_map(On::Get),
        1 => (0..queues).prop_map(On::Put),
        1 => (0..queues).prop_map(On::Acknowledged),
        3 => (0..processes).prop_map(On::Join),
        1 => (0..SHARED).prop_map(On::Permit),
        1 => (0..SHARED).prop_map(On::Event),
        1 => (0..SHARED).prop_map(On::Barrier),
    ];
    let several = prop::collection::vec(
        prop_oneof![(0..queues).prop_map(On::Get), (0..processes).prop_map(On::Join)],
        1..3,
    );
    prop_oneof![6 => single, 1 => several.prop_map(On::Any)]
}

fn states(processes: u32, queues: u32) -> impl Strategy<Value = ProcessState> {
    let wait =
        (one_wait(processes, queues), prop::bool::weighted(0.05)).prop_map(|(on, timed)| Waits { on, timed });
    prop_oneof![
        12 => prop::collection::vec(wait, 1..3).prop_map(ProcessState::Waiting),
        1 => Just(ProcessState::Running),
        1 => prop::collection::vec(0..processes, 0..3).prop_map(ProcessState::NotStarted),
        1 => Just(ProcessState::RestartDue),
        2 => Just(ProcessState::Ended),
    ]
}

fn queue_views(count: u32) -> impl Strategy<Value = QueueView> {
    let rarely = || prop::bool::weighted(0.15);
    let letters = prop_oneof![3 => Just(Vec::new()), 1 => ids(count)];
    (rarely(), rarely(), any::<bool>(), rarely(), rarely(), letters, rarely()).prop_map(
        |(filled, full, joinable, unfinished, ended, dead_letter_of, expressly_held)| QueueView {
            id: 0,
            len: usize::from(filled || full),
            full,
            joinable,
            unfinished: usize::from(unfinished),
            ended,
            dead_letter_of,
            audience: None,
            expressly_held,
        },
    )
}

/// Nothing, for a queue that is no broadcast queue.
fn audiences(processes: u32) -> impl Strategy<Value = Option<Audience>> {
    let few = move || prop_oneof![2 => Just(Vec::new()), 1 => ids(processes)];
    let audience = (few(), few()).prop_map(|(unread, behind)| Audience { unread, behind });
    prop::option::weighted(0.3, audience)
}

fn set_audience(queue: &mut QueueView, audience: Option<Audience>) {
    let Some(audience) = audience else { return };
    queue.full = !audience.behind.is_empty();
    (queue.len, queue.joinable, queue.unfinished) = (0, false, 0);
    queue.audience = Some(audience);
}

pub fn moments() -> impl Strategy<Value = Snapshot> {
    (1..6_u32, 1..5_u32).prop_flat_map(|(processes, queues)| {
        let leases = prop_oneof![3 => Just(Vec::new()), 1 => ids(queues)];
        let rarely = || prop_oneof![2 => Just(Vec::new()), 1 => ids(SHARED)];
        let process = (states(processes, queues), ids(queues), ids(queues), leases, rarely(), rarely());
        let process = process.prop_map(|(state, holds, takes, leases, shares, permits)| ProcessView {
            id: 0,
            state,
            holds,
            takes,
            leases,
            shares,
            permits,
            implicit: false,
        });
        let count = processes;
        let processes = prop::collection::vec(process, processes as usize);
        let audiences = prop::collection::vec(audiences(count), queues as usize);
        let queues = prop::collection::vec(queue_views(queues), queues as usize);
        let shared = prop::bool::weighted(0.3).prop_map(|deserted| SharedView { deserted });
        let shared = prop::collection::vec(shared, SHARED as usize);
        (processes, queues, audiences, shared, any::<bool>()).prop_map(
            |(mut processes, mut queues, audiences, shared, implicit)| {
                queues.iter_mut().zip(audiences).for_each(|(queue, audience)| set_audience(queue, audience));
                (0..).zip(&mut processes).for_each(|(id, process)| process.id = id);
                processes[0].implicit = implicit;
                for (id, queue) in (0..).zip(&mut queues) {
                    queue.id = id;
                    queue.dead_letter_of.retain(|&served| served != id);
                }
                Snapshot { processes, queues, shared }
            },
        )
    })
}
