//! Locks and the like when those who hold them, or wait for them, are killed at whatever moment.

use super::kill;
use super::run::Run;

#[test]
fn a_killed_holder_lets_go() {
    let run = Run::start(
        r#"
        lock gate
        event held
        process worker(gate, held) on failure ignore {
            gate.hold(|| { held.set(); print(pid()); sleep(1000); });
        }
        process other(gate) { gate.hold(|| print("mine")); }
        start holds = worker(gate, held)
        main { held.wait(); other(gate).start(); }
        "#,
    );
    kill(run.pid());
    assert_eq!(run.line(), "mine");
    let ended = run.end();
    assert_eq!(ended.status, 0);
    assert!(
        ended.stderr.contains("note: `holds` ended holding lock `gate`, now released"),
        "{}",
        ended.stderr
    );
}

#[test]
fn one_killed_while_it_waits_is_passed_over() {
    let run = Run::start(
        r#"
        lock gate
        process worker(gate) on failure ignore { print(pid()); gate.hold(|| print("never")); }
        main {
            gate.acquire();
            let first = worker(gate).start();
            while first.is_alive { sleep(0.001); }
            gate.release();
            print(gate.acquire(0));
            gate.release();
        }
        "#,
    );
    kill(run.pid());
    assert_eq!(run.line(), "true");
    let ended = run.end();
    assert_eq!(ended.status, 0);
    assert!(!ended.stderr.contains("gate"), "{}", ended.stderr);
}

/// Three take turns in a lock; in each round one of them is killed wherever it is, and the others go on. Nobody
/// is ever within beside another.
#[test]
fn a_lock_survives_the_killing_of_its_users() {
    let run = Run::start(
        r#"
        lock gate
        semaphore slots(2)
        table seen
        process worker(id, gate, slots, seen) {
            loop {
                slots.acquire();
                gate.hold(|| {
                    seen.set("inside", id);
                    seen.add("turns", 1);
                    if seen.get("inside") != id { seen.add("broken", 1); }
                });
                slots.release();
            }
        }
        fn turns(seen) { seen.get("turns") ?? 0 }
        fn await_turns(seen, more) { let target = turns(seen) + more; while turns(seen) < target { } }
        main {
            for round in 0..12 {
                let workers = [];
                for id in 0..3 { workers.push(worker(id, gate, slots, seen).start()); }
                await_turns(seen, 10 + round);
                workers[round % 3].kill();
                await_turns(seen, 10);
                for p in workers { p.kill(); }
                for p in workers { p.join(); }
            }
            print(seen.get("broken") ?? 0);
            print(gate.acquire(0) && slots.acquire(0) && slots.acquire(0));
            gate.release();
            slots.release();
            slots.release();
        }
        "#,
    );
    assert_eq!((run.line().as_str(), run.line().as_str()), ("0", "true"));
    assert_eq!(run.end().status, 0);
}

#[test]
fn a_killed_party_breaks_the_barrier() {
    let run = Run::start(
        r#"
        barrier meet(3)
        process worker(meet) on failure ignore { print(pid()); meet.wait(); }
        process other(meet) { try { meet.wait(); } catch (e) { print(e.message); } }
        start first = worker(meet)
        start other(meet)
        "#,
    );
    kill(run.pid());
    assert_eq!(run.line(), "barrier `meet` is broken: `first` has died");
    assert_eq!(run.end().status, 0);
}
