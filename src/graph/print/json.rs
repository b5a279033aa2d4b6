//! A graph as JSON: everything that is known of it, for other programs.

use super::command;
use crate::ast::print::item_type;
use crate::ast::{Order, QueueFlavour, WhenFull};
use crate::graph::{
    Binding, Capacity, Graph, Instance, Node, NodeId, Policy, Queue, QueueId, Shared, SharedState,
};
use crate::script::unit::ParameterKind;
use crate::source::Span;
use crate::value::Value;
use serde_json::{Value as Json, json};

/// The name of the script, its globals, queues, processes and the edges between them; indented.
#[must_use]
pub fn json(graph: &Graph) -> String {
    let globals: serde_json::Map<String, Json> =
        graph.unit.globals.iter().map(|(name, given)| (name.to_string(), value(given))).collect();
    let whole = json!({
        "name": graph.name,
        "docs": graph.docs,
        "main": graph.main.is_some(),
        "globals": globals,
        "queues": graph.queues.iter().map(|it| queue(graph, it)).collect::<Vec<_>>(),
        "shared": graph.shared.iter().map(|it| shared(graph, it)).collect::<Vec<_>>(),
        "processes": graph.nodes.iter().map(|it| process(graph, it)).collect::<Vec<_>>(),
        "edges": graph.nodes.iter().flat_map(|it| edges(graph, it)).collect::<Vec<_>>(),
        "instances": instances(graph),
    });
    format!("{whole:#}\n")
}

fn queue(graph: &Graph, queue: &Queue) -> Json {
    json!({
        "name": queue.name,
        "docs": queue.docs,
        "flavour": match queue.flavour {
            QueueFlavour::Plain => "plain",
            QueueFlavour::Joinable => "joinable",
            QueueFlavour::Broadcast => "broadcast",
            QueueFlavour::Host => "host",
        },
        "joinable": queue.is_joinable(),
        "of": queue.item_type.as_ref().map(item_type),
        "capacity": match queue.capacity {
            Capacity::Unbounded => Json::Null,
            Capacity::Items(items) => json!(items),
            Capacity::Bytes(bytes) => json!(bytes),
        },
        "capacity_unit": match queue.capacity {
            Capacity::Bytes(_) => "byte",
            Capacity::Items(_) | Capacity::Unbounded => "item",
        },
        "order": match queue.order {
            Order::Fifo => "fifo",
            Order::Lifo => "lifo",
            Order::Priority => "priority",
        },
        "when_full": match queue.when_full {
            WhenFull::Wait => "wait",
            WhenFull::DropOldest => "drop oldest",
            WhenFull::DropNewest => "drop newest",
        },
        "redeliver": queue.is_joinable().then_some(queue.redeliver),
        "dead_letter": queue.dead_letter.map(|id| queue_name(graph, id)),
        "place": place(graph, queue.span),
    })
}

fn shared(graph: &Graph, object: &Shared) -> Json {
    let mut json = json!({
        "kind": object.state.kind().word(),
        "name": object.name,
        "docs": object.docs,
        "place": place(graph, object.span),
    });
    match object.state {
        SharedState::Semaphore { permits } => json["permits"] = json!(permits),
        SharedState::Barrier { parties } => json["parties"] = json!(parties),
        SharedState::Counter { start } => json["start"] = json!(start),
        SharedState::Lock | SharedState::Event | SharedState::Table => {}
    }
    json
}

fn process(graph: &Graph, node: &Node) -> Json {
    let template = graph.unit.templates.get(node.template as usize);
    let parameters = template.map_or(&[][..], |template| &template.parameters);
    let bound = parameters.iter().zip(&node.bindings);
    let arguments: serde_json::Map<String, Json> =
        bound.map(|(parameter, binding)| (parameter.name.clone(), argument(graph, binding))).collect();
    let mut json = json!({
        "name": node.name,
        "docs": node.docs,
        "template": template.map(|template| &template.name),
        "exec": template.and_then(|template| command::of(graph, template)).map(|command| {
            json!({ "command": command.text, "format": command.format_name() })
        }),
        "arguments": arguments,
        "daemon": node.daemon,
        "after": node.after.iter().map(|id| node_name(graph, *id)).collect::<Vec<_>>(),
        "on_failure": policy(node.policy),
        "timeout_ms": node.timeout_ms,
        "place": place(graph, node.span),
    });
    super::circumstances::add(&node.circumstances, &mut json);
    json
}

