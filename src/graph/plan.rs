//! What a graph will be run with: the transport of each queue, and why.

use super::Graph;

/// How the ends of a queue reach it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// The queue lives in the supervisor; the ends reach it over their sockets.
    Broker,
    /// The queue lives in memory that all its users map.
    Ring,
}

impl Transport {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Transport::Broker => "broker",
            Transport::Ring => "ring",
        }
    }
}

/// The transport of a queue, and why this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    pub transport: Transport,
    pub reason: &'static str,
}

/// The choices for all queues of a graph, in their order. This build has one transport.
#[must_use]
pub fn choices(graph: &Graph) -> Vec<Choice> {
    let choice = Choice { transport: Transport::Broker, reason: "the only transport of this build" };
    vec![choice; graph.queues.len()]
}
