//! What the interpreter and its zygote say to each other: one packet each, over a socket that keeps their borders.

use super::codec::{Decode, Encode};

/// A packet is never longer.
pub const PACKET_BYTES_MAX: usize = 4096;

/// The first packet to the zygote. A word for pids comes along, and behind it the unit, when there is one.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct Beginning {
    /// What all processes of the run carry in their environment.
    pub mark: String,
    /// The interpreter's pid: the parent of all workers.
    pub parent: u32,
    /// Whether to end what the run leaves when the interpreter is gone.
    pub guards: bool,
    /// How many bytes the script's unit has. Without one no worker is asked for.
    pub unit: Option<u64>,
}

/// Of a packet that asks for a worker there is no more.
pub const BIRTH_BYTES_MAX: usize = 512;

/// Asks for a worker. Its name follows, as text, which the zygote need not read. Its control socket and its standard
/// error come along.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct Birth {
    /// The body of the unit that it will most likely run; it is compiled before.
    pub body: Option<u32>,
}

/// What the zygote says.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub enum Word {
    /// It is there; whether it can make workers.
    Ready { makes: bool },
    /// A worker was made.
    Born {},
    /// The system refused it, with this number.
    Refused { errno: i32 },
}
