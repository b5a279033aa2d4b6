//! Scripts and their graphs.

use crate::diagnostic::codes;
use crate::graph::test_program::{elaborated, graph, program};
use crate::graph::{
    Binding, Capacity, Graph, Instance, Node, NodeId, Policy, QueueId, SharedId, SharedState,
};
use crate::value::{Map, Value};

const TEMPLATES: &str = "
process source(out to) { to.put(1); }
process step(in from, out to) { for x in from { to.put(x); } }
process sink(in from) { for x in from { print(x); } }
process lone(n = 7) { print(n); }
";

fn with_templates(text: &str) -> Graph {
    graph(&format!("{TEMPLATES}{text}"))
}

fn names(graph: &Graph) -> Vec<&str> {
    graph.nodes.iter().map(|node| &*node.name).collect()
}

fn node<'a>(graph: &'a Graph, name: &str) -> &'a Node {
    graph.nodes.iter().find(|node| node.name == name).unwrap()
}

/// The codes and the text under the primary label.
fn wrong(text: &str) -> Vec<String> {
    let problems = elaborated(text).unwrap_err();
    let line = |problem: &crate::diagnostic::Diagnostic| {
        let label = problem.primary.as_ref().map(|label| &text[label.span.range()]);
        format!("{:?} {}", problem.code, label.unwrap_or("-"))
    };
    problems.iter().map(line).collect()
}

#[test]
fn a_chain_is_laid_out() {
    let graph = with_templates(
        "/// Work.\nqueue a capacity 2 * 2\njoinable queue b capacity unbounded
         start source(a)\nstart step(a, to: b) * 2\nstart sink(b)\nmain { print(1); }",
    );
    assert_eq!(graph.name, "test.proc");
    assert_eq!(names(&graph), ["source", "step.1", "step.2", "sink"]);
    assert_eq!(graph.queues[0].capacity, Capacity::Items(4));
    assert_eq!(graph.queues[0].docs, ["Work."]);
    assert!(graph.queues[1].is_joinable() && graph.queues[1].capacity == Capacity::Unbounded);
    let queue = |id| Binding::Queue(QueueId(id));
    assert_eq!(node(&graph, "step.2").bindings, [queue(0), queue(1)]);
    assert_eq!(graph.unit.bodies.len(), 5);
    assert_eq!(graph.main, Some(4));
    assert_eq!(graph.unit.templates[3].parameters[0].default, Some(Value::Int(7)));
}

#[test]
fn a_single_process_has_no_number_and_groups_go_on() {
    let alone = with_templates("start lone(1)\nstart named = lone(2)\nstart many = lone(3) * 2\n");
    assert_eq!(names(&alone), ["lone", "named", "many.1", "many.2"]);
    let grouped = with_templates("start lone(1)\nstart lone(2) * 2\nstart lone(3)\n");
    assert_eq!(names(&grouped), ["lone.1", "lone.2", "lone.3", "lone.4"]);
    let one = with_templates("start lone(1) * 1\n");
    assert_eq!(names(&one), ["lone.1"]);
}

#[test]
fn a_condition_leaves_out_without_renaming() {
    let graph = with_templates("start lone(1) if false\nstart x = lone(2) if 1 > 2\nstart lone(3) if true\n");
    assert_eq!(names(&graph), ["lone.1"]);
    assert_eq!(graph.instances, []);
}