fn argument(graph: &Graph, binding: &Binding) -> Json {
    match binding {
        Binding::Value(given) => value(given),
        Binding::Queue(id) => json!({ "queue": queue_name(graph, *id) }),
        Binding::Queues(ids) => {
            json!({ "queues": ids.iter().map(|id| queue_name(graph, *id)).collect::<Vec<_>>() })
        }
        Binding::Shared(id) => match graph.shared.get(id.0 as usize) {
            Some(object) => json!({ object.state.kind().word(): object.name }),
            None => Json::Null,
        },
    }
}

fn edges(graph: &Graph, node: &Node) -> Vec<Json> {
    let template = graph.unit.templates.get(node.template as usize);
    let parameters = template.map_or(&[][..], |template| &template.parameters);
    let mut edges = Vec::new();
    for (parameter, binding) in parameters.iter().zip(&node.bindings) {
        let ids = match binding {
            Binding::Value(_) | Binding::Shared(_) => &[][..],
            Binding::Queue(id) => std::slice::from_ref(id),
            Binding::Queues(ids) => ids,
        };
        edges.extend(ids.iter().map(|id| match parameter.kind {
            ParameterKind::In => json!({ "from": queue_name(graph, *id), "to": node.name }),
            _ => json!({ "from": node.name, "to": queue_name(graph, *id) }),
        }));
    }
    edges
}

fn policy(policy: Policy) -> Json {
    match policy {
        Policy::Stop => json!("stop"),
        Policy::Continue => json!("continue"),
        Policy::Ignore => json!("ignore"),
        Policy::Restart { times, backoff_ms } => json!({ "restart": times, "backoff_ms": backoff_ms }),
    }
}

fn instances(graph: &Graph) -> Json {
    let one = |(name, instance): &(String, Instance)| {
        let processes = match instance {
            Instance::One(id) => json!(node_name(graph, *id)),
            Instance::Many(ids) => json!(ids.iter().map(|id| node_name(graph, *id)).collect::<Vec<_>>()),
        };
        (name.clone(), processes)
    };
    Json::Object(graph.instances.iter().map(one).collect())
}

fn place(graph: &Graph, span: Span) -> Json {
    let Some((_, source)) = graph.sources.iter().find(|(id, _)| *id == span.source) else {
        return Json::Null;
    };
    let start = source.line_column(span.start);
    json!({ "file": source.name(), "line": start.line, "column": start.column })
}

fn queue_name(graph: &Graph, id: QueueId) -> &str {
    graph.queues.get(id.0 as usize).map_or("", |queue| &queue.name)
}

fn node_name(graph: &Graph, id: NodeId) -> &str {
    graph.nodes.get(id.0 as usize).map_or("", |node| &node.name)
}

/// Data that JSON does not have is written as scripts write it.
fn value(value: &Value) -> Json {
    match value {
        Value::Unit => Json::Null,
        Value::Bool(bool) => json!(bool),
        Value::Int(int) => json!(int),
        Value::Float(float) => {
            serde_json::Number::from_f64(*float).map_or_else(|| json!(float.to_string()), Json::Number)
        }
        Value::String(text) => json!(text.as_str()),
        Value::Array(items) => Json::Array(items.iter().map(self::value).collect()),
        Value::Map(map) => {
            Json::Object(map.iter().map(|(key, item)| (key.to_string(), self::value(item))).collect())
        }
        other => json!(other.to_string()),
    }
}
