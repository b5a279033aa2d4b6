//! What a graph will be run with: the transport of each queue, and why.

use super::{Binding, Capacity, Graph, Queue};
use crate::ast::{Order, QueueFlavour, WhenFull};
use crate::script::unit::TemplateKind;
use std::collections::BTreeSet;

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

/// Which transports a run may use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transports {
    /// For each queue the fastest that can do what it is declared for.
    #[default]
    Fastest,
    /// Every queue lives in the supervisor.
    BrokerOnly,
}

/// The transport of a queue, and why this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    pub transport: Transport,
    pub reason: &'static str,
}

/// In a ring the number of items is one of at most this.
const RING_ITEMS_MAX: usize = 1 << 22;

/// The choices for all queues of a graph, in their order.
#[must_use]
pub fn choices(graph: &Graph, transports: Transports) -> Vec<Choice> {
    let letters: BTreeSet<u32> =
        graph.queues.iter().filter_map(|queue| queue.dead_letter).map(|queue| queue.0).collect();
    let of_programs = queues_of_programs(graph);
    let choice = |(id, queue): (u32, &Queue)| {
        let obstacle = if transports == Transports::BrokerOnly {
            Some("asked for")
        } else if letters.contains(&id) {
            Some("takes dead letters")
        } else if of_programs.contains(&id) {
            Some("a program reads from it or writes to it")
        } else {
            obstacle(queue)
        };
        match obstacle {
            Some(reason) => Choice { transport: Transport::Broker, reason },
            None => Choice { transport: Transport::Ring, reason: "bounded, in order, waits when full" },
        }
    };
    (0..).zip(&graph.queues).map(choice).collect()
}

/// Why a queue cannot lie in shared memory.
fn obstacle(queue: &Queue) -> Option<&'static str> {
    let by_capacity = match queue.capacity {
        Capacity::Unbounded => Some("unbounded"),
        Capacity::Bytes(_) => Some("its capacity is in bytes"),
        Capacity::Items(items) if items > RING_ITEMS_MAX => Some("its capacity is too large for a ring"),
        Capacity::Items(_) => None,
    };
    let by_order = match queue.order {
        Order::Fifo => None,
        Order::Lifo => Some("the last item comes first"),
        Order::Priority => Some("ordered by priority"),
    };
    let by_flavour = match queue.flavour {
        QueueFlavour::Broadcast => Some("every item reaches every consumer"),
        QueueFlavour::Host => Some("the program around the run has its other end"),
        _ => None,
    };
    let when_full = if queue.when_full == WhenFull::Wait { None } else { Some("drops items when full") };
    by_flavour.or(by_order).or(when_full).or(by_capacity)
}

/// The queues at which the graph has a process whose body is a program.
fn queues_of_programs(graph: &Graph) -> BTreeSet<u32> {
    let is_program =
        |template: u32| matches!(graph.unit.templates[template as usize].kind, TemplateKind::Exec(_));
    let bindings =
        graph.nodes.iter().filter(|node| is_program(node.template)).flat_map(|node| &node.bindings);
    let ids = bindings.flat_map(|binding| match binding {
        Binding::Queue(queue) => vec![queue.0],
        Binding::Queues(queues) => queues.iter().map(|queue| queue.0).collect(),
        Binding::Value(_) | Binding::Shared(_) => Vec::new(),
    });
    ids.collect()
}