#[test]
fn for_binds_each_value() {
    let graph = with_templates(
        "queue parts[3]\nstart s = source(parts[i]) for i in 0..3 if i != 1
         start lone(w) for w in [\"a\", \"b\"]\nstart sink(parts)\n",
    );
    assert_eq!(names(&graph), ["s.1", "s.2", "lone.1", "lone.2", "sink"]);
    assert_eq!(graph.queues[2].name, "parts[2]");
    assert_eq!(graph.arrays, [("parts".to_owned(), vec![QueueId(0), QueueId(1), QueueId(2)])]);
    assert_eq!(node(&graph, "s.2").bindings, [Binding::Queue(QueueId(2))]);
    assert_eq!(node(&graph, "lone.2").bindings, [Binding::Value(Value::string("b"))]);
    assert_eq!(graph.instances, [("s".to_owned(), Instance::Many(vec![NodeId(0), NodeId(1)]))]);
}

#[test]
fn a_port_takes_an_array_or_an_element_from_its_end() {
    let graph = with_templates("queue parts[2]\nstart sink(parts)\nstart source(parts[-1])\n");
    assert_eq!(node(&graph, "sink").bindings, [Binding::Queues(vec![QueueId(0), QueueId(1)])]);
    assert_eq!(node(&graph, "source").bindings, [Binding::Queue(QueueId(1))]);
}

#[test]
fn a_pipe_has_queues_of_its_own() {
    let graph = with_templates("pipe source() -> step() * 3 -> sink()\npipe source() -> step() -> sink()\n");
    let queues: Vec<&str> = graph.queues.iter().map(|queue| &*queue.name).collect();
    assert_eq!(queues, ["source -> step", "step -> sink", "source -> step #2", "step -> sink #2"]);
    let queue = |id| Binding::Queue(QueueId(id));
    assert_eq!(node(&graph, "step.3").bindings, [queue(0), queue(1)]);
    assert_eq!(node(&graph, "sink.1").bindings, [queue(1)]);
    assert_eq!(node(&graph, "step.4").bindings, [queue(2), queue(3)]);
    assert_eq!(graph.queues[0].capacity, Capacity::Items(1024));
}

#[test]
fn values_in_a_pipe_skip_ports() {
    let graph = graph(
        "queue log
         process a(out to, n) { to.put(n); }
         process b(in from, out log, n, m = 2) { for x in from { log.put(n + m + x); } }
         process c(in log) { for x in log { print(x); } }
         process d(in from, out to) { for x in from { to.put(x); } }
         pipe a(5) -> d(to: log) \nstart c(log)\npipe a(6) -> b(7, log: log)\n",
    );
    let value = |n| Binding::Value(Value::Int(n));
    let queue = |id| Binding::Queue(QueueId(id));
    assert_eq!(node(&graph, "a.1").bindings, [queue(1), value(5)]);
    assert_eq!(node(&graph, "d").bindings, [queue(1), queue(0)]);
    assert_eq!(node(&graph, "b").bindings, [queue(2), queue(0), value(7), value(2)]);
}

#[test]
fn clauses_of_the_start_override_the_templates() {
    let graph = graph(
        "process a() restart 1 + 1 timeout 5s { print(1); }\nprocess b() { print(1); }
         start a()\nstart x = a() on failure ignore timeout 1m
         start b() daemon restart 0 backoff 2s\nstart y = b()\n",
    );
    let policy = |name| (node(&graph, name).policy, node(&graph, name).timeout_ms, node(&graph, name).daemon);
    assert_eq!(policy("a"), (Policy::Restart { times: 2, backoff_ms: 100 }, Some(5000), false));
    assert_eq!(policy("x"), (Policy::Ignore, Some(60_000), false));
    assert_eq!(policy("b"), (Policy::Restart { times: 0, backoff_ms: 2000 }, None, true));
    assert_eq!(policy("y"), (Policy::Stop, None, false));
    assert_eq!(graph.template_policies[0].policy, Policy::Restart { times: 2, backoff_ms: 100 });
    assert_eq!(graph.template_policies[0].timeout_ms, Some(5000));
    assert_eq!(graph.template_policies[1].policy, Policy::Continue);
}

#[test]
fn after_waits_for_groups_and_instances_also_later_ones() {
    let graph = with_templates(
        "start last = lone(0) after lone, x, gone\nstart lone(1) * 2\nstart x = lone(2)
         start gone = lone(3) if false\n",
    );
    assert_eq!(node(&graph, "last").after, [NodeId(1), NodeId(2), NodeId(3)]);
    assert!(node(&graph, "x").after.is_empty());
}

#[test]
fn dead_letters_may_be_declared_later() {
    let graph = with_templates(
        "joinable queue work[2] redeliver 0 dead letter dead\nqueue dead
         start source(work[0])\nstart source(work[1])\nstart sink(work)\nstart x = sink(dead)\n",
    );
    let queue = &graph.queues[1];
    assert_eq!((queue.redeliver, queue.dead_letter), (0, Some(QueueId(2))));
    assert_eq!(graph.queues[2].redeliver, 3);
}

#[test]
fn arguments_take_the_place_of_defaults() {
    let script = "param n = 2\nconst double = n * 2\nprocess a() { print(double); }\nstart a() * double\n";
    let program = program(script);
    let given = Map::from([("n", Value::Int(3))]);
    let graph = super::elaborate(&program, given).unwrap();
    assert_eq!(graph.nodes.len(), 6);
    assert_eq!(*graph.unit.globals.get("double").unwrap(), Value::Int(6));
    let unknown = Map::from([("m", Value::Int(3))]);
    assert_eq!(super::elaborate(&program, unknown).unwrap_err()[0].code.name, "P0300");
}

#[test]
fn numbers_must_be_positive() {
    let queues = "const none = 0\nqueue a capacity none\nqueue b[none - 1]\nmain { print(a.len + b.len); }";
    assert_eq!(wrong(queues), ["P0351 none", "P0351 none - 1"]);
    assert_eq!(wrong("const none = 0\nprocess a() { print(none); }\nstart a() * none"), ["P0351 none"]);
}

#[test]
fn types_must_fit_where_they_stand() {
    let a = "process a() { print(1); }\n";
    assert_eq!(wrong(&format!("{a}start a() * 2.5")), ["P0352 2.5"]);
    assert_eq!(wrong(&format!("{a}start a() if 1 + 1")), ["P0352 1 + 1"]);
    assert_eq!(wrong(&format!("{a}start a() for i in 12 if i > 1")), ["P0352 12"]);
    assert_eq!(wrong(&format!("{a}start a() for i in [true, 2] if i")), ["P0352 i"]);
}

#[test]
fn an_index_lies_within_its_array() {
    let script = "process a(out q) { q.put(1); }\nqueue q[2]\nstart a(q[i]) for i in 0..=2";
    assert_eq!(wrong(script), ["P0353 i"]);
    assert_eq!(wrong("process a(out q) { q.put(1); }\nqueue q[2]\nstart a(q[-3])"), ["P0353 -3"]);
}

#[test]
fn what_fails_is_shown_where_it_fails() {
    assert_eq!(wrong("const c = 1 + parse_int(\"x\")\nmain { print(c); }"), ["P0350 parse_int"]);
}

#[test]
fn huge_graphs_are_refused_at_once() {
    let a = "process a() { print(1); }\n";
    assert_eq!(wrong(&format!("{a}start a() * 9_000_000_000")), ["P0355 a()"]);
    let values = "0..9_000_000_000_000";
    assert_eq!(wrong(&format!("{a}start a() for i in {values} if i < 0")), [format!("P0355 {values}")]);
    assert_eq!(wrong("queue q[100_001]\nmain { print(q.len); }"), ["P0355 q"]);
    assert_eq!(wrong(&format!("{a}start x = a() * 40_000\nstart y = a() * 40_000 after x")), ["P0355 x"]);
}

/// The first example of a page fails with its code, the second does not fail.
#[test]
fn the_examples_of_the_pages_are_right() {
    for code in codes::ALL.iter().filter(|code| ("P0350"..="P0359").contains(&code.name)) {
        let examples: Vec<&str> =
            code.page().split("```proc\n").skip(1).filter_map(|part| part.split("```").next()).collect();
        let [failing, passing] = examples[..] else { panic!("{code:?} has {} examples", examples.len()) };
        let problems = elaborated(failing).unwrap_err();
        assert_eq!(problems.iter().map(|problem| problem.code).collect::<Vec<_>>(), [*code]);
        assert!(elaborated(passing).is_ok(), "{code:?}");
    }
}

#[test]
fn what_is_shared_is_given_by_its_name() {
    let graph = graph(
        "process use_it(id, it) { print(`${id} ${it}`); }\nconst N = 2
         lock gate\nsemaphore slots(N + 1)\nbarrier all(N)\ncounter left = -N\ntable seen\nevent i
         start use_it(1, gate)\nstart use_it(it: seen, id: slots)\nstart use_it(1, i) for i in 0..1\nstart use_it(left, all)",
    );
    let states: Vec<SharedState> = graph.shared.iter().map(|shared| shared.state).collect();
    let expected = [
        SharedState::Lock,
        SharedState::Semaphore { permits: 3 },
        SharedState::Barrier { parties: 2 },
        SharedState::Counter { start: -2 },
        SharedState::Table,
        SharedState::Event,
    ];
    assert_eq!(states, expected);
    let given: Vec<&[Binding]> = graph.nodes.iter().map(|node| &*node.bindings).collect();
    let (one, shared) = (Binding::Value(Value::Int(1)), |id| Binding::Shared(SharedId(id)));
    assert_eq!(given[0], [one.clone(), shared(0)]);
    assert_eq!(given[1], [shared(1), shared(4)]);
    assert_eq!(given[2], [one, Binding::Value(Value::Int(0))], "the variable hides the event");
    assert_eq!(given[3], [shared(3), shared(2)]);
}

#[test]
fn counts_of_what_is_shared_are_positive_ints() {
    assert_eq!(wrong("semaphore s(1 - 1)"), ["P0351 1 - 1"]);
    assert_eq!(wrong("barrier b(\"x\")"), ["P0352 \"x\""]);
    assert_eq!(wrong("counter n = 1.5"), ["P0352 1.5"]);
}
