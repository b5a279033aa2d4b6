//! Members of queues and processes, and the functions about processes.

use super::*;
use crate::script::memory::{MemoryProcess, MemoryQueue};
use crate::script::unit::{ParameterKind, Template, TemplateKind, TemplateParameter};

fn ints(count: i64) -> Vec<Value> {
    (1..=count).map(Value::Int).collect()
}

fn on_queue(text: &str, queue: MemoryQueue) -> (String, Rc<MemoryQueue>) {
    let (queue, value) = queue.value();
    let unit = Unit { bodies: vec![body(&["q"], text)], ..Unit::default() };
    let shown = match run_unit(unit, vec![("q", value)]) {
        Ok(value) => value.to_string(),
        Err(Ending::Failed(failure)) => format!("{}: {}", failure.kind, failure.message),
        Err(other) => format!("{other:?}"),
    };
    (shown, queue)
}

fn of_queue(text: &str, items: i64) -> String {
    on_queue(text, MemoryQueue::new("q", ints(items))).0
}

#[test]
fn items_are_put_and_taken() {
    assert_eq!(
        of_queue("q.put(7); q.put(8, 1); [q.get(), q.get(0.5), q.try_get(), q.try_get(1)]", 0),
        "[7, 8, (), ()]"
    );
    assert_eq!(of_queue("[q.try_put(1), q.try_put(2)]", 2), "[true, false]");
    assert_eq!(of_queue("q.put_many([1, \"a\"]); q.get_many(5)", 1), r#"[1, 1, "a"]"#);
    assert_eq!(
        of_queue("[q.len, q.is_empty, q.is_full, q.capacity, q.name, q.ended]", 3),
        r#"[3, false, true, 3, "q", ()]"#
    );
    assert_eq!(of_queue("let s = 0; for x in q { s += x; } s", 3), "6");
    assert_eq!(of_queue("let s = 0; for (x, i) in q { s += i; } s", 3), "3");
}

#[test]
fn errors_of_queues_say_what_and_where() {
    assert_eq!(of_queue("q.put(1, 0)", 3), "Full: queue `q` is full");
    assert_eq!(of_queue("q.get(0.1)", 0), "Empty: queue `q` is empty");
    assert_eq!(of_queue("q.close(); q.get()", 0), "Closed: queue `q` has ended");
    let caught = "q.close(); let r = (); try { q.get() } catch (e) { r = [e.kind, e.queue, e.cause]; } r";
    assert_eq!(of_queue(caught, 0), r#"["Closed", "q", "done"]"#);
    assert_eq!(of_queue("q.put(1, \"x\")", 0), "Type: `put`: `seconds` must be a number, not string");
    assert_eq!(
        of_queue("q.get_many(-1)", 0),
        "Argument: `get_many`: `count` must not be negative, but is -1"
    );
    assert_eq!(of_queue("q.task_done()", 0), "NotJoinable: `task_done`: queue `q` is not joinable");
    assert_eq!(of_queue("q.start()", 0), "Type: a queue end has no member `start`");
    assert_eq!(
        of_queue("q.put()", 0),
        "ErrorFunctionNotFound: there is no function `put(queue end)`; it is called as `q.put(item)` or `q.put(item, seconds)`"
    );
    let in_port = MemoryQueue { directions: (false, true), ..MemoryQueue::new("q", []) };
    assert!(on_queue("q.put(1)", in_port).0.starts_with("Direction: "));
}

#[test]
fn a_joinable_queue_acknowledges_each_turn() {
    let queue = || MemoryQueue { joinable: true, ..MemoryQueue::new("q", ints(3)) };
    assert_eq!(on_queue("for x in q { }", queue()).1.done.get(), 3);
    let broken = on_queue("for x in q { if x == 2 { break; } }", queue()).1;
    assert_eq!((broken.done.get(), broken.left.get()), (1, 1));
    let failed = on_queue("for x in q { if x == 2 { throw x; } }", queue()).1;
    assert_eq!((failed.done.get(), failed.left.get()), (1, 1));
    assert_eq!(on_queue("q.task_done(); [q.join(), q.join(1), q.attempt]", queue()).0, "[true, false, 2]");
    assert_eq!(on_queue("q.task_failed(\"why\")", queue()).0, "TaskDone: why");
}

#[test]
fn the_line_is_told_before_each_call_and_turn() {
    let surroundings = Rc::new(MemorySurroundings::default());
    let unit = Unit {
        bodies: vec![body(&["q"], "q.len;\n\nfor x in q {\n q.len; }\nsleep(1);")],
        ..Unit::default()
    };
    let (_, queue) = MemoryQueue::new("q", ints(1)).value();
    run_in(unit, surroundings.clone(), vec![("q", queue)]).unwrap();
    assert_eq!(*surroundings.lines.borrow(), [10, 12, 13, 12, 14]);
}

#[test]
fn processes_have_their_members() {
    let log: Rc<std::cell::RefCell<Vec<String>>> = Rc::default();
    let process = MemoryProcess { name: "p".to_owned().into(), log: log.clone(), ..MemoryProcess::default() };
    let text = "let r = [p.start().name, p.join(), p.join(-1), p.is_alive, p.exitcode, p.pid, p.state, p.waiting_on, p.daemon];
        p.terminate(); p.kill(); p.name = \"new\"; p.daemon = true; r.push(p.name); r.push(p.daemon); r.push(p == p); r.push(`${p}`); r";
    let unit = Unit { bodies: vec![body(&["p"], text)], ..Unit::default() };
    let value = run_unit(unit, vec![("p", process.value())]).unwrap();
    let expected = r#"["p", true, false, true, -15, 77, "waiting", "get lines", false, "new", true, true, "a process `new`"]"#;
    assert_eq!(value.to_string(), expected);
    assert_eq!(*log.borrow(), ["start p", "join Forever p", "join No p", "terminate p", "kill p"]);
}

#[test]
fn members_of_constants_work_too() {
    let process = MemoryProcess { name: "p".to_owned().into(), ..MemoryProcess::default() };
    let mut engine = Tested::new(
        Rc::new(unit_of("p.start(); p.name = \"x\"; many[0].name = \"y\"; [p.name, many[0].name]")),
        Rc::new(MemorySurroundings::default()),
    );
    let other = MemoryProcess { name: "o".to_owned().into(), ..MemoryProcess::default() };
    engine.bind_globals(vec![
        ("p".into(), process.value()),
        ("many".into(), Value::array(vec![other.value()])),
    ]);
    assert_eq!(engine.run(0, vec![]).unwrap().to_string(), r#"["x", "y"]"#);
}

fn with_template(text: &str) -> Unit {
    let parameter =
        |name: &str, default| TemplateParameter { name: name.into(), kind: ParameterKind::Plain, default };
    let parameters = vec![parameter("id", None), parameter("wide", Some(Value::Bool(false)))];
    let template =
        Template { name: "worker".into(), kind: TemplateKind::Process, parameters, body: 0, daemon: false };
    Unit { templates: vec![template], ..unit_of(text) }
}

#[test]
fn a_template_is_a_function_that_makes_processes() {
    let surroundings = Rc::new(MemorySurroundings::default());
    let text = "worker(1); worker(2, true); worker.named(#{id: 3}); let f = || worker(4).start(); f.call();";
    run_in(with_template(text), surroundings.clone(), vec![]).unwrap();
    let expected = [
        "create 0 [Some(Int(1)), None]",
        "create 0 [Some(Int(2)), Some(Bool(true))]",
        "create 0 [Some(Int(3)), None]",
        "create 0 [Some(Int(4)), None]",
        "start new.0",
    ];
    assert_eq!(*surroundings.log.borrow(), expected);
    let argument = |text| failure_of(with_template(text)).message;
    assert_eq!(argument("worker.named(#{ids: 3})"), "`worker` has no parameter `ids`");
    assert_eq!(argument("worker.named(#{wide: true})"), "`worker` needs an argument for `id`");
    assert_eq!(argument("worker(1, 2, 3)"), "there is no function `worker(int, int, int)`");
}

#[test]
fn functions_reach_the_surroundings() {
    let surroundings = Rc::new(MemorySurroundings::default());
    let text = "print(`a ${[1, \"b\"]}`); debug(1); sleep(2); sleep(0.5); sleep(-1); [pid(), ppid(), cpu_count() > 0,
        current_process().name, active_children().len, wait([1]).len, wait([1], 2).len]";
    let value = run_in(unit_of(text), surroundings.clone(), vec![]).unwrap();
    assert_eq!(value.to_string(), r#"[7, 1, true, "me", 1, 1, 1]"#);
    let log = surroundings.log.borrow();
    assert_eq!(
        log[..],
        [
            "a [1, \"b\"]",
            "debug 1",
            "sleep 2",
            "sleep 0.5",
            "sleep 0",
            "wait 1 Forever",
            "wait 1 Seconds(2.0)"
        ]
    );
}
