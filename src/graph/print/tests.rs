//! Pictures of one graph in every form, and of hostile and large ones.

use crate::graph::Graph;
use crate::graph::test_program::graph;

const SCRIPT: &str = "
/// Count words.

param workers = 2 + 1
queue lines capacity 4096
/// What was counted.
joinable queue counts dead letter dead
queue dead capacity unbounded order priority
queue parts[2]
process reader(out lines, n = 5) { lines.put(n); }
process counter(in lines, out counts) { for x in lines { counts.put(x); } }
process report(in counts, out parts) { for x in counts { parts[0].put(x); } }
process tap(in from) { for x in from { print(x); } }
start reader(lines)
start counter(lines, counts) * workers restart 3 timeout 90s
start last = report(counts, parts) after reader
start tap(parts[i]) for i in 0..2
start tap(dead) daemon on failure ignore
main { print(1); }
";

fn sample() -> Graph {
    graph(SCRIPT)
}

#[test]
fn text_is_a_listing() {
    let expected = "\
test.proc: 8 processes, 5 queues
  Count words.

processes
  main, in the interpreter's own process
  reader
  └─ puts into lines
  counter ×3  counter.1, counter.2, counter.3  restart 3, timeout 1 min 30 s
  ├─ takes from lines
  └─ puts into counts
  last  runs report
  ├─ takes from counts
  ├─ puts into parts ×2
  └─ after reader
  tap ×2  tap.1, tap.2
  └─ takes from parts ×2
  tap.3  daemon, on failure ignore
  └─ takes from dead

queues
  lines     4096 items            reader → counter ×3
  counts    1024 items, joinable  counter ×3 → last, dead letters to dead
            What was counted.
  dead      unbounded, priority   · → tap.3
  parts ×2  1024 items            last → tap ×2
";
    assert_eq!(super::text(&sample()), expected);
}

#[test]
fn text_of_main_alone_is_short() {
    let expected =
        "test.proc: 0 processes, 0 queues\n\nprocesses\n  main, in the interpreter's own process\n";
    assert_eq!(super::text(&graph("main { print(1); }")), expected);
}

#[test]
fn dot_names_boxes_and_arrows() {
    let dot = super::dot(&sample());
    assert!(dot.starts_with("digraph \"test.proc\" {\n    rankdir=LR;\n"));
    assert!(dot.contains("    p1 [label=\"counter ×3\\ncounter.1, counter.2, counter.3\\nrestart 3, timeout 1 min 30 s\", shape=box];\n"));
    assert!(dot.contains(
        "    p4 [label=\"tap.3\\ndaemon, on failure ignore\", shape=box, style=\"rounded,dashed\"];\n"
    ));
    assert!(
        dot.contains("    q1 [label=\"counts\\n1024 items, joinable\", shape=ellipse, peripheries=2];\n")
    );
    for arrow in ["p0 -> q0;", "q0 -> p1;", "q1 -> q2 [style=dotted", "p0 -> p2 [style=dashed", "q3 -> p3;"] {
        assert!(dot.contains(arrow), "{arrow} in\n{dot}");
    }
    assert_eq!(dot.matches(" -> ").count(), 9);
}

