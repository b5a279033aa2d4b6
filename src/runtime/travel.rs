//! A graph on its way to the thread that runs it: values belong to one thread, so they travel encoded.

use crate::graph::{Binding, Graph, Node, QueueId, SharedId};
use crate::script::{Circumstances, Unit};
use crate::value::Value;
use crate::wire::codec;
use std::io;

/// A graph without values.
pub struct Packed {
    graph: Bare,
    unit: Vec<u8>,
    /// The values that parameters are bound to, in the order of the nodes.
    values: Vec<u8>,
    nodes: Vec<PackedNode>,
}

/// What of a graph any thread can have.
struct Bare {
    sources: crate::source::Sources,
    name: String,
    docs: Vec<String>,
    queues: Vec<crate::graph::Queue>,
    arrays: Vec<(String, Vec<QueueId>)>,
    shared: Vec<crate::graph::Shared>,
    instances: Vec<(String, crate::graph::Instance)>,
    main: Option<u32>,
    template_policies: Vec<crate::graph::TemplatePolicy>,
    template_circumstances: Vec<Circumstances>,
}

/// A node, its bindings apart.
struct PackedNode {
    name: String,
    docs: Vec<String>,
    template: u32,
    bindings: Vec<PackedBinding>,
    daemon: bool,
    after: Vec<crate::graph::NodeId>,
    policy: crate::graph::Policy,
    timeout_ms: Option<u64>,
    circumstances: Circumstances,
    span: crate::source::Span,
}

enum PackedBinding {
    /// The next of the values.
    Value,
    Queue(QueueId),
    Queues(Vec<QueueId>),
    Shared(SharedId),
}

/// Takes a graph apart.
///
/// # Errors
/// When a value cannot be sent; no process could have it either.
pub fn pack(graph: &Graph) -> io::Result<Packed> {
    let mut values = Vec::new();
    let nodes = graph.nodes.iter().map(|node| packed_node(node, &mut values)).collect();
    let graph_without = Bare {
        sources: graph.sources.clone(),
        name: graph.name.clone(),
        docs: graph.docs.clone(),
        queues: graph.queues.clone(),
        arrays: graph.arrays.clone(),
        shared: graph.shared.clone(),
        instances: graph.instances.clone(),
        main: graph.main,
        template_policies: graph.template_policies.clone(),
        template_circumstances: graph.template_circumstances.clone(),
    };
    Ok(Packed {
        graph: graph_without,
        unit: encode(&graph.unit.to_value())?,
        values: encode(&Value::array(values))?,
        nodes,
    })
}

fn packed_node(node: &Node, values: &mut Vec<Value>) -> PackedNode {
    let bindings = node.bindings.iter().map(|binding| match binding {
        Binding::Value(value) => {
            values.push(value.clone());
            PackedBinding::Value
        }
        Binding::Queue(queue) => PackedBinding::Queue(*queue),
        Binding::Queues(queues) => PackedBinding::Queues(queues.clone()),
        Binding::Shared(shared) => PackedBinding::Shared(*shared),
    });
    PackedNode {
        name: node.name.clone(),
        docs: node.docs.clone(),
        template: node.template,
        bindings: bindings.collect(),
        daemon: node.daemon,
        after: node.after.clone(),
        policy: node.policy,
        timeout_ms: node.timeout_ms,
        circumstances: node.circumstances.clone(),
        span: node.span,
    }
}

fn encode(value: &Value) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    codec::encode(value, &mut bytes).map_err(|error| io::Error::other(error.to_string()))?;
    Ok(bytes)
}

impl Packed {
    /// The graph again, for the calling thread.
    ///
    /// # Errors
    /// None for one that was packed here.
    pub fn unpack(self) -> io::Result<Graph> {
        let unit = codec::decode(&self.unit).map_err(io::Error::other)?;
        let unit = Unit::from_value(&unit).ok_or_else(|| io::Error::other("the graph holds no unit"))?;
        let values = codec::decode(&self.values).map_err(io::Error::other)?;
        let mut values = values.as_array().unwrap_or_default().iter().cloned();
        let nodes = self.nodes.into_iter().map(|node| unpacked_node(node, &mut values)).collect();
        let graph = self.graph;
        Ok(Graph {
            sources: graph.sources,
            name: graph.name,
            docs: graph.docs,
            queues: graph.queues,
            arrays: graph.arrays,
            shared: graph.shared,
            nodes,
            instances: graph.instances,
            main: graph.main,
            unit,
            template_policies: graph.template_policies,
            template_circumstances: graph.template_circumstances,
        })
    }
}

fn unpacked_node(node: PackedNode, values: &mut impl Iterator<Item = Value>) -> Node {
    let bindings = node.bindings.into_iter().map(|binding| match binding {
        PackedBinding::Value => Binding::Value(values.next().unwrap_or(Value::Unit)),
        PackedBinding::Queue(queue) => Binding::Queue(queue),
        PackedBinding::Queues(queues) => Binding::Queues(queues),
        PackedBinding::Shared(shared) => Binding::Shared(shared),
    });
    Node {
        name: node.name,
        docs: node.docs,
        template: node.template,
        bindings: bindings.collect(),
        daemon: node.daemon,
        after: node.after,
        policy: node.policy,
        timeout_ms: node.timeout_ms,
        circumstances: node.circumstances,
        span: node.span,
    }
}
