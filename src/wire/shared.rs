//! The part of the protocol about what processes share: locks, semaphores, events, barriers, counters, tables.

use super::codec::{Decode, Encode};
use super::message::{Parcel, Patience};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum SharedKind {
    Lock,
    Semaphore,
    Event,
    Barrier,
    Counter,
    Table,
}

/// What a worker knows of a shared object.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct SharedFacts {
    pub id: u32,
    pub name: String,
    pub kind: SharedKind,
}

/// What is asked of a shared object, by its family. Each is one question and one answer.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub enum SharedAsk {
    /// Of a lock or a semaphore.
    Permit {
        ask: PermitAsk,
    },
    Event {
        ask: EventAsk,
    },
    /// Comes to a barrier.
    Barrier {
        patience: Patience,
    },
    Counter {
        ask: CounterAsk,
    },
    Table {
        ask: TableAsk,
    },
}

#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub enum PermitAsk {
    Acquire { patience: Patience },
    Release {},
}

#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub enum EventAsk {
    Set {},
    Clear {},
    IsSet {},
    Wait { patience: Patience },
}

#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub enum CounterAsk {
    Get {},
    Set { value: i64 },
    Add { amount: i64 },
}

#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub enum TableAsk {
    Get { key: String },
    Set { key: String, value: Parcel },
    Add { key: String, amount: Parcel },
    Remove { key: String },
    Contains { key: String },
    Len {},
    Keys {},
    Snapshot {},
}