#[test]
fn mermaid_escapes_what_it_would_read() {
    let pipe = graph(
        "process a(out to) { to.put(1); }\nprocess b(in from) { for x in from { print(x); } }\npipe a() -> b() daemon\n",
    );
    let expected = "\
flowchart LR
    p0[\"a\"]
    p1[\"b<br/>daemon\"]
    q0([\"a -#62; b<br/>1024 items\"])
    p0 --> q0
    q0 --> p1
    style p1 stroke-dasharray: 5 5
";
    assert_eq!(super::mermaid(&pipe), expected);
}

#[test]
fn json_holds_everything() {
    let json: serde_json::Value = serde_json::from_str(&super::json(&sample())).unwrap();
    assert_eq!(json["name"], "test.proc");
    assert_eq!(json["main"], true);
    assert_eq!(json["globals"]["workers"], 3);
    assert_eq!(json["queues"][1]["dead_letter"], "dead");
    assert_eq!(json["queues"][1]["redeliver"], 3);
    assert_eq!(json["queues"][0]["redeliver"], serde_json::Value::Null);
    assert_eq!(json["queues"][2]["capacity"], serde_json::Value::Null);
    assert_eq!(json["queues"][4]["name"], "parts[1]");
    let process = &json["processes"][2];
    assert_eq!(process["name"], "counter.2");
    assert_eq!(process["arguments"]["lines"]["queue"], "lines");
    assert_eq!(process["on_failure"]["restart"], 3);
    assert_eq!(process["timeout_ms"], 90_000);
    assert_eq!(json["processes"][0]["arguments"]["n"], 5);
    assert_eq!(json["processes"][0]["place"]["line"], 14);
    assert_eq!(json["processes"][4]["after"][0], "reader");
    assert_eq!(json["processes"][4]["arguments"]["parts"]["queues"][1], "parts[1]");
    assert_eq!(json["instances"]["last"], "last");
    assert_eq!(json["edges"].as_array().unwrap().len(), 1 + 6 + 3 + 2 + 1);
    assert_eq!(json["edges"][0], serde_json::json!({ "from": "reader", "to": "lines" }));
}

#[test]
fn plan_says_transport_and_start() {
    let plan = super::plan(&sample());
    assert!(plan.starts_with("queues\n  lines     ring: bounded, in order, waits when full\n"));
    assert!(plan.contains("\n  last        starts when reader has ended with success\n"));
    assert!(plan.contains("\n  tap.3       starts at once; terminated when all others have ended\n"));
}

#[test]
fn svg_draws_every_box_once() {
    let svg = super::svg(&sample());
    assert!(svg.starts_with("<svg xmlns=") && svg.ends_with("</svg>\n"));
    assert_eq!(svg.matches("<g>").count(), 5 + 4);
    assert_eq!(svg.matches("<path class=\"arrow").count(), 9);
    assert_eq!(svg.matches("class=\"process daemon\"").count(), 1);
    assert_eq!(svg.matches("class=\"inner\"").count(), 1);
    assert!(svg.contains(">counter ×3<"));
    assert!(!svg.contains("NaN") && !svg.contains("inf"));
}

#[test]
fn svg_of_nothing_is_still_a_picture() {
    let svg = super::svg(&graph("main { print(1); }"));
    assert!(svg.contains(">test.proc</text>"));
    assert!(!svg.contains("NaN") && !svg.contains("inf"));
}

#[test]
fn svg_escapes_all_text() {
    let mut hostile = sample();
    hostile.name = "<script>\"&\u{0}.proc".to_owned();
    hostile.queues[0].name = "a<b>&\"c\"".to_owned();
    let svg = super::svg(&hostile);
    assert!(!svg.contains("<script>") && !svg.contains('\0'));
    assert!(svg.contains("a&lt;b&gt;&amp;&quot;c&quot;"));
}

#[test]
fn large_graphs_are_drawn_in_columns() {
    let mut script = "process step(in from, out to) { for x in from { to.put(x); } }\n".to_owned();
    for index in 0..150 {
        script.push_str(&format!("queue q{index}\n"));
    }
    for index in 0..149 {
        script.push_str(&format!("start s{index} = step(q{index}, q{})\n", index + 1));
    }
    script.push_str("start step(q149, q0)\n");
    let svg = super::svg(&graph(&script));
    assert_eq!(svg.matches("<g>").count(), 300);
    assert!(!svg.contains("NaN"));
}

const SHARED: &str = "
/// One at a time.
lock gate
semaphore slots(2 + 2)
barrier all(3)
counter left = 10
counter done
table seen
process worker(id, gate, slots, all) { print(id); }
process report(left, gate) { print(left.get()); }
start worker(i, gate, slots, all) for i in 0..3
start report(gate: gate, left: left)
";

#[test]
fn text_lists_who_gets_what_is_shared() {
    let text = super::text(&graph(SHARED));
    let shared = text.split("shared\n").nth(1);
    let expected = "  lock gate           worker ×3, report
                      One at a time.
  semaphore slots(4)  worker ×3
  barrier all(3)      worker ×3
  counter left = 10   report
  counter done        ·
  table seen          ·
";
    assert_eq!(shared, Some(expected));
}

#[test]
fn json_tells_what_is_shared_and_who_gets_it() {
    let json: serde_json::Value = serde_json::from_str(&super::json(&graph(SHARED))).unwrap();
    let kinds: Vec<_> = json["shared"].as_array().unwrap().iter().map(|it| it["kind"].as_str()).collect();
    assert_eq!(
        kinds.into_iter().flatten().collect::<Vec<_>>().join(" "),
        "lock semaphore barrier counter counter table"
    );
    assert_eq!((&json["shared"][1]["permits"], &json["shared"][2]["parties"]), (&4.into(), &3.into()));
    assert_eq!(
        (&json["shared"][3]["start"], &json["shared"][0]["docs"][0]),
        (&10.into(), &"One at a time.".into())
    );
    assert_eq!(json["processes"][3]["arguments"]["gate"]["lock"], "gate");
    assert_eq!(json["processes"][3]["arguments"]["left"]["counter"], "left");
    assert_eq!(json["edges"].as_array().unwrap().len(), 0);
}
