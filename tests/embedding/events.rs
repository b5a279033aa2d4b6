//! What an observer is told.

use super::{Check, graph};
use procession::{Event, Run};
use std::sync::mpsc::channel;
use std::time::Duration;

pub const CHECKS: &[(&str, Check)] = &[
    ("waits are told as they are seen", waits),
    ("counts are told as they change", counts),
    ("lines of the log are events", logs),
    ("events become data and come back", data),
];

const OFTEN: Duration = Duration::from_millis(2);

/// A consumer that waits until main, which waits for a file, lets the producer go on.
fn waits() {
    for (capacity, asked) in [("4", "get q"), ("unbounded", "get q")] {
        let text = format!(
            "queue q capacity {capacity}\nhost queue token\n\
             process a(in q) {{ for item in q {{ print(item); }} sleep(1000); }}\n\
             process b(in token, out q) {{ token.get(); q.put(1); }}\nstart a(q)\nstart b(token, q)\n"
        );
        let (sender, events) = channel();
        let builder = Run::builder(&graph(&text)).look_every(OFTEN).observer(move |event| {
            // Nobody may want to hear the rest.
            let _ = sender.send(event.clone());
        });
        let run = builder.start().expect("it starts");
        let go = run.sender::<i64>("token").expect("it is there");
        let seen = |wanted: &dyn Fn(&Event) -> bool| events.iter().any(|event| wanted(&event));
        let a_waits = |event: &Event| matches!(event, Event::Waiting { name, what, at: Some((0, 3)) } if name == "a" && what == asked);
        assert!(seen(&a_waits), "{capacity}");
        assert!(go.send(&1).is_ok());
        let sleeps = |event: &Event| matches!(event, Event::Waiting { name, what, .. } if name == "a" && what == "sleep");
        assert!(seen(&sleeps), "{capacity}");
        run.kill();
    }
}

fn counts() {
    let graph = graph(
        "queue q capacity 4\nprocess a(out q) { for i in 0..3 { q.put(i); } }\n\
         process b(in q) { q.get(); q.get(); sleep(1000); q.get(); }\nstart a(q)\nstart b(q)\n",
    );
    let (sender, events) = channel();
    let builder = Run::builder(&graph).look_every(OFTEN).observer(move |event| {
        let _ = sender.send(event.clone());
    });
    let run = builder.start().expect("it starts");
    let counted = |event: &Event| {
        let Event::Counted { processes, queues } = event else { return false };
        let of =
            |name: &str| processes.iter().find(|it| it.name == name).map(|it| (it.items_in, it.items_out));
        (of("a"), of("b"), queues[0].items) == (Some((0, 3)), Some((2, 0)), 1) && queues[0].name == "q"
    };
    assert!(events.iter().any(|event| counted(&event)));
    run.kill();
}

fn logs() {
    let graph = graph("process a() { debug(\"here\"); log_info(\"there\"); }\nstart a()\n");
    let (sender, events) = channel();
    let run = Run::builder(&graph).observer(move |event| {
        let _ = sender.send(event.clone());
    });
    assert!(run.start().expect("it starts").wait().expect("it goes on").success());
    let lines: Vec<String> = events
        .try_iter()
        .filter_map(|event| if let Event::Logged { line, .. } = event { Some(line) } else { None })
        .collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].contains("here") && lines[1].contains("there"), "{lines:?}");
}

fn data() {
    let graph = graph(
        "joinable queue q capacity 4\nqueue never\n\
         process a(in q) on failure continue { q.get(); throw \"broken\"; }\n\
         process b(in never) { never.get(); }\n\
         main { q.put(#{ id: 7 }); a(q).start(); b(never).start(); sleep(0.05); never.get(); }\n",
    );
    let (sender, events) = channel();
    let run = Run::builder(&graph).look_every(OFTEN).observer(move |event| {
        let _ = sender.send(event.clone());
    });
    assert!(!run.start().expect("it starts").wait().expect("it goes on").success());
    let events: Vec<Event> = events.try_iter().collect();
    assert!(events.iter().any(|event| matches!(event, Event::Failed { .. })), "{events:?}");
    let json = serde_json::to_string(&events).expect("all of it is data");
    assert_eq!(serde_json::from_str::<Vec<Event>>(&json).expect("it is what it was"), events);
    let started = events.iter().find(|event| matches!(event, Event::Started { .. }));
    let started = serde_json::to_value(started).expect("it is data");
    assert_eq!(started["Started"]["attempt"], 1, "{started}");
}
