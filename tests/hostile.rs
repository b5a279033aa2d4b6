//! Workers that send what no worker sends: the supervisor ends each of them with a clear word, and the run goes on.
//!
//! This program embeds the runtime, so its workers are copies of it. One whose process is called after a case
//! below does not become a worker but says what the case says. For that they have to be executed anew.

#[path = "hostile/memory.rs"]
mod memory;

use libtest_mimic::{Arguments, Failed, Trial};
use procession::graph::arguments::{Parsed, parse as parse_arguments};
use procession::observe::{Event, Observer};
use procession::runtime::{self, Options, Start};
use procession::source::{Source, Sources};
use procession::wire::frame;
use procession::wire::message::{Ask, Parcel, Patience, Request};
use procession::{check, graph, syntax};
use rustix::net::{RecvFlags, SendFlags};
use std::time::Duration;

/// What is said, and what the run says of it; `None`: nothing, it is no offence.
struct Case {
    name: &'static str,
    says: fn() -> Vec<u8>,
    told: Option<&'static str>,
}

const CASES: &[Case] = &[
    Case {
        name: "garbage",
        says: || b"GET / HTTP/1.1\r\n\r\n".to_vec(),
        told: Some("does not begin as one"),
    },
    Case { name: "other_version", says: || vec![0xB7, 0xFF, 0, 0, 0, 0], told: Some("another version") },
    Case { name: "endless", says: || vec![0xB7, 1, 0xFF, 0xFF, 0xFF, 0xFF], told: Some("too long") },
    Case { name: "nonsense", says: || framed(&[0xEE; 40]), told: Some("") },
    Case { name: "empty_frame", says: || framed(&[]), told: Some("") },
    Case { name: "trailing", says: || framed(&[encoded(Ask::Ready {}), vec![1]].concat()), told: Some("") },
    Case {
        name: "wrong_queue",
        says: || framed(&encoded(look(9999))),
        told: Some("queue that does not exist"),
    },
    Case {
        name: "no_file",
        says: || framed(&encoded(put_without_file())),
        told: Some("without its descriptor"),
    },
    Case {
        name: "thread_without_socket",
        says: || framed(&encoded(thread())),
        told: Some("without its socket"),
    },
    Case { name: "wrong_lease", says: || framed(&encoded(acknowledge())), told: None },
    Case { name: "half_a_frame", says: || vec![0xB7, 1, 200, 0, 0, 0, 1, 2, 3], told: None },
    Case { name: "flood", says: flood, told: None },
];

fn framed(payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    frame::write(payload, &mut bytes);
    bytes
}

fn encoded(ask: Ask) -> Vec<u8> {
    procession::wire::codec::to_bytes(&Request { number: 1, at: (0, 0), ask })
}

fn look(queue: u32) -> Ask {
    Ask::Look { queue }
}

fn put_without_file() -> Ask {
    Ask::Put { queue: 0, items: vec![Parcel::Shared { len: 1 << 40 }], patience: Patience::Forever {} }
}

fn thread() -> Ask {
    let name = "t".to_owned();
    Ask::StartThread { name, daemon: false, takes: vec![], puts: vec![], hands_over: false }
}

fn acknowledge() -> Ask {
    Ask::Acknowledge { queue: 0, lease: 77 }
}

/// Questions whose answers are never read.
fn flood() -> Vec<u8> {
    framed(&encoded(look(0))).repeat(20_000)
}

fn main() {
    let name = own_name();
    if let Some(case) = CASES.iter().find(|case| name.as_deref() == Some(case.name)) {
        misbehave(case);
        return;
    }
    if let Some(spoiling) = memory::SPOILINGS.iter().find(|it| name.as_deref() == Some(it.name)) {
        memory::spoil(spoiling);
    }
    runtime::init();
    let trials = CASES.iter().map(|case| {
        Trial::test(case.name, || match run(case) {
            Ok(()) => Ok(()),
            Err(problem) => Err(Failed::from(problem)),
        })
    });
    let spoilings = memory::SPOILINGS.iter().map(|spoiling| {
        let name = format!("memory::{}", spoiling.name);
        Trial::test(name, || memory::run(spoiling).map_err(Failed::from))
    });
    libtest_mimic::run(&Arguments::from_args(), trials.chain(spoilings).collect()).exit();
}

/// The name of the case that this process is to play, when it was started as a worker.
fn own_name() -> Option<String> {
    std::env::var_os("PROCESSION_WORKER")?;
    std::env::args().next()
}

/// Says it and ends; who was told to go away is killed before.
fn misbehave(case: &Case) {
    let socket = rustix::stdio::stdin();
    let mut launch = [0; 1024];
    let _ = rustix::net::recv(socket, &mut launch[..], RecvFlags::empty());
    let bytes = (case.says)();
    let mut sent = 0;
    while sent < bytes.len() {
        match rustix::net::send(socket, &bytes[sent..], SendFlags::NOSIGNAL) {
            Ok(count) => sent += count,
            Err(_) => break,
        }
    }
    if case.told.is_some() {
        std::thread::sleep(Duration::from_secs(30));
    }
    std::process::exit(3);
}

#[derive(Default)]
struct Told(Vec<Event>);

impl Observer for Told {
    fn event(&mut self, event: &Event) {
        self.0.push(event.clone());
    }
}

/// Two honest workers go on with their queue while the hostile one is there.
fn run(case: &Case) -> Result<(), String> {
    let name = case.name;
    let script = format!(
        "queue numbers\nqueue sums\n\
         process {name}(in numbers, out sums) on failure continue {{ for n in numbers {{ sums.put(n); }} }}\n\
         process adder(in numbers, out sums) {{ let sum = 0; for n in numbers {{ sum += n; }} sums.put(sum); }}\n\
         start {name}(numbers, sums)\nstart adder(numbers, sums)\n\
         main {{ for i in 1..=100 {{ numbers.put(i); }} numbers.close(); let sum = 0; for s in sums {{ sum += s; }} \
         if sum != 5050 {{ throw `the sum is ${{sum}}`; }} }}\n"
    );
    let mut told = Told::default();
    let outcome =
        runtime::run(&graph_of(&script)?, Options { start: Start::Exec, ..Options::default() }, &mut told)
            .map_err(|e| e.to_string())?;
    let failed =
        |of: &str| told.0.iter().any(|event| matches!(event, Event::Failed { name, .. } if name == of));
    let misbehaved = told.0.iter().find_map(|event| match event {
        Event::Misbehaved { what, .. } => Some(what.as_str()),
        _ => None,
    });
    match (case.told, misbehaved) {
        (Some(expected), Some(what)) if what.contains(expected) => {}
        (None, None) => {}
        _ => return Err(format!("the run said {misbehaved:?}: {:?}", told.0)),
    }
    if outcome.status != 1 || !failed(name) || failed("adder") || failed("main") {
        return Err(format!("status {}: {:?}", outcome.status, told.0));
    }
    Ok(())
}

fn graph_of(script: &str) -> Result<graph::Graph, String> {
    let mut sources = Sources::default();
    let id = sources.add(Source::new("hostile.proc", script));
    let (tree, problems) = syntax::parse(&sources, id);
    let (program, found) = check::check(&sources, &tree);
    let program = program.ok_or_else(|| format!("{problems:?} {found:?}"))?;
    let Ok(Parsed::Run(arguments)) = parse_arguments(&program, &[]) else {
        return Err("no arguments".to_owned());
    };
    graph::elaborate(&program, arguments).map_err(|problems| format!("{problems:?}"))
}
