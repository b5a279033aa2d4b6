//! What safety costs while nothing happens: leases and wait states, with and without them. The bound is a tenth.
//!
//! `cargo bench --bench idle_cost`. Leases: the same program over a plain and over a joinable queue, four consumers, in
//! turn, in processor time of all their processes, which others on the machine do not change; and the queue machine
//! alone. Wait states: one look at who waits for whom, of which there are at most two hundred a second, as
//! its share of the loop's time.

use procession::queue::machine::{Machine, Settings};
use procession::queue::store::{Capacity, Measure, StoreKind, StoreSettings, WhenFull};
use procession::queue::wait::{On, ProcessState, ProcessView, QueueView, Snapshot, Waits, judge};
use std::hint::black_box;
use std::process::Command;
use std::time::{Duration, Instant};

/// A tick of the kernel's clock of processor time (`proc(5)`), on every usual machine.
const TICK: Duration = Duration::from_millis(10);

const ROUNDS: usize = 9;
const ITEMS: u32 = 100_000;
/// A wait that may be for ever is looked at after 5 ms, together with all that have begun by then.
const LOOKS_A_SECOND: f64 = 200.0;

fn main() {
    for (transport, where_it_is) in [("auto", "a ring"), ("broker", "the broker")] {
        let (plain, joinable) = whole_programs(transport);
        let item = plain.as_nanos() as f64 / f64::from(ITEMS);
        println!("an item through {where_it_is:<12} four consumers         {item:>9.0} ns");
        let cost = joinable.as_nanos() as f64 / f64::from(ITEMS) - item;
        let share = 100.0 * cost / item;
        println!("more with a lease and its acknowledgement         {cost:>9.0} ns  {share:>5.1} %");
    }
    let cost = machine(true) - machine(false);
    println!("of the broker's, the queue machine                {cost:>9.0} ns");
    for processes in [10, 100, 1000] {
        let look = look(processes);
        let part = 100.0 * look.as_secs_f64() * LOOKS_A_SECOND;
        println!(
            "a look at {processes:>4} processes that wait               {:>9} ns  {part:>5.1} %",
            look.as_nanos()
        );
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// The two programs in turn, without what it takes to start them.
fn whole_programs(transport: &str) -> (Duration, Duration) {
    let (mut plain, mut joinable) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        for (program, times) in [("shared_plain", &mut plain), ("shared_joinable", &mut joinable)] {
            let of = |items| program_of(&["--transport", transport], program, items);
            let (empty, full) = (of(1), of(ITEMS));
            times.push(full.saturating_sub(empty));
        }
    }
    (median(plain), median(joinable))
}

fn program_of(options: &[&str], program: &str, items: u32) -> Duration {
    let mut command = Command::new(env!("CARGO_BIN_EXE_procession"));
    command
        .arg("run")
        .args(options)
        .arg(format!("benches/programs/{program}.proc"))
        .arg("--items")
        .arg(items.to_string());
    let before = of_children();
    let output = command.output().expect("the binary runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    of_children().saturating_sub(before)
}

/// Processor time of all children that have ended, and of theirs.
fn of_children() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("/proc is there");
    let after_name = stat.rsplit_once(')').expect("the name is in brackets").1;
    // The sixteenth and the seventeenth field; the third, the state, is the first behind the name.
    let ticks = after_name.split_whitespace().skip(13).take(2);
    TICK * ticks.map(|ticks| ticks.parse::<u32>().expect("a number")).sum::<u32>()
}

/// Nanoseconds for an item in, out, and acknowledged if it is leased.
fn machine(joinable: bool) -> f64 {
    let store =
        StoreSettings { kind: StoreKind::Fifo, capacity: Capacity::Items(1000), when_full: WhenFull::Wait };
    let mut queue = Machine::new(Settings { store, broadcast: false, joinable, redeliver: 3 });
    let items = 1_000_000_u32;
    let begin = Instant::now();
    for item in 0..items {
        black_box(queue.put(item, Measure::bytes(8)));
        if let Some(taken) = black_box(queue.take(item % 4))
            && joinable
        {
            let acknowledged = queue.acknowledge(item % 4, taken.lease);
            assert!(acknowledged.is_ok(), "it is in hand");
        }
    }
    begin.elapsed().as_nanos() as f64 / f64::from(items)
}

/// One look at a chain of processes, each of which waits for the one before it.
fn look(processes: u32) -> Duration {
    let process = |id: u32| ProcessView {
        id,
        state: if id == 0 {
            ProcessState::Running
        } else {
            ProcessState::Waiting(vec![Waits { on: On::Get(id - 1), timed: false }])
        },
        holds: vec![id],
        takes: id.checked_sub(1).into_iter().collect(),
        leases: Vec::new(),
        shares: Vec::new(),
        permits: Vec::new(),
        implicit: false,
    };
    let queue = |id| QueueView {
        id,
        len: 0,
        full: false,
        joinable: false,
        unfinished: 0,
        ended: false,
        dead_letter_of: Vec::new(),
        audience: None,
        expressly_held: false,
    };
    let snapshot = Snapshot {
        processes: (0..processes).map(process).collect(),
        queues: (0..processes).map(queue).collect(),
        shared: Vec::new(),
    };
    let looks = 200;
    let begin = Instant::now();
    (0..looks).for_each(|_| drop(black_box(judge(black_box(&snapshot)))));
    begin.elapsed() / looks
}
